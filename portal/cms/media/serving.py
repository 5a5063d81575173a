"""Uploads over HTTP. A file of the library can be shown or saved, and never run."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
)
from django.utils.http import http_date
from django.views.decorators.http import require_safe
from django.views.static import was_modified_since

from portal.cms.outage import StorageAwayError

PICTURES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".avif": "image/avif",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
DOCUMENTS = {
    ".pdf": "application/pdf",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # A name is never given to another file, so what a browser has is right for ever.
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
AWAY = {"Cache-Control": "no-store", "Retry-After": "60"}


@require_safe
def serve(request: HttpRequest, path: str) -> HttpResponseBase:
    """Send the stored file `path`; 404 for what is none, and for every kind of file we do not keep.

    503 while the storage is away, said to nobody's cache: it is there again in a minute.
    """
    name = PurePosixPath(path)
    content_type = PICTURES.get(name.suffix) or DOCUMENTS.get(name.suffix)
    # The storage would refuse to leave its folder, but by an error: a stray address is no alarm.
    astray = name.is_absolute() or ".." in name.parts or str(name) != path
    if content_type is None or astray or "\x00" in path or "\\" in path:
        raise Http404
    try:
        modified = default_storage.get_modified_time(path)
        if not was_modified_since(request.headers.get("If-Modified-Since"), modified.timestamp()):
            return answered(HttpResponseNotModified(), modified)
        response = FileResponse(default_storage.open(path), content_type=content_type)
    except StorageAwayError:
        response_away = HttpResponse(status=503, headers=AWAY)
        # Not a line of the log for each picture of each visitor: the storage has said so.
        response_away._has_been_logged = True  # type: ignore[attr-defined]
        return response_away
    except (OSError, ValueError) as error:  # no such file, a folder, a name too long
        raise Http404 from error
    if name.suffix in DOCUMENTS:
        # Without a name: the link's `download` attribute names it in the reader's words.
        response["Content-Disposition"] = "attachment"
    return answered(response, modified)


def answered(response: HttpResponseBase, modified: datetime) -> HttpResponseBase:
    for header, value in HEADERS.items():
        response[header] = value
    response["Last-Modified"] = http_date(modified.timestamp())
    return response
