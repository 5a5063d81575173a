"""The nightly look at all pages that engines may have: what each lacks, and which of its links are dead."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from portal.cms.addresses import items_at
from portal.cms.compliance.typography import length
from portal.cms.delivery import periodic
from portal.cms.delivery.models import DueTask
from portal.cms.engines.looking import FAILED, OK, Look, Places, look_at, path_of
from portal.cms.engines.models import CrawledPage
from portal.cms.engines.register import Entry, all_indexed, all_pages
from portal.cms.engines.titles import MOST as MOST_OF_A_TITLE
from portal.cms.redirects.finding import answer_for
from portal.cms.redirects.keys import digest
from portal.cms.tamper.watching import Watch

logger = logging.getLogger(__name__)

TASK: Final = "crawl"
AT: Final = time(2, 10)
# A minute of one processor; what is left finds another night.
MOST_A_NIGHT: Final = 2_000
A_TURN: Final = 25
AT_ONCE: Final = 500
# What was looked at in this run, whenever it began.
RUN: Final = timedelta(hours=6)
MOST_BROKEN: Final = 20
# Lists are pages without rows of their own: whether one is there, it says itself, so many a night.
MOST_ASKED: Final = 500

SHORT_TEXT: Final = 200
SLOW: Final = 500
DEAD, MOVED = "dead", "moved"


def pages() -> Iterator[Entry]:
    """Yield every page that engines may have; a query a source, and one for 500 items. No texts."""
    for source in all_pages():
        yield from source.source()
    for kind in all_indexed():
        for item in kind.public().order_by("pk").only("pk", *kind.columns).iterator(AT_ONCE):
            yield Entry(item.get_absolute_url(), kind.stamp(item))


def chosen(most: int, now: datetime) -> list[str]:
    """Return whose turn it is: what was never looked at or changed since, then what was longest ago.

    Two queries for 500 pages there are, until there are enough.
    """
    waiting: dict[str, None] = {}
    every = pages()
    while len(waiting) < most and (chunk := list(islice(every, AT_ONCE))):
        keys = {digest(entry.path): entry for entry in chunk}
        rows = CrawledPage.objects.filter(key__in=keys).values_list("key", "crawled_at")
        seen = dict(rows)
        for key, entry in keys.items():
            at = seen.get(key)
            if at is None or (entry.changed is not None and at < entry.changed <= now):
                waiting[entry.path] = None
    older = CrawledPage.objects.filter(crawled_at__lt=now - RUN).order_by("crawled_at")
    for path in older.values_list("path", flat=True)[:most]:
        if len(waiting) >= most:
            break
        waiting[path] = None
    return list(waiting)[:most]


class Crawl:
    """How far a worker has got in this night's round."""

    def __init__(self) -> None:
        self.waiting: list[str] | None = None
        self.linked: set[str] = set()
        self.places = Places(MOST_ASKED)
        self.watch = Watch()
        self.began = timezone.now()

    def step(self, now: datetime) -> bool:
        """Look at the next few pages; return whether there are more. Cut off, it begins the rest anew."""
        if self.waiting is None:
            self.linked, self.places, self.began = set(), Places(MOST_ASKED), now
            self.watch = Watch()
            done = CrawledPage.objects.filter(crawled_at__gte=now - RUN).count()
            self.waiting = chosen(max(0, MOST_A_NIGHT - done), now)
        turn, self.waiting = self.waiting[:A_TURN], self.waiting[A_TURN:]
        self.look(turn)
        if self.waiting:
            return True
        self.waiting = None
        self.unmark()
        self.watch.end()
        return False

    def look(self, paths: Iterable[str]) -> None:
        """Look at pages, and note what they are like. One that fails stops no other."""
        looks = []
        for path in paths:
            try:
                looks.append(look_at(path))
            except Exception:
                logger.exception("a page cannot be shown: %s", path)
                looks.append(Look(path, FAILED))
        self.watch.note({look.path: look.outside for look in looks})
        links = {link for look in looks for link in self.all_of(look)}
        troubles = self.troubles(links)
        for look in looks:
            note(look, {link: troubles[link] for link in self.all_of(look) if link in troubles})
        marked = {
            digest(link.partition("?")[0])
            for look in looks
            for link in self.all_of(look)
            # The page that lists all pages is no link of anybody's.
            if look.path not in (link, reverse("sitemap"))
        }
        self.linked |= marked
        CrawledPage.objects.filter(key__in=marked, is_linked=False).update(is_linked=True)
        # Those that are looked at only now, but were linked to before.
        new = {digest(look.path) for look in looks} & self.linked
        CrawledPage.objects.filter(key__in=new, is_linked=False).update(is_linked=True)

    def all_of(self, look: Look) -> list[str]:
        """The menu and the foot are those of every page: the front page's are looked at."""
        return [*look.links, *(look.chrome if look.path == "/" else [])]

    def unmark(self) -> None:
        """Where all pages were looked at, what none of them links to is known."""
        if not CrawledPage.objects.filter(crawled_at__lt=self.began).exists():
            rows = CrawledPage.objects.filter(is_linked=True).exclude(path="/")
            for pk, key in list(rows.values_list("pk", "key")):
                if key not in self.linked:
                    CrawledPage.objects.filter(pk=pk).update(is_linked=False)

    # --- Links -------------------------------------------------------------------------------------

    def troubles(self, links: Iterable[str]) -> dict[str, str]:
        """Return those that lead nowhere, or by a redirect; a query for each kind of item.

        Some more for each that is not there.
        """
        paths = {link: path_of(link) for link in links}
        # As people type them: without the slash, they lead to the page by way of another answer.
        whole = {link: f"{path}/" for link, path in paths.items() if not path.endswith("/")}
        items = items_at([*paths.values(), *whole.values()])
        public = {path for path, item in items.items() if item.is_public}
        found = {}
        for link, path in paths.items():
            if path in public or self.places.has(link):
                continue
            place, _, query = link.partition("?")
            answer = answer_for(path, query)
            leads_on = answer is not None and bool(answer.location)
            if not leads_on and link in whole:
                leads_on = whole[link] in public or self.places.has(f"{place}/")
            found[link] = MOVED if leads_on else DEAD
        return found


def note(look: Look, troubles: dict[str, str]) -> None:
    """Note what a page is like; forget one that is not there any more, or is not for engines."""
    if (look.status != OK and look.status < FAILED) or not look.may_index:
        CrawledPage.objects.filter(key=digest(look.path)).delete()
        return
    title = look.title[:300]
    CrawledPage.objects.update_or_create(
        key=digest(look.path),
        defaults={
            "path": look.path[:500],
            "title": title,
            "title_key": digest(title),
            "title_length": length(title),
            "description_length": min(look.description_length, 32_767),
            "words": look.words,
            "pictures_without_alt": min(look.pictures_without_alt, 32_767),
            # Dead ones first: they are what is to be done.
            "broken": [list(pair) for pair in sorted(troubles.items(), key=lambda pair: pair[1])][
                :MOST_BROKEN
            ],
            "has_dead_links": DEAD in troubles.values(),
            "milliseconds": look.milliseconds,
            "status": look.status,
            "crawled_at": timezone.now(),
            **({"is_linked": True} if look.path == "/" else {}),
        },
    )


# --- The report -------------------------------------------------------------------------------------


def issues() -> dict[str, tuple[str, Q]]:
    """Return what the report tells apart: words and condition, by key; no query."""
    return {
        "failed": ("打不开", Q(status__gte=FAILED)),
        "dead": ("有死链", Q(has_dead_links=True)),
        "moved": ("站内链接要经跳转", Q(has_dead_links=False) & ~Q(broken=[])),
        "same": ("标题与别的页面相同", Q(title_key__in=repeated())),
        "bare": ("没有描述", Q(description_length=0)),
        "thin": (f"文字不到 {SHORT_TEXT} 字", Q(words__lt=SHORT_TEXT)),
        "alone": ("没有页面直接链到", Q(is_linked=False)),
        "alt": ("图片缺替代文字", Q(pictures_without_alt__gt=0)),
        "long": (f"标题超过 {MOST_OF_A_TITLE} 字", Q(title_length__gt=MOST_OF_A_TITLE)),
        "slow": (f"慢于 {SLOW} 毫秒", Q(milliseconds__gt=SLOW)),
    }


def repeated() -> QuerySet[Any]:
    """The keys of titles that stand on several pages."""
    titles = CrawledPage.objects.order_by().exclude(title="").values("title_key")
    return titles.annotate(pages=Count("pk")).filter(pages__gt=1).values("title_key")


def counts() -> dict[str, int]:
    """Return how many pages there are with each issue, and in all; one query that reads every row."""
    wanted = {key: Count("pk", filter=condition) for key, (_, condition) in issues().items()}
    return CrawledPage.objects.aggregate(all=Count("pk"), **wanted)


def known_pages() -> int:
    """Return how many pages there are to look at; a query a kind, and those of the lists."""
    lists = sum(sum(1 for _ in source.source()) for source in all_pages())
    return lists + sum(kind.public().count() for kind in all_indexed())


def begin_now() -> bool:
    """Let the worker look at all pages at its next turn; return whether it does so already."""
    now = timezone.now()
    free = DueTask.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), name=TASK)
    if free.update(due_at=now):
        return False
    return not DueTask.objects.get_or_create(name=TASK, defaults={"due_at": now})[1]


periodic(TASK, "检查全部页面", Crawl().step, at=AT, takes=timedelta(minutes=15))
