"""The verbs of a form: which there are, which are offered when, what each does, what is said then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.publishing import Publishable, State, Status
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.models import Event, PendingDraft, Revision
from portal.cms.times import moment

# The states of what an editor has published, whatever the clock makes of it.
PUBLISHED = (State.SCHEDULED, State.LIVE, State.EXPIRED)
# What a button sends, instead of 1, whose question was answered with yes (desk.js).
CONFIRMED = "confirmed"


class Verb(StrEnum):
    """The name of the button that was pressed, as it stands in the POST."""

    # First, so that no other button sent along saves it after all.
    PUT_BACK = "_put_back"  # what was typed before goes back into the form; nothing is saved
    SAVE = "_save"
    PREVIEW = "_preview"
    PUBLISH = "_publish"
    PUBLISH_NOW = "_publish_now"
    UNSCHEDULE = "_unschedule"
    SUBMIT = "_submit"
    SEND_BACK = "_send_back"
    DISCARD = "_discard"
    WITHDRAW = "_withdraw"
    BIN = "_bin"
    UNBIN = "_unbin"
    COPY = "_copy"

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Verb:
        """Return the verb in a POST; a form sent without a button (Enter) is saved, no more."""
        return next((verb for verb in cls if verb.value in data), cls.SAVE)

    @property
    def page(self) -> str:
        """The name of the page that asks first (`asking`)."""
        return self.value.removeprefix("_")

    def needs_publishing(self, state: State | None) -> bool:
        """Whether this verb is for those who may publish; `state` is that of the item, as stored."""
        if self == Verb.BIN:
            return state in PUBLISHED
        return self in {
            Verb.PUBLISH,
            Verb.PUBLISH_NOW,
            Verb.UNSCHEDULE,
            Verb.SEND_BACK,
            Verb.WITHDRAW,
        }


# What takes something away, and may have to ask first (`question`).
ASKING = (Verb.WITHDRAW, Verb.DISCARD, Verb.UNSCHEDULE, Verb.BIN)


@dataclass(frozen=True)
class Button:
    """One button. `style` is a CSS class: `default` for the main one, `careful`, or none."""

    verb: Verb
    label: str
    style: str = ""
    question: str = ""  # to be answered before it does its work

    @property
    def at_hand(self) -> bool:
        """Whether it is pressed all the time: on a phone only such buttons stay in sight."""
        return self.verb in (Verb.SAVE, Verb.PREVIEW) or self.style == "default"

    @property
    def new_tab(self) -> bool:
        """Whether the answer opens beside the form, which stays as it is."""
        return self.verb == Verb.PREVIEW


@dataclass(frozen=True)
class Rights:
    """What the person at the form may do with the item in it."""

    edit: bool
    publish: bool
    add: bool
    unbin: bool


@dataclass(frozen=True)
class Situation:
    """How the item in the form stands, as stored. `state` is None for one that is not stored yet."""

    state: State | None
    pending: PendingDraft | None = None
    ahead: bool = False  # its go-live time lies in the future

    @property
    def published(self) -> bool:
        return self.state in PUBLISHED

    @property
    def in_review(self) -> bool:
        return self.state == State.IN_REVIEW or (
            self.pending is not None and self.pending.in_review
        )

    @property
    def waits_for_its_moment(self) -> bool:
        scheduled = self.pending is not None and self.pending.is_scheduled
        return scheduled or self.state == State.SCHEDULED


def buttons(at: Situation, rights: Rights) -> list[Button]:
    """Return the buttons for the item, in the order they are shown.

    Saving comes first: it is what the browser does when Enter is pressed in a field.
    """
    offered = list(_change_buttons(at, rights)) if rights.edit else []
    if at.state == State.DELETED and rights.unbin:
        offered.append(Button(Verb.UNBIN, "恢复", "default"))
    if at.state not in (None, State.DELETED) and rights.add:
        offered.append(Button(Verb.COPY, "复制为新稿"))
    if rights.edit:
        offered += _careful_buttons(at, rights)
    return offered


def _change_buttons(at: Situation, rights: Rights) -> Iterator[Button]:
    yield Button(Verb.SAVE, "保存草稿")
    yield Button(Verb.PREVIEW, "预览")
    if rights.publish:
        if at.in_review:
            yield Button(Verb.SEND_BACK, label(Verb.SEND_BACK, at))
        if at.waits_for_its_moment:
            yield Button(Verb.PUBLISH_NOW, label(Verb.PUBLISH_NOW, at))
        yield Button(Verb.PUBLISH, label(Verb.PUBLISH, at), "default")
    elif not at.in_review:
        yield Button(Verb.SUBMIT, "提交审核", "default")


def _careful_buttons(at: Situation, rights: Rights) -> Iterator[Button]:
    if at.pending is not None:
        if at.pending.is_scheduled and rights.publish:
            yield _careful(Verb.UNSCHEDULE, at)
        yield _careful(Verb.DISCARD, at)
    if at.published and rights.publish:
        yield _careful(Verb.WITHDRAW, at)
    if at.state is not None and (rights.publish or not Verb.BIN.needs_publishing(at.state)):
        yield _careful(Verb.BIN, at)


def _careful(verb: Verb, at: Situation) -> Button:
    return Button(verb, label(verb, at), "careful", question(verb, at))


def label(verb: Verb, at: Situation) -> str:
    """Return what is written on the button of a verb of `ASKING`, or of one for those who publish."""
    if verb == Verb.WITHDRAW and at.state == State.SCHEDULED:
        return "取消定时"
    return {
        Verb.PUBLISH: "定时发布" if at.ahead else "发布",
        Verb.PUBLISH_NOW: "立即发布",
        Verb.SEND_BACK: "退回修改",
        Verb.UNSCHEDULE: "取消定时修改",
        Verb.DISCARD: "放弃修改",
        Verb.WITHDRAW: "下线",
        Verb.BIN: "移入回收站",
    }[verb]


def question(verb: Verb, at: Situation) -> str:
    """Say what a verb of `ASKING` will do and what is kept; empty where it takes nothing away."""
    if not _takes_away(verb, at):
        return ""
    name = label(verb, at)
    if verb == Verb.UNSCHEDULE:
        told = "修改到时不会自动生效，访客看到的页面不变；修改仍作为草稿留在表单里。"
    elif verb == Verb.DISCARD:
        told = "修改会从表单里消失，访客看到的页面不变；“修改历史”里仍可找回。"
    else:
        told = _what_becomes_of_the_page(verb, at)
    return f"{name}后，{told}确定要{name}吗？"


def _takes_away(verb: Verb, at: Situation) -> bool:
    if verb == Verb.UNSCHEDULE:
        return at.pending is not None and at.pending.is_scheduled
    if verb == Verb.DISCARD:
        return at.pending is not None
    return verb in (Verb.WITHDRAW, Verb.BIN) and at.published


def _what_becomes_of_the_page(verb: Verb, at: Situation) -> str:
    draft = "还没发布的修改会并进稿件。" if at.pending is not None else ""
    if verb == Verb.BIN:
        seen = "没有找到这个页面"
        back = "可以在列表里按“回收站”筛选出来恢复；恢复后是草稿，要重新发布。"
    else:
        seen, back = "这篇内容已下线", "可以随时再发布。"
    if at.state == State.SCHEDULED:
        return f"到时不会自动上线。{draft}内容不会丢，{back}"
    return f"访客再打开它的网址，会看到“{seen}”。{draft}内容不会丢，{back}"


def perform(verb: Verb, item: Publishable, by: User, *, apply_at: datetime | None) -> Event | None:
    """Apply a verb to an item whose text is saved; return what has happened besides.

    `apply_at` is when the change of a published item is to take effect, if not at once. Raises
    ValidationError where the item cannot be published yet.
    """
    if verb == Verb.PUBLISH and apply_at is not None and item.status == Status.PUBLISHED:
        revision: Revision | None = actions.schedule(item, by, apply_at)
    elif verb == Verb.PUBLISH_NOW and item.state == State.SCHEDULED:
        now = timezone.now().isoformat()
        actions.save(item, {**drafts.working_content(item), "go_live_at": now}, by)
        revision = actions.publish(item, by)
    else:
        action = ACTIONS.get(verb)
        revision = action(item, by) if action else None
    return Event(revision.event) if revision is not None else None


ACTIONS: dict[Verb, Callable[[Publishable, User], Revision | None]] = {
    Verb.PUBLISH: actions.publish,
    Verb.PUBLISH_NOW: actions.publish,
    Verb.UNSCHEDULE: actions.unschedule,
    Verb.SUBMIT: actions.submit,
    Verb.DISCARD: actions.discard,
    Verb.WITHDRAW: actions.withdraw,
    Verb.BIN: actions.bin,
}


def outcome(item: Publishable, pending: PendingDraft | None, event: Event | None = None) -> str:
    """Say how things stand after a save: what readers see now, or when they will.

    `event` is what has happened besides the save, where that is to be said instead.
    """
    if event == Event.DISCARDED:
        return "的修改已放弃，页面不变；放弃的内容在“修改历史”里还找得到。"
    if event == Event.UNBINNED:
        return "已从回收站恢复，现在是草稿。"
    if pending is not None:
        return _outcome_pending(item, pending)
    return {
        State.DRAFT: "已保存为草稿。",
        State.IN_REVIEW: "已提交，等待审核。",
        State.SCHEDULED: f"已保存，将于{moment(item.go_live_at)}（北京时间）自动上线。",
        State.LIVE: "已发布，访客现在看到的就是这一版。",
        State.EXPIRED: "已保存；下线时间已过，访客看不到。",
        State.WITHDRAWN: "已保存，处于下线状态，访客看不到。",
        State.DELETED: "已移入回收站。",
    }[item.state]


def _outcome_pending(item: Publishable, pending: PendingDraft) -> str:
    if pending.is_scheduled:
        return f"的修改已定时，将于{moment(pending.apply_at)}（北京时间）自动生效；此前页面不变。"
    if pending.in_review:
        return "的修改已提交，等待审核；此前页面不变。"
    if pending.apply_at is not None:
        at = moment(pending.apply_at)
        return f"的修改已保存为草稿，生效时间{at}（北京时间）已记下；点“定时发布”后才会到点生效。"
    if item.state == State.SCHEDULED:
        return "的修改已保存为草稿；到点上线的仍是之前定好的那一版，要换成这一版请点“定时发布”。"
    return "的修改已保存为草稿；访客看到的页面没有变化，点“发布”后才会更新。"


def not_done(verb: Verb, at: Situation, reason: str) -> str:
    """Say that a verb was not done, and why: it is for those who may publish."""
    return f"没有{label(verb, at)}：{reason}。"


def saved_instead(verb: Verb, at: Situation) -> str:
    """Say what became of a text that was sent with a verb that was not done, and how to go on."""
    return f"{_saved_instead(at)}。{_how_to_go_on(verb, at)}"


def _saved_instead(at: Situation) -> str:
    waiting = at.state == State.SCHEDULED
    page = "到点上线的仍是之前定好的那一版" if waiting else "访客看到的页面没有变化"
    if at.published and at.pending is None:
        return page
    saved = "您填写的内容已保存，正在等待审核" if at.in_review else "您填写的内容已保存为草稿"
    return f"{saved}；{page}" if at.published else saved


def _how_to_go_on(verb: Verb, at: Situation) -> str:
    if verb not in (Verb.PUBLISH, Verb.PUBLISH_NOW) or (at.published and at.pending is None):
        return f"要{label(verb, at)}，请找能发布的同事。"
    return "" if at.in_review else "请点“提交审核”。"
