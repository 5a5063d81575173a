"""What is looked at: one page of every type, and for what is cheap to check, all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from playwright.sync_api import APIRequestContext, Browser
from playwright.sync_api import Page as Tab

from tests.audit.people import (
    ACCOUNT,
    DESK,
    EDITOR,
    FACTOR,
    FORGOT,
    HALF_WAY,
    STRANGER,
    enter,
)
from tests.audit.tools import REPORTS

HITS = "/search/?q=" + quote("派遣")
NO_HITS = "/search/?q=" + quote("龘龘")
MISSING = "/articles/" + quote("劳务派遣") + "/"
RATIO = "/tools/dispatch-ratio/?own=180&agency=32"

# The type of a page, and which addresses are of it. Of several the longest document stands for all.
PUBLIC = {
    "home": "/",
    "articles": "/articles/",
    "articles, page 2": r"/articles/\?page=2",
    "article": r"/articles/\d+/",
    "category": "/articles/category/[^/]+/",
    "tags": "/articles/tags/",
    "tag": "/articles/tag/[^/]+/",
    "archive": "/articles/archive/",
    "year": r"/articles/archive/\d+/",
    "month": r"/articles/archive/\d+/\d+/",
    "top 500": "/articles/top/",
    "services": "/services/",
    "service": "/services/[^/]+/",
    "jobs": "/jobs/",
    "jobs of a kind": "/jobs/kind/[^/]+/",
    "job": r"/jobs/\d+/",
    "jobs of a district": "/jobs/district/[^/]+/",
    "jobs, narrowed": r"/jobs/\?[^=]+=.+",
    "cases": "/cases/",
    "case": "/cases/[^/]+/",
    "district": "/districts/[^/]+/",
    "prices": "/prices/",
    "questions": "/faq/",
    "tools": "/tools/",
    "tool": "/tools/[^/]+/",
    "tool with a result": re.escape(RATIO),
    "enquiry": "/enquiry/",
    "call back": "/enquiry/call-back/",
    "application": r"/jobs/\d+/apply/",
    "complaint": "/complaint/",
    "takedown": "/takedown/",
    "licences": "/licences/",
    "standing page": "/(about|join|privacy|safety)/",
    "contact": "/contact/",
    "site map": "/sitemap/",
    "search, empty": "/search/",
    "search": re.escape(HITS),
    "search, no hit": re.escape(NO_HITS),
    "not found": re.escape(MISSING),
}
# Where the walk begins: with pages, too, that no page links to.
DOORS = ("/", HITS, NO_HITS, MISSING, RATIO)
NO_PAGES = ("/admin/", "/media/", "/static/")

PRIVATE = {
    "workbench": "/admin/",
    "one app": "/admin/articles/",
    "articles": "/admin/articles/article/",
    "recycle bin": "/admin/articles/article/?state=deleted",
    "article form": "/admin/articles/article/1/change/",
    "new article": "/admin/articles/article/add/",
    "history": "/admin/articles/article/1/history/",
    "service form": "/admin/staffing/service/1/change/",
    "job form": "/admin/staffing/job/1/change/",
    "jobs": "/admin/staffing/job/",
    "import of jobs": "/admin/staffing/job/import/",
    "leads": "/admin/staffing/enquiry/",
    "lead": "/admin/staffing/enquiry/1/change/",
    "report": "/admin/staffing/enquiry/report/",
    "tickets": "/admin/staffing/ticket/",
    "ticket": "/admin/staffing/ticket/1/change/",
    "targets": "/admin/cms/deliverytarget/",
    "verifications": "/admin/cms/verification/",
    "new verification": "/admin/cms/verification/add/",
    "addresses": "/admin/cms/publicaddress/",
    "redirects": "/admin/cms/redirect/",
    "new redirect": "/admin/cms/redirect/add/",
    "import of redirects": "/admin/cms/redirect/import/",
    "lost addresses": "/admin/cms/missedaddress/",
    "report on pages": "/admin/cms/crawledpage/",
    "rest days": "/admin/staffing/specialday/",
    "categories": "/admin/articles/category/",
    "media library": "/admin/cms/mediafile/",
    "media file": "/admin/cms/mediafile/1/change/",
    "site profile": "/admin/cms/siteprofile/1/change/",
    "word lists": "/admin/cms/wordlist/",
    "audit trail": "/admin/cms/revision/",
    "calendar": "/admin/calendar/",
    "notices": "/admin/notices/",
    "users": "/admin/cms/user/",
    "user": "/admin/cms/user/1/change/",
    "password of a user": "/admin/cms/user/1/password/",
    "factor of a user": "/admin/cms/user/4/second-factor/",
    "deleting": "/admin/cms/sitelink/1/delete/",
    "password": "/admin/password_change/",
    "status": "/admin/status/",
    "addresses of others": "/admin/cms/outsidehost/",
    "address of others": "/admin/cms/outsidehost/1/change/",
    "backups": "/admin/cms/backuprun/",
    "tasks": "/admin/cms/duetask/",
    "messages": "/admin/cms/delivery/",
}
FACTORS = "/admin/account/2fa/"
# Pages about one's own account, by who may see them.
OWN = {
    STRANGER: {
        "login": "/admin/login/",
        "password forgotten": "/admin/password_reset/",
        "mail sent": "/admin/password_reset/done/",
        "link used up": "/admin/reset/MQ/none/",
    },
    FORGOT: {"new password": "/admin/reset/NA/set-password/"},
    HALF_WAY: {"second step": f"{FACTORS}authenticate/"},
    ACCOUNT: {
        "account, without a factor": "/admin/security/",
        "new app": f"{FACTORS}totp/activate/",
        "new key": f"{FACTORS}keys/add/",
    },
    FACTOR: {
        "account": "/admin/security/",
        "app off": f"{FACTORS}totp/deactivate/",
        "recovery codes": f"{FACTORS}recovery-codes/",
        "new recovery codes": f"{FACTORS}recovery-codes/generate/",
        "once more, by code": f"{FACTORS}reauthenticate/",
    },
    EDITOR: {"no right": "/admin/status/", "nothing there": "/admin/none/"},
}
STATUSES = {"no right": 403, "nothing there": 404}


# What is answered where nothing works any more, as `stage` has left it.
BARE = REPORTS / "bare.json"


@dataclass(frozen=True)
class Page:
    """A page as the server sent it, and who sees it. `typical` ones are rows of the table."""

    name: str
    address: str
    html: str
    who: str = STRANGER
    typical: bool = True

    def open(self, tab: Tab) -> None:
        """Show it: as it was sent, where no address leads to it."""
        if self.name.startswith("bare: "):
            body = self.html
            tab.route(
                self.address, lambda route: route.fulfill(body=body, content_type="text/html")
            )
        tab.goto(self.address, wait_until="networkidle")


def collect(browser: Browser, url: str) -> list[Page]:
    """Return the typical pages of the site, then those of the desk, then every other public one."""
    stranger = enter(browser, url, STRANGER)
    everything = walk(stranger.request)
    public = list(typical(everything))
    shown = {page.address for page in public}
    others = [
        Page(address, address, html, typical=False)
        for address, html in everything.items()
        if address not in shown
    ]
    return [*public, *bare(), *private(browser, url), *others]


def bare() -> Iterator[Page]:
    for name, html in json.loads(BARE.read_text(encoding="utf-8")).items():
        yield Page(f"bare: {name}", f"/bare/{quote(name)}/", html)


def private(browser: Browser, url: str) -> Iterator[Page]:
    """Yield the pages of the desk, those of one person after the other."""
    for who, addresses in [*OWN.items(), (DESK, PRIVATE)]:
        context = enter(browser, url, who)
        for name, address in addresses.items():
            html = fetch(context.request, address, STATUSES.get(name, 200))
            yield Page(f"desk: {name}", address, html, who)
        context.close()


def walk(stranger: APIRequestContext) -> dict[str, str]:
    """Follow every link as a stranger; return the HTML of each address."""
    seen: dict[str, str] = {}
    queue = list(DOORS)
    while queue:
        address = queue.pop()
        if address in seen or address.startswith(NO_PAGES):
            continue
        seen[address] = html = fetch(stranger, address, 404 if address == MISSING else 200)
        # A form is the same wherever somebody comes from, and a list however it is narrowed twice.
        links = re.findall(r'href="(/[^"#]*)', html.replace("&amp;", "&"))
        queue += [link.partition("?from=")[0] for link in links if "&" not in link]
    return {address: html for address, html in seen.items() if html}


def fetch(client: APIRequestContext, address: str, status: int) -> str:
    """Return the HTML at this address; nothing for what is none, such as a feed."""
    answer = client.get(address)
    if answer.status != status or urlsplit(answer.url).path != address.partition("?")[0]:
        raise SystemExit(f"{address} answered {answer.status} at {answer.url}")
    return answer.text() if answer.headers["content-type"].startswith("text/html") else ""


def typical(everything: dict[str, str]) -> Iterator[Page]:
    for name, pattern in PUBLIC.items():
        found = [address for address in everything if re.fullmatch(pattern, address)]
        if not found:
            raise SystemExit(f"no page links to one of the type “{name}”: {pattern}")
        address = max(found, key=lambda found: len(everything[found]))
        yield Page(name, address, everything[address])
