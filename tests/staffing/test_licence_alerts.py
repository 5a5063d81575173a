"""Who is told before a licence ends; and that what it covers is not offered once it has."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.delivery.topics import topic_of
from staffing.licences import alerts
from staffing.models import Licence, LicenceAlert
from tests import cast

pytestmark = pytest.mark.django_db

END = date(2027, 6, 30)


def run(day: date) -> list[int]:
    """Let the worker look on a morning; return what it has announced by then, furthest first."""
    alerts.run(timezone.make_aware(datetime(day.year, day.month, day.day, 8, 30)))
    told = LicenceAlert.objects.order_by("-days", "valid_to")
    return list(told.values_list("days", flat=True))


@pytest.fixture
def target() -> DeliveryTarget:
    fields: dict[str, Any] = {"topics": ["licence"]}
    return DeliveryTarget.objects.create(
        name="业务组", kind="mail", address="amin@example.com", **fields
    )


def before(days: int) -> date:
    return END - timedelta(days=days)


def test_each_threshold_is_told_once(target: DeliveryTarget) -> None:
    cast.licence(valid_to=END)
    assert run(before(121)) == []
    assert run(before(120)) == [120]
    assert run(before(119)) == [120]
    assert run(before(90)) == [120, 90]
    assert run(before(60)) == [120, 90, 60]
    assert run(before(30)) == [120, 90, 60, 30]
    assert run(before(7)) == [120, 90, 60, 30, 7]
    assert run(END) == [120, 90, 60, 30, 7]
    assert run(before(-1)) == [120, 90, 60, 30, 7, 0]
    assert run(before(-50)) == [120, 90, 60, 30, 7, 0]
    assert Delivery.objects.filter(topic="licence", target=target).count() == 6


def test_of_those_that_were_missed_the_nearest_is_told(target: DeliveryTarget) -> None:
    cast.licence(valid_to=END)
    assert run(before(20)) == [30]
    assert Delivery.objects.count() == 1


def test_a_new_term_is_told_anew() -> None:
    licence = cast.licence(valid_to=END)
    run(before(7))
    licence.valid_to = END + timedelta(days=365)
    licence.save()
    assert run(END) == [7]
    assert run(END + timedelta(days=245)) == [120, 7]


def test_one_for_good_is_never_told() -> None:
    cast.licence(valid_to=None)
    assert run(END) == []


@time_machine.travel("2027-05-31 08:30 +0800", tick=False)
def test_the_message_says_which_and_when() -> None:
    licence = cast.licence(valid_to=END)
    run(before(30))
    topic = topic_of("licence")
    assert topic is not None
    alert = LicenceAlert.objects.get()
    message = topic.render([alert])
    assert message.title == "劳务派遣经营许可证将到期"
    assert list(message.lines) == [
        "劳务派遣经营许可证 示例0001号：有效期至 2027年6月30日，还有 30 天"
    ]
    assert f"/staffing/licence/{licence.pk}/" in message.link
    assert topic.wanted([alert])

    Licence.objects.update(valid_to=END + timedelta(days=1))
    assert not topic.wanted([LicenceAlert.objects.get()])


@time_machine.travel("2027-07-01 08:30 +0800", tick=False)
def test_several_are_one_message() -> None:
    for number in ("示例1号", "示例2号"):
        cast.licence(number=number, valid_to=END)
    run(before(-1))
    message = alerts.render(list(LicenceAlert.objects.all()))
    assert message.title == "2 份证照将到期或已过期"
    assert "已停止对外受理" in message.lines[0]


# --- What a lapsed licence covers ----------------------------------------------------------------------


def test_a_service_is_offered_through_the_last_day_of_its_licence(client: Client) -> None:
    cast.hotline(always=True)
    today = timezone.localdate()
    licence = cast.licence(valid_to=today)
    cast.service(required_licence=licence)
    text = client.get("/services/dispatch/").text
    assert "/enquiry/?service=dispatch" in text
    assert "暂不受理" not in text

    licence.valid_to = today - timedelta(days=1)
    licence.save()

    text = client.get("/services/dispatch/").text
    assert "证照换发中，暂不受理" in text
    assert "/enquiry/?" not in text
    assert 'class="btn btn-call"' not in text
    assert 'class="thumb"' not in text
    assert 'href="/contact/"' in text


def test_a_service_that_needs_no_licence_is_offered(client: Client) -> None:
    cast.hotline(always=True)
    cast.service(legal_model="outsourcing")
    assert "/enquiry/?service=dispatch" in client.get("/services/dispatch/").text
