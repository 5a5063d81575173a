"""How often a form may be sent, and that what is sent twice is stored once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Generic, TypeVar

from django.core.files import File
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.cms import limits
from staffing.incoming.visit import Visit
from staffing.models import FormPolicy

T = TypeVar("T", bound=models.Model)

# So many an hour from one address are nothing odd. From then on it may be a program, or a whole dormitory
# behind one address: a question tells.
UNASKED: Final = 3
# What is in order and is then refused, or found to be there already, costs the site something too: a file
# drawn anew, a turn at the database. So many an hour from one address, of all forms together: a dormitory
# that is asked at each turn needs two of them for each that is taken.
TRIES: Final = 120
# A new reference may be one that is taken; a second time that is no chance any more.
ATTEMPTS: Final = 3
NETWORK: Final = "您所在的网络提交得太频繁了"


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


def fingerprint_of(kind: str, typed: Mapping[str, Any]) -> str:
    """Return what stands for all that was sent: files by their content, rows by their number."""
    values = {name: _plain(value) for name, value in typed.items() if value not in (None, "")}
    text = json.dumps([kind, values], ensure_ascii=False, sort_keys=True)
    return salted_hmac("staffing.enquiries", text, algorithm="sha256").hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, File):
        value.seek(0)
        return sha256(value.read()).hexdigest()
    return value.isoformat() if isinstance(value, date) else value


def submission_of(visit: Visit, fingerprint: str, seen_to: models.QuerySet[Any]) -> str:
    """Return what the row of one sending is known by: the same for each press of its button.

    Not for what was corrected and sent again from the page as it was left: that is news. Nor for what
    somebody has seen to meanwhile, which are the rows `seen_to`. One query, and one for each such row.
    """
    submission = _digest(f"{visit.submission}:{fingerprint}")
    while seen_to.filter(submission=submission).exists():
        submission = _digest(submission)
    return submission


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def store_once(
    known: Callable[[], T | None],
    turn: Callable[[], timedelta | None],
    store: Callable[[timedelta | None], T],
) -> T:
    """Store what was sent, in one transaction with its turn; or return what is `known` of it already.

    It is looked for again once the turn is taken: those who send at the same time take turns there.
    What is refused or known counts for nothing here; see `count_try`.
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
        except IntegrityError as error:
            if attempt == ATTEMPTS - 1:
                # Not as it is: PostgreSQL's words hold the row, and somebody's number, for the log.
                name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
                raise IntegrityError(name) from None
    raise AssertionError("unreachable")


def count_try(visit: Visit) -> None:
    """Count that somebody sends a form that is in order, whatever becomes of it: committed at once.

    Raises TooOftenError. Six queries at most.
    """
    if visit.address:
        _refuse(limits.take("form:tries", visit.address, hour=TRIES), NETWORK)


def admit(policy: FormPolicy, visit: Visit, person: str) -> timedelta | None:
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
        _refuse(verdict, NETWORK)
        most = min(policy.per_address_hour, policy.per_address_day)
        if verdict.left < most - UNASKED and not visit.certain:
            raise DoubtError
    verdict = limits.take(f"{form}:person", person, day=policy.per_phone_day)
    _refuse(verdict, f"这个联系方式今天已经提交过 {policy.per_phone_day} 次")
    verdict = limits.take(form, "all", hour=policy.all_per_hour)
    return verdict.again_at - timezone.now() if verdict.again_at is not None else None


def _refuse(verdict: limits.Verdict, words: str) -> None:
    if verdict.again_at is not None:
        raise TooOftenError(f"{words}，这一次没有收到", verdict.again_at)
