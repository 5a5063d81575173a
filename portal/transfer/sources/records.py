"""The terms in which every old site is read, whatever system it ran on.

A source reads, and decides nothing: it has no query, fetches nothing, and knows no model of ours. What
it cannot carry it says in a sentence, in Chinese, for the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from portal.cms.publishing import Status

Kind = Literal["article", "page"]


class SourceError(Exception):
    """Nothing can be read of the file; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class OldCategory:
    """A category: `old_id` is what items name it by. Sources name their outer categories first."""

    old_id: str
    name: str
    slug: str = ""  # as the old system had it: not yet one of ours
    description: str = ""  # plain words
    addresses: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()  # of its further pages, as `redirects` writes patterns: `(\d+)`


@dataclass(frozen=True, slots=True)
class OldFile:
    """A file that the old system keeps a record of; the file itself is looked for by its address."""

    number: int
    address: str
    title: str = ""
    alt: str = ""
    caption: str = ""
    addresses: tuple[str, ...] = ()  # of the page that showed it, if it had one


@dataclass(frozen=True, slots=True)
class OldItem:
    """An article or a page, as it was; texts may be of any length, and as hostile as they like.

    `number` is its place in the source, as the report names it; no two records of a source share one.
    """

    number: int
    kind: Kind
    old_id: str  # no two items of a source share it
    title: str = ""  # plain words; may be empty
    # HTML without the old system's own notation. Not clean. Pictures and links have the addresses they
    # had, host or not.
    html: str = ""
    summary: str = ""  # plain words
    seo_title: str = ""
    seo_description: str = ""
    slug: str = ""  # of a page; not yet one of ours
    category: str = ""  # an OldCategory's `old_id`
    tags: tuple[str, ...] = ()
    author: str = ""  # as readers saw the name, never a login
    date: datetime | None = None  # aware; when readers saw it first, or will
    changed: datetime | None = None  # aware
    # PUBLISHED with a date to come is scheduled. What only some could read is a DRAFT, with a note.
    status: Status = Status.PUBLISHED
    binned: bool = False
    pinned: bool = False
    cover: str = ""  # a picture's address
    gallery: tuple[str, ...] = ()  # addresses of pictures that the old page showed below the text
    source_name: str = ""  # where it was taken over from
    addresses: tuple[str, ...] = ()  # all it was ever reached at: path and query
    notes: tuple[str, ...] = ()  # what did not come along


@dataclass(frozen=True, slots=True)
class OldPlace:
    """An address of the old site that was a list: of a tag's articles, of an author's, of a month's."""

    address: str
    target: str = ""  # a path of ours
    tag: str = ""  # in place of a path: the page of the tag with this name


@dataclass(frozen=True, slots=True)
class Left:
    """A record that does not come along, and why."""

    number: int
    title: str
    reason: str


class Source(Protocol):
    """An old site. Each record in it comes out once: from `files` or from `items`.

    The iterators read the file anew, and hold one record at a time. `warnings` is complete once they
    are through: what concerns the file as a whole, as that it breaks off. All may raise SourceError.
    """

    site: str  # tells two old sites apart: a host, else the system's name
    hosts: frozenset[str]  # in lower case: links to these are links within the site
    warnings: list[str]
    is_sized: bool  # `a-300x200.jpg` is `a.jpg` made smaller

    def size(self) -> int:
        """Return how much there is to read, in any unit; `done` counts in the same."""

    def done(self) -> int:
        """Return how much of `size` the running iterator has read."""

    def categories(self) -> Iterator[OldCategory]: ...

    def files(self) -> Iterator[OldFile | Left]: ...

    def items(self) -> Iterator[OldItem | Left]: ...

    def places(self) -> Iterator[OldPlace]: ...
