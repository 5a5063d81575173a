"""What is kept of what visitors search for, and what is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.search import log
from portal.cms.search.models import SearchedQuery

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def kept() -> list[str]:
    return list(SearchedQuery.objects.order_by("pk").values_list("text", flat=True))


def test_one_row_for_a_query_however_it_is_spelt() -> None:
    for query in ("QC 质检", "ｑｃ　質檢", "qc\u200b 质检 "):
        log.record(query, 4)
    row = SearchedQuery.objects.get()
    assert (row.text, row.asked, row.found) == ("qc 质检", 3, 4)


@pytest.mark.parametrize(
    "query",
    [
        "13800138000",
        "１３８００１３８０００",
        "138 0013 8000",
        "138.0013.8000",
        "138/0013/8000",
        "138-0013-8000",
        "138·0013·8000",
        "138_0013_8000",
        "138、0013、8000",
        "+86 138 0013 8000",
        "+86(138)0013 8000",
        "138转0013转8000",
        "一三八零零一三八零零零",
        "幺三八〇〇幺三八〇〇〇",
        "壹叁捌零零壹叁捌",
        "①③⑧⓪⓪①③⑧",
        "٠١٢٣٤٥",
        "138\u200b0013\u200b8000",
        "张三1380013",
        "0755-8882 8155",
        "440301199001011234",
        "44030119900101123X",
        "4403 0119 9001 0112",
        "a@b.cn",
        "张三＠例子.cn",
        "zhang at qq.com",
        "粤B12345",
        "派\ufffd",
        "\ufffd",
    ],
)
def test_what_may_lead_to_a_person_is_not_kept(query: str) -> None:
    log.record(query, 0)
    assert kept() == []


@pytest.mark.parametrize("query", ["", "  ", "\u200b\ufeff", "\x00", "张" * 21])
def test_what_is_no_word_or_a_sentence_is_not_kept(query: str) -> None:
    log.record(query, 0)
    assert kept() == []


@pytest.mark.parametrize(
    "query",
    ["2026年11月", "18-22元 8小时", "第十三期", "一站式服务", "三八妇女节", "atm维修", "c++", "h5"],
)
def test_what_tells_of_nobody_is_kept(query: str) -> None:
    log.record(query, 0)
    assert len(kept()) == 1


def test_of_two_who_ask_it_first_at_the_same_moment_both_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    objects = SearchedQuery.objects
    get_or_create = objects.get_or_create

    def too_late(**fields: Any) -> tuple[SearchedQuery, bool]:
        objects.create(text="派遣", asked=1, found=0, last_asked_at=timezone.now())
        return get_or_create(**fields)

    monkeypatch.setattr(objects, "get_or_create", too_late)
    log.record("派遣", 4)
    assert objects.values_list("text", "asked", "found").get() == ("派遣", 2, 4)


def test_a_known_query_is_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    log.record("派遣", 4)
    with django_assert_num_queries(3):  # and two for how long it waits
        log.record("派遣", 5)


def test_the_log_keeps_what_was_asked_most_lately(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MOST_ROWS", 3)
    monkeypatch.setattr(log, "SWEPT", 1)
    for number in range(6):
        log.record(f"第{number}个", 0)
    assert kept() == ["第3个", "第4个", "第5个"]


def test_a_sweep_of_a_short_log_is_one_query_and_of_a_long_one_two(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    now = timezone.now()
    SearchedQuery.objects.bulk_create(
        SearchedQuery(text=f"词{n}", found=0, last_asked_at=now - timedelta(hours=n))
        for n in range(9)
    )
    with django_assert_num_queries(1):
        log._sweep()
    monkeypatch.setattr(log, "MOST_ROWS", 4)
    with django_assert_num_queries(2):
        log._sweep()
    assert kept() == ["词0", "词1", "词2", "词3"]


def test_a_busy_database_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*args: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(log, "_count", locked)
    log.record("派遣", 1)
    assert kept() == []
