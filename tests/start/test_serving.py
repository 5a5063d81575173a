"""What gunicorn says where no answer of the site's comes about."""

from __future__ import annotations

import socket
from http.client import HTTPResponse
from unittest.mock import Mock

import pytest
from gunicorn.http.errors import InvalidRequestLine, InvalidResponseHeader, LimitRequestHeaders
from gunicorn.util import load_class

from portal.management.commands.serve import Command
from portal.serving import Worker


def told(error: Exception) -> tuple[HTTPResponse, str, Mock]:
    """The answer to a request on which reading or answering has failed; and gunicorn's log."""
    log = Mock()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        Worker.handle_error(Mock(log=log), None, ours, None, error)
        answer = HTTPResponse(theirs)
        answer.begin()
        return answer, answer.read().decode(), log


@pytest.mark.parametrize(
    "error", [InvalidRequestLine("GET /搜索?q=<b>"), LimitRequestHeaders("limit 100")]
)
def test_what_cannot_be_read_is_answered_in_chinese_and_not_repeated(error: Exception) -> None:
    answer, page, log = told(error)
    assert answer.status == 400
    assert "<h1>这个请求无法识别</h1>" in page
    assert "搜索" not in page
    assert "limit" not in page
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    log.error.assert_not_called()


@pytest.mark.parametrize("error", [ValueError("密码"), InvalidResponseHeader("X-A")])
def test_what_is_our_fault_is_a_line_of_the_log_and_no_detail(error: Exception) -> None:
    answer, page, log = told(error)
    assert answer.status == 500
    assert "密码" not in page
    assert log.error.call_args.kwargs == {"exc_info": error}


def test_who_has_gone_needs_no_answer() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    Worker.handle_error(Mock(), None, ours, None, InvalidRequestLine(""))
    ours.close()


def test_gunicorn_takes_this_worker() -> None:
    (flag,) = [flag for flag in Command().flags() if flag.startswith("--worker-class=")]
    assert load_class(flag.partition("=")[2]) is Worker
