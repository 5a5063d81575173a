"""gunicorn and nothing else: answers everything with the bytes and headers that it was given.

BENCH_ANSWER=answer.json gunicorn tests.bench.bare
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

given = json.loads(Path(os.environ["BENCH_ANSWER"]).read_text(encoding="utf-8"))
headers = [(name, value) for name, value in given["headers"]]
body = base64.b64decode(given["body"])


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", headers)
    return (body,)
