"""What stands beside a service: pages that its editors name, and open jobs of its way of working."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from portal.cms import addresses
from portal.cms.publishing import Publishable
from portal.cms.search.register import searchable_of
from staffing.models import Case, Job, Service
from staffing.models.case import CaseQuerySet
from staffing.models.job import JobQuerySet

MOST_JOBS: Final = 6
MOST_CASES: Final = 3
# Jobs that the agency fills by a service of this legal model. The other models have no jobs here.
EMPLOYERS: Final = {
    Service.LegalModel.DISPATCH: Job.EmployerType.AGENCY_DISPATCH,
    Service.LegalModel.INTERMEDIARY: Job.EmployerType.AGENCY_RECRUIT,
}


@dataclass(frozen=True)
class Link:
    """A page of this site, by its title."""

    title: str
    url: str


def pages(paths: Iterable[str]) -> list[Link]:
    """Return the pages at these addresses that a stranger may find; two queries for each kind there is.

    What can be found, by searching too, is also what is worth a link: no job that is over, no district
    without jobs.
    """
    wanted = list(paths)
    found = addresses.items_at(wanted)
    named: dict[type[Publishable], list[int]] = {}
    for item in found.values():
        named.setdefault(type(item), []).append(item.pk)
    shown = {
        (kind, pk)
        for kind, pks in named.items()
        for pk in searchable_of(kind).public().filter(pk__in=pks).values_list("pk", flat=True)
    }
    return [
        Link(str(page), path)
        for path in wanted
        if (page := found.get(path)) and (type(page), page.pk) in shown
    ]


def jobs(service: Service) -> JobQuerySet | None:
    """Return the newest open jobs of a service; None where it is of a model that has none."""
    employer = (
        EMPLOYERS.get(Service.LegalModel(service.legal_model)) if service.legal_model else None
    )
    if employer is None:
        return None
    open_jobs = Job.objects.open().filter(employer_type=employer)
    return open_jobs.select_related("district").newest()[:MOST_JOBS]


def cases(service: Service) -> CaseQuerySet:
    """Return the newest cases of a service; none of one that is not saved yet."""
    found: CaseQuerySet = Case.objects.published().filter(service=service.pk or 0).for_list()
    return found[:MOST_CASES]
