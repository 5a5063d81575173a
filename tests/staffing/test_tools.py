"""`/tools/`: calculators whose results have addresses, and the comparison."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from staffing.models import ComparisonRow, ContributionRate, MinimumWage
from tests import cast

pytestmark = pytest.mark.django_db

RATIO, COST, COMPARE = "/tools/dispatch-ratio/", "/tools/labour-cost/", "/tools/compare/"
PAGES = ["/tools/", RATIO, COST, COMPARE]


@pytest.mark.parametrize("path", PAGES)
def test_each_leads_to_the_others_and_takes_no_post(client: Client, path: str) -> None:
    text = client.get(path).text
    assert f'href="{RATIO}"' in text
    assert f'href="{COST}"' in text
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", [RATIO, COST])
def test_engines_are_told_of_the_empty_form_only(client: Client, path: str) -> None:
    empty = client.get(path)
    assert '<link rel="canonical"' in empty.text
    assert "计算结果" not in empty.text
    filled = client.get(path, {"own": "1", "agency": "1", "wage": "6000"})
    assert 'content="noindex,follow"' in filled.text
    assert "计算结果" in filled.text
    # Beyond number: they would put the pages that are read out of the memory.
    assert "private" in filled["Cache-Control"]


# --- 派遣比例 -----------------------------------------------------------------------------------------


def test_the_ratio_has_an_address_of_its_own(client: Client) -> None:
    text = client.get(RATIO, {"own": "180", "agency": "25"}).text
    assert "超出 5 人" in text
    assert "再签 45 份劳动合同" in text
    assert "劳务派遣暂行规定" in text
    assert 'value="180"' in text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"own": "", "agency": "3"}, "请填写人数，没有就填 0。"),
        ({"own": "3"}, "请填写人数，没有就填 0。"),
        ({"own": "-1", "agency": "3"}, "人数不能小于 0。"),
        ({"own": "很多", "agency": "3"}, "请填写整数，例如 180。"),
        ({"own": "9" * 3000, "agency": "3"}, "人数太大了"),
        ({"own": "9" * 5000, "agency": "3"}, "请填写整数，例如 180。"),
        ({"own": "1.5", "agency": "3"}, "请填写整数，例如 180。"),
        ({"own": "0", "agency": "0"}, "两项都是 0"),
        ({"own": "<script>", "agency": "3"}, "请填写整数，例如 180。"),
    ],
)
def test_what_is_no_number_of_people_is_said_at_the_box(
    client: Client, query: dict[str, str], words: str
) -> None:
    response = client.get(RATIO, query)
    assert response.status_code == 200
    assert words in response.text
    assert "计算结果" not in response.text
    assert "<script>3" not in response.text


# --- 用工成本 -----------------------------------------------------------------------------------------


def rate(kind: str = "pension", **fields: object) -> ContributionRate:
    values = {"employer_percent": "16", "worker_percent": "8", "in_force_from": date(2026, 1, 1)}
    return ContributionRate.objects.create(kind=kind, **{**values, **fields})


def test_without_rates_it_says_so_and_reckons_with_what_there_is(client: Client) -> None:
    text = client.get(COST, {"wage": "5220", "workday_hours": "10"}).text
    assert "费率还没有录入" in text
    assert "未含社保和公积金" in text
    assert "5,670.00" in text


def test_rates_stand_with_their_day_and_source(client: Client) -> None:
    rate(source="示例〔2026〕1号", source_url="https://example.com/1")
    text = client.get(COST, {"wage": "6000", "headcount": "2", "fee": "100"}).text
    assert "2026年1月1日起" in text
    assert '<a href="https://example.com/1" rel="nofollow noopener" target="_blank">示例' in text
    assert "待核对" in text
    assert "7,060.00" in text  # 6,000 and 16 %, and the fee
    assert "14,120.00" in text
    assert "费率还没有录入" not in text
    assert "签约报价不以这里为准" in text


def test_only_the_latest_rate_in_force_counts() -> None:
    today = timezone.localdate()
    rate(in_force_from=today - timedelta(days=400), employer_percent="14")
    now = rate(in_force_from=today)
    rate(in_force_from=today + timedelta(days=1), employer_percent="17")
    rate(city="广州市")
    fund = rate("fund")
    assert ContributionRate.objects.at("深圳市") == [now, fund]


def test_a_wage_below_the_least_is_pointed_out(client: Client) -> None:
    cast.wage()
    assert "低于深圳市的最低工资标准 2,600.00 元" in client.get(COST, {"wage": "2599"}).text
    assert "低于深圳市的最低工资标准" not in client.get(COST, {"wage": "2600"}).text


def test_of_several_cities_one_is_chosen(client: Client) -> None:
    assert 'name="city"' not in client.get(COST).text
    cast.wage("广州市", monthly="2500")
    page = client.get(COST, {"wage": "6000", "city": "广州市"})
    assert page.context["city"] == "广州市"
    assert page.context["form"].cities == ["深圳市", "广州市"]
    assert client.get(COST, {"wage": "6000"}).context["city"] == "深圳市"
    assert client.get(COST, {"wage": "6000", "city": "火星"}).context["result"] is None


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"wage": ""}, "请填写数字，例如 6000。"),
        ({"wage": "0"}, "月工资须大于 0。"),
        ({"wage": "NaN"}, "请填写数字，例如 6000。"),
        ({"wage": "1e9"}, "数字太大了"),
        ({"wage": "6000.001"}, "最多保留两位小数。"),
        ({"wage": "6000", "headcount": "0"}, "人数不能小于 1。"),
        ({"wage": "6000", "workday_hours": "301"}, "数字太大了"),
    ],
)
def test_what_is_no_amount_is_said_at_the_box(
    client: Client, query: dict[str, str], words: str
) -> None:
    text = client.get(COST, query).text
    assert words in text
    assert "计算结果" not in text


def test_it_works_on_a_site_without_any_figure(client: Client) -> None:
    MinimumWage.objects.all().delete()
    assert "6,000.00" in client.get(COST, {"wage": "6000"}).text


# --- 用工方式对比 --------------------------------------------------------------------------------------


def test_the_comparison_begins_with_rows_of_the_law(client: Client) -> None:
    text = client.get(COMPARE).text
    for words in (
        "劳动合同跟谁签",
        "不超过用工总量的 10%",
        "《劳动合同法》第九十二条",
        "非全日制用工",
    ):
        assert words in text
    (invoice,) = ComparisonRow.objects.filter(aspect="发票")
    assert "%" not in "".join(invoice.answers)  # no rate of tax comes with the site


def test_an_empty_comparison_says_so(client: Client) -> None:
    ComparisonRow.objects.all().delete()
    assert "对比表还在整理" in client.get(COMPARE).text


def test_queries(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    cast.profile()
    cast.hotline()
    chrome = 7  # six, and due changes
    for path, own in (("/tools/", 0), (RATIO, 0), (COMPARE, 1), (COST, 3)):
        with django_assert_num_queries(chrome + own):
            client.get(path)
