"""百度普通收录 and IndexNow: what they are sent, what each of their answers means, and that none is lost."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from portal.cms.delivery import claiming, robots
from portal.cms.delivery.fates import (
    NotSentError,
    Taken,
    TargetError,
    TooManyError,
    UnclearError,
)
from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.delivery.sending import deliver_next
from portal.cms.delivery.topics import Message
from portal.cms.engines import announcing, push
from portal.cms.engines.models import PublicAddress
from tests import cast
from tests.loopback import SearchEngine, certificate, hangs_up, says, serving
from tests.pushers import Moody, Pushers, addresses
from tests.start.waiting import until

S = Delivery.State
K = DeliveryTarget.Kind
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)  # 00:05 in Shenzhen
PATHS = ["/articles/1/", "/articles/2/"]
URLS = [f"http://127.0.0.1:8000{path}" for path in PATHS]
TOKENS = {K.BAIDU: "ceshi12345678abc", K.INDEXNOW: "0123456789abcdef"}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[SearchEngine]:
    with serving(SearchEngine()) as server:

        def connect(engine: push.Engine, deadline: float) -> socket.socket:
            return socket.create_connection(server.endpoint)

        monkeypatch.setattr(push, "connect", connect)
        yield server


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def send(kind: str = K.BAIDU, paths: list[str] = PATHS, **fields: Any) -> Taken:
    values = {"address": "https://www.example.com", "secret": TOKENS[K(kind)], **fields}
    target = DeliveryTarget(name="引擎", kind=kind, **values)
    return push.send(target, Message("网址推送", paths), "delivery-1")


# --- What is sent -----------------------------------------------------------------------------------


def test_baidu_is_sent_one_address_a_line(engine: SearchEngine) -> None:
    assert send(address="www.example.com").remaining == 100_000
    ((host, path, lines),) = engine.posts
    assert host == "data.zz.baidu.com"
    assert urlsplit(path).path == "/urls"
    assert parse_qs(urlsplit(path).query) == {
        "site": ["www.example.com"],
        "token": ["ceshi12345678abc"],
    }
    assert lines == URLS


def test_indexnow_is_sent_a_list_and_where_the_key_is(
    engine: SearchEngine, settings: Settings
) -> None:
    settings.SITE_URL = "https://www.example.com"
    engine.plays = [says({}, 202)]
    assert send(K.INDEXNOW) == Taken()
    ((host, path, said),) = engine.posts
    assert (host, path) == ("api.indexnow.org", "/indexnow")
    assert said == {
        "host": "www.example.com",
        "key": "0123456789abcdef",
        "keyLocation": "https://www.example.com/0123456789abcdef.txt",
        "urlList": [f"https://www.example.com{path}" for path in PATHS],
    }


def test_indexnow_has_to_show_its_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = certificate(tmp_path, "api.indexnow.org")
    with serving(SearchEngine(papers)) as server:
        monkeypatch.setattr(robots, "endpoint", lambda host: server.endpoint)
        with pytest.raises(NotSentError, match="连接不上"):
            send(K.INDEXNOW)
        assert server.posts == []
        trusted = ssl.create_default_context(cafile=str(papers))
        monkeypatch.setattr(robots, "tls", lambda: trusted)
        assert send(K.INDEXNOW) == Taken()
        assert server.told == [PATHS]


def test_baidu_that_cannot_be_reached_was_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> socket.socket:
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(NotSentError, match="连接不上"):
        send()


@pytest.mark.parametrize("secret", ["", "a b", "x&site=y"])
def test_a_token_that_cannot_be_one_is_not_sent(engine: SearchEngine, secret: str) -> None:
    with pytest.raises(TargetError):
        send(secret=secret)
    assert engine.posts == []


# --- What is answered -------------------------------------------------------------------------------

REFUSED = [
    # By engine: what it answers, what that is, and what is said of it.
    (K.BAIDU, says({"error": 400, "message": "site error"}, 400), TargetError, "没有这个站点"),
    (K.BAIDU, says({"error": 401, "message": "token is not valid"}, 401), TargetError, "密钥不对"),
    (K.BAIDU, says({"error": 404, "message": "not found"}, 404), TargetError, "接口没有找到"),
    (K.BAIDU, says({"error": 400, "message": "empty content"}, 400), TargetError, "400"),
    (K.BAIDU, says({"error": 400, "message": "over quota"}, 400), TooManyError, "1"),
    (
        K.BAIDU,
        says({"error": 400, "message": "only 2000 urls are allowed once"}, 400),
        TooManyError,
        "1",
    ),
    (
        K.BAIDU,
        says({"error": 500, "message": "internal error, please try later"}, 500),
        NotSentError,
        "500",
    ),
    (K.BAIDU, says(b"<html>", 200), NotSentError, "200"),
    (K.BAIDU, says(b"[" * 60_000, 200), NotSentError, "200"),
    (K.BAIDU, says({}, 429), NotSentError, "429"),
    (K.BAIDU, says({}, 302, Location="http://127.0.0.1/"), TargetError, "302"),
    (K.BAIDU, hangs_up, UnclearError, "没有回答"),
    (
        K.BAIDU,
        says({"remain": 5, "success": 0, "not_same_site": URLS, "not_valid": []}),
        TargetError,
        "不是这个站点",
    ),
    (K.BAIDU, says({"remain": 99, "success": 0}), TooManyError, "1"),
    (K.INDEXNOW, says({}, 400), TooManyError, "1"),
    (K.INDEXNOW, says({}, 403), TargetError, "没有认出密钥"),
    (K.INDEXNOW, says({}, 422), TargetError, "不属于这个网站"),
    (K.INDEXNOW, says({}, 429), TargetError, "太频繁"),
    (K.INDEXNOW, says({}, 301, Location="http://127.0.0.1/"), TargetError, "301"),
    (K.INDEXNOW, says({}, 500), NotSentError, "500"),
    (K.INDEXNOW, hangs_up, UnclearError, "没有回答"),
]


@pytest.mark.parametrize(
    ("kind", "answer", "error", "words"), REFUSED, ids=map(str, range(len(REFUSED)))
)
def test_each_refusal_means_what_is_published_of_it(
    engine: SearchEngine,
    clock: time_machine.Traveller,
    kind: str,
    answer: Callable[..., None],
    error: type[Exception],
    words: str,
) -> None:
    engine.plays = [answer]
    with pytest.raises(error, match=words) as refused:
        send(kind)
    assert len(engine.posts) == 1, "no redirect is followed, nothing is tried again at once"
    assert TOKENS[K(kind)] not in str(refused.value)
    if isinstance(refused.value, TargetError):
        assert refused.value.again_at == NOON + push.LATER
    if isinstance(refused.value, TooManyError):
        assert refused.value.most == 1


def test_baidu_s_quota_is_over_until_the_next_morning_in_shenzhen(
    engine: SearchEngine, clock: time_machine.Traveller
) -> None:
    engine.plays = [says({"error": 400, "message": "over quota"}, 400)]
    with pytest.raises(TargetError, match="配额") as refused:
        send(paths=PATHS[:1])
    assert refused.value.again_at == MORNING
    engine.plays = [says({"remain": 0, "success": 2})]
    assert send() == Taken({}, 0, MORNING, push.QUOTA_USED)


def test_what_baidu_refuses_singly_is_named(engine: SearchEngine) -> None:
    said = {"remain": 7, "success": 0, "not_same_site": URLS[:1], "not_valid": [URLS[1], "x", 5]}
    engine.plays = [says(said)]
    assert send() == Taken({PATHS[0]: push.NOT_OURS, PATHS[1]: push.NOT_VALID}, 7)


@pytest.mark.parametrize(
    ("remain", "remaining"), [(-3, 0), (10**30, 2**31 - 1), ("many", None), (None, None)]
)
def test_any_number_it_names_fits(engine: SearchEngine, remain: Any, remaining: int | None) -> None:
    engine.plays = [says({"remain": remain, "success": 2})]
    assert send().remaining == remaining


def test_one_address_that_indexnow_does_not_take_is_at_fault_itself(engine: SearchEngine) -> None:
    engine.plays = [says({}, 400)]
    assert list(send(K.INDEXNOW, PATHS[:1]).refused) == PATHS[:1]


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta(minutes=1)),
        ("999999999", timedelta(days=1)),
        ("Mon, 23 Nov 2026 04:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 23 Nov 2020 04:10:00 GMT", timedelta(minutes=1)),
        ("soon", timedelta(hours=1)),
        ("-5", timedelta(hours=1)),
    ],
)
def test_indexnow_is_asked_again_when_it_says(
    engine: SearchEngine, clock: time_machine.Traveller, header: str, wait: timedelta
) -> None:
    engine.plays = [says({}, 429, **{"Retry-After": header})]
    with pytest.raises(TargetError) as refused:
        send(K.INDEXNOW)
    assert refused.value.again_at == NOON + wait


# --- What becomes of the rows -----------------------------------------------------------------------

db = pytest.mark.django_db


def waiting(many: int, kind: str = K.BAIDU) -> DeliveryTarget:
    """Addresses whose pages have gone, so that no page is needed for them, and the engine to be told."""
    target = cast.push_target(kind)
    rows = [
        PublicAddress(path=f"/articles/{n}/", key=f"{n:032}", was_public=True, stamp="gone")
        for n in range(many)
    ]
    for row in PublicAddress.objects.bulk_create(rows):
        announcing.push(row, [target])
    return target


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Delivery.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def work() -> int:
    turns = 0
    while deliver_next("worker"):
        turns += 1
        assert turns < 60, "it turns in a circle"
    return turns


def again(target: DeliveryTarget) -> DeliveryTarget:
    target.refresh_from_db()
    return target


@db
def test_a_thousand_go_at_once_and_are_noted_in_a_few_queries(
    engine: SearchEngine,
    clock: time_machine.Traveller,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    target = waiting(1_200)
    with django_assert_max_num_queries(20):
        assert deliver_next("worker")
    assert states() == {S.DELIVERED: 1_000, S.PENDING: 200}
    work()
    assert [len(paths) for paths in engine.told] == [1_000, 200]
    assert max(engine.heard.values()) == 1
    assert again(target).remaining == 100_000


@db
def test_over_quota_the_rest_goes_the_next_morning_and_none_is_lost(
    engine: SearchEngine, clock: time_machine.Traveller
) -> None:
    target = waiting(1_200)
    left = [700]

    def quota(visit: Any) -> None:
        count = len(engine.told[-1])
        if count > left[0]:
            says({"error": 400, "message": "over quota"}, 400)(visit)
        else:
            left[0] -= count
            says({"remain": left[0], "success": count})(visit)

    engine.answer = quota
    work()
    assert states() == {S.DELIVERED: 700, S.PENDING: 500}
    assert set(Delivery.objects.values_list("due_at", flat=True)) == {NOON}
    assert (again(target).note, again(target).paused_until) == (push.QUOTA_USED, MORNING)
    assert not deliver_next("worker")
    clock.move_to(MORNING)
    left[0] = 100_000
    work()
    assert states() == {S.DELIVERED: 1_200}
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}
    assert (again(target).note, again(target).paused_until) == ("", None)


@db
def test_a_refusal_of_the_target_counts_no_attempt_however_often(
    engine: SearchEngine, clock: time_machine.Traveller
) -> None:
    target = waiting(3)
    for _ in range(30):
        engine.plays = [says({"error": 401, "message": "token is not valid"}, 401)]
        assert work() == 1
        assert states() == {S.PENDING: 3}
        clock.move_to(again(target).paused_until or NOON)
    assert "密钥不对" in again(target).note
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}
    assert target.secret not in again(target).note + "".join(
        Delivery.objects.values_list("problem", flat=True)
    )
    work()
    assert states() == {S.DELIVERED: 3}
    assert again(target).note == ""


@db
def test_the_one_address_that_is_not_taken_fails_alone(
    engine: SearchEngine, clock: time_machine.Traveller
) -> None:
    waiting(20, K.INDEXNOW)

    def picky(visit: Any) -> None:
        says({}, 400 if "/articles/13/" in engine.told[-1] else 200)(visit)

    engine.answer = picky
    work()
    assert states() == {S.DELIVERED: 19, S.FAILED: 1}
    assert str(Delivery.objects.get(state=S.FAILED).subject) == "/articles/13/"


@db
def test_silence_and_trouble_are_tried_again(
    engine: SearchEngine, clock: time_machine.Traveller
) -> None:
    waiting(3)
    engine.plays = [hangs_up, says({"message": "internal error, please try later"}, 500)]
    for _ in range(2):
        assert work() == 1
        assert states() == {S.PENDING: 3}
        clock.shift(timedelta(minutes=10))
    work()
    assert states() == {S.DELIVERED: 3}
    assert [len(paths) for paths in engine.told] == [3, 3, 3]


@db
def test_killed_after_the_answer_it_repeats_that_batch_and_no_other(
    engine: SearchEngine, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(1_500)
    noted = claiming.delivered

    def killed(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(claiming, "delivered", killed)
    with pytest.raises(KeyboardInterrupt):
        deliver_next("worker")
    monkeypatch.setattr(claiming, "delivered", noted)
    work()
    assert states() == {S.SENDING: 1_000, S.DELIVERED: 500}
    clock.shift(claiming.LEASE + timedelta(seconds=1))
    assert claiming.expire() == 1_000
    work()
    assert states() == {S.DELIVERED: 1_500}
    assert sorted(engine.heard.values()) == [1] * 500 + [2] * 1_000


@db
def test_the_token_is_in_no_log(
    engine: SearchEngine, clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    target = waiting(2)
    engine.plays = [hangs_up, says(b"<html>"), says({"message": "site error"}, 400)]
    for _ in range(4):
        work()
        clock.shift(timedelta(hours=2))
    assert states() == {S.DELIVERED: 2}
    assert target.secret not in caplog.text


@db
def test_an_address_that_changed_twice_is_named_once_in_a_message(
    engine: SearchEngine, clock: time_machine.Traveller
) -> None:
    target = waiting(1)
    clock.shift(timedelta(seconds=1))
    announcing.push(PublicAddress.objects.get(), [target])
    work()
    assert engine.told == [["/articles/0/"]]
    assert states() == {S.DELIVERED: 2}


def test_one_address_that_baidu_does_not_count_is_tried_again(engine: SearchEngine) -> None:
    engine.plays = [says({"remain": 99, "success": 0})]
    with pytest.raises(NotSentError, match="没有收下"):
        send(paths=PATHS[:1])


@db
def test_what_failed_is_nobody_s_worry_once_it_is_told_anew(
    engine: SearchEngine, clock: time_machine.Traveller
) -> None:
    target = waiting(1)
    other = cast.push_target(K.INDEXNOW)
    row = PublicAddress.objects.get()
    announcing.push(row, [other])
    Delivery.objects.update(state=S.FAILED)
    announcing.push(row, [target])
    work()
    assert states() == {S.DROPPED: 1, S.FAILED: 1, S.DELIVERED: 1}
    assert other.deliveries.get().state == S.FAILED, "that one was not told anew"


@db
def test_what_one_engine_does_not_take_the_other_still_hears(
    engine: SearchEngine, clock: time_machine.Traveller
) -> None:
    baidu = waiting(2)
    indexnow = cast.push_target(K.INDEXNOW)
    for row in PublicAddress.objects.all():
        announcing.push(row, [indexnow])
    engine.plays = [says({"message": "site error"}, 400)]
    work()
    assert states() == {S.PENDING: 2, S.DELIVERED: 2}
    assert set(indexnow.deliveries.values_list("state", flat=True)) == {S.DELIVERED}
    assert again(baidu).paused_until == timezone.now() + push.LATER


# --- Killed for real --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_killed_three_times_no_address_is_lost_and_only_what_was_in_flight_comes_twice(
    tmp_path: Path,
) -> None:
    """The twin of soak_push."""
    addresses(300)
    flying: list[int] = []
    with serving(SearchEngine()) as server:
        pushers = Pushers(server, tmp_path, batch=20)
        think = Moody(server, chance=7, calm=1).think
        server.plays = [think] * 3
        try:
            for _ in range(3):
                server.plays.insert(0, think)
                flying.append(pushers.life(server, 0.1))
            pushers.start()
            until(lambda: states() == {S.DELIVERED: 600}, "something is still on its way")
        finally:
            pushers.kill()
    assert len(server.heard) == 300
    assert min(server.heard.values()) >= 2, "both engines heard of each"
    assert sum(server.heard.values()) - 600 <= sum(flying) <= 3 * 20
