"""The site, each answer with the number of the worker that gave it, and how full its page cache is.

So a change can be seen to arrive, and a cache to be full.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from portal.wsgi import application as site
from tests.bench.servers import KEPT, WORKER


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        own = [(WORKER, str(os.getpid())), (KEPT, str(site.store().size))]
        return start_response(status, [*headers, *own], *rest)

    answer: Iterable[bytes] = site(environ, start)
    return answer
