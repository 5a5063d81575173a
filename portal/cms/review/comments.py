"""What colleagues say about an item, and sending it back with a reason."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from portal.cms.accounts import User
from portal.cms.publishing import Publishable, Status
from portal.cms.review import notices
from portal.cms.review.models import Comment
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.models import Event, PendingDraft, Revision


def comment(item: Publishable, by: User, text: str) -> None:
    """Keep a comment, and tell everybody who has a part in the item.

    The same words once more, as a page sends them that is loaded again, are kept once.
    """
    latest = Comment.objects.about(item).order_by("-pk").first()
    if latest is not None and (latest.by_id, latest.text) == (by.pk, text):
        return
    people = notices.participants(item)
    Comment.objects.create(item=item, by=by, text=text)
    notices.tell(people, item, f"{by}对{notices.called(item)}说：{text}", but=by)


def send_back(item: Publishable, by: User, text: str) -> None:
    """Give what is under review back to its author, with the reason; the event tells them of it.

    The reason may have been given before, in a comment since it was submitted. Raises ValidationError
    where there is none, and where nothing is under review.
    """
    if not under_review(item, drafts.pending_of(item)):
        raise ValidationError("没有待审的稿件，不需要退回。")
    if text:
        Comment.objects.create(item=item, by=by, text=text, sent_back=True)
    elif (said := _said_since_submission(item, by)) is not None:
        text = said.text
        said.sent_back = True
        said.save()
    else:
        raise ValidationError("退回前请在“意见”里写明要改什么。")
    actions.send_back(item, by, text)


def under_review(item: Publishable, pending: PendingDraft | None) -> bool:
    """Whether somebody has submitted the item, or its pending draft."""
    return item.status == Status.IN_REVIEW or (pending is not None and pending.in_review)


def _said_since_submission(item: Publishable, by: User) -> Comment | None:
    submitted = Revision.objects.about(item).filter(event=Event.SUBMITTED).order_by("-pk")
    at = submitted.values_list("at", flat=True).first()
    said = Comment.objects.about(item).filter(by=by)
    latest: Comment | None = said.order_by("-pk").first()
    return latest if latest is not None and at is not None and latest.at >= at else None
