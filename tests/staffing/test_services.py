"""`/services/`: the list of services."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from staffing.models import Licence, Service
from tests import cast
from tests.staffing import states

pytestmark = pytest.mark.django_db


def test_lists_services_in_the_order_of_the_staff(client: Client) -> None:
    cast.service("outsourcing", "劳务外包", order=20)
    cast.service("temporary", "临时工派遣", order=10)
    cast.service("dispatch", "劳务派遣", order=20)

    response = client.get("/services/")

    assert [item.name for item in response.context["services"]] == [
        "临时工派遣",
        "劳务外包",
        "劳务派遣",
    ]
    assert 'href="/services/temporary/"' in response.text


def test_says_price_headcount_and_lead_time(client: Client) -> None:
    cast.service(price_from="180.00", price_unit="元/人·月", min_headcount=5, lead_time_days=7)
    text = client.get("/services/").text
    assert "180 元/人·月起" in text
    assert "5 人起" in text
    assert "7 天到岗" in text


def test_hides_what_is_not_public(client: Client) -> None:
    for slug, fields in {**states.hidden(), "withdrawn": states.WITHDRAWN}.items():
        cast.service(slug.replace("_", "-"), f"不公开的服务{slug}", **fields)
    assert "不公开的服务" not in client.get("/services/").text


def test_without_services_it_says_so_and_gives_the_hotline(client: Client) -> None:
    cast.hotline(always=True)
    text = client.get("/services/").text
    assert "服务说明还在整理" in text
    assert "拨打 0755-8882 8155" in text


def test_carries_the_hotline(client: Client) -> None:
    cast.hotline()
    text = client.get("/services/").text
    assert "客服热线:0755-8882 8155" in text
    assert 'href="tel:+8675588828155"' in text


@pytest.mark.parametrize("path", ["/services/", "/prices/", "/"])
def test_a_service_whose_licence_has_lapsed_is_not_offered(client: Client, path: str) -> None:
    licence = cast.licence(valid_to=timezone.localdate())
    cast.service(required_licence=licence)
    assert "暂不受理" not in client.get(path).text
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert "暂不受理" in client.get(path).text


def test_the_query_and_the_property_agree_on_what_is_offered() -> None:
    today = timezone.localdate()
    ends = [None, today, today + timedelta(days=1), today - timedelta(days=1)]
    licences = [
        None,
        *(cast.licence(number=f"第{n}号", valid_to=end) for n, end in enumerate(ends)),
    ]
    for number, licence in enumerate(licences):
        cast.service(f"service-{number}", f"服务{number}", required_licence=licence)
    offered = {service for service in Service.objects.all() if service.is_offered}
    assert set(Service.objects.offered()) == offered
    assert len(offered) == 4
    assert {one for one in licences if one and not one.lapsed} == set(Licence.objects.unlapsed())


def test_takes_no_form(client: Client) -> None:
    assert client.post("/services/").status_code == 405


def test_cost_does_not_grow(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.profile()
    cast.hotline()
    for number in range(2):
        cast.service(f"service-{number}", f"服务{number}")
    with django_assert_num_queries(8):  # one, and the chrome's six, due changes
        client.get("/services/")
    for number in range(2, 12):
        cast.service(f"service-{number}", f"服务{number}")
    with django_assert_num_queries(8):
        client.get("/services/")
