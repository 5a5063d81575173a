"""What the bench calls uncached has to be: it took off the outermost layer once, and measured the cache."""

from __future__ import annotations

from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from portal.cms.pagecache.wsgi import NAME


def headers_of(application: Any) -> dict[str, str]:
    environ = {"HTTP_HOST": "localhost", "PATH_INFO": "/", "QUERY_STRING": ""}
    setup_testing_defaults(environ)
    told: list[tuple[str, str]] = []

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> None:
        assert status == "200 OK"
        told.extend(headers)

    list(application(environ, start))
    return dict(told)


@pytest.mark.django_db(transaction=True)  # a request closes its connection
def test_the_site_keeps_pages_and_what_is_measured_as_uncached_keeps_none() -> None:
    from portal.wsgi import application as cached
    from tests.bench.uncached import application as uncached

    assert NAME in headers_of(cached)
    assert "Content-Security-Policy" in headers_of(uncached)
    assert NAME not in headers_of(uncached)
