"""What stands beside a service: pages that its editors name, and open jobs of its way of working."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from portal.cms import addresses
from staffing.models import Job, Service
from staffing.models.job import JobQuerySet

MOST_JOBS: Final = 6
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
    """Return the pages at these addresses that a stranger may see; a query for each kind there is."""
    wanted = list(paths)
    if not wanted:
        return []
    found = addresses.items_at(wanted)
    return [
        Link(str(item), path)
        for path, item in zip(wanted, map(found.get, wanted), strict=True)
        if item is not None and item.is_public
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
