"""Public pages of this app: services, licences, jobs."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.cms.pagecache.epochs import once
from portal.cms.pagecache.views import cacheable
from portal.cms.paging import page_or_404
from portal.cms.publishing import get_published_or_404
from portal.cms.site import Page
from staffing.models import Job, Licence, Service

JOBS_A_PAGE = 20
SIMILAR_JOBS = 6


@cacheable()
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """List the services in the order the staff gave them; one query."""
    items = Service.objects.published().for_list()
    return render(request, "staffing/services.html", {"services": items})


@cacheable()
@require_safe
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one service, and the others by name; four queries."""
    complete = Service.objects.select_related("cover", "required_licence").prefetch_related(
        "districts", "faqs"
    )
    return service_page(request, get_published_or_404(complete, slug=slug))


def service_page(request: HttpRequest, item: Service) -> HttpResponse:
    """Show a service: one that is published, or a preview."""
    context = {
        "service": item,
        "districts": item.districts.all(),
        "faqs": item.faqs.all(),
        "others": Service.objects.published().exclude(pk=item.pk).for_list(),
    }
    return render(request, "staffing/service.html", context)


@cacheable()
@require_safe
def licences(request: HttpRequest) -> HttpResponse:
    """资质公示: the licences in force, with their scans; one query."""
    items = Licence.objects.public().select_related("scan")
    return render(request, "staffing/licences.html", {"licences": items})


@once
def open_jobs_by_kind() -> dict[str, int]:
    """How many jobs each list of a kind shows; one query over all open jobs, once an epoch."""
    return Job.objects.open().count_by_kind()


@cacheable("page", "before")
@require_safe
def jobs(request: HttpRequest, kind: str = "") -> HttpResponse:
    """List the open jobs, of one kind or of all, newest first; four queries.

    Raises Http404 where there is no such kind, or no such page.
    """
    if kind and kind not in Job.Kind.values:
        raise Http404
    items = Job.objects.open().select_related("district").newest()
    counts = open_jobs_by_kind()
    label = Job.Kind(kind).label if kind else ""
    context = {
        "kind": kind,
        "label": label,
        # 临时工招聘信息 and 兼职招聘信息 are what people look for, and what every footer says.
        "heading": f"{label}招聘信息" if label else "招工信息",
        "filters": [(value, name, counts[value]) for value, name in Job.Kind.choices],
        "page": page_or_404(request, items.of_kind(kind) if kind else items, JOBS_A_PAGE),
        "safety_page": safety_page(),
    }
    return render(request, "staffing/jobs.html", context)


@cacheable()
@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one job, still open or not, and open ones like it; three queries."""
    return job_page(request, get_published_or_404(Job.objects.select_related("district"), pk=pk))


def job_page(request: HttpRequest, item: Job) -> HttpResponse:
    """Show a job: one that is published, or a preview."""
    similar = Job.objects.open().of_kind(item.kind).exclude(pk=item.pk).select_related("district")
    context = {
        "job": item,
        "similar": similar.newest()[:SIMILAR_JOBS],
        "safety_page": safety_page(),
    }
    return render(request, "staffing/job.html", context)


def safety_page() -> Page | None:
    """防骗提示, which jobs link to where the staff have published it; one query."""
    return Page.objects.published().filter(slug="safety").defer("body").first()
