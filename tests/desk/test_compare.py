"""Two versions beside each other: what readers see and what is pending, or any two."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.revisions.models import Revision
from tests import cast
from tests.desk.english import english_in, shown_text
from tests.desk.forms import form_of, press, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(chief: Client) -> Article:
    """A live article whose title 老周 has changed once, published; and once more, not published."""
    article = cast.article("第一版的标题", body="<p>用工单位应当核对许可证。</p>", tags=("社保",))
    press(chief, form_of(article), "_publish", title="第二版的标题")
    press(chief, form_of(article), "_save", title="草稿的标题", tags="工伤", pinned="on")
    return article


def page(client: Client, item: Any, **query: Any) -> Any:
    return client.get(url("articles_article", "compare", item.pk), query)


def differing(answer: Any) -> dict[str, list[str]]:
    """The fields of the page, with the words that went and came."""
    return {
        difference.label: [
            f"{piece.change.value} {piece.text}"
            for line in difference.lines
            for piece in line.pieces
            if piece.change in ("added", "removed")
        ]
        for difference in answer.context["differences"]
    }


def numbers(item: Any) -> list[int]:
    return list(Revision.objects.about(item).order_by("pk").values_list("pk", flat=True))


def test_what_is_live_and_what_is_pending(editor: Client, article: Article) -> None:
    answer = page(editor, article)

    assert differing(answer) == {
        "标题": ["removed 第二版", "added 草稿"],
        "置顶": ["removed 否", "added 是"],
        "标签": ["removed 社保", "added 工伤"],
    }
    text = answer.content.decode()
    assert "<del>第二版</del><ins>草稿</ins>的标题" in text
    assert "线上版本" in text
    assert "未发布的修改" in text


def test_the_form_of_what_is_pending_leads_there(editor: Client, article: Article) -> None:
    text = editor.get(form_of(article)).content.decode()

    assert f'href="{url("articles_article", "compare", article.pk)}"' in text
    banner = " ".join(shown_text(text))
    assert "老周于" in banner
    assert "访客看到的仍是原来的页面" in banner


def test_two_versions_of_the_history(editor: Client, article: Article) -> None:
    first, *_, last = numbers(article)

    assert differing(page(editor, article, **{"from": first, "to": last}))["标题"] == [
        "removed 第一版",
        "added 草稿",
    ]


def test_a_version_and_the_one_before_it(editor: Client, article: Article) -> None:
    before, last = numbers(article)[-2:]

    answer = page(editor, article, to=last)

    assert answer.context["old"].value == str(before)
    assert "标题" in differing(answer)


def test_a_version_and_what_is_there_now(editor: Client, article: Article) -> None:
    answer = page(editor, article, **{"from": numbers(article)[0]})

    assert answer.context["new"].value == "draft"
    assert differing(answer)["标题"] == ["removed 第一版", "added 草稿"]


def test_versions_are_chosen_from_a_list(editor: Client, article: Article) -> None:
    text = page(editor, article).content.decode()

    assert text.count('<option value="draft"') == 2
    assert text.count('<option value="live"') == 2
    for number in numbers(article):
        assert text.count(f'<option value="{number}"') == 2


def test_where_nothing_is_pending_that_is_said(editor: Client) -> None:
    answer = page(editor, cast.article())

    assert "没有未发布的修改" in answer.content.decode()


def test_two_versions_that_say_the_same(editor: Client, article: Article) -> None:
    answer = page(editor, article, **{"from": "live", "to": "live"})

    assert "这两个版本的内容相同" in answer.content.decode()


def test_long_texts_are_shown_around_their_changes(editor: Client) -> None:
    rest = "".join(f"<p>第{n}段没有改。</p>" for n in range(40))
    article = cast.draft("长文", body=f"{rest}<p>要改的这一段。</p>")
    press(editor, form_of(article), "_save", body=f"{rest}<p>改过的这一段。</p>")

    text = page(editor, article, to=numbers(article)[-1]).content.decode()

    assert "中间 39 段相同" in text
    assert "第39段没有改。" in text
    assert "第20段没有改。" not in text


def test_what_people_typed_is_never_markup(editor: Client) -> None:
    article = cast.draft("标题<b>一</b>")
    press(editor, form_of(article), "_save", title="标题<img src=x onerror=alert(1)>")

    text = page(editor, article, to=numbers(article)[-1]).content.decode()

    assert "<img src=x" not in text
    assert "&lt;" in text


def test_versions_that_are_not_there_are_not_found(editor: Client, article: Article) -> None:
    for value in ("0", "999999", "x", "１", "9" * 30, "Live"):
        for side in ("from", "to"):
            assert page(editor, article, **{side: value}).status_code == 404, (side, value)


def test_before_the_first_version_there_is_none(editor: Client, article: Article) -> None:
    assert page(editor, article, to=numbers(article)[0]).status_code == 404


def test_the_version_of_another_item_is_not_found(editor: Client, article: Article) -> None:
    assert page(editor, cast.draft(), **{"from": numbers(article)[0]}).status_code == 404


def test_items_that_are_not_there_are_not_found(editor: Client) -> None:
    for number in ("0", "x", "9" * 30):
        assert editor.get(url("articles_article", "compare", number)).status_code == 404


def test_strangers_sign_in_and_others_are_refused(staff: Client, article: Article) -> None:
    assert page(Client(), article).status_code == 302
    assert page(staff, article).status_code == 403


def test_comparing_changes_nothing(editor: Client, article: Article) -> None:
    assert editor.post(url("articles_article", "compare", article.pk)).status_code == 405


def test_comparisons_speak_chinese(editor: Client, article: Article) -> None:
    assert english_in(page(editor, article).content.decode(), ["bianjibu"]) == []


def test_a_comparison_costs_no_query_for_each_version(
    editor: Client, article: Article, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(9):
        press(editor, form_of(article), "_save", title=f"第 {n} 个标题")

    with django_assert_max_num_queries(17):
        page(editor, article)
