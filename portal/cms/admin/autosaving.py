"""What is typed in open forms is kept before anybody saves it, and offered again.

Every form that is shown has a token of its own, under which the browser has its text kept (`pulse`);
what a POST brought that could not be saved is kept in the same way, JavaScript or not. A form opened
later offers whatever was never saved, also where the item has been changed since: a text put back
still names the version it began with, so saving it leads to the comparison.

No two pages share a token, or one could overwrite what the other has kept. What is put back stands in
a form with a new one, which names the form it came from (`put_back`): that one may still be open, in
another tab or on another machine. `PublishableAdmin` calls `put_back`, `keep` and `forget`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import CharField, TextField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import strip_tags
from django.views.decorators.http import require_http_methods

from portal.cms.admin.desk import desk_page, person
from portal.cms.admin.kept import Data, about, first, left, may_write, spend, store, worth_keeping
from portal.cms.admin.pulse import newer, others, pulse
from portal.cms.admin.verbs import Verb
from portal.cms.publishing import Publishable
from portal.cms.times import moment

# In the session: the tokens of the forms saved last, by which browsers clear their own copies.
DONE, DONE_COUNT = "done_forms", 20
# The most texts that one form offers.
MOST_OFFERS = 10
# The values of `Verb.PUT_BACK` in a POST that brings the text itself: the form as it was sent, to be
# shown again, or the browser's own copy. Any other is the token of a kept text.
AS_SENT, FROM_BROWSER = "1", "browser"
# Where a line of rich text ends.
BLOCK_END = re.compile(r"</(?:p|h\d|li|tr|figure)>|<br>")


def urls(model_admin: Any) -> list[URLPattern]:
    """Return the pages: the pulse of a form, of an item or a new one, and throwing a text away."""
    name = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}"

    def page(view: Any) -> Any:
        limited = require_http_methods(["GET", "POST"])(partial(view, model_admin))
        return model_admin.admin_site.admin_view(limited)

    return [
        path("pulse/", page(pulse), name=f"{name}_pulse"),
        path("<int:object_id>/pulse/", page(pulse), name=f"{name}_pulse"),
        path("autosave/<uuid:token>/", page(throw_away), name=f"{name}_throw_away"),
    ]


def _url(model_admin: Any, page: str, *args: Any) -> str:
    name = f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_{page}"
    return reverse(name, args=args, current_app=model_admin.admin_site.name)


# --- The form that an answer shows ------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """A form as one answer shows it: its token, and the forms that it has taken over from."""

    token: UUID
    put_back: list[str]  # of each its token, and the moment up to which it was taken over


def _opened(request: HttpRequest) -> Opened:
    """Return the form that the answer to this request shows; the same one whenever asked."""
    if not hasattr(request, "opened_form"):
        sources = request.POST.getlist("put_back")
        source = _sent_token(request)
        if source and Verb.of(request.POST) == Verb.PUT_BACK:
            sources = [*sources, f"{source} {timezone.now().isoformat()}"]
        request.opened_form = Opened(uuid4(), sources)  # type: ignore[attr-defined]
    return request.opened_form  # type: ignore[attr-defined,no-any-return]


def _sent_token(request: HttpRequest) -> UUID | None:
    return _uuid(request.POST.get("form_token", ""))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _taken_over(sources: list[str]) -> Iterator[tuple[UUID, datetime]]:
    """Read `Opened.put_back` as a form sends it; what makes no sense is passed over."""
    for source in sources:
        named, _, until = source.partition(" ")
        try:
            token, at = UUID(named), parse_datetime(until)
        except ValueError:
            continue
        if at is not None and timezone.is_aware(at):
            yield token, at


@dataclass(frozen=True)
class Offer:
    """A text left in a form, as a form opened later offers it."""

    token: UUID
    at: datetime
    title: str
    outdated: bool  # the item has been changed since that form was opened
    throw_away_url: str


def context(
    model_admin: Any, request: HttpRequest, form: Any, item: Publishable | None
) -> dict[str, Any]:
    """Return what `_autosave.html` shows; two queries."""
    pk, by = item.pk if item else None, person(request)
    if not may_write(model_admin, request, pk):
        return {}
    shown = {
        "form": _opened(request),
        "title_field": model_admin.title_field,
        "unsaved": form.is_bound,
        "pulse_url": _url(model_admin, "pulse", *([pk] if pk else [])),
        "done": " ".join(request.session.get(DONE, [])),
        "others": others(item, by),
    }
    if form.is_bound:
        shown["newer"] = newer(item, _number(form.sent_version), by)
    else:
        shown["offers"] = _offers(model_admin, request, item)
    return {"autosave": shown}


def _offers(model_admin: Any, request: HttpRequest, item: Publishable | None) -> list[Offer]:
    """Return what is left in this person's other forms of the item, the latest first."""
    own = left(**about(model_admin, request, item.pk if item else None))
    rows = list(own.order_by("-saved_at")[:MOST_OFFERS])
    taken_over: dict[UUID, datetime] = {}
    for row in rows:
        for token, at in _taken_over(row.data.get("put_back", [])):
            taken_over[token] = max(at, taken_over.get(token, at))
    return [
        Offer(
            row.token,
            row.saved_at,
            first(row.data, model_admin.title_field),
            item is not None and first(row.data, "edit_version") != str(item.edit_version),
            _url(model_admin, "throw_away", row.token),
        )
        for row in rows
        # All there was in it stands in a later form.
        if not (row.token in taken_over and row.saved_at <= taken_over[row.token])
    ]


# --- Between the form and what is kept --------------------------------------------------------------


def put_back(model_admin: Any, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
    """Make a POST that puts a kept text back the one that sends it; an answer where it is not there.

    Called before anything reads the fields.
    """
    named, unsaved = request.POST[Verb.PUT_BACK], "还没有保存：请核对后点“保存草稿”。"
    if named == FROM_BROWSER:
        model_admin.message_user(request, f"已放回这台电脑里的文字，{unsaved}", messages.WARNING)
    if named in (AS_SENT, FROM_BROWSER):
        return None
    own = left(**about(model_admin, request, _number(object_id or "")))
    row = own.filter(token=_uuid(named)).first()
    if row is None:
        gone = "这份文字已经不在了：可能已经保存，或者已经丢弃。"
        model_admin.message_user(request, gone, messages.WARNING)
        # What stands in the form was sent along, and may stand nowhere else: it is shown again.
        typed = model_admin.title_field in request.POST
        return None if typed else HttpResponseRedirect(request.get_full_path())
    sent = QueryDict(mutable=True)
    # The POST itself has the verb, the CSRF token, and whether the form is a pop-up.
    for name, values in (*request.POST.lists(), *row.data.items()):
        sent.setlist(name, values)
    sent["form_token"] = str(row.token)
    request.POST = sent  # type: ignore[assignment]
    restored = f"已放回{moment(row.saved_at)} 的文字，{unsaved}"
    model_admin.message_user(request, restored, messages.WARNING)
    return None


def keep(model_admin: Any, request: HttpRequest, item: Publishable | None) -> None:
    """Keep what was sent and is not saved, as it has faults or was only put back.

    It is kept for the form that the answer shows. A preview stands beside the form that sent it, so
    its text is that form's, unless more has been kept of that one already.
    """
    form = about(model_admin, request, item.pk if item else None)
    data = worth_keeping(dict(request.POST.lists()))
    verb, sent = Verb.of(request.POST), _sent_token(request)
    if verb == Verb.PREVIEW:
        model_admin.message_user(request, "先改好下面几处，再预览。", messages.WARNING)
        store(form, sent or uuid4(), data)
        return
    opened = _opened(request)
    store(form, opened.token, {**data, "put_back": opened.put_back})
    if sent and verb != Verb.PUT_BACK:
        spend(form, sent)
        _tell_browser(request, sent)


def forget(model_admin: Any, request: HttpRequest, item: Publishable | None) -> None:
    """Drop what was kept of a form, as what it sent is stored, and of those it has taken over from.

    Of these only what it has taken over: they may still be open, and further on by now. `item` is
    None for the form of a new one.
    """
    if sent := _sent_token(request):
        spend(about(model_admin, request, item.pk if item else None), sent)
        _tell_browser(request, sent)
    for token, at in _taken_over(request.POST.getlist("put_back")):
        left(user=person(request), token=token, saved_at__lte=at).delete()


def _tell_browser(request: HttpRequest, token: UUID) -> None:
    """Have the browser's own copy cleared, by the next form it opens."""
    done = [*request.session.get(DONE, []), str(token)]
    request.session[DONE] = done[-DONE_COUNT:]


# --- Throwing a text away ---------------------------------------------------------------------------


def throw_away(model_admin: Any, request: HttpRequest, token: UUID) -> HttpResponse:
    """Show a text that was left in a form, and throw it away when told to."""
    content_type = ContentType.objects.get_for_model(model_admin.model)
    row = left(user=person(request), content_type=content_type, token=token).first()
    if row is None:
        model_admin.message_user(request, "这份文字已经不在了。", messages.WARNING)
        return HttpResponseRedirect(_url(model_admin, "changelist"))
    if not may_write(model_admin, request, row.object_id):
        raise PermissionDenied
    pk = row.object_id
    form_url = _url(model_admin, "change", pk) if pk else _url(model_admin, "add")
    if request.method == "POST":
        row.delete()  # not spent: its form may still be open, and goes on being kept
        _tell_browser(request, token)
        model_admin.message_user(request, "已丢弃那份没有保存的文字。", messages.SUCCESS)
        return HttpResponseRedirect(form_url)
    shown = {
        "title": "丢弃没有保存的文字",
        "left": row,
        "form_url": form_url,
        "texts": list(_texts(model_admin, row.data)),
    }
    return desk_page(model_admin, request, "admin/cms/throw_away.html", shown)


def _texts(model_admin: Any, data: Data) -> Iterator[tuple[str, str]]:
    """Return what was typed into the item's own fields as plain text, each with its label."""
    for name, values in data.items():
        try:
            field = model_admin.opts.get_field(name)
        except FieldDoesNotExist:
            continue
        text = strip_tags(BLOCK_END.sub("\n", "\n".join(values))).strip()
        if text and isinstance(field, (CharField, TextField)) and not field.choices:
            yield str(field.verbose_name), text
