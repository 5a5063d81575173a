"""How a sending can end. An error that is none of these is a mistake of ours, and counts as unclear."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


class NotSentError(Exception):
    """Certainly not sent, for a reason that may pass: it is tried again later."""


class UnclearError(Exception):
    """Handed over, and no answer came: it may have arrived.

    So it is not sent again by itself, unless its topic says that a second time does no harm.
    """


class TargetError(Exception):
    """Certainly not sent, nor would anything else be: the target takes nothing until `again_at`.

    That is nobody's attempt, so none is counted: whatever waits goes on waiting.
    """

    def __init__(self, problem: str, again_at: datetime) -> None:
        super().__init__(problem)
        self.again_at = again_at


class TooManyError(Exception):
    """Certainly not sent, for it was too much at once: no more than `most` go together next time."""

    def __init__(self, most: int) -> None:
        super().__init__(f"no more than {most}")
        self.most = most


@dataclass(frozen=True)
class Taken:
    """What a target says of a message it has taken.

    `refused` are subjects it has not taken, by their words, with the reason. `remaining` is how many
    it takes yet; with `again_at` there are none before that moment, for the reason in `note`.
    """

    refused: Mapping[str, str] = field(default_factory=dict)
    remaining: int | None = None
    again_at: datetime | None = None
    note: str = ""


def where(error: Exception) -> str:
    """Return what an error is and where it came from, for the log: its words may be somebody's number."""
    return "".join([*traceback.format_tb(error.__traceback__), type(error).__name__])
