"""A form of the desk that cannot be taken: its login has expired, a right went, its item is gone.

What was typed is handed back, on a page that holds all of it. Nothing is stored: whoever sent it is
unknown, or may not write. The button of that page puts the text back into the form, which shows it and
saves nothing (`portal.cms.admin.desk`): who presses it may not have typed it.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

# The desk's verb for showing what was typed in its form (`portal.cms.admin.verbs.Verb.PUT_BACK`), which
# cannot be imported here: the desk's models are registered with a site that imports this.
PUT_BACK = "_put_back"
# Its value where the POST brings the text itself (`portal.cms.admin.autosaving` knows others).
AS_SENT = "1"
# The pages of which what was typed is handed back.
PAGES = ("/add/", "/change/", "/comment/")
# What is shown to be read, not only carried along; and what nobody has written: choices, numbers, dates.
WORDS = 6
SIGNS = re.compile(r"[\w-]{0,40}|[\d/:.-]{0,40}", re.ASCII)
# Of a form that was put back: where it came from (`portal.cms.admin.autosaving`).
SOURCE = "put_back"
# What a box of one line shows on a phone.
LINE = 20
# The largest POST that is handed back where nobody is signed in: the answer is several times as large.
MOST_OF_STRANGERS = 2 * 1024 * 1024


class Why(Enum):
    """Why a form cannot be taken: the template that says so, and the status."""

    EXPIRED = "admin/cms/expired.html", 403
    DENIED = "admin/cms/denied.html", 403
    GONE = "admin/cms/gone.html", 404
    FACTOR = "admin/cms/factor.html", 403


class Field(NamedTuple):
    """A field as it was sent."""

    name: str
    value: str

    @property
    def is_text(self) -> bool:
        written = len(self.value) >= WORDS and not SIGNS.fullmatch(self.value)
        return written and self.name != SOURCE

    @property
    def is_line(self) -> bool:
        return len(self.value) <= LINE and not {"\r", "\n"} & set(self.value)


def puts_back(request: HttpRequest) -> bool:
    """Whether a text is sent to be shown in its form again, and not to be saved."""
    return request.method == "POST" and PUT_BACK in request.POST


def admin_of_form(request: HttpRequest) -> Any | None:
    """Return the ModelAdmin whose form was sent, of an item or a new one; None: it is another page.

    By `model_admin` Django marks the views of its own; the forms of folders, say, have none.
    """
    match = request.resolver_match
    if match is None or not (match.url_name or "").endswith(("_add", "_change")):
        return None
    return getattr(match.func, "model_admin", None)


def hand_back(request: HttpRequest, why: Why, *, is_ours: bool = True) -> HttpResponse | None:
    """Answer a POST that cannot be taken with what it brought; None where it is no form or holds no text.

    The page sends the fields to the same address again, as typed text to be put back into the form; of
    an item that is gone, into the form of a new one. The buttons are left out, so nothing is done.
    Where there is no such form, or where the one that was sent may not be `is_ours`, the texts are only
    shown.
    """
    if not request.path_info.endswith(PAGES):
        return None
    if request.user.is_anonymous and _size(request) > MOST_OF_STRANGERS:
        return render(request, "403.html", {"stale_form": True}, status=403)
    fields = [
        Field(name, value)
        for name, values in request.POST.lists()
        if not name.startswith("_") and name != "csrfmiddlewaretoken" and "password" not in name
        for value in values
    ]
    texts = [field for field in fields if field.is_text]
    if not texts:
        return None
    template, status = why.value
    context = {
        "texts": texts,
        "carried": [field for field in fields if not field.is_text],
        "put_back": PUT_BACK,
        "as_sent": AS_SENT,
        "address": _address(request, why) if is_ours else "",
    }
    return render(request, template, context, status=status)


def _size(request: HttpRequest) -> int:
    """Return the size of a POST before anything of it is read: to read it takes many times as much."""
    sent = request.headers.get("Content-Length", "")
    return int(sent) if sent.isdecimal() else 0


def _address(request: HttpRequest, why: Why) -> str:
    """Return where a text can be put back; "" where no form takes it, or not from this person."""
    model_admin = admin_of_form(request)
    if model_admin is None:
        return ""
    if why != Why.GONE:
        return request.get_full_path()
    if not model_admin.has_add_permission(request):
        return ""
    opts = model_admin.opts
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_add")
