"""What search engines may have of the business: services, cases, jobs, tools."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from portal.cms.addresses import address
from portal.cms.engines.register import Entry, Indexed, by_the_clock, pages, register
from portal.cms.redirects import follow
from staffing.jobs.listing import board
from staffing.models import Case, District, Job, Service
from staffing.models.job import KEPT_AFTER

PAGES: Final = ("services", "licences", "jobs", "tools", "compare", "dispatch_ratio", "labour_cost")


def services() -> QuerySet[Any]:
    return Service.objects.published().filter(indexable=True)


def cases() -> QuerySet[Any]:
    return Case.objects.published().filter(indexable=True)


def moments_of_job(job: Job) -> Iterator[datetime]:
    """Besides those of every item: its address answers 410 some time after its last day."""
    yield from by_the_clock(job)
    if job.valid_through is not None:
        gone = job.valid_through + KEPT_AFTER + timedelta(days=1)
        yield timezone.make_aware(datetime.combine(gone, time()))


def lists() -> Iterator[Entry]:
    """Yield the pages that are always there, and the lists of jobs that show any; two queries an epoch."""
    for name in PAGES:
        yield Entry(reverse(f"staffing:{name}"))
    for facet in ("kind", "district"):
        shown = {choice for row in board().rows for choice in row.has[facet]}
        for choice, _ in board().choices(facet):
            if choice in shown:
                yield Entry(address(f"staffing:jobs_by_{facet}", choice))


BY_SLUG: Final = ("slug", "go_live_at", "expire_at", "last_published_at")

register(Indexed(key="services", label="服务", model=Service, public=services, columns=BY_SLUG))
register(Indexed(key="cases", label="案例", model=Case, public=cases, columns=BY_SLUG))
register(
    Indexed(
        key="jobs",
        label="岗位",
        model=Job,
        public=Job.objects.open,
        columns=("go_live_at", "expire_at", "last_published_at", "valid_through"),
        may_index=lambda job: job.takes_applications,
        moments=moments_of_job,
        is_shown=lambda job: job.is_public and not job.is_gone,
        pictures=False,
    )
)
pages("staffing", "服务与招聘", lists)

follow(Service)
follow(Case)
follow(District, lambda district: [address("staffing:jobs_by_district", district.slug)])
