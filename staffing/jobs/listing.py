"""The lists of open jobs: by kind and district at addresses of their own, narrowed further by `?pay=`.

All open jobs are some hundreds. They are read once an epoch, as slim rows, and what each choice would
leave is counted in Python: one way to match, whatever is chosen together, and no query for a count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from portal.cms.addresses import address
from portal.cms.pagecache.epochs import once
from staffing.models import District, Job

# What a visitor may ask to be paid at least, by the unit in which it is paid.
BANDS: Final = tuple(
    (f"{unit.value}-{least}", f"{name} {least} 元起", unit.value, Decimal(least))
    for unit, name, amounts in (
        (Job.PayUnit.HOUR, "时薪", (20, 25, 30)),
        (Job.PayUnit.DAY, "日薪", (200, 250, 300)),
        (Job.PayUnit.MONTH, "月薪", (5000, 6000, 7000)),
    )
    for least in amounts
)
# Those in the address's query, in their one order: two orders would be two addresses of one list.
PARAMETERS: Final = ("district", "pay", "settlement", "lodging")


class Row(NamedTuple):
    """An open job, and by facet the choices that it is found by."""

    pk: int
    has: dict[str, tuple[str, ...]]


def row_of(
    pk: int,
    kind: str,
    district: str | None,
    settlement: str,
    lodging: str,
    unit: str,
    pay: Decimal | None,
    hourly: Decimal | None,
) -> Row:
    if unit == Job.PayUnit.PIECE:  # as `Job.pay_by_time` tells
        unit, pay = Job.PayUnit.HOUR, hourly
    # As `JobQuerySet.of_kind` tells: paid by the day is 日结 whatever else it is.
    also_daily = settlement == Job.Settlement.DAILY and kind != Job.Kind.DAILY
    has = {
        "kind": (kind, Job.Kind.DAILY.value) if also_daily else (kind,),
        "district": (district,) if district else (),
        "pay": tuple(
            value
            for value, _, paid_by, least in BANDS
            if unit == paid_by and pay is not None and pay >= least
        ),
        "settlement": (settlement,),
        "lodging": (lodging,),
    }
    return Row(pk, has)


@dataclass(frozen=True)
class Selection:
    """What a visitor has chosen; "" where they have not. Each name is a facet."""

    kind: str = ""
    district: str = ""
    pay: str = ""
    settlement: str = ""
    lodging: str = ""

    @property
    def chosen(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}

    @property
    def address(self) -> str:
        """The one address of this list; a district alone has a page of its own."""
        if self.kind:
            path = address("staffing:jobs_by_kind", self.kind)
        elif self.district:
            path = address("staffing:jobs_by_district", self.district)
        else:
            path = reverse("staffing:jobs")
        in_path = "kind" if self.kind else "district"
        rest = {name: self.chosen[name] for name in PARAMETERS if name in self.chosen}
        rest.pop(in_path, None)
        return f"{path}?{urlencode(rest)}" if rest else path

    @property
    def narrowed(self) -> bool:
        """Whether more was chosen than the page of a kind, or of a district, is about."""
        return len(self.chosen) > 1 or not (self.kind or self.district or not self.chosen)

    @property
    def several(self) -> bool:
        """Whether this is a list of several choices together, which is for people, not for engines."""
        return len(self.chosen) > 1

    def without(self, facet: str) -> Selection:
        return replace(self, **{facet: ""})


CHOICES: Final[Mapping[str, list[tuple[str, str]]]] = {
    "kind": Job.Kind.choices,
    "pay": [(value, label) for value, label, _, _ in BANDS],
    "settlement": Job.Settlement.choices,
    "lodging": Job.Lodging.choices,
}
LABELS: Final = {
    "kind": "类别",
    "district": "区域",
    "pay": "薪酬",
    "settlement": "结算",
    "lodging": "住宿",
}


@dataclass(frozen=True)
class Option:
    """One link of a facet: how many jobs there are with it, and with what was chosen in the others."""

    label: str
    count: int
    address: str
    current: bool
    # Lists of several choices are thousands, and none is indexed: engines need not walk through them.
    followed: bool


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    options: list[Option]
    # The list without a choice here; how many jobs that has.
    any: Option

    @property
    def current(self) -> Option | None:
        return next((option for option in self.options if option.current), None)


@dataclass(frozen=True)
class Board:
    """All open jobs as they stand in one epoch, and all districts in the order of the staff."""

    rows: tuple[Row, ...]
    districts: list[tuple[str, str]]  # slug and name

    def find(self, selection: Selection) -> list[Row]:
        """Return the open jobs that are all of what was chosen."""
        wanted = selection.chosen
        return [row for row in self.rows if all(wanted[name] in row.has[name] for name in wanted)]

    def choices(self, facet: str) -> list[tuple[str, str]]:
        """Return what can be chosen, with or without open jobs."""
        return self.districts if facet == "district" else CHOICES[facet]

    def facets(self, selection: Selection) -> Iterator[Facet]:
        """Yield the links by which a list is narrowed, or widened again."""
        for name, label in LABELS.items():
            others = selection.without(name)
            left = self.find(others)
            own = getattr(selection, name)
            counts = Counter(value for row in left for value in row.has[name])
            options = [
                option(text, counts[value], replace(selection, **{name: value}), value == own)
                for value, text in self.choices(name)
            ]
            yield Facet(name, label, options, option("", len(left), others, not own))


def option(label: str, count: int, leads_to: Selection, current: bool) -> Option:
    return Option(label, count, leads_to.address, current, followed=not leads_to.several)


@once
def board() -> Board:
    """Return what is open now; two queries, once an epoch."""
    columns = (
        "pk", "kind", "district__slug", "settlement", "lodging", "pay_unit", "pay_min", "hourly_min",
    )  # fmt: skip
    rows = tuple(row_of(*values) for values in Job.objects.open().values_list(*columns))
    return Board(rows, list(District.objects.values_list("slug", "name")))
