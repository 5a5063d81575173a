"""Notices: one sentence to each person whom an event in the life of an item concerns.

They follow from what is recorded anyway: a `Revision` of an event, a `PendingDraft` that could not be
applied. So whatever publishes or sends back, the form, a list or the clock, the same people are told,
in the transaction of the deed itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.text import Truncator

from portal.cms.accounts import User
from portal.cms.publishing import Publishable, State, Status
from portal.cms.review.models import Comment, Notice
from portal.cms.review.rule import deciding_permission
from portal.cms.revisions.models import Event, PendingDraft, Revision
from portal.cms.times import this_year

# Of a person's notices the latest are kept: nobody reads further back, and the table stays small.
KEPT = 200
# More colleagues than this need not hear that something waits: it stands on everybody's desk anyway.
MOST_REVIEWERS = 20
# The events that decide what is under review, in the order of an item's life.
DECISIONS = (
    Event.SUBMITTED,
    Event.SENT_BACK,
    Event.PUBLISHED,
    Event.APPLIED,
    Event.WITHDRAWN,
    Event.DISCARDED,
    Event.BINNED,
)


# --- Making them ------------------------------------------------------------------------------------


def tell(people: Iterable[int | None], item: Publishable, text: str, but: User | None) -> None:
    """Leave a notice with those of `people` (ids) who may sign in, except the one who did it.

    Four queries, whatever their number. The same sentence is not left twice while it is unread.
    """
    told = User.objects.filter(pk__in=set(people) - {None}, is_active=True, is_staff=True)
    if but is not None:
        told = told.exclude(pk=but.pk)
    limit: int = Notice._meta.get_field("text").max_length  # type: ignore[assignment]
    text = cut(text, limit)
    unread = Notice.objects.about(item).filter(seen_at=None, text=text)
    told_ids = list(told.exclude(pk__in=unread.values("to")).values_list("pk", flat=True))
    Notice.objects.bulk_create(Notice(to_id=pk, item=item, text=text) for pk in told_ids)
    forget_old(told_ids)


def forget_old(people: list[int]) -> None:
    """Delete what these people were told before their latest `KEPT` notices."""
    place = Window(RowNumber(), partition_by=F("to"), order_by=F("pk").desc())
    numbered = Notice.objects.filter(to__in=people).annotate(place=place)
    old = numbered.filter(place__gt=KEPT).values_list("pk", flat=True)
    Notice.objects.filter(pk__in=list(old)).delete()


def participants(item: Publishable) -> set[int | None]:
    """Return the ids of who has a part in an item: wrote, changed, submitted or commented on it."""
    drafts = PendingDraft.objects.about(item).values_list("begun_by", "updated_by")
    submitted = Revision.objects.about(item).filter(event=Event.SUBMITTED)
    return {
        item.created_by_id,
        item.updated_by_id,
        *(pk for pair in drafts for pk in pair),
        *submitted.values_list("by", flat=True).distinct(),
        *Comment.objects.about(item).values_list("by", flat=True).distinct(),
    }


def reviewers(item: Publishable) -> QuerySet[User]:
    """Return who decides on what is submitted: the same people as see it waiting on their desk."""
    people: QuerySet[User] = User.objects.with_perm(
        deciding_permission(type(item)), backend="django.contrib.auth.backends.ModelBackend"
    )
    return people.filter(is_staff=True).order_by("pk")[:MOST_REVIEWERS]


def submitter(item: Publishable, before: int | None = None) -> int | None:
    """Return the id of who submitted what is under review, or was when revision `before` was made."""
    decisions = Revision.objects.about(item).filter(event__in=DECISIONS)
    if before is not None:
        decisions = decisions.filter(pk__lt=before)
    latest = decisions.order_by("-pk").values_list("event", "by").first()
    return latest[1] if latest is not None and latest[0] == Event.SUBMITTED else None


# --- What is told, and to whom ------------------------------------------------------------------------


@receiver(post_save, sender=Revision)
def tell_of_event(
    sender: type[Revision], instance: Revision, created: bool, raw: bool, **_: Any
) -> None:
    """Tell of what was submitted, and what became of it; nobody is told of a mere save.

    Nor of what a fixture brings: it happened elsewhere, long ago, and its item may not be there yet.
    """
    if raw:
        return
    tellers = {
        Event.SUBMITTED: _submitted,
        Event.SENT_BACK: _sent_back,
        Event.PUBLISHED: _published,
        Event.SCHEDULED: _scheduled,
        Event.APPLIED: _applied,
        Event.DISCARDED: _discarded,
    }
    teller = tellers.get(Event(instance.event))
    if created and teller is not None and isinstance(instance.item, Publishable):
        teller(instance.item, instance)


def _submitted(item: Publishable, event: Revision) -> None:
    people = [reviewer.pk for reviewer in reviewers(item)]
    tell(people, item, f"{_who(event.by)}提交了{_what(item)}，等您审核。", event.by)


def _sent_back(item: Publishable, event: Revision) -> None:
    author = submitter(item, event.pk) or item.created_by_id
    text = f"{_who(event.by)}退回了{_what(item)}：{event.note}"
    tell({author, *participants(item)}, item, text, event.by)


def _published(item: Publishable, event: Revision) -> None:
    text = f"{_who(event.by)}发布了您提交的{called(item)}。"
    if item.state == State.SCHEDULED:
        text = (
            f"{_who(event.by)}通过了您提交的{called(item)}，{this_year(item.go_live_at)}自动上线。"
        )
    tell([submitter(item, event.pk)], item, text, event.by)


def _scheduled(item: Publishable, event: Revision) -> None:
    at = PendingDraft.objects.about(item).values_list("apply_at", flat=True).first()
    text = f"{_who(event.by)}通过了您提交的{_what(item)}，{this_year(at)}自动生效。"
    tell([submitter(item, event.pk)], item, text, event.by)


def _applied(item: Publishable, event: Revision) -> None:
    # Nobody was at the desk: whoever scheduled it may well be the one to be told.
    tell([submitter(item, event.pk)], item, f"您提交的{called(item)}的修改已按时生效。", None)


def _discarded(item: Publishable, event: Revision) -> None:
    text = f"{_who(event.by)}放弃了您提交的{_what(item)}；内容在“修改历史”里仍可找回。"
    tell([submitter(item, event.pk)], item, text, event.by)


@receiver(post_save, sender=PendingDraft)
def tell_of_problem(
    sender: type[PendingDraft], instance: PendingDraft, raw: bool, **_: Any
) -> None:
    """Tell who wrote and who scheduled a change that it did not take effect; once for each moment."""
    if raw:
        return
    item = instance.item if instance.problem else None
    if instance.status != PendingDraft.Status.DRAFT or not isinstance(item, Publishable):
        return
    text = f"{called(item)}的修改没有按时生效（原定{this_year(instance.apply_at)}）：{instance.problem}"
    if not Notice.objects.about(item).filter(text=text).exists():
        tell([instance.begun_by_id, instance.updated_by_id], item, text, None)


def called(item: Publishable) -> str:
    """The item by its title, short enough to leave room for what is said of it."""
    return f"“{cut(str(item), 60)}”"


def cut(text: str, length: int) -> str:
    # Django's own sign, in its Chinese translation, is three full stops.
    return Truncator(text).chars(length, truncate="…")


def _who(person: User | None) -> str:
    return str(person) if person is not None else "同事"


def _what(item: Publishable) -> str:
    """The item, or what is under review of one that readers already see: the change of it."""
    return called(item) + ("的修改" if item.status == Status.PUBLISHED else "")


# --- Reading them -------------------------------------------------------------------------------------


def unseen(user: User) -> QuerySet[Notice]:
    """Return what this person has not seen yet; counting it takes one index."""
    notices: QuerySet[Notice] = Notice.objects.filter(to=user, seen_at=None)
    return notices


def see(notices: QuerySet[Notice]) -> None:
    """Mark as seen. Asks before it writes, as every form of the desk does this when it is opened."""
    if notices.exists():
        notices.update(seen_at=timezone.now())
