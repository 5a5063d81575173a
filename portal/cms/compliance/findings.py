"""What a check finds: one matter in one field, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.db import models

CONTEXT = 14  # signs shown on either side
FAR = CONTEXT + 2  # and looked at
KEY_LENGTH = 150  # as in `Decision.key`


class Severity(models.IntegerChoices):
    """How much a finding weighs; the smaller, the more."""

    BLOCK = 1, "须改正"  # nothing is published with it
    MUST = 2, "须处理"  # changed, or published with a reason
    HINT = 3, "提示"


class Excerpt(NamedTuple):
    """A few words of the text as it was written, the matter itself in the middle."""

    before: str
    matter: str
    after: str

    def __str__(self) -> str:
        return "".join(self)


def around(text: str, start: int, end: int) -> Excerpt:
    """Return what stands around a place, within its line; “…” where it was cut."""
    before = text[max(0, start - FAR) : start].rpartition("\n")[2]
    after = text[end : end + FAR].partition("\n")[0]
    if len(before) > CONTEXT + 1:  # nothing is cut for the sake of the sign that says so
        before = f"…{before[-CONTEXT:]}"
    if len(after) > CONTEXT + 1:
        after = f"{after[:CONTEXT]}…"
    return Excerpt(before, text[start:end], after)


@dataclass(frozen=True)
class Finding:
    """One matter. `key` names it: what was decided about a key holds while the key comes back."""

    rule: str
    field: str
    label: str  # the field as editors know it
    anchor: str  # the id of its input in the form
    severity: Severity
    message: str
    advice: str = ""
    excerpt: Excerpt | None = None
    detail: str = ""  # what tells it from others of this rule in this field: the term
    url: str = ""  # a page of the desk to look at
    count: int = 1

    @property
    def key(self) -> str:
        return f"{self.rule}:{self.field}:{self.detail}"[:KEY_LENGTH]
