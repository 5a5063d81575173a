"""How a sending can fail. What is neither of these two is a mistake of ours, and counts as unclear."""

from __future__ import annotations

import traceback


class NotSentError(Exception):
    """Certainly not sent, for a reason that may pass: it is tried again later."""


class UnclearError(Exception):
    """Handed over, and no answer came: it may have arrived, so it is not sent again by itself."""


def where(error: Exception) -> str:
    """Return what an error is and where it came from, for the log: its words may be somebody's number."""
    return "".join([*traceback.format_tb(error.__traceback__), type(error).__name__])
