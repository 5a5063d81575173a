"""线索: the page on which a colleague works on one."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from portal.cms.accounts import User
from portal.cms.admin.desk import desk_page, person
from portal.cms.site import SiteProfile
from staffing.enquiries import report, showing, verbs
from staffing.enquiries.following import ConsentForm, FollowUp
from staffing.enquiries.inbox import LeadList, status_badge
from staffing.models import Consent, Enquiry, Hotline

SAME_PHONE_LISTED = 20
FORWARD = "staffing.forward_enquiry"


@admin.register(Enquiry)
class EnquiryAdmin(LeadList):
    """Leads come from the public forms and go by the clock: here they are worked on."""

    verbs = verbs
    paper = "cv"

    def get_urls(self) -> list[URLPattern]:
        shown = self.admin_site.admin_view(require_safe(self.report_view))
        return [
            path("report/", shown, name="staffing_enquiry_report"),
            self.route("consent", require_POST(self.consent_view)),
            self.route("withdraw", require_POST(self.withdraw_view)),
            self.route("forward", require_POST(self.forward_view)),
            *super().get_urls(),
        ]

    def report_view(self, request: HttpRequest) -> HttpResponse:
        if not person(request).has_perm("staffing.view_report"):
            raise PermissionDenied
        return report.show(self, request)

    def page(
        self,
        request: HttpRequest,
        row: Enquiry,
        form: FollowUp | None = None,
        *,
        given: ConsentForm | None = None,
        revealed: bool = False,
    ) -> HttpResponse:
        """Show a lead: some fifteen queries, three more for an application."""
        shared = self.shared_context(request, row, revealed=revealed)
        is_application = row.kind == Enquiry.Kind.APPLICATION
        may_forward = is_application and shared["may_change"] and person(request).has_perm(FORWARD)
        context = {
            **shared,
            "lead": row,
            "form": form or self.form_of(row),
            "status": status_badge(row),
            "facts": showing.facts(row, revealed=revealed),
            "source": showing.source(row),
            "events": row.events.select_related("by").order_by("-at", "-pk"),
            "same_phone": self._same_phone(row),
            "consents": verbs.forwarding_consents(row),
            "forwardings": row.forwardings.select_related("by").order_by("at"),
            "is_application": is_application,
            "may_forward": may_forward,
            "given": given or ConsentForm(label_suffix=""),
            "read_out": self._read_out() if may_forward else "",
        }
        return desk_page(self, request, "admin/staffing/enquiry_page.html", context)

    def form_of(self, row: Enquiry) -> FollowUp:
        return FollowUp(row)

    def _read_out(self) -> str:
        """Return the words to which somebody agrees on the telephone; three queries."""
        notice = verbs.forwarding_notice()
        if notice is None:
            return ""
        hotline = Hotline.objects.filter(primary=True).first()
        return notice.words(SiteProfile.load(), hotline=hotline)

    def _same_phone(self, lead: Enquiry) -> list[Enquiry]:
        if not lead.phone_key:
            return []
        others = Enquiry.objects.filter(phone_key=lead.phone_key).exclude(pk=lead.pk)
        return list(others.order_by("-received_at")[:SAME_PHONE_LISTED])

    def save(self, request: HttpRequest, pk: int) -> HttpResponse:
        with transaction.atomic():
            lead: Enquiry = self.locked(request, pk, self.right("change"))
            if lead.erased_at is not None:
                return self.refused(request, pk, ValidationError(verbs.ERASED))
            form = FollowUp(lead, request.POST)
            if form.is_valid():
                try:
                    with transaction.atomic():
                        form.perform(person(request))
                except ValidationError as error:
                    # The sentences alone: those of a field stand above the form as well.
                    form.add_error(None, ValidationError(error.messages))
            if form.is_valid():
                self.message_user(request, f"已保存：{lead}。", messages.SUCCESS)
                return self.to_page(pk)
        # As it is stored: the verbs have set fields before one of them refused.
        return self.page(request, Enquiry.objects.get(pk=pk), form)

    # --- To a client ----------------------------------------------------------------------------------

    def consent_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep a consent that was given on the telephone; what is refused stays in its boxes."""
        given = ConsentForm(request.POST, label_suffix="")
        with transaction.atomic():
            lead: Enquiry = self.locked(request, pk, self.right("change"), FORWARD)
            if lead.erased_at is not None:
                return self.refused(request, pk, ValidationError(verbs.ERASED))
            if given.is_valid():
                try:
                    verbs.record_consent(lead, **given.cleaned_data, by=person(request))
                except ValidationError as error:
                    given.add_error(None, error)
            if given.is_valid():
                self.message_user(request, f"同意已记下：{lead}。", messages.SUCCESS)
                return self.to_page(pk)
        return self.page(request, lead, given=given)

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        verb = partial(self._with_consent, verbs.withdraw_consent, request)
        return self.act(request, pk, "撤回已记下", verb)

    def forward_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        verb = partial(self._with_consent, verbs.forward, request)
        return self.act(request, pk, "转交已记下", verb, FORWARD)

    def _with_consent(self, verb: Any, request: HttpRequest, lead: Enquiry, by: User) -> None:
        verb(lead, self._consent(request, lead), by)

    def _consent(self, request: HttpRequest, lead: Enquiry) -> Consent:
        """Return the consent a button names, which must be one of this lead's."""
        for consent in verbs.forwarding_consents(lead):
            if str(consent.pk) == request.POST.get("consent"):
                return consent
        raise Http404
