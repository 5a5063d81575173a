"""预览 from the form: what is kept for the look, who sees it in its frame, the link, and taking it back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from taggit.models import Tag

from articles.models import Article
from portal.cms.media.models import MediaUse
from portal.cms.preview import Preview
from portal.cms.publishing import Publishable, State
from portal.cms.revisions.models import PendingDraft, Revision
from portal.cms.site import Page
from staffing.models import Faq, Job, Service
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import form_of, fresh, press, said, url, values

pytestmark = pytest.mark.django_db

ADD = "/admin/articles/article/add/"


def looked_at(client: Client, response: Any) -> str:
    """Return the page in the frame that the button 预览 leads to."""
    assert response.status_code == 303, response.content.decode()
    frame = client.get(response["Location"])
    assert frame.status_code == 200
    address = re.search(r'<iframe src="([^"]+)"', frame.content.decode())
    assert address
    page = client.get(address[1])
    assert page.status_code == 200
    return page.content.decode()


def previewed(client: Client, item: Publishable, **changes: Any) -> Preview:
    """Press 预览 in the form of an item, and return what is kept for the look."""
    assert press(client, form_of(item), "_preview", **changes).status_code == 303
    return Preview.objects.latest("pk")


def frame_of(preview: Preview, view: str = "preview") -> str:
    model = preview.content_type.model_class()
    assert model
    return url(model._meta.label_lower.replace(".", "_"), view, preview.pk)


def share(client: Client, preview: Preview, days: str = "7") -> Any:
    return client.post(frame_of(preview, "preview_share"), {"days": days})


def everything() -> dict[str, Any]:
    """What the database holds of content and of its history."""
    models: tuple[Any, ...] = (Article, Service, Faq, Job, Page, Tag, MediaUse)
    models += (Revision, PendingDraft, LogEntry)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


# --- The button -------------------------------------------------------------------------------------------


def test_unsaved_work_is_shown_and_nothing_saved(editor: Client, client: Client) -> None:
    article = cast.article("线上的标题", tags=("社保",))
    page = client.get(article.get_absolute_url()).content.decode()
    stored = everything()

    shown = press(
        editor, form_of(article), "_preview", title="没保存的标题", tags="工伤", body="<p>新的</p>"
    )

    html = looked_at(editor, shown)
    assert "<h1>没保存的标题</h1>" in html
    assert "<p>新的</p>" in html
    assert ">工伤</a>" in html
    assert everything() == stored
    assert client.get(article.get_absolute_url()).content.decode() == page


@pytest.mark.parametrize("state", [State.DRAFT, State.SCHEDULED, State.WITHDRAWN, State.EXPIRED])
def test_a_look_leaves_the_state_as_it_is(editor: Client, state: State) -> None:
    past = timezone.now() - timedelta(minutes=1)
    article = {
        State.DRAFT: lambda: cast.draft(),
        State.SCHEDULED: lambda: cast.article(**cast.live(-60)),
        State.WITHDRAWN: lambda: cast.article(status="withdrawn"),
        State.EXPIRED: lambda: cast.article(**cast.live(60), expire_at=past),
    }[state]()
    stored = everything()

    assert "改过" in looked_at(editor, press(editor, form_of(article), "_preview", title="改过"))

    assert fresh(article).state == state
    assert everything() == stored


def test_a_new_item_is_shown_and_nothing_saved(editor: Client) -> None:
    stored = everything()

    shown = press(editor, ADD, "_preview", title="还没存过的稿子", tags="新标签", body="<p>字</p>")

    html = looked_at(editor, shown)
    assert "<h1>还没存过的稿子</h1>" in html
    assert ">新标签</a>" in html
    assert everything() == stored


def test_a_new_service_is_shown_with_its_questions(staff: Client) -> None:
    stored = everything()

    shown = press(
        staff,
        "/admin/staffing/service/add/",
        "_preview",
        name="小时工",
        slug="hourly",
        districts=[cast.district().pk],
        **{
            "faqs-TOTAL_FORMS": "1",
            "faqs-0-question": "几小时起？",
            "faqs-0-answer": "四小时。",
            "faqs-0-audience": "enterprise",
            "faqs-0-order": "10",
            "faqs-0-review_due": "2027-01-01",
        },
    )

    html = looked_at(staff, shown)
    assert "几小时起？" in html
    assert "宝安区" in html
    assert everything() == stored


@pytest.mark.parametrize(
    ("make", "changes"),
    [
        (cast.service, {"name": "改过的名称"}),
        (cast.job, {"title": "改过的名称"}),
        (cast.page, {"title": "改过的名称"}),
    ],
)
def test_every_model_is_shown(owner: Client, make: Any, changes: dict[str, str]) -> None:
    item = make()
    stored = everything()

    html = looked_at(owner, press(owner, form_of(item), "_preview", **changes))

    assert "<h1>改过的名称</h1>" in html
    assert everything() == stored


def test_what_is_missing_for_publishing_is_no_obstacle(editor: Client) -> None:
    draft = cast.draft(body="")
    shown = press(editor, form_of(draft), "_preview", category="", author="")

    assert "还没有写完的草稿" in looked_at(editor, shown)


def test_errors_come_first(editor: Client) -> None:
    for address in (form_of(cast.draft()), ADD):
        page = press(editor, address, "_preview", title="", summary="写了一半的摘要")

        assert page.status_code == 200
        assert said(page) == "先改好下面几处，再预览。"
        assert values(page)["summary"] == "写了一半的摘要"
        assert english_in(page.content.decode(), ["policy", "bianjibu"]) == []
    assert not Preview.objects.exists()
    assert "再预览" not in said(press(editor, ADD, "_save", title=""))


def test_a_form_opened_before_a_colleague_saved_is_shown_all_the_same(
    editor: Client, chief: Client
) -> None:
    draft = cast.draft()
    typed = {**values(editor.get(form_of(draft))), "title": "小林的标题"}
    press(chief, form_of(draft), "_save", title="老周的标题")
    stored = everything()

    shown = editor.post(form_of(draft), {**typed, "_preview": "1"})

    assert "<h1>小林的标题</h1>" in looked_at(editor, shown)
    assert everything() == stored


def test_a_pending_draft_is_what_is_shown(editor: Client) -> None:
    article = cast.article()
    press(editor, form_of(article), "_save", title="改了还没发布")

    html = looked_at(editor, press(editor, form_of(article), "_preview"))

    assert "<h1>改了还没发布</h1>" in html


def test_who_may_not_publish_may_look(trainee: Client) -> None:
    assert "试写" in looked_at(trainee, press(trainee, ADD, "_preview", title="试写"))


def test_the_button_opens_a_tab_beside_the_form(editor: Client) -> None:
    page = editor.get(form_of(cast.draft())).content.decode()

    assert re.search(r'<button [^>]*name="_preview"[^>]*formtarget="_blank"', page)


def test_strangers_and_other_departments_preview_nothing(client: Client, staff: Client) -> None:
    address = form_of(cast.draft())

    assert client.post(address, {"_preview": "1"}).status_code == 302
    assert staff.post(address, {"_preview": "1"}).status_code == 403
    assert not Preview.objects.exists()


# --- The frame --------------------------------------------------------------------------------------------


def test_the_frame_has_its_tools_in_chinese(editor: Client) -> None:
    page = editor.get(frame_of(previewed(editor, cast.draft("要看的稿"))))

    html = page.content.decode()
    for word in ("要看的稿", "手机", "平板", "电脑", "生成分享链接", "返回修改", "不会跟着变"):
        assert word in html
    assert 'sandbox="allow-same-origin' in html
    assert "allow-scripts" not in html
    assert english_in(html) == []


def test_the_frame_is_for_its_maker(editor: Client, chief: Client, client: Client) -> None:
    address = frame_of(previewed(editor, cast.draft()))

    assert editor.get(address).status_code == 200
    assert chief.get(address).status_code == 404
    assert client.get(address).status_code == 302


def test_the_frame_of_a_shared_look_is_for_who_may_change_the_item(
    editor: Client, chief: Client, staff: Client
) -> None:
    preview = previewed(editor, cast.draft())
    share(editor, preview)

    assert chief.get(frame_of(preview)).status_code == 200
    assert staff.get(frame_of(preview)).status_code == 404


def test_a_look_belongs_to_its_model(owner: Client) -> None:
    preview = previewed(owner, cast.draft())

    assert owner.get(f"/admin/cms/page/preview/{preview.pk}/").status_code == 404


@pytest.mark.parametrize("pk", ["999", "0", "9" * 30, "x", "-1"])
def test_an_unknown_look_is_not_found(editor: Client, pk: str) -> None:
    address = f"/admin/articles/article/preview/{pk}/"

    assert editor.get(address, follow=True).status_code in (200, 404)
    assert editor.get(f"{address}share/").status_code in (302, 404, 405)
    assert not Preview.objects.exists()


def test_an_expired_look_says_so(editor: Client) -> None:
    address = frame_of(previewed(editor, cast.draft()))

    with time_machine.travel(timezone.now() + timedelta(hours=13)):
        page = editor.get(address)

    assert page.status_code == 404
    assert "预览链接已失效" in page.content.decode()


def test_looking_is_for_reading_and_the_rest_for_forms(editor: Client) -> None:
    draft = cast.draft()
    preview = previewed(editor, draft)

    assert editor.post(frame_of(preview)).status_code == 405
    for view in ("preview_share", "preview_revoke"):
        assert editor.get(frame_of(preview, view)).status_code == 405
    assert editor.get(url("articles_article", "preview_stored", draft.pk)).status_code == 405
    assert not Preview.objects.get().shared


def test_the_frame_costs_few_queries(
    editor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = frame_of(previewed(editor, cast.draft()))
    editor.get(address)

    # Scheduled changes, session, user, rights (two), the look, the site's name, whether it is a demo.
    with django_assert_num_queries(8):
        editor.get(address)


# --- Sharing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 7, 30])
def test_a_link_is_shared_for_so_many_days(editor: Client, client: Client, days: int) -> None:
    with time_machine.travel("2026-11-23 10:00+08:00", tick=False):
        preview = previewed(editor, cast.draft("给客户看的稿"))
        frame = editor.get(share(editor, preview, str(days))["Location"]).content.decode()

    link = f"http://127.0.0.1:8000{preview.get_absolute_url()}"
    assert f'value="{link}"' in frame
    assert english_in(frame) == []
    shared = fresh(preview)
    assert shared.expires_at - preview.made_at == timedelta(days=days)
    assert f"小林分享，{timezone.localtime(shared.expires_at):%Y年%-m月%-d日} 10:00" in frame
    with time_machine.travel(preview.made_at + timedelta(days=days, seconds=-1), tick=False):
        page = client.get(preview.get_absolute_url())
        assert "给客户看的稿" in page.content.decode()
        assert not page.cookies
    with time_machine.travel(preview.made_at + timedelta(days=days, seconds=1), tick=False):
        assert client.get(preview.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("days", ["", "0", "2", "365", "-1", "x"])
def test_another_length_of_time_is_refused(editor: Client, days: str) -> None:
    preview = previewed(editor, cast.draft())

    page = editor.get(share(editor, preview, days)["Location"])

    assert said(page) == "没有分享：请选择有效期。"
    assert not fresh(preview).shared


def test_the_content_of_a_link_is_that_of_its_making(editor: Client, client: Client) -> None:
    draft = cast.draft()
    preview = previewed(editor, draft, title="分享时的标题")
    share(editor, preview)

    press(editor, form_of(draft), "_save", title="后来的标题")

    assert "<h1>分享时的标题</h1>" in client.get(preview.get_absolute_url()).content.decode()


def test_a_look_of_somebody_else_cannot_be_shared(
    editor: Client, chief: Client, staff: Client, client: Client
) -> None:
    preview = previewed(editor, cast.draft())

    assert share(chief, preview).status_code == 404
    assert share(staff, preview).status_code == 403
    assert share(client, preview).status_code == 302
    assert not fresh(preview).shared


def test_a_stranger_with_an_own_link_stays_outside(editor: Client, client: Client) -> None:
    preview = previewed(editor, cast.draft("不给外人看的稿"))

    page = client.get(preview.get_absolute_url())

    assert page.status_code == 404
    assert "不给外人看的稿" not in page.content.decode()


# --- Taking it back ---------------------------------------------------------------------------------------


def test_a_revoked_link_leads_nowhere(editor: Client, client: Client) -> None:
    draft = cast.draft()
    preview = previewed(editor, draft)
    share(editor, preview)

    response = editor.post(frame_of(preview, "preview_revoke"))

    assert response.status_code == 303
    assert response["Location"] == form_of(draft)
    assert "预览链接已撤销" in said(editor.get(form_of(draft)))
    assert client.get(preview.get_absolute_url()).status_code == 404
    assert editor.post(frame_of(preview, "preview_revoke")).status_code == 404


def test_a_colleague_may_revoke_what_is_shared_and_nobody_else(
    editor: Client, chief: Client, staff: Client, client: Client
) -> None:
    own, shared = previewed(editor, cast.draft()), previewed(editor, cast.draft())
    share(editor, shared)

    assert client.post(frame_of(shared, "preview_revoke")).status_code == 302
    assert staff.post(frame_of(shared, "preview_revoke")).status_code == 404
    assert chief.post(frame_of(own, "preview_revoke")).status_code == 404
    assert Preview.objects.count() == 2
    assert chief.post(frame_of(shared, "preview_revoke")).status_code == 303
    assert Preview.objects.get() == own


def test_revoking_the_look_at_a_new_item_leads_to_the_list(editor: Client) -> None:
    press(editor, ADD, "_preview", title="新稿")

    response = editor.post(frame_of(Preview.objects.get(), "preview_revoke"))

    assert response["Location"] == "/admin/articles/article/"


def test_the_form_lists_the_links_that_are_open(editor: Client, chief: Client) -> None:
    draft = cast.draft()
    own, open_link, ended = (previewed(editor, draft) for _ in range(3))
    other = previewed(editor, cast.draft("另一篇"))
    for preview in (open_link, ended, other):
        share(editor, preview)
    past = timezone.now() - timedelta(minutes=1)
    Preview.objects.filter(pk=ended.pk).update(expires_at=past)

    html = chief.get(form_of(draft)).content.decode()

    listed = re.findall(r'formaction="([^"]+revoke/)"', html)
    assert listed == [frame_of(open_link, "preview_revoke")]
    assert not fresh(own).shared
    assert "小林分享，" in html
    assert english_in(html, ["policy", "bianjibu"]) == []


def test_the_button_in_the_form_takes_back_and_saves_nothing(editor: Client) -> None:
    draft = cast.draft()
    preview = previewed(editor, draft)
    share(editor, preview)
    typed = {**values(editor.get(form_of(draft))), "title": "没保存的标题"}
    stored = everything()

    editor.post(frame_of(preview, "preview_revoke"), typed)

    assert not Preview.objects.exists()
    assert everything() == stored


# --- What is stored ---------------------------------------------------------------------------------------


def offered(client: Client, item: Publishable) -> list[str]:
    return re.findall(r'formaction="([^"]+/preview/)"', client.get(form_of(item)).content.decode())


def test_who_cannot_change_an_item_looks_at_what_is_stored(editor: Client, trainee: Client) -> None:
    later = timezone.localtime(timezone.now() + timedelta(days=2))
    article = cast.article("线上的标题")
    press(
        editor,
        form_of(article),
        "_publish",
        title="定时换上的标题",
        apply_at_0=f"{later:%Y-%m-%d}",
        apply_at_1="09:00",
    )

    (address,) = offered(trainee, article)

    assert "<h1>定时换上的标题</h1>" in looked_at(trainee, trainee.post(address))


def test_what_is_in_the_bin_can_be_looked_at(editor: Client) -> None:
    article = cast.article("丢掉的稿", deleted_at=timezone.now())
    stored = everything()

    (address,) = offered(editor, article)

    assert "<h1>丢掉的稿</h1>" in looked_at(editor, editor.post(address))
    assert everything() == stored


def test_it_is_offered_to_nobody_who_has_a_better_way(editor: Client) -> None:
    assert offered(editor, cast.draft()) == []
    assert offered(editor, cast.article()) == []


def test_what_is_stored_is_for_who_may_read_it(staff: Client, client: Client) -> None:
    address = url("articles_article", "preview_stored", cast.draft().pk)

    assert staff.post(address).status_code == 403
    assert client.post(address).status_code == 302
    assert not Preview.objects.exists()


@pytest.mark.parametrize("pk", ["999", "x", "9" * 30])
def test_what_is_not_stored_cannot_be_looked_at(editor: Client, pk: str) -> None:
    response = editor.post(f"/admin/articles/article/{pk}/preview/")

    assert response.status_code == 404
    assert not Preview.objects.exists()
