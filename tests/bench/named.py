"""The site, each answer with the number of the worker that gave it: so a change can be seen to arrive."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from portal.wsgi import application as site
from tests.bench.servers import WORKER


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, (WORKER, str(os.getpid()))], *rest)

    answer: Iterable[bytes] = site(environ, start)
    return answer
