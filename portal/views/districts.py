"""`/districts/<slug>/`: what the agency does in one district. It mixes jobs and articles."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from taggit.models import Tag

from articles.models import Article
from portal.cms.pagecache.views import cacheable
from portal.cms.publishing import get_published_or_404
from portal.districts.models import DistrictPage
from staffing.models import Case, Job, Service

JOBS = 6
ARTICLES = 6
CASES = 3


@cacheable()
@require_safe
def district(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page of a district; eight queries. Raises Http404 while it has too little to show."""
    complete = DistrictPage.objects.select_related("district", "cover")
    item = get_published_or_404(complete, slug=slug)
    if not item.is_live:
        raise Http404
    return district_page(request, item)


def district_page(request: HttpRequest, item: DistrictPage) -> HttpResponse:
    """Show the page of a district: one that is live, or a preview."""
    here = item.district_id or 0  # of one that is not chosen yet, a preview shows nothing
    tag = Tag.objects.filter(name=item.district.name).first() if item.district else None
    articles = Article.objects.published().tagged(tag).defer("body") if tag else ()
    jobs = Job.objects.open().filter(district=here).select_related("district").newest()
    context = {
        "page": item,
        "jobs": jobs[:JOBS],
        "tag": tag,
        "articles": articles[:ARTICLES],
        "cases": Case.objects.published().filter(district=here).for_list()[:CASES],
        "services": Service.objects.published().filter(districts=here).for_list(),
        "others": DistrictPage.objects.live().exclude(pk=item.pk).for_list(),
    }
    return render(request, "portal/district.html", context)
