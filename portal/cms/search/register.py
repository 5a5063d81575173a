"""Which models can be searched, and what is looked at in each: apps say so in their `search` module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from django.core import checks
from django.db.models import Model, QuerySet

from portal.cms.kinds import errors_unless_named
from portal.cms.publishing import Publishable


class Part(NamedTuple):
    """Rows whose words are among those of items: the ones whose `of_item` is the row's `of_row`."""

    model: type[Model]
    of_item: str
    of_row: str


@dataclass(frozen=True)
class Searchable:
    """How the items of one model are found.

    `number` stands in the index and never changes. `public` returns what a stranger may find; it is
    put into SQL once an epoch, and run at every search. `text` returns the words of an item besides its
    title, a line for each paragraph; rows of `parts` may be among them, and `prefetch` names the relations
    it reads. `facets` are words by which lists are narrowed.
    """

    HIGHEST: ClassVar[int] = 7

    number: int
    key: str
    label: str
    model: type[Publishable]
    public: Callable[[], QuerySet[Any]]
    title: Callable[[Any], str]
    text: Callable[[Any], str]
    facets: Callable[[Any], Sequence[str]] = lambda item: ()
    parts: tuple[Part, ...] = ()
    prefetch: tuple[str, ...] = ()


_registered: dict[type[Model], Searchable] = {}


def register(new: Searchable) -> None:
    """Have the items of a model indexed with every save. Raises ValueError for a number taken."""
    if not 0 < new.number <= Searchable.HIGHEST or any(
        known.number == new.number for known in _registered.values()
    ):
        raise ValueError(f"search: the number {new.number} of {new.key} is taken or out of range")
    _registered[new.model] = new


def searchables() -> list[Searchable]:
    """Return what is registered, in the order of the numbers: that in which a page names them."""
    return sorted(_registered.values(), key=lambda each: each.number)


def searchable_of(model: type[Model]) -> Searchable:
    return _registered[model]


@checks.register
def check_every_model_is_registered(
    app_configs: Sequence[Any] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Whoever adds something that is published decides how it is found."""
    return errors_unless_named(
        _registered,
        "cannot be searched",
        "Call search.register.register(Searchable(…)).",
        "cms.E030",
    )
