"""Redirects as a sheet: taken out, and brought in after a look at what each row would do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.pagecache.epochs import content_changed
from portal.cms.redirects.checking import Standing, check_words, tidy
from portal.cms.redirects.models import Redirect
from portal.cms.redirects.showing import items_of
from portal.cms.sheets import reading, writing

MOST_ROWS: Final = 5_000
MOST_WRITTEN: Final = 20_000
AT_ONCE: Final = 500
# Lists at which rows begin or end; a page each. Beyond that, it is not said that one is empty.
MOST_ASKED: Final = 50
OLD: Final = ("旧网址", "旧地址", "原网址", "from")
TARGET: Final = ("跳转到", "新网址", "新地址", "to")
KIND: Final = ("种类",)
CODE: Final = ("答复",)
NOTE: Final = ("备注", "说明")
HEADERS: Final = ("旧网址", "跳转到", "种类", "答复", "备注", "次数", "最近一次", "来历")
# What a sheet may change of a redirect.
CHANGING: Final = ("target", "code", "note", "content_type", "object_id", "origin")
NEW, CHANGED, SAME, REFUSED = "新建", "改动", "不变", "有误"


@dataclass
class Planned:
    """What a row of the sheet would do; `says` is the problem, or what is there by now."""

    number: int
    row: Redirect
    outcome: str = NEW
    says: str = ""
    # What is there and leads to an item, which has the address that the sheet says: it stays with it.
    kept: Redirect | None = None


def origin_label(origin: str) -> str:
    return {"": "手工", "auto": "改名"}.get(origin, f"导入：{origin}")


def written(redirects: QuerySet[Redirect]) -> bytes:
    """Return redirects as a sheet; a few queries for 500, and a quarter of a second for a thousand."""
    return writing.write(HEADERS, _cells(redirects), "跳转")


def _cells(redirects: QuerySet[Redirect]) -> Iterator[tuple[object, ...]]:
    every = redirects.iterator(chunk_size=AT_ONCE)
    while rows := list(islice(every, AT_ONCE)):
        items = items_of(rows)
        for row in rows:
            item = items.get((row.content_type_id, row.object_id))
            yield (
                row.old,
                row.target if item is None else item.get_absolute_url(),
                row.get_kind_display(),
                row.code,
                row.note,
                row.hits,
                row.last_hit_at,
                origin_label(row.origin),
            )


def read(content: bytes) -> list[list[Any]]:
    """Return what the rows of a sheet say, with their numbers. Raises SheetError."""
    sheet = reading.read(content, MOST_ROWS, are_headers)
    if not are_headers(sheet.headers):
        raise reading.SheetError("没有找到“旧网址”这一列。")
    columns = (OLD, TARGET, KIND, CODE, NOTE)
    return [
        [number, *(cell(row, names) for names in columns)]
        for number, row in sheet.rows
        if cell(row, OLD)
    ]


def are_headers(cells: list[str]) -> bool:
    return any(name in cells for name in OLD)


def cell(row: reading.Row, names: tuple[str, ...]) -> str:
    found = next((row[name] for name in names if row.get(name)), "").strip()
    # As the sheet we write has it, so that no spreadsheet takes it for a formula.
    return found.removeprefix("'")


def plan(rows: list[list[Any]]) -> list[Planned]:
    """Return what each row would do; a query for five hundred of them, and one for each kind of item."""
    planned = [_planned(*row) for row in rows]
    first: dict[str, int] = {}
    for one in planned:
        if one.outcome != REFUSED and first.setdefault(one.row.key, one.number) != one.number:
            refuse(one, f"与第 {first[one.row.key]} 行是同一个旧网址。")
    useful = [one for one in planned if one.outcome != REFUSED]
    for start in range(0, len(useful), AT_ONCE):
        part = useful[start : start + AT_ONCE]
        stored = list(Redirect.objects.filter(key__in=[one.row.key for one in part]))
        known, items = {row.key: row for row in stored}, items_of(stored)
        for one in part:
            there = known.get(one.row.key)
            if there is not None:
                compare(one, there, items.get((there.content_type_id, there.object_id)))
    _look([one for one in useful if one.outcome != SAME and one.kept is None])
    return planned


def _look(planned: list[Planned]) -> None:
    """Refuse what would never be answered, and what would lead to nothing."""
    standing = Standing([one.row for one in planned], MOST_ASKED)
    for one in planned:
        if (trouble := standing.trouble(one.row)) is not None:
            refuse(one, trouble[1])


def compare(one: Planned, known: Redirect, item: Any) -> None:
    one.row.pk = known.pk
    target = known.target if item is None else item.get_absolute_url()
    if item is not None and one.row.target == target:
        one.kept = known
    if (target, known.code, known.note) == (one.row.target, one.row.code, one.row.note):
        one.outcome = SAME
    else:
        one.outcome = CHANGED
        there = "已删除（410）" if known.code == Redirect.Code.GONE else target or "没有去处"
        one.says = f"现在是 {there}（{origin_label(known.origin)}）"


def carry_out(planned: list[Planned], by: User) -> tuple[int, int]:
    """Do what was planned; return how many were made and how many changed."""
    new = [one.row for one in planned if one.outcome == NEW]
    changed = [one.row for one in planned if one.outcome == CHANGED]
    for one in planned:
        if one.outcome == CHANGED and one.kept is not None:
            one.row.target, one.row.origin = "", one.kept.origin
            one.row.content_type_id = one.kept.content_type_id
            one.row.object_id = one.kept.object_id
    for row in new:
        row.created_by, row.created_at = by, timezone.now()
    with transaction.atomic():
        Redirect.objects.bulk_create(new, batch_size=AT_ONCE, ignore_conflicts=True)
        Redirect.objects.bulk_update(changed, CHANGING, batch_size=AT_ONCE)
        if new or changed:
            content_changed()
    return len(new), len(changed)


def refuse(one: Planned, says: str) -> None:
    one.outcome, one.says = REFUSED, says


def _planned(number: int, old: str, target: str, kind: str, code: str, note: str) -> Planned:
    row = Redirect(old=tidy(old), target=target, note=note[:200])
    if kind == Redirect.Kind.PATTERN.label or (not kind and "(" in old):
        row.kind = Redirect.Kind.PATTERN
    if code.startswith("410") or "删除" in code:
        row.code = Redirect.Code.GONE
    one = Planned(number, row)
    problem = next(_problems(row), "")
    if problem:
        refuse(one, problem)
    else:
        row.make_key()
    return one


def _problems(row: Redirect) -> Iterator[str]:
    for name in ("old", "target"):
        longest = Redirect._meta.get_field(name).max_length  # type: ignore[union-attr]
        if len(getattr(row, name)) > (longest or 0):
            yield "网址太长。"
    if row.code == Redirect.Code.GONE and row.target:
        yield "已删除（410）的没有去处，请清空“跳转到”。"
    if row.code == Redirect.Code.MOVED and not row.target:
        yield "没有填“跳转到”。"
    try:
        check_words(row)
    except ValidationError as error:
        yield "".join(error.messages)
