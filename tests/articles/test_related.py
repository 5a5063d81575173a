"""相关文章: what stands beside an article."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from articles.models.related import SHOWN, related_to
from portal.cms.publishing import Status
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def related(item: Article) -> list[str]:
    return [other.title for other in related_to(item, list(item.tags.all()))]


def test_articles_without_tags_have_their_likes() -> None:
    shown = cast.article("工伤认定需要哪些材料")
    cast.article("工伤认定的期限", **cast.live(9))
    cast.article("工伤保险怎么交", **cast.live(3))
    cast.article("夏天宿舍防火", **cast.live(1))
    assert related(shown) == ["工伤认定的期限", "工伤保险怎么交"]


def test_tags_count_for_more_than_words_and_the_newest_goes_first_among_equals() -> None:
    shown = cast.article("工伤认定需要哪些材料", tags=("社保", "工资"))
    cast.article("工伤认定的期限")
    cast.article("旧的", tags=("社保",), **cast.live(900))
    cast.article("新的", tags=("社保",), **cast.live(800))
    cast.article("两个标签", tags=("社保", "工资"), **cast.live(999))
    assert related(shown) == ["两个标签", "新的", "旧的", "工伤认定的期限"]


def test_only_what_is_public_is_related_and_never_the_article_itself() -> None:
    shown = cast.article("不公开的稿件", tags=("社保",))
    for item in cast.hidden_articles().values():
        item.tags.add("社保")
    assert related(shown) == []


def test_what_is_hidden_takes_no_place_of_what_is_related(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("articles.models.related.CANDIDATES", 2)
    shown = cast.article("工伤认定需要哪些材料", tags=("社保",))
    cast.article("工伤认定的期限", **cast.live(9_000))
    cast.article("同一个标签", tags=("社保",), **cast.live(8_000))
    past = timezone.now() - timedelta(minutes=1)
    for number in range(3):
        cast.article(f"工伤认定{number}", status=Status.WITHDRAWN)
        cast.article(f"到期{number}", tags=("社保",), expire_at=past)
    assert related(shown) == ["同一个标签", "工伤认定的期限"]


def test_of_each_tag_the_newest_are_related(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("articles.models.related.CANDIDATES", 2)
    shown = cast.article("不像别的", tags=("社保", "宿舍"))
    for number in range(4):
        cast.article(f"交社保{number}", tags=("社保",), **cast.live(number))
    cast.article("旧的宿舍须知", tags=("宿舍",), **cast.live(9_000))
    assert related(shown) == ["交社保0", "交社保1", "旧的宿舍须知"]


@pytest.mark.parametrize(("tags", "queries"), [((), 2), (("社保",), 1), (("社保", "工资"), 2)])
def test_six_are_related_for_few_queries(
    django_assert_num_queries: DjangoAssertNumQueries, tags: tuple[str, ...], queries: int
) -> None:
    for number in range(20):
        cast.article(f"工伤认定问答之{number}", tags=("社保", "工资"))
    shown = cast.article("工伤认定需要哪些材料", tags=tags)
    own = list(shown.tags.all())
    with django_assert_num_queries(queries):
        assert len(related_to(shown, own)) == SHOWN
