"""Publishing in spite of a finding: who may, how long it holds, what is kept of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.compliance.decisions import assess, clear, justify, unresolved
from portal.cms.compliance.models import Decision, WordList
from portal.cms.publishing import Status
from portal.cms.revisions import actions
from portal.cms.revisions.content import content_of
from staffing.models import Faq
from tests import cast

pytestmark = pytest.mark.django_db

REASON = "引用获奖证书上的原文，证书存档。"


def boast(title: str = "深圳最大的劳务市场", **fields: Any) -> Article:
    return cast.draft(title, **fields)


def open_terms(article: Article) -> list[str]:
    return [found.detail for found in assess(article).open]


# --- Deciding -----------------------------------------------------------------------------------------


def test_a_decision_names_the_matter_the_reason_and_the_person() -> None:
    article = boast()
    justify(article, unresolved(article), f" {REASON} ", cast.laozhou())
    decision = Decision.objects.get()
    assert decision.item == article
    assert decision.item_title == "深圳最大的劳务市场"
    assert decision.finding == "标题：“最大”（广告法绝对化用语）"
    assert decision.excerpt == "深圳最大的劳务市场"
    assert (decision.reason, decision.by) == (REASON, cast.laozhou())
    assert decision.version == article.edit_version


def test_what_was_decided_is_no_longer_open_and_is_shown_with_the_decision() -> None:
    article = boast()
    justify(article, unresolved(article), REASON, cast.laozhou())
    assessment = assess(article)
    assert assessment.unresolved == []
    ((found, decision),) = assessment.decided
    assert (found.detail, decision.reason) == ("最大", REASON)


def test_a_decision_holds_while_the_same_term_stands_in_the_same_field() -> None:
    article = boast()
    justify(article, unresolved(article), REASON, cast.laozhou())
    article.title = "去年评出的最 大劳务市场"
    assert open_terms(article) == []
    article.title = "深圳最大最好的劳务市场"
    assert open_terms(article) == ["最好"]
    article.title, article.summary = "劳务市场", "深圳最大的劳务市场"
    assert open_terms(article) == ["最大"]


def test_a_decision_about_one_item_says_nothing_about_another() -> None:
    article, other = boast(), boast("全国最大的劳务市场")
    page = cast.page(title="最大的劳务市场")
    justify(article, unresolved(article), REASON, cast.laozhou())
    assert open_terms(other) == ["最大"]
    assert [found.detail for found in assess(page).open] == ["最大"]


def test_a_decision_about_an_answer_holds_in_whichever_row_it_is() -> None:
    service = cast.service()
    row = Faq.objects.create(service=service, question="快吗？", answer="最快半天到岗。")
    justify(service, unresolved(service), REASON, cast.amin())
    row.delete()
    Faq.objects.create(service=service, question="多久？", answer="最快半天到岗。")
    assert unresolved(service) == []


def test_the_latest_decision_is_shown() -> None:
    article = boast()
    found = unresolved(article)
    justify(article, found, REASON, cast.laozhou())
    justify(article, found, "换了一个理由。", cast.xiaolin())
    assert assess(article).decided[0][1].by == cast.xiaolin()


@pytest.mark.parametrize(
    "reason",
    [
        "",
        "   ",
        "行",
        "没问题",
        "\u200b" * 6 + "\u3000" * 2,
        "。" * 5,
        "没问题\u200b\u200b！！",
        "\u3164" * 6,
        "\u2800" * 6,
        "\x00" * 6,
    ],
)
def test_a_reason_that_says_nothing_is_none(reason: str) -> None:
    article = boast()
    with pytest.raises(ValidationError, match="至少 5 个字"):
        justify(article, unresolved(article), reason, cast.laozhou())
    with pytest.raises(ValidationError, match="说明理由"):
        clear(article, cast.laozhou(), reason)
    assert not Decision.objects.exists()


def test_signs_that_nobody_sees_are_not_recorded() -> None:
    article = boast()
    (decision,) = clear(article, cast.laozhou(), "\u3000引用\u200b证书\x00原文，\n见档案。\ufeff ")
    decision.refresh_from_db()
    assert decision.reason == "引用证书原文，\n见档案。"


def test_no_reason_settles_what_blocks() -> None:
    article = cast.draft(body="<p>〔图片缺失：https://mmbiz.example/1〕</p>")
    with pytest.raises(ValueError, match="blocks"):
        justify(article, unresolved(article), REASON, cast.laozhou())


def test_hints_are_not_asked_to_be_decided() -> None:
    article = cast.draft(body="<p>深圳最大的劳务市场。</p>")
    assert assess(article).hints
    assert unresolved(article) == []


# --- Before publishing ----------------------------------------------------------------------------------


def test_what_has_nothing_open_passes_without_a_record() -> None:
    assert clear(cast.draft(), cast.xiaolin()) == []
    assert not Decision.objects.exists()


def test_without_a_reason_the_matters_are_named() -> None:
    with pytest.raises(ValidationError) as refused:
        clear(boast("最大最好最快最全的市场"), cast.xiaolin())
    assert refused.value.messages == [
        "发布前请处理“审查”里的问题（标题的“最大”、标题的“最好”、标题的“最快”等 4 处），或在那里说明理由。"
    ]


def test_what_is_still_to_be_filled_in_is_said_along_with_it() -> None:
    with pytest.raises(ValidationError) as refused:
        clear(boast(rights_basis="", body=""), cast.xiaolin())
    first, second, third = refused.value.messages
    assert (first, second) == ("发布前请填写“正文”。", "发布前请填写“刊登依据”。")
    assert "标题的“最大”" in third


def test_a_reason_lets_it_pass_and_is_recorded_for_each_matter() -> None:
    article = boast("最大最好的市场")
    made = clear(article, cast.xiaolin(), REASON)
    assert {decision.key.rpartition(":")[2] for decision in made} == {"最大", "最好"}
    assert clear(article, cast.xiaolin()) == []
    assert Decision.objects.count() == 2


def test_a_missing_picture_is_not_talked_away() -> None:
    article = boast(body="<p>〔图片缺失：https://mmbiz.example/1〕</p>")
    with pytest.raises(ValidationError, match="发布前请改正"):
        clear(article, cast.xiaolin(), REASON)
    assert not Decision.objects.exists()


def test_of_a_live_item_the_pending_draft_is_looked_at() -> None:
    article = cast.article("劳务市场的一天")
    changed = content_of(article) | {"title": "最大的劳务市场"}
    actions.save(article, changed, cast.xiaolin())
    with pytest.raises(ValidationError, match="最大"):
        clear(article, cast.xiaolin())
    (decision,) = clear(article, cast.xiaolin(), REASON)
    assert decision.item_title == "最大的劳务市场"


# --- The record -----------------------------------------------------------------------------------------


def test_the_record_outlives_its_item() -> None:
    article = boast()
    justify(article, unresolved(article), REASON, cast.laozhou())
    article.delete()
    assert Decision.objects.get().item_title == "深圳最大的劳务市场"
    assert Decision.objects.get().item is None


def test_a_list_that_was_renamed_keeps_its_decisions() -> None:
    article = boast()
    justify(article, unresolved(article), REASON, cast.laozhou())
    WordList.objects.filter(name="广告法绝对化用语").update(name="绝对化")
    assert unresolved(article) == []


def test_long_things_are_cut_to_what_the_record_holds() -> None:
    article = boast("最" * 200)
    (*_, decision) = clear(article, cast.laozhou(), "理由" * 2000)
    decision.full_clean(exclude=["at"])


# --- What it costs ----------------------------------------------------------------------------------------


def test_deciding_is_asked_about_only_where_there_is_something_to_decide(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    plain, open_one = cast.draft("没有问题的稿"), boast()
    assess(plain)  # content types are known from here on
    with django_assert_num_queries(4):
        assess(plain)
    with django_assert_num_queries(5):
        assess(open_one)


@pytest.mark.both_databases
def test_near_duplicates_cost_no_more_than_is_said(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    text = (
        "职工上班途中受到非本人主要责任的交通事故伤害，应当认定为工伤。用人单位应当在三十日内提出认定申请；"
        "遇有特殊情况的，经报批准后期限可以适当延长。单位没有申请的，职工本人或者近亲属在一年内可以直接申请。"
        "申请时需要提交劳动关系证明、医疗诊断证明和事故经过说明，材料不完整的，会一次性书面告知需要补正的内容。"
    )
    for number in range(3):
        cast.article(f"工伤认定怎样申请 {number}", body=f"<p>{text}</p>")
    article = boast("工伤认定怎样申请：最大的变化", body=f"<p>{text}</p>")
    service = cast.service(body=f"<p>最好的服务：{text}</p>")
    article.body += '<p><img src="/x.png" data-file="7" alt=""></p>'
    assess(article)  # content types are known from here on
    with django_assert_max_num_queries(5 + 13):
        rules = {finding.rule for finding in assess(article).open}
    assert "near-text" in rules
    with django_assert_max_num_queries(5):
        assert assess(service).open


def test_what_is_new_has_no_decisions(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(3):
        assert assess(Article(title="最大的市场", status=Status.DRAFT)).open


def test_the_summary_counts_in_one_line() -> None:
    article = boast("最大最好的市场", body="<p>〔图片缺失：1〕急招！！</p>")
    assert assess(article).summary == "须改正 1 处，须处理 2 处，提示 2 处"
    justify(article, assess(article).open, REASON, cast.laozhou())
    assert assess(article).summary == "须改正 1 处，已说明理由 2 处，提示 2 处"
    assert assess(Article()).summary == "没有查到问题"
