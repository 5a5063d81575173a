"""`/services/<slug>/`: one service, said so that a customer can decide."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from staffing.models import Faq, Service
from tests import cast
from tests.desk.pictures import picture
from tests.staffing import states

pytestmark = pytest.mark.django_db


def full_service(**fields: Any) -> Service:
    """A service with every field filled."""
    licence = fields.pop("required_licence", None) or cast.licence()
    made = cast.service(
        **{
            "body": "<p>派遣关系里有三方。</p>",
            "audience": "both",
            "suitable": ["旺季加线，六个月内结束"],
            "unsuitable": ["长期存在的主营岗位"],
            "industries": ["电子制造", "仓储物流"],
            "price_from": "180.00",
            "price_unit": "元/人·月",
            "price_valid_until": timezone.localdate() + timedelta(days=90),
            "price_note": "管理费按当月在岗人数计。",
            "fee_includes": ["每月工资核算与发放"],
            "min_headcount": 5,
            "lead_time_days": 7,
            "replacement_policy": "五个工作日内补员。",
            "liability_text": "工伤由派遣单位申报，用工单位协助。",
            "invoice_text": "以税务主管部门现行规定为准。",
            "contract_term": "派遣协议一般签一年。",
            "steps": ["电话说清岗位", "签派遣协议"],
            "documents": ["营业执照复印件"],
            "contact_person": "陈顾问",
            "required_licence": licence,
            **fields,
        }
    )
    made.districts.add(cast.district(), cast.district("longhua", "龙华区"))
    Faq.objects.create(
        service=made,
        question="派遣人数超过 10% 会怎样？",
        answer="先停止新增派遣。\n\n再把超出的岗位改为直接签约。",
        legal_basis="《劳动合同法》第六十六条",
    )
    return made


def test_shows_every_field_that_is_filled(client: Client) -> None:
    full_service()
    text = client.get("/services/dispatch/").text
    for shown in (
        "<h1>劳务派遣</h1>",
        "临时性、辅助性、替代性岗位的派遣用工。",
        "<p>派遣关系里有三方。</p>",
        "企业与求职者",
        "旺季加线，六个月内结束",
        "长期存在的主营岗位",
        "电子制造、仓储物流",
        "宝安区、龙华区",
        "180 元/人·月起",
        "管理费按当月在岗人数计。",
        "每月工资核算与发放",
        "5 人",
        "7 天内",
        "五个工作日内补员。",
        "工伤由派遣单位申报",
        "以税务主管部门现行规定为准。",
        "派遣协议一般签一年。",
        "电话说清岗位",
        "营业执照复印件",
        "陈顾问",
        '<a href="/licences/">劳务派遣经营许可证 示例0001号</a>',
        "派遣人数超过 10% 会怎样？",
        "<p>再把超出的岗位改为直接签约。</p>",
        "依据：《劳动合同法》第六十六条",
    ):
        assert shown in text


def test_shows_its_picture(client: Client) -> None:
    cast.service(cover=picture(image_alt_text="签约现场"))
    assert 'alt="签约现场"' in client.get("/services/dispatch/").text


def test_leaves_out_sections_without_content(client: Client) -> None:
    cast.service()
    text = client.get("/services/dispatch/").text.split("<footer")[0]
    for heading in (
        "适不适合您",
        "费用包含",
        "怎么合作",
        "办理流程",
        "您需要准备",
        "常见问题",
        "经营资质",
        "做过的案例",
    ):
        assert heading not in text
    assert "出了事谁负责" in text


def test_offers_a_call_and_the_form(client: Client) -> None:
    cast.hotline(always=True)
    cast.service()
    text = client.get("/services/dispatch/").text
    assert "客服热线:0755-8882 8155" in text
    assert "拨打 0755-8882 8155" in text
    assert 'href="/enquiry/?service=dispatch&amp;from=/services/dispatch/"' in text


def test_names_the_other_public_services(client: Client) -> None:
    cast.service()
    cast.service("outsourcing", "劳务外包")
    cast.service("hidden", "不公开的服务", **states.hidden()["draft"])
    response = client.get("/services/dispatch/")
    assert [item.name for item in response.context["others"]] == ["劳务外包"]
    assert 'href="/services/outsourcing/"' in response.text
    assert "不公开的服务" not in response.text


def test_a_price_past_its_day_is_not_quoted(client: Client) -> None:
    full_service(price_valid_until=date(2026, 1, 31))
    text = client.get("/services/dispatch/").text
    assert "180 元/人·月起" not in text
    assert "2026年1月31日 到期" in text


def test_a_price_is_quoted_on_its_last_day() -> None:
    today = timezone.localdate()
    assert Service(price_valid_until=today).price_is_current
    assert not Service(price_valid_until=today - timedelta(days=1)).price_is_current
    assert Service().price_is_current


@pytest.mark.parametrize(
    "fields", [{"public": False}, {"valid_from": date(2022, 1, 1), "valid_to": date(2025, 1, 1)}]
)
def test_a_licence_that_is_not_shown_is_not_named(client: Client, fields: dict[str, Any]) -> None:
    full_service(required_licence=cast.licence(**fields))
    text = client.get("/services/dispatch/").text
    assert "示例0001号" not in text
    assert "经营资质" not in text


def test_escapes_what_editors_type_into_plain_fields(client: Client) -> None:
    cast.service(name="派遣<script>", steps=["<b>第一步</b>"], liability_text="<i>责任</i>")
    text = client.get("/services/dispatch/").text
    assert "派遣&lt;script&gt;" in text
    assert "<b>第一步</b>" not in text
    assert "<i>责任</i>" not in text


def test_search_engines_get_the_texts_written_for_them(client: Client) -> None:
    cast.service(seo_title="深圳劳务派遣怎么收费", seo_description="按人·月计价，逐项列明。")
    text = client.get("/services/dispatch/").text
    assert "<title>深圳劳务派遣怎么收费_服务_" in text
    assert '<meta name="description" content="按人·月计价，逐项列明。">' in text


@pytest.mark.parametrize("state", ["draft", "in_review", "scheduled", "expired", "deleted"])
def test_what_is_not_public_is_not_found(client: Client, state: str) -> None:
    cast.service(**states.hidden()[state])
    assert client.get("/services/dispatch/").status_code == 404


def test_what_was_withdrawn_is_gone(client: Client) -> None:
    cast.service(**states.WITHDRAWN)
    assert client.get("/services/dispatch/").status_code == 410


@pytest.mark.parametrize("path", ["/services/none/", "/services/劳务派遣/", "/services/a%00b/"])
def test_what_there_is_not_is_not_found(client: Client, path: str) -> None:
    cast.service()
    assert client.get(path).status_code == 404


def test_takes_no_form(client: Client) -> None:
    cast.service()
    assert client.post("/services/dispatch/").status_code == 405


def test_cost_does_not_grow(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.profile()
    cast.hotline()
    service = full_service()
    # Item, districts, questions, others, cases, jobs, keywords, landing pages; the chrome's six, due
    # changes.
    with django_assert_num_queries(15):
        client.get("/services/dispatch/")
    for number in range(8):
        cast.service(f"service-{number}", f"服务{number}")
        service.districts.add(cast.district(f"district-{number}", f"第{number}区"))
        Faq.objects.create(service=service, question=f"问题{number}？", answer="答。")
    with django_assert_num_queries(15):
        client.get("/services/dispatch/")
