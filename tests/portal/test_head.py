"""HEAD: the answer of a GET without its body, as the server gets it from us.

Not asked with Django's test client, which takes the body away itself.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from tests import cast
from tests.cms import samples

pytestmark = pytest.mark.django_db


def asked(method: str, address: str, host: str = "testserver") -> tuple[str, dict[str, str], bytes]:
    """Return status, headers and body of the answer."""
    sent: list[tuple[str, dict[str, str]]] = []
    environ = RequestFactory().generic(method, address, headers={"host": host}).environ

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        sent.append((status, dict(headers)))

    answer = WSGIHandler()(environ, start)
    body = b"".join(answer)
    answer.close()
    status, headers = sent[0]
    return status, headers, body


@pytest.mark.parametrize(
    "address", ["/", "/articles/", "/articles/feed/", "/no/such/page/", "/login"]
)
def test_the_head_of_a_page_has_its_length_and_no_body(address: str) -> None:
    cast.page()
    status, headers, body = asked("GET", address)
    assert len(body) > 0

    head = asked("HEAD", address)

    assert (head[0], head[2]) == (status, b"")
    assert head[1]["Content-Length"] == headers["Content-Length"] == str(len(body))


def test_the_head_of_a_file() -> None:
    url = samples.picture().image_file.url
    status, headers, body = asked("GET", url)

    head = asked("HEAD", url)

    assert (head[0], head[2]) == (status, b"")
    assert head[1]["Content-Length"] == headers["Content-Length"] == str(len(body))


def test_the_head_of_a_refusal() -> None:
    """Not even the middlewares that refuse send a body."""
    status, _, body = asked("HEAD", "/", host="elsewhere.example")

    assert (status, body) == ("400 Bad Request", b"")
