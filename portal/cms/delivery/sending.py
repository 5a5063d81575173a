"""One message from the outbox to where it goes, and how that ended."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from django.db import InterfaceError, OperationalError, connection
from django.db.models import prefetch_related_objects
from django.utils import timezone

from portal.cms.delivery import claiming, mail, robots
from portal.cms.delivery.fates import (
    NotSentError,
    Taken,
    TargetError,
    TooManyError,
    UnclearError,
    where,
)
from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.delivery.topics import Message, Topic, topic_of
from portal.cms.site import SiteProfile

logger = logging.getLogger(__name__)

PATIENCE: Final = 1.0  # seconds
# Of the database.
OUTAGES: Final = (OperationalError, InterfaceError)

# What sends: it gets the target, the message, and what names that; and returns when it is taken.
Channel = Callable[[DeliveryTarget, Message, str], Taken | None]
# By kind of target, of those that are no mail and no robot.
_channels: dict[str, Channel] = {}


def deliver_next(by: str) -> bool:
    """Send the message that is due first, if there is one; return whether there was.

    Several subjects of one topic for one target go as one message, and share its fate. Takes seconds
    while the other side is slow. Raises DatabaseError; what was in hand then becomes unclear when its
    lease runs out.
    """
    rows = claiming.claim(by)
    if not rows:
        return False
    topic, target = topic_of(rows[0].topic), rows[0].target
    if topic is None:  # a newer worker knows it, during an update
        _note(claiming.not_sent, rows, "这个程序不认识这种消息。", by_target=False)
    elif not target.active:  # since it was claimed
        _note(claiming.not_sent, rows, "通知对象已停用。", by_target=False)
    elif target.is_engine != topic.to_engines:
        # What colleagues are told goes to no other company.
        _note(claiming.dropped, rows, "通知对象换了方式，不适合这种消息。")
    else:
        _deliver(topic, target, rows)
    return True


def _deliver(topic: Topic, target: DeliveryTarget, rows: list[Delivery]) -> None:
    wanted = rows
    try:
        wanted = _still_wanted(topic, rows)
        if not wanted:
            return
        message = signed(topic.render([row.subject for row in wanted]))
    except Exception as error:  # noqa: BLE001 - of whoever registered it; logged
        logger.error("a message about %s could not be made: %s", topic.key, where(error))
        bad = wanted
        if not isinstance(error, OUTAGES):
            # One is at fault, if they are several, and the others need not wait with it.
            bad = [row for row in wanted if not _can_be_made(topic, row)] or wanted
        problem = f"消息没有做成（{type(error).__name__}）。"
        _note(claiming.not_sent, bad, problem, by_target=False)
        faulty = set(bad)
        if good := [row for row in wanted if row not in faulty]:
            _deliver(topic, target, good)
    else:
        _send(topic, target, message, wanted)


def _can_be_made(topic: Topic, row: Delivery) -> bool:
    """Whether a message of this one alone could be sent, or it is settled that none has to be."""
    try:
        subject = row.subject
        if subject is not None and subject in topic.wanted([subject]):
            topic.render([subject])
    except Exception:  # noqa: BLE001 - the cause was logged
        return False
    return True


def _still_wanted(topic: Topic, rows: list[Delivery]) -> list[Delivery]:
    """Return the rows whose subject is there and wanted; the others are settled.

    One query or two, and those of the topic.
    """
    prefetch_related_objects(rows, "subject")
    worth = topic.wanted([row.subject for row in rows if row.subject is not None])
    wanted: list[Delivery] = []
    gone: list[Delivery] = []
    for row in rows:
        is_wanted = row.subject is not None and row.subject in worth
        (wanted if is_wanted else gone).append(row)
    if gone:
        claiming.dropped(gone, topic.unwanted)
    return wanted


def _send(topic: Topic, target: DeliveryTarget, message: Message, rows: list[Delivery]) -> None:
    reference = reference_of(rows)
    # Nobody knows whether it arrived; where that does not matter, it is sent again.
    unknown = claiming.not_sent if topic.repeatable else claiming.unclear
    try:
        taken = channel(target)(target, message, reference)
    except NotSentError as error:
        _note(claiming.not_sent, rows, str(error))
    except TargetError as error:
        _note(claiming.refused, rows, str(error), error.again_at)
    except TooManyError as error:
        _note(claiming.too_many, rows, error.most)
    except UnclearError as error:
        _note(unknown, rows, str(error))
    except Exception as error:  # noqa: BLE001 - a mistake of ours, nobody knows how far it got
        logger.error("sending to %s failed: %s", target.kind, where(error))
        _note(unknown, rows, f"发送程序出错（{type(error).__name__}）。")
    else:
        _note(claiming.delivered, rows, taken)


def reference_of(rows: list[Delivery]) -> str:
    """Return what names a message of these rows: short, and the same if it is sent again."""
    numbers = ",".join(str(row.pk) for row in rows)
    others = f"-{sha256(numbers.encode()).hexdigest()[:16]}" if len(rows) > 1 else ""
    return f"delivery-{rows[0].pk}{others}"


def signed(message: Message) -> Message:
    """Begin with the site's name: robots may want a word of it, and people know who speaks. One query."""
    return replace(message, title=f"【{SiteProfile.load().name}】{message.title}")


def channel_of(kind: str, send: Channel) -> None:
    """Let targets of a kind be sent to by `send`."""
    _channels[kind] = send


def channel(target: DeliveryTarget) -> Channel:
    if target.kind in _channels:
        return _channels[target.kind]
    return mail.send if target.kind == DeliveryTarget.Kind.MAIL else robots.send


def _note(fate: Callable[..., None], rows: list[Delivery], *problem: Any, **more: Any) -> None:
    """Note a fate, with patience: it is known now, and while the lease lasts nobody else says otherwise.

    An import holds SQLite's one writer's place for longer than one attempt waits.
    """
    while True:
        try:
            return fate(rows, *problem, **more)
        except OUTAGES as error:
            if timezone.now() >= (rows[0].lease_until or timezone.now()):
                raise
            logger.warning("the fate of a message waits for the database: %s", where(error))
            connection.close()
            time.sleep(PATIENCE)
