"""MDN's HTTP Observatory: its own tests of what the headers of a page promise."""

from __future__ import annotations

import json
import os
import subprocess  # it is a program of Node
from typing import Any
from urllib.parse import urlsplit

from tests.audit.results import Figure, Results
from tests.audit.secure import Front
from tests.audit.tools import OBSERVATORY, REPORTS, node

GRADE = "A+"


def audit(front: Front, results: Results) -> None:
    """Enter the grade of the site; it looks at the front page, whatever path it is given."""
    prepare()
    report = scan(front)
    (REPORTS / "observatory.json").write_text(json.dumps(report, indent=2), encoding="utf-8")
    if "error" in report:
        results.add("home", "observatory", Figure("?", False))
        results.problems.append(f"observatory: {report['error']}")
        return
    grade = report["scan"]["grade"]
    results.add(
        "home", "observatory", Figure(f"{grade} ({report['scan']['score']})", grade == GRADE)
    )
    for name, test in report["tests"].items():
        if not test["pass"]:
            results.problems.append(f"observatory: {name}: {test['result']}")


def scan(front: Front) -> Any:
    env = {**os.environ, "NODE_EXTRA_CA_CERTS": str(front.authority)}
    command = [node(), "src/scan.js", urlsplit(front.url).netloc]
    done = subprocess.run(  # noqa: S603 - ours
        command, cwd=OBSERVATORY, env=env, capture_output=True, text=True, timeout=120
    )
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"error": done.stderr.strip() or done.stdout.strip()}


def prepare() -> None:
    """Give it an empty list of preloaded hosts: it would be fetched at its installation, and is not ours."""
    path = OBSERVATORY / "conf/hsts-preload.json"
    if not path.exists():
        path.write_text("{}", encoding="utf-8")
