"""What is told: each topic of messages, and how one is made."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from portal.cms.site import absolute

# The least that one of the robots takes (企业微信), with room for what it adds.
MOST_BYTES = 1900
# A flood is one message, and what it takes to make that stays far within a lease.
MOST_TOGETHER = 10_000
# For one target, asked for on its page: nobody subscribes to it.
TEST = "test"
LEFT_OUT = "……（内容较多，其余请在后台查看）"


@dataclass(frozen=True)
class Message:
    """A message to colleagues: plain text, a title first, a link to the desk last.

    It passes through mail servers and other companies' robots: no full telephone number, and nothing
    that a visitor wrote, belongs in it.
    """

    title: str
    lines: Sequence[str] = ()
    link: str = ""

    @property
    def subject(self) -> str:
        """The title in one line, as a header of a mail must be."""
        return " ".join(self.title.split())

    @property
    def address(self) -> str:
        return absolute(self.link) if self.link else ""

    def text(self, most_bytes: int = MOST_BYTES) -> str:
        """Return all of it; where that is too long, lines at the end are left out, never the link."""
        lines = [self.subject, *self.lines]
        if _size([*lines, self.address]) > most_bytes:
            room = most_bytes - _size([LEFT_OUT, self.address])
            fitting = sum(end <= room for end in accumulate(_size([line]) for line in lines))
            lines = [*lines[: max(1, fitting)], LEFT_OUT]
        return "\n".join(filter(None, [*lines, self.address]))


def _size(lines: Sequence[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)


@dataclass(frozen=True)
class Topic:
    """One kind of message.

    `render` makes a message of up to `batch` subjects, which were due for the same target together.
    `wanted` returns those that are still worth a message: not what was erased; `unwanted` says that of
    the others. `repeatable`: a second message of the same does no harm, so one that was cut off is sent
    again. `subscribed`: somebody has to be named who is told. `to_engines`: it is for search engines,
    and for them alone.
    """

    key: str
    label: str
    render: Callable[[list[Any]], Message]
    wanted: Callable[[list[Any]], Container[Any]]
    repeatable: bool
    batch: int
    subscribed: bool
    unwanted: str
    to_engines: bool


_topics: dict[str, Topic] = {}


def topic(
    key: str,
    label: str,
    render: Callable[[list[Any]], Message],
    *,
    wanted: Callable[[Any], bool] = lambda subject: True,
    wanted_all: Callable[[list[Any]], Container[Any]] | None = None,
    repeatable: bool = False,
    batch: int = MOST_TOGETHER,
    subscribed: bool = True,
    unwanted: str = "要通知的内容已经删除。",
    to_engines: bool = False,
) -> Topic:
    """Register a topic; apps do so in their `deliveries` module, which Django's start-up imports.

    `wanted` is asked for each subject; `wanted_all`, where it is given, once for all of a message.
    """

    def each(subjects: list[Any]) -> Container[Any]:
        return {subject for subject in subjects if wanted(subject)}

    all_at_once = wanted_all or each
    made = Topic(
        key, label, render, all_at_once, repeatable, batch, subscribed, unwanted, to_engines
    )
    _topics[key] = made
    return made


def topic_of(key: str) -> Topic | None:
    """Return a topic; None for one that the code no longer knows."""
    return _topics.get(key)


def all_topics() -> list[Topic]:
    return list(_topics.values())


def subscribed_topics() -> list[Topic]:
    """Return those for which somebody has to be named who is told."""
    return [topic for topic in all_topics() if topic.subscribed]
