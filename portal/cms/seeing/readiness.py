"""/healthz and /readyz, in front of everything else.

A probe asks by http and by whatever name: Django's redirect to https and its check of the host must not
answer it. And a process that lives has to say so while the database is away.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.db import close_old_connections

from portal.cms.seeing import probes, requests
from portal.cms.visitors import is_proxy

HEADERS: Final = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
]
SAFE: Final = ("GET", "HEAD")


class Health:
    """Answers probes.

    `/healthz`: this process answers; nothing is looked at. `/readyz`: 200, or 503 where something is
    wrong without which it cannot serve. Whoever asks from this machine, or from a proxy of ours, is told
    of every probe in words; strangers get one word.
    """

    def __init__(self, application: requests.Application) -> None:
        self.application = application

    def __call__(
        self, environ: requests.Environ, start_response: requests.StartResponse
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/healthz":
            return answer(environ, start_response, "200 OK", "ok\n")
        if path == "/readyz":
            return ready(environ, start_response)
        return self.application(environ, start_response)


def ready(environ: requests.Environ, start_response: requests.StartResponse) -> Iterable[bytes]:
    # Django gives up broken connections around each of its requests; this is none of them. Without it, a
    # connection that PostgreSQL has closed in a restart would stay in this thread, and every look fail.
    close_old_connections()
    try:
        told_all = is_ours(environ)
        results = probes.results() if told_all else probes.results(only_fatal=True)
        well = all(result.state.ok or not result.state.fatal for result in results)
        said = "就绪\n" if well else "未就绪\n"
        if told_all:
            said += "".join(map(line, results))
        status = "200 OK" if well else "503 Service Unavailable"
        return answer(environ, start_response, status, said)
    finally:
        close_old_connections()


def line(result: probes.Result) -> str:
    return f"{'✓' if result.state.ok else '✗'} {result.label}：{result.state.words}\n"


def is_ours(environ: requests.Environ) -> bool:
    """Whether who asks sits at this machine, or at a proxy of ours: not a visitor whom one hands on."""
    handed_on = "HTTP_X_FORWARDED_FOR" in environ
    return not handed_on and is_proxy(environ.get("REMOTE_ADDR", ""))


def answer(
    environ: requests.Environ, start_response: requests.StartResponse, status: str, said: str
) -> Iterable[bytes]:
    """Answer GET and HEAD; 405 for anything else."""
    headers: list[tuple[str, Any]] = [*HEADERS]
    if environ["REQUEST_METHOD"] not in SAFE:
        status, said = "405 Method Not Allowed", ""
        headers.append(("Allow", ", ".join(SAFE)))
    body = said.encode()
    start_response(status, [*headers, ("Content-Length", str(len(body)))])
    return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)
