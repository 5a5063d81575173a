"""Limits, and the addresses they count by."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
import time_machine
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from portal.cms import limits
from portal.cms.limits import Limit, take
from portal.cms.visitors import address_of

pytestmark = pytest.mark.both_databases

# --- Limits -----------------------------------------------------------------------------------------

HALF_PAST_TWELVE = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)  # in Shenzhen
ONE = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(HALF_PAST_TWELVE, tick=False) as traveller:
        yield traveller


@pytest.mark.django_db
def test_so_often_an_hour_by_the_clock(clock: time_machine.Traveller) -> None:
    assert [take("form", "203.0.113.7", hour=3).left for _ in range(3)] == [2, 1, 0]
    refused = take("form", "203.0.113.7", hour=3)
    assert (refused.allowed, refused.left, refused.again_at) == (False, 0, ONE)
    clock.move_to(ONE)
    assert take("form", "203.0.113.7", hour=3).left == 2


@pytest.mark.django_db
def test_so_often_a_day_of_shenzhen(clock: time_machine.Traveller) -> None:
    assert take("form", "x", hour=9, day=2).left == 1
    clock.move_to(ONE)
    assert take("form", "x", hour=9, day=2).left == 0
    refused = take("form", "x", hour=9, day=2)
    assert (refused.allowed, refused.again_at) == (False, MIDNIGHT)
    clock.move_to(MIDNIGHT)
    assert take("form", "x", hour=9, day=2).left == 1


@pytest.mark.django_db
def test_the_first_hour_of_a_day_is_not_the_day(clock: time_machine.Traveller) -> None:
    clock.move_to(MIDNIGHT)
    assert take("form", "x", hour=1, day=9).left == 0
    assert not take("form", "x", hour=1, day=9).allowed
    assert set(Limit.objects.values_list("count", flat=True)) == {1}


@pytest.mark.django_db
def test_purposes_and_keys_are_counted_apart() -> None:
    assert take("form", "x", day=1).allowed
    assert take("form", "y", day=1).allowed
    assert take("calls", "x", day=1).allowed
    assert not take("form", "x", day=1).allowed


@pytest.mark.django_db
def test_who_is_refused_costs_one_query_and_no_write(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    take("form", "x", hour=1, day=5)
    before = set(Limit.objects.values_list("key", "count"))
    with django_assert_num_queries(1):
        assert not take("form", "x", hour=1, day=5).allowed
    assert set(Limit.objects.values_list("key", "count")) == before


@pytest.mark.django_db
def test_rows_are_locked_one_by_one_in_one_order() -> None:
    """Two who take the same hour and day would else wait for each other, on PostgreSQL."""
    with CaptureQueriesContext(connection) as queries:
        take("form", "x", hour=5, day=5)
    updates = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    keys = list(Limit.objects.order_by("since").values_list("key", flat=True))
    assert len(updates) == 2
    assert all(key in sql for key, sql in zip(keys, updates, strict=True))


@pytest.mark.django_db
def test_nobody_can_be_followed_by_what_is_stored(clock: time_machine.Traveller) -> None:
    take("form", "203.0.113.7", day=5)
    clock.shift(timedelta(days=1))
    take("form", "203.0.113.7", day=5)
    first, second = Limit.objects.order_by("since")
    assert first.key != second.key
    assert "203.0.113.7" not in str([*Limit.objects.values_list()])


@pytest.mark.django_db
def test_what_has_ended_is_swept_away(clock: time_machine.Traveller) -> None:
    take("form", "x", hour=5, day=5)
    clock.shift(timedelta(days=1))
    take("form", "x", hour=5, day=5)
    limits.sweep(HALF_PAST_TWELVE + timedelta(days=2))
    assert Limit.objects.count() == 2
    assert not take("form", "x", day=1).allowed


@pytest.mark.django_db
def test_a_limit_without_a_number_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="an hour, or a day"):
        take("form", "x")


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_no_more_than_there_is() -> None:
    allowed, start = [], threading.Barrier(6)

    def visit() -> None:
        start.wait()
        allowed.append(take("form", "x", hour=3, day=9).allowed)
        connection.close()

    threads = [threading.Thread(target=visit) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(allowed) == [False] * 3 + [True] * 3


# --- Addresses --------------------------------------------------------------------------------------


def address(remote: str, forwarded: str | None = None) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return address_of(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote))


@pytest.mark.parametrize(
    ("remote", "forwarded", "seen"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # no proxy of ours: anybody can say that
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::1", "198.51.100.1", "198.51.100.1"),
        ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "10.9.9.9, 198.51.100.1", "198.51.100.1"),  # what was there before is made up
        ("127.0.0.1", "198.51.100.1, 127.0.0.1", "198.51.100.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "," * 5000, "127.0.0.1"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", None, "203.0.113.7"),
        ("", None, ""),  # a unix socket
        ("", "198.51.100.1", "198.51.100.1"),
    ],
)
def test_an_address_is_believed_from_our_own_proxies_only(
    remote: str, forwarded: str | None, seen: str
) -> None:
    assert address(remote, forwarded) == seen


def test_a_proxy_on_another_machine_is_named_in_the_settings(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = (ip_network("10.0.0.0/8"),)
    assert address("10.0.0.5", "198.51.100.1, 10.0.0.9") == "198.51.100.1"
    assert address("127.0.0.1", "198.51.100.1") == "127.0.0.1"
