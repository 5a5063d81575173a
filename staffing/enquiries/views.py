"""The forms for companies and job seekers, and the page that says what happens next."""

from __future__ import annotations

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.cms import private
from portal.cms.publishing import get_published_or_404
from staffing.enquiries.forms import ApplicationForm, CallBackForm, CompanyForm
from staffing.enquiries.receiving import receive
from staffing.incoming import thanks as signed
from staffing.incoming.door import Door
from staffing.incoming.forms import Purpose, VisitorForm
from staffing.incoming.views import came_from, form_view
from staffing.incoming.visit import Visit
from staffing.models import Enquiry, Form, FormPolicy, Job, Service
from staffing.privacy.files import CV


@form_view
def company(request: HttpRequest) -> HttpResponse:
    """A company asks: `?service=` chooses one, `?from=` says which page sent it here."""
    service = asked_for(request)
    door = Door(
        request,
        CompanyForm,
        partial(hand_over, Enquiry.Kind.COMPANY),
        "enquiry/company.html",
        initial={"source": came_from(request), "service": service},
        context={"service": service},
    )
    # A form that was open when the licence lapsed is still taken, and names the service as what is wrong.
    if service is not None and not service.is_offered and request.method != "POST":
        return door.page(None)
    return door.answer()


def asked_for(request: HttpRequest) -> Service | None:
    """The service that an address names, if there is one; one query."""
    slug = request.GET.get("service", "")
    if not slug or not slug.isprintable():
        return None
    services = Service.objects.published().select_related("required_licence")
    return services.filter(slug=slug[:60]).first()


@form_view
def call_back(request: HttpRequest) -> HttpResponse:
    """Somebody wants to be called: what the call button becomes when nobody answers."""
    return Door(
        request,
        CallBackForm,
        partial(hand_over, Enquiry.Kind.CALL_BACK),
        "enquiry/call_back.html",
        initial={"source": came_from(request)},
    ).answer()


@form_view
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody applies for a job while it is open; afterwards its page says that it is not."""
    job = get_published_or_404(Job.objects.select_related("district"), pk=pk)
    if not job.is_open and request.method != "POST":
        return redirect(job)
    return Door(
        request,
        ApplicationForm,
        partial(hand_over, Enquiry.Kind.APPLICATION, job=job),
        "enquiry/apply.html",
        initial={"source": came_from(request) or job.get_absolute_url()},
        context={"job": job},
        options={"job": job},
        file="cv",
        closed="" if job.is_open else "这个岗位刚刚停止报名，这一次没有收到。",
    ).answer()


def hand_over(
    kind: Enquiry.Kind, form: VisitorForm, visit: Visit, policy: FormPolicy, job: Job | None = None
) -> str:
    """Hand a form that is in order to `receive`; return the number of the lead."""
    cleaned = form.cleaned_data
    typed = {name: cleaned[name] for name in (*form.first, *form.further) if name != "cv"}
    if job is not None:
        typed["job"] = job
    consents = [
        (notice, job.client_name if job and notice.purpose == Purpose.FORWARDING else "")
        for notice in form.agreed()
    ]
    sent = cleaned.get("cv")
    cv = private.admitted(sent, CV) if sent else None
    return receive(kind, typed, visit, consents=consents, cv=cv, policy=policy).reference


@never_cache
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """Say that it has arrived, under which number, and what comes next. One query.

    It knows what its signed address says, and reads nothing of what was sent.
    """
    sent = signed.read(request.GET.get("sent", ""))
    if sent is None:
        raise Http404
    form, number = sent
    context = {"form": form, "forms": Form, "number": number, "policy": FormPolicy.of(form)}
    return render(request, "enquiry/thanks.html", context)
