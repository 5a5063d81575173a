"""What is counted for Prometheus, and the line of the log for each request."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from portal.cms.seeing import metrics
from portal.cms.seeing.metrics import Measured, measured

ROOT = Path(__file__).resolve().parents[2]


def page(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("X-Page-Cache", "hit"), ("Content-Length", "4")])
    return [b"page"]


def breaks(environ: Any, start_response: Any) -> list[bytes]:
    raise ZeroDivisionError


def ask(application: Any, path: str, query: str = "") -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}
    list(application(environ, lambda *answer: None))


def test_nothing_stands_in_the_way_where_nothing_is_wanted(settings: Settings) -> None:
    settings.METRICS_PORT = 0
    assert measured(page) is page
    assert "prometheus_client" not in sys.modules


def test_a_line_names_the_address_of_a_page_for_everybody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, metrics.logger.name)
    ask(Measured(page, counted=False, written=True), "/articles/7/", "utm_source=li.ming")
    (made,) = caplog.records
    fields: Any = made.__dict__["fields"]
    assert fields.pop("ms") >= 0
    assert fields == {
        "method": "GET",
        "view": "articles:article",
        "path": "/articles/7/",
        "status": 200,
        "cache": "hit",
        "bytes": 4,
    }
    assert "li.ming" not in made.getMessage()


def test_and_of_no_other_page(caplog: pytest.LogCaptureFixture, settings: Settings) -> None:
    caplog.set_level(logging.INFO, metrics.logger.name)
    path = f"/{settings.ADMIN_PATH}/reset/MQ/geheim/"
    with pytest.raises(ZeroDivisionError):
        ask(Measured(breaks, counted=False, written=True), path)
    (made,) = caplog.records
    fields: Any = made.__dict__["fields"]
    assert (fields["status"], fields["cache"]) == (500, "none")
    assert fields["view"] == "admin:password_reset_confirm"
    assert "path" not in fields
    assert "geheim" not in made.getMessage()


# In a process of its own: the library keeps its files open, and is not imported anywhere else.
COUNTS = """
import django, json, os, sys, urllib.request
django.setup()
from portal.cms.seeing import counters, metrics
def site(environ, start_response):
    start_response("404 Not Found", [("X-Page-Cache", "bypass")])
    return []
application = metrics.measured(site)
environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/nowhere/"}
child = os.fork()
for _ in range(3):
    application(environ, lambda *answer: None)
if not child:
    os._exit(0)
os.waitpid(child, 0)
metrics.slow_statement()
from django.contrib.auth.signals import user_login_failed
user_login_failed.send(None, credentials={})
counters.serve()
counters.serve()  # a second worker finds the port taken
from django.conf import settings
address = f"http://127.0.0.1:{settings.METRICS_PORT}/metrics"
sys.stdout.write(urllib.request.urlopen(address).read().decode())
counters.begin_anew()
print("left:", os.listdir(counters.FOLDER), flush=True)
os._exit(0)
"""


def test_all_processes_are_added_up_and_a_worker_answers(tmp_path: Path) -> None:
    from tests.bench.servers import free_port

    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "METRICS_PORT": str(free_port()),
        "SECRET_KEY": "k",
    }
    (tmp_path / "run/metrics").mkdir(parents=True)
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", COUNTS],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    lines = done.stdout.splitlines()
    assert 'portal_requests_total{cache="bypass",status="4xx"} 6.0' in lines, done.stderr
    assert 'portal_request_seconds_count{cache="bypass"} 6.0' in lines
    assert "portal_slow_queries_total 1.0" in lines
    assert "portal_logins_refused_total 1.0" in lines
    # There are no tables in that folder: what can be told is.
    assert 'portal_probe_ok{probe="database"} 1.0' in lines
    assert 'portal_probe_ok{probe="worker"} 0.0' in lines
    assert "left: []" in lines, "and a start counts from nought"
    assert "/nowhere/" not in json.dumps(lines)
