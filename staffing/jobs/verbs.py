"""招满, 取消招满, 延长 30 天: what is done to a job every day, in one click, from the list or its form.

They change what readers see at once, and leave a revision. What waits in a pending draft stays there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from portal.cms.admin.bulk import change_each
from portal.cms.admin.history import item_or_404
from portal.cms.compliance.decisions import named, unresolved
from portal.cms.publishing import Publishable, Status
from staffing.models import Job

if TYPE_CHECKING:
    from portal.cms.admin.publishable import PublishableAdmin

EXTENSION: Final = timedelta(days=30)
# The empty form that the buttons send: a button of a list stands within the form of the list.
FORM: Final = "job-verbs"


def fill(job: Job) -> None:
    if job.filled_at is not None:
        raise ValidationError("已经招满。")
    job.filled_at = timezone.now()


def reopen(job: Job) -> None:
    if job.filled_at is None:
        raise ValidationError("没有标记招满。")
    job.filled_at = None
    demand_settled(job)


def renew(job: Job) -> None:
    """Let a job run on from its last day, or from today where that has passed."""
    today = timezone.localdate()
    job.valid_through = max(job.valid_through or today, today) + EXTENSION
    demand_settled(job)


def demand_settled(job: Job) -> None:
    """Raise ValidationError unless a published job stands up to its rules, as if it were new.

    Since it was published papers grew old, licences lapsed, minimum wages rose, and more is asked for.
    """
    if job.status != Status.PUBLISHED:
        return
    if missing := job.publish_errors():
        raise ValidationError(list(missing.values()))
    if found := unresolved(job):
        raise ValidationError(f"请先在表单里处理“审查”里的问题（{named(found)}）。")


@dataclass(frozen=True)
class JobVerb:
    """`change` sets fields and saves nothing; it raises ValidationError where it cannot be done."""

    name: str
    label: str
    change: Callable[[Job], None]


FILL: Final = JobVerb("fill", "标记招满", fill)
REOPEN: Final = JobVerb("reopen", "取消招满", reopen)
RENEW: Final = JobVerb("renew", f"延长 {EXTENSION.days} 天", renew)
VERBS: Final = (FILL, REOPEN, RENEW)


def offered(job: Job) -> Iterator[JobVerb]:
    """Yield what can be done to a job as it stands: to one that was published."""
    if job.status == Status.PUBLISHED and job.deleted_at is None:
        yield FILL if job.filled_at is None else REOPEN
        if job.filled_at is None:
            yield RENEW


def buttons(job: Job) -> SafeString:
    """Return the buttons of a job, for whoever may publish; `FORM` must be on the page."""
    return format_html_join(
        " ",
        '<button type="submit" form="{}" formaction="{}" class="job-verb">{}</button>',
        ((FORM, reverse(name_of(verb), args=[job.pk]), verb.label) for verb in offered(job)),
    )


def name_of(verb: JobVerb) -> str:
    return f"admin:staffing_job_{verb.name}"


# --- At the desk ------------------------------------------------------------------------------------


def urls(model_admin: PublishableAdmin) -> list[URLPattern]:
    def route(verb: JobVerb) -> URLPattern:
        view = require_POST(partial(verb_view, model_admin, verb))
        wrapped = model_admin.admin_site.admin_view(view)
        name = name_of(verb).partition(":")[2]
        return path(f"<path:object_id>/{verb.name}/", wrapped, name=name)

    return [route(verb) for verb in VERBS]


def verb_view(
    model_admin: PublishableAdmin, verb: JobVerb, request: HttpRequest, object_id: str
) -> HttpResponse:
    """Do it to one job, and lead back to where the button was."""
    job = item_or_404(model_admin, request, object_id)
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    one = model_admin.get_queryset(request).filter(pk=job.pk)
    change_each(model_admin, request, one, verb.label, verb.change)
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = reverse("admin:staffing_job_changelist")
    return HttpResponseRedirect(back)


def action(verb: JobVerb) -> Any:
    """Return the verb as an action on the jobs ticked in the list."""

    def run(
        model_admin: PublishableAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
    ) -> None:
        change_each(model_admin, request, queryset, verb.label, verb.change)

    run.__name__ = f"{verb.name}_selected"
    return admin.action(run, description=verb.label, permissions=["change"])


fill_selected, reopen_selected, renew_selected = map(action, VERBS)
