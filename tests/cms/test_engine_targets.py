"""The search engines that are told of changes: as the environment names them, or the admin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from portal.cms.delivery.models import DeliveryTarget
from portal.cms.engines.targets import follow_environment
from tests import cast

pytestmark = pytest.mark.django_db

BAIDU, INDEXNOW = DeliveryTarget.Kind.BAIDU, DeliveryTarget.Kind.INDEXNOW


@pytest.fixture
def named(settings: Settings) -> Settings:
    settings.SITE_URL = "https://www.example.com"
    settings.BAIDU_PUSH_SITE = "www.example.com"
    settings.BAIDU_PUSH_TOKEN = "ceshi12345678abc"
    settings.INDEXNOW_KEY = "0123456789abcdef"
    return settings


def told() -> set[tuple[str, str, str, bool]]:
    return set(DeliveryTarget.objects.values_list("kind", "address", "secret", "active"))


def test_nobody_is_told_of_anything_until_it_is_asked_for(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        follow_environment()
    assert told() == set()


def test_what_the_environment_names_is_made_once(named: Settings) -> None:
    follow_environment()
    follow_environment()
    assert told() == {
        ("baidu", "www.example.com", "ceshi12345678abc", True),
        ("indexnow", "https://www.example.com", "0123456789abcdef", True),
    }
    for target in DeliveryTarget.objects.all():
        target.full_clean()


def test_another_secret_is_taken_over_and_what_waits_goes_at_once(named: Settings) -> None:
    follow_environment()
    later = timezone.now() + timedelta(hours=1)
    DeliveryTarget.objects.update(paused_until=later, failures=3)
    named.BAIDU_PUSH_TOKEN = "xinde12345678abc"
    follow_environment()
    baidu, indexnow = (DeliveryTarget.objects.get(kind=kind) for kind in (BAIDU, INDEXNOW))
    assert (baidu.secret, baidu.paused_until, baidu.failures) == ("xinde12345678abc", None, 0)
    assert (indexnow.paused_until, indexnow.failures) == (later, 3)


def test_what_the_admin_switched_off_or_made_stays_so(named: Settings) -> None:
    follow_environment()
    DeliveryTarget.objects.filter(kind=BAIDU).update(active=False, name="百度（停用）")
    named.INDEXNOW_KEY = ""
    follow_environment()
    assert ("baidu", "www.example.com", "ceshi12345678abc", False) in told()
    assert ("indexnow", "https://www.example.com", "0123456789abcdef", True) in told()


@pytest.mark.parametrize(
    ("kind", "address", "secret", "field"),
    [
        (BAIDU, "www.example.com", "短", "secret"),
        (BAIDU, "www.example.com", "", "secret"),
        (BAIDU, "www.example.com", "ceshi1234&x=1", "secret"),
        (INDEXNOW, "https://www.example.com", "short", "secret"),
        (INDEXNOW, "https://www.example.com", "no_such_sign", "secret"),
        (BAIDU, "https://www.example.com/path/", "ceshi12345678abc", "address"),
        (BAIDU, "yewu@example.com", "ceshi12345678abc", "address"),
    ],
)
def test_what_no_engine_would_take_is_refused(
    kind: str, address: str, secret: str, field: str
) -> None:
    target = DeliveryTarget(name="搜索引擎", kind=kind, address=address, secret=secret)
    with pytest.raises(ValidationError) as refused:
        target.full_clean()
    assert list(refused.value.message_dict) == [field]


def test_an_engine_takes_no_message_of_colleagues() -> None:
    target = cast.push_target(topics=["enquiry"])
    target.full_clean()
    assert target.is_engine
    assert target.topics == []
    assert not DeliveryTarget(kind="mail").is_engine
