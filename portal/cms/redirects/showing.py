"""Whether redirects lead anywhere, for the rows of a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any
from urllib.parse import unquote

from django.contrib.contenttypes.models import ContentType

from portal.cms.addresses import items_at, names_item
from portal.cms.publishing import Publishable
from portal.cms.redirects.finding import answer_for, is_there, own_part, rules
from portal.cms.redirects.keys import candidates
from portal.cms.redirects.models import Redirect
from portal.cms.rows import without_texts


class Condition(Enum):
    RIGHT = "正常"
    AWAY = "站外"
    GONE = "已删除"
    LOST = "打不开"


def conditions(rows: Iterable[Redirect]) -> Iterator[tuple[Redirect, Condition]]:
    """Yield the redirects with what becomes of them; those to an item learn where it is (`led_to`).

    A list of ours counts as there, with nothing in it too. A query for each kind of item, two for all
    whose page is not there; some more for each of these that leads on.
    """
    rows = list(rows)
    items = items_of(rows)
    targets = {row.pk: own_part(row.target) for row in rows if row.target}
    paths = {place for own in targets.values() if own for place in _places(own)}
    there = {path for path, item in items_at(paths).items() if item.is_public}
    on = leading_on(own for own in targets.values() if own and not _may_be_there(own, there))
    for row in rows:
        if row.code == Redirect.Code.GONE:
            yield row, Condition.GONE
        elif row.object_id is not None:
            item = items.get((row.content_type_id, row.object_id))
            row.led_to = item.get_absolute_url() if item is not None else ""  # type: ignore[attr-defined]
            shown = item.is_public if isinstance(item, Publishable) else item is not None
            yield row, Condition.RIGHT if shown else Condition.LOST
        elif (own := targets[row.pk]) is None:
            yield row, Condition.AWAY
        else:
            right = _may_be_there(own, there) or own in on
            yield row, Condition.RIGHT if right else Condition.LOST


def _may_be_there(own: str, public: set[str]) -> bool:
    # Of one that puts something in, nobody knows before.
    return "$" in own or any(
        place in public or (not names_item(place) and is_there(place)) for place in _places(own)
    )


def leading_on(dead: Iterable[str]) -> set[str]:
    """Return those of the paths at which nothing is that a redirect leads on from."""
    parts = {own: own.partition("#")[0].partition("?")[::2] for own in dead}
    keys = {own: set(candidates(*asked)) for own, asked in parts.items()}
    known = set(
        Redirect.objects.filter(key__in=set().union(*keys.values())).values_list("key", flat=True)
    )
    patterns = [rule.pattern for rule in rules()] if parts else []
    found = set()
    for own, asked in parts.items():
        if keys[own] & known or any(pattern.match(*asked) for pattern in patterns):
            answer = answer_for(*asked)
            if answer is not None and answer.location:
                found.add(own)
    return found


def _places(own: str) -> tuple[str, str]:
    """Return the path of a target, and with the slash that leads on to its page."""
    path = unquote(own.partition("#")[0].partition("?")[0])
    return path, f"{path}/"


def items_of(rows: Iterable[Redirect]) -> dict[tuple[int | None, int | None], Any]:
    """Return the items that redirects lead to, by their kind and number; a query for each kind."""
    wanted: defaultdict[Any, list[int]] = defaultdict(list)
    for row in rows:
        if row.content_type_id is not None and row.object_id is not None:
            kind = ContentType.objects.get_for_id(row.content_type_id)
            wanted[kind].append(row.object_id)
    found: dict[tuple[int | None, int | None], Any] = {}
    for kind, ids in wanted.items():
        model: Any = kind.model_class()
        if model is not None:
            for item in without_texts(model._base_manager.filter(pk__in=ids)):
                found[kind.pk, item.pk] = item
    return found
