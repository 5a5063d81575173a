"""Search: every literal match and nothing else, in one order, on both databases."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import pytest
import time_machine
from django.core import serializers
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from articles.models import Article
from articles.search import category_facet
from portal.cms.pagecache import epochs
from portal.cms.pagecache.epochs import clock
from portal.cms.publishing import Publishable, PublishableQuerySet, Status
from portal.cms.search import indexing
from portal.cms.search.engines import sqlite
from portal.cms.search.finding import MOST_ATTEMPTS, Found, items, loosely, on_desk, search
from portal.cms.search.looking import Looking, Scope
from portal.cms.search.models import IndexEntry, Synonyms, Texts, Titles
from portal.cms.search.register import searchable_of
from portal.cms.search.tokens import GAP, fold, offsets, phrase, tokens
from staffing.models import Service
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TITLES = (
    "深圳市劳务派遣单位2026年度核验工作通知",
    "“社保”怎么交？工伤保险新规解读",
    "工伤认定：一文读懂",
    "次日结与日结有什么不同",
    "新密市复工复产纪实",
    "增长5%！三季度用工报告",
    "SMT普工、QC质检招聘——宝安区",
    "C++工程师与Wi-Fi 6测试员",
    "後台乾燥設備操作員",
    "ＡＢＣ电子厂临时工１２３名",
    "好",
    "用工",
    "一" * 60,
    "劳务 派遣分开写",
    "宝安区沙井电子厂",
    "龙华临时工招聘会",
)


def titles(found: Found) -> list[str]:
    return [str(item) for _, item in items(found.hits)]


def literal(query: str, texts: list[str]) -> set[str]:
    """What holds the query letter for letter, both folded."""
    return {text for text in texts if fold(query) in fold(text)}


def cuts_a_word(query: str, text: str) -> bool:
    """Whether the query begins within a Latin word or number of the text: 2元 in 22元, which is no find."""
    folded, wanted = fold(text), fold(query)
    at = folded.find(wanted)
    latin = str.isalnum
    return at > 0 and all(c.isascii() and latin(c) for c in (wanted[0], folded[at - 1]))


@pytest.fixture
def corpus() -> None:
    for title in TITLES:
        cast.article(title=title, body="<p>ω</p>")


@pytest.mark.usefixtures("corpus")
def test_every_pair_of_characters_of_every_title_finds_what_holds_it() -> None:
    pairs = {first + second for title in TITLES for first, second in pairwise(title)}
    for query in sorted(pair for pair in pairs if pair == pair.strip()):
        wanted = {text for text in literal(query, list(TITLES)) if not cuts_a_word(query, text)}
        assert set(titles(search(query))) == wanted, query


@pytest.mark.usefixtures("corpus")
def test_one_character_finds_every_text_with_it() -> None:
    for character in {*"".join(TITLES)} - {" "}:
        assert set(titles(search(character))) == literal(character, list(TITLES)), character


@pytest.mark.usefixtures("corpus")
def test_every_whole_title_finds_itself() -> None:
    for title in TITLES:
        assert title in titles(search(title))


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("后台干燥设备操作员", "後台乾燥設備操作員"),  # traditional in the text
        ("後台乾燥", "後台乾燥設備操作員"),  # and in the query
        ("ABC电子厂临时工123名", "ＡＢＣ电子厂临时工１２３名"),  # full width
        ("环境污染", "环境\u200b污\ufeff染防治"),  # characters nobody sees
        ('"社保"', "“社保”怎么交"),
        ("smt普工", "SMT 普工"),  # the space between Latin and Chinese is a matter of taste
        ("2026年", "2026年核验"),
        ("2026年", "2026 年核验"),
        ("深圳 核验 2026", "深圳市2026年度核验"),
    ],
)
def test_spellings_that_count_as_one(query: str, title: str) -> None:
    cast.article(title=title)
    assert titles(search(query)) == [title]


def test_words_must_all_be_there_wherever_they_stand() -> None:
    cast.article("宝安招聘会", body="<p>普工若干名。</p>")
    cast.article("宝安招聘会二", body="<p>没有别的。</p>")
    assert titles(search("普工 宝安")) == ["宝安招聘会"]


def test_a_phrase_does_not_reach_over_two_paragraphs_or_from_title_to_text() -> None:
    cast.article("通知：劳务", body="<p>派遣单位</p><p>核验</p>")
    assert not search("劳务派遣").hits
    assert not search("单位核验").hits
    assert search("派遣单位").hits


def test_tables_lists_and_captions_are_searched() -> None:
    cast.article(
        "表",
        body="<ul><li><p>列表里的话</p></li></ul><table><tbody><tr><td><p>格子里的话</p></td></tr></tbody></table>",
    )
    assert search("列表里").hits
    assert search("格子里").hits
    assert not search("话格子").hits


def test_title_first_then_newest_then_the_higher_id() -> None:
    moment = timezone.now() - timedelta(days=3)
    cast.article("文中有", body="<p>工伤</p>", go_live_at=moment + timedelta(days=2))
    first = cast.article("工伤一", go_live_at=moment)
    second = cast.article("工伤二", go_live_at=moment)
    cast.article("工伤旧", go_live_at=moment - timedelta(days=900))
    cast.service(name="工伤保险代缴", go_live_at=moment + timedelta(days=1))
    assert first.pk < second.pk
    assert titles(search("工伤")) == ["工伤保险代缴", "工伤二", "工伤一", "工伤旧", "文中有"]


@pytest.mark.usefixtures("corpus")
def test_a_few_texts_are_read_with_the_same_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """As SQLite does for long queries, instead of asking its index."""
    Synonyms.objects.create(words="社保、社会保险")
    cast.article("社保与工伤", body="<p>无</p>", category=cast.category("law", "法规"))
    parts = [title[at : at + 6] for title in TITLES for at in range(0, len(title), 12)]
    queries = [*TITLES, *parts, "社会保险 工伤", "宝安 SM", "宝安区招聘会", "用 工"]
    law = Scope(facets=[category_facet(cast.category("law").pk)])

    def found() -> list[tuple[list[str], ...]]:
        return [
            (titles(search(query)), titles(loosely(query)), titles(search(query, law)))
            for query in queries
        ]

    looked_up = found()
    monkeypatch.setattr(sqlite, "FEWEST_COMPARED", 1)
    assert found() == looked_up
    monkeypatch.setattr(sqlite, "FEW", 1)
    assert found() == looked_up


def test_what_is_hidden_is_never_found() -> None:
    cast.article("看得见的")
    for item in cast.hidden_articles().values():
        item.title, item.body = "看得见的吗", "<p>看得见的</p>"
        item.save()
    assert titles(search("看得见的")) == ["看得见的"]
    assert titles(loosely("看得见的")) == ["看得见的"]


def test_only_open_jobs_are_found() -> None:
    cast.job(title="电子厂普工")
    cast.job(title="过期普工", valid_through=timezone.localdate() - timedelta(days=1))
    assert titles(search("普工")) == ["电子厂普工"]


def test_the_clock_decides_and_not_the_index() -> None:
    item = cast.article("定时的", go_live_at=timezone.now() + timedelta(hours=1))
    assert not search("定时的").hits
    Article.objects.filter(pk=item.pk).update(go_live_at=timezone.now() - timedelta(hours=1))
    assert search("定时的").hits


@pytest.mark.django_db(transaction=True)
def test_the_clock_decides_between_two_changes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where conditions are kept, which is outside of a transaction."""
    monkeypatch.setattr(epochs, "INTERVAL", 0.0)
    noon = timezone.now()
    cast.article("定时的一", go_live_at=noon + timedelta(hours=2))
    cast.article("定时的二", expire_at=noon + timedelta(hours=1), **cast.live(9))
    clock.reset()
    assert titles(search("定时的")) == ["定时的二"]
    with time_machine.travel(noon + timedelta(hours=1, seconds=1)):
        assert titles(search("定时的")) == []
    with time_machine.travel(noon + timedelta(hours=2, seconds=1)):
        assert titles(search("定时的")) == ["定时的一"]
    clock.reset()


@pytest.mark.django_db(transaction=True)
def test_what_may_be_seen_is_put_into_words_once_while_nothing_changes() -> None:
    shown, withdrawn = cast.article("派遣问答"), cast.article("派遣须知")
    clock.reset()
    assert set(titles(search("派遣"))) == {"派遣问答", "派遣须知"}
    assert titles(search("问答")) == ["派遣问答"]  # one is another query than two
    Article.objects.filter(pk=withdrawn.pk).update(
        status=Status.WITHDRAWN
    )  # not said to be a change
    with patch.object(PublishableQuerySet, "in_state", side_effect=AssertionError("asked again")):
        assert titles(search("派遣")) == [shown.title]
        assert titles(loosely("派遣的问答")) == [shown.title]
    clock.reset()


def test_a_save_moves_the_words_with_the_text() -> None:
    item = cast.article("旧的标题", body="<p>旧的正文</p>")
    item.title, item.body = "新的名字", "<p>另一段话</p>"
    item.save()
    assert not search("旧的").hits
    assert titles(search("另一段")) == ["新的名字"]
    item.go_live_at = timezone.now() - timedelta(days=400)
    item.save()
    assert len(search("新的名字").hits) == 1
    item.delete()
    assert not search("新的名字").hits
    assert not IndexEntry.objects.exists()
    assert not Texts.objects.exists()


def test_rows_of_a_service_are_part_of_its_words() -> None:
    service = cast.service()
    row = service.faqs.create(question="押金会退吗", answer="我们不收押金。")
    assert search("押金会退").count() == 1
    row.question = "要交保证金吗"
    row.save()
    assert not search("押金会退").hits
    row.delete()
    assert not search("保证金").hits


def test_what_changes_no_word_writes_nothing() -> None:
    item = cast.article()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        indexing.index(item)
    assert len(queries) == 1


def test_facets_and_spans_narrow() -> None:
    law, news = cast.category("law", "法规"), cast.category("news", "动态")
    old = timezone.now() - timedelta(days=500)
    cast.article("核验一", category=law)
    cast.article("核验二", category=news)
    cast.article("核验三", category=law, go_live_at=old)
    cast.service(name="核验代办")
    article = searchable_of(Article)
    assert titles(search("核验", Scope(facets=[category_facet(law.pk)]))) == ["核验一", "核验三"]
    assert titles(search("核验", Scope([article], since=old + timedelta(days=1)))) == [
        "核验一",
        "核验二",
    ]
    found = search("核验")
    assert [found.count(key) for key in ("article", "service", "job", "")] == [3, 1, 0, 4]


def test_a_facet_cannot_be_typed() -> None:
    category = cast.category()
    cast.article(category=category)
    assert not search(f"\ue000{category_facet(category.pk)}").hits


def test_counting_stops_at_a_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.cms.search import finding

    monkeypatch.setattr(finding, "COUNTED", 3)
    for number in range(5):
        cast.article(f"很多很多 {number}")
    found = search("很多")
    assert found.count() == 4
    assert len(found.hits) == 3


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_of_each_kind_so_many_of_the_newest_are_found(limit: int) -> None:
    for number in range(4):
        cast.article(f"招聘会 {number}")
    for number in range(3):
        cast.service(f"service-{number}", f"招聘外包 {number}")
    cast.page(title="招聘须知")
    places = sorted(IndexEntry.objects.values_list("place", flat=True), reverse=True)
    kinds = [4, 3, 2, 1]
    for table in (Titles, Texts):
        assert Looking(Scope()).places(table, [(phrase("招聘"),)], kinds, limit) == {
            kind: [place for place in places if place >> 60 == kind][:limit] for kind in kinds
        }


@pytest.mark.parametrize("first", [1, 2, 3, 6])
def test_as_many_as_are_wanted_are_in_order_and_all_are_counted(first: int) -> None:
    for number in range(4):
        cast.article(f"文中有 {number}", body="<p>招聘会</p>", **cast.live(number))
        cast.article(f"招聘会 {number}", **cast.live(number + 10))
    cast.service(name="招聘外包", **cast.live(12.5))
    every = search("招聘")
    some = search("招聘", first=first)
    assert titles(some)[:first] == titles(every)[:first]
    assert set(some.hits) == set(every.hits) if first > 4 else some.count() == every.count() == 9


def test_on_the_desk_nothing_is_found_among_nothing() -> None:
    cast.article("招聘会")
    assert on_desk("招聘", Article.objects.none(), 5) == []
    assert len(on_desk("招聘", Article.objects.all(), 5) or ()) == 1


def test_synonyms_are_found_too() -> None:
    Synonyms.objects.create(words="社保、社会保险")
    cast.article("社会保险缴费基数")
    cast.article("社保断缴怎么办")
    assert set(titles(search("社保"))) == {"社会保险缴费基数", "社保断缴怎么办"}
    assert titles(search("社保缴费")) == ["社会保险缴费基数"]
    assert set(titles(search("社會保險"))) == {"社会保险缴费基数", "社保断缴怎么办"}


def test_words_apart_are_found_loosely() -> None:
    cast.article("深圳各区劳务派遣单位名单")
    cast.article("宝安区招普工", body="<p>本周临时工岗位开放招聘。</p>")
    cast.article("无关的一篇", body="<p>派遣</p>")
    assert not search("深圳派遣").hits
    assert titles(loosely("深圳派遣")) == ["深圳各区劳务派遣单位名单"]
    assert not search("宝安区临时工招聘").hits
    assert titles(loosely("宝安区临时工招聘")) == ["宝安区招普工"]
    assert titles(loosely("深圳，派遣？")) == ["深圳各区劳务派遣单位名单"]
    assert titles(loosely("普工？")) == ["宝安区招普工"]


def test_a_common_word_that_is_missing_does_not_hide_what_has_the_rest() -> None:
    for number in range(5):
        cast.article(f"招聘会第{number}场")
    cast.article("沙井用工周报", body="<p>本周宝安区缺临时工。</p>")
    assert titles(loosely("宝安区临时工招聘")) == ["沙井用工周报"]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("保洁工", "写字楼保洁员"),
        ("日结工", "本周日结岗位"),
        ("普工 SMT", "电子厂普工"),
        ("SMT 普工", "SMT 操作员"),
        ("宝安区 缝纫", "宝安区招聘会"),
        ("普工，SMT", "SMT 操作员"),
    ],
)
def test_of_two_words_or_two_pairs_one_is_better_than_nothing(query: str, title: str) -> None:
    cast.article(title, body="<p>无</p>")
    cast.article("无关的一篇", body="<p>无</p>")
    assert not search(query).hits
    assert titles(loosely(query)) == [title]


def test_either_of_two_words_that_never_meet_comes_near() -> None:
    cast.article("电子厂普工")
    cast.article("SMT 操作员")
    assert titles(loosely("普工 SMT")) == ["SMT 操作员", "电子厂普工"][::-1]


def two_that_come_near() -> list[str]:
    """Each has four of the seven pairs in 宝安区临时工招聘; which one is found, the commonness decides."""
    cast.article("宝安区，临时工", body="<p>无</p>")
    cast.article("临时工招聘", body="<p>无</p>")
    return titles(loosely("宝安区临时工招聘"))


def test_what_is_hidden_does_not_change_what_comes_near() -> None:
    found = two_that_come_near()
    for item in cast.hidden_articles().values():
        item.title = "宝安区"
        item.save()
    assert titles(loosely("宝安区临时工招聘")) == found == ["临时工招聘"]
    cast.article("宝安区", body="<p>无</p>")
    cast.article("宝安区", body="<p>无</p>")
    assert titles(loosely("宝安区临时工招聘")) == ["宝安区，临时工"]


def test_what_is_out_of_scope_does_not_change_what_comes_near() -> None:
    scope = Scope([searchable_of(Article)])
    found = two_that_come_near()
    for number in range(3):
        cast.service(f"service-{number}", "宝安区")
    assert titles(loosely("宝安区临时工招聘", scope)) == found == ["临时工招聘"]
    assert titles(loosely("宝安区临时工招聘")) != found
    assert list(loosely("宝安区临时工招聘", scope).by_kind) == ["article"]


def test_a_facet_narrows_what_comes_near() -> None:
    law = cast.category("law", "法规")
    cast.article("写字楼保洁员", category=law)
    cast.article("医院保洁员")
    assert titles(loosely("保洁工", Scope(facets=[category_facet(law.pk)]))) == ["写字楼保洁员"]


def test_what_was_found_does_not_come_near_again() -> None:
    cast.article("保洁工")
    cast.article("保洁员")
    assert titles(loosely("保洁工", besides=search("保洁工"))) == ["保洁员"]


LONGEST = "宝安区临时工招聘电子厂包装 龙华区普工，日结 SMT 質檢 社保 工伤保险待遇"


@pytest.mark.parametrize(
    ("query", "title", "cost"),
    [
        (LONGEST, "无关的一篇", 3),  # nothing
        (LONGEST, "社保", 5),
        ("普工 SMT", "普工", 5),
        ("派遣", "无关的一篇", 1),  # nothing to leave out
        ("？", "无关的一篇", 0),
    ],
)
def test_what_comes_near_costs_a_query_for_each_attempt_and_two_to_find(
    query: str, title: str, cost: int
) -> None:
    cast.article(title, body="<p>无</p>")
    with CaptureQueriesContext(connection) as queries:
        found = loosely(query)
    assert titles(found) == ([title] if cost == 5 else [])
    compared = 2 if query == LONGEST and connection.vendor == "sqlite" else 0
    assert len(queries) == cost + compared


def test_no_more_than_six_ways_to_leave_something_out_are_tried() -> None:
    query = "宝安区临时工招聘电子厂包装"
    for first, second in pairwise(query):
        cast.article(first + second, body="<p>无</p>")
    found = search(query)
    counted, compared = 1, 1 if connection.vendor == "sqlite" else 0
    with CaptureQueriesContext(connection) as queries:
        assert not loosely(query).hits
    attempts = 1 + MOST_ATTEMPTS
    assert counted + attempts <= len(queries) <= counted + attempts * (1 + compared) + compared
    with CaptureQueriesContext(connection) as queries:  # what was looked for already is not again
        assert not loosely(query, besides=found).hits
    assert not [each for each in queries if "COALESCE(MIN" in each["sql"]]  # noted already
    attempts -= 1
    assert counted + attempts <= len(queries) <= counted + attempts * (1 + compared) + compared


def test_two_characters_are_never_taken_apart() -> None:
    cast.article("派出所遣返", body="<p>无</p>")
    assert not loosely("派遣").hits


HOSTILE = (
    '"', "'", "*", "AND", "OR NOT NEAR(", "%", "\\", "a" * 10_000, "派" * 10_000, "😀", "\0", "派\0遣", "\ud800",
    "title:x", "^派遣", "派遣*", "-派遣", "' OR 1=1 --", "$$", "{}", ":*", "<->", "&|!()", "\u202e", " ", "\u3000", "",
    "\ue001工", "\ue002", "a b c d e f g h i j k l m n o p q r s t u v w x y z " * 5,
)  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_no_query_is_an_error(query: str) -> None:
    cast.article("劳务派遣 a")
    search(query)
    loosely(query)


@given(text=st.text(max_size=40))
def test_any_text_is_found_by_its_own_words(text: str) -> None:
    """Without a database: what a query looks for stands in the tokens of the text, in this order."""
    found = " ".join(tokens(text))
    for word in fold(text).split():
        wanted = phrase(word)
        if not wanted.tokens[0].startswith("\ue001"):
            assert " ".join(wanted.tokens) in found


@given(text=st.text(max_size=40))
def test_offsets_lead_back_to_the_text(text: str) -> None:
    places = offsets(text)
    folded = fold(text)
    assert places is None or len(places) == len(folded)
    if places is None:
        assert len(folded) == len(text)


def test_very_long_texts_are_found_to_their_end() -> None:
    """PostgreSQL counts positions to 16,383, and 255 of one word."""
    filling = "".join(chr(0x4E00 + number * 7 % 20_000) for number in range(60_000))
    cast.article("长文", body=f"<p>{filling}末尾的话</p>")
    cast.article("重复", body=f"<p>{'派遣' * 2_000}到此为止</p>")
    assert titles(search("末尾的话")) == ["长文"]
    assert titles(search(filling[20_000:20_050])) == ["长文"]
    assert titles(search(f"{filling[:4]} 末尾的话")) == ["长文"]
    assert titles(search("派遣派遣到此为止")) == ["重复"]
    assert search("派遣派遣").count() == 1


def test_a_text_of_a_thousand_long_words_and_every_character_is_taken() -> None:
    """A vector of PostgreSQL holds less than a megabyte."""
    words = [f"{number:064}" for number in range(15_000)]
    rare = "".join(chr(0x4E00 + number) for number in range(20_000))
    cast.article("长", body=f"<p>{' '.join(words)}</p><p>{rare}</p>")
    for query in (
        words[0],
        words[-1],
        f"{words[0]} {words[-1]}",
        rare[-1],
        rare[-9:],
        f"长 {rare[-1]}",
    ):
        assert titles(search(query)) == ["长"], query


def test_empty_lines_leave_no_gap() -> None:
    assert list(tokens("\n甲乙\n\n \u200b\n丙")) == ["甲乙", "乙", GAP, "丙", GAP]
    assert list(tokens("")) == []


def test_reindex_mends_what_is_out_of_step() -> None:
    kept = cast.article("留着的")
    gone = cast.article("没有了的")
    Article.objects.filter(pk=kept.pk).update(title="改过的")
    Article.objects.filter(pk=gone.pk)._raw_delete(gone._state.db)
    assert list(indexing.reindex(searchable_of(Article), batch=1)) == [1]
    assert titles(search("改过的")) == ["改过的"]
    assert not search("留着的").hits
    assert IndexEntry.objects.count() == Texts.objects.count() == 1


def test_what_is_gone_goes_in_one_statement_a_table() -> None:
    """Of several, the later ones would take the entry of what was saved between them."""
    cast.article("留着的")
    entry_alone, tokens_alone = cast.article("没有了的"), cast.article("也没有了的")
    for gone in (entry_alone, tokens_alone):
        Article.objects.filter(pk=gone.pk)._raw_delete(gone._state.db)
    IndexEntry.objects.filter(object_id=tokens_alone.pk).delete()
    service = cast.service(name="搬运外包")
    with CaptureQueriesContext(connection) as queries:
        indexing._sweep(searchable_of(Article))
    assert [query["sql"].split()[0] for query in queries] == ["DELETE"] * 3
    assert IndexEntry.objects.count() == Titles.objects.count() == Texts.objects.count() == 2
    assert titles(search("留着的")) == ["留着的"]
    assert titles(search(service.name)) == [service.name]


def test_an_interrupted_reindex_is_not_taken_for_done(monkeypatch: pytest.MonkeyPatch) -> None:
    for title in "甲乙丙":
        cast.article(title)
    assert indexing.is_current()
    monkeypatch.setattr(indexing, "VERSION", indexing.VERSION + 1)
    interrupted = indexing.reindex(searchable_of(Article), batch=2)
    assert next(interrupted) == 2
    assert not indexing.is_current()
    assert list(indexing.reindex(searchable_of(Article), batch=2)) == [2, 1]
    assert indexing.is_current()


def test_entries_without_tokens_are_not_current() -> None:
    """So they come from `dumpdata`, which writes down what the tables of tokens cannot take back."""
    cast.article("甲")
    Texts.objects.all().delete()
    assert not indexing.is_current()


def test_loaded_rows_are_found_once_they_are_indexed_anew(tmp_path: Path) -> None:
    """`loaddata` brings the rows in any order: a question may come before its service."""
    article, service = cast.article("装载的一篇"), cast.service(name="装载的服务")
    faq = service.faqs.create(question="押金会退吗", answer="我们不收押金。")
    fixture = tmp_path / "rows.json"
    fixture.write_text(serializers.serialize("json", [faq, service, article]), encoding="utf-8")
    article.delete()
    service.delete()
    call_command("loaddata", str(fixture), verbosity=0)
    assert not IndexEntry.objects.exists()
    assert not indexing.is_current()
    for model in (Article, Service):
        assert list(indexing.reindex(searchable_of(model))) == [1]
    assert indexing.is_current()
    assert set(titles(search("装载的"))) == {"装载的一篇", "装载的服务"}
    assert titles(search("押金会退")) == ["装载的服务"]


def test_who_changes_a_row_waits_for_others_who_do() -> None:
    """Else each would index the service without the other's question."""
    service = cast.service()
    with CaptureQueriesContext(connection) as queries:
        service.faqs.create(question="押金会退吗", answer="我们不收押金。")
    if connection.features.has_select_for_update:
        assert any(query["sql"].endswith("FOR UPDATE") for query in queries)


def test_a_district_that_is_renamed_takes_its_jobs_along() -> None:
    district = cast.district()
    job = cast.job(title="普工", district=district)
    other = cast.job(title="质检", district=cast.district("elsewhere", "别的区"))
    district.name = "大鹏新区"
    district.save()
    assert titles(search("大鹏新区")) == [str(job)]
    assert titles(search("别的区")) == [str(other)]


def test_a_service_that_is_deleted_is_not_indexed_once_more_for_each_question() -> None:
    service = cast.service()
    for number in range(3):
        service.faqs.create(question=f"问题{number}", answer="回答。")
    with CaptureQueriesContext(connection) as queries:
        service.delete()
    assert not [query for query in queries if "INSERT" in query["sql"] and "cms_" in query["sql"]]
    assert not IndexEntry.objects.exists()
    assert not Texts.objects.exists()


@pytest.mark.parametrize("make", [cast.article, cast.service, cast.job, cast.page])
def test_every_kind_is_found_by_its_title(make: object) -> None:
    item: Publishable = make()  # type: ignore[operator]
    assert titles(search(str(item))) == [str(item)]


def test_a_search_asks_three_queries() -> None:
    for number in range(3):
        cast.article(f"工伤 {number}")
    with CaptureQueriesContext(connection) as queries:
        search("工伤")
    assert len(queries) == 3
