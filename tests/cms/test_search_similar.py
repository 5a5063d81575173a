"""What is nearly the same, and what is alike: found from the tokens of the index."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.compliance.decisions import findings
from portal.cms.compliance.findings import Finding, Severity
from portal.cms.publishing import Status
from portal.cms.search import similar
from portal.cms.search.similar import near_texts, near_titles, phrases_of
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

INJURY = (
    "职工上班途中受到非本人主要责任的交通事故伤害，应当认定为工伤。用人单位应当在事故发生之日起三十日内，"
    "向统筹地区社会保险行政部门提出认定申请；遇有特殊情况的，经报批准后期限可以适当延长。单位没有申请的，"
    "职工本人或者近亲属在一年内可以直接申请。申请时需要提交劳动关系证明、医疗诊断证明和事故经过说明，"
    "材料不完整的，社会保险行政部门会一次性书面告知需要补正的全部内容。"
)
DORMITORY = (
    "新到厂的同事先在前台登记，领取宿舍钥匙和床上用品。每间宿舍住六个人，二十四小时供应热水，空调电费按表分摊。"
    "晚上十一点以后请保持安静，夜班同事白天需要休息。离职当天把钥匙交回宿管办公室，当面清点物品，押金一分不扣。"
    "宿舍里不准使用大功率电器，不准私拉电线给电动车充电，违反两次的会请你搬出去住。"
)
DISCLAIMER = (
    "本文由本站编辑部根据公开资料整理，仅供读者参考，不构成任何法律意见，具体以主管部门最新公布的文件为准，"
    "转载请注明出处并保留原文链接，如有侵权请与我们联系删除。"
)


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def draft(title: str = "另起的一篇", *texts: str, **fields: Any) -> Article:
    return cast.draft(title, body=paragraphs(*texts), **fields)


def texts_near(item: Article) -> dict[str, float]:
    return {str(near.item): near.share for near in near_texts(item)}


def titles_near(item: Article) -> list[str]:
    return [str(near.item) for near in near_titles(item)]


def only(item: Article, rule: str) -> Finding:
    (found,) = [found for found in findings(item) if found.rule == rule]
    return found


# --- Texts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        INJURY,
        INJURY.replace("，", ",").replace("。", "！").replace("；", "，"),
        INJURY.replace("，", "　，\u200b"),
        INJURY.replace("职工", "職工").replace("单位", "單位").replace("认定", "認定"),
    ],
)
def test_a_text_is_known_again_however_it_is_spelt(written: str) -> None:
    cast.article("工伤认定", body=paragraphs(INJURY))
    assert texts_near(draft("上下班路上出事", written)) == {"工伤认定": 1.0}


def test_a_text_half_rewritten_is_near_and_one_of_its_own_is_not() -> None:
    cast.article("工伤认定", body=paragraphs(INJURY))
    half = Article(title="改写", body=paragraphs(INJURY, DORMITORY[:130]))
    ((name, share),) = texts_near(half).items()
    assert name == "工伤认定"
    assert 0.5 <= share < 0.9
    assert texts_near(draft("宿舍须知", DORMITORY)) == {}


def test_the_same_disclaimer_under_two_texts_is_no_copy() -> None:
    cast.article("工伤认定", body=paragraphs(INJURY, DISCLAIMER))
    assert texts_near(draft("宿舍须知", DORMITORY, DISCLAIMER)) == {}


def test_what_many_texts_say_is_no_sign_of_a_copy() -> None:
    for number in range(similar.COMMON + 1):
        cast.article(f"第{number}个厂", body=paragraphs(DISCLAIMER, DISCLAIMER[::-1]))
    assert texts_near(draft("又一个厂", DISCLAIMER, DISCLAIMER[::-1])) == {}


def test_of_a_short_text_only_the_title_is_compared() -> None:
    cast.article("国庆节放假通知及值班安排", body=paragraphs(INJURY[:80]))
    item = draft("国庆节放假通知和值班安排", INJURY[:80])
    assert texts_near(item) == {}
    assert titles_near(item) == ["国庆节放假通知及值班安排"]


def test_an_item_is_not_near_itself_and_what_is_in_the_bin_does_not_count() -> None:
    cast.article("回收站里的", body=paragraphs(INJURY), deleted_at=timezone.now())
    item = cast.article("工伤认定", body=paragraphs(INJURY))
    assert texts_near(item) == {}
    assert titles_near(item) == []
    assert texts_near(draft("草稿", INJURY)) == {"工伤认定": 1.0}


def test_a_new_item_is_compared_before_it_is_saved() -> None:
    draft("已有的草稿", INJURY)
    assert texts_near(Article(title="新写的", body=paragraphs(INJURY))) == {"已有的草稿": 1.0}


def test_phrases_come_from_all_over_the_text_but_its_ends() -> None:
    text = "".join(f"第{number}句说的是另外一回事，" for number in range(100))
    found = ["".join(phrase.tokens) for phrase in phrases_of(text)]
    assert len(found) == similar.PHRASES
    assert "第" in found[0]
    assert phrases_of("一二三四，" * 100) == []
    assert phrases_of("") == []


# --- Titles --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "深圳劳务派遣单位年度核验通知（全文）",
        "深圳“劳务派遣”单位，年度核验通知",
        "深圳勞務派遣單位年度核驗通知",
        "关于深圳劳务派遣单位年度核验的通知",
    ],
)
def test_a_title_is_known_again_however_it_is_spelt(title: str) -> None:
    cast.article("深圳劳务派遣单位年度核验通知")
    cast.article("深圳劳务派遣单位名单")
    assert titles_near(draft(title)) == ["深圳劳务派遣单位年度核验通知"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2025年度核验工作通知", "2026年度核验工作通知"),
        ("招聘信息汇总第三期", "招聘信息汇总第四期"),
        ("工伤", "工资"),
        ("好", "坏"),
        ("", "没有标题"),
    ],
)
def test_titles_of_a_series_and_others_are_not_near(one: str, other: str) -> None:
    cast.draft(other)
    assert titles_near(draft(one)) == []


def test_the_nearest_come_first_and_no_more_than_wanted() -> None:
    for title in ("劳务派遣用工管理办法解读", "劳务派遣用工管理办法", "劳务派遣用工管理的办法"):
        cast.article(title)
    found = near_titles(draft("劳务派遣用工管理办法全文"), limit=2)
    assert [str(near.item) for near in found] == [
        "劳务派遣用工管理办法",
        "劳务派遣用工管理办法解读",
    ]


def test_an_old_title_is_found_behind_any_number_with_parts_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(similar, "CONSIDERED", 2)
    title = "派遣用工比例怎样计算"
    cast.article(title, **cast.live(9_000))
    for pair in similar.pairs_of(title):
        for number in range(3):
            cast.article(f"{pair}：另外的话{number}")
    assert titles_near(Article(title=title)) == [title]
    assert titles_near(Article(title="派遣用工的比例怎样计算")) == [title]


def test_what_is_in_the_bin_takes_no_place_of_what_is_near(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(similar, "CONSIDERED", 2)
    cast.article("派遣用工比例怎样计算", **cast.live(9_000))
    for _ in range(3):
        cast.article("派遣用工比例怎样计算", deleted_at=timezone.now())
    assert titles_near(draft("派遣用工的比例怎样计算")) == ["派遣用工比例怎样计算"]


# --- What an editor is told ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        (cast.live(5), Severity.MUST),
        (cast.live(-60), Severity.MUST),
        ({"status": Status.WITHDRAWN}, Severity.HINT),
    ],
)
def test_a_copy_of_what_is_on_the_site_is_to_be_decided(
    fields: dict[str, Any], severity: Severity
) -> None:
    first = cast.article("工伤认定", body=paragraphs(INJURY), **fields)
    found = only(draft("路上出事怎么办", INJURY), "near-text")
    assert found.severity == severity
    assert found.message == f"正文约 100% 与另一篇相同：工伤认定（{first.state.label}）"
    assert found.url == f"/admin/articles/article/{first.pk}/change/"


def test_half_a_copy_is_a_hint() -> None:
    cast.article("工伤认定", body=paragraphs(INJURY))
    found = only(draft("路上出事怎么办", INJURY, DORMITORY[:130]), "near-text")
    assert found.severity == Severity.HINT


def test_a_title_nearly_the_same_is_a_hint_and_the_same_one_is_told_once() -> None:
    cast.article("派遣用工的比例怎样计算")
    found = only(draft("派遣用工比例怎样计算"), "near-title")
    assert (found.severity, found.field) == (Severity.HINT, "title")
    assert "派遣用工的比例怎样计算（已发布）" in found.message


def test_the_same_title_is_told_once() -> None:
    cast.article("派遣用工的比例怎样计算")
    rules = [one.rule for one in findings(draft("派遣用工的比例怎样计算")) if one.field == "title"]
    assert rules == ["same-title"]


# --- What it costs ------------------------------------------------------------------------------------


def test_a_text_of_its_own_costs_six_queries_and_a_copy_eleven_at_most(
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    item = draft("工伤认定", INJURY)
    with django_assert_num_queries(similar.PHRASES // 2 + 1):
        near_texts(item)
    for number in range(8):
        cast.article(f"第{number}处", body=paragraphs(INJURY))
    with django_assert_max_num_queries(similar.PHRASES + 1):
        near_texts(item)


def test_titles_cost_two_queries_however_long_they_are(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    cast.article()
    item = Article(title="".join(chr(0x4E00 + number) for number in range(200)))
    with django_assert_num_queries(2):
        near_titles(item)
