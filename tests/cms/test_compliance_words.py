"""The word lists a site begins with: what they find, what they leave alone, and how fast."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from portal.cms.compliance.decisions import findings
from portal.cms.compliance.findings import Severity
from portal.cms.compliance.models import Level, Place, WordList
from portal.cms.compliance.words import SIMPLIFIED, Lexicon, fold
from tests import cast

pytestmark = pytest.mark.django_db

seed = import_module("portal.cms.migrations.0004_words")
EVERYWHERE = list(Place)


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon.load()


def of(lexicon: Lexicon, text: str, *places: Place) -> Iterator[str]:
    for place in places or EVERYWHERE:
        yield from (hit.term for hit in lexicon.hits(text, place))


def made(pk: int, terms: str, allowed: str = "", exempt_after: str = "") -> WordList:
    """A list that is strict everywhere; each text holds its lines, with spaces between."""
    fields: dict[str, Any] = dict.fromkeys(Place.values, Level.MUST)
    lines = {"terms": terms, "allowed": allowed, "exempt_after": exempt_after}
    fields |= {name: text.split() for name, text in lines.items()}
    return WordList(pk=pk, name=f"试验之{pk}", **fields)


def words(terms: str, allowed: str = "", exempt_after: str = "") -> Lexicon:
    return Lexicon([made(1, terms, allowed, exempt_after)])


# --- Sentences of the trade that say nothing wrong ---------------------------------------------------

HARMLESS = """
用人单位支付的工资不得低于当地最低工资标准，具体数额以主管部门最新公布为准。
享受城乡居民最低生活保障的家庭，可以向户籍所在地街道申请就业援助。
被派遣劳动者无工作期间，派遣单位按不低于最低工资标准的数额按月支付报酬。
最低就业年龄为十六周岁，招用时须核对身份证原件。
夜班补贴最少每班三十元，最多不超过五十元。
试用期最长不得超过六个月，同一用人单位与同一劳动者只能约定一次试用期。
最迟在用工之日起一个月内订立书面劳动合同。
最近一次体检报告请在报到当天带来。
我们会在第一时间把处理结果告诉您。
《劳动合同法》第一条写明了立法目的，第一款与第二款的适用条件不同。
第一，核对经营许可证；第二，核对派遣协议；第三，看发薪记录。
第一个月按实际出勤天数计发工资，第一次结算在次月十五日。
本年第一季度的社保基数调整，单位须在第一周内完成申报。
请到第一工业园二号门集合，班车七点二十分发车。
安全第一，预防为主；进车间前先戴好防护眼镜。
第一申请人应当在庭审前提交证据清单。
双方对管辖有争议的，由最高人民法院指定管辖。
当日最高气温达到三十七摄氏度以上的，室外作业时间全天累计不超过六小时。
医疗期最长为二十四个月，病假工资不低于最低工资的 80%。
加班工资按本人工资的 100%、150% 和 200% 分别核算的，以合同约定为准。
企业按基本工资的100%支付停工第一个支付周期的工资。
职工因工致残被鉴定为一级伤残的，按永久丧失劳动能力办理。
用人单位与劳动者可以约定工资保证金以外的履约保证金由施工单位存储。
我们把面试、签约、报到做成统一流程，每一步都有人跟。
外包过程由承揽方自行管理，承包过程中的安全责任在合同里写清楚。
派遣公司积极致力于减少临时工的流动。
员工社保录入系统后，次月可以在手机上查到。
请在三日内完成参保录入，保录音文件至少一年。
公司提高薪酬的办法，是按技能等级定级定薪。
货架面包过期要当班下架，并登记数量。
本岗位男女不限，户籍不限，经验不限。
不限男女，不限户籍，能适应两班倒即可。
招聘时不得限男性，不得要求已婚已育。
没有户籍限制，外地来深人员同样可以报名。
合同期限女职工在孕期、产期、哺乳期内的，顺延至相应情形消失。
公司无性别要求，无民族要求，欢迎退役军人报名。
我们不收报名费、押金、服装费和体检费，也不扣身份证。
入职体检费由公司承担，凭发票报销。
没有服装费、体检费，工服由公司统一发放。
严禁向求职者收取任何形式的押金或者保证金。
凡要求先交钱的，请立即拨打监督电话。
无须缴纳报名费，面试当天签协议。
本人抵押金额与工资无关，银行手续费由单位承担。
工资按月支付，发薪日为每月十五日，不当面议价。
多方面议定的方案写进补充协议。
书记员应当将庭审活动记入笔录。
证书记载的经营范围与实际业务应当一致。
申请书记明请求事项、事实与理由。
本市委托的社保经办机构可以代收材料。
由园区委派的驻厂人员每天到现场。
公司党组织与工会共同听取一线职工的意见。
行政协议与劳动合同不同，不适用仲裁前置。
深圳市长期在册的派遣单位可以直接申请延续。
东莞市长安镇的厂区有直达班车，惠州也设了接驳点。
湖南省长沙市户籍的员工，异地参保记录可以转入。
跨省长途客运的车票凭票报销。
保险公司总理赔额以保单为准。
条例由市人大常委会通过，自明年一月一日起施行。
门店督导员每周巡店一次，填写检查表。
这不是唯一的办法，也可以走调解。
投诉处理请拨打热线，工作日最晚次日回复。
本表的唯一编号用于查询，请勿转发。
广告里不得使用“国家级”“最高级”“最佳”等用语。
TOP500 榜单与 TOP10 岗位每周更新一次。
客户是一家国家级专精特新企业，主要生产连接器。
我们不承诺最好，也不说第一，只把流程写清楚。
报名时请填写首选联系方式，电话或者微信都可以。
研发岗要求毕业于一流大学或者一流学科。
派遣员工100%参保，劳动合同签订率100%。
独家代理合同到期以前，双方书面确认是否续签。
会用万能表和万能角度尺的电工先安排面试。
新引进的人才最高补贴三万元，以最新印发的办法为准。
厂区接驳车最远到松岗，最好自带水杯。
请核对第1条、第2条和第1-3项，第①、2款不适用。
第一至三章讲总则，第一和第二章须在第1次培训时讲完。
招聘会设在第一车间门口，第一志愿先面试。
性别：男女不限，学历不限。
省职业技能竞赛冠军可以直接认定为高级工。
客户是农业产业化龙头，也是省级重点龙头企业。
车间绝对湿度按工艺要求控制，湿度100%时停机。
航空前台岗位需要倒班，身高不作要求。
劳动者永久伤残的，待遇按伤残等级核定。
双方书面议定加班安排，没有写明的按法律执行。
日常委托事项由驻厂人员办理，经常委派的同事轮换。
不得销毁被扣押证据材料的清单。
待遇高。薪资每月十五日发放。
夜班补贴过万。能吃苦的老员工不少。
勞動者的最低工資標準由省級人民政府規定，最後以公佈的為準。
""".strip().splitlines()


@pytest.mark.parametrize("sentence", HARMLESS)
def test_a_sentence_of_the_trade_is_left_alone_wherever_it_stands(
    lexicon: Lexicon, sentence: str
) -> None:
    assert list(of(lexicon, sentence)) == []


def test_there_are_enough_sentences_to_mean_something() -> None:
    assert len(set(HARMLESS)) >= 80


# --- What has to be found ----------------------------------------------------------------------------

PAGES, JOBS, NEWS, HEADLINES = Place.PAGES, Place.JOBS, Place.NEWS, Place.HEADLINES
FOUND = [
    ("深圳最大的劳务派遣公司", PAGES, "最大"),
    ("本地最专业的驻厂团队", PAGES, "最专"),
    ("全市最低价，随叫随到", PAGES, "最低"),
    ("最好的服务，最快的响应", PAGES, "最好"),
    ("华南第一品牌", PAGES, "第一"),
    ("行业第一，服务千家企业", PAGES, "第一"),
    ("深圳唯一获批的派遣单位", PAGES, "唯一"),
    ("国家级诚信单位", HEADLINES, "国家级"),
    ("顶级猎头，极致服务", PAGES, "顶级"),
    ("一流的管理，一流的员工", PAGES, "一流"),
    ("遥遥领先同行", PAGES, "领先"),
    ("人力资源行业的龙头", PAGES, "龙头"),
    ("客户满意率达 100%", PAGES, "100%"),
    ("百分之百到岗", PAGES, "百分之百"),
    ("用工零风险，全程无忧", PAGES, "零风险"),
    ("绝对正规，绝对放心", PAGES, "绝对"),
    ("招工难？我们是 No.1", PAGES, "no.1"),
    ("连续三年 TOP1", PAGES, "top1"),
    ("独家渠道，首家驻厂", PAGES, "独家"),
    ("史无前例的返费", JOBS, "史无前例"),
    ("高薪急聘普工", JOBS, "高薪"),
    ("无需经验高薪诚聘", JOBS, "无需经验高薪"),
    ("体检包过，当天入职", JOBS, "包过"),
    ("保录用，轻松过万", JOBS, "保录"),
    ("包分配宿舍之外还包就业", JOBS, "包分配"),
    ("政府合作项目，名额有限", PAGES, "政府合作"),
    ("官方指定招聘单位", HEADLINES, "官方指定"),
    ("入职须交押金二百元", JOBS, "押金"),
    ("服装费 120 元从首月工资扣", JOBS, "服装费"),
    ("体检费自理", JOBS, "体检费"),
    ("报名费五十元，不合适不退", JOBS, "报名费"),
    ("不满一个月不退押金", JOBS, "押金"),
    ("收身份证原件统一保管", JOBS, "收身份证原件"),
    ("限男性，四十五岁以下", JOBS, "限男"),
    ("只招女工，长白班", JOBS, "只招女"),
    ("男性优先，能吃苦", JOBS, "男性优先"),
    ("已婚已育者优先考虑", JOBS, "已婚已育"),
    ("仅限深户，本地人优先", JOBS, "限深户"),
    ("不招外地人", JOBS, "不招外地"),
    ("不要河南的，不招新疆的", JOBS, "不要河南"),
    ("少数民族勿扰", JOBS, "少数民族勿"),
    ("身体无残疾、无乙肝", JOBS, "无残疾"),
    ("薪资面议", JOBS, "面议"),
    ("区委书记到园区督导", NEWS, "区委"),
    ("市长视察招聘会", HEADLINES, "市长"),
    ("深圳市委常委会召开会议", NEWS, "市委"),
]


@pytest.mark.parametrize(("sentence", "place", "term"), FOUND)
def test_what_the_lists_are_for_is_found(
    lexicon: Lexicon, sentence: str, place: Place, term: str
) -> None:
    assert term in of(lexicon, sentence, place)


@pytest.mark.parametrize(
    "written",
    [
        "最\u200b佳雇主",
        "最 佳雇主",
        "最\u3000佳雇主",
        "最\u00a0佳雇主",
        "最\ufeff佳雇主",
        "最\u2060佳雇主",
        "最\u0336佳\u0336雇主",
    ],
)
def test_spaces_and_invisible_signs_hide_nothing(lexicon: Lexicon, written: str) -> None:
    assert list(of(lexicon, written, PAGES)) == ["最佳"]


@pytest.mark.parametrize(
    ("written", "term"),
    [("Ｎｏ．１", "no.1"), ("ＴＯＰ１", "top1"), ("１００％", "100%"), ("tOp 1", "top1")],
)
def test_neither_width_nor_case_hides_anything(lexicon: Lexicon, written: str, term: str) -> None:
    assert list(of(lexicon, f"我们是{written}！", PAGES)) == [term]


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("最·佳雇主", "最佳"),
        ("最-佳雇主", "最佳"),
        ("最＿佳雇主", "最佳"),
        ("最。佳雇主", "最佳"),
        ("最.佳雇主", "最佳"),
        ("最 ・・ 佳雇主", "最佳"),
        ("国家*级雇主", "国家级"),
        ("国～家•级雇主", "国家级"),
        ("國家級雇主", "国家级"),
        ("獨家雇主", "独家"),
        ("絕對可靠", "绝对"),
        ("第1品牌", "第一"),
        ("行业第①", "第一"),
        ("行业第１，服务千家", "第一"),
        ("唯1雇主", "唯一"),
        ("高·薪招工", "高薪"),
    ],
)
def test_neither_marks_nor_other_spellings_hide_anything(
    lexicon: Lexicon, written: str, term: str
) -> None:
    assert list(of(lexicon, written, PAGES)) == [term]


def test_the_end_of_a_sentence_or_line_keeps_two_signs_apart() -> None:
    lexicon = words("高薪 最佳 领导品牌")
    assert list(of(lexicon, "待遇高。薪资月结，感谢领导。品牌介绍；价格最\n·佳节", PAGES)) == []
    assert list(of(lexicon, "价格最。\n佳节", PAGES)) == []


def test_a_mark_makes_no_allowed_phrase_of_a_term() -> None:
    lexicon = words("首选 第一", "首选联系 第一时间")
    assert list(of(lexicon, "派遣首选-联系我们，服务第一·时间短", PAGES)) == ["首选", "第一"]
    assert list(of(lexicon, "甲·首选联系·乙", PAGES)) == []


def test_a_one_in_a_number_or_a_range_stays_one() -> None:
    assert list(of(words("第一 唯一"), "第10、第1-3条、第1至2项、第1.2节、唯12", PAGES)) == []


def test_traditional_signs_stand_for_one_simple_sign_each() -> None:
    assert not set(SIMPLIFIED) & set(SIMPLIFIED.values())


def test_a_latin_term_is_not_found_within_a_longer_word_or_number(lexicon: Lexicon) -> None:
    assert list(of(lexicon, "TOP10、TOP100、STOP1、No.12、2100%、NO1A", PAGES)) == []
    assert list(of(lexicon, "TOP1 2026 年榜单", PAGES)) == ["top1"]


def test_a_term_is_not_put_together_from_two_paragraphs() -> None:
    assert list(of(words("最佳"), "价格最\n佳节将至", PAGES)) == []


# --- Ages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "limit"),
    [
        ("普工招聘，35岁以下", "35岁以下"),
        ("普工招聘，３５ 周岁以内", "３５ 周岁以内"),
        ("普工招聘，18 — 35岁", "18 — 35岁"),
        ("普工招聘，18岁至四十五岁", "18岁至四十五岁"),
        ("普工招聘，35岁（含）及以下", "35岁（含）及以下"),
        ("普工招聘，不超过四十周岁", "不超过四十周岁"),
        ("急招分拣员，年龄限 45", "年龄限 45"),
    ],
)
def test_a_limit_of_age_is_a_hint_in_jobs_and_in_headlines_that_advertise_some(
    title: str, limit: str
) -> None:
    for item in (cast.job(title=title), cast.draft(title)):
        (found,) = [one for one in findings(item) if one.rule == "age-limit"]
        assert (found.severity, found.field) == (Severity.HINT, "title")
        assert found.excerpt is not None
        assert found.excerpt.matter == limit


@pytest.mark.parametrize(
    "title",
    [
        "招聘普工，18 岁以上",
        "招聘普工，无年龄限制",
        "招聘不得使用16岁以下的童工",
        "60岁以下灵活就业人员怎样参保",
    ],
)
def test_other_ages_are_no_limits(title: str) -> None:
    assert all(one.rule != "age-limit" for one in findings(cast.draft(title)))


# --- Where it stands ----------------------------------------------------------------------------------


def test_a_hit_gives_its_place_in_the_text_as_it_was_written() -> None:
    text = "本店ＮＯ．１，价格 最\u200b\u3000佳 ，百分㏌"
    found = [text[hit.start : hit.end] for hit in words("no.1 最佳").hits(text, PAGES)]
    assert found == ["ＮＯ．１", "最\u200b\u3000佳"]


def test_marks_left_out_before_it_do_not_move_a_hit() -> None:
    text = "甲·乙-丙…國·家**級，第①·名、最。佳\n最_佳"
    found = [text[hit.start : hit.end] for hit in words("国家级 第一 最佳").hits(text, PAGES)]
    assert found == ["國·家**級", "第①", "最。佳", "最_佳"]


def test_folding_keeps_a_place_for_each_sign() -> None:
    text = "Ａ ①\u200b㎏\n最"
    folded = fold(text)
    assert folded.text == "a1kg。最"
    assert [text[at] for at in folded.origin] == ["Ａ", "①", "㎏", "㎏", "\n", "最"]


# --- Lists -------------------------------------------------------------------------------------------


def test_of_terms_that_overlap_only_the_outer_one_is_found() -> None:
    lexicon = words("高薪 无需经验高薪 经验")
    assert list(of(lexicon, "无需经验高薪", PAGES)) == ["无需经验高薪"]


def test_an_allowed_phrase_covers_only_what_lies_inside_it() -> None:
    lexicon = words("国家级 家级", "国家")
    assert list(of(lexicon, "国家级", PAGES)) == ["国家级"]
    assert (
        list(of(words("最*", "最近 最低工资"), "最近，最低工资最低，最低价", PAGES)) == ["最低"] * 2
    )


def test_an_allowed_phrase_of_one_list_allows_nothing_in_another() -> None:
    one, other = made(1, "保证金"), made(2, "保证", allowed="保证金")
    assert list(of(Lexicon([one, other]), "交保证金", JOBS)) == ["保证金"]


def test_a_star_stands_for_one_letter_and_not_for_a_mark() -> None:
    assert list(of(words("最*"), "最。最好，最", PAGES)) == ["最好"]


def test_a_negation_right_before_the_term_makes_it_harmless() -> None:
    lexicon = words("限男", exempt_after="不 无")
    assert list(of(lexicon, "不限男女，限男性", PAGES)) == ["限男"]


def test_a_negation_with_a_star_holds_to_the_end_of_its_clause() -> None:
    lexicon = words("押金", exempt_after="不收*")
    assert list(of(lexicon, "不收报名费、押金", JOBS)) == []
    assert list(of(lexicon, "不收报名费，但收押金", JOBS)) == ["押金"]


def test_an_allowed_phrase_may_begin_with_the_sign_before_it() -> None:
    lexicon = words("第一", "。第一，")
    assert list(of(lexicon, "第一，核对证照。\n第一，看合同。第一，签字。", PAGES)) == []
    assert list(of(lexicon, "行业第一，服务千家企业", PAGES)) == ["第一"]


def test_a_list_is_silent_where_it_is_off_and_when_it_is_switched_off(lexicon: Lexicon) -> None:
    assert list(of(lexicon, "押金二百元", NEWS)) == []
    WordList.objects.update(active=False)
    assert list(of(Lexicon.load(), "押金二百元", JOBS)) == []


def test_the_lists_are_made_ready_anew_only_when_one_has_changed(lexicon: Lexicon) -> None:
    assert Lexicon.load() is lexicon
    WordList.objects.filter(active=True).first().save()  # type: ignore[union-attr]
    assert Lexicon.load() is not lexicon


def test_regulations_are_spared_by_the_lists_that_say_so(lexicon: Lexicon) -> None:
    text = "市委常委会研究决定，评选最佳单位。"
    spared = [hit.term for hit in lexicon.hits(text, NEWS, regulation=True)]
    assert spared == ["最佳"]


def test_no_list_finds_nothing() -> None:
    assert list(of(Lexicon([]), "最佳")) == []


# --- How fast -----------------------------------------------------------------------------------------


def seconds(lexicon: Lexicon, text: str) -> float:
    """Return the shortest of three runs: the others waited for the machine."""
    times = []
    for _ in range(3):
        start = time.process_time()
        assert any(True for _ in lexicon.hits(text, NEWS))
        times.append(time.process_time() - start)
    return min(times)


def test_a_hundred_thousand_signs_and_five_hundred_terms_take_no_time() -> None:
    text = ("".join(HARMLESS) * 60)[:100_000]
    lexicon = words(" ".join(f"最{chr(0x4E00 + n)}{chr(0x5E00 + n)}" for n in range(500)) + " 最佳")
    assert seconds(lexicon, f"{text}最佳") < 2  # 0.06 on the machine this was written on


@pytest.mark.parametrize(
    "unit", ["最", "最佳", "不收报名费、", "第一", "一" * 40, "最·", "最。", "·", "第1-"]
)
def test_time_grows_with_the_text_and_not_faster(lexicon: Lexicon, unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    short, long = (seconds_of_all(lexicon, text[:size]) for size in (5_000, 20_000))
    assert long < 12 * short + 0.2


def seconds_of_all(lexicon: Lexicon, text: str) -> float:
    start = time.process_time()
    sum(1 for place in EVERYWHERE for _ in lexicon.hits(text, place))
    return time.process_time() - start


# --- The lists a site begins with ----------------------------------------------------------------------


def test_a_new_site_has_the_lists() -> None:
    names = {
        "广告法绝对化用语",
        "招聘诱导与虚假承诺",
        "向求职者收费与扣证",
        "歧视性用语",
        "薪酬不明",
        "时政用语",
    }
    assert names == set(WordList.objects.values_list("name", flat=True))
    assert all(one.advice and one.basis and one.terms for one in WordList.objects.all())


def test_lists_of_editors_are_not_touched_by_the_migration() -> None:
    WordList.objects.exclude(name="时政用语").delete()
    WordList.objects.update(terms=["书记"])
    seed.make_lists(apps, SimpleNamespace(connection=connection))
    assert [one.terms for one in WordList.objects.all()] == [["书记"]]


def test_every_allowed_phrase_holds_a_term_of_its_list() -> None:
    """A phrase that allows nothing is a slip of the pen."""
    idle = []
    for one in WordList.objects.all():
        bare = words(" ".join(one.terms))
        idle += [phrase for phrase in one.allowed if not list(bare.hits(f"{phrase}某", PAGES))]
    assert idle == []
