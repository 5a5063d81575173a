"""Whatever is asked, nothing breaks: no answer of 500 or more, no trace of an error in the log.

100 examples here; 500 by `make soak`, and raw bytes at gunicorn and nginx: tests/soak/soak_hostile.py.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings

from portal.wsgi import application
from tests import cast
from tests.portal.hostile import Environ, environs, known

pytestmark = pytest.mark.both_databases

EXAMPLES = int(os.environ.get("EXAMPLES", "100"))
SLOWEST = 2.0  # seconds of CPU


@pytest.fixture
def rows(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One of each, so that pages have something to show; and the connection, which is in a transaction,
    is not given back after each request.
    """
    monkeypatch.setattr("portal.cms.seeing.readiness.close_old_connections", lambda: None)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    for make in (cast.article, cast.service, cast.job, cast.case, cast.district_page, cast.page):
        make()
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


class Answer:
    """What the stack answers, in this process."""

    def __init__(self, environ: Environ) -> None:
        self.status = 0
        began = time.process_time()
        body = application(environ, self.start)
        try:
            self.body = b"".join(body)
        finally:
            getattr(body, "close", bool)()
        self.seconds = time.process_time() - began

    def start(self, status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        self.status = int(status[:3])
        for name, value in headers:
            assert not {"\r", "\n", "\0"} & set(name + value), (name, value)


@pytest.mark.usefixtures("rows")
@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(environ=environs())
def test_nothing_that_is_asked_breaks_the_site(
    caplog: pytest.LogCaptureFixture, environ: Environ
) -> None:
    caplog.clear()
    check(environ, caplog)


@pytest.mark.usefixtures("rows")
def test_nor_does_what_once_broke_it(caplog: pytest.LogCaptureFixture) -> None:
    for environ in known():
        check(environ, caplog)


def check(environ: Environ, caplog: pytest.LogCaptureFixture) -> None:
    answer = Answer(environ)

    assert 200 <= answer.status < 500
    assert answer.seconds < SLOWEST
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert b"Traceback" not in answer.body
