"""What keeps an item from being published, and deciding about it.

    findings(item)              everything the rules find
    assess(item)                the same, sorted: what is open, what has been decided, hints
    unresolved(item)            what is open: the item is not published before it is settled
    clear(item, by, reason)     what 发布 calls: lets pass, records the reason, or raises

The first three read the item as it stands in memory: fields that were set but not saved count, and so
do rows put into its cache of prefetched relations (`revisions.content.as_of`).

An item costs at most five queries: the word lists; articles of the same title; files without words, if
it shows pictures; its rows, if they are not in memory; decisions, if there is something to decide. An
article costs mostly eight more, for its near duplicates, and thirteen more at most.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

import portal.cms.compliance.pages  # noqa: F401 - registers the kernel's own model, as apps do theirs
from portal.cms.compliance.findings import Finding, Severity
from portal.cms.compliance.models import Decision
from portal.cms.compliance.reading import Manuscript
from portal.cms.compliance.register import checks_of
from portal.cms.publishing import Publishable
from portal.cms.revisions import drafts

if TYPE_CHECKING:
    from portal.cms.accounts import User

NAMED = 3
# A reason that says nothing ("1", "ok", five full stops) is none: only letters and numbers count.
SHORTEST_REASON = 5
REASON_TOO_SHORT = f"发布前请用一句话说明理由（至少 {SHORTEST_REASON} 个字）。"
# Signs that show nothing: by category, and those Unicode counts as letters all the same.
INVISIBLE = {"Cc", "Cf", "Cs"}
BLANK_LETTERS = set("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


@dataclass(frozen=True)
class Assessment:
    """What is found in an item, sorted by what is to be done about it."""

    blocking: list[Finding] = field(default_factory=list)
    open: list[Finding] = field(default_factory=list)
    decided: list[tuple[Finding, Decision]] = field(default_factory=list)
    hints: list[Finding] = field(default_factory=list)

    @property
    def unresolved(self) -> list[Finding]:
        return [*self.blocking, *self.open]

    @property
    def summary(self) -> str:
        """How many there are of each, in a line that is read out while somebody types."""
        counts = (
            (Severity.BLOCK.label, self.blocking),
            (Severity.MUST.label, self.open),
            ("已说明理由", self.decided),
            (Severity.HINT.label, self.hints),
        )
        parts = [f"{label} {len(found)} 处" for label, found in counts if found]
        return "，".join(parts) or "没有查到问题"


def findings(item: Publishable) -> list[Finding]:
    """Return what the rules find, weightiest first; several of one key are one, with their number."""
    checks = checks_of(type(item))
    manuscript = Manuscript(item, checks)
    merged: dict[str, Finding] = {}
    for rule in checks.rules:
        for found in rule(manuscript):
            known = merged.get(found.key)
            merged[found.key] = replace(known, count=known.count + found.count) if known else found
    return sorted(merged.values(), key=lambda found: found.severity)


def assess(item: Publishable) -> Assessment:
    """Return the findings, sorted: those decided already apart from those still open."""
    sorted_out = Assessment()
    found = findings(item)
    decided = decisions_by_key(item, found)
    for finding in found:
        if finding.severity == Severity.BLOCK:
            sorted_out.blocking.append(finding)
        elif finding.severity == Severity.HINT:
            sorted_out.hints.append(finding)
        elif finding.key in decided:
            sorted_out.decided.append((finding, decided[finding.key]))
        else:
            sorted_out.open.append(finding)
    return sorted_out


def decisions_by_key(item: Publishable, found: Iterable[Finding]) -> dict[str, Decision]:
    """Return the latest decision about each finding that asks for one."""
    keys = [finding.key for finding in found if finding.severity == Severity.MUST]
    if not keys or item.pk is None:
        return {}
    decisions = Decision.objects.about(item).filter(key__in=keys).select_related("by")
    return {decision.key: decision for decision in decisions.order_by("pk")}


def unresolved(item: Publishable) -> list[Finding]:
    """Return what has to be changed, or decided, before the item is published."""
    return assess(item).unresolved


def cleaned(reason: str) -> str:
    """Return the reason as it is recorded: without signs that nobody sees, and blanks at its ends."""
    return "".join(
        sign
        for sign in reason
        if sign == "\n"
        or (unicodedata.category(sign) not in INVISIBLE and sign not in BLANK_LETTERS)
    ).strip()


def justify(item: Publishable, found: Sequence[Finding], reason: str, by: User) -> list[Decision]:
    """Record why the item is published in spite of these findings; one query.

    Raises ValidationError where the reason says nothing, ValueError for a finding no reason settles.
    """
    reason = cleaned(reason)
    if sum(sign.isalnum() for sign in reason) < SHORTEST_REASON:
        raise ValidationError(REASON_TOO_SHORT)
    if any(finding.severity == Severity.BLOCK for finding in found):
        raise ValueError("no reason settles what blocks")
    return Decision.objects.bulk_create(
        Decision(
            item=item,
            item_title=str(item)[:200],
            version=item.edit_version,
            key=finding.key,
            finding=f"{finding.label}：{finding.message}"[:300],
            excerpt=str(finding.excerpt or "")[:200],
            reason=reason[:1000],
            by=by,
        )
        for finding in found
    )


def clear(item: Publishable, by: User, reason: str = "") -> list[Decision]:
    """Let the text under work be published, or raise ValidationError saying what stands in the way.

    That text is the pending draft where there is one, as stored. A reason settles what may be settled,
    and is recorded. Call it in the transaction that publishes.
    """
    draft = type(item)._base_manager.get(pk=item.pk)
    drafts.show_pending(draft, drafts.pending_of(draft))
    assessment = assess(draft)
    # Together with what is still to be filled in: nobody wants to be told one thing at a time.
    missing = draft.publish_errors().values()
    if assessment.blocking:
        message = f"发布前请改正“审查”里的问题（{named(assessment.blocking)}）。"
        raise ValidationError([*missing, message])
    if not assessment.open:
        return []
    if not cleaned(reason):
        message = f"发布前请处理“审查”里的问题（{named(assessment.open)}），或在那里说明理由。"
        raise ValidationError([*missing, message])
    return justify(draft, assessment.open, reason, by)


def named(found: Sequence[Finding]) -> str:
    """Name findings in a line: the first few, and how many there are."""
    names = (
        f"{one.label}的“{one.excerpt.matter}”" if one.excerpt else f"{one.label}：{one.message}"
        for one in found[:NAMED]
    )
    return "、".join(names) + (f"等 {len(found)} 处" if len(found) > NAMED else "")
