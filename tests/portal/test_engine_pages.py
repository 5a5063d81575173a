"""What search engines may have: of each kind what a stranger sees and an editor allows, and no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article, Ranking
from portal.cms.engines import register
from portal.cms.engines.register import (
    Entry,
    Indexed,
    all_indexed,
    all_pages,
    indexed_of,
    may_index,
)
from portal.cms.kinds import kinds
from portal.cms.publishing import Publishable
from staffing.models import Case, Job, Service
from tests import cast
from tests.staffing.states import NEVER_PUBLISHED, WITHDRAWN, hidden

pytestmark = pytest.mark.django_db

Maker = Callable[..., Publishable]


def shown_district(**fields: Any) -> Publishable:
    """The page of a district that has jobs to show."""
    page = cast.district_page(**fields)
    for _ in range(3):
        cast.job()
    return page


MAKERS: dict[str, Maker] = {
    "articles": cast.article,
    "cases": cast.case,
    "districts": shown_district,
    "jobs": cast.job,
    "pages": cast.page,
    "services": cast.service,
}
STATES = [*hidden(), "withdrawn"]


def found(item: Publishable) -> bool:
    return indexed_of(type(item)).public().filter(pk=item.pk).exists()


def by_hand(item: Publishable, **fields: Any) -> Publishable:
    type(item)._base_manager.filter(pk=item.pk).update(**fields)
    item.refresh_from_db()
    return item


# --- The kinds -----------------------------------------------------------------------------------------


def test_every_kind_is_named_under_a_key_of_its_own() -> None:
    assert {each.model for each in all_indexed()} == set(kinds())
    assert [each.key for each in all_indexed()] == sorted(MAKERS)


def test_a_kind_that_is_not_named_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    others = {each.model: each for each in all_indexed() if each.model is not Case}
    monkeypatch.setattr(register, "_indexed", others)
    errors = [error for error in run_checks() if error.id == "cms.E050"]
    assert [error.obj for error in errors] == [Case]


def test_a_key_is_not_given_twice() -> None:
    with pytest.raises(ValueError, match="articles"):
        register.register(Indexed("articles", "服务", Service, Service.objects.published, ()))


@pytest.mark.parametrize("key", MAKERS)
def test_what_is_published_may_be_indexed(key: str) -> None:
    item = MAKERS[key]()
    assert found(item)
    assert may_index(item)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("key", MAKERS)
def test_nothing_that_a_stranger_must_not_see(key: str, state: str) -> None:
    fields = {**hidden(), "withdrawn": WITHDRAWN}[state]
    item = by_hand(MAKERS[key](), **fields)
    assert not item.is_public
    assert not found(item)


@pytest.mark.parametrize("key", sorted(MAKERS.keys() - {"jobs"}))
def test_what_an_editor_keeps_from_engines_is_not_among_it(key: str) -> None:
    item = MAKERS[key](indexable=False)
    assert item.is_public
    assert not found(item)
    assert not may_index(item)


@pytest.mark.parametrize(
    "fields",
    [
        {"valid_through": timezone.localdate() - timedelta(days=1)},
        {"filled_at": timezone.now()},
        {"valid_through": None},
    ],
    ids=["last day past", "filled", "without an end"],
)
def test_a_job_nobody_can_apply_for_is_not_among_it(fields: dict[str, Any]) -> None:
    job = by_hand(cast.job(), **fields)
    assert not found(job)
    assert not may_index(job)


@pytest.mark.both_databases
def test_a_district_with_nothing_to_show_is_not_among_it() -> None:
    page = cast.district_page()
    assert page.is_public
    assert not found(page)


def test_a_page_above_an_empty_list_waits_for_the_list() -> None:
    words = cast.page("cases", "客户案例")
    assert not found(words)
    cast.case()
    assert found(words)


@pytest.mark.parametrize("key", MAKERS)
def test_no_text_is_read_and_nothing_is_asked_twice(
    key: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    MAKERS[key]()
    kind = next(each for each in all_indexed() if each.key == key)
    with django_assert_num_queries(1):
        for item in kind.public().only(*kind.columns):
            assert item.get_absolute_url()
            assert kind.stamp(item) is not None
            assert list(kind.moments(item))


# --- Their clock ---------------------------------------------------------------------------------------


def test_the_stamp_is_when_readers_got_to_see_it_as_it_is() -> None:
    kind, live = indexed_of(Article), timezone.now() - timedelta(days=3)
    article = Article(go_live_at=live)
    assert kind.stamp(article) == live
    article.last_published_at = again = live + timedelta(days=1)
    assert kind.stamp(article) == again
    article.go_live_at = ahead = again + timedelta(days=9)
    assert kind.stamp(article) == ahead
    assert kind.stamp(Article(**{**NEVER_PUBLISHED, "title": "草稿"})) is None


def test_reads_and_pins_do_not_move_the_stamp() -> None:
    article = cast.article()
    before = indexed_of(Article).stamp(article)
    article.pinned, article.read_count = True, 5
    article.save()
    assert indexed_of(Article).stamp(article) == before


@pytest.mark.both_databases
def test_an_item_comes_and_goes_by_its_clock() -> None:
    now = timezone.now()
    end = now + timedelta(days=1)
    assert list(indexed_of(Case).moments(Case(go_live_at=now, expire_at=end))) == [now, end]
    assert list(indexed_of(Case).moments(Case())) == []


def test_a_job_goes_for_good_a_month_after_its_last_day() -> None:
    job = cast.job()
    (*_, gone) = indexed_of(Job).moments(job)
    assert isinstance(gone, datetime)
    job.valid_through = timezone.localdate(gone) - timedelta(days=31)
    assert timezone.localtime(gone).strftime("%H:%M:%S") == "00:00:00"
    assert list(indexed_of(Job).moments(job))[-1] == gone


# --- Pages that are no items ---------------------------------------------------------------------------


def entries() -> dict[str, Entry]:
    return {entry.path: entry for each in all_pages() for entry in each.source()}


def site_with_everything() -> None:
    cast.profile(name="示例")
    cast.category("empty", "没有文章的栏目")
    for n in range(3):
        cast.article(tags=("社保", "罕见")[: 1 + (n == 0)])
    cast.service()
    cast.case()
    cast.job()
    cast.district("longgang", "龙岗区")
    cast.page()
    Ranking.refresh()


def test_every_page_is_there_and_lets_itself_be_indexed(client: Client) -> None:
    site_with_everything()
    assert len(entries()) > 20
    for path in entries():
        response = client.get(path)
        assert response.status_code == 200, path
        assert "noindex" not in response.content.decode(), path


def test_lists_that_show_nothing_are_not_among_them() -> None:
    site_with_everything()
    paths = entries().keys()
    assert {"/", "/articles/category/policy/", "/articles/tag/%E7%A4%BE%E4%BF%9D/"} <= paths
    assert {"/jobs/kind/temporary/", "/jobs/district/baoan/", "/cases/"} <= paths
    assert not [path for path in paths if "empty" in path or "longgang" in path]
    assert "/jobs/kind/full-time/" not in paths
    assert "/articles/tag/%E7%BD%95%E8%A7%81/" not in paths, "a tag of one article"


def test_no_address_is_named_twice() -> None:
    site_with_everything()
    for slug in ("contact", "faq", "prices"):
        cast.page(slug, f"关于{slug}")
    cast.page("complaint", "投诉", indexable=False)
    items = [item.get_absolute_url() for each in all_indexed() for item in each.public()]
    named = [entry.path for each in all_pages() for entry in each.source()] + items
    assert len(named) == len(set(named))
    assert {"/contact/", "/faq/", "/takedown/"} <= set(named)
    assert "/complaint/" not in named, "its words are not to be indexed"


def test_without_a_case_the_list_of_cases_is_not_among_them() -> None:
    assert "/cases/" not in entries()
