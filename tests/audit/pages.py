"""What is looked at: one page of every type, and for what is cheap to check, all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from playwright.sync_api import APIRequestContext, Browser, StorageState

from tests.audit import site

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

DESK = {
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
    "deleting": "/admin/articles/category/1/delete/",
    "password": "/admin/password_change/",
}


@dataclass(frozen=True)
class Page:
    """A page as the server sent it. `typical` ones are rows of the table."""

    name: str
    address: str
    html: str
    desk: bool = False
    typical: bool = True


def collect(browser: Browser, url: str, desk: StorageState) -> list[Page]:
    """Return the typical pages of the site, then those of the desk, then every other public one."""
    stranger = browser.new_context(base_url=url)
    everything = walk(stranger.request)
    public = list(typical(everything))
    shown = {page.address for page in public}
    others = [
        Page(address, address, html, typical=False)
        for address, html in everything.items()
        if address not in shown
    ]
    login = Page("desk: login", "/admin/login/", fetch(stranger.request, "/admin/login/"))
    editor = browser.new_context(base_url=url, storage_state=desk)
    rest = [
        Page(f"desk: {name}", address, fetch(editor.request, address), desk=True)
        for name, address in DESK.items()
    ]
    return [*public, login, *rest, *others]


def walk(stranger: APIRequestContext) -> dict[str, str]:
    """Follow every link as a stranger; return the HTML of each address."""
    seen: dict[str, str] = {}
    queue = list(DOORS)
    while queue:
        address = queue.pop()
        if address in seen or address.startswith(NO_PAGES):
            continue
        seen[address] = html = fetch(stranger, address)
        # A form is the same wherever somebody comes from, and a list however it is narrowed twice.
        links = re.findall(r'href="(/[^"#]*)', html.replace("&amp;", "&"))
        queue += [link.partition("?from=")[0] for link in links if "&" not in link]
    return {address: html for address, html in seen.items() if html}


def fetch(client: APIRequestContext, address: str) -> str:
    """Return the HTML at this address; nothing for what is none, such as a feed."""
    answer = client.get(address)
    if answer.status != (404 if address == MISSING else 200):
        raise SystemExit(f"{address} answered {answer.status}")
    return answer.text() if answer.headers["content-type"].startswith("text/html") else ""


def typical(everything: dict[str, str]) -> Iterator[Page]:
    for name, pattern in PUBLIC.items():
        found = [address for address in everything if re.fullmatch(pattern, address)]
        if not found:
            raise SystemExit(f"no page links to one of the type “{name}”: {pattern}")
        address = max(found, key=lambda found: len(everything[found]))
        yield Page(name, address, everything[address])


def signed_in(browser: Browser, url: str) -> StorageState:
    """Sign in to the desk, and return the session."""
    context = browser.new_context(base_url=url, locale="zh-CN")
    page = context.new_page()
    page.goto("/admin/")
    page.fill("[name=username]", site.USERNAME)
    page.fill("[name=password]", site.PASSWORD)
    page.click("[type=submit]")
    page.wait_for_url(f"{url}/admin/")
    return context.storage_state()
