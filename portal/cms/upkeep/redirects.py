"""Redirects that lead nowhere, or round in a circle; and keys that no longer fit their address."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from itertools import chain
from typing import Any, Final, NamedTuple

from django.db import IntegrityError, transaction

from portal.cms.addresses import item_at, names_item
from portal.cms.engines.looking import path_of
from portal.cms.engines.models import CrawledPage, PublicAddress
from portal.cms.pagecache.epochs import content_changed
from portal.cms.redirects.checking import Standing, target_place
from portal.cms.redirects.finding import answer_for, leads_back
from portal.cms.redirects.keys import HOST, digest
from portal.cms.redirects.models import Redirect
from portal.cms.redirects.patterns import PatternError, check_target, compiled
from portal.cms.rows import in_lots

AT_ONCE: Final = 500
# Lists that are asked for whether they are there, for 500 redirects: a page each.
MOST_ASKED: Final = 200
MOST_SHOWN_PAGES: Final = 200
# What makes a redirect good or bad.
JUDGED: Final = ("kind", "old", "target", "code", "content_type_id", "object_id")


class Cure(Enum):
    """What may be done to a redirect without asking anybody. What a person typed, a person decides."""

    GONE = "gone"  # the same answer as now, but said by the row
    DROP = "drop"  # it never answers anything
    NONE = "none"


class Fault(NamedTuple):
    row: Redirect
    words: str
    cure: Cure


def faults() -> Iterator[Fault]:
    """Yield what is wrong with redirects: four queries for 500, some more for each that leads nowhere."""
    for lot in in_lots(Redirect.objects.all(), AT_ONCE):
        yield from chain(_without_item(lot), _of_addresses(lot))


def _without_item(rows: list[Redirect]) -> Iterator[Fault]:
    by_kind: dict[Any, list[Redirect]] = {}
    for row in rows:
        if row.object_id is not None:
            by_kind.setdefault(row.content_type_id, []).append(row)
    for led in by_kind.values():
        kind = led[0].content_type
        model: Any = kind.model_class() if kind else None
        ids = [row.object_id for row in led]
        there: set[Any] = set()
        if model is not None:
            there = set(model._base_manager.filter(pk__in=ids).values_list("pk", flat=True))
        for row in led:
            if row.object_id not in there:
                yield Fault(row, f"{row.old} 要跳转到的内容已经彻底删除。", Cure.GONE)


def _of_addresses(rows: list[Redirect]) -> Iterator[Fault]:
    typed = [row for row in rows if row.object_id is None and row.code == Redirect.Code.MOVED]
    standing = Standing(typed, most=MOST_ASKED)
    for row in typed:
        by_machine = bool(row.origin)
        try:
            if row.kind == Redirect.Kind.PATTERN:
                check_target(compiled(row.old), row.target)
        except PatternError as error:
            yield Fault(row, f"{row.old} 这一类网址的写法不对，不起作用：{error}", Cure.NONE)
            continue
        found = standing.trouble(row)
        if found is None or found[0] != "target":
            continue  # or it stands at the address of a page, which is answered first
        if leads_back(row):
            yield Fault(row, f"{row.old} 跳转成了一个圈。", Cure.DROP if by_machine else Cure.NONE)
        elif not _leads_on(row) and (fault := _dead(row, by_machine)):
            yield fault


def _leads_on(row: Redirect) -> bool:
    """Whether its target has moved on to somewhere else."""
    if row.kind == Redirect.Kind.PATTERN:
        path, _, query = target_place(row).partition("?")
    else:
        path, _, query = HOST.sub("", row.old).partition("#")[0].partition("?")
    answer = answer_for(path, query)
    return answer is not None and answer.location.partition("#")[0] != target_place(row)


def _dead(row: Redirect, by_machine: bool) -> Fault | None:
    path = path_of(target_place(row))
    if not names_item(path):
        return Fault(row, f"{row.old} 跳转到的 {row.target} 打不开。", Cure.NONE)
    if item_at(path) is not None:  # withdrawn, or not published yet: its own page says which
        return None
    cure = Cure.GONE if by_machine else Cure.NONE
    return Fault(row, f"{row.old} 跳转到的 {row.target} 已经没有了。", cure)


def find() -> Iterator[str]:
    return (fault.words for fault in faults())


def mend() -> int:
    """Say 410 for what is gone for good, and drop what leads to itself and nobody typed.

    Looking takes minutes: a redirect that somebody has changed meanwhile is left as it is.
    """
    gone = {"code": Redirect.Code.GONE, "target": "", "content_type": None, "object_id": None}
    mended = 0
    for fault in list(faults()):
        as_judged = Redirect.objects.filter(
            pk=fault.row.pk, **{name: getattr(fault.row, name) for name in JUDGED}
        )
        if fault.cure is Cure.GONE:
            mended += as_judged.update(**gone)
        elif fault.cure is Cure.DROP:
            mended += as_judged.delete()[0]
    if mended:
        with transaction.atomic():
            content_changed()
    return mended


# --- Keys -------------------------------------------------------------------------------------------------


def misfiled() -> Iterator[tuple[Redirect | PublicAddress, str]]:
    """Yield rows that are not found by their address, with the key that they should have."""
    for row in Redirect.objects.only("kind", "old", "key").order_by("pk").iterator(AT_ONCE):
        before = row.key
        row.make_key()
        if row.key != before:
            yield row, row.key
    for address in PublicAddress.objects.only("path", "key").order_by("pk").iterator(AT_ONCE):
        if address.key != (key := digest(address.path)):
            yield address, key


def find_misfiled() -> Iterator[str]:
    return (f"{row._meta.verbose_name}“{row}”按网址找不到。" for row, _ in misfiled())


def file_anew() -> int:
    """Give them their keys; where another row has it already, that one answers, and this one stays.

    And so does one that somebody has given another address meanwhile, and with it its key.
    """
    mended = 0
    for row, key in list(misfiled()):
        names = ("kind", "old") if isinstance(row, Redirect) else ("path",)
        as_judged = {name: getattr(row, name) for name in names}
        try:
            with transaction.atomic():
                mended += type(row)._base_manager.filter(pk=row.pk, **as_judged).update(key=key)
                content_changed()
        except IntegrityError:
            continue
    return mended


# --- Links in texts -----------------------------------------------------------------------------------------


def find_dead_links() -> Iterator[str]:
    """Yield the pages with links that lead nowhere, as the last nightly look has found them."""
    pages = CrawledPage.objects.filter(has_dead_links=True).order_by("path")
    for page in pages[:MOST_SHOWN_PAGES]:
        links = [link for link, kind in page.broken if kind == "dead"]
        yield f"{page.path} 里有 {len(links)} 个打不开的站内链接，例如 {links[0]}。"
