"""Searching at the desk: the lists through the index, 同义词, and 搜索记录."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article
from portal.cms.admin import lists
from portal.cms.publishing import Status
from portal.cms.search.models import SearchedQuery, Synonyms
from portal.demo import loading
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.english import english_in
from tests.desk.forms import act, form_of, press, said, values

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ARTICLES = "/admin/articles/article/"
SYNONYMS = "/admin/cms/synonyms/"
QUERIES = "/admin/cms/searchedquery/"


def found(client: Client, query: str, address: str = ARTICLES, **filters: str) -> list[str]:
    response = client.get(address, {"q": query, **filters})
    return [str(item) for item in response.context["cl"].result_list]


# --- Lists ---------------------------------------------------------------------------------------------


def test_two_characters_in_a_body_are_found_whatever_state_it_is_in(editor: Client) -> None:
    for state, item in cast.hidden_articles().items():
        item.title, item.body = state, "<p>这里说到了年金。</p>"
        item.save()
    cast.article("别的")
    kept = {"draft", "in_review", "scheduled", "expired", "withdrawn"}
    assert set(found(editor, "年金")) == kept
    assert found(editor, "年金", state="deleted") == ["deleted"]


def test_titles_come_first_then_the_newest(editor: Client) -> None:
    cast.article("文中有", body="<p>工伤</p>", **cast.live(1))
    cast.article("工伤旧", **cast.live(500))
    cast.article("工伤新", **cast.live(50))
    cast.draft("工伤草稿")
    assert found(editor, "工伤") == ["工伤草稿", "工伤新", "工伤旧", "文中有"]


def test_a_column_that_is_sorted_by_has_its_way(editor: Client) -> None:
    for title, reads in (("工伤一", 5), ("工伤二", 9), ("另外", 7)):
        cast.article(title, body="<p>工伤</p>", read_count=reads)

    assert found(editor, "工伤", o="-6") == ["工伤二", "另外", "工伤一"]


def test_a_filter_picks_among_all_finds_and_not_among_the_first(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "COUNTED", 3)
    cast.article("工伤：最旧的草稿", status=Status.DRAFT, go_live_at=None)
    Article.objects.update(created_at=timezone.now() - timedelta(days=900))
    for number in range(5):
        cast.article(f"工伤 {number}", **cast.live(number))
    assert found(editor, "工伤", state="draft") == ["工伤：最旧的草稿"]
    page = editor.get(ARTICLES, {"q": "工伤"})
    assert len(page.context["cl"].result_list) == 3
    assert "最多列出 3 条，可能还有没列出的" in page.content.decode()
    assert "最多列出" not in editor.get(ARTICLES, {"q": "最旧"}).content.decode()
    assert "最多列出" not in editor.get(ARTICLES).content.decode()


def test_a_number_or_an_address_leads_to_its_article_before_all_else(editor: Client) -> None:
    wanted = cast.article("没有数字的", legacy_id="A-77")
    mentioned = cast.article(f"第{wanted.pk}号通知，另见 A-77")
    assert found(editor, str(wanted.pk)) == [wanted.title, mentioned.title]
    assert found(editor, " A-77 ") == [wanted.title, mentioned.title]
    assert found(editor, f"https://example.com/articles/{wanted.pk}/") == [wanted.title]
    assert found(editor, "9" * 30) == []


def test_services_jobs_and_pages_are_searched_likewise(staff: Client, chief: Client) -> None:
    cast.service(body="<p>旺季用工的安排。</p>")
    cast.job(client_name="沙井某电子厂", external_id="RC-1")
    cast.page("about", "关于我们", body="<p>我们在宝安。</p>")
    for query in ("旺季", "dispatch", "/services/dispatch/"):
        assert found(staff, query, "/admin/staffing/service/") == ["劳务派遣"]
    for query in ("沙井某", "RC-1"):
        assert found(staff, query, "/admin/staffing/job/") == ["电子厂普工"]
    for query in ("宝安", "about", "/about/"):
        assert found(chief, query, "/admin/cms/page/") == ["关于我们"]


@pytest.mark.parametrize("query", ["", "  ", "\u200b", '"', "%", "*", "AND", "😀", "工" * 5000])
def test_no_query_is_an_error(editor: Client, query: str) -> None:
    cast.article("工伤")
    assert editor.get(ARTICLES, {"q": query}).status_code == 200


def test_the_box_says_what_is_searched_in_chinese(editor: Client) -> None:
    html = editor.get(ARTICLES).content.decode()
    assert "在标题和正文里找" in html
    assert english_in(html, ["xiaolin"]) == []


def test_a_search_costs_four_queries_more_than_the_list(editor: Client) -> None:
    def cost(**query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            editor.get(ARTICLES, query)
        assert not [one for one in queries if "LIKE" in one["sql"].upper()]
        return len(queries)

    for number in range(3):
        cast.article(f"工伤 {number}")
    plain = cost()
    assert cost(q="工伤") == plain + 4  # synonyms, titles, texts, numbers
    for number in range(20):
        cast.article(f"工伤又 {number}")
    assert cost(q="工伤") == plain + 4


def test_what_is_found_can_be_ticked(editor: Client) -> None:
    item = cast.article("工伤")
    cast.article("别的")
    act(editor, f"{ARTICLES}?q=工伤", "withdraw_selected", item)
    assert Article.objects.get(title="工伤").status == Status.WITHDRAWN


# --- Synonyms ------------------------------------------------------------------------------------------


def add(client: Client, words: str) -> Any:
    return press(client, f"{SYNONYMS}add/", "_save", words=words)


@pytest.mark.parametrize(
    "typed",
    [
        "社保、社会保险",
        "社保，社会保险",
        "社保,社会保险,",
        " 社保 \r\n\r\n社会保险\n",
        "社保;社会保险；社保",
    ],
)
def test_words_are_taken_however_they_are_parted(chief: Client, typed: str) -> None:
    assert add(chief, typed).status_code == 302
    assert Synonyms.objects.get().words == "社保、社会保险"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("社保", "至少要有两个不同的词"),
        ("社保、社保、社\u200b保", "至少要有两个不同的词"),
        ("、，\n", "至少要有两个不同的词"),
        ("社保、" + "长" * 21, "每个词最多 20 个字"),
        ("社保、社会 保险", "中间有空格"),
        ("", "必填"),
    ],
)
def test_what_is_no_group_is_refused_with_a_sentence(chief: Client, typed: str, told: str) -> None:
    response = add(chief, typed)
    assert told in response.content.decode()
    assert not Synonyms.objects.exists()


def test_a_word_stands_in_one_group_only(chief: Client) -> None:
    group = Synonyms.objects.create(words="社保、社会保险")
    assert (
        "“社會保險”已经在另一组里：社保、社会保险" in add(chief, "社會保險、五险").content.decode()
    )
    assert press(chief, form_of(group), "_save", words="社保、社会保险、五险").status_code == 302
    group.refresh_from_db()
    assert group.words == "社保、社会保险、五险"


def test_a_new_group_is_found_at_once(chief: Client) -> None:
    cast.article("社会保险缴费基数")
    assert found(chief, "社保缴费") == []
    add(chief, "社保、社会保险")
    assert found(chief, "社保缴费") == ["社会保险缴费基数"]


def test_a_list_without_groups_says_what_they_are_for(chief: Client) -> None:
    html = chief.get(SYNONYMS).content.decode()
    assert "例如“社保、社会保险”" in html
    assert english_in(html, ["laozhou"]) == []
    add(chief, "社保、社会保险")
    assert "例如“社保、社会保险”" not in chief.get(SYNONYMS).content.decode()


def test_synonyms_and_queries_are_for_chief_editor_and_owner(editor: Client, staff: Client) -> None:
    owner = browser_of(cast.person("xiaochen", "小陈", "站长"))
    for address in (SYNONYMS, f"{SYNONYMS}add/", QUERIES):
        assert editor.get(address).status_code == staff.get(address).status_code == 403
        if address != QUERIES:
            assert owner.get(address).status_code == 200
    assert owner.get(QUERIES).status_code == 200


@pytest.mark.usefixtures("without_sizes_of_pictures")
def test_the_demo_leaves_the_groups_of_the_owner_alone() -> None:
    """That it brings five where there are none: tests/demo/test_loading.py."""
    Synonyms.objects.create(words="社保、五险")
    loading.load()
    assert Synonyms.objects.get().words == "社保、五险"
    loading.remove()
    assert Synonyms.objects.get().words == "社保、五险"


# --- What readers searched for -------------------------------------------------------------------------


def asked(text: str, times: int = 1, hits: int = 0, days_ago: int = 0) -> SearchedQuery:
    at = timezone.now() - timedelta(days=days_ago)
    return SearchedQuery.objects.create(text=text, asked=times, found=hits, last_asked_at=at)


def test_what_found_nothing_stands_first_then_what_is_asked_most(chief: Client) -> None:
    asked("常搜的", 50, 3)
    asked("少搜的", 2, 1)
    asked("没有的", 1)
    asked("总没有的", 7)
    page = chief.get(QUERIES)
    rows = [str(row) for row in page.context["cl"].result_list]
    assert rows == ["总没有的", "没有的", "常搜的", "少搜的"]
    html = page.content.decode()
    assert "没有找到" in html
    assert "3 条" in html
    assert "不记是谁搜的" in html
    assert english_in(html, ["laozhou"]) == []


def test_a_row_leads_to_the_search_and_to_a_new_group_with_the_word(chief: Client) -> None:
    asked("c＋＋ 培训&x")
    html = chief.get(QUERIES).content.decode()
    assert "/search/?q=c%EF%BC%8B%EF%BC%8B+%E5%9F%B9%E8%AE%AD%26x" in html
    address = f"{SYNONYMS}add/?words=%E7%9F%AD%E5%B7%A5"
    asked("短工")
    assert address in chief.get(QUERIES).content.decode()
    assert values(chief.get(address))["words"] == "短工"


def test_more_than_a_thousand_is_not_a_number(chief: Client) -> None:
    asked("派遣", 3, 1001)
    assert "1000+ 条" in chief.get(QUERIES).content.decode()


def test_the_record_is_cleared_and_never_written_by_hand(chief: Client) -> None:
    row = asked("短工")
    asked("散工")
    assert chief.get(f"{QUERIES}add/").status_code == 403
    assert "_save" not in values(chief.get(f"{QUERIES}{row.pk}/change/"))
    assert chief.post(f"{QUERIES}{row.pk}/change/", {"asked": "9"}).status_code == 403
    response = act(chief, QUERIES, "delete_selected", *SearchedQuery.objects.all(), post="yes")
    assert "成功" in said(response)
    assert not SearchedQuery.objects.exists()
    assert "还没有人搜索过" in chief.get(QUERIES).content.decode()


def test_the_desk_tells_of_what_was_lately_searched_in_vain(chief: Client, editor: Client) -> None:
    asked("短工")
    asked("散工", days_ago=29)
    asked("很久以前的", days_ago=40)
    asked("找到了的", 5, 5)
    html = chief.get("/admin/").content.decode()
    assert "最近有 2 个搜索词没有找到内容" in html
    (line,) = chief.get("/admin/").context["lines"]
    listed = chief.get(line.url).context["cl"].result_list
    assert {str(row) for row in listed} == {"短工", "散工"}
    assert "没有找到内容" not in editor.get("/admin/").content.decode()


def test_a_desk_without_such_queries_has_no_such_line(chief: Client) -> None:
    assert chief.get("/admin/").context["lines"] == []
