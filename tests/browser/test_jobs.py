"""Jobs in a browser: found on a phone by links alone, and looked after at the desk in one click."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook
from playwright.sync_api import Browser, Page, expect

from staffing.models import Job
from tests import cast
from tests.browser.test_accessibility import violations, violations_in_both
from tests.browser.test_journeys import PHONE, sign_in
from tests.desk.forms import fresh

pytestmark = pytest.mark.browser


def test_a_part_time_job_in_baoan_is_found_without_javascript(
    browser: Browser, base_url: str, live_server: object
) -> None:
    part_time = {"kind": Job.Kind.PART_TIME, "pay_min": Decimal(28), "pay_max": None}
    cast.job("超市理货员", **part_time)
    cast.job("展会引导员", **part_time, district=cast.district("futian", "福田区"))
    cast.job("电子厂普工")
    context = browser.new_context(base_url=base_url, viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto("/jobs/")

    page.get_by_role("link", name="兼职 2").click()
    page.get_by_text("按区域、薪酬、结算、住宿筛选").click()
    page.get_by_role("link", name="宝安区 1").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("宝安区兼职招聘信息")
    expect(page.locator(".job")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.get_by_role("link", name="超市理货员").click()
    expect(page.get_by_role("link", name="我要应聘").first).to_be_visible()
    context.close()


def test_nothing_is_folded_where_there_is_room(page: Page, live_server: object) -> None:
    cast.job()
    page.goto("/jobs/")
    expect(page.get_by_role("link", name="宝安区 1")).to_be_visible()
    expect(page.locator(".narrow summary")).to_be_hidden()


def test_a_job_is_renewed_and_filled_from_the_list(page: Page, live_server: object) -> None:
    job = cast.job(valid_through=timezone.localdate() + timedelta(days=1))
    sign_in(page, cast.amin())
    page.goto(reverse("admin:staffing_job_changelist") + "?recruiting=open")

    page.get_by_role("button", name="延长 30 天").click()
    expect(page.locator(".messagelist")).to_contain_text("延长 30 天：完成 1 条。")
    assert page.url.endswith("?recruiting=open")
    assert fresh(job).valid_through == timezone.localdate() + timedelta(days=31)

    page.goto(reverse("admin:staffing_job_change", args=[job.pk]))
    page.get_by_role("button", name="标记招满").click()
    expect(page.get_by_role("button", name="取消招满")).to_be_visible()
    assert fresh(job).filled_at is not None


def messy_sheet(path: Path) -> Path:
    """A sheet as clients send it: a title in merged cells, gaps, sixty rows of which many are odd."""
    book = Workbook()
    page = book.worksheets[0]
    page.append(["2026年12月用工需求（示例）"])
    page.merge_cells("A1:J1")
    page.append([])
    page.append(
        [
            "序号",
            "企业名称",
            "招聘岗位 *",
            "用工类型",
            "招聘\n人数",
            "工作地点",
            "工价（元）",
            "结算",
            "食宿",
            "有效期至",
        ]
    )
    pays = [
        "18-22元/时",
        "26/个钟",
        "5k-7k",
        "面议",
        "0.8-1.2万",
        "200元/天",
        "28",
        "24元/小时-28元/小时",
    ]
    people = [30, "15人", "若干", "１２名", "10-20人"]
    for number in range(60):
        if number in (20, 40):
            page.append([])
        cells = [
            number + 1,
            "电子企业（沙井）",
            f"普工{number}",
            "临时工",
            people[number % 5],
            "宝安沙井",
        ]
        cells += [
            pays[number % 8],
            "次月15号发",
            "包吃包住",
            timezone.localdate() + timedelta(days=30),
        ]
        page.append(cells if number != 7 else [*cells[:2], " ", *cells[3:]])
    book.create_sheet("说明").append(["请勿修改"])
    book.save(path)
    return path


def test_a_messy_sheet_becomes_drafts_and_only_once(
    page: Page, live_server: object, tmp_path: Path, settings: Any
) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"
    cast.district()
    sheet = messy_sheet(tmp_path / "需求.xlsx")
    sign_in(page, cast.amin())

    def upload() -> None:
        page.goto(reverse("admin:staffing_job_changelist"))
        page.get_by_role("link", name="从表格导入").click()
        page.get_by_label("岗位表格").set_input_files(sheet)
        page.get_by_role("button", name="上传并核对").click()

    upload()
    # Twelve have no whole number of people, one no name; of the rest five no unit of pay.
    expect(page.locator(".job-import")).to_contain_text("新增 52 行，不导入 8 行")
    expect(page.locator(".job-import")).to_contain_text("没有用到的列：序号")
    expect(page.locator("tr", has_text="普工6")).to_contain_text(["没有写按时、按天还是按月"])
    assert violations(page) == []
    page.get_by_role("button", name="确认导入").click()
    expect(page.locator(".job-import")).to_contain_text("已经完成：新增 52 行")
    assert Job.objects.filter(status="draft").count() == Job.objects.count() == 52

    upload()
    expect(page.locator(".job-import")).to_contain_text("未变 52 行")
    expect(page.get_by_role("button", name="确认导入")).to_be_hidden()


def test_no_page_of_jobs_shuts_anybody_out(
    browser: Browser, base_url: str, live_server: object
) -> None:
    cast.hotline()
    job, over = cast.job(), cast.job(filled_at=timezone.now())
    context = browser.new_context(viewport={"width": 390, "height": 6000}, base_url=base_url)
    page = context.new_page()
    sign_in(page, cast.amin())
    broken = {}
    for address in (
        "/jobs/?lodging=none&settlement=monthly",
        "/jobs/?lodging=provided",
        "/jobs/district/baoan/",
        job.get_absolute_url(),
        over.get_absolute_url(),
        reverse("admin:staffing_job_changelist"),
        reverse("admin:staffing_job_import"),
    ):
        page.goto(address)
        broken[address] = violations_in_both(page)
    context.close()
    assert {address: rules for address, rules in broken.items() if rules} == {}
