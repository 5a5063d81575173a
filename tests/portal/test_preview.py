"""`/preview/<signed>/`: who may look at work nobody has published, until when, and what is seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import checks
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.media.models import MediaFile
from portal.cms.preview import OWN_LOOK, OWN_LOOKS, SALT, Preview
from portal.cms.publishing import Publishable
from portal.cms.revisions.content import content_of
from portal.cms.revisions.models import Revision
from portal.cms.site import Page
from portal.districts.models import DistrictPage
from portal.views import preview as preview_page
from staffing.models import Case, Faq, Job, Service
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.english import english_in
from tests.desk.forms import fresh
from tests.desk.pictures import picture
from tests.staffing import states

pytestmark = pytest.mark.django_db

NOTICE = "预览：这一版还没有发布"
GONE = "预览链接已失效"


def keep(item: Publishable, by: User | None = None, **changes: Any) -> Preview:
    """A look at `item` with some of its content changed; only its maker may look."""
    content = {**content_of(item), **changes}
    return Preview.objects.keep(type(item), item.pk, content, by or cast.xiaolin())


def keep_new(model: type[Publishable], **content: Any) -> Preview:
    """A look at an item that is not saved yet."""
    return Preview.objects.keep(model, None, content, cast.xiaolin())


def shared(preview: Preview) -> str:
    """The address of a preview that is shared."""
    preview.share()
    return preview.get_absolute_url()


def read(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def make_service() -> Service:
    service = cast.service()
    service.districts.add(cast.district())
    Faq.objects.create(service=service, question="工伤谁负责？", answer="派遣单位申报。")
    return service


def make_district_page() -> DistrictPage:
    for _ in range(3):
        cast.job()
    return cast.district_page()


MAKE: dict[str, Callable[[], Any]] = {
    "article": lambda: cast.article(tags=("社保",), cover=picture()),
    "service": make_service,
    "job": cast.job,
    "case": lambda: cast.case(district=cast.district(), service=cast.service()),
    "district": make_district_page,
    "page": cast.page,
    "contact": lambda: cast.page("contact", "联系我们"),
}


# --- What is seen ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MAKE)
def test_a_shared_link_shows_the_page_as_it_will_be(client: Client, kind: str) -> None:
    item = MAKE[kind]()
    renamed: Any = {"name" if kind == "service" else "title": "改好的标题"}
    before = client.get(item.get_absolute_url()).content.decode()

    html = read(client, shared(keep(item, **renamed)))

    assert NOTICE in html
    assert "<h1>改好的标题</h1>" in html
    assert "<title>预览：改好的标题" in html
    assert client.get(item.get_absolute_url()).content.decode() == before


def test_everything_of_an_article_is_the_previewed_one(client: Client) -> None:
    article = cast.article("原来的标题", tags=("社保",))
    other = cast.article("谈工伤的另一篇", tags=("工伤",))
    guide, zhou = cast.category("guide", "用工指南"), cast.author("laozhou-gk", "老周")

    changes = {
        "tags": ["工伤", "还没有的标签"],
        "category": guide.pk,
        "author": zhou.pk,
        "cover": picture(image_alt_text="新的封面").pk,
        "body": "<p>没有发布的正文。</p>",
        "go_live_at": "2026-03-05T08:00:00+08:00",
    }
    html = read(client, shared(keep(article, **changes)))

    for text in (
        "没有发布的正文。", "还没有的标签", "用工指南</a>", 'alt="新的封面"',
        "老周 - laozhou-gk 于2026年03月05日发表", f'href="{other.get_absolute_url()}"><span class="clamp-2">谈工伤的另一篇',
    ):  # fmt: skip
        assert text in html
    assert "社保</a>" not in html
    assert f'href="{article.get_absolute_url()}"' not in html


def test_the_contact_page_is_shown_with_its_numbers(client: Client) -> None:
    cast.hotline()
    page = cast.page("contact", "联系我们")

    html = read(client, shared(keep(page, body="<p>新的路线。</p>")))

    assert "新的路线。" in html
    assert "<dt>客服热线</dt>" in html


def test_rows_and_districts_of_a_service_are_the_previewed_ones(client: Client) -> None:
    service = make_service()
    rows = [{"question": "换人要几天？", "answer": "三天。", "order": 1}]

    nanshan = cast.district("nanshan", "南山区")
    html = read(client, shared(keep(service, faqs=rows, districts=[nanshan.pk])))

    assert "换人要几天？" in html
    assert "南山区" in html
    assert "工伤谁负责？" not in html
    assert "宝安区" not in html


@pytest.mark.parametrize(
    ("model", "content"),
    [
        (Article, {"title": "只有标题"}),
        (Article, {"title": "只有标题", "tags": ["社保"], "body": "<p>字</p>"}),
        (Service, {"name": "只有标题", "slug": "new"}),
        (
            Service,
            {"name": "只有标题", "slug": "new", "faqs": [{"question": "问", "answer": "答"}]},
        ),
        (Job, {"title": "只有标题"}),
        (Page, {"title": "只有标题", "slug": "new"}),
        (Case, {"title": "只有标题", "slug": "new"}),
        (DistrictPage, {"title": "只有标题", "slug": "new"}),
    ],
)
def test_an_item_nobody_has_saved_is_shown(
    client: Client, model: type[Publishable], content: dict[str, Any]
) -> None:
    cast.article(tags=("社保",))
    before = model._default_manager.count()

    html = read(client, shared(keep_new(model, **content)))

    assert "<h1>只有标题</h1>" in html
    assert model._default_manager.count() == before


@pytest.mark.parametrize("state", states.hidden())
@pytest.mark.parametrize("kind", MAKE)
def test_whatever_its_state_the_item_stands_there_as_published(
    client: Client, kind: str, state: str
) -> None:
    item = MAKE[kind]()
    type(item).objects.filter(pk=item.pk).update(**states.hidden()[state])
    stored = fresh(item).__dict__ | {"_state": None}

    html = read(client, shared(keep(fresh(item))))

    assert NOTICE in html
    assert "已过期" not in html
    assert fresh(item).__dict__ | {"_state": None} == stored


def test_a_draft_without_a_date_shows_that_of_today(client: Client) -> None:
    html = read(client, shared(keep(cast.draft())))

    assert f"编辑部 - bianjibu 于{timezone.localdate():%Y年%m月%d日}发表" in html


def test_an_article_with_a_date_ahead_shows_it(client: Client) -> None:
    article = cast.article(**cast.live(-60 * 24 * 3))

    html = read(client, shared(keep(article)))

    assert f"于{timezone.localtime(article.go_live_at):%Y年%m月%d日}发表" in html


def test_a_job_that_is_over_is_shown_as_such(client: Client) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)

    assert "已过期" in read(client, shared(keep(cast.job(), valid_through=str(yesterday))))


def test_what_has_been_deleted_since_is_left_out(client: Client) -> None:
    category, author = cast.category("gone", "撤掉的栏目"), cast.author("gone", "离职的人")
    cover, figure = picture(), picture("inside.png")
    body = f'<p>正文。</p><figure><img data-file="{figure.pk}" alt="图"></figure>'
    preview = keep(
        cast.article(), category=category.pk, author=author.pk, cover=cover.pk, body=body
    )
    category.delete()
    author.delete()
    MediaFile.objects.all().delete()

    html = read(client, shared(preview))

    assert "正文。" in html
    assert "撤掉的栏目" not in html
    assert "离职的人" not in html
    assert "<img" not in html[html.index("<main") : html.index("</main")]


def test_rows_and_districts_deleted_since_are_no_matter(client: Client) -> None:
    service = make_service()
    preview = keep(service)
    service.faqs.all().delete()
    service.districts.all().delete()

    html = read(client, shared(preview))

    assert "工伤谁负责？" in html
    assert "宝安区" not in html


def test_the_bar_says_which_version_it_is_and_how_long_the_link_is_good(client: Client) -> None:
    with time_machine.travel("2026-11-23 10:12+08:00", tick=False):
        preview = keep(cast.article())
        own = read(browser_of(cast.xiaolin()), preview.get_absolute_url())
        html = read(client, shared(preview))

    assert "11月23日 10:12 的内容，只有您能看到" in own
    assert "11月23日 10:12 的内容，11月30日 10:12 失效" in html


# --- Who may look, and until when ----------------------------------------------------------------------


def test_what_is_not_shared_is_its_makers_alone(client: Client) -> None:
    url = keep(cast.article(), cast.xiaolin()).get_absolute_url()

    assert browser_of(cast.xiaolin()).get(url).status_code == 200
    for other in (client, browser_of(cast.laozhou()), browser_of(cast.laochen())):
        response = other.get(url)
        assert response.status_code == 404
        assert GONE in response.content.decode()


@pytest.mark.parametrize("right", ["is_staff", "is_active"])
def test_a_maker_without_staff_rights_is_a_stranger(right: str) -> None:
    preview, browser = keep(cast.article()), browser_of(cast.xiaolin())
    User.objects.update(**{right: False})

    assert browser.get(preview.get_absolute_url()).status_code == 404


def test_ones_own_look_expires_after_hours() -> None:
    preview, browser = keep(cast.article()), browser_of(cast.xiaolin())

    with time_machine.travel(preview.made_at + OWN_LOOK - timedelta(minutes=1)):
        assert browser.get(preview.get_absolute_url()).status_code == 200
    with time_machine.travel(preview.made_at + OWN_LOOK + timedelta(minutes=1)):
        assert browser.get(preview.get_absolute_url()).status_code == 404


def test_a_shared_link_is_good_until_its_moment_and_no_longer(client: Client) -> None:
    with time_machine.travel("2026-11-23 10:00+08:00", tick=False):
        url = shared(keep(cast.article()))

    with time_machine.travel("2026-11-30 09:59:59+08:00", tick=False):
        assert client.get(url).status_code == 200
    with time_machine.travel("2026-11-30 10:00+08:00", tick=False):
        assert client.get(url).status_code == 404


def test_a_deleted_preview_is_revoked(client: Client) -> None:
    preview = keep(cast.article())
    url = shared(preview)

    preview.delete()

    assert client.get(url).status_code == 404


def test_an_item_deleted_for_good_takes_its_links_along(client: Client) -> None:
    article = cast.article()
    url = shared(keep(article))

    article.delete()

    assert client.get(url).status_code == 404
    assert not Preview.objects.exists()


def forged(url: str) -> list[str]:
    """Addresses that differ from a good one by little."""
    token = url.split("/")[2]
    name, signature = token.split(":")
    pk, moment = name.split(".")
    changed = "A" if signature[-2] != "A" else "B"
    return [
        f"{name}:{signature[:-2]}{changed}{signature[-1]}",
        f"{int(pk) + 1}.{moment}:{signature}",
        f"{pk}.{int(moment) + 1}:{signature}",
        f"{pk}:{signature}",
        f"{name}:{signature}x",
        name,
        pk,
        Signer(salt="another").sign(name),
        Signer(salt=SALT).sign(f"{pk}.{int(moment) + 1}"),
        Signer(salt=SALT).sign(f"{10**30}.{moment}"),
        "预览",
        ":",
        "%00",
        "a" * 3000,
    ]


def test_a_forged_link_leads_nowhere(client: Client) -> None:
    second = keep(cast.article("另一篇"))
    url = shared(keep(cast.article()))
    second.share()

    answers = {token: client.get(f"/preview/{token}/") for token in forged(url)}

    assert {token for token, answer in answers.items() if answer.status_code != 404} == set()
    assert {answer.content for answer in answers.values()} == {client.get("/preview/x/").content}


def test_an_id_given_out_a_second_time_is_another_preview(client: Client) -> None:
    """As after restoring a backup: an old link must not show what was made since."""
    preview = keep(cast.article("旧的"))
    url = shared(preview)
    pk = preview.pk
    preview.delete()
    later = Preview(
        pk=pk,
        item=cast.article("新的"),
        content={"title": "新的"},
        made_by=cast.xiaolin(),
        made_at=timezone.now() + timedelta(seconds=2),
        shared=True,
    )
    later.save(force_insert=True)

    assert client.get(url).status_code == 404
    assert client.get(later.get_absolute_url()).status_code == 200


def test_what_is_wrong_with_a_link_is_not_said_and_in_chinese(client: Client) -> None:
    own, revoked = keep(cast.article()), keep(cast.article())
    urls = ["/preview/x/", own.get_absolute_url(), shared(revoked)]
    revoked.delete()
    pages = {client.get(url).content for url in urls}

    assert len(pages) == 1
    assert english_in(pages.pop().decode()) == []


# --- What a look leaves behind: nothing ------------------------------------------------------------------


def test_only_looking_is_answered(client: Client) -> None:
    url = shared(keep(cast.article()))

    assert client.head(url).status_code == 200
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(url).status_code == 405
    assert Preview.objects.exists()


@pytest.mark.parametrize("kind", MAKE)
def test_it_is_kept_by_no_cache_no_index_and_no_other_frame(client: Client, kind: str) -> None:
    item = MAKE[kind]()

    for url in (shared(keep(item)), "/preview/x/"):
        response = client.get(url)
        headers = {name: response.headers[name] for name in response.headers}
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
        assert '<meta name="robots" content="noindex' in response.content.decode()
        assert not response.cookies
    assert client.get(item.get_absolute_url()).headers["X-Frame-Options"] == "DENY"


def test_it_is_not_counted(client: Client) -> None:
    article = cast.article()

    html = read(client, shared(keep(article)))

    assert "<script" not in html
    assert "<script" in read(client, article.get_absolute_url())


def test_a_page_of_the_site_is_no_preview(client: Client) -> None:
    html = read(client, cast.article().get_absolute_url())

    assert NOTICE not in html
    assert "<base" not in html
    assert "<title>预览" not in html


def test_looking_changes_nothing(client: Client) -> None:
    article = cast.draft("没动过", tags=("社保",))
    stored = fresh(article).__dict__ | {"_state": None}
    url = shared(keep(article, title="改过", tags=["工伤"]))

    read(client, url)

    assert fresh(article).__dict__ | {"_state": None} == stored
    assert [tag.name for tag in fresh(article).tags.all()] == ["社保"]
    assert not Revision.objects.exists()


@pytest.mark.parametrize(
    ("kind", "queries"),
    # One for scheduled changes, the preview, the item, the chrome's six; the relations twice, to see
    # whether they are there and to show them; and what the page lists besides.
    [
        ("article", 23),
        ("service", 14),
        ("case", 15),
        ("district", 17),
        ("job", 13),
        ("page", 10),
        ("contact", 10),
    ],
)
def test_cost_is_pinned(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, kind: str, queries: int
) -> None:
    cast.profile()
    cast.hotline()
    url = shared(keep(MAKE[kind]()))
    client.get(url)

    with django_assert_num_queries(queries):
        client.get(url)


def test_a_forged_link_costs_no_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):  # for scheduled changes, as everywhere
        client.get("/preview/1.2:x/")


# --- What is kept ----------------------------------------------------------------------------------------


def test_the_latest_looks_of_a_person_at_an_item_are_kept() -> None:
    article, other = cast.article(), cast.article()
    kept = [keep(other), keep(article, cast.laozhou()), keep_new(Article, title="新稿")]
    link = keep(article)
    link.share()
    looks = [keep(article) for _ in range(OWN_LOOKS + 2)]

    left = set(Preview.objects.values_list("pk", flat=True))

    assert left == {preview.pk for preview in (*kept, link, *looks[-OWN_LOOKS:])}


def test_what_has_expired_goes_with_the_next_look() -> None:
    article = cast.article()
    old, link = keep(article, cast.laozhou()), keep(article)
    link.share()

    with time_machine.travel(old.made_at + OWN_LOOK + timedelta(minutes=1)):
        latest = keep(article)

    assert set(Preview.objects.values_list("pk", flat=True)) == {link.pk, latest.pk}


def test_a_link_revoked_while_somebody_shares_it_stays_revoked() -> None:
    preview = keep(cast.article())
    Preview.objects.all().delete()

    preview.share()

    assert not Preview.objects.exists()


def test_a_kind_without_a_page_is_an_error_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert preview_page.check_every_kind_has_a_page(None) == []
    monkeypatch.delitem(preview_page.PAGES, Job)

    (error,) = preview_page.check_every_kind_has_a_page(None)

    assert error.id == "portal.E001"
    assert "staffing.Job" in error.msg
    assert "PAGES" in str(error.hint)
    assert preview_page.check_every_kind_has_a_page in checks.registry.registry.registered_checks
