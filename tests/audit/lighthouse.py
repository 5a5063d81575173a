"""Lighthouse: pages on a slow phone; where speed is measured, three times, of which the median counts."""

from __future__ import annotations

import json
import os
import statistics
import subprocess  # Lighthouse is a program of Node
from itertools import groupby
from typing import Any

from playwright.sync_api import Browser

from tests.audit.pages import OWN, PUBLIC, Page
from tests.audit.people import EDITOR, enter
from tests.audit.results import Figure, Results
from tests.audit.tools import CHROMIUM_FLAGS, LIGHTHOUSE, REPORTS, chromium, node

FOLDER = REPORTS / "lighthouse"
RUNS = 3
TARGETS = {"accessibility": 100, "best-practices": 100, "seo": 100, "performance": 98}

# Speed is measured where visitors arrive; everything else on every page, once: it does not vary.
MEASURED = ("home", "articles", "article", "service", "search")
# Without those that are refused: a browser logs that as an error.
ACCOUNTS = {f"desk: {name}" for who, pages in OWN.items() if who != EDITOR for name in pages}
# As high as these pages: at half height the phone's bar may leave a link a strip too thin to touch.
HIGH = ("--screenEmulation.mobile", "--screenEmulation.width=412", "--screenEmulation.height=12000")
# What answers one visitor alone is kept from search engines, and means to be; and a browser logs
# every 404 as an error.
NOT_ASKED = {
    "articles, page 2": {"seo"},  # not for the index: its articles are
    "tool with a result": {"seo"},
    "enquiry": {"seo"},  # as pages link to it, with `?from=`
    "call back": {"seo"},
    "application": {"seo"},
    "search, empty": {"seo"},
    "search": {"seo"},
    "search, no hit": {"seo"},
    "not found": {"seo", "best-practices"},
}


def audit(browser: Browser, url: str, pages: list[Page], results: Results) -> None:
    """Enter the scores of each public page, and of each that belongs to an account."""
    FOLDER.mkdir()
    shown = [page for page in pages if page.name in PUBLIC or page.name in ACCOUNTS]
    for who, theirs in groupby(shown, key=lambda page: page.who):
        context = enter(browser, url, who)
        cookies = "; ".join(f"{each['name']}={each['value']}" for each in context.cookies())
        for page in theirs:
            measure(url, page, cookies, results)
        context.close()


def measure(url: str, page: Page, cookies: str, results: Results) -> None:
    loads = RUNS if page.name in MEASURED else 1
    try:
        runs = [load(url, page, number, cookies) for number in range(loads)]
    except LighthouseError as failure:
        results.add(page.name, "performance", Figure("?", False))
        results.problems.append(f"{page.name}: {failure}")
        return
    for category in categories(page):
        note(page, category, runs, results)


def categories(page: Page) -> list[str]:
    """Return what is asked of this page; of one that is kept from search engines, not what they ask."""
    left_out = {"seo"} if page.name in ACCOUNTS else NOT_ASKED.get(page.name, set())
    if page.name not in MEASURED:
        left_out = left_out | {"performance"}
    return [category for category in TARGETS if category not in left_out]


def note(page: Page, category: str, runs: list[Any], results: Results) -> None:
    scores = [round(100 * run["categories"][category]["score"]) for run in runs]
    score, target = round(statistics.median(scores)), TARGETS[category]
    results.add(page.name, category, Figure(str(score), score >= target))
    if score >= target:
        return
    # Speed is that of a simulated phone, worked out from this machine's: busy, it says little.
    machine = [round(run["environment"]["benchmarkIndex"]) for run in runs]
    reasons = dict.fromkeys(reason for run in runs for reason in failed(run, category))
    results.problems += [
        f"{page.name}: {category} {scores}, benchmark index {machine}: {reason}"
        for reason in reasons
    ]


class LighthouseError(Exception):
    """It could not record the page, three times over."""


def load(url: str, page: Page, number: int, cookies: str) -> Any:
    """Run Lighthouse once, for about ten seconds; return its report.

    On a busy machine it may miss the beginning of a load, and asks to be run again.
    """
    path = FOLDER / f"{page.name.replace(': ', '-').replace(' ', '-')}-{number + 1}"
    command = [
        *(node(), str(LIGHTHOUSE), url + page.address, "--quiet", "--no-enable-error-reporting"),
        f"--only-categories={','.join(categories(page))}",
        *("--output=json", "--output=html", f"--output-path={path}"),
        *("--locale=en", "--ignore-status-code"),
        *((f"--extra-headers={json.dumps({'Cookie': cookies})}",) if cookies else ()),
        *(() if page.name in MEASURED else HIGH),
        f"--chrome-flags={' '.join(CHROMIUM_FLAGS)}",
    ]
    env = {**os.environ, "CHROME_PATH": chromium()}
    for _attempt in range(3):
        done = subprocess.run(command, env=env, capture_output=True, text=True)  # noqa: S603 - ours
        if done.returncode == 0:
            report = path.with_name(f"{path.name}.report.json")
            return json.loads(report.read_text(encoding="utf-8"))
    raise LighthouseError(done.stderr.strip())


def failed(report: Any, category: str) -> list[str]:
    """Return the audits that took points from this category."""
    return [
        f"{audit['title']} {audit.get('displayValue', '')}"
        for reference in report["categories"][category]["auditRefs"]
        if reference["weight"]
        and (audit := report["audits"][reference["id"]])["score"] is not None
        and audit["score"] < 1
    ]
