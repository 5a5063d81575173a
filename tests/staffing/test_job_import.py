"""Jobs out of a sheet: what rows say, which jobs they are about, and that doing it twice is doing it once."""

from __future__ import annotations

import zipfile
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from pytest_django import DjangoAssertNumQueries

from portal.cms.publishing import State
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.models import Revision
from portal.cms.sheets import books, reading
from portal.cms.sheets.reading import SheetError
from portal.cms.sheets.writing import write
from staffing.jobs import columns, importing
from staffing.jobs.cells import Outcome, Planned, read_row
from staffing.jobs.importing import carry_out, plan
from staffing.models import District, Job
from tests import cast

pytestmark = pytest.mark.both_databases

HEADERS = (
    "外部编号", "岗位", "类别", "招用方式", "用工单位", "人数", "地点", "工价", "结算", "截止日期", "住宿",
)  # fmt: skip
ROW = (
    "A-1", "电子厂普工", "临时工", "代招", "电子制造企业", "30人", "宝安沙井工业区", "18-22元/时", "周结",
    "2099年1月2日", "包吃住",
)  # fmt: skip


def sheet(*rows: tuple[Any, ...], headers: tuple[str, ...] = HEADERS) -> reading.Sheet:
    return reading.read(write(headers, rows), importing.MOST_ROWS)


def row(**cells: Any) -> tuple[Any, ...]:
    return tuple(cells.get(name, value) for name, value in zip(HEADERS, ROW, strict=True))


def run(*rows: tuple[Any, ...], headers: tuple[str, ...] = HEADERS) -> list[Planned]:
    planned = plan(sheet(*rows, headers=headers))
    for one in planned:
        carry_out(one, cast.amin())
    return planned


def outcomes(planned: list[Planned]) -> list[str]:
    return [one.outcome for one in planned]


def said(text: str, header: str, **districts: District) -> Planned:
    return read_row(2, {"岗位": "普工", header: text}, districts)


# --- What a row says ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_row_becomes_a_draft_with_everything_it_says() -> None:
    district = cast.district()
    (one,) = run(ROW)

    job = Job.objects.get()
    assert (one.outcome, job.state) == (Outcome.NEW, State.DRAFT)
    assert (job.title, job.kind, job.employer_type) == ("电子厂普工", "temporary", "agency_recruit")
    assert (job.headcount, job.external_id, job.client_name) == (30, "A-1", "电子制造企业")
    assert (job.district, job.address) == (district, "沙井工业区")
    assert (job.pay_min, job.pay_max, job.pay_unit) == (Decimal(18), Decimal(22), "hour")
    assert (job.settlement, job.lodging) == ("weekly", "provided")
    assert job.valid_through == date(2099, 1, 2)
    assert (job.created_by, job.updated_by) == (cast.amin(), cast.amin())
    assert Revision.objects.about(job).get().note == "从表格导入"
    assert "发布前还要填写或改正：" in one.notes[0]
    assert "工作内容" in one.notes[0]


@pytest.mark.parametrize(
    ("header", "text", "expected"),
    [
        ("人数", "3", {"headcount": 3}),
        ("人数 *", "１２名", {"headcount": 12}),
        ("类别", "小时工", {"kind": "part-time"}),
        ("类别", " 临 时 工 ", {"kind": "temporary"}),
        ("时薪", "20+", {"pay_min": Decimal(20), "pay_max": None, "pay_unit": "hour"}),
        (
            "月薪",
            "6-8千",
            {"pay_min": Decimal(6000), "pay_max": Decimal(8000), "pay_unit": "month"},
        ),
        (
            "薪资",
            "5k-7k",
            {"pay_min": Decimal(5000), "pay_max": Decimal(7000), "pay_unit": "month"},
        ),
        ("折合时薪", "24-28", {"hourly_min": Decimal(24), "hourly_max": Decimal(28)}),
        ("折合时薪（元）", "约25元/时", {"hourly_min": Decimal(25), "hourly_max": None}),
        ("工价", "200元/天", {"pay_min": Decimal(200), "pay_max": None, "pay_unit": "day"}),
        ("截止日期", "2026/12/31", {"valid_through": date(2026, 12, 31)}),
        ("健康证", "需要", {"health_certificate": True}),
        ("健康证", "否", {"health_certificate": False}),
        ("健康证", "True", {"health_certificate": True}),
        ("转载", "False", {"is_repost": False}),
        ("每日工时", "8小时", {"hours_per_day": Decimal(8)}),
        ("时薪（元）", "20+", {"pay_min": Decimal(20), "pay_unit": "hour"}),
        ("工价(元/小时)", "18-22", {"pay_min": Decimal(18), "pay_unit": "hour"}),
        ("薪资（元/月）", "6000", {"pay_min": Decimal(6000), "pay_unit": "month"}),
        ("工资（税前）", "200/天", {"pay_min": Decimal(200), "pay_unit": "day"}),
        ("招聘\n人数（人）", "3", {"headcount": 3}),
        ("住宿", "包吃包住", {"lodging": "provided"}),
        ("结算", "次月15号发", {"settlement": "monthly"}),
        ("结算", "当天", {"settlement": "daily"}),
        ("没有这一列", "随便", {}),
    ],
)
def test_headers_and_cells_are_read_as_people_write_them(
    header: str, text: str, expected: dict[str, Any]
) -> None:
    one = said(text, header)
    assert one.problems == []
    assert {name: one.values.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("header", "text", "field"),
    [
        ("人数", "若干", "headcount"),
        ("截止日期", "长期", "valid_through"),
        ("住宿", "/", "lodging"),
        ("类别", "待定", "kind"),
        ("每日工时", "不限", "hours_per_day"),
    ],
)
def test_what_is_not_decided_yet_is_left_out_and_said(header: str, text: str, field: str) -> None:
    one = said(text, header)
    assert one.problems == []
    assert field not in one.values
    assert one.notes == [f"“{Job.label_of(field)}”写的是“{text}”，没有填入"]
    assert said("不限", "学历").values["education"] == "不限"


@pytest.mark.parametrize(
    ("header", "text", "problem"),
    [
        ("岗位", "", "没有岗位名称"),
        ("最低年龄", "十八", "“最低年龄”的数“十八”看不懂"),
        ("类别", "学徒", "没有“学徒”这一项；可以写临时工、兼职、日结、全职"),
        ("工价", "看情况", "薪酬“看情况”无法识别"),
        ("工价", "200", "没有写按时、按天还是按月"),
        ("健康证", "也许", "请写“是”或“否”"),
        ("区域", "东莞", "没有“东莞”这个区域"),
        ("工价", "计件 5000-7000", "请写每件多少；是每月大约的"),
        ("薪酬单位", "季度", "没有“季度”这一项"),
        ("折合时薪", "200元/天", "折合时薪“200元/天”要写每小时多少元"),
        ("折合时薪", "面议", "要写每小时多少元"),
        ("折合时薪", "看产量", "无法识别"),
    ],
)
def test_what_cannot_be_read_is_a_problem_of_its_row(header: str, text: str, problem: str) -> None:
    one = read_row(2, {"岗位": "普工"} | {header: text}, {})
    assert one.outcome == Outcome.REFUSED
    assert problem in "".join(one.problems)


@pytest.mark.parametrize(
    ("header", "text", "problem"),
    [
        ("人数", "几十", "“人数”的数“几十”看不懂"),
        ("人数", "约30", "看不懂"),
        ("人数", "10-20人", "看不懂"),
        ("人数", "2.5", "要写整数"),
        ("截止日期", "2026-02-30", "看不懂，请写成 2026-12-31"),
        ("截止日期", "月底", "看不懂"),
        ("截止日期", "12月31日", "看不懂"),
        ("到岗日期", "26.12.31", "看不懂"),
    ],
)
def test_a_draft_does_without_what_may_stay_empty(header: str, text: str, problem: str) -> None:
    one = said(text, header)
    assert (one.outcome, list(one.values)) == (Outcome.NEW, ["title"])
    (note,) = one.notes
    assert problem in note
    assert note.endswith("这一项没有填入")


def test_of_several_columns_for_one_field_the_first_counts_and_the_others_are_named() -> None:
    columns = {
        "工资": "5000-6000/月", "时薪": "25", "公司": "甲企业", "客户": "乙企业", "地址": "沙井",
        "工作地点": "", "地点": "沙井",
    }  # fmt: skip
    one = read_row(2, {"岗位": "普工", **columns}, {})
    assert (one.pay_text, one.values["client_name"]) == ("5,000–6,000 元/月", "甲企业")
    assert one.notes == [
        "“时薪”没有用：“工资”已填了同一项",
        "“客户”没有用：“公司”已填了同一项",
    ]


@pytest.mark.parametrize(
    ("pay", "unit", "client", "expected"),
    [
        ("25", "元/小时", "", ("25 元/时", None)),
        ("200", "天", "", ("200 元/天", None)),
        ("25元/时", "元", "", ("25 元/时", None)),
        ("25元/时", "元", "甲企业", ("25 元/时", "甲企业")),
        ("25元/时", "乙企业", "", ("25 元/时", "乙企业")),
    ],
)
def test_beside_pay_a_unit_is_no_client(
    pay: str, unit: str, client: str, expected: tuple[str, str | None]
) -> None:
    one = read_row(2, {"岗位": "普工", "薪酬": pay, "单位": unit, "公司": client}, {})
    assert one.problems == []
    assert (one.pay_text, one.values.get("client_name")) == expected


def test_who_is_paid_by_the_day_is_so_unless_the_sheet_says_otherwise() -> None:
    assert said("日结工", "类别").values["settlement"] == "daily"
    assert "settlement" not in said("临时工", "类别").values
    one = read_row(2, {"岗位": "普工", "类别": "日结", "结算": "月结"}, {})
    assert one.values["settlement"] == "monthly"


def test_a_job_is_named_under_any_of_its_headers() -> None:
    assert read_row(2, {"职位 名称*": "质检员"}, {}).title == "质检员"


def test_pay_that_is_still_to_be_agreed_leaves_a_note() -> None:
    one = said("面议", "工价")
    assert one.outcome == Outcome.NEW
    assert "pay_min" not in one.values
    assert "发布前须填写" in one.notes[0]


@pytest.mark.parametrize(
    ("cells", "district", "address"),
    [
        ({"地点": "宝安沙井"}, "宝安区", "沙井"),
        ({"地点": "广东省深圳市宝安区沙井街道"}, "宝安区", "沙井街道"),
        ({"地点": "深圳大鹏新区葵涌"}, "大鹏新区", "葵涌"),
        ({"区域": "宝安", "地址": "沙井街道"}, "宝安区", "沙井街道"),
        ({"区域": "宝安沙井"}, "宝安区", "沙井"),
        ({"地点": "东莞长安"}, None, "东莞长安"),
        ({"地点": "宝安区"}, "宝安区", ""),
        ({"区域": "宝安", "地址": "宝安沙井"}, "宝安区", "宝安沙井"),
    ],
)
def test_the_district_is_told_from_the_address(
    cells: dict[str, str], district: str | None, address: str
) -> None:
    baoan, dapeng = District(name="宝安区"), District(name="大鹏新区")
    known = {"宝安区": baoan, "宝安": baoan, "大鹏新区": dapeng, "大鹏": dapeng}
    values = read_row(2, {"岗位": "普工", **cells}, known).values
    assert (values["district"].name if "district" in values else None) == district
    assert values.get("address", "") == address


@given(st.dictionaries(st.sampled_from(sorted(columns.FIELD_OF)), st.text(max_size=40)))
def test_no_row_breaks_the_reading(cells: dict[str, str]) -> None:
    one = read_row(2, cells, {})
    assert (one.outcome == Outcome.REFUSED) is bool(one.problems)
    assert one.pay_text == "" or one.values["pay_min"] > 0


@pytest.mark.django_db
def test_pay_by_the_piece_comes_with_what_an_hour_of_it_brings() -> None:
    headers = ("岗位", "工价", "折合时薪", "学历")
    cells = ("包装工", "0.36-0.45元/件", "28.8-36", "有叉车证")
    (one,) = run(cells, headers=headers)
    job = Job.objects.get()
    assert (job.hourly_min, job.hourly_max) == (Decimal("28.80"), Decimal(36))
    assert one.pay_text == "0.36–0.45 元/件（正常产量约合 28.80–36 元/时）"
    lacking = one.notes[0]
    assert "学历" in lacking
    assert "折合时薪" not in lacking
    assert outcomes(run(cells, headers=headers)) == [Outcome.UNCHANGED]
    (one,) = plan(sheet(("包装工", "0.36元/件"), headers=("岗位", "工价")))
    assert "折合时薪" in one.notes[0]


# --- Which job it is about ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_sheet_read_twice_does_it_once() -> None:
    cast.district()
    rows = (ROW, row(外部编号="", 岗位="质检员"), row(外部编号="", 岗位="质检员", 工价="19元/时"))
    assert outcomes(run(*rows)) == [Outcome.NEW] * 3
    before = list(Job.objects.values())

    assert outcomes(run(*rows)) == [Outcome.UNCHANGED] * 3
    assert list(Job.objects.values()) == before
    assert Revision.objects.count() == 3


@pytest.mark.django_db
def test_a_number_finds_its_job_whatever_else_changed() -> None:
    cast.district()
    run(ROW)
    (one,) = run(row(岗位="电子厂质检", 工价="20元/时"))
    job = Job.objects.get()
    assert one.outcome == Outcome.CHANGED
    assert (job.title, job.pay_min, job.pay_max) == ("电子厂质检", Decimal(20), None)


@pytest.mark.django_db
@pytest.mark.parametrize("known", [False, True])
def test_the_same_work_in_two_districts_is_two_jobs(known: bool) -> None:
    cast.district()
    longgang = cast.district("longgang", "龙岗区")
    headers = ("岗位", "区域", "工价")
    here, there = ("普工", "宝安", "22元/时"), ("普工", "龙岗", "22元/时")
    if known:
        run(there, headers=headers)
        assert outcomes(run(here, there, headers=headers)) == [Outcome.NEW, Outcome.UNCHANGED]
    else:
        assert outcomes(run(here, there, headers=headers)) == [Outcome.NEW, Outcome.NEW]
    assert Job.objects.count() == 2
    assert Job.objects.get(district=longgang).pay_min == Decimal(22)


@pytest.mark.django_db
def test_the_same_work_for_two_clients_is_two_jobs() -> None:
    cast.district()
    run(row(外部编号=""))
    (one,) = run(row(外部编号="", 用工单位="另一家电子企业"))
    assert one.outcome == Outcome.NEW
    assert Job.objects.filter(client_name="电子制造企业").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["编号", "岗位编号", "序号"])
def test_the_numbers_of_rows_are_no_numbers_of_jobs(header: str) -> None:
    headers = (header, "岗位", "用工单位", "工价")
    run(("1", "普工", "甲企业", "22元/时"), headers=headers)
    assert outcomes(run(("1", "文员", "乙企业", "5k"), headers=headers)) == [Outcome.NEW]
    assert Job.objects.count() == 2


@pytest.mark.django_db
def test_a_number_does_not_turn_one_clients_job_into_anothers() -> None:
    cast.district()
    run(ROW)
    (one,) = run(row(岗位="行政文员", 用工单位="软件企业"))
    assert one.outcome == Outcome.REFUSED
    assert "是另一个岗位“电子厂普工”的" in one.problems[0]
    assert Job.objects.get().client_name == "电子制造企业"


@pytest.mark.django_db
def test_nor_does_a_number_of_a_sheet_that_names_no_client() -> None:
    job = cast.job("电子厂普工", client_name="甲电子企业", external_id="1")
    headers = ("外部编号", "岗位", "工价")
    (one,) = run(("1", "仓库分拣", "21元/时"), headers=headers)
    assert one.outcome == Outcome.REFUSED
    assert drafts.pending_of(job) is None
    (one,) = run(("1", "电子厂普工", "21元/时"), headers=headers)
    assert one.outcome == Outcome.CHANGED
    named = ("1", "仓库分拣", "甲电子企业")
    assert outcomes(run(named, headers=("外部编号", "岗位", "用工单位"))) == [Outcome.CHANGED]


@pytest.mark.django_db
def test_a_row_about_a_job_that_is_filled_says_so() -> None:
    cast.job(external_id="A-1", filled_at=timezone.now())
    rows = [("A-1", "电子厂普工", number) for number in ("50", "30")]
    for line in rows:
        (one,) = plan(sheet(line, headers=("外部编号", "岗位", "人数")))
        assert "这个岗位已标记招满" in one.notes


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("header", "text", "problem"),
    [
        ("人数", "99999", "人数最多 10000"),
        ("经验（月）", "99999", "工作经验最多 600 个月"),
        ("最低年龄", "99999", "最低年龄最多 80 周岁"),
    ],
)
def test_what_no_table_takes_is_refused_in_words(header: str, text: str, problem: str) -> None:
    (one,) = plan(sheet(("普工", text), headers=("岗位", header)))
    assert one.outcome == Outcome.REFUSED
    assert problem in "".join(one.problems)


@pytest.mark.django_db
def test_what_nobody_wrote_is_said() -> None:
    (one,) = plan(sheet(("普工", "兼职"), headers=("岗位", "类别")))
    assert (
        "表格里没有写，先按这样填，请核对：招用方式“代理派遣”、结算“月结”、住宿“不含住宿”"
        in one.notes
    )
    (one,) = plan(sheet(ROW))
    assert not [note for note in one.notes if "请核对" in note]


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["A-1", ""])
def test_two_people_with_one_sheet_make_its_jobs_once(number: str) -> None:
    cast.district()
    line = row(外部编号=number)
    (mine,), (theirs,) = plan(sheet(line)), plan(sheet(line))
    carry_out(mine, cast.amin())
    with pytest.raises(ValidationError, match="刚刚有同事存了这个岗位"):
        carry_out(theirs, cast.amin())
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_a_numbered_row_may_be_like_a_job_without_its_number() -> None:
    cast.district()
    run(row(外部编号=""))
    assert outcomes(run(ROW)) == [Outcome.NEW]
    assert Job.objects.count() == 2


@pytest.mark.django_db
def test_empty_cells_change_nothing() -> None:
    cast.district()
    run(ROW)
    blank = dict.fromkeys(HEADERS[2:], "")
    (one,) = run(row(**blank))
    assert one.outcome == Outcome.UNCHANGED
    assert Job.objects.get().headcount == 30


@pytest.mark.django_db
def test_a_live_job_gets_a_draft_and_stays_as_it_is() -> None:
    job = cast.job("电子厂普工", external_id="A-1", headcount=10)
    (one,) = run(("A-1", "50"), headers=("外部编号", "人数"))
    assert one.outcome == Outcome.REFUSED  # a row names its job

    (one,) = run(("A-1", "电子厂普工", "50"), headers=("外部编号", "岗位", "人数"))

    assert "先存为草稿" in one.notes[0]
    job.refresh_from_db()
    assert (job.headcount, job.is_open) == (10, True)
    pending = drafts.pending_of(job)
    assert pending is not None
    assert pending.content["headcount"] == 50
    assert outcomes(run(("A-1", "电子厂普工", "50"), headers=("外部编号", "岗位", "人数"))) == [
        Outcome.UNCHANGED
    ]


@pytest.mark.django_db
def test_two_rows_about_one_job_are_one_too_many() -> None:
    cast.district()
    first, second = run(ROW, row(人数="5"))
    assert (first.outcome, second.outcome) == (Outcome.NEW, Outcome.REFUSED)
    assert "和第 2 行是同一个岗位" in second.problems[0]
    assert Job.objects.get().headcount == 30


@pytest.mark.django_db
def test_what_is_in_the_bin_stays_there() -> None:
    cast.job(external_id="A-1", deleted_at=timezone.now())
    (one,) = run(ROW)
    assert one.outcome == Outcome.REFUSED
    assert "回收站" in one.problems[0]


@pytest.mark.django_db
def test_bad_rows_never_stop_others() -> None:
    cast.district()
    long = "长" * 41
    planned = run(
        row(外部编号="1", 岗位=long), row(外部编号="2", 人数="0"), row(外部编号="3", 工价="?"), ROW
    )
    assert outcomes(planned) == [Outcome.REFUSED] * 3 + [Outcome.NEW]
    assert planned[0].problems[0].startswith("岗位名称：")
    assert Job.objects.get().external_id == "A-1"


@pytest.mark.django_db
def test_children_are_not_hired_by_sheet_either() -> None:
    (one,) = run(("普工", "15"), headers=("岗位", "最低年龄"))
    assert "最低年龄不得低于 16 周岁" in one.problems[0]
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_the_cost_of_looking_does_not_grow_with_new_rows(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    cast.district()
    one, many = sheet(ROW), sheet(*(row(外部编号=f"A-{n}") for n in range(9)))
    with django_assert_num_queries(3):
        plan(one)
    with django_assert_num_queries(3):
        plan(many)


@pytest.mark.django_db
def test_a_job_that_went_away_meanwhile_is_not_made_again() -> None:
    cast.district()
    run(ROW)
    (one,) = plan(sheet(row(人数="99")))
    actions.bin(Job.objects.get(), cast.amin())
    with pytest.raises(ValidationError, match="移走"):
        carry_out(one, cast.amin())


def test_above_the_headers_the_sheet_may_say_what_it_is() -> None:
    lines = [("2026年12月用工需求", "", ""), ("制表：小周", "", ""), HEADERS[:3], ROW[:3]]
    content = write(lines[0], lines[1:])
    found = reading.read(content, 10, columns.are_headers)
    assert found.headers == list(HEADERS[:3])
    assert [number for number, _ in found.rows] == [4]
    assert reading.read(content, 10).headers == ["2026年12月用工需求"]


@pytest.mark.django_db
def test_the_last_day_may_be_a_day_of_excel() -> None:
    book = Workbook()
    day = timezone.localdate() + timedelta(days=9)
    page = book.worksheets[0]
    for line in (("岗位", "截止日期"), ("普工", day)):
        page.append(line)
    file = BytesIO()
    book.save(file)
    (one,) = plan(reading.read(file.getvalue(), 10))
    assert one.values["valid_through"] == day


# --- The file -------------------------------------------------------------------------------------------


def locked() -> bytes:
    """A zip whose entries ask for a password."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    content = bytearray(file.getvalue())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    "content", [locked(), b"", b"PK\x03\x04", b"no sheet at all", b"PK\x05\x06" + bytes(18)]
)
def test_what_is_no_sheet_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(SheetError, match="不是 Excel 表格"):
        reading.read(content, 10)


def test_a_sheet_without_rows_is_refused() -> None:
    with pytest.raises(SheetError, match="没有数据行"):
        reading.read(write(HEADERS, []), 10)


def test_more_rows_than_agreed_are_refused() -> None:
    assert len(reading.read(write(HEADERS, [ROW] * 3), 3).rows) == 3
    with pytest.raises(SheetError, match="最多 2 行"):
        reading.read(write(HEADERS, [ROW] * 3), 2)


def test_what_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(5_000_000))
    monkeypatch.setattr(books, "LARGEST", 1_000_000)
    assert len(file.getvalue()) < 10_000
    with pytest.raises(SheetError, match="展开后太大"):
        reading.read(file.getvalue(), 10)


@pytest.mark.parametrize("places", [("沙井工业区", ""), ("", "沙井工业区"), ("沙井工业区", "平湖")])
def test_of_columns_under_one_header_the_first_that_is_filled_counts(
    places: tuple[str, str],
) -> None:
    read = sheet(("普工", *places), headers=("岗位", "地址", "地址"))
    assert [cells for _, cells in read.rows] == [{"岗位": "普工", "地址": "沙井工业区"}]


def test_columns_nobody_knows_are_named() -> None:
    assert columns.unused(sheet(("a", "b"), headers=("岗位", "备注"))) == ["备注"]
