"""wapiti, a scanner of others: what every public address and form lets an attacker do.

Its eighty packages stand in an environment of their own, so that they decide no version of ours.
"""

from __future__ import annotations

import json
import shutil
import subprocess  # wapiti is a program of its own
import sys
import venv
from pathlib import Path
from typing import Any, Final

from tests.audit.results import Figure, Results
from tests.audit.secure import Front
from tests.audit.tools import HERE, REPORTS

LOCK: Final = HERE / "wapiti.txt"
OWN: Final = HERE / "node_modules" / ".wapiti"
MINUTES: Final = 75
# All that need no other host; those left out ask the makers' servers for lists, or want to be called back.
# Without `ldap`: there is none here, and it takes any form for one that refuses a NUL in words of its own.
MODULES: Final = (
    "backup", "brute_login_form", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess",
    "http_headers", "https_redirect", "methods", "permanentxss", "redirect", "shellshock",
    "spring4shell", "sql", "timesql", "upload", "xss", "xxe",
)  # fmt: skip
# The desk has a scan of its own kind: every role at every address (tests/access/table.txt). Leaving it to a
# scanner that fills forms would only try one login.
LEFT_OUT: Final = ("/admin/*", "/static/*", "/media/*")
# Items like others, and lists that are narrowed twice: a thousand addresses, of which an attack would have
# time for the first, and for no form, as those come last.
ALIKE: Final = (
    "*&*", "/jobs/kind/*?*", "/jobs/district/*?*", "/enquiry/*?*", "/complaint/?*", "/articles/tag/*/feed/",
    *(f"/{kind}/{digit}*" for kind in ("articles", "jobs") for digit in (1, 2, 3)),
)  # fmt: skip


def audit(front: Front, results: Results) -> None:
    """Enter what was found: nothing is right. Takes up to MINUTES."""
    report = scan(front)
    if report is None:
        results.add("site", "wapiti", Figure("?", False))
        results.problems.append(f"wapiti said nothing; see {REPORTS / 'wapiti.log'}")
        return
    found = report["vulnerabilities"] | report["anomalies"]
    count = sum(map(len, found.values()))
    pages = report["infos"]["crawled_pages_nbr"]
    results.add("site", "wapiti", Figure(f"{count} of {pages} pages", count == 0 and pages > 0))
    for name, findings in found.items():
        for finding in findings:
            results.problems.append(
                f"wapiti: {name}: {finding['method']} {finding['path']} {finding['info']}"
            )


def scan(front: Front) -> Any:
    """Run it, and return its report; None where it made none."""
    path, log = REPORTS / "wapiti.json", REPORTS / "wapiti.log"
    command = [
        str(installed() / "bin" / "wapiti"),
        *("--url", f"{front.url}/", "--scope", "folder", "--module", ",".join(MODULES)),
        *(
            argument
            for place in (*LEFT_OUT, *ALIKE)
            for argument in ("--exclude", f"{front.url}{place}")
        ),
        # A form with more fields than this is left out, and nothing says so.
        *("--depth", "12", "--max-links-per-page", "100", "--max-parameters", "60"),
        *("--max-scan-time", str(MINUTES * 60), "--max-attack-time", str(6 * 60)),
        *("--verify-ssl", "0", "--flush-session", "--no-bugreport", "--level", "1", "--color"),
        # Where attacks would call back: nobody is there.
        *("--endpoint", "http://127.0.0.1:9/", "--store-session", str(REPORTS / "wapiti")),
        *("--format", "json", "--output", str(path)),
    ]
    with log.open("wb") as file:
        try:
            subprocess.run(command, stdout=file, stderr=file, timeout=MINUTES * 60 + 900)  # noqa: S603
        except subprocess.TimeoutExpired:
            return None
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def installed() -> Path:
    """Return an environment with what the lock file names; made anew when that has changed."""
    copy = OWN / "lock.txt"
    if not copy.exists() or copy.read_bytes() != LOCK.read_bytes():
        venv.create(OWN, clear=True)
        install = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
        pip = [sys.executable, "-m", "pip", "--python", str(OWN / "bin" / "python")]
        subprocess.run([*pip, *install, str(LOCK)], check=True)  # noqa: S603 - ours
        shutil.copy(LOCK, copy)
    return OWN
