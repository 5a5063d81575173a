"""Pages of a list: by number (`?page=`) as far as people leaf, from there on by key (`?before=`).

Page 5,000 by number costs the reading of all pages before it, and every new item moves its rows
under the reader. A key names the last row somebody has seen: the next page is read from the index,
and holds what stood below that row, whatever was published meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.db import models
from django.db.models import F, Func, QuerySet, Value
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.utils.http import base36_to_int, int_to_base36

LAST_NUMBERED = 50

# int() would also read ` 1`, `1_0` and `１`, and each would be one more address of the same page.
NUMBER = re.compile(r"[1-9][0-9]{0,6}", re.ASCII)
# Of each number of a key one spelling: no zeros in front.
KEY = re.compile(r"(?:0|[1-9a-z][0-9a-z]{0,12})(?:-(?:0|[1-9a-z][0-9a-z]{0,12}))*", re.ASCII)
EPOCH = datetime(1, 1, 1, tzinfo=UTC)
LARGEST = 2**63 - 1


class Row(Func):
    """Several values as one, which both databases compare from left to right: `(a, b)`."""

    template = "(%(expressions)s)"
    output_field = models.Field()


class Below(Func):
    """`(a, b) < (x, y)`.

    Django's own tuple lookups spell it out for SQLite, `a < x OR (a = x AND b < y)`, and that walks
    through all rows from the top, or even sorts them. As one, the row is found in the index.
    """

    template = "%(expressions)s"
    arg_joiner = " < "
    output_field = models.BooleanField()


class Above(Below):
    arg_joiner = " > "


class Order:
    """The order of a queryset as keys: `-pinned, -go_live_at, -pk` of one row is `0-hx2kq81m-4f`.

    It has keys where every name in it descends, the last is unique, and all are numbers, moments or
    yes and no. The names may be annotations, of the same name on the rows.
    """

    def __init__(self, items: Any) -> None:
        self.items = items
        self.fields: dict[str, models.Field[Any, Any]] = {}
        if isinstance(items, QuerySet) and not items.query.is_sliced:
            names = [str(name) for name in items.query.order_by]
            if names and all(name.startswith("-") for name in names):
                self.fields = {name[1:]: self._field(name[1:]) for name in names}

    def _field(self, name: str) -> models.Field[Any, Any]:
        opts = self.items.model._meta
        if name in self.items.query.annotations:
            field = self.items.query.annotations[name].output_field
        else:
            field = opts.pk if name == "pk" else opts.get_field(name)
        # A relation is ordered by the key it holds.
        return getattr(field, "target_field", field)  # type: ignore[no-any-return]

    @property
    def has_keys(self) -> bool:
        kinds = (models.BooleanField, models.DateTimeField, models.IntegerField)
        return bool(self.fields) and all(isinstance(f, kinds) for f in self.fields.values())

    def key(self, row: Any) -> str:
        """Return the key of a row."""
        values = (getattr(row, name) for name in self.fields)
        return "-".join(int_to_base36(number_of(value)) for value in values)

    def values(self, key: str) -> list[Any]:
        """Return what the key says, a value for each name. Raises ValueError where it is no key."""
        if not self.has_keys or len(key) > 99 or not KEY.fullmatch(key):
            raise ValueError(key)
        numbers = [base36_to_int(part) for part in key.split("-")]
        return [value_of(n, field) for n, field in zip(numbers, self.fields.values(), strict=True)]

    def below(self, values: Sequence[Any]) -> QuerySet[Any]:
        """Return the items after a row, in their order."""
        return self._beside(Below, values)

    def above(self, values: Sequence[Any]) -> QuerySet[Any]:
        """Return the items before a row, the nearest first."""
        return self._beside(Above, values).reverse()

    def _beside(self, compare: type[Func], values: Sequence[Any]) -> QuerySet[Any]:
        pairs = zip(values, self.fields.values(), strict=True)
        row = Row(*(value_as(field, value) for value, field in pairs))
        beside: QuerySet[Any] = self.items.filter(compare(Row(*map(F, self.fields)), row))
        # To the front: of two limits in one direction, SQLite takes the first to the index, and the
        # other is that of `.published()`, which leaves nearly all rows.
        conditions = beside.query.where.children
        conditions.insert(0, conditions.pop())
        return beside


def value_as(field: models.Field[Any, Any], value: Any) -> Any:
    return value if hasattr(value, "as_sql") else Value(value, output_field=field)


def number_of(value: Any) -> int:
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(microseconds=1)
    return int(value)


def value_of(number: int, field: models.Field[Any, Any]) -> Any:
    """Return the value of a field that the number stands for. Raises ValueError if there is none."""
    if isinstance(field, models.BooleanField):
        if number > 1:
            raise ValueError(number)
        return bool(number)
    if number > LARGEST:  # more than the databases take
        raise ValueError(number)
    if isinstance(field, models.DateTimeField):
        try:
            return EPOCH + timedelta(microseconds=number)
        except OverflowError as error:
            raise ValueError(number) from error
    return number


class ListPage(Page):  # type: ignore[type-arg]
    """A page of a list: it knows the addresses of the pages around it.

    `_pagination.html` shows it. `label` is for the title: `第3页`, and "" for the first.
    """

    paginator: ListPaginator

    @property
    def label(self) -> str:
        return f"第{self.number}页" if self.number > 1 else ""

    @property
    def count_text(self) -> str:
        """How many items there are, as far as they are counted: `345`, `1000+`."""
        count, most = self.paginator.count, self.paginator.most
        return f"{most}+" if count > most else str(count)

    @property
    def numbers(self) -> list[tuple[int | str, str]]:
        """Page numbers with their addresses, and `…` without one where some are left out."""
        shown = self.paginator.get_elided_page_range(self.number, on_each_side=1, on_ends=1)
        return [
            (number, self.paginator.address(page=number) if isinstance(number, int) else "")
            for number in shown
        ]

    @property
    def newer(self) -> str:
        """The address of the page before this one, "" for the first."""
        return self.paginator.address(page=self.number - 1) if self.has_previous() else ""

    @cached_property
    def older(self) -> str:
        """The address of the page after this one, "" for the last."""
        if self.has_next():
            return self.paginator.address(page=self.number + 1)
        if self.paginator.count > self.paginator.most and self.paginator.order.has_keys:
            return self.paginator.address(before=self.paginator.order.key(self[-1]))
        return ""

    def has_other_pages(self) -> bool:
        return bool(self.newer or self.older)


class KeyPage(ListPage):
    """A page below those with numbers: what stands after the row that the key names."""

    def __init__(self, values: list[Any], paginator: ListPaginator) -> None:
        self.values = values
        found = list(paginator.order.below(values)[: paginator.per_page + 1])
        if not found:
            raise EmptyPage
        self.goes_on = len(found) > paginator.per_page
        super().__init__(found[: paginator.per_page], LAST_NUMBERED + 1, paginator)

    @property
    def label(self) -> str:
        """Say where in the list it stands: nobody can count its pages."""
        moments = [value for value in self.values if isinstance(value, datetime)]
        if not moments:
            return "更早的内容"
        day = timezone.localtime(min(moments[0], timezone.now()))
        return f"{day.year}年{day.month}月{day.day}日及更早"

    @property
    def numbers(self) -> list[tuple[int | str, str]]:
        return []

    @property
    def first(self) -> str:
        """The address of the list's first page."""
        return self.paginator.address()

    @cached_property
    def newer(self) -> str:
        """The address of the page before: one with a number again, where it still has one.

        Two queries more, each of which reads no further in the index than the numbered pages go.
        """
        size, order = self.paginator.per_page, self.paginator.order
        above = order.above(order.values(order.key(self[0])))
        count = above.values("pk")[: self.paginator.most + 1].count()
        if count <= self.paginator.most:
            return self.paginator.address(page=-(-count // size) or 1)
        return self.paginator.address(before=order.key(above[size]))

    @cached_property
    def older(self) -> str:
        if not self.goes_on:
            return ""
        return self.paginator.address(before=self.paginator.order.key(self[-1]))


class ListPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator of `ListPage`. It counts no further than its numbers go, and one more."""

    def __init__(self, request: HttpRequest, items: Any, size: int) -> None:
        super().__init__(items, size)
        self.request = request
        self.order = Order(items)
        self.most = LAST_NUMBERED * size

    @cached_property
    def count(self) -> int:
        items = self.object_list
        if isinstance(items, QuerySet) and not items.query.is_sliced:
            return items.values("pk")[: self.most + 1].count()
        return min(super().count, self.most + 1)

    @cached_property
    def num_pages(self) -> int:
        return min(super().num_pages, LAST_NUMBERED)

    def page(self, number: Any) -> ListPage:
        """Return a page, which ends with its own rows even where more follow than are numbered."""
        number = self.validate_number(number)
        begin = (number - 1) * self.per_page
        end = min(begin + self.per_page, self.count)
        return ListPage(self.object_list[begin:end], number, self)

    def address(self, page: int = 1, before: str = "") -> str:
        """Return the address of a page; the first has none of its own. Other parameters stay."""
        query = self.request.GET.copy()
        for name, value in (("page", str(page) if page > 1 else ""), ("before", before)):
            query.pop(name, None)
            if value:
                query[name] = value
        path = escape_uri_path(self.request.path)  # a tag may be called 100%, or end in ?
        return f"{path}?{query.urlencode()}" if query else path


def page_or_404(request: HttpRequest, items: Any, size: int) -> ListPage:
    """Return the page of `items` that the request asks for; one query that counts, one that reads.

    Neither grows with the items: counting stops after `LAST_NUMBERED` pages. What lies beyond them is
    reached by key, if `items` is a queryset whose order makes keys (see `Order`); a page by key costs
    three queries. Raises Http404 for a page there is not, and for what is neither number nor key.
    """
    asked, before = request.GET.get("page") or "1", request.GET.get("before")
    paginator = ListPaginator(request, items, size)
    try:
        if before:
            if "page" in request.GET:
                raise Http404
            return KeyPage(paginator.order.values(before), paginator)
        if not NUMBER.fullmatch(asked):
            raise Http404
        return paginator.page(int(asked))
    except (EmptyPage, ValueError) as error:
        raise Http404 from error
