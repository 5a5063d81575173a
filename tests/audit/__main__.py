"""`python -m tests.audit [vnu] [axe] …`: all checkers by default; 1 where a target is missed."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Collection

from playwright.sync_api import sync_playwright

from tests.audit import axe, lighthouse, observatory, secure, site, vnu, wapiti
from tests.audit.pages import collect
from tests.audit.results import Results
from tests.audit.tools import CHROMIUM_FLAGS, REPORTS, chromium

OF_PAGES = ("vnu", "axe", "lighthouse")
OF_SECURITY = ("observatory", "wapiti")
CHECKERS = (*OF_PAGES, *OF_SECURITY)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make audit")
    parser.add_argument("only", nargs="*", choices=CHECKERS, default=CHECKERS)
    wanted = parser.parse_args().only
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir()
    began = time.monotonic()
    results = Results()
    if set(OF_PAGES).intersection(wanted):
        look_at_pages(wanted, results)
    if set(OF_SECURITY).intersection(wanted):
        attack(wanted, results)
    say(results.table())
    for problem in results.problems:
        say(f"✗ {problem}")
    minutes = (time.monotonic() - began) / 60
    say(f"{results.missed} figures off target; {minutes:.1f} minutes; reports in {REPORTS}")
    return 1 if results.missed else 0


def look_at_pages(wanted: Collection[str], results: Results) -> None:
    say("preparing a site with the demo content …")
    with site.running() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        pages = collect(browser, url)
        say(f"{len(pages)} pages, {sum(page.typical for page in pages)} of them typical")
        if "vnu" in wanted:
            say("vnu …")
            vnu.audit(pages, results)
        if "axe" in wanted:
            say("axe, some minutes …")
            axe.audit(browser, url, pages, results)
        if "lighthouse" in wanted:
            say("lighthouse, ten minutes or so …")
            lighthouse.audit(browser, url, pages, results)
        browser.close()


def attack(wanted: Collection[str], results: Results) -> None:
    say("preparing a site behind nginx with TLS …")
    with secure.running() as front:
        if "observatory" in wanted:
            say("observatory …")
            observatory.audit(front, results)
        if "wapiti" in wanted:
            say("wapiti, half an hour or so …")
            wapiti.audit(front, results)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
