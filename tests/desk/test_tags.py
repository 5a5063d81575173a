"""Tags: typed with suggestions, renamed, cleared away."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from taggit.models import Tag, TaggedItem

from articles import tags
from articles.models import Article, Category, TagEntry
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import act, form_of, press, said, url, values

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SUGGEST = "/admin/articles/article/suggest/"
TAGS = "/admin/taggit/tag/"


def names(article: Article) -> list[str]:
    return [tag.name for tag in article.tags.all()]


# --- Typing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", ["、", "，", ",", "；", " ， "])
def test_tags_are_separated_as_chinese_writers_do(editor: Client, separator: str) -> None:
    article = cast.draft()

    press(editor, form_of(article), "_save", tags=separator.join(["劳务派遣", "社保", "SMT 普工"]))

    assert sorted(names(article)) == sorted(["劳务派遣", "社保", "SMT 普工"])


def test_the_form_shows_tags_as_they_would_be_typed(editor: Client) -> None:
    article = cast.draft(tags=("社保", "劳务派遣"))

    assert values(editor.get(form_of(article)))["tags"] == "社保、劳务派遣"


def test_tags_are_taken_off_by_deleting_them(editor: Client) -> None:
    article = cast.draft(tags=("社保", "工伤"))

    press(editor, form_of(article), "_save", tags="工伤")

    assert names(article) == ["工伤"]


def test_saving_without_touching_the_tags_is_no_change_of_them(editor: Client) -> None:
    article = cast.draft(tags=("社保", "工伤"))

    press(editor, form_of(article), "_save", title="只改标题")

    change = LogEntry.objects.latest("pk").get_change_message()
    assert "标题" in change
    assert "标签" not in change


def test_a_flood_of_tags_is_refused_with_the_text_kept(editor: Client) -> None:
    article = cast.draft()

    page = press(
        editor, form_of(article), "_save", title="没丢", tags="、".join(map(str, range(21)))
    )

    assert "标签最多 20 个，现在有 21 个。" in page.content.decode()
    assert "没丢" in page.content.decode()
    assert not Tag.objects.exists()


@pytest.mark.parametrize("typed", ["\x00", "、、，", "///", "..", "长" * 200])
def test_odd_tags_do_no_harm(editor: Client, typed: str) -> None:
    article = cast.draft()

    assert press(editor, form_of(article), "_save", tags=typed).status_code in {200, 302}
    assert all(len(name) <= 30 for name in names(article))


# --- Suggestions -------------------------------------------------------------------------------------


@pytest.fixture
def known() -> None:
    for name in ("劳务派遣", "派遣单位", "社保", "SMT普工"):
        Tag.objects.create(name=name)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("派遣", ["派遣单位", "劳务派遣"]),  # what begins with it first
        ("社", ["社保"]),
        ("smt", ["SMT普工"]),
        ("%", []),
        ("没有", []),
        ("", []),
        ("、", []),
        ("\x00", []),
        ("长" * 5000, []),
    ],
)
def test_what_is_typed_finds_known_tags(editor: Client, typed: str, suggested: list[str]) -> None:
    answer = editor.get(SUGGEST, {"q": typed})

    assert answer.status_code == 200
    assert answer.json() == {"tags": suggested}


@pytest.mark.usefixtures("known")
def test_suggestions_without_a_query_are_none(editor: Client) -> None:
    assert editor.get(SUGGEST).json() == {"tags": []}


def test_suggestions_are_ten_in_one_query(
    editor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(15):
        Tag.objects.create(name=f"社保{n}")

    with django_assert_num_queries(6):  # session, person, two for rights, the tags
        assert len(editor.get(SUGGEST, {"q": "社"}).json()["tags"]) == 10


def test_suggestions_are_only_asked_for(editor: Client) -> None:
    assert editor.post(SUGGEST, {"q": "社"}).status_code == 405


# --- The tags themselves -----------------------------------------------------------------------------


def test_the_list_of_tags_says_how_often_each_is_used(chief: Client) -> None:
    cast.article(tags=("社保",))
    cast.article(tags=("社保", "工伤"))

    uses = {tag.name: tag.uses for tag in chief.get(TAGS).context["cl"].result_list}

    assert uses == {"社保": 2, "工伤": 1}


def test_a_tag_is_renamed_on_all_articles(chief: Client) -> None:
    article = cast.article(tags=("社报",))

    press(chief, form_of(Tag.objects.get()), "_save", name="社保")

    assert names(Article.objects.get(pk=article.pk)) == ["社保"]


@pytest.mark.parametrize("name", ["工伤", "a、b", "a/b", "长" * 31, "", "空\x00"])
def test_a_tag_keeps_its_name_where_the_new_one_cannot_be(chief: Client, name: str) -> None:
    Tag.objects.create(name="工伤")
    tag = Tag.objects.create(name="社保")

    page = press(chief, form_of(tag), "_save", name=name)

    assert page.status_code == 200
    assert Tag.objects.get(pk=tag.pk).name == "社保"


def test_unused_tags_are_cleared_away_and_used_ones_stay(chief: Client) -> None:
    cast.article(tags=("社保",))
    unused = Tag.objects.create(name="没人用")
    used = Tag.objects.get(name="社保")

    page = act(chief, TAGS, "delete_unused", used, unused)

    assert "已删除 1 个没有使用的标签。" in said(page)
    assert list(Tag.objects.all()) == [used]
    assert chief.post(url("taggit_tag", "delete", used.pk), {"post": "yes"}).status_code == 403


def test_editors_do_not_delete_tags(editor: Client) -> None:
    unused = Tag.objects.create(name="没人用")

    act(editor, TAGS, "delete_unused", unused)

    assert Tag.objects.exists()


@pytest.mark.parametrize("view", ["changelist", "add"])
def test_tags_speak_chinese(chief: Client, view: str) -> None:
    Tag.objects.create(name="社保")

    assert english_in(chief.get(url("taggit_tag", view)).content.decode()) == []


def test_a_tag_that_is_dots_alone_is_none() -> None:
    """Its address would be that of the folder above."""
    assert tags.parse("./.、 .. 、社保 ") == ["社保"]


# --- Two tags that are made one -----------------------------------------------------------------------


def entered(tag: str) -> list[str]:
    """The titles on the page of a tag."""
    entries = TagEntry.objects.filter(tag__name=tag).order_by("article")
    return list(entries.values_list("article__title", flat=True))


def two_spellings() -> None:
    cast.article("写作大写的", tags=("SMT",))
    Tag.objects.create(name="smt")
    for title, spellings in {"写作小写的": ["smt"], "两样都写的": ["SMT", "smt"]}.items():
        article = cast.article(title)
        for name in spellings:
            article.tags.add(Tag.objects.get(name=name))


def test_tags_that_differ_in_case_are_made_one_with_their_pages() -> None:
    two_spellings()

    call_command("deduplicate_tags", stdout=StringIO())

    assert entered("SMT") == ["写作大写的", "写作小写的", "两样都写的"]
    assert entered("smt") == []


def test_the_row_of_a_tag_that_is_deleted_by_itself_takes_its_entry_along() -> None:
    two_spellings()

    for row in TaggedItem.objects.filter(tag__name="smt"):
        row.delete()

    assert entered("SMT") == ["写作大写的", "两样都写的"]
    assert entered("smt") == []


def test_rows_about_other_things_are_passed_by() -> None:
    kind = ContentType.objects.get_for_model(Category)
    row = TaggedItem.objects.create(
        tag=Tag.objects.create(name="社保"), content_type=kind, object_id=cast.article().pk
    )

    row.save()
    row.delete()

    assert entered("社保") == []
