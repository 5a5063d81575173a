"""No English on any page of the admin that an editor or a member of staff meets.

The cast walk through what their menus offer them: lists, forms, popups, histories, deletions, refusals;
of what two may do alike, one of them. `tests/desk/english.py` says what counts as English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from cabinet.models import Folder
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from taggit.models import Tag

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.media.models import MediaFile
from portal.cms.publishing import Status
from portal.cms.site import SiteLink
from portal.demo.models import DemoItem
from staffing.models import Faq, Service
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.english import english_in, shown_text
from tests.desk.forms import values
from tests.desk.pictures import document, picture

pytestmark = pytest.mark.django_db

# What people have typed: names of accounts, addresses of pages, names of files.
LOGIN_NAMES = ["xiaolin", "laozhou", "laochen", "amin"]
SLUGS = ["bianjibu", "policy", "about", "baoan", "dispatch", "factory", "services", "jobs"]
TYPED = [*LOGIN_NAMES, *SLUGS, "bus"]


# The superuser stands for 站长 who are none: he is shown all that they are, and more. He comes last, and
# looks at what nobody else is shown: most who work here are no superusers.
EVERYBODY = [cast.xiaolin, cast.laozhou, cast.amin, cast.laochen]


@pytest.fixture
def site() -> None:
    """A site with one of everything, in every state."""
    cast.profile()
    shown = picture()
    picture("bus.png", image_alt_text="")
    document()
    service = cast.service(cover=shown, price_valid_until=timezone.localdate() - timedelta(days=1))
    Faq.objects.create(service=service, question="工伤谁负责？", answer="由派遣单位申报。")
    cast.hotline()
    cast.licence(scan=shown, valid_to=timezone.localdate() + timedelta(days=20))
    cast.job()
    # References hold no letter here: those of the real ones would be English to the eye of this test.
    cast.enquiry(reference="26-345678")
    cast.application(reference="26-234567", page="/jobs/")
    cast.ticket(number="26-456789", email="1@2.cn", phone="+8613812348155")
    cast.page()
    cast.hidden_articles()
    cast.article("有封面的文章", cover=shown, tags=("劳务派遣", "社保"))
    SiteLink.objects.create(placement=SiteLink.Placement.MENU, label="服务", url="/services/")
    DemoItem.remember(cast.category())


def english_on(client: Client, addresses: list[str]) -> dict[str, list[str]]:
    """Return the English found, by address; every page must open."""
    found = {}
    for address in addresses:
        response = client.get(address, follow=True)
        assert response.status_code == 200, address
        if english := english_in(response.content.decode(), TYPED):
            found[address] = english
    return found


def entries(client: Client) -> list[dict[str, Any]]:
    groups = client.get("/admin/").context["app_list"]
    return [entry for group in groups for entry in group["models"]]


def offered(
    people: Iterable[Callable[[], User]] = EVERYBODY,
) -> Iterator[tuple[Client, dict[str, Any]]]:
    """Everybody's entries of the menu, with their browser. Who has the same rights over a kind of item is
    shown the same: the first of them looks at it for all.
    """
    met = set()
    for make in people:
        person = make()
        client = browser_of(person)
        rights = person.get_all_permissions()
        for entry in entries(client):
            kind = entry["model"]._meta
            over = frozenset(right for right in rights if right.endswith(f"_{kind.model_name}"))
            if (kind.label, over) not in met:
                met.add((kind.label, over))
                yield client, entry


def of_model(model: Any, view: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def pages_of(entry: dict[str, Any]) -> Iterator[str]:
    """What the menu's entry leads to: the list, an item, its history, the forms as popups."""
    yield entry["admin_url"]
    yield f"{entry['admin_url']}?q=没有这样的内容"
    yield f"{entry['admin_url']}?_popup=1&_to_field=id"
    if entry["add_url"]:
        yield entry["add_url"]
        yield f"{entry['add_url']}?_popup=1"
    item = entry["model"]._default_manager.order_by("pk").first()
    if item is not None:
        yield of_model(entry["model"], "change", item.pk)
        yield f"{of_model(entry['model'], 'change', item.pk)}?_popup=1"
        yield of_model(entry["model"], "history", item.pk)


# --- The walk --------------------------------------------------------------------------------------


@pytest.mark.both_databases  # every page of the desk
@pytest.mark.usefixtures("site")
def test_everything_the_menu_leads_to_is_chinese() -> None:
    found: dict[str, list[str]] = {}
    for client, entry in offered():
        found |= english_on(client, [*pages_of(entry)])
    assert found == {}


@pytest.mark.parametrize("who", EVERYBODY, ids=["编辑", "主编", "业务", "站长"])
@pytest.mark.usefixtures("site")
def test_the_desk_and_its_menus_are_chinese(who: Callable[[], User]) -> None:
    client = browser_of(who())
    labels = {entry["model"]._meta.app_label for entry in entries(client)}
    assert english_on(client, ["/admin/", *(f"/admin/{label}/" for label in labels)]) == {}


@pytest.mark.usefixtures("site")
def test_empty_forms_are_refused_in_chinese() -> None:
    found = {}
    for client, entry in offered():
        if entry["add_url"]:
            empty = values(client.get(entry["add_url"]))
            response = client.post(entry["add_url"], {**empty, "_save": "1"})
            page = response.content.decode()
            if english := english_in(page, TYPED):
                found[entry["add_url"]] = english
    assert found == {}


@pytest.mark.usefixtures("site")
def test_forms_full_of_nonsense_are_refused_in_chinese() -> None:
    found = {}
    for client, entry in offered():
        item = entry["model"]._default_manager.order_by("pk").first()
        if item is None or entry["view_only"]:
            continue
        address = of_model(entry["model"], "change", item.pk)
        data = values(client.get(address))
        kept = ("_FORMS", "-id", "edit_version")
        nonsense = {
            name: value if name.endswith(kept) else "～" * 400 for name, value in data.items()
        }
        response = client.post(address, {**nonsense, "_save": "1"}, follow=True)
        assert response.status_code == 200, address
        if english := english_in(response.content.decode(), TYPED):
            found[address] = english
    assert found == {}


@pytest.mark.usefixtures("site")
def test_what_is_done_is_reported_in_chinese() -> None:
    """Saving unchanged, and the desk and the histories that tell of it."""
    found = {}
    for client, entry in offered():
        item = entry["model"]._default_manager.order_by("pk").first()
        if item is None or entry["view_only"]:
            continue
        address = of_model(entry["model"], "change", item.pk)
        response = client.post(address, {**values(client.get(address)), "_save": "1"}, follow=True)
        if english := english_in(response.content.decode(), TYPED):
            found[address] = english
        found |= english_on(client, [of_model(entry["model"], "history", item.pk)])
    for make in EVERYBODY:
        found |= english_on(browser_of(make()), ["/admin/"])
    assert found == {}


@pytest.mark.usefixtures("site")
def test_deleting_is_asked_about_and_refused_in_chinese() -> None:
    """One by one and from the list; what is in use cannot go, and that is said as well.

    The superuser looks first: for good, nobody else deletes what is published.
    """
    found = {}
    for client, entry in offered(reversed(EVERYBODY)):
        model = entry["model"]
        for item in model._default_manager.order_by("pk")[:2]:
            address = of_model(model, "delete", item.pk)
            response = client.get(address, follow=True)
            assert response.status_code in (200, 403), address
            if english := english_in(response.content.decode(), TYPED):
                found[address] = english
            data = {"action": "delete_selected", "_selected_action": str(item.pk), "index": "0"}
            response = client.post(entry["admin_url"], data, follow=True)
            if english := english_in(response.content.decode(), TYPED):
                found[entry["admin_url"]] = english
    assert found == {}


# --- Articles: states, bin, hand-over, stale saves ---------------------------------------------------


@pytest.mark.parametrize(
    "who", [cast.xiaolin, cast.laozhou, cast.laochen], ids=["编辑", "主编", "站长"]
)
@pytest.mark.usefixtures("site")
def test_articles_in_every_state_are_chinese(who: Callable[[], User]) -> None:
    client = browser_of(who())
    items = Article.objects.order_by("pk")
    addresses = [of_model(Article, "change", item.pk) for item in items]
    listed = of_model(Article, "changelist")
    queries = ["state=deleted", "state=draft", "attention=drafts", "e=1", "kind__exact=repost"]
    lists = [f"{listed}?{query}" for query in queries]
    assert english_on(client, [*addresses, *lists]) == {}


@pytest.mark.usefixtures("site")
def test_actions_on_articles_are_chinese() -> None:
    client = browser_of(cast.laochen())
    listed = of_model(Article, "changelist")
    actions = client.get(listed).context["action_form"].fields["action"].choices
    found = {}
    for action, _ in actions:
        pks = [str(pk) for pk in Article.objects.kept().values_list("pk", flat=True)]
        data = {"action": action, "_selected_action": pks, "index": "0"}
        response = client.post(listed, data, follow=True)
        if english := english_in(response.content.decode(), TYPED):
            found[action] = english
    nothing = client.post(listed, {"action": "publish_selected", "index": "0"}, follow=True)
    assert english_in(nothing.content.decode(), TYPED) == []
    assert found == {}


@pytest.mark.usefixtures("site")
def test_a_stale_save_and_a_missing_field_are_reported_in_chinese() -> None:
    client = browser_of(cast.laozhou())
    draft = cast.draft(category=None)
    Article.objects.filter(pk=draft.pk).update(category=None, body="")
    address = of_model(Article, "change", draft.pk)
    opened = values(client.get(address))
    missing = client.post(address, {**opened, "_publish": "1"}, follow=True)
    assert english_in(missing.content.decode(), TYPED) == []
    stale = client.post(address, {**opened, "_save": "1"})
    assert english_in(stale.content.decode(), TYPED) == []
    bad_date = {**opened, "go_live_at_0": "明天", "go_live_at_1": "25:00", "_save": "1"}
    assert english_in(client.post(address, bad_date).content.decode(), TYPED) == []


# --- The media library -------------------------------------------------------------------------------


@pytest.mark.usefixtures("site")
def test_the_media_library_is_chinese() -> None:
    client = browser_of(cast.laochen())
    folder = Folder.objects.get(name="图片")
    empty = Folder.objects.create(name="空的", parent=folder)
    listed, add = of_model(MediaFile, "changelist"), of_model(MediaFile, "add")
    pictures = MediaFile.objects.filter(folder=folder)
    addresses = [
        listed,
        f"{listed}?folder__id__exact={folder.pk}",
        f"{listed}?folder__id__exact={empty.pk}",
        f"{listed}?folder__id__exact={folder.pk}&_popup=1",
        f"{listed}?q=factory",
        f"{listed}?attention=alt",
        f"{add}?folder={folder.pk}",
        reverse("admin:cabinet_folder_add"),
        reverse("admin:cabinet_folder_change", args=[folder.pk]),
        f"{reverse('admin:cabinet_folder_select')}?files={pictures[0].pk}",
        *(of_model(MediaFile, "change", item.pk) for item in pictures),
        *(of_model(MediaFile, "delete", item.pk) for item in pictures),
    ]
    assert english_on(client, addresses) == {}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("说明.jpg", "其实是文字".encode()),
        ("空的.png", b""),
        ("程序.exe", b"MZ"),
        ("画.svg", b"<svg onload='alert(1)'/>"),
    ],
)
@pytest.mark.usefixtures("site")
def test_uploads_are_refused_in_chinese(name: str, data: bytes) -> None:
    client = browser_of(cast.xiaolin())
    folder = Folder.objects.get(name="图片")
    file = SimpleUploadedFile(name, data)
    by_form = client.post(
        of_model(MediaFile, "add"), {"folder": folder.pk, "image_file": file, "_save": "1"}
    )
    assert english_in(by_form.content.decode(), TYPED) == []
    file.seek(0)
    by_drop = client.post(reverse("admin:cabinet_upload"), {"folder": folder.pk, "file": file})
    assert by_drop.status_code == 400
    # What the page's script shows is the text in the answer; its keys are not for reading.
    for text in by_drop.json().values():
        assert english_in(str(text), [*TYPED, "True", "False"]) == []


@pytest.mark.usefixtures("site")
def test_folders_are_made_moved_and_deleted_in_chinese() -> None:
    client = browser_of(cast.laochen())
    full = Folder.objects.get(name="图片")
    empty = Folder.objects.create(name="空的")
    folder_form = reverse("admin:cabinet_folder_change", args=[full.pk])
    steps = [
        (reverse("admin:cabinet_folder_add"), {"name": "图片"}),
        (reverse("admin:cabinet_folder_add"), {"name": ""}),
        (reverse("admin:cabinet_folder_add"), {"name": "新的"}),
        (folder_form, {"name": "图片", "parent": full.pk}),
        (folder_form, {"name": "图片", "_delete_folder": "on"}),
        (folder_form, {"name": "照片"}),
        (
            reverse("admin:cabinet_folder_change", args=[empty.pk]),
            {"name": "空的", "_delete_folder": "on"},
        ),
    ]
    for address, data in steps:
        response = client.post(address, data, follow=True)
        assert english_in(response.content.decode(), TYPED) == [], (address, data)


# --- Without a model ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("site")
def test_pages_around_the_desk_are_chinese() -> None:
    client = browser_of(cast.laochen())
    addresses = [
        "/admin/password_change/",
        "/admin/password_change/done/",
        "/admin/demo/remove/",
        f"/admin/cms/user/{cast.xiaolin().pk}/password/",
    ]
    assert english_on(client, addresses) == {}
    refused = {"old_password": "猜的", "new_password1": "12345", "new_password2": "123456"}
    response = client.post("/admin/password_change/", refused)
    assert english_in(response.content.decode(), TYPED) == []
    short = {"old_password": cast.PASSWORD, "new_password1": "12345", "new_password2": "12345"}
    response = client.post("/admin/password_change/", short)
    assert english_in(response.content.decode(), TYPED) == []


def test_pages_for_people_who_are_not_signed_in_are_chinese() -> None:
    client = Client()
    addresses = [
        "/admin/login/",
        "/admin/password_reset/",
        "/admin/password_reset/done/",
        "/admin/reset/MQ/no/",
        "/admin/reset/done/",
    ]
    assert english_on(client, addresses) == {}
    refused = client.post("/admin/login/", {"username": "nobody", "password": "猜的"})
    assert english_in(refused.content.decode(), ["nobody"]) == []
    signed_out = browser_of(cast.xiaolin()).post("/admin/logout/")
    assert english_in(signed_out.content.decode(), TYPED) == []


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_404_and_a_403_inside_the_admin_are_chinese(signed_in: bool) -> None:
    client = browser_of(cast.xiaolin()) if signed_in else Client()
    missing = client.get("/admin/no-such-page/", follow=True)
    assert english_in(missing.content.decode(), TYPED) == []
    forbidden = client.get(of_model(Service, "changelist"), follow=True)
    assert english_in(forbidden.content.decode(), TYPED) == []


def test_an_item_that_is_gone_is_reported_in_chinese() -> None:
    client = browser_of(cast.laochen())
    for model in (Article, Tag, User, Service):
        response = client.get(of_model(model, "change", 9999), follow=True)
        assert english_in(response.content.decode(), [*TYPED, "9999"]) == []


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW, Status.WITHDRAWN])
def test_the_public_error_of_hidden_content_is_chinese(status: str) -> None:
    page = cast.page(status=status)
    response = Client().get(page.get_absolute_url())
    assert response.status_code in (404, 410)
    assert english_in(response.content.decode(), TYPED) == []


# --- The checker itself ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p>删除 Delete</p>", ["Delete"]),
        ('<input type="submit" value="Save">', ["Save"]),
        ('<input type="text" value="typed by somebody">', []),
        ('<a title="Add another">增加</a>', ["Add another"]),
        ('<input placeholder="Start typing">', ["Start typing"]),
        ('<button aria-label="Close">×</button>', ["Close"]),
        ('<img alt="logo of us">', ["logo of us"]),
        ("<option value='draft'>草稿</option>", []),
        ("<option value='x'>Draft</option>", ["Draft"]),
        ("<script>let words = 'in a script'</script><style>p { color: red }</style>", []),
        ("<textarea>typed by somebody</textarea>", []),
        ("<p>请填写 URL，例如 https://example.com/page 或 /about/ 或 logo.png</p>", []),
        ("<p>ICP 备案号、PDF 与 Excel、人力资讯TOP500</p>", []),
        ("<p>A 座</p>", []),
        ("<br><p>Unknown</p>", ["Unknown"]),
        ("<svg><title>Icon</title></svg>", ["Icon"]),
    ],
)
def test_the_checker_finds_english_where_people_see_it(html: str, found: list[str]) -> None:
    assert [entry.split(" ← ")[0] for entry in english_in(html)] == found


def test_the_checker_reads_on_after_unclosed_tags() -> None:
    assert shown_text("<ul><li>一<li>二</ul><p>三</p>") == ["一", "二", "三"]
