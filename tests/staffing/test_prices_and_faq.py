"""`/prices/` and `/faq/`: what all services say of prices and of what is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.site import SiteProfile
from staffing.models import Faq, Service
from tests import cast
from tests.staffing import states

pytestmark = pytest.mark.django_db


def ask(service: Service, question: str, **fields: object) -> Faq:
    return Faq.objects.create(service=service, question=question, answer="按合同约定。", **fields)


def test_prices_say_what_the_fee_contains_and_who_supervises(client: Client) -> None:
    profile = SiteProfile.load()
    profile.supervising_body = "深圳市宝安区人力资源局（示例）"
    profile.save()
    cast.service(
        price_model="per_head_month",
        price_from="180.00",
        price_unit="元/人·月",
        price_valid_until=timezone.localdate(),
        fee_includes=["招聘", "发薪"],
        min_headcount=5,
    )
    text = client.get("/prices/").text
    for shown in ("180 元/人·月起", "按人·月固定", "招聘、发薪", "5 人", "宝安区人力资源局"):
        assert shown in text


def test_a_price_that_has_run_out_is_not_quoted(client: Client) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    cast.service(price_from="180.00", price_unit="元/人·月", price_valid_until=yesterday)
    text = client.get("/prices/").text
    assert "请来电询问" in text
    assert "180" not in text


def test_questions_stand_with_those_who_ask_them(client: Client) -> None:
    service = cast.service()
    one = ask(service, "工伤谁负责？", legal_basis="《劳动合同法》第九十二条")
    two = ask(service, "要交押金吗？", audience="seeker")
    response = client.get("/faq/")
    assert [(group.label, group.faqs) for group in response.context["groups"]] == [
        ("企业常问", [one]),
        ("求职者常问", [two]),
    ]
    assert f'id="q{one.pk}"' in response.text
    assert "依据：《劳动合同法》第九十二条" in response.text
    assert 'href="/services/dispatch/"' in response.text


def test_one_to_be_reviewed_stays(client: Client) -> None:
    ask(cast.service(), "还对吗？", review_due=timezone.localdate() - timedelta(days=1))
    assert "还对吗？" in client.get("/faq/").text


def test_of_hidden_services_neither_says_a_word(client: Client) -> None:
    for slug, fields in {**states.hidden(), "withdrawn": states.WITHDRAWN}.items():
        ask(cast.service(slug.replace("_", "-"), f"不公开的服务{slug}", **fields), "不公开的问题？")
    assert "不公开" not in client.get("/prices/").text
    assert "不公开" not in client.get("/faq/").text


@pytest.mark.parametrize(
    ("path", "words"), [("/prices/", "价格还在整理"), ("/faq/", "问题还在整理")]
)
def test_with_nothing_to_say_it_leads_to_the_hotline(client: Client, path: str, words: str) -> None:
    cast.hotline(always=True)
    text = client.get(path).text
    assert words in text
    assert "拨打 0755-8882 8155" in text
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("slug", ["prices", "faq"])
def test_the_staffs_own_words_stand_above(client: Client, slug: str) -> None:
    cast.page(slug, "我们怎么说", summary="先看这一句", body="<p>再看这一段。</p>")
    text = client.get(f"/{slug}/").text
    for words in ("我们怎么说", "先看这一句", "再看这一段。"):
        assert words in text
    shown = client.get("/sitemap/").text.split("<footer")[0]
    assert shown.count(f'href="/{slug}/"') == 1


@pytest.mark.parametrize("path", ["/prices/", "/faq/"])
def test_cost_does_not_grow(
    client: Client, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.profile()
    cast.hotline()
    with django_assert_num_queries(9):  # two, and the chrome's six, due changes
        client.get(path)
    for number in range(5):
        ask(cast.service(f"service-{number}", f"服务{number}"), f"问题{number}？")
    with django_assert_num_queries(9):
        client.get(path)
