"""Whose eyes a page is looked at with. Each gets to be who they are by the forms that people use."""

from __future__ import annotations

import re
import time
from email import message_from_bytes
from email.policy import default
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page

from tests.audit.tools import REPORTS

STRANGER: Final = "stranger"
DESK: Final = "desk"  # the owner, without a second factor
ACCOUNT: Final = (
    "account"  # the same, who gave the password just now, as pages of the account want it
)
FACTOR: Final = "factor"  # 站长 with a second factor, just now as well
HALF_WAY: Final = "half way"  # between the password and the code
EDITOR: Final = "editor"  # 编辑, who may not do most things
FORGOT: Final = "forgot"  # at the mailed link

NAMES: Final = {
    DESK: "audit",
    ACCOUNT: "audit",
    FACTOR: "factor",
    HALF_WAY: "factor",
    EDITOR: "editor",
}
PASSWORD: Final = "used-by-the-audit-alone"
ADDRESS: Final = "factor@example.com"
MAILS: Final = REPORTS / "mails"
# Recovery codes, each right once: for the HTML, for each screen of axe, for Lighthouse.
CODES: Final = [f"{number:08}" for number in range(10)]


def enter(browser: Browser, url: str, who: str, **options: Any) -> BrowserContext:
    """Return a browser in which this person is where they are."""
    context = browser.new_context(base_url=url, locale="zh-CN", **options)
    page = context.new_page()
    if who == FORGOT:
        page.goto(mailed_link(page))
    elif who != STRANGER:
        sign_in(page, who)
    page.close()
    return context


def sign_in(page: Page, who: str) -> None:
    page.goto("/admin/")
    page.fill("[name=username]", NAMES[who])
    page.fill("[name=password]", PASSWORD)
    page.click("#login-form [type=submit]")
    if who == FACTOR:
        page.fill("[name=code]", CODES.pop())
        page.click("input[type=submit]")
    page.wait_for_url("**/2fa/authenticate/" if who == HALF_WAY else "**/admin/")


def mailed_link(page: Page) -> str:
    """Return the link for a new password; ask for one the first time: few an hour are mailed."""
    if not any(map(link_in, mails())):
        page.goto("/admin/password_reset/")
        page.fill("[name=email]", ADDRESS)
        page.click("[type=submit]")
        page.wait_for_url("**/done/")
    # A mail is sent when there is time for it.
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if link := next(filter(None, map(link_in, mails())), ""):
            return link
        time.sleep(0.5)
    raise SystemExit(f"no link for a new password in {MAILS}")


def mails() -> list[str]:
    files = MAILS.iterdir() if MAILS.exists() else ()
    return [message_from_bytes(file.read_bytes(), policy=default).get_content() for file in files]


def link_in(mail: str) -> str:
    found = re.search(r"http\S+/reset/\S+", mail)
    return found[0] if found else ""
