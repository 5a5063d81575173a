"""axe-core in the real browser: every typical page, in light and dark, on a phone and a desktop."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any, Literal

from playwright.sync_api import Browser, ViewportSize
from playwright.sync_api import Page as Tab

from tests.audit.pages import Page
from tests.audit.people import enter
from tests.audit.results import Results
from tests.audit.tools import AXE, REPORTS

FOLDER = REPORTS / "axe"

# Higher than any page: a bar that sticks to the edge of the window covers nothing.
SCREENS: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 12000},
    "desktop": {"width": 1440, "height": 12000},
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """tags => {
  // A colour on its way to another is neither.
  for (const animation of document.getAnimations()) {
    if (animation.effect.getComputedTiming().endTime < Infinity) animation.finish()
  }
  return axe.run({ runOnly: { type: "tag", values: tags } })
}"""


def audit(browser: Browser, url: str, pages: list[Page], results: Results) -> None:
    """Enter the violations of each page under each of the four circumstances."""
    FOLDER.mkdir()
    shown = [page for page in pages if page.typical]
    for screen, viewport in SCREENS.items():
        # Anew for each screen: what asks for the password does so again after five minutes.
        for who, theirs in groupby(shown, key=lambda page: page.who):
            context = enter(browser, url, who, viewport=viewport)
            for page in theirs:
                look(context.new_page(), page, screen, results)
            context.close()


def look(tab: Tab, page: Page, screen: str, results: Results) -> None:
    """Enter the violations of a page in the light and in the dark, and keep the reports."""
    page.open(tab)
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    for scheme in SCHEMES:
        tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        report = tab.evaluate(RUN, TAGS)
        column = f"axe {screen} {scheme}"
        results.count(page.name, column, violations(report))
        file = FOLDER / f"{page.name} {column}.json".replace(" ", "-")
        file.write_text(json.dumps(report["violations"], ensure_ascii=False, indent=1))
    tab.close()


def violations(report: Any) -> list[str]:
    """Return each element that breaks a rule, with the rule."""
    return [
        f"{rule['id']}: {' '.join(node['html'].split())[:160]}"
        for rule in report["violations"]
        for node in rule["nodes"]
    ]
