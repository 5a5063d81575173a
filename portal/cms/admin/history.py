"""修改历史: every version of an item, what each changed, any two beside each other, and back to one.

Whoever may see an item may see how it came about. Only what is shown is loaded: the list knows of a
version when, who and what, and reads the contents of the ones on its page to say what they changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from portal.cms.admin.desk import desk_page, person
from portal.cms.admin.verbs import outcome
from portal.cms.locking import lock
from portal.cms.publishing import Publishable, Status
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.compare import Reader, compare, summary
from portal.cms.revisions.content import Content, content_of, same
from portal.cms.revisions.diff import Line
from portal.cms.revisions.models import Event, PendingDraft, Revision
from portal.cms.richtext.field import texts_of
from portal.cms.times import moment

if TYPE_CHECKING:
    from portal.cms.admin.publishable import PublishableAdmin

ENTRIES = 20  # a page
READ = 300  # revisions a page may be made of: an entry folds any number of them
CHOICES = 50  # the latest versions that the page of comparison offers

# Saves of one person become one entry when they lie so close together, and with what was then done.
TOGETHER = timedelta(minutes=10)
FOLDS_SAVES = (Event.SAVED, Event.SUBMITTED, Event.PUBLISHED, Event.SCHEDULED)


def urls(model_admin: PublishableAdmin) -> list[URLPattern]:
    """Before Django's own: the page of history takes the place of its list of log entries."""
    pages = [
        ("history/", "history", require_safe(partial(history_view, model_admin))),
        ("history/<str:number>/", "revision", require_safe(partial(revision_view, model_admin))),
        (
            "restore/<str:number>/",
            "restore",
            require_POST(partial(restore_view, model_admin)),
        ),
        ("compare/", "compare", require_safe(partial(compare_view, model_admin))),
    ]
    prefix = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}"
    return [
        path(f"<path:object_id>/{route}", wrap(model_admin, view), name=f"{prefix}_{name}")
        for route, name, view in pages
    ]


def wrap(model_admin: PublishableAdmin, view: Any) -> Any:
    return model_admin.admin_site.admin_view(view)


# --- What is asked for ----------------------------------------------------------------------------------


def item_or_404(model_admin: PublishableAdmin, request: HttpRequest, object_id: str) -> Any:
    """Return an item this person may see, as it is stored."""
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    try:
        item = model_admin.get_queryset(request).filter(pk=unquote(object_id)).first()
    except (ValueError, ValidationError):
        item = None
    if item is None:
        raise Http404
    return item


def locked_or_404(model_admin: PublishableAdmin, request: HttpRequest, object_id: str) -> Any:
    """Return an item this person may see, as it is stored, that nobody else writes meanwhile.

    Never the one of the form (`get_object`): its pending draft has been put into that.
    """
    item = item_or_404(model_admin, request, object_id)
    locked = lock(model_admin.model, item.pk)
    if locked is None:
        raise Http404
    return locked


def revision_or_404(item: Publishable, number: str) -> Revision:
    revision = None
    if number.isascii() and number.isdecimal():
        revision = revisions_of(item).filter(pk=number).first()
    if revision is None:
        raise Http404
    return revision


def revisions_of(item: Publishable) -> QuerySet[Revision]:
    """Return the revisions of an item with their people, the latest first."""
    found: QuerySet[Revision] = Revision.objects.about(item)
    return found.select_related("by").order_by("-pk")


def versions_of(item: Publishable) -> QuerySet[Revision]:
    """Leave out what never was a version of the item."""
    return revisions_of(item).exclude(event=Event.REFUSED)


def may_restore(model_admin: PublishableAdmin, request: HttpRequest, item: Publishable) -> bool:
    allowed = model_admin.has_change_permission(request)
    return allowed and not model_admin.lock_reason(request, item)


def may_merge(model_admin: PublishableAdmin, request: HttpRequest, revision: Revision) -> bool:
    """Whether to offer a text that came too late for merging: once, as its note tells afterwards."""
    if revision.event != Event.REFUSED or revision.note:
        return False
    return revision.by_id == person(request).pk or model_admin.has_change_permission(request)


def page(
    model_admin: PublishableAdmin, request: HttpRequest, name: str, item: Publishable, **more: Any
) -> TemplateResponse:
    """Answer with one of the pages about the versions of an item."""
    shown = {"original": item, "may_restore": may_restore(model_admin, request, item), **more}
    return desk_page(model_admin, request, f"admin/cms/{name}.html", shown)


# --- The list -------------------------------------------------------------------------------------------


@dataclass
class Entry:
    """What one person did in one go: the latest revision of it, and all of them."""

    latest: Revision
    revisions: list[Revision]
    previous: Revision | None = None  # the version before all of them
    summary: str = ""
    is_now: bool = False  # what is under work says the same

    @property
    def refused(self) -> bool:
        return self.latest.event == Event.REFUSED

    def takes(self, revision: Revision) -> bool:
        """Whether the next older revision is part of the same going over the text."""
        return (
            self.latest.event in FOLDS_SAVES
            and revision.event == Event.SAVED
            and revision.by_id == self.latest.by_id
            and self.latest.at - revision.at <= TOGETHER
        )


def history_view(
    model_admin: PublishableAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Answer with a page of the history; `?before=` a revision, further pages."""
    item = item_or_404(model_admin, request, object_id)
    rows = revisions_of(item).defer("content")
    before = request.GET.get("before")
    if before is not None:
        rows = rows.filter(pk__lt=revision_or_404(item, before).pk)
    revisions = list(rows[:READ])
    entries = folded(revisions)
    shown, rest = entries[:ENTRIES], entries[ENTRIES:]
    describe(model_admin, item, shown)
    return page(
        model_admin,
        request,
        "history",
        item,
        title=f"修改历史：{item}",
        entries=shown,
        older=shown[-1].revisions[-1].pk if rest or len(revisions) == READ else None,
        is_first=before is None,
        mergeable=[e.latest for e in shown if may_merge(model_admin, request, e.latest)],
    )


def folded(revisions: list[Revision]) -> list[Entry]:
    """Make entries of revisions, the latest first."""
    entries: list[Entry] = []
    for revision in revisions:
        if entries and entries[-1].takes(revision):
            entries[-1].revisions.append(revision)
        else:
            entries.append(Entry(revision, [revision]))
    previous = None
    for entry in reversed(entries):
        entry.previous = previous
        if not entry.refused:
            previous = entry.latest
    return entries


def describe(model_admin: PublishableAdmin, item: Publishable, entries: list[Entry]) -> None:
    """Say what each entry changed, against the version before it. Loads their contents, at once."""
    ends = [entry.latest.pk for entry in entries]
    ends += [entry.previous.pk for entry in entries if entry.previous]
    contents = dict(Revision.objects.filter(pk__in=ends).values_list("pk", "content"))
    now = drafts.working_content(item)
    for entry in entries:
        content = contents[entry.latest.pk]
        entry.is_now = same(content, now)
        if entry.previous and not entry.refused:
            entry.summary = summary(model_admin.model, contents[entry.previous.pk], content)


# --- One version ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """One field of a version: `html` of a rich text, else lines."""

    label: str
    lines: list[Line]
    html: str = ""


def revision_view(
    model_admin: PublishableAdmin, request: HttpRequest, object_id: str, number: str
) -> HttpResponse:
    """Answer with everything that one version says."""
    item = item_or_404(model_admin, request, object_id)
    revision = revision_or_404(item, number)
    return page(
        model_admin,
        request,
        "revision",
        item,
        title=f"{called(revision)}：{item}",
        revision=revision,
        fields=fields_of(model_admin.model, revision.content),
        previous=before(item, revision),
        is_now=same(revision.content, drafts.working_content(item)),
        may_merge=may_merge(model_admin, request, revision),
    )


def fields_of(model: type[Publishable], content: Content) -> list[Shown]:
    """Return what a content says, field by field, without what is empty."""
    reader = Reader(model, content)
    texts = {text.name for text in texts_of(model)}
    return [
        Shown(reader.label(name), [], content[name])
        if name in texts
        else Shown(reader.label(name), reader.shown(name, content[name]))
        for name in (*reader.fields, *model.parts)
        if content.get(name) not in (None, "", [])
    ]


def called(revision: Revision) -> str:
    """Return what a version is called: `2026年1月5日 09:00 小林 保存`."""
    who = f" {revision.by}" if revision.by else ""
    return f"{moment(revision.at)}{who} {revision.get_event_display()}"


def before(item: Publishable, revision: Revision) -> Revision | None:
    """Return the version before a revision; before a refused text, the one it began with."""
    if revision.event == Event.REFUSED:
        return actions.latest_revision(item, version=revision.version)
    return versions_of(item).filter(pk__lt=revision.pk).first()


@transaction.atomic
def restore_view(
    model_admin: PublishableAdmin, request: HttpRequest, object_id: str, number: str
) -> HttpResponse:
    """Make an old version the text under work again; what is there now stays in the history."""
    item = locked_or_404(model_admin, request, object_id)
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    revision = revision_or_404(item, number)
    try:
        made = restore(model_admin, request, item, revision)
    except ValidationError as error:
        message = f"没有恢复：{''.join(error.messages)}"
        model_admin.message_user(request, message, messages.ERROR)
        return HttpResponseRedirect(model_admin.url_of("history", item))
    model_admin.log_change(request, item, f"恢复{moment(revision.at)}的版本")
    message = format_html(
        "已恢复{}的版本。{}“{}”{}",
        moment(revision.at),
        made.note,
        item,
        outcome(item, drafts.pending_of(item)),
    )
    model_admin.message_user(request, message, messages.SUCCESS)
    return model_admin.to_form(request, item)


def restore(
    model_admin: PublishableAdmin, request: HttpRequest, item: Publishable, revision: Revision
) -> Revision:
    """Restore a version; its `note` says what could not be. Raises ValidationError saying why not."""
    if reason := model_admin.lock_reason(request, item):
        raise ValidationError(reason)
    with transaction.atomic():
        made = actions.restore(item, revision, person(request))
    if made is None:
        raise ValidationError("这一版与现在的内容相同。")
    return made


# --- Two versions ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """One of the two versions: how it stands in the address, what it is called, what it says."""

    value: str
    label: str
    content: Content


def compare_view(
    model_admin: PublishableAdmin, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Answer with what differs between `?from=` and `?to=`: a revision, `live` or `draft`.

    Without `to`, the text under work; without `from`, the version before `to`, or what is live.
    """
    item = item_or_404(model_admin, request, object_id)
    pending = drafts.pending_of(item)
    new = side(item, pending, request.GET.get("to") or "draft")
    old = side(item, pending, request.GET.get("from") or default_from(item, new.value))
    return page(
        model_admin,
        request,
        "compare",
        item,
        title=f"对比：{item}",
        old=old,
        new=new,
        differences=compare(model_admin.model, old.content, new.content),
        choices=choices(item, pending, old, new),
        nothing_pending=not request.GET and pending is None,
    )


def default_from(item: Publishable, to: str) -> str:
    if not to.isdecimal():
        return "live"
    earlier = before(item, revision_or_404(item, to))
    if earlier is None:
        raise Http404("没有更早的版本。")
    return str(earlier.pk)


def side(item: Publishable, pending: PendingDraft | None, value: str) -> Side:
    if value == "live":
        label = "线上版本" if item.status == Status.PUBLISHED else "现在的内容"
        return Side(value, label, content_of(item))
    if value == "draft":
        label = "未发布的修改" if pending else "现在的内容"
        return Side(value, label, drafts.working_content(item))
    revision = revision_or_404(item, value)
    return Side(value, called(revision), revision.content)


def choices(item: Publishable, pending: PendingDraft | None, *sides: Side) -> list[tuple[str, str]]:
    """Return what may be compared: what is there now, the latest versions, and the two on the page."""
    now = (
        [("draft", "未发布的修改"), ("live", "线上版本")] if pending else [("draft", "现在的内容")]
    )
    versions = versions_of(item).defer("content")[:CHOICES]
    named = dict([*now, *((str(version.pk), called(version)) for version in versions)])
    for shown in sides:
        named.setdefault(shown.value, shown.label)
    return list(named.items())
