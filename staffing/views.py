"""Public pages of this app: services, licences, jobs."""

from __future__ import annotations

from django.db.models import Case, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.cms.pagecache.views import cacheable
from portal.cms.paging import page_or_404
from portal.cms.publishing import Gone, get_published_or_404
from portal.cms.site import Page, current_profile
from staffing.jobs import listing
from staffing.jobs.posting import job_posting
from staffing.models import Job, Licence, Service
from staffing.services import related

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
    """Show one service, what goes with it, and the others by name.

    Five queries; one more for jobs, and two for each kind of page that is named as related.
    """
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
        "related": related.pages(item.related),
        "jobs": related.jobs(item),
        "cases": related.cases(item),
    }
    return render(request, "staffing/service.html", context)


@cacheable()
@require_safe
def licences(request: HttpRequest) -> HttpResponse:
    """资质公示: the licences in force, with their scans; one query."""
    items = Licence.objects.public().select_related("scan")
    return render(request, "staffing/licences.html", {"licences": items})


@cacheable("page", "before", *listing.PARAMETERS)
@require_safe
def jobs(request: HttpRequest, kind: str = "", district: str = "") -> HttpResponse:
    """List the open jobs that are all of what was chosen, newest first; five queries.

    Raises Http404 for a choice or a page there is not.
    """
    board = listing.board()
    selection = selection_of(request, board, kind, district)
    items = Job.objects.open().select_related("district").newest()
    if selection.chosen:
        items = items.filter(pk__in=[row.pk for row in board.find(selection)])
    page = page_or_404(request, items, JOBS_A_PAGE)
    facets = {facet.name: facet for facet in board.facets(selection)}
    named = [facets[name].current for name in ("district", "kind")]
    label = "".join(option.label for option in named if option)
    context = {
        "kind": facets["kind"],
        "district": facets["district"],
        "others": [facets[name] for name in listing.PARAMETERS],
        "chosen": [facets[name] for name in selection.chosen],
        # By anything beyond its address: then an empty list says what to give up.
        "narrowed": selection.narrowed,
        "label": label,
        # 临时工招聘信息 and 兼职招聘信息 are what people look for, and what every footer says.
        "heading": f"{label}招聘信息" if label else "招工信息",
        "page": page,
        # Engines have the lists at addresses of their own; what narrows those is for people.
        "indexed": not page.label
        and not selection.several
        and (page.object_list or not selection.chosen),
        "safety_page": safety_page(),
    }
    return render(request, "staffing/jobs.html", context)


def selection_of(
    request: HttpRequest, board: listing.Board, kind: str, district: str
) -> listing.Selection:
    """Return what the address chooses; raises Http404 for what cannot be chosen.

    That is also a district in the query where it belongs into the path: one list, one address.
    """
    query = {name: request.GET.get(name, "") for name in listing.PARAMETERS}
    if query["district"] and not kind:
        raise Http404
    query["district"] = query["district"] or district
    selection = listing.Selection(kind, **query)
    for name, value in selection.chosen.items():
        if value not in dict(board.choices(name)):
            raise Http404
    return selection


@cacheable()
@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one job, still open or not, and open ones like it; four queries.

    Raises Gone some time after its last day: engines and people shall forget it.
    """
    item = get_published_or_404(Job.objects.select_related("district"), pk=pk)
    if item.is_gone:
        raise Gone
    return job_page(request, item)


def job_page(request: HttpRequest, item: Job) -> HttpResponse:
    """Show a job: one that is published, or a preview, of which engines are told nothing."""
    similar = Job.objects.open().of_kind(item.kind).exclude(pk=item.pk).select_related("district")
    elsewhere = Case(When(district=item.district_id, then=0), default=1)
    previewed = getattr(request, "preview", None) is not None
    context = {
        "job": item,
        "posting": None if previewed else job_posting(item, current_profile()),
        # Those nearby first.
        "similar": similar.order_by(elsewhere, "-go_live_at", "-pk")[:SIMILAR_JOBS],
        "safety_page": safety_page(),
    }
    return render(request, "staffing/job.html", context)


def safety_page() -> Page | None:
    """防骗提示, which jobs link to where the staff have published it; one query."""
    return Page.objects.published().filter(slug="safety").defer("body").first()
