"""What private files are kept for, who may open them, and what is taken in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.cms.accounts import User
    from portal.cms.private.models import PrivateFile

# A CV, a scan, a proof: what people have, and what needs no program of the sender's to be run.
PAPERS = ("pdf", "doc", "docx", "jpg", "png")


@dataclass(frozen=True)
class Use:
    """`check` tells whether a person may have a file now; `opened` notes that they have had it."""

    check: Callable[[User, PrivateFile], bool]
    opened: Callable[[User, PrivateFile], None]
    accepts: tuple[str, ...]


_uses: dict[str, Use] = {}


def allow(
    used_for: str,
    check: Callable[[User, PrivateFile], bool],
    *,
    opened: Callable[[User, PrivateFile], None] = lambda user, file: None,
    accepts: tuple[str, ...] = PAPERS,
) -> None:
    """Register a use of private files. What nobody has registered is taken in for nobody to see."""
    _uses[used_for] = Use(check, opened, accepts)


def use_of(used_for: str) -> Use | None:
    return _uses.get(used_for)
