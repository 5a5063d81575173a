"""A form of the desk that arrives after its login has expired: what was typed is handed back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# The desk's verb for showing what was typed in its form (`portal.cms.admin.verbs.Verb.PUT_BACK`), which
# cannot be imported here: the desk's models are registered with a site that imports this.
PUT_BACK = "_put_back"
FORMS = ("/add/", "/change/")
# What is shown to be read, not only carried along.
WORDS = 6


def hand_back(request: HttpRequest) -> HttpResponse | None:
    """Answer a POST that cannot be taken with a page that holds all of it; None where it is no form or holds no text.

    Nothing is stored, for whoever sent it is unknown. The page sends the fields to the same address
    again, as typed text to be put back into the form: the buttons are left out, so nothing is done.
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
    context = {"fields": fields, "texts": texts, "put_back": PUT_BACK}
    return render(request, "admin/cms/expired.html", context, status=403)
