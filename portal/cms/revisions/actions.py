"""Everything the desk does to an item, each with the revision it leaves.

An item that is not published holds its own text. A published one is left alone: what editors save
goes to its `PendingDraft`, until `publish` puts it in its place, or `apply_due` does when its moment
has come. Every function belongs into the transaction that has locked the item (`lock`), and counts
`edit_version`, by which a form opened before is known to be stale.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from portal.cms.media import uses
from portal.cms.publishing import Publishable, Status
from portal.cms.revisions.content import Content, apply, as_of, content_of, files_in, same
from portal.cms.revisions.models import AboutItem, Event, PendingDraft, Revision

if TYPE_CHECKING:
    from portal.cms.accounts import User

logger = logging.getLogger(__name__)

# When readers see an item is not part of what it says: an old version comes back without its dates.
DATES = ("go_live_at", "expire_at")


def lock(model: type[Publishable], pk: object) -> Publishable | None:
    """Return an item that nobody else writes until the transaction ends; None where there is none."""
    return model._base_manager.select_for_update().filter(pk=pk).first()


# --- The text under work ----------------------------------------------------------------------------


def pending_of(item: Publishable) -> PendingDraft | None:
    """Return the pending draft of an item; no query for one that cannot have any."""
    if item.pk is None or item.status != Status.PUBLISHED:
        return None
    drafts: QuerySet[PendingDraft] = PendingDraft.objects.about(item)
    return drafts.select_related("begun_by", "updated_by").first()


def working_content(item: Publishable) -> Content:
    """Return what the desk works on: the pending draft where there is one, else the item itself."""
    pending = pending_of(item)
    return content_of(item) if pending is None else _onto(item, pending)


def save(item: Publishable, content: Content, by: User | None, event: Event = Event.SAVED) -> None:
    """Keep `content` as the text under work: of a published item its draft, of any other the item.

    What changes nothing leaves no revision. A scheduled change stays scheduled. Raises ValidationError
    where the content cannot be stored.
    """
    remember_what_is_there(item)
    if item.status != Status.PUBLISHED:
        if not same(content, content_of(item)):
            item.updated_by = by
            apply(item, content)
            record(item, event, by, content)
        return
    live, pending = content_of(item), pending_of(item)
    if same(content, live if pending is None else _onto(item, pending)):
        return
    if pending is None:
        pending = PendingDraft(item=item, begun_by=by)
    # What was on the form was the draft on top of what is live now: that is its base from here on.
    pending.content, pending.base = content, live
    pending.updated_by, pending.problem = by, ""
    pending.save()
    record(item, event, by, content)


def restore(item: Publishable, revision: Revision, by: User) -> None:
    """Make the text of an old revision the text under work again; its dates stay as they are now."""
    current = working_content(item)
    dates = {name: current[name] for name in DATES}
    save(item, {**current, **revision.content, **dates}, by, Event.RESTORED)


def refuse(item: Publishable, content: Content, by: User, began: int | None = None) -> Revision:
    """Keep a text that came too late, as a revision; the same text sent again is kept once.

    `began` is the version that its form began with: what both texts have in common is found by it.
    """
    refused = Revision.objects.about(item).filter(event=Event.REFUSED, by=by, version=began or 0)
    latest: Revision | None = refused.order_by("-pk").first()
    if latest is not None and same(latest.content, content):
        return latest
    return _record(item, Event.REFUSED, by, content, version=began or 0)


def discard(item: Publishable, by: User) -> None:
    """Throw the pending draft away; the revisions of its saves keep what it said."""
    pending = pending_of(item)
    if pending is not None:
        pending.delete()
        record(item, Event.DISCARDED, by)


# --- Review and publication ---------------------------------------------------------------------------


def submit(item: Publishable, by: User) -> None:
    """Hand the text under work to somebody who may publish."""
    if item.status != Status.PUBLISHED:
        item.submit(by)
    elif not _set_pending_status(item, PendingDraft.Status.IN_REVIEW):
        return
    record(item, Event.SUBMITTED, by)


def send_back(item: Publishable, by: User, note: str = "") -> None:
    """Give what was submitted back to its author, as a draft."""
    if item.status == Status.IN_REVIEW:
        item.status = Status.DRAFT
        item.updated_by = by
        item.save()
    elif not _set_pending_status(item, PendingDraft.Status.DRAFT):
        return
    record(item, Event.SENT_BACK, by, note=note)


def publish(item: Publishable, by: User | None, event: Event = Event.PUBLISHED) -> None:
    """Make the text under work public, now or at the item's own `go_live_at`.

    What is public as it stands stays untouched. Raises ValidationError where the text is not fit for
    readers; nothing has changed in the database then.
    """
    pending = pending_of(item)
    if pending is None and item.status == Status.PUBLISHED:
        return
    remember_what_is_there(item)
    with transaction.atomic():
        if pending is not None:
            pending.delete()
            item.updated_by = by
            apply(item, _onto(item, pending))
        item.publish(by)
        record(item, event, by)


def schedule(item: Publishable, by: User, at: datetime) -> None:
    """Let the pending draft take effect at `at`. Raises ValidationError where it is not fit for it."""
    pending = pending_of(item)
    if pending is None:
        raise ValidationError("没有未发布的修改，不需要定时。")
    if at <= timezone.now():
        raise ValidationError({"apply_at": "生效时间已过；请改为将来的时间，或清空后直接发布。"})
    with transaction.atomic():  # a rehearsal: what cannot be published now could not be then
        apply(item, _onto(item, pending))
        item.publish(by)
        transaction.set_rollback(True)
    item.refresh_from_db()
    pending.status, pending.apply_at = PendingDraft.Status.SCHEDULED, at
    pending.updated_by, pending.problem = by, ""
    pending.save()
    record(item, Event.SCHEDULED, by, pending.content)


def unschedule(item: Publishable, by: User) -> None:
    """Take back when the pending draft takes effect; it stays a draft."""
    if _set_pending_status(item, PendingDraft.Status.DRAFT):
        record(item, Event.UNSCHEDULED, by)


def apply_due(at: datetime | None = None) -> int:
    """Apply the scheduled changes whose moment has come; return how many. One query where none is due.

    Each in a transaction of its own. One that cannot be applied any more becomes a draft again, with
    the reason in `problem`, so that it neither blocks the others nor is tried for ever.
    """
    applied = 0
    for pk in list(PendingDraft.objects.due(at).values_list("pk", flat=True)):
        with transaction.atomic():
            # The item first, as everybody locks in this order; then see whether it is still due.
            due: PendingDraft = PendingDraft.objects.filter(pk=pk).first() or PendingDraft()
            model: Any = due.pk and due.content_type.model_class()
            item = model and lock(model, due.object_id)
            if item and PendingDraft.objects.due(at).filter(pk=pk).exists():
                applied += _apply_one(item, due)
    return applied


def _apply_one(item: Publishable, pending: PendingDraft) -> bool:
    try:
        with transaction.atomic():
            publish(item, pending.updated_by, Event.APPLIED)
    except ValidationError as error:
        logger.warning("scheduled change %s not applied: %s", pending.pk, error)
        pending.status, pending.problem = PendingDraft.Status.DRAFT, "".join(error.messages)[:500]
        pending.save()
        return False
    return True


def next_due() -> datetime | None:
    """Return when the next scheduled change takes effect; one query."""
    waiting = PendingDraft.objects.filter(status=PendingDraft.Status.SCHEDULED)
    return waiting.order_by("apply_at").values_list("apply_at", flat=True).first()


# --- Off the site, into the bin, and back ---------------------------------------------------------------


def withdraw(item: Publishable, by: User) -> None:
    """Take the item off the site; a pending draft becomes its text, as no reader sees it now."""
    remember_what_is_there(item)
    pending = pending_of(item)
    item.withdraw(by)
    _fold_in(item, pending, by)
    record(item, Event.WITHDRAWN, by)


def bin(item: Publishable, by: User) -> None:
    """Put the item into the recycle bin; a published one is withdrawn by it, whenever it comes back."""
    remember_what_is_there(item)
    pending = pending_of(item)
    item.bin(by)
    if pending is not None:
        _fold_in(item, pending, by)
    record(item, Event.BINNED, by)


def unbin(item: Publishable, by: User) -> None:
    """Bring the item back from the bin, as a draft."""
    item.unbin(by)
    record(item, Event.UNBINNED, by)


# --- Revisions ------------------------------------------------------------------------------------------


def remember_what_is_there(item: Publishable) -> None:
    """Record the stored content where no revision has it: it came by an import, or before there were any."""
    if item.pk is None or pending_of(item) is not None:
        return
    stored = content_of(item)
    latest = latest_revision(item)
    if latest is None or not same(latest.content, stored):
        _record(item, Event.BASELINE, item.updated_by, stored, at=item.updated_at)


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
    """Count a change of an item, and keep what the text under work is after it."""
    model = type(item)
    model._base_manager.filter(pk=item.pk).update(edit_version=F("edit_version") + 1)
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


def _set_pending_status(item: Publishable, status: str) -> bool:
    pending = pending_of(item)
    if pending is None or pending.status == status:
        return False
    pending.status = status
    if not pending.is_scheduled:
        pending.apply_at = None
    pending.save()
    return True


def _onto(item: Publishable, pending: PendingDraft) -> Content:
    """Return the live content with what the draft changed: the rest may have moved on meanwhile."""
    live, base, draft = content_of(item), pending.base, pending.content
    return {
        name: draft[name]
        if name in draft and not same({"_": draft[name]}, {"_": base.get(name)})
        else value
        for name, value in live.items()
    }


def _fold_in(item: Publishable, pending: PendingDraft | None, by: User) -> None:
    """Make the draft of an item that has just left the site its text. Its revision has it in any case."""
    if pending is None:
        return
    pending.delete()
    try:
        with transaction.atomic():
            apply(item, _onto(item, pending))
    except ValidationError:
        item.refresh_from_db()


def show_pending(item: Publishable, pending: PendingDraft | None) -> None:
    """Make `item`, in memory, what it will be once the draft is published: for its form."""
    if pending is not None:
        as_of(item, _onto(item, pending))


# --- The library, and deletion for good -------------------------------------------------------------------


@receiver(post_save, sender=PendingDraft)
def protect_files(sender: type[PendingDraft], instance: PendingDraft, using: str, **_: Any) -> None:
    """The library's files that only a draft shows are in use, too."""
    model: Any = instance.content_type.model_class()
    uses.record(instance, files_in(model, instance.content), using)


@receiver(post_delete, sender=PendingDraft)
def release_files(sender: type[PendingDraft], instance: PendingDraft, using: str, **_: Any) -> None:
    uses.release(instance, using)


@receiver(post_delete)
def forget(sender: type[Any], instance: Any, **_: Any) -> None:
    """An item deleted for good takes along whatever is about it."""
    if isinstance(instance, Publishable):
        for model in AboutItem.__subclasses__():
            model.objects.about(instance).delete()
