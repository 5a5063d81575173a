"""What is under work, found by item: pending drafts, and what was sent back to somebody."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery

from portal.cms.accounts import User
from portal.cms.publishing import PublishableQuerySet, Status
from portal.cms.review.models import Comment
from portal.cms.review.notices import DECISIONS
from portal.cms.revisions.models import Event, PendingDraft, Revision


def drafts_of(model: type[Model]) -> QuerySet[PendingDraft]:
    """Return the pending drafts of all items of a model."""
    drafts: QuerySet[PendingDraft] = PendingDraft.objects.filter(
        content_type=ContentType.objects.get_for_model(model)
    )
    return drafts


def with_draft(rows: PublishableQuerySet, which: Q) -> PublishableQuerySet:
    """Narrow `rows` to the published items that have such a pending draft."""
    changed = drafts_of(rows.model).filter(which)
    return rows.filter(pk__in=changed.values("object_id"))


def returned_to(user: User, rows: PublishableQuerySet) -> PublishableQuerySet:
    """Narrow `rows` to what was sent back to this person, as an item or a change, and not submitted since.

    Looks only at what was ever sent back, which is little; of that, at the latest decision.
    """
    about = ContentType.objects.get_for_model(rows.model)
    ever = Comment.objects.filter(content_type=about, sent_back=True)
    history = Revision.objects.filter(content_type=about, object_id=OuterRef("pk")).order_by("-pk")
    changes = drafts_of(rows.model).filter(status=PendingDraft.Status.DRAFT)
    returned: PublishableQuerySet = (
        rows.kept()
        .filter(pk__in=ever.values("object_id"))
        .filter(Q(status=Status.DRAFT) | Q(pk__in=changes.values("object_id")))
        .annotate(
            decision=Subquery(history.filter(event__in=DECISIONS).values("event")[:1]),
            submitter=Subquery(history.filter(event=Event.SUBMITTED).values("by")[:1]),
        )
        .filter(decision=Event.SENT_BACK, submitter=user.pk)
    )
    return returned
