"""A text that came too late, beside the one that was saved meanwhile: merged where that is possible.

A stale save leaves a REFUSED revision (`actions.refuse`), and its writer here. The page can be opened
again from the history at any time, and is made anew each time from what is under work then.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from portal.cms.admin.desk import person
from portal.cms.admin.history import item_or_404, locked_or_404, page, revision_or_404, versions_of
from portal.cms.admin.verbs import outcome
from portal.cms.publishing import Publishable
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.compare import Reader
from portal.cms.revisions.content import Content, same
from portal.cms.revisions.diff import Line
from portal.cms.revisions.merge import Kind, Merge, MergedField, Passage, Verdict, merge
from portal.cms.revisions.models import Event, Revision
from portal.cms.times import moment

if TYPE_CHECKING:
    from portal.cms.admin.publishable import PublishableAdmin

# The buttons.
MERGED, MINE, THEIRS = "_merge", "_mine", "_theirs"
MERGED_NOTE = "已合并到稿件里。"
NAMED = 50  # of the saves in between, so many are looked at for their names


def urls(model_admin: PublishableAdmin) -> list[URLPattern]:
    name = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_conflict"
    view = require_http_methods(["GET", "HEAD", "POST"])(partial(conflict_view, model_admin))
    wrapped = model_admin.admin_site.admin_view(view)
    return [path("<path:object_id>/conflict/<str:number>/", wrapped, name=name)]


def began(request: HttpRequest, item: Publishable) -> int | None:
    """Return the version that the form in this request began with; None where it does not say."""
    sent = request.POST.get("edit_version", "")
    if not (sent.isascii() and sent.isdecimal() and len(sent) < 10):
        return None
    version = int(sent)
    return version if 0 < version <= item.edit_version else None


def show(
    model_admin: PublishableAdmin, request: HttpRequest, item: Publishable, kept: Revision
) -> HttpResponse:
    """Lead the writer of a text that came too late to its page."""
    response = HttpResponseRedirect(model_admin.url_of("conflict", item, kept.pk))
    response.status_code = 303  # whatever was sent: the next page is only looked at
    return response


# --- The page -------------------------------------------------------------------------------------------


def conflict_view(
    model_admin: PublishableAdmin, request: HttpRequest, object_id: str, number: str
) -> HttpResponse:
    """Show both texts and what they make together; on POST, do what was chosen."""
    item, kept = found(model_admin, request, object_id, number)
    if request.method != "POST":
        return answer(model_admin, request, item, kept)
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    with transaction.atomic():
        locked = locked_or_404(model_admin, request, object_id)
        return decide(model_admin, request, locked, kept)


def found(
    model_admin: PublishableAdmin, request: HttpRequest, object_id: str, number: str
) -> tuple[Any, Revision]:
    """Return the item and the text, for its writer, and for those who may change such items."""
    item = item_or_404(model_admin, request, object_id)
    kept = revision_or_404(item, number)
    if kept.event != Event.REFUSED:
        raise Http404
    if kept.by_id != person(request).pk and not model_admin.has_change_permission(request):
        raise PermissionDenied
    return item, kept


@dataclass(frozen=True)
class Texts:
    """The three texts of a page: what both began with, if that is known, theirs, and the one kept."""

    base: Content | None
    theirs: Content
    mine: Content

    @classmethod
    def of(cls, item: Publishable, kept: Revision) -> Texts:
        began = actions.latest_revision(item, version=kept.version)
        base = began.content if began is not None else None
        return cls(base, drafts.working_content(item), kept.content)

    def merged(self, model: type[Publishable]) -> Merge:
        return merge(model, self.base, self.theirs, self.mine)

    def is_settled(self, merged: Merge) -> bool:
        """Whether theirs has by now whatever mine has changed."""
        if merged.collisions:
            return same(self.mine, self.theirs)
        return same(merged.content(), self.theirs)


def decide(
    model_admin: PublishableAdmin, request: HttpRequest, item: Publishable, kept: Revision
) -> HttpResponse:
    """Save what was chosen, unless somebody has saved once more since the page was opened."""
    reason = model_admin.lock_reason(request, item)
    if reason or THEIRS in request.POST:
        return leave(model_admin, request, item, reason)
    merged = Texts.of(item, kept).merged(model_admin.model)
    chosen = {p.key for p in merged.collisions if request.POST.get(f"use-{p.key}") == "theirs"}
    if request.POST.get("edit_version") != str(item.edit_version):
        problem = (
            "您在选择的时候，又有人保存了一次，所以还没有存入。下面已经换成最新的内容，请再选一次。"
        )
        return answer(model_admin, request, item, kept, problem)
    if MINE in request.POST:
        content = {**merged.content(), **kept.content}
    else:
        content = merged.content(chosen)
    try:
        with transaction.atomic():
            actions.save(item, content, person(request), Event.MERGED)
    except ValidationError as error:
        item = item_or_404(model_admin, request, str(item.pk))
        problem = f"没有存入：{''.join(error.messages)}"
        return answer(model_admin, request, item, kept, problem, chosen)
    kept.note = MERGED_NOTE  # the history offers it no more
    kept.save(update_fields=["note"])
    return done(model_admin, request, item)


def leave(
    model_admin: PublishableAdmin, request: HttpRequest, item: Publishable, reason: str
) -> HttpResponse:
    """Change nothing: that was chosen, or the item is not to be changed now."""
    if reason:
        model_admin.message_user(request, f"没有存入：{reason}", messages.ERROR)
    else:
        message = "保留了对方的内容。您的文字仍在“修改历史”里，随时可以再合并。"
        model_admin.message_user(request, message, messages.SUCCESS)
    return model_admin.to_form(request, item)


def done(model_admin: PublishableAdmin, request: HttpRequest, item: Publishable) -> HttpResponse:
    model_admin.log_change(request, item, Event.MERGED.label)
    state = outcome(item, drafts.pending_of(item))
    message = format_html("两边的文字已合到一起：“{}”{}", item, state)
    model_admin.message_user(request, message, messages.SUCCESS)
    return model_admin.to_form(request, item)


def answer(
    model_admin: PublishableAdmin,
    request: HttpRequest,
    item: Publishable,
    kept: Revision,
    problem: str = "",
    chosen: Collection[str] = (),
) -> HttpResponse:
    texts = Texts.of(item, kept)
    merged = texts.merged(model_admin.model)
    own = kept.by_id == person(request).pk
    return page(
        model_admin,
        request,
        "conflict",
        item,
        title=f"两份文字：{item}",
        kept=kept,
        story=story(item, kept, request),
        problem=problem,
        lock_reason=model_admin.lock_reason(request, item),
        may_decide=model_admin.has_change_permission(request),
        sections=sections(model_admin.model, merged, chosen),
        collisions=len(merged.collisions),
        has_base=texts.base is not None,
        is_settled=texts.is_settled(merged),
        mine="我" if own else kept.by or "同事",
    )


def story(item: Publishable, kept: Revision, request: HttpRequest) -> str:
    """Say who saved when, so that the text was not, and that it is not lost."""
    you = person(request)
    writer = "您" if kept.by_id == you.pk else kept.by or "同事"
    saves = list(versions_of(item).filter(version__gt=kept.version).defer("content")[:NAMED])
    if not saves:
        return f"{writer}的文字没有存入，也没有丢，已存为修改记录；此后没有别人保存过。"
    names = dict.fromkeys(
        "您自己（在别的窗口）" if save.by_id == you.pk else str(save.by or "同事") for save in saves
    )
    who = "、".join(reversed(names))
    opened = f"{writer}打开表单之后，" if kept.version else ""
    return (
        f"{opened}{who}在{moment(saves[0].at)}保存过，所以{writer}的文字没有直接存入。"
        f"{writer}的文字没有丢，已存为修改记录。"
    )


# --- Beside each other ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One passage as the page shows it. Of one that stayed, only how many blocks it has."""

    key: str
    verdict: Verdict
    theirs: list[Line]
    mine: list[Line]
    result: list[Line]
    use_theirs: bool = False
    count: int = 0


@dataclass(frozen=True)
class Section:
    """One field that somebody changed."""

    label: str
    rows: list[Row]


def sections(model: type[Any], merged: Merge, chosen: Collection[str]) -> list[Section]:
    """Return the fields that either side changed, in the order of the model."""
    reader = Reader(model, *contents_of(merged))
    fields = {field.name: field for field in merged.fields}
    changed = (
        fields[name]
        for name in (*reader.fields, *model.parts)
        if name in fields and any(p.verdict != Verdict.SAME for p in fields[name].passages)
    )
    return [
        Section(
            reader.label(field.name),
            [row_of(reader, field, passage, chosen) for passage in field.passages],
        )
        for field in changed
    ]


def contents_of(merged: Merge) -> list[Content]:
    """Return all that the page reads out: both sides, and what they began with."""
    return [
        {
            field.name: whole(field.kind, [getattr(p, side) for p in field.passages])
            for field in merged.fields
        }
        for side in ("base", "theirs", "mine")
    ]


def whole(kind: Kind, values: list[Any]) -> Any:
    """Join passages as they are; what is only shown needs no cleaning."""
    return (
        "".join("".join(blocks) for blocks in values) if kind == Kind.TEXT else kind.joined(values)
    )


def row_of(reader: Reader, field: MergedField, passage: Passage, chosen: Collection[str]) -> Row:
    if passage.verdict == Verdict.SAME:
        return Row(passage.key, Verdict.SAME, [], [], [], count=len(passage.base))
    base, theirs, mine, result = (
        whole(field.kind, [value])
        for value in (passage.base, passage.theirs, passage.mine, passage.merged)
    )

    def lines(value: Any) -> list[Line]:
        return reader.lines(field.name, base, value) if value != base else []

    # Where it is not known what both began with, theirs stands for it, and is shown as it is.
    beginning = passage.collides and theirs == base
    return Row(
        passage.key,
        passage.verdict,
        theirs=reader.shown(field.name, theirs) if beginning else lines(theirs),
        mine=lines(mine),
        result=lines(result),
        use_theirs=passage.key in chosen,
    )
