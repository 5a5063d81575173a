"""Redirects as they are kept: one answer for an address, and who may change it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from articles.models import Category
from portal.cms.pagecache.models import Changes
from portal.cms.publishing import Status, rehearsal
from portal.cms.redirects import AUTO, item_at, remember
from portal.cms.redirects.models import Redirect
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def goals() -> dict[str, object]:
    return {row.old: row.item or row.target for row in Redirect.objects.all()}


# --- Remembering ---------------------------------------------------------------------------------------


def test_old_addresses_of_items_and_of_lists_are_remembered() -> None:
    article = cast.article()
    refused = remember(
        [("http://old.example/news/12.html", article), ("/list_3.html", "/articles/")],
        "old.example",
    )
    assert refused == []
    assert goals() == {
        "http://old.example/news/12.html": article,
        "/list_3.html": "/articles/",
    }
    assert set(Redirect.objects.values_list("origin", "code")) == {("old.example", 301)}
    assert item_at("/NEWS/12.html") == article
    assert item_at("/list_3.html") is None, "it leads to no item"
    assert item_at("/never") is None


def test_remembering_twice_changes_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    article = cast.article()
    pairs = [(f"/news/{n}.html", article) for n in range(10)]
    remember(pairs, "old.example")
    before, changes = goals(), list(Changes.objects.values())
    with django_assert_num_queries(3):  # a savepoint, a look, and its end
        assert remember(pairs, "old.example") == []
    assert (goals(), list(Changes.objects.values())) == (before, changes)


def test_what_is_remembered_counts_as_a_change() -> None:
    before = sum(Changes.objects.values_list("count", flat=True))
    remember([("/a.html", "/articles/")], "old.example")
    assert sum(Changes.objects.values_list("count", flat=True)) > before


def test_of_two_items_at_one_address_the_first_keeps_it() -> None:
    first, second = cast.article(), cast.article()
    pairs = [("/12.html", first), ("/12.html?from=timeline", second)]
    remember(pairs, "old.example")
    assert goals() == {"/12.html": first}
    assert remember([("/12.html", second)], "old.example") == ["/12.html"]
    assert goals() == {"/12.html": first}


def test_an_item_that_is_gone_gives_its_address_to_the_next() -> None:
    first, second = cast.article(), cast.article()
    remember([("/12.html", first)], "old.example")
    first.delete()
    assert item_at("/12.html") is None
    assert remember([("/12.html", second)], "old.example") == []
    assert item_at("/12.html") == second


def test_another_old_site_does_not_take_an_address() -> None:
    article = cast.article()
    remember([("/12.html", "/articles/")], "one.example")
    assert remember([("/12.html", article)], "two.example") == ["/12.html"]
    assert goals() == {"/12.html": "/articles/"}


def test_what_was_made_by_hand_stays() -> None:
    cast.redirect("/12.html", "/jobs/")
    cast.redirect("/13.html", code=410)
    article = cast.article()
    pairs = [("/12.html", article), ("/13.html", article)]
    assert remember(pairs, "old.example") == remember(pairs, AUTO) == ["/12.html", "/13.html"]
    assert goals() == {"/12.html": "/jobs/", "/13.html": ""}


def test_a_page_of_ours_that_moved_comes_before_an_import() -> None:
    service = cast.service()
    remember([("/services/old/", "/articles/")], "old.example")
    assert remember([("/services/old/", service)], AUTO) == []
    row = Redirect.objects.get()
    assert (row.item, row.target, row.origin) == (service, "", AUTO)


def test_no_address_leads_to_itself_and_none_hides_the_front_page() -> None:
    article = cast.article()
    pairs: list[tuple[str, Any]] = [
        (article.get_absolute_url(), article),
        ("http://old.example/articles/", "/articles/"),
        ("http://old.example/index.html", "/articles/"),
    ]
    assert remember(pairs, "old.example") == []
    assert goals() == {}


def test_many_are_remembered_a_batch_at_a_time(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    article = cast.article()
    with django_assert_max_num_queries(30):
        remember(((f"/{n}.html", article) for n in range(1_200)), "old.example")
    assert Redirect.objects.count() == 1_200


def test_a_file_of_the_library_is_a_goal_as_well() -> None:
    from tests.cms import samples

    picture = samples.picture()
    remember([("/uploads/a.jpg", picture)], "old.example")
    assert item_at("/uploads/a.jpg") == picture
    assert picture.get_absolute_url() == picture.image_file.url


# --- Following ------------------------------------------------------------------------------------------


def autos() -> dict[str, object]:
    rows = Redirect.objects.filter(origin=AUTO)
    return {row.old: row.item or row.target for row in rows}


def test_a_page_that_was_public_takes_its_old_address_along() -> None:
    service, case = cast.service("old", "派遣"), cast.case("old")
    page, district = cast.page("old", "关于"), cast.district_page("old")
    for item in (service, case, page, district):
        item.slug = "new"
        item.save()
    assert autos() == {
        "/services/old/": service,
        "/cases/old/": case,
        "/old/": page,
        "/districts/old/": district,
    }


def test_a_category_takes_its_feeds_along_and_what_led_to_it() -> None:
    category = Category.objects.create(name="旧栏目", slug="old")
    cast.redirect("/list_1.html", "/articles/category/old/")
    category.slug = "mid"
    category.save()
    category.slug = "new"
    category.save()
    own = "/articles/category"
    assert autos() == {
        f"{own}/old/": category,
        f"{own}/mid/": category,
        **{
            f"{own}/{slug}/{feed}": f"{own}/new/{feed}"
            for slug in ("old", "mid")
            for feed in ("feed/", "rss/", "feed.json")
        },
    }
    assert Redirect.objects.get(old="/list_1.html").target == f"{own}/new/"


def test_a_tag_and_a_district_do_as_well() -> None:
    tag = cast.article(tags=("招工",)).tags.get()
    district = cast.district("baoan", "宝安区")
    tag.name, district.slug = "招聘", "ba"
    tag.save()
    district.save()
    assert autos()["/articles/tag/招工/".replace("招工", "%E6%8B%9B%E5%B7%A5")] == (
        "/articles/tag/%E6%8B%9B%E8%81%98/"
    )
    assert autos()["/jobs/district/baoan/"] == "/jobs/district/ba/"


def test_a_tag_made_anew_takes_nothing_away_as_long_as_it_has_no_page(client: Client) -> None:
    tag = cast.article(tags=("合规",)).tags.get()
    old, new = (f"/articles/tag/{quote(name)}/" for name in ("合规", "用工合规"))
    tag.name = "用工合规"
    tag.save()
    cast.redirect("/old.html", old)
    cast.article(tags=("合规",), status=Status.DRAFT, first_published_at=None)
    assert client.get(old)["Location"] == client.get("/old.html")["Location"] == new
    cast.article(tags=("合规",))
    assert client.get(old).status_code == 200
    assert client.get("/old.html")["Location"] == old


def test_what_nobody_has_seen_leaves_nothing_behind() -> None:
    service = cast.service("old", status=Status.DRAFT, first_published_at=None)
    service.slug = "new"
    service.save()
    live = cast.service("live")
    live.slug = "other"
    with rehearsal():
        live.save()
    assert autos() == {}


def test_a_draft_need_not_have_an_address() -> None:
    draft = cast.service("", status=Status.DRAFT, first_published_at=None)
    draft.name = "还没有网址名"
    draft.save()
    assert autos() == {}


def test_back_again_leaves_one_that_leads_here() -> None:
    service = cast.service("a")
    for slug in ("b", "a"):
        service.slug = slug
        service.save()
    assert autos() == {"/services/b/": service}


def test_two_that_change_places() -> None:
    first, second = cast.service("a", "甲"), cast.service("b", "乙")
    for item, slug in ((first, "x"), (second, "a"), (first, "b")):
        item.slug = slug
        item.save()
    assert autos() == {"/services/x/": first}


# --- The table -----------------------------------------------------------------------------------------


def test_an_address_has_one_answer() -> None:
    cast.redirect("/news/12.html")
    with pytest.raises(ValidationError, match="这个旧网址已有跳转"):
        Redirect(old="http://old.example/News/12.html", target="/jobs/").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        cast.redirect("/NEWS/12.html")


def test_a_pattern_is_no_address() -> None:
    pattern = r"/news/(\d+).html"
    cast.redirect(pattern)
    cast.redirect(pattern, kind=Redirect.Kind.PATTERN)
    with pytest.raises(IntegrityError), transaction.atomic():
        cast.redirect(pattern, kind=Redirect.Kind.PATTERN)


@pytest.mark.parametrize(
    "fields",
    [
        {"code": 301, "target": ""},
        {"code": 410, "target": "/jobs/"},
        {"code": 302, "target": "/jobs/"},
        {"code": 301, "target": "", "object_id": 7},
    ],
    ids=["nowhere", "gone and there", "no such answer", "half an item"],
)
def test_a_redirect_leads_to_one_place(fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Redirect.objects.create(old="/a", **fields)


def test_an_item_and_an_address_are_one_too_many() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Redirect.objects.create(old="/a", target="/jobs/", item=cast.article())


@pytest.mark.parametrize("target", ["javascript:alert(1)", "//evil.example/", "jobs", "http://"])
def test_a_target_is_a_path_or_a_whole_address(target: str) -> None:
    with pytest.raises(ValidationError):
        Redirect(old="/a", target=target).full_clean()
