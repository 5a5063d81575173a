"""To the second: what goes live, ends or changes at noon does so on its page and in every list.

Each list is the first page that anybody asks for after noon: whoever comes first is told the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from articles.models import Ranking
from portal.cms.pagecache.epochs import clock
from portal.cms.publishing import Status
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.forms import form_of, press

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOON = datetime(2026, 12, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
MORNING = NOON - timedelta(hours=3)
BEFORE, AFTER = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)

OLD, NEW = "正午之前的名称", "正午之后的名称"
PAGE = "its own page"


@dataclass(frozen=True)
class Kind:
    """How an item of this kind is made, what it is called by, and where readers find it."""

    make: Callable[..., Any]
    called: str
    addresses: tuple[str, ...]


KINDS = {
    "article": Kind(
        lambda title, **fields: cast.article(title, ("正午标签",), **fields),
        "title",
        (
            PAGE,
            "/",
            "/articles/",
            "/articles/category/policy/",
            "/articles/tag/正午标签/",
            "/articles/feed/",
            "/articles/rss/",
            "/articles/category/policy/feed/",
            "/articles/tag/正午标签/feed/",
            "/articles/archive/2026/",
            "/articles/archive/2026/12/",
            "/articles/top/",
            "/search/?q=正午",
            "/sitemap/",
        ),
    ),
    "service": Kind(
        lambda name, **fields: cast.service(
            "noon", name, required_licence=cast.licence(), **fields
        ),
        "name",
        (PAGE, "/", "/services/", "/search/?q=正午", "/sitemap/"),
    ),
    "job": Kind(
        cast.job, "title", (PAGE, "/", "/jobs/", "/jobs/kind/temporary/", "/search/?q=正午")
    ),
    "page": Kind(
        lambda title, **fields: cast.page("noon", title, **fields),
        "title",
        (PAGE, "/search/?q=正午", "/sitemap/"),
    ),
}
PLACES = [(kind, address) for kind in KINDS for address in KINDS[kind].addresses]
everywhere = pytest.mark.parametrize(("kind", "address"), PLACES)


def make(kind: str, **fields: Any) -> Any:
    """Make the item, in the morning."""
    dates = {"status": Status.PUBLISHED, "go_live_at": MORNING, "first_published_at": MORNING}
    with time_machine.travel(MORNING, tick=False):
        return KINDS[kind].make(OLD, **{**dates, **fields})


def found(item: Any, address: str, at: datetime) -> set[str]:
    """Return which of the names a stranger reads at that moment; a page of an item must say one."""
    with time_machine.travel(at, tick=False):
        answer = Client().get(item.get_absolute_url() if address == PAGE else address)
    text = answer.content.decode().replace("<mark>", "").replace("</mark>", "")
    names = {name for name in (OLD, NEW) if name in text}
    # A tag or a month that has nothing to show is not there either.
    assert answer.status_code == (200 if names else 404) or (address != PAGE and not names)
    return names


@contextmanager
def undone() -> Iterator[None]:
    """Whoever comes next is the first again: of what was written here nothing stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    clock.reset()


@everywhere
def test_what_goes_live_at_noon(kind: str, address: str) -> None:
    item = make(kind, go_live_at=NOON, first_published_at=NOON)

    assert found(item, address, BEFORE) == set()
    # A ranking of reads is made every ten minutes. What is on it leaves at once; a newcomer, whom
    # nobody has read, comes in with the next one.
    waits = Ranking.MAX_AGE if address == "/articles/top/" else timedelta()
    assert found(item, address, AFTER + waits) == {OLD}


@everywhere
def test_what_ends_at_noon(kind: str, address: str) -> None:
    item = make(kind, expire_at=NOON)

    assert found(item, address, BEFORE) == {OLD}
    assert found(item, address, AFTER) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_what_changes_at_noon(kind: str) -> None:
    item = make(kind)
    with time_machine.travel(MORNING, tick=False):
        noon = {"apply_at_0": f"{NOON:%Y-%m-%d}", "apply_at_1": f"{NOON:%H:%M}"}
        chief = browser_of(cast.laochen())
        press(chief, form_of(item), "_publish", **{KINDS[kind].called: NEW}, **noon)

    for address in KINDS[kind].addresses:
        with undone():
            assert found(item, address, BEFORE) == {OLD}, address
            assert found(item, address, AFTER) == {NEW}, address
