"""What is answered at an address at which nothing is there.

It is asked only then, so a redirect never hides a page, and costs none anything.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple
from urllib.parse import quote, unquote

from django.conf import settings
from django.db import models
from django.urls import Resolver404, resolve
from django.utils.http import RFC3986_SUBDELIMS

from portal.cms.addresses import item_at, names_item
from portal.cms.engines.looking import Places
from portal.cms.pagecache.epochs import once
from portal.cms.publishing import Publishable, Status
from portal.cms.redirects.keys import INDEX, candidates, key_of, normal, normal_of
from portal.cms.redirects.models import Redirect
from portal.cms.redirects.patterns import Pattern, PatternError, check_target, compiled, expand
from portal.cms.redirects.remembering import AUTO
from portal.cms.rows import without_texts

# Old systems have one for each kind of their pages; each costs every lost visitor a few microseconds.
MOST_PATTERNS: Final = 200
# More hops than this nobody made on purpose.
MOST_HOPS: Final = 5


class Answer(NamedTuple):
    """Where to, "" where what was there is gone; `row` is the redirect that says so, which is counted."""

    location: str
    row: Redirect | None


class Rule(NamedTuple):
    pattern: Pattern
    row: Redirect


def answer_for(path: str, query: str = "") -> Answer | None:
    """Return what is answered at an address, in one hop; None where no redirect leads anywhere.

    A query for a redirect to an item, and one for that; for one to a path two more, to see whether
    that one has moved as well. Where nothing is found, a query, and one an epoch for the patterns.
    """
    asked = normal_of(path, query)
    folder = INDEX.sub("/", path)
    if folder != path and not asked.query and is_there(folder):
        # /index.html, /about/index.html
        return Answer(quote(folder, safe=f"{RFC3986_SUBDELIMS}/~:@"), None)
    found = _found(path, query)
    if found is None:
        return None
    first, (row, target) = found[0], found
    seen = {asked.key}
    for _ in range(MOST_HOPS):
        led = target if row.object_id is None else address_of(row)
        if led is None:
            return None
        own = own_part(led)
        if not led or own is None:
            return Answer(led, first)
        key = normal(own).key
        if key in seen:
            return None
        seen.add(key)
        further = _moved_on(own) if row.object_id is None else None
        if further is None:
            return Answer(own, first)
        row, target = further
    return None


def address_of(row: Redirect) -> str | None:
    """Return where the item of a redirect is now: "" where it is gone, None where it is not there yet."""
    item = _item_of(row)
    if item is None:
        return ""
    if isinstance(item, Publishable) and not item.is_public:
        gone = item.status == Status.WITHDRAWN or item.deleted_at is not None
        return "" if gone else None
    address: str = getattr(item, "get_absolute_url", str)()
    return address


def own_part(target: str) -> str | None:
    """Return the path of a target that is on this site; None for another site's."""
    if target.startswith("/"):
        return target
    rest = target.removeprefix(settings.SITE_URL)
    if rest != target and rest[:1] in ("", "/", "?", "#"):
        return rest if rest.startswith("/") else f"/{rest}"
    return None


def is_there(path: str) -> bool:
    """Whether a page may be at this path of ours: of an item's page, whether it is public; two queries."""
    path = re.split("[?#]", path, maxsplit=1)[0]
    if names_item(path):
        item = item_at(path)
        return item is not None and item.is_public
    try:
        return resolve(path).view_name != "root_file"
    except Resolver404:
        return path.startswith((settings.STATIC_URL, settings.MEDIA_URL)) and path[-1] != "/"


@once
def rules() -> list[Rule]:
    """Return the patterns, the oldest first; one query an epoch."""
    rows = Redirect.objects.filter(kind=Redirect.Kind.PATTERN).order_by("pk")[:MOST_PATTERNS]
    found = []
    for row in rows:
        try:
            rule = Rule(compiled(row.old), row)
            check_target(rule.pattern, row.target)
            found.append(rule)
        except PatternError:  # of an import, or of a version that knew more
            continue
    return found


def _found(path: str, query: str) -> tuple[Redirect, str] | None:
    """Return the redirect that is asked for, and its target."""
    keys = candidates(path, query)
    rows = {row.key: row for row in Redirect.objects.filter(key__in=keys)}
    exact = next((rows[key] for key in keys if key in rows), None)
    if exact is not None:
        return exact, exact.target
    for pattern, row in rules():
        groups = pattern.match(path, query)
        if groups is not None:
            return row, expand(row.target, groups) if row.target else ""
    return None


def _moved_on(own: str) -> tuple[Redirect, str] | None:
    """Return the redirect of a target at which nothing is any more.

    What follows a page of ours stands where the URL map still knows one: there the page is asked for.
    """
    place, _, query = own.partition("#")[0].partition("?")
    found = _found(place, query)
    if found is None or not is_there(own):
        return found
    return found if found[0].origin == AUTO and not _answers(own) else None


def _answers(own: str) -> bool:
    path = re.split("[?#]", own, maxsplit=1)[0]
    return names_item(unquote(path)) or Places(most=1).has(path)


def _item_of(row: Redirect) -> models.Model | None:
    model: Any = row.content_type.model_class() if row.content_type else None
    if model is None:
        return None
    item: models.Model | None = without_texts(model._base_manager.filter(pk=row.object_id)).first()
    return item


def leads_back(row: Redirect) -> bool:
    """Whether a redirect that is about to be saved leads, in some hops, to itself."""
    own = own_part(row.target) if row.target else None
    if own is None or row.kind == Redirect.Kind.PATTERN:
        return False
    seen = key_of(row.old)
    for _ in range(MOST_HOPS):
        if normal(own).key == seen:
            return True
        further = _moved_on(own)
        if further is None or further[0].object_id is not None:
            return False
        next_own = own_part(further[1]) if further[1] else None
        if next_own is None:
            return False
        own = next_own
    return True
