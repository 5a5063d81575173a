"""A form of the desk that cannot be taken: its login has expired, a right went, its item is gone.

What was typed is handed back, on a page that holds all of it. Nothing is stored: whoever sent it is
unknown, or may not write.
"""

from __future__ import annotations

import re
from enum import Enum

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# The desk's verb for showing what was typed in its form (`portal.cms.admin.verbs.Verb.PUT_BACK`), which
# cannot be imported here: the desk's models are registered with a site that imports this.
PUT_BACK = "_put_back"
FORMS = ("/add/", "/change/", "/comment/")
# The form of an item that is gone, of which that of a new one takes the place.
OF_ITEM = re.compile(r"[^/]+/(?:change|comment)/$")
# What is shown to be read, not only carried along.
WORDS = 6


class Why(Enum):
    """Why a form cannot be taken: the template that says so, and the status."""

    EXPIRED = "admin/cms/expired.html", 403
    DENIED = "admin/cms/denied.html", 403
    GONE = "admin/cms/gone.html", 404


def hand_back(request: HttpRequest, why: Why) -> HttpResponse | None:
    """Answer a POST that cannot be taken with what it brought; None where it is no form or holds no text.

    The page sends the fields to the same address again, as typed text to be put back into the form; of
    an item that is gone, into the form of a new one. The buttons are left out, so nothing is done.
    """
    if not request.path_info.endswith(FORMS):
        return None
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if not name.startswith("_") and name != "csrfmiddlewaretoken" and "password" not in name
        for value in values
    ]
    texts = [value for name, value in fields if len(value) >= WORDS and name != "form_token"]
    if not texts:
        return None
    address = request.get_full_path()
    if why == Why.GONE:
        address = OF_ITEM.sub("add/", request.path)
    template, status = why.value
    texts = list(dict.fromkeys(texts))
    context = {"fields": fields, "texts": texts, "put_back": PUT_BACK, "address": address}
    return render(request, template, context, status=status)
