"""A private file over HTTP, to be saved and never shown."""

from __future__ import annotations

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from portal.cms.accounts import User
from portal.cms.outage import StorageAwayError
from portal.cms.private.links import file_of
from portal.cms.private.uses import use_of

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store, private",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


@require_GET
def serve(request: HttpRequest, token: str) -> HttpResponseBase:
    """Send the file that `token` leads this person to. The desk's own login stands before it.

    The right is asked for again: it may have been taken away since the link was made. GET alone: a HEAD
    would be noted as having been opened.
    """
    user = cast("User", request.user)
    file = file_of(token, user)
    use = use_of(file.used_for) if file else None
    if file is None or use is None:
        raise Http404
    if not use.check(user, file):
        raise PermissionDenied
    try:
        content = file.file.open()
    except StorageAwayError:  # to be said as what it is: the file is not lost
        raise
    except OSError as error:  # lost, with its folder or on its way here
        raise Http404 from error
    use.opened(user, file)
    response = FileResponse(
        content, as_attachment=True, filename=file.name, content_type=file.content_type
    )
    for header, value in HEADERS.items():
        response[header] = value
    return response
