"""Two contents put together: what one side changed stays, what both changed collides, nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from articles.models import Article
from portal.cms.publishing import Publishable
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.blocks import top_blocks
from portal.cms.revisions.content import content_of, same
from portal.cms.revisions.merge import Merge, Verdict, merge
from portal.cms.revisions.models import Event
from portal.cms.richtext.clean import clean
from staffing.models import Faq, Service
from tests import cast

pytestmark = pytest.mark.both_databases


def html(*paragraphs: str) -> str:
    return str(clean("".join(f"<p>{text}</p>" for text in paragraphs)))


def body(base: str | None, theirs: str, mine: str) -> Merge:
    known = None if base is None else {"body": base}
    return merge(Article, known, {"body": theirs}, {"body": mine})


def lines(base: list[str], theirs: list[str], mine: list[str]) -> Merge:
    return merge(Service, {"steps": base}, {"steps": theirs}, {"steps": mine})


# --- Values, tags ------------------------------------------------------------------------------------


def test_what_one_side_changed_is_taken_from_that_side() -> None:
    base = {"title": "原题", "summary": "原摘要", "pinned": False}

    merged = merge(
        Article,
        base,
        {"title": "对方的题", "summary": "原摘要", "pinned": True},
        {"title": "原题", "summary": "我的摘要", "pinned": True},
    )

    assert merged.collisions == []
    assert merged.content() == {"title": "对方的题", "summary": "我的摘要", "pinned": True}


def test_a_value_both_changed_collides_and_is_mine_unless_chosen() -> None:
    merged = merge(Article, {"title": "原题"}, {"title": "对方的题"}, {"title": "我的题"})

    assert [passage.key for passage in merged.collisions] == ["title"]
    assert merged.content() == {"title": "我的题"}
    assert merged.content({"title"}) == {"title": "对方的题"}


def test_tags_that_either_side_put_on_or_took_off() -> None:
    merged = merge(
        Article,
        {"tags": ["工伤", "社保"]},
        {"tags": ["工伤", "派遣", "社保"]},
        {"tags": ["外包", "社保"]},
    )

    assert merged.collisions == []
    assert merged.content() == {"tags": sorted(["外包", "派遣", "社保"])}


def test_without_a_beginning_what_differs_collides() -> None:
    theirs = {"title": "同题", "summary": "对方", "tags": ["社保"], "body": html("一", "二")}
    mine = {"title": "同题", "summary": "我", "tags": ["工伤"], "body": html("一", "三")}

    merged = merge(Article, None, theirs, mine)

    assert merged.content() == mine
    keys = [passage.key for passage in merged.collisions]
    assert keys == ["summary", "tags", "body.1"]
    assert merged.content(keys) == theirs


def test_fields_that_came_with_a_new_version_of_the_site_are_theirs() -> None:
    merged = merge(Article, {"title": "题"}, {"title": "题", "ai_assisted": True}, {"title": "改"})

    assert merged.content() == {"title": "改", "ai_assisted": True}


# --- Paragraphs --------------------------------------------------------------------------------------

FIRST = "劳务派遣单位应当依法取得经营许可。"
SECOND = "用工单位应当核对许可证的有效期。"
THIRD = "被派遣劳动者享有同工同酬的权利。"


@pytest.mark.parametrize(
    ("theirs", "mine", "merged"),
    [
        # Paragraphs apart, paragraphs next to each other.
        ([FIRST + "甲", SECOND, THIRD], [FIRST, SECOND, THIRD + "乙"], [FIRST + "甲", SECOND, THIRD + "乙"]),
        ([FIRST + "甲", SECOND, THIRD], [FIRST, SECOND + "乙", THIRD], [FIRST + "甲", SECOND + "乙", THIRD]),
        # One added beside one that was changed; one taken out.
        ([FIRST, "新的一段。", SECOND, THIRD], [FIRST, SECOND + "乙", THIRD], [FIRST, "新的一段。", SECOND + "乙", THIRD]),
        ([SECOND, THIRD], [FIRST, SECOND, THIRD, "结尾。"], [SECOND, THIRD, "结尾。"]),
        # The same change on both sides, and one more.
        ([FIRST + "甲", SECOND, THIRD], [FIRST + "甲", SECOND, THIRD + "乙"], [FIRST + "甲", SECOND, THIRD + "乙"]),
        # All of theirs reworded, one of them by me in a place of my own.
        ([FIRST + "甲", SECOND + "甲", THIRD], [FIRST, SECOND, "开头", THIRD], [FIRST + "甲", SECOND + "甲", "开头", THIRD]),
    ],
)  # fmt: skip
def test_changes_of_different_paragraphs_merge(
    theirs: list[str], mine: list[str], merged: list[str]
) -> None:
    result = body(html(FIRST, SECOND, THIRD), html(*theirs), html(*mine))

    assert result.collisions == []
    assert result.content()["body"] == html(*merged)


def test_the_same_paragraph_collides_and_the_others_merge() -> None:
    base = html(FIRST, SECOND, THIRD)
    theirs = html(FIRST, SECOND + "对方加的。", THIRD + "对方的结尾。")
    mine = html("我的开头。" + FIRST, SECOND + "我加的。", THIRD)

    merged = body(base, theirs, mine)

    (collision,) = merged.collisions
    assert collision.base == [html(SECOND)]
    assert collision.theirs == [html(SECOND + "对方加的。")]
    assert collision.mine == [html(SECOND + "我加的。")]
    ends = ("我的开头。" + FIRST, THIRD + "对方的结尾。")
    assert merged.content()["body"] == html(ends[0], SECOND + "我加的。", ends[1])
    chosen = merged.content({collision.key})["body"]
    assert chosen == html(ends[0], SECOND + "对方加的。", ends[1])


def test_a_paragraph_one_took_out_and_the_other_changed_collides() -> None:
    merged = body(html(FIRST, SECOND), html(FIRST), html(FIRST, SECOND + "改"))

    (collision,) = merged.collisions
    assert collision.theirs == []
    assert merged.content()["body"] == html(FIRST, SECOND + "改")
    assert merged.content({collision.key})["body"] == html(FIRST)


def test_two_additions_in_one_place_collide() -> None:
    merged = body(html(FIRST), html(FIRST, "对方加的"), html(FIRST, "我加的"))

    (collision,) = merged.collisions
    assert (collision.theirs, collision.mine) == ([html("对方加的")], [html("我加的")])


def test_headings_lists_and_tables_are_blocks() -> None:
    parts = [
        "<h2>条件</h2>",
        "<ul><li>许可证</li><li>注册资本</li></ul>",
        "<table><tbody><tr><td>深圳</td><td>二倍</td></tr></tbody></table>",
        "<p>结尾</p>",
    ]
    base = str(clean("".join(parts)))
    theirs = base.replace("条件", "准入条件").replace("二倍", "三倍")
    mine = base.replace("注册资本", "注册资本二百万").replace("结尾", "完")

    merged = body(base, theirs, mine)

    assert merged.collisions == []
    both = theirs.replace("注册资本", "注册资本二百万").replace("结尾", "完")
    assert merged.content()["body"] == both


def test_lines_merge_like_paragraphs() -> None:
    merged = lines(
        ["报名", "面试", "入职"], ["报名", "面试", "体检", "入职"], ["网上报名", "面试", "入职"]
    )

    assert merged.collisions == []
    assert merged.content()["steps"] == ["网上报名", "面试", "体检", "入职"]


# --- Rows --------------------------------------------------------------------------------------------


def row(question: str, answer: str = "答", **more: Any) -> dict[str, Any]:
    return {**more, "question": question, "answer": answer}


def rows(base: list[Any] | None, theirs: list[Any], mine: list[Any]) -> Merge:
    known = None if base is None else {"faqs": base}
    return merge(Service, known, {"faqs": theirs}, {"faqs": mine})


def test_rows_that_different_people_changed_added_and_took_out() -> None:
    base = [row("一", id=1), row("二", id=2), row("三", id=3)]

    merged = rows(
        base,
        [row("一", "对方改", id=1), row("二", id=2), row("三", id=3), row("对方加", id=4)],
        [row("一", id=1), row("三", "我改", id=3), row("我加")],
    )

    assert merged.collisions == []
    assert merged.content()["faqs"] == [
        row("一", "对方改", id=1),
        row("三", "我改", id=3),
        row("对方加", id=4),
        row("我加"),
    ]


def test_a_row_both_changed_collides() -> None:
    merged = rows([row("一", id=1)], [row("一", "对方", id=1)], [row("一", "我", id=1)])

    (collision,) = merged.collisions
    assert merged.content()["faqs"] == [row("一", "我", id=1)]
    assert merged.content({collision.key})["faqs"] == [row("一", "对方", id=1)]


def test_a_row_taken_out_by_one_and_changed_by_the_other_is_not_lost() -> None:
    merged = rows([row("一", id=1)], [], [row("一", "改过", id=1)])

    assert len(merged.collisions) == 1
    assert merged.content()["faqs"] == [row("一", "改过", id=1)]


def test_rows_written_down_before_they_had_a_number_are_known_by_their_question() -> None:
    merged = rows([row("一")], [row("一", id=7)], [row("一", "我改", id=7)])

    assert merged.collisions == []
    assert merged.content()["faqs"] == [row("一", "我改", id=7)]


def test_the_same_new_row_of_both_is_there_once() -> None:
    merged = rows([], [row("新", id=5)], [row("新")])

    assert merged.collisions == []
    assert merged.content()["faqs"] == [row("新", id=5)]


# --- Anything at all -----------------------------------------------------------------------------------

# Few different paragraphs, some alike: so that texts repeat themselves, move and collide.
PARAGRAPHS = st.sampled_from(
    [FIRST, SECOND, THIRD, FIRST + "甲", FIRST + "乙", SECOND + "甲", "短", "另一段", "甲", "乙"]
)
BLOCKS = st.one_of(
    PARAGRAPHS.map(lambda text: f"<p>{text}</p>"),
    PARAGRAPHS.map(lambda text: f"<h2>{text}</h2>"),
    st.lists(PARAGRAPHS, min_size=1, max_size=2).map(
        lambda items: f"<ul>{''.join(f'<li>{text}</li>' for text in items)}</ul>"
    ),
    st.just("<hr>"),
)
TEXTS = st.lists(BLOCKS, max_size=9).map(lambda blocks: str(clean("".join(blocks))))
ROWS = st.lists(
    st.fixed_dictionaries(
        {"question": st.sampled_from("一二三"), "answer": st.sampled_from("甲乙")},
        optional={"id": st.integers(1, 4)},
    ),
    max_size=4,
    unique_by=lambda row: row.get("id", str(row)),
)
TITLES = st.sampled_from(["题", "新题", "改题", ""])
TAGS = st.lists(st.sampled_from(["社保", "工伤", "派遣"]), unique=True).map(sorted)
LINES = st.lists(PARAGRAPHS, max_size=5)
ARTICLES = st.fixed_dictionaries({"title": TITLES, "body": TEXTS, "tags": TAGS})
SERVICES = st.fixed_dictionaries({"name": TITLES, "body": TEXTS, "steps": LINES, "faqs": ROWS})


def models_and_contents(count: int) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.tuples(st.just(Article), *[ARTICLES] * count),
        st.tuples(st.just(Service), *[SERVICES] * count),
    )


@given(models_and_contents(2))
def test_where_only_one_side_changed_anything_the_result_is_that_side(given: Any) -> None:
    model, base, changed = given
    for theirs, mine in ((changed, base), (base, changed), (changed, changed)):
        merged = merge(model, base, theirs, mine)
        assert merged.collisions == []
        assert same(merged.content(), changed)


@given(models_and_contents(2))
def test_without_a_beginning_the_result_is_one_side_or_the_other(given: Any) -> None:
    model, theirs, mine = given
    merged = merge(model, None, theirs, mine)
    # Rows may come in another order: their own field says in which they are shown.
    assume(not (theirs.get("faqs") or mine.get("faqs")))
    assert same(merged.content(), mine)
    assert same(merged.content({p.key for p in merged.collisions}), theirs)


def said_by(model: type[Publishable], content: dict[str, Any]) -> set[str]:
    """Return everything a content says, piece by piece: blocks, lines, tags, rows."""
    found = {content.get("title", ""), content.get("name", "")}
    found |= set(top_blocks(content["body"]))
    found |= {*content.get("steps", []), *content.get("tags", [])}
    return found | {f"{r['question']} {r['answer']}" for r in content.get("faqs", [])}


@given(models_and_contents(3))
def test_nothing_that_either_side_added_is_lost(given: Any) -> None:
    model, base, theirs, mine = given
    merged = merge(model, base, theirs, mine)

    result = said_by(model, merged.content())
    every_theirs = said_by(model, merged.content({p.key for p in merged.collisions}))
    before = said_by(model, base)
    assert said_by(model, mine) - before <= result
    assert said_by(model, theirs) - before <= every_theirs


@given(models_and_contents(3))
def test_merging_is_the_same_every_time_and_says_of_every_passage_what_became_of_it(
    given: Any,
) -> None:
    model, base, theirs, mine = given
    merged = merge(model, base, theirs, mine)

    assert merge(model, base, theirs, mine) == merged
    keys = [passage.key for field in merged.fields for passage in field.passages]
    assert len(keys) == len(set(keys))
    for passage in (p for field in merged.fields for p in field.passages):
        if passage.verdict == Verdict.SAME:
            assert passage.base == passage.theirs == passage.mine == passage.merged
        elif passage.verdict == Verdict.THEIRS:
            assert passage.merged == passage.theirs != passage.mine
        elif passage.verdict == Verdict.MINE or passage.verdict == Verdict.COLLISION:
            assert passage.merged == passage.mine != passage.theirs
    assert clean(merged.content()["body"]) == merged.content()["body"]


# --- Saved ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_merge_can_be_saved() -> None:
    service = cast.service(steps=["报名", "入职"], body=html(FIRST, SECOND))
    faq = Faq.objects.create(service=service, question="几天到岗？", answer="三天。")
    base = content_of(service)
    mine = {
        **base,
        "steps": ["网上报名", "入职"],
        "body": html(FIRST + "我改。", SECOND),
        "faqs": [{**base["faqs"][0], "answer": "两天。"}, {**base["faqs"][0], "id": None, "question": "几人起？"}],
    }  # fmt: skip
    theirs = {
        **base,
        "name": "派遣服务",
        "body": html(FIRST, SECOND + "对方改。"),
        "price_from": "180.00",
    }
    service.status = "draft"
    service.save()
    actions.save(service, theirs, cast.laozhou())

    merged = merge(Service, base, drafts.working_content(service), mine)
    actions.save(service, merged.content(), cast.amin(), Event.MERGED)

    stored = Service.objects.get(pk=service.pk)
    assert same(content_of(stored), merged.content())
    assert (stored.name, stored.steps) == ("派遣服务", ["网上报名", "入职"])
    assert stored.body == html(FIRST + "我改。", SECOND + "对方改。")
    answers = dict(stored.faqs.values_list("question", "answer"))
    assert answers == {"几天到岗？": "两天。", "几人起？": "三天。"}
    faq.refresh_from_db()
    assert faq.answer == "两天。"
