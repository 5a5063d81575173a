"""Which pages search engines may have: apps say so in their `engines` module.

    register(
        Indexed(
            key="articles",
            label="资讯",
            model=Article,
            public=lambda: Article.objects.published().filter(indexable=True),
            columns=("go_live_at", "expire_at", "last_published_at"),
        )
    )
    pages("articles", "资讯列表", lists)

The sitemaps list these, engines are told of their changes, the crawl report looks at them; and what says
`noindex` is what is not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.core import checks
from django.db.models import Model, QuerySet

from portal.cms.kinds import errors_unless_named
from portal.cms.publishing import Publishable


def published_at(item: Publishable) -> datetime | None:
    """Return when readers got to see an item as it is: went live, or was published anew since."""
    return max(filter(None, (item.go_live_at, item.last_published_at)), default=None)


def by_the_clock(item: Publishable) -> Iterator[datetime]:
    """Yield the moments at which an item comes or goes by itself."""
    yield from filter(None, (item.go_live_at, item.expire_at))


@dataclass(frozen=True)
class Indexed:
    """The pages of one kind's items.

    `key` stands in the address of its sitemap. `public` returns what engines may have now. `may_index`
    says of an item that is published, and whose page is shown, whether it is among these; it asks the
    database nothing. `stamp` is the `lastmod` of its page, and `columns` name what that, its address and
    its clock are made of: never a text. `moments` are those at which it comes or goes without a save.
    `is_shown`: whether its address answers with the page now, whatever engines are told of that.
    `pictures`: whether its texts can show any.
    """

    key: str
    label: str
    model: type[Publishable]
    public: Callable[[], QuerySet[Any]]
    columns: tuple[str, ...]
    may_index: Callable[[Any], bool] = lambda item: bool(item.indexable)
    stamp: Callable[[Any], datetime | None] = published_at
    moments: Callable[[Any], Iterable[datetime]] = by_the_clock
    is_shown: Callable[[Any], bool] = lambda item: bool(item.is_public)
    pictures: bool = True


class Entry(NamedTuple):
    """A page that shows no one item; `changed` where it is known for sure."""

    path: str
    changed: datetime | None = None


class Pages(NamedTuple):
    """Pages that are no items: the front page, lists, tools."""

    key: str
    label: str
    source: Callable[[], Iterable[Entry]]


_indexed: dict[type[Model], Indexed] = {}
_pages: dict[str, Pages] = {}


def register(new: Indexed) -> None:
    """Have engines told of the items of a model. Raises ValueError for a key that is taken."""
    if any(known.key == new.key and known.model is not new.model for known in _indexed.values()):
        raise ValueError(f"engines: the key {new.key} is taken")
    _indexed[new.model] = new


def pages(key: str, label: str, source: Callable[[], Iterable[Entry]]) -> None:
    """Have engines told of pages that are no items; `source` is asked each time."""
    _pages[key] = Pages(key, label, source)


def all_indexed() -> list[Indexed]:
    """Return the kinds whose items engines may have, in the order of their keys."""
    return sorted(_indexed.values(), key=lambda each: each.key)


def all_pages() -> list[Pages]:
    return sorted(_pages.values(), key=lambda each: each.key)


def indexed_of(model: type[Model]) -> Indexed:
    """Return what is registered for a kind. Raises KeyError for any other model."""
    return _indexed[model]


def may_index(item: Publishable) -> bool:
    """Whether engines may have the page of an item that is published. No query."""
    return indexed_of(type(item)).may_index(item)


@checks.register
def check_every_kind_is_registered(
    app_configs: Sequence[Any] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Whoever adds something that is published decides whether engines are told of it."""
    return errors_unless_named(
        _indexed,
        "search engines are told nothing of it",
        "Call engines.register.register(Indexed(…)) in the app's `engines` module.",
        "cms.E050",
    )
