"""Everything the desk does to an item, each with the revision it leaves.

An item that is not published holds its own text. A published one is left alone: what editors save
goes to its `PendingDraft`, until `publish` puts it in its place, or `apply_due` does when its moment
has come. Every function belongs into the transaction that has locked the item (`lock`), and counts
`edit_version`, by which a form opened before is known to be stale.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.db.models import F
from django.db.models.signals import post_delete
from django.utils import timezone

from portal.cms.locking import lock, waiting_little
from portal.cms.publishing import Publishable, Status, rehearsal
from portal.cms.revisions.content import Content, apply, content_of, gone_in, same
from portal.cms.revisions.drafts import onto, pending_of, working_content
from portal.cms.revisions.models import AboutItem, Event, PendingDraft, Revision

if TYPE_CHECKING:
    from portal.cms.accounts import User

logger = logging.getLogger(__name__)


# --- The text under work ----------------------------------------------------------------------------


def save(
    item: Publishable,
    content: Content,
    by: User | None,
    event: Event = Event.SAVED,
    *,
    apply_at: datetime | None = None,
    note: str = "",
) -> Revision | None:
    """Keep `content` as the text under work: of a published item its draft, of any other the item.

    `apply_at` is when the change of a published item is meant to take effect; only `schedule` makes it
    so. A draft that was scheduled waits no longer: what was checked and rehearsed was another text.
    Raises ValidationError where the content cannot be stored.
    """
    live, pending = remember_what_is_there(item)
    if item.status != Status.PUBLISHED:
        if same(content, live):
            return None
        item.updated_by = by
        apply(item, content)
        return record(item, event, by, content, note)
    if same(content, live if pending is None else onto(live, pending)):
        _mean(pending, apply_at)
        return None
    if pending is None:
        pending = PendingDraft(item=item, begun_by=by)
    # What was on the form was the draft on top of what is live now: that is its base from here on.
    pending.content, pending.base = content, live
    pending.updated_by, pending.problem, pending.apply_at = by, "", apply_at
    if pending.is_scheduled:
        pending.status = PendingDraft.Status.DRAFT
    pending.save()
    return record(item, event, by, content, note)


def restore(item: Publishable, revision: Revision, by: User) -> Revision | None:
    """Make the text of an old revision the text under work again; what is `not_restored` stays as it is.

    So does what the old text pointed at and is deleted by now, such as its category.
    """
    current = working_content(item)
    gone = gone_in(type(item), revision.content)
    kept = {name: current[name] for name in (*item.not_restored, *(field.name for field in gone))}
    note = "".join(f"“{field.verbose_name}”已被删除，没有恢复。" for field in gone)
    return save(item, {**current, **revision.content, **kept}, by, Event.RESTORED, note=note)


def refuse(item: Publishable, content: Content, by: User, began: int | None = None) -> Revision:
    """Keep a text that came too late, as a revision; the same text sent again is kept once.

    `began` is the version that its form began with: what both texts have in common is found by it.
    """
    refused = Revision.objects.about(item).filter(event=Event.REFUSED, by=by, version=began or 0)
    latest: Revision | None = refused.order_by("-pk").first()
    if latest is not None and same(latest.content, content):
        return latest
    return _record(item, Event.REFUSED, by, content, version=began or 0)


def discard(item: Publishable, by: User) -> Revision | None:
    """Throw the pending draft away; the revisions of its saves keep what it said."""
    pending = pending_of(item)
    if pending is None:
        return None
    pending.delete()
    return record(item, Event.DISCARDED, by)


# --- Review and publication ---------------------------------------------------------------------------


def submit(item: Publishable, by: User) -> Revision | None:
    """Hand the text under work to somebody who may publish."""
    if item.status == Status.IN_REVIEW:
        return None
    if item.status != Status.PUBLISHED:
        item.submit(by)
    elif not _set_pending_status(item, PendingDraft.Status.IN_REVIEW):
        return None
    return record(item, Event.SUBMITTED, by)


def send_back(item: Publishable, by: User, note: str = "") -> Revision | None:
    """Give what was submitted back to its author, as a draft."""
    if item.status == Status.IN_REVIEW:
        item.send_back(by)
    elif not _set_pending_status(item, PendingDraft.Status.DRAFT):
        return None
    return record(item, Event.SENT_BACK, by, note=note)


def publish(item: Publishable, by: User | None, event: Event = Event.PUBLISHED) -> Revision | None:
    """Make the text under work public, now or at the item's own `go_live_at`.

    What is public as it stands stays untouched. Raises ValidationError where the text is not fit for
    readers; nothing has changed in the database then.
    """
    live, pending = remember_what_is_there(item)
    if pending is None and item.status == Status.PUBLISHED:
        return None
    with transaction.atomic():
        if pending is None:
            item.publish(by)
        else:
            pending.delete()
            apply(item, onto(live, pending), partial(item.publish, by))
        return record(item, event, by, content_of(item))


def schedule(item: Publishable, by: User, at: datetime) -> Revision:
    """Let the pending draft take effect at `at`. Raises ValidationError where it is not fit for it."""
    pending = pending_of(item)
    if pending is None:
        raise ValidationError("没有未发布的修改，不需要定时。")
    if at <= timezone.now():
        raise ValidationError({"apply_at": "生效时间已过；请改为将来的时间，或清空后直接发布。"})
    with rehearsal():  # what cannot be published now could not be then
        apply(item, onto(content_of(item), pending), partial(item.publish, by))
        end = item.expire_at
    item.refresh_from_db()
    if end is not None and end <= at:
        raise ValidationError({"expire_at": "下线时间必须晚于修改生效时间。"})
    pending.status, pending.apply_at = PendingDraft.Status.SCHEDULED, at
    pending.updated_by, pending.problem = by, ""
    pending.save()
    return record(item, Event.SCHEDULED, by, pending.content)


def unschedule(item: Publishable, by: User) -> Revision | None:
    """Take back when the pending draft takes effect; it stays a draft."""
    if not _set_pending_status(item, PendingDraft.Status.DRAFT, forget_moment=True):
        return None
    return record(item, Event.UNSCHEDULED, by)


def apply_due(at: datetime | None = None) -> int:
    """Apply the scheduled changes whose moment has come; return how many. One query where none is due.

    Each in a transaction of its own. One that cannot be applied any more becomes a draft again, with
    the reason in `problem`, so that it neither blocks the others nor is tried for ever. Raises
    OperationalError where another writer is in the way for more than a second: try again later.
    """
    due = list(PendingDraft.objects.due(at).values_list("pk", "content_type", "object_id"))
    if not due:
        return 0
    with waiting_little():
        return sum(_apply_one(pk, kind, item, at) for pk, kind, item in due)


def _apply_one(pk: int, content_type: int, object_id: int, at: datetime | None) -> bool:
    model: Any = ContentType.objects.get_for_id(content_type).model_class()
    with transaction.atomic():
        # The item first, as everybody locks in this order; then what its draft says by now.
        item = lock(model, object_id) if model else None
        pending = PendingDraft.objects.due(at).filter(pk=pk).first()
        if pending is None:
            return False
        if item is None or pending_of(item) is None or item.deleted_at is not None:
            return _give_up(pending, "这条内容已经不在网站上。")
        try:
            with transaction.atomic():
                publish(item, pending.updated_by, Event.APPLIED)
        except ValidationError as error:
            return _give_up(pending, "".join(error.messages))
        except OperationalError:
            raise
        except Exception:
            logger.exception("scheduled change %s failed", pk)
            return _give_up(pending, "系统出错，没有生效；请再定一次时。")
    return True


def _give_up(pending: PendingDraft, problem: str) -> bool:
    logger.warning("scheduled change %s not applied: %s", pending.pk, problem)
    pending.status, pending.problem = PendingDraft.Status.DRAFT, problem[:500]
    pending.save(update_fields=["status", "problem", "updated_at"])
    return False


# --- Off the site, into the bin, and back ---------------------------------------------------------------


def withdraw(item: Publishable, by: User) -> Revision | None:
    """Take the item off the site; a pending draft becomes its text, as no reader sees it now."""
    if item.status != Status.PUBLISHED:
        return None
    _, pending = remember_what_is_there(item)
    item.withdraw(by)
    _fold_in(item, pending)
    return record(item, Event.WITHDRAWN, by)


def bin(item: Publishable, by: User) -> Revision | None:
    """Put the item into the recycle bin; a pending draft becomes its text."""
    if item.deleted_at is not None:
        return None
    _, pending = remember_what_is_there(item)
    item.bin(by)
    _fold_in(item, pending)
    return record(item, Event.BINNED, by)


def unbin(item: Publishable, by: User) -> Revision | None:
    """Bring the item back from the bin, as a draft."""
    if item.deleted_at is None:
        return None
    item.unbin(by)
    return record(item, Event.UNBINNED, by)


def drop_pending(item: Publishable) -> None:
    """Part with the draft of an item that has left the site by an import; its revisions keep the text."""
    PendingDraft.objects.about(item).delete()


# --- Revisions ------------------------------------------------------------------------------------------


def remember_what_is_there(item: Publishable) -> tuple[Content, PendingDraft | None]:
    """Record the stored content where no revision has it: it came by an import, or before there were any.

    Where it moved on under a pending draft, the draft follows: what it did not touch is as it is live.
    Returns the stored content and the draft.
    """
    stored, pending = content_of(item), pending_of(item)
    if pending is None:
        latest = latest_revision(item)
        if latest is None or not same(latest.content, stored):
            _record(item, Event.BASELINE, item.updated_by, stored, at=item.updated_at)
    elif not same(stored, pending.base):
        _record(item, Event.BASELINE, item.updated_by, stored, at=item.updated_at)
        pending.content, pending.base = onto(stored, pending), stored
        pending.save(update_fields=["content", "base"])
        _record(
            item, Event.MERGED, None, pending.content, "线上内容有改动，草稿里没改过的地方已跟上。"
        )
    return stored, pending


def latest_revision(item: Publishable, version: int | None = None) -> Revision | None:
    """Return the revision that holds the text under work; with `version`, as it was then."""
    revisions = Revision.objects.about(item).exclude(event=Event.REFUSED)
    if version is not None:
        revisions = revisions.filter(version__lte=version)
    latest: Revision | None = revisions.order_by("-pk").first()
    return latest


def record(
    item: Publishable, event: Event, by: User | None, content: Content | None = None, note: str = ""
) -> Revision:
    """Count a change of an item, and keep what the text under work is after it.

    The item says when it was touched last, though all that was touched is its draft: by that the desk's
    lists are ordered. Not by whom: `updated_by` is whose words are live, which an import never overwrites.
    """
    model = type(item)
    item.updated_at = timezone.now()
    model._base_manager.filter(pk=item.pk).update(
        edit_version=F("edit_version") + 1, updated_at=item.updated_at
    )
    item.edit_version = model._base_manager.values_list("edit_version", flat=True).get(pk=item.pk)
    return _record(item, event, by, working_content(item) if content is None else content, note)


def _record(
    item: Publishable,
    event: Event,
    by: User | None,
    content: Content,
    note: str = "",
    at: datetime | None = None,
    version: int | None = None,
) -> Revision:
    return Revision.objects.create(
        item=item,
        event=event,
        content=content,
        version=item.edit_version if version is None else version,
        by=by,
        at=at or timezone.now(),
        note=note[:500],
    )


# --- The pending draft ------------------------------------------------------------------------------------


def _set_pending_status(item: Publishable, status: str, *, forget_moment: bool = False) -> bool:
    pending = pending_of(item)
    if pending is None or pending.status == status:
        return False
    pending.status = status
    if forget_moment:
        pending.apply_at = None
    pending.save()
    return True


def _mean(pending: PendingDraft | None, apply_at: datetime | None) -> None:
    """Note when the draft is meant to take effect, where nothing else of it has changed."""
    if pending is not None and not pending.is_scheduled and pending.apply_at != apply_at:
        pending.apply_at = apply_at
        pending.save(update_fields=["apply_at", "updated_at"])


def _fold_in(item: Publishable, pending: PendingDraft | None) -> None:
    """Make the draft of an item that has just left the site its text. Its revision has it in any case."""
    if pending is None:
        return
    pending.delete()
    content = onto(content_of(item), pending)
    for field in gone_in(type(item), content):
        content[field.name] = None
    try:
        with transaction.atomic():
            apply(item, content)
    except ValidationError:
        item.refresh_from_db()


# --- Deletion for good -----------------------------------------------------------------------------------


def forget(sender: type[Publishable], instance: Publishable, **_: Any) -> None:
    """An item deleted for good takes along whatever is about it."""
    for model in apps.get_models():
        if issubclass(model, AboutItem):
            model.objects.about(instance).delete()


def watch_deletions() -> None:
    """Connect `forget` to what can be published, and to nothing else: Django deletes rows of a model
    without receivers in one statement, and would fetch each of them first for a receiver of all."""
    for model in apps.get_models():
        if issubclass(model, Publishable):
            post_delete.connect(forget, sender=model, dispatch_uid=f"forget:{model._meta.label}")
