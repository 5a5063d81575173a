"""What machines read: robots.txt, the sitemaps, and files by which engines know whose site this is."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal.cms.engines import rootfiles, sitemaps
from portal.cms.pagecache.views import cacheable

XML = "application/xml; charset=utf-8"


@cacheable()
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Say what is not for engines, and where they find the rest; no query."""
    return HttpResponse(rootfiles.robots(), "text/plain; charset=utf-8")


@cacheable()
@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sitemaps.index(), XML)


@cacheable()
@require_safe
def sitemap_part(request: HttpRequest, key: str, part: str | None = None) -> HttpResponse:
    """Show a part of the sitemap. Raises Http404 where nothing is in it."""
    text = sitemaps.part(key, int(part) if part else None)
    if text is None:
        raise Http404
    return HttpResponse(text, XML)


@require_safe
def root_file(request: HttpRequest, name: str) -> HttpResponse:
    """Show a file by which an engine knows the site; at most two queries."""
    content = rootfiles.root_file(name)
    if content is None:
        raise Http404
    kind = rootfiles.TYPES[name.rpartition(".")[2]]
    return HttpResponse(content, kind, headers=rootfiles.HEADERS)
