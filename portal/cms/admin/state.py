"""What one request has learnt about the item in its form: Django's hooks have nothing else in common."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest

from portal.cms.publishing import Publishable, State
from portal.cms.revisions import drafts
from portal.cms.revisions.content import Content
from portal.cms.revisions.models import PendingDraft


@dataclass
class FormState:
    """The item as it is stored, and what was sent to become of it."""

    stored: Publishable | None = (
        None  # before form and draft were put into it; None: not stored yet
    )
    pending: PendingDraft | None = None  # of `stored`
    apply_at: datetime | None = None  # when the pending draft takes effect: as stored, then as sent
    content: Content = field(default_factory=dict)  # what was sent
    stale: bool = False  # somebody else has saved since the form was opened

    @property
    def state(self) -> State | None:
        return self.stored.state if self.stored is not None else None

    def found(self, item: Publishable) -> None:
        """Begin with an item as it has just been read, under a lock in a POST; one query."""
        self.stored, self.pending = copy(item), drafts.pending_of(item)
        self.apply_at = self.pending.apply_at if self.pending else None

    def pending_of(self, item: Publishable) -> PendingDraft | None:
        """Return the pending draft of an item: as it was found, or of any other as it is stored.

        Rights are asked for a dozen times while a form is made; each draft is two texts in full.
        """
        if self.stored is not None and (type(item), item.pk) == (type(self.stored), self.stored.pk):
            return self.pending
        return drafts.pending_of(item)


def state_of(request: HttpRequest) -> FormState:
    """Return the request's own `FormState`."""
    if not hasattr(request, "form_state"):
        request.form_state = FormState()  # type: ignore[attr-defined]
    return request.form_state  # type: ignore[attr-defined,no-any-return]


def forget_state(request: HttpRequest) -> None:
    """Begin anew with a request whose transaction has come to nothing."""
    request.form_state = FormState()  # type: ignore[attr-defined]
