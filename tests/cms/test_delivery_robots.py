"""企业微信, 钉钉, 飞书: what they are sent, and what their answers, or their silence, mean."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.exceptions import ValidationError

from portal.cms.delivery import Message, robots
from portal.cms.delivery.fates import NotSentError, UnclearError
from portal.cms.delivery.models import DeliveryTarget
from portal.cms.delivery.robots import ROBOTS
from tests.loopback import GroupChat, certificate, hangs_up, says, serving

K = DeliveryTarget.Kind
ADDRESSES = {
    K.WECOM: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx",
    K.DINGTALK: "https://oapi.dingtalk.com/robot/send?access_token=566cc69da782ec",
    K.FEISHU: "https://open.feishu.cn/open-apis/bot/v2/hook/ca2a8d0e-1234",
}
MESSAGE = Message("新线索 26-7KQ4P2", ["宝安区，30 人", "138****8155"], "/admin/")
TEXT = "新线索 26-7KQ4P2\n宝安区，30 人\n138****8155\nhttp://127.0.0.1:8000/admin/"


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    hosts = [robot.host for robot in ROBOTS.values()]
    return certificate(tmp_path_factory.mktemp("tls"), *hosts)


@pytest.fixture
def chat(papers: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GroupChat]:
    """All the robots' hosts, with certificates that are trusted here."""
    context = ssl.create_default_context(cafile=str(papers))
    with serving(GroupChat(papers)) as server:
        monkeypatch.setattr(robots, "endpoint", lambda host: server.endpoint)
        monkeypatch.setattr(robots, "tls", lambda: context)
        yield server


def robot(kind: str, secret: str = "") -> DeliveryTarget:
    return DeliveryTarget(name="群", kind=kind, address=ADDRESSES[K(kind)], secret=secret)


def send(kind: str = K.WECOM, secret: str = "") -> None:
    robots.send(robot(kind, secret), MESSAGE, "delivery-1")


# --- What is sent -----------------------------------------------------------------------------------


def test_wecom_is_sent_a_text(chat: GroupChat) -> None:
    send(K.WECOM)
    assert chat.posts == [
        (
            "qyapi.weixin.qq.com",
            "/cgi-bin/webhook/send?key=693a91f6-7xxx",
            {"msgtype": "text", "text": {"content": TEXT}},
        )
    ]


def test_feishu_is_sent_a_text(chat: GroupChat) -> None:
    send(K.FEISHU)
    host, path, body = chat.posts[0]
    assert (host, path) == ("open.feishu.cn", "/open-apis/bot/v2/hook/ca2a8d0e-1234")
    assert body == {"msg_type": "text", "content": {"text": TEXT}}


def test_dingtalk_is_sent_a_text(chat: GroupChat) -> None:
    send(K.DINGTALK)
    host, path, body = chat.posts[0]
    assert (host, path) == ("oapi.dingtalk.com", "/robot/send?access_token=566cc69da782ec")
    assert body == {"msgtype": "text", "text": {"content": TEXT}}


@time_machine.travel(datetime(2026, 11, 23, 4, 0, tzinfo=UTC), tick=False)
def test_dingtalk_signs_in_the_address(chat: GroupChat) -> None:
    send(K.DINGTALK, "SEC+/字")
    query = parse_qs(urlsplit(chat.posts[0][1]).query)
    stamp = "1795406400000"
    wanted = hmac.new("SEC+/字".encode(), f"{stamp}\nSEC+/字".encode(), hashlib.sha256).digest()
    assert query["timestamp"] == [stamp]
    assert query["sign"] == [base64.b64encode(wanted).decode()]
    assert query["access_token"] == ["566cc69da782ec"]


@time_machine.travel(datetime(2026, 11, 23, 4, 0, tzinfo=UTC), tick=False)
def test_feishu_signs_in_the_body(chat: GroupChat) -> None:
    send(K.FEISHU, "秘密")
    body = chat.posts[0][2]
    wanted = hmac.new("1795406400\n秘密".encode(), b"", hashlib.sha256).digest()
    assert body["timestamp"] == "1795406400"
    assert body["sign"] == base64.b64encode(wanted).decode()


# --- What the answer means --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (K.WECOM, says({"errcode": 45009, "errmsg": "api freq out of limit"})),
        (K.DINGTALK, says({"errcode": 310000, "errmsg": "sign not match"})),
        (K.FEISHU, says({"code": 19024, "msg": "Key Words Not Found"})),
        (K.WECOM, says({"errcode": 0}, 404)),
        (K.WECOM, says(b"slowly", 429)),
        (K.WECOM, says(b"", 302, Location="https://qyapi.weixin.qq.com/elsewhere")),
    ],
    ids=["too often", "signature", "keyword", "not found", "busy", "redirect"],
)
def test_a_no_is_certainly_not_sent(chat: GroupChat, kind: str, answer: Any) -> None:
    chat.answer = answer
    with pytest.raises(NotSentError, match="没有接收") as refused:
        send(kind)
    assert len(chat.posts) == 1, "no redirect is followed, nothing is tried twice"
    assert "freq" not in str(refused.value), "their words are English, and may hold anything"


@pytest.mark.parametrize(
    "answer",
    [
        hangs_up,
        says(b"<html>ok</html>"),
        says([0]),
        says({}),
        says({"StatusCode": 0}),
        says({"errcode": 0}, 500),
        says({"errcode": 0}, 502),
        lambda visit: visit.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
        lambda visit: visit.wfile.write(b"nothing like HTTP\r\n\r\n"),
    ],
    ids=[
        "hangs up",
        "page",
        "list",
        "no code",
        "other code",
        "error",
        "bad gateway",
        "half",
        "other protocol",
    ],
)
def test_silence_or_nonsense_is_unclear(chat: GroupChat, answer: Any) -> None:
    chat.answer = answer
    with pytest.raises(UnclearError):
        send()
    assert len(chat.posts) == 1


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\n"], ids=["silent", "drips"])
def test_whoever_never_comes_to_an_end_is_left_in_time(
    chat: GroupChat, monkeypatch: pytest.MonkeyPatch, first: bytes
) -> None:
    def drip(visit: Any) -> None:
        visit.wfile.write(first)
        while not chat.over.wait(0.01):
            visit.wfile.write(b"X-Wait: 1\r\n" if first else b"")

    chat.answer = drip
    monkeypatch.setattr(robots, "SECONDS", 0.5)
    with pytest.raises(UnclearError, match="没有回答"):
        send()


def test_an_answer_without_end_is_not_read_to_it(chat: GroupChat) -> None:
    written = []

    def flood(visit: Any) -> None:
        visit.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not chat.over.is_set():
            visit.wfile.write(b"1000\r\n" + b" " * 4096 + b"\r\n")
            written.append(4096)

    chat.answer = flood
    with pytest.raises(UnclearError, match="看不懂"):
        send()


def test_nobody_there_is_certainly_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setattr(robots, "endpoint", lambda host: closed.getsockname())
        with pytest.raises(NotSentError, match="连接不上 qyapi"):
            send()


def test_a_host_that_cannot_show_its_certificate_learns_nothing(
    papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(GroupChat(papers)) as server:
        monkeypatch.setattr(robots, "endpoint", lambda host: server.endpoint)
        with pytest.raises(NotSentError, match="连接不上"):
            send()
        assert not server.posts


def test_nobody_is_asked_without_an_endpoint_of_theirs() -> None:
    assert robots.endpoint("open.feishu.cn") == ("open.feishu.cn", 443)


# --- What is an address -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ADDRESSES)
def test_the_addresses_that_the_groups_show_are_taken(kind: str) -> None:
    robot(kind).clean()


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/cgi-bin/webhook/send?key=1",
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1",
        "https://qyapi.weixin.qq.com@10.0.0.1/cgi-bin/webhook/send?key=1",
        "https://qyapi.weixin.qq.com.example.com/cgi-bin/webhook/send?key=1",
        "https://qyapi.weixin.qq.com/cgi-bin/user/list?key=1",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1\r\nHost: 10.0.0.1",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1 2",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=密",
        "http://127.0.0.1/",
        "amin@example.com",
    ],
)
def test_nothing_else_can_be_called(address: str) -> None:
    target = DeliveryTarget(name="群", kind=K.WECOM, address=address)
    with pytest.raises(ValidationError, match="机器人的"):
        target.clean()
    with pytest.raises(NotSentError, match="机器人的"):
        robots.send(target, MESSAGE, "delivery-1")


@pytest.mark.parametrize("address", ["amin", "amin@example.com, boss@example.com", "a@b@c.com"])
def test_a_mail_address_is_one_a_line(address: str) -> None:
    with pytest.raises(ValidationError, match="每行写一个"):
        DeliveryTarget(name="组", address=address).clean()


def test_addresses_for_mail_are_tidied() -> None:
    target = DeliveryTarget(name="组", address=" amin@example.com \r\n\r\nboss@example.com")
    target.clean()
    assert target.addresses == ["amin@example.com", "boss@example.com"]
