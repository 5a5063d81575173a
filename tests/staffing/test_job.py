"""`/jobs/<id>/`: one job, with what the law wants every post to say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from staffing.models import Job
from tests import cast
from tests.staffing import states

pytestmark = pytest.mark.django_db

TO_APPLY = "我要应聘"


def test_shows_every_field_that_is_filled(client: Client) -> None:
    job = cast.job(
        employer_type=Job.EmployerType.AGENCY_DISPATCH,
        org_summary="做手机配件，约八百人。",
        pay_conditions="没有满月才给的条件。",
        settlement=Job.Settlement.WEEKLY,
        deductions="宿舍水电按表分摊。",
        shift="两班，8:00–17:00",
        hours_per_day="7.5",
        rest_days="每周至少休 1 天",
        work_from=date(2026, 12, 1),
        work_to=date(2027, 3, 31),
        social_insurance="入职当月参保",
        age_min=18,
        education="不限",
        health_certificate=True,
        lodging=Job.Lodging.PROVIDED,
        meals="厂内食堂",
        transport="地铁口有班车",
        contact_name="陈顾问",
        valid_through=date(2099, 1, 2),
    )
    text = client.get(f"/jobs/{job.pk}/").text
    for term, fact in (
        ("招用方式", "代理派遣"),
        ("签合同的单位", "深圳市鹏聘人力资源有限公司（示例）"),
        ("上班的单位", "电子制造企业（宝安沙井）"),
        ("单位简介", "做手机配件，约八百人。"),
        ("招聘人数", "30 人"),
        ("工作地点", "广东省深圳市宝安区　沙井街道（示例）"),
        ("薪酬", "23.50–25 元/时"),
        ("薪酬说明", "没有满月才给的条件。"),
        ("结算方式", "周结"),
        ("扣款说明", "宿舍水电按表分摊。"),
        ("班次", "两班，8:00–17:00"),
        ("每日工时", "7.5 小时"),
        ("休息", "每周至少休 1 天"),
        ("工作日期", "2026年12月1日起，到 2027年3月31日"),
        ("合同形式", "劳动合同"),
        ("社会保险", "入职当月参保"),
        ("年龄", "年满 18 周岁"),
        ("学历", "不限"),
        ("健康证", "需要"),
        ("住宿", "包住"),
        ("用餐", "厂内食堂"),
        ("交通", "地铁口有班车"),
        ("招聘截止", "2099年1月2日"),
        ("联系人", "陈顾问"),
    ):
        assert f"<dt>{term}</dt><dd>{fact}</dd>" in text
    assert "<p>流水线组装与检验。</p>" in text
    assert "<p>年满 18 周岁，能适应两班倒。</p>" in text


def test_leaves_out_what_is_not_filled(client: Client) -> None:
    text = client.get(f"/jobs/{cast.job(hours_per_day=None).pk}/").text
    for term in ("扣款说明", "班次", "每日工时", "健康证", "信息来源", "联系人", "工作日期"):
        assert f"<dt>{term}</dt>" not in text


def test_the_checks_of_the_staff_stay_inside(client: Client) -> None:
    job = cast.job(checked_business_licence=True, checked_by=cast.amin(), external_id="内部编号-77")
    text = client.get(f"/jobs/{job.pk}/").text
    assert "阿敏" not in text
    assert "内部编号-77" not in text


def test_says_that_nothing_is_charged_and_how_to_apply(client: Client) -> None:
    cast.hotline()
    safety = cast.page("safety", "防骗提示")
    job = cast.job()
    text = client.get(f"/jobs/{job.pk}/").text
    assert "本公司不向求职者收取任何费用" in text
    assert 'href="/safety/"' in text
    assert f'<a class="btn btn-solid" href="/jobs/{job.pk}/apply/">{TO_APPLY}</a>' in text
    assert f'href="/complaint/?from=/jobs/{job.pk}/"' in text
    assert "客服热线:0755-8882 8155" in text

    safety.withdraw()
    assert "/safety/" not in client.get(f"/jobs/{cast.job().pk}/").text


def test_a_repost_names_its_source(client: Client) -> None:
    job = cast.job(source_name="市公共就业平台", source_url="https://www.example.gov.cn/1")
    text = client.get(f"/jobs/{job.pk}/").text
    assert '<a href="https://www.example.gov.cn/1" rel="nofollow noopener"' in text
    assert ">市公共就业平台</a>（转载）" in text


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"filled_at": timezone.now()}, "已招满"),
        ({"valid_through": timezone.localdate() - timedelta(days=30)}, "已过期"),
        ({"valid_through": None}, "已过期"),
    ],
)
def test_what_is_over_says_so_and_offers_open_jobs_like_it(
    client: Client, fields: dict[str, Any], word: str
) -> None:
    cast.hotline()
    job = cast.job(**fields)
    cast.job("仓库普工")
    cast.job("展会引导员", kind=Job.Kind.PART_TIME)
    cast.job("也招满的普工", filled_at=timezone.now())

    response = client.get(f"/jobs/{job.pk}/")

    assert response.status_code == 200
    assert word in response.text
    assert "不再接受报名" in response.text
    assert TO_APPLY not in response.text
    assert [item.title for item in response.context["similar"]] == ["仓库普工"]


def test_what_is_over_without_others_leads_to_the_list(client: Client) -> None:
    job = cast.job(filled_at=timezone.now())
    text = client.get(f"/jobs/{job.pk}/").text
    assert '可以看看<a href="/jobs/">还在招的岗位</a>' in text


def test_stays_open_through_its_last_day(client: Client) -> None:
    cast.hotline()
    today = timezone.localdate()
    for days, is_open in ((0, True), (-1, False)):
        job = cast.job(valid_through=today + timedelta(days=days))
        assert job.is_open is is_open
        assert (TO_APPLY in client.get(f"/jobs/{job.pk}/").text) is is_open


def test_property_and_queryset_agree() -> None:
    today = timezone.localdate()
    for fields in ({}, *states.hidden().values(), states.WITHDRAWN):
        for valid_through in (None, today, today - timedelta(days=1)):
            for filled_at in (None, timezone.now()):
                cast.job(**fields, valid_through=valid_through, filled_at=filled_at)
    shown = set(Job.objects.open())
    assert shown == {job for job in Job.objects.all() if job.is_open}
    assert len(shown) == 1


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        ("23.50", "25.00", "23.50–25 元/时"),
        ("180.00", "180.00", "180 元/时"),
        ("6200.00", None, "6,200 元/时"),
        (None, None, ""),
    ],
)
def test_pay_reads_as_people_write_it(low: str | None, high: str | None, text: str) -> None:
    job = cast.job(pay_min=low, pay_max=high)
    job.refresh_from_db()
    assert job.pay_text == text


def test_pay_by_the_piece_says_what_an_hour_of_it_brings(client: Client) -> None:
    job = cast.job(pay_unit=Job.PayUnit.PIECE, pay_min="0.35", pay_max=None, hourly_min="24.00")
    job.refresh_from_db()
    assert job.pay_in_full == "0.35 元/件（正常产量约合 24 元/时）"
    for address in (job.get_absolute_url(), f"/jobs/{job.pk}/apply/", "/jobs/"):
        text = client.get(address).text
        assert "0.35 元/件" in text
        assert "正常产量约合 24 元/时" in text
    Job.objects.update(pay_unit=Job.PayUnit.HOUR, pay_min="23.50")  # the figure was left behind
    assert Job.objects.get().pay_in_full == "23.50 元/时"


def test_escapes_what_staff_type(client: Client) -> None:
    job = cast.job("普工<script>alert(1)</script>", duties="<b>搬运</b>", meals="<i>包吃</i>")
    text = client.get(f"/jobs/{job.pk}/").text
    assert "普工&lt;script&gt;" in text
    for raw in ("<script>alert", "<b>搬运", "<i>包吃"):
        assert raw not in text


@pytest.mark.parametrize("state", ["draft", "in_review", "scheduled", "expired", "deleted"])
def test_what_is_not_public_is_not_found(client: Client, state: str) -> None:
    job = cast.job(**states.hidden()[state])
    assert client.get(f"/jobs/{job.pk}/").status_code == 404


def test_what_was_withdrawn_is_gone(client: Client) -> None:
    job = cast.job(**states.WITHDRAWN)
    assert client.get(f"/jobs/{job.pk}/").status_code == 410


@pytest.mark.parametrize(("days", "status"), [(0, 200), (-1, 200), (-30, 200), (-31, 410)])
def test_thirty_days_after_its_last_it_is_gone(client: Client, days: int, status: int) -> None:
    job = cast.job("深夜分拣员", valid_through=timezone.localdate() + timedelta(days=days))
    assert client.get(f"/jobs/{job.pk}/").status_code == status
    listed = days >= 0
    assert ("深夜分拣员" in client.get("/jobs/").text) is listed
    job.valid_through = timezone.localdate()  # renewed, it is there again
    job.save()
    assert client.get(f"/jobs/{job.pk}/").status_code == 200


@pytest.mark.parametrize("key", ["0", "987654321", "9" * 30, "-1", "x", "%00"])
def test_what_there_is_not_is_not_found(client: Client, key: str) -> None:
    cast.job()
    assert client.get(f"/jobs/{key}/").status_code == 404


def test_takes_no_form(client: Client) -> None:
    assert client.post(f"/jobs/{cast.job().pk}/").status_code == 405


def test_what_is_open_nearby_comes_first(client: Client) -> None:
    baoan = cast.district()
    over = cast.job(district=baoan, valid_through=timezone.localdate() - timedelta(days=1))
    cast.job("福田的新岗位", district=cast.district("futian", "福田区"), **cast.live(1))
    cast.job("宝安的旧岗位", district=baoan, **cast.live(900))
    nowhere = cast.job("没有写区")
    Job.objects.filter(pk=nowhere.pk).update(district=None)

    def similar(job: Job) -> list[str]:
        return [one.title for one in client.get(f"/jobs/{job.pk}/").context["similar"]]

    assert similar(over) == ["宝安的旧岗位", "福田的新岗位", "没有写区"]
    assert similar(nowhere) == ["福田的新岗位", "宝安的旧岗位"]


def test_cost_does_not_grow(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.profile()
    cast.hotline()
    job = cast.job()
    cast.job("仓库普工")
    # Job, its profile for engines, similar, safety page; chrome 6, due changes.
    with django_assert_num_queries(11):
        client.get(f"/jobs/{job.pk}/")
    for number in range(12):
        cast.job(f"岗位{number}", district=cast.district(f"district-{number}", f"第{number}区"))
    with django_assert_num_queries(11):
        response = client.get(f"/jobs/{job.pk}/")
    assert len(response.context["similar"]) == 6
