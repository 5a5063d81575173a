"""All tags at `/articles/tags/`, and the tags beside the lists."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from taggit.models import Tag

from articles.models import Article, Ranking, TagEntry, TagUse
from tests import cast
from tests.articles.test_list import BAD_PAGES, get, titles

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DAY = 60 * 24
ADDRESS = "/articles/tags/"


def write(tag: str, *days_ago: int, **fields: Any) -> None:
    for days in days_ago:
        cast.article(tags=(tag,), **{**cast.live(days * DAY + 1), **fields})


def group(html: str, name: str) -> list[tuple[str, str]]:
    """Return the tags of a section, and the counts beside them."""
    section = re.search(rf'aria-labelledby="{name}".*?</ul>', html, re.DOTALL)
    link = r'<a href="/articles/tag/[^"]*">(.*?) ?(?:</a> )?<span class="num">(\d+)</span>'
    return re.findall(link, section[0]) if section else []


def test_all_tags_stand_there_the_most_used_first(client: Client) -> None:
    write("社保", 1, 500, 900)
    write("工资", 1, 2)
    write("档案", 800)

    html = get(client, ADDRESS)

    assert group(html, "tags-all") == [("社保", "3"), ("工资", "2"), ("档案", "1")]
    assert '<a href="/articles/tag/%E7%A4%BE%E4%BF%9D/">社保</a>' in html


def test_the_last_year_comes_first_with_its_own_counts(client: Client) -> None:
    write("社保", 1, 500, 900)
    write("工资", 1, 2)
    write("档案", 800)

    assert group(get(client, ADDRESS), "tags-lately") == [("工资", "2"), ("社保", "1")]
    assert group(get(client, "/articles/"), "beside-tags") == [("工资", "2"), ("社保", "1")]


@pytest.mark.parametrize(
    ("days_ago", "rising"),
    [
        ((1, 2), False),  # too few to say so
        ((1, 2, 3), True),
        ((1, 2, 3, 100), True),
        ((1, 2, 3, 100, 101), False),
        ((1, 2, 3, 4, 100, 101), True),
        ((100, 101, 102), False),
    ],
)
def test_what_is_written_about_twice_as_often_is_rising(
    client: Client, days_ago: tuple[int, ...], rising: bool
) -> None:
    write("高温津贴", *days_ago)

    html = get(client, ADDRESS)

    assert (group(html, "tags-rising") != []) == rising
    assert ("最近三个月明显多起来" in get(client, "/articles/")) == rising


def test_tags_of_hidden_articles_are_not_told(client: Client) -> None:
    for article in cast.hidden_articles().values():
        article.tags.add("机密")

    html = get(client, ADDRESS)

    assert "机密" not in html
    assert "还没有标签" in html


def test_a_tag_whose_last_article_left_is_named_no_more(client: Client) -> None:
    article = cast.article(tags=("社保",))
    Ranking.refresh()
    assert "社保" in get(client, "/articles/") + get(client, ADDRESS)
    article.withdraw()

    assert "社保" not in get(client, "/articles/") + get(client, ADDRESS)


def test_a_count_leaves_out_what_strangers_may_not_see() -> None:
    write("社保", 1)
    for article in cast.hidden_articles().values():
        article.tags.add("社保")

    Ranking.refresh()

    assert TagUse.objects.get().articles == 1


def test_counts_follow_what_changed() -> None:
    write("社保", 1)
    write("工资", 1)
    Ranking.refresh()
    write("社保", 2)
    Tag.objects.get(name="工资").delete()
    Ranking.refresh()

    assert [(str(use.tag), use.articles) for use in TagUse.objects.all()] == [("社保", 2)]


@pytest.mark.parametrize("page", [*BAD_PAGES, "2"])
def test_a_page_that_there_is_not_is_not_found(client: Client, page: str) -> None:
    cast.article(tags=("社保",))

    assert client.get(ADDRESS, {"page": page}).status_code == 404


def test_only_reading_is_answered(client: Client) -> None:
    assert client.post(ADDRESS).status_code == 405


@pytest.mark.parametrize("count", [5, 60])
def test_queries_do_not_grow_with_tags(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    cast.hotline()
    cast.profile()
    for number in range(count):
        cast.article(tags=(f"标签{number}",))
    Ranking.refresh()

    # Six of the chrome, whether counts are due, how many there are, the page, those of the year.
    with django_assert_num_queries(11):
        client.get(ADDRESS)


# --- Entries -----------------------------------------------------------------------------------------


def entries(article: Article) -> dict[str, Any]:
    """Return the tags an article is entered under, with its date there."""
    rows = TagEntry.objects.filter(article=article)
    return {str(entry.tag): entry.go_live_at for entry in rows.select_related("tag")}


def test_an_article_is_entered_under_its_tags_while_it_is_published() -> None:
    article = cast.draft()
    article.tags.add("社保", "工资")
    assert entries(article) == {}

    article.rights_basis = Article.RightsBasis.ORIGINAL
    article.publish()
    assert set(entries(article)) == {"社保", "工资"}
    article.tags.remove("工资")
    assert set(entries(article)) == {"社保"}
    article.tags.set(["社保", "个税"])
    assert set(entries(article)) == {"社保", "个税"}
    article.bin()
    assert entries(article) == {}
    article.unbin()
    article.publish()
    article.tags.clear()
    assert entries(article) == {}


def test_entries_move_with_the_date(client: Client) -> None:
    first = cast.article("原来在前", tags=("社保",), **cast.live(10))
    cast.article("原来在后", tags=("社保",), **cast.live(20))
    first.go_live_at = cast.live(30)["go_live_at"]
    first.save()

    assert entries(first) == {"社保": first.go_live_at}
    assert titles(get(client, "/articles/tag/社保/")) == ["原来在后", "原来在前"]


def test_what_expires_is_not_counted_from_then_on() -> None:
    article = cast.article(tags=("社保",))
    article.expire_at = timezone.now()
    article.save()

    Ranking.refresh()

    assert not TagUse.objects.exists()


def test_an_article_that_is_deleted_leaves_no_entry() -> None:
    article = cast.article(tags=("社保",))
    article.delete()

    assert not TagEntry.objects.exists()
