"""Numbers of requests, and lines of the log: for people and programs, without personal data."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
from pytest_django import Settings

from portal.cms.seeing import requests
from portal.cms.seeing.logs import JsonFormatter, LineFormatter, without_personal_data
from portal.cms.seeing.requests import Asked, RequestIds


def answered(**environ: str) -> dict[str, str]:
    """Return the headers of an answer, as this environment gets it."""
    sent: dict[str, str] = {}

    def site(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("X-Seen", requests.current())])
        return []

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        sent.update(headers)

    RequestIds(site)({"PATH_INFO": "/", "REMOTE_ADDR": "127.0.0.1", **environ}, start)
    return sent


def test_every_request_has_a_number_of_its_own_which_its_answer_tells() -> None:
    first, second = answered(), answered()
    assert len(first["X-Request-ID"]) == 12
    assert first["X-Request-ID"] == first["X-Seen"] != second["X-Seen"]


def test_the_number_of_a_proxy_of_ours_is_kept() -> None:
    assert answered(HTTP_X_REQUEST_ID="0f" * 16)["X-Seen"] == "0f" * 16


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("203.0.113.9", "0123456789ab"),
        ("no address", "0123456789ab"),
        ("127.0.0.1", "short"),
        ("127.0.0.1", "x" * 65),
        ("127.0.0.1", "0123456789\r\nSet-Cookie: a"),
    ],
)
def test_nobody_else_and_no_other_number_is_believed(address: str, number: str) -> None:
    seen = answered(REMOTE_ADDR=address, HTTP_X_REQUEST_ID=number)["X-Seen"]
    assert seen != number
    assert len(seen) == 12


@pytest.mark.parametrize("peer", ["", "127.0.0.1", "::ffff:127.0.0.1"])
def test_a_proxy_of_ours_gives_the_number_by_whatever_socket(peer: str) -> None:
    assert answered(REMOTE_ADDR=peer, HTTP_X_REQUEST_ID="0123456789ab")["X-Seen"] == "0123456789ab"


def record(message: str, *arguments: object, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord("portal.x", logging.WARNING, "f.py", 1, message, arguments, None)
    made.__dict__.update(more)
    return made


@pytest.fixture
def in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "current", lambda: "abc123abc123")


def test_a_line_for_people_has_the_number(in_hand: None) -> None:
    line = LineFormatter().format(record("页面 %s", "坏了"))
    assert line.endswith("WARNING portal.x [abc123abc123]: 页面 坏了")


def test_outside_of_a_request_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "current", lambda: "")
    assert " WARNING portal.x: 晚上" in LineFormatter().format(record("晚上"))


def test_a_line_for_programs_is_one_object_whatever_it_holds(in_hand: None) -> None:
    try:
        raise ValueError("请致电 13800138000")
    except ValueError:
        error = sys.exc_info()
    made = record(
        "第一行\n第二行", exc_info=error, fields={"ms": 3, "view": "article", "at": object}
    )
    line = JsonFormatter().format(made)
    assert "\n" not in line
    said = json.loads(line)
    assert (said["id"], said["level"], said["ms"], said["view"]) == (
        "abc123abc123",
        "WARNING",
        3,
        "article",
    )
    assert said["message"] == "第一行\n第二行"
    assert "ValueError: 请致电 [电话]" in said["error"]
    assert said["time"].endswith("+00:00")


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("电话13800138000打不通", "电话[电话]打不通"),
        ("Key (phone)=(138 0013 8000) exists", "Key (phone)=([电话]) exists"),
        ("座机 0755-12345678。", "座机 [电话]。"),
        ("写给 li.ming+1@example.com.cn 没到", "写给 [邮箱] 没到"),
        ("postgres://portal:geheim@10.0.0.7/portal", "postgres://portal:[邮箱]/portal"),
        ("身份证 44030019900101123X", "身份证 [证件号]"),
        ("身份证 110105 19491231 002X", "身份证 [证件号]"),
        ("phone=8613800138000 打不通", "phone=[电话] 打不通"),
        ("拨打 +86 138-0013-8000", "拨打 [电话]"),
        ("exists\nDETAIL:  Key (name)=(张三) already exists.\n", "exists\n[内容]\n"),
        ("null\nDETAIL:  Failing row contains (7, 张三, 一\n二).\nend", "null\n[内容]\nend"),
        ("/admin/reset/MQ/cu5n2t-0123456789abcdef0123456789abcdef/", "/admin/reset/MQ/[令牌]/"),
        ("took 1764000000000 ms", "took 1764000000000 ms"),
        ("/articles/20261124/ 第 13 页", "/articles/20261124/ 第 13 页"),
    ],
)
def test_nothing_personal_is_written(said: str, left: str) -> None:
    assert without_personal_data(said) == left


def test_a_view_is_named_and_its_address_is_not(settings: Settings) -> None:
    assert requests.view_name("/articles/7/") == "articles:article"
    assert requests.view_name("/nowhere/at/all/") == "-"
    requests._asked.set(Asked("abc", f"/{settings.ADMIN_PATH}/login/"))
    assert requests.view_in_hand()
    requests._asked.set(None)
    assert requests.view_in_hand() == ""
