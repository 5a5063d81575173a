"""The draft of a published item: what editors have saved and readers do not see yet."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from portal.cms.media import uses
from portal.cms.publishing import Publishable, Status
from portal.cms.revisions.content import Content, as_of, content_as_read, content_of, files_in, same
from portal.cms.revisions.models import PendingDraft


def pending_of(item: Publishable) -> PendingDraft | None:
    """Return the pending draft of an item; no query for one that cannot have any."""
    if item.pk is None or item.status != Status.PUBLISHED:
        return None
    drafts: QuerySet[PendingDraft] = PendingDraft.objects.about(item)
    return drafts.select_related("begun_by", "updated_by").first()


def working_content(item: Publishable) -> Content:
    """Return what the desk works on: the pending draft where there is one, else the item itself."""
    live, pending = content_of(item), pending_of(item)
    return live if pending is None else onto(live, pending)


def onto(live: Content, pending: PendingDraft) -> Content:
    """Return the live content with what the draft changed: the rest may have moved on meanwhile."""
    base, draft = pending.base, pending.content
    return {
        name: draft[name]
        if name in draft and not same({"_": draft[name]}, {"_": base.get(name)})
        else value
        for name, value in live.items()
    }


def show_pending(item: Publishable, pending: PendingDraft | None) -> None:
    """Make `item`, read just now, what it will be in memory once the draft is published: for its form."""
    if pending is not None:
        as_of(item, onto(content_as_read(item), pending))


@receiver(post_save, sender=PendingDraft)
def protect_files(
    sender: type[PendingDraft],
    instance: PendingDraft,
    raw: bool,
    using: str,
    update_fields: frozenset[str] | None,
    **_: Any,
) -> None:
    """The library's files that only a draft shows are in use, too. Fixtures bring the rows that say so.

    Not where its text stays: one that cannot be applied may be one that cannot be read.
    """
    if not raw and (update_fields is None or "content" in update_fields):
        model: Any = ContentType.objects.get_for_id(instance.content_type_id).model_class()
        uses.record(instance, files_in(model, instance.content), using)


@receiver(post_delete, sender=PendingDraft)
def release_files(sender: type[PendingDraft], instance: PendingDraft, using: str, **_: Any) -> None:
    uses.release(instance, using)
