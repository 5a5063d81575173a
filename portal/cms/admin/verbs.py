"""The verbs of a form: which there are, which are offered when, what each does, what is said then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.admin.lists import moment
from portal.cms.publishing import Publishable, State, Status

# The states of what an editor has published, whatever the clock makes of it.
PUBLISHED = (State.SCHEDULED, State.LIVE, State.EXPIRED)


class Verb(StrEnum):
    """The name of the button that was pressed, as it stands in the POST."""

    SAVE = "_save"
    PUBLISH = "_publish"
    PUBLISH_NOW = "_publish_now"
    SUBMIT = "_submit"
    WITHDRAW = "_withdraw"
    BIN = "_bin"
    UNBIN = "_unbin"
    COPY = "_copy"

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Verb:
        """Return the verb in a POST; a form sent without a button (Enter) is saved, no more."""
        return next((verb for verb in cls if verb.value in data), cls.SAVE)

    @property
    def needs_publishing(self) -> bool:
        """Whether this verb changes what readers see."""
        return self in {Verb.PUBLISH, Verb.PUBLISH_NOW, Verb.WITHDRAW}


@dataclass(frozen=True)
class Button:
    """One button. `style` is a CSS class: `default` for the main one, `careful`, or none."""

    verb: Verb
    label: str
    style: str = ""


@dataclass(frozen=True)
class Rights:
    """What the person at the form may do with the item in it."""

    edit: bool
    publish: bool
    add: bool
    restore: bool


def buttons(state: State | None, rights: Rights, *, ahead: bool) -> list[Button]:
    """Return the buttons for an item in `state` (None: not saved yet), in the order they are shown.

    Saving comes first: it is what the browser does when Enter is pressed in a field. `ahead` says
    that the go-live time of the item lies in the future.
    """
    offered = list(_change_buttons(state, rights, ahead)) if rights.edit else []
    if state == State.DELETED and rights.restore:
        offered.append(Button(Verb.UNBIN, "恢复", "default"))
    if state not in (None, State.DELETED) and rights.add:
        offered.append(Button(Verb.COPY, "复制为新稿"))
    if state in PUBLISHED and rights.edit:
        label = "取消定时" if state == State.SCHEDULED else "下线"
        offered.append(Button(Verb.WITHDRAW, label, "careful"))
    if state is not None and rights.edit:
        offered.append(Button(Verb.BIN, "移入回收站", "careful"))
    return offered


def _change_buttons(state: State | None, rights: Rights, ahead: bool) -> Iterator[Button]:
    if state in PUBLISHED:
        yield Button(Verb.SAVE, "保存", "default")
        if state == State.SCHEDULED:
            yield Button(Verb.PUBLISH_NOW, "立即发布")
        return
    yield Button(Verb.SAVE, "保存草稿" if state in (None, State.DRAFT) else "保存")
    if rights.publish:
        yield Button(Verb.PUBLISH, "定时发布" if ahead else "发布", "default")
    elif state != State.IN_REVIEW:
        yield Button(Verb.SUBMIT, "提交审核", "default")


def perform(verb: Verb, item: Publishable, by: User) -> str:
    """Apply a verb to an item whose text is saved; return what its history should say, if anything.

    Raises ValidationError where the item cannot be published yet.
    """
    if verb == Verb.BIN:
        item.bin(by)
        return "移入回收站"
    if item.status == Status.PUBLISHED:
        return _change_published(verb, item, by)
    if verb in (Verb.PUBLISH, Verb.PUBLISH_NOW):
        item.publish(by)
        return "发布"
    if verb == Verb.SUBMIT:
        item.submit(by)
        return "提交审核"
    return ""


def _change_published(verb: Verb, item: Publishable, by: User) -> str:
    if verb == Verb.WITHDRAW:
        item.withdraw(by)
        return "下线"
    if verb == Verb.PUBLISH_NOW and item.state == State.SCHEDULED:
        item.go_live_at = timezone.now()
        item.publish(by)
        return "立即发布"
    return ""


def outcome(item: Publishable) -> str:
    """Say how things stand after a save: what readers see now, or when they will."""
    return {
        State.DRAFT: "已保存为草稿。",
        State.IN_REVIEW: "已提交，等待审核。",
        State.SCHEDULED: f"已保存，将于{moment(item.go_live_at)}（北京时间）自动上线。",
        State.LIVE: "已保存，访客现在看到的就是这一版。",
        State.EXPIRED: "已保存；下线时间已过，访客看不到。",
        State.WITHDRAWN: "已保存，处于下线状态，访客看不到。",
        State.DELETED: "已移入回收站。",
    }[item.state]
