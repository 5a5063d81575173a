"""Standing pages, whose texts editors write, and the contact page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import Resolver404, resolve
from django.views.decorators.common import no_append_slash
from django.views.decorators.http import require_safe

from portal.cms.pagecache.views import cacheable
from portal.cms.publishing import get_published_or_404
from portal.cms.site import Page, SiteProfile


@no_append_slash  # any word may be a page's: `errors.not_found` looks whether it is
@cacheable()
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one page, such as 关于我们; one query."""
    return standing_page(request, get_published_or_404(Page.objects.all(), slug=slug))


def is_address_of_page(path: str) -> bool:
    """Whether a page that is published stands at this path; one query, none for paths of others."""
    try:
        match = resolve(path)
    except Resolver404:
        return False
    return match.func is page and Page.objects.published().filter(**match.kwargs).exists()


def standing_page(request: HttpRequest, item: Page) -> HttpResponse:
    """Show a page: one that is published, or a preview. 联系我们 has a template of its own."""
    template = "portal/contact.html" if item.slug == "contact" else "portal/page.html"
    return render(request, template, {"page": item})


@cacheable()
@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """Show how to reach the agency; one query.

    Numbers and addresses come from the site profile. The text of the page `contact` stands beside
    them where there is one: a site whose editors have not written it yet must be reachable too.
    """
    item = Page.objects.published().filter(slug="contact").first()
    return render(request, "portal/contact.html", {"page": item})


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead browsers that ask without reading the page (as they do for a PDF) to the icon; one query."""
    icon = SiteProfile.load().favicon
    return redirect(icon.image_file.url if icon else static("site/favicon.svg"))
