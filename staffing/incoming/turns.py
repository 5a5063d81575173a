"""How often a form may be sent, and that what is sent twice is stored once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from portal.cms import limits
from staffing.incoming.visit import Visit
from staffing.models import FormPolicy

T = TypeVar("T", bound=models.Model)

# So near to the limit of an address it may be a program, or a whole dormitory: a question tells.
NEAR: Final = 2
# A new reference may be one that is taken; a second time that is no chance any more.
ATTEMPTS: Final = 3


class TooOftenError(Exception):
    """Too much: from when on it may be sent again, and in words why."""

    def __init__(self, words: str, again_at: datetime) -> None:
        super().__init__(words)
        self.words, self.again_at = words, again_at


class DoubtError(Exception):
    """Nothing is stored until a question has been answered."""


class KnownError(Exception, Generic[T]):
    """Somebody else's request has stored it while this one waited for its turn."""

    def __init__(self, found: T) -> None:
        super().__init__()
        self.found = found


def store_once(
    known: Callable[[], T | None],
    turn: Callable[[], timedelta | None],
    store: Callable[[timedelta | None], T],
) -> T:
    """Store what was sent, in one transaction with its turn; or return what is `known` of it already.

    It is looked for again once the turn is taken: those who send at the same time take turns there.
    What is refused or known counts for nothing.
    """
    for attempt in range(ATTEMPTS):
        if (found := known()) is not None:
            return found
        try:
            with transaction.atomic():
                late = turn()
                if (found := known()) is not None:
                    raise KnownError(found)
                return store(late)
        except KnownError as other:
            same: T = other.found
            return same
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def take(policy: FormPolicy, visit: Visit, person: str) -> timedelta | None:
    """Count a sending of a form; return how long its message has to wait, where too many came.

    `person` is what stands for whoever sends: the key of a number, or a mail address. Raises TooOftenError
    or DoubtError, and so rolls back what it counted. Twelve queries at most.
    """
    form = f"form:{policy.form}"
    if visit.address:
        verdict = limits.take(
            f"{form}:address",
            visit.address,
            hour=policy.per_address_hour,
            day=policy.per_address_day,
        )
        if verdict.again_at is not None:
            raise TooOftenError("您所在的网络提交得太频繁了", verdict.again_at)
        near = min(NEAR, policy.per_address_hour // 2)
        if verdict.left < near and not visit.certain:
            raise DoubtError
    verdict = limits.take(f"{form}:person", person, day=policy.per_phone_day)
    if verdict.again_at is not None:
        raise TooOftenError("这个联系方式今天已经提交过几次了，我们都收到了", verdict.again_at)
    verdict = limits.take(form, "all", hour=policy.all_per_hour)
    return verdict.again_at - timezone.now() if verdict.again_at is not None else None
