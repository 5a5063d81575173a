"""The checks of `check_site`. Each app says in its own `upkeep` module what it can look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """`find` yields one Chinese sentence for each thing that is wrong, and changes nothing.

    `mend` puts right what can be, and returns how many; None where only a person can decide.
    """

    key: str
    label: str
    find: Callable[[], Iterable[str]]
    mend: Callable[[], int] | None


_checks: dict[str, Check] = {}


def check(
    key: str,
    label: str,
    find: Callable[[], Iterable[str]],
    mend: Callable[[], int] | None = None,
) -> None:
    """Register a check. A key that is taken is a mistake in the code."""
    assert key not in _checks, key  # noqa: S101 - of the developer
    _checks[key] = Check(key, label, find, mend)


def checks() -> list[Check]:
    """Return them in the order of registration: the kernel's first."""
    return list(_checks.values())
