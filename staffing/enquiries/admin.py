"""线索: the inbox of leads, and the page on which a colleague works on one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Case, Count, F, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from portal.cms import private
from portal.cms.accounts import User
from portal.cms.admin.desk import DeskAdmin, DeskChangeList, person
from portal.cms.admin.lists import badge
from portal.cms.delivery.models import Delivery
from portal.cms.phones import phone_key, to_e164
from portal.cms.times import this_year
from staffing.enquiries import exporting, report, showing, verbs
from staffing.models import Consent, Enquiry
from staffing.models.journal import without_phones

# By status, the tone of its word in a list.
TONES = {
    Enquiry.Status.NEW: "in_review",
    Enquiry.Status.CONTACTED: "scheduled",
    Enquiry.Status.FOLLOWING: "scheduled",
    Enquiry.Status.WON: "live",
    Enquiry.Status.LOST: "draft",
    Enquiry.Status.INVALID: "draft",
}
TOLD_TONES = {
    Delivery.State.PENDING: "scheduled",
    Delivery.State.SENDING: "scheduled",
    Delivery.State.DELIVERED: "live",
    Delivery.State.UNCLEAR: "in_review",
    Delivery.State.FAILED: "expired",
    Delivery.State.DROPPED: "draft",
}
SAME_PHONE_LISTED = 20


def colleagues() -> QuerySet[User]:
    """Return who may answer for a lead; one query."""
    people: QuerySet[User] = User.objects.with_perm(
        "staffing.change_enquiry", backend="django.contrib.auth.backends.ModelBackend"
    )
    return people.filter(is_staff=True).order_by("name", "username")


# --- The inbox ----------------------------------------------------------------------------------------


class StatusFilter(admin.SimpleListFilter):
    """By status. Without a choice, what is open; but somebody who searches looks through all."""

    title = "状态"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*Enquiry.Status.choices, ("all", "全部")]

    def choices(self, changelist: ChangeList) -> Any:
        """Call the empty choice what it is: Django's would say 全部."""
        for number, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": "未关闭"} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in Enquiry.Status.values:
            return queryset.filter(status=self.value())
        return queryset.filter(closed_at=None) if shows_open_alone(request) else queryset


def shows_open_alone(request: HttpRequest) -> bool:
    """Whether the list is the one that people work through: no status chosen, nothing searched for."""
    return not any(request.GET.get(name) for name in ("status", SEARCH_VAR, "phone"))


class OwnerFilter(admin.SimpleListFilter):
    title = "负责人"
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = colleagues().exclude(pk=person(request).pk)
        return [("me", "我的"), ("none", "没有人"), *((str(one.pk), str(one)) for one in others)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "me":
            return queryset.filter(owner=person(request))
        if self.value() == "none":
            return queryset.filter(owner=None)
        offered = {key for key, _ in self.lookup_choices}
        return queryset.filter(owner=self.value()) if self.value() in offered else queryset


class ReceivedFilter(admin.SimpleListFilter):
    title = "收到时间"
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "今天"), ("7", "最近 7 天"), ("30", "最近 30 天"), ("90", "最近 90 天")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        return queryset.filter(received_at__gte=midnight - timedelta(int(self.value() or 1) - 1))


class PhoneFilter(admin.SimpleListFilter):
    """Leads of one number, which the address names by its key: it stands in histories and logs."""

    title = "同一电话"
    parameter_name = "phone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        key = request.GET.get(self.parameter_name, "")
        return [(key, "这个电话的线索")] if key else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(phone_key=self.value()) if self.value() else queryset


class Inbox(DeskChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """Give the rows of the page what stands beside them; two queries for all of them."""
        super().get_results(request)
        rows: Any = list(self.result_list)
        self.result_list = rows
        same = counts_of({row.phone_key for row in rows})
        told = states_of_delivery(rows)
        for row in rows:
            row.same_phone = same.get(row.phone_key, 1)
            row.told = told.get(row.pk, set())


def counts_of(keys: set[str]) -> dict[str, int]:
    """Return how many leads each number has; one query."""
    rows = Enquiry.objects.filter(phone_key__in=keys - {""}).order_by()
    return dict(rows.values("phone_key").annotate(n=Count("pk")).values_list("phone_key", "n"))


def states_of_delivery(leads: list[Enquiry]) -> dict[int, set[str]]:
    """Return what became of telling about each lead; one query."""
    kind = ContentType.objects.get_for_model(Enquiry)
    rows = Delivery.objects.filter(content_type=kind, object_id__in=[lead.pk for lead in leads])
    states: dict[int, set[str]] = {}
    for pk, state in rows.order_by().values_list("object_id", "state"):
        states.setdefault(pk, set()).add(state)
    return states


# --- The page -----------------------------------------------------------------------------------------


class FollowUp(forms.Form):
    """What a colleague notes after a call: how far it is, whose it is, when to call next."""

    # The lead as the form showed it, by which a save that would undo a colleague's is known.
    seen = forms.CharField(widget=forms.HiddenInput)
    status = forms.ChoiceField(label="状态", choices=Enquiry.Status.choices)
    owner = forms.ModelChoiceField(
        label="负责人", queryset=User.objects.none(), required=False, empty_label="没有人"
    )
    next_call_at = forms.DateTimeField(
        label="下次联系",
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    note = forms.CharField(
        label="备注",
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="谈了什么、对方要什么。写在这里的电话号码会打码。",
    )

    def __init__(self, lead: Enquiry, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.lead = lead
        choices: Any = self.fields["owner"]
        # Also who has it now and has lost the right meanwhile.
        able = Q(pk__in=colleagues().order_by().values("pk"))
        choices.queryset = User.objects.filter(able | Q(pk=lead.owner_id))
        self.initial = {
            "seen": version(lead),
            "status": lead.status,
            "owner": lead.owner_id,
            "next_call_at": lead.next_call_at,
        }

    def clean_seen(self) -> str:
        seen: str = self.cleaned_data["seen"]
        if seen != version(self.lead):
            typed: Any = self.data
            self.data = typed = typed.copy()
            typed["seen"] = version(self.lead)
            owner = self.lead.owner or "没有人"
            call = this_year(self.lead.next_call_at) or "没有约定"
            raise ValidationError(
                f"刚才有同事改过：现在的状态是“{self.lead.get_status_display()}”，"
                f"负责人{owner}，下次联系{call}。您写的还在，看过后请再保存一次。"
            )
        return seen

    def perform(self, by: User) -> None:
        """Apply what was changed. Raises ValidationError where something cannot be done."""
        lead, told = self.lead, self.cleaned_data
        if "owner" in self.changed_data:
            verbs.assign(lead, told["owner"], by)
        verbs.set_status(lead, Enquiry.Status(told["status"]), by)
        # Closing has ended the call already, which the form still shows.
        if "next_call_at" in self.changed_data:
            verbs.plan_call(lead, told["next_call_at"], by)
        verbs.note(lead, told["note"], by)


def version(lead: Enquiry) -> str:
    call = lead.next_call_at.isoformat() if lead.next_call_at else ""
    return f"{lead.status}/{lead.owner_id or 0}/{call}"


@admin.register(Enquiry)
class EnquiryAdmin(DeskAdmin):
    """Leads come from the public forms and go by the clock: here they are worked on."""

    class Media:
        css = {"all": ["desk/leads.css"]}

    change_list_template = "admin/staffing/enquiry_list.html"
    list_display = (
        "title", "status_word", "next_call", "phone_text", "owner", "received", "told"
    )  # fmt: skip
    list_display_links = ("title",)
    list_select_related = ("owner", "district")
    list_filter = (StatusFilter, OwnerFilter, "kind", ReceivedFilter, "suspicious", PhoneFilter)
    search_fields = ("reference", "company", "name")
    search_help_text = "按编号、公司、称呼，或完整的电话号码查找；已关闭的也在内。"
    actions = ("export_selected",)

    # --- Rights ---------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("staffing.export_enquiry")

    # --- The list -------------------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Inbox

    def get_ordering(self, request: HttpRequest) -> Any:
        """Overdue first, the longest of all first; then what came last. Old ones as they came."""
        if not shows_open_alone(request):
            return ("-received_at", "-pk")
        overdue = Case(When(next_call_at__lt=timezone.now(), then=F("next_call_at")))
        return (overdue.asc(nulls_last=True), "-received_at", "-pk")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; what is searched for comes by POST, so that no number stands in an address."""
        if request.method == "POST" and SEARCH_VAR in request.POST:
            return redirect(f"{request.path}?{urlencode(self._searched(request))}")
        shown = {"may_see_report": request.user.has_perm("staffing.view_report")}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def _searched(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the address of a search says: words, or the key of a number."""
        dropped = (SEARCH_VAR, PhoneFilter.parameter_name, "csrfmiddlewaretoken", "p")
        kept = {name: value for name, value in request.POST.items() if name not in dropped}
        words = request.POST[SEARCH_VAR].strip()
        try:
            return {**kept, PhoneFilter.parameter_name: phone_key(to_e164(words))}
        except ValidationError:
            return {**kept, SEARCH_VAR: without_phones(words)}

    @admin.display(description="线索")
    def title(self, lead: Enquiry) -> SafeString:
        """Who it is; and below, in a quiet line, what they want, where, and from which page."""
        name = without_phones(lead.company or lead.name or lead.reference)
        about = [lead.get_kind_display(), str(lead.district or ""), without_phones(lead.page)]
        if lead.suspicious:
            about.insert(0, "疑似垃圾信息")
        line = " · ".join(filter(None, about))
        return format_html('{} <span class="lead-about">{}</span>', name, line)

    @admin.display(description="状态", ordering="status")
    def status_word(self, lead: Enquiry) -> SafeString:
        return badge(lead.get_status_display(), TONES[Enquiry.Status(lead.status)])

    @admin.display(description="电话")
    def phone_text(self, lead: Any) -> SafeString | str:
        """Masked, and how often the same number wrote."""
        if lead.same_phone < 2:
            return str(lead.masked_phone or "已清除")
        url = f"?{urlencode({PhoneFilter.parameter_name: lead.phone_key})}"
        return format_html(
            '{} <a class="same-phone" href="{}">同号 {} 条</a>',
            lead.masked_phone or "已清除",
            url,
            lead.same_phone,
        )

    @admin.display(description="下次联系", ordering="next_call_at")
    def next_call(self, lead: Enquiry) -> SafeString | str:
        if lead.is_due:
            return badge("逾期", "expired", this_year(lead.next_call_at))
        return this_year(lead.next_call_at)

    @admin.display(description="收到", ordering="received_at")
    def received(self, lead: Enquiry) -> str:
        return this_year(lead.received_at)

    @admin.display(description="通知")
    def told(self, lead: Any) -> str:
        """What wants attention of the messages about it, else that all have arrived."""
        for state in ("failed", "unclear", "pending", "sending"):
            if state in lead.told:
                return Delivery.State(state).label
        return "已送达" if "delivered" in lead.told else ""

    @admin.action(description="导出所选为 Excel…", permissions=["export"])
    def export_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return exporting.export(self, request, queryset)

    # --- One lead -------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        site, name = self.admin_site, "staffing_enquiry"

        def route(address: str, view: Any) -> URLPattern:
            wrapped = site.admin_view(require_POST(view))
            made: URLPattern = path(f"<int:pk>/{address}/", wrapped, name=f"{name}_{address}")
            return made

        return [
            path("report/", site.admin_view(self.report_view), name=f"{name}_report"),
            path("<int:pk>/cv/", site.admin_view(require_safe(self.cv_view)), name=f"{name}_cv"),
            route("claim", self.claim_view),
            route("reveal", self.reveal_view),
            route("consent", self.consent_view),
            route("withdraw", self.withdraw_view),
            route("forward", self.forward_view),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a lead (some ten queries), or take what a colleague has noted about it."""
        found: Enquiry | None = self.get_object(request, object_id)
        if found is None:
            raise Http404
        if not self.has_view_or_change_permission(request, found):
            raise PermissionDenied
        if request.method != "POST":
            return self.page(request, found, FollowUp(found))
        return self.follow_up(request, found.pk)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What was done to a lead stands on its own page."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return redirect("admin:staffing_enquiry_change", object_id)

    def follow_up(self, request: HttpRequest, pk: int) -> HttpResponse:
        with transaction.atomic():
            lead = self._locked(request, pk, "staffing.change_enquiry")
            if lead.erased_at is not None:
                return self._refused(request, lead, ValidationError(verbs.ERASED))
            form = FollowUp(lead, request.POST)
            if form.is_valid():
                try:
                    with transaction.atomic():
                        form.perform(person(request))
                except ValidationError as error:
                    form.add_error(None, without_fields(error))
            if form.is_valid():
                self.message_user(request, f"已保存：{lead}。", messages.SUCCESS)
                return redirect("admin:staffing_enquiry_change", pk)
        # As it is stored: the verbs have set fields before one of them refused.
        return self.page(request, Enquiry.objects.get(pk=pk), form)

    def page(
        self, request: HttpRequest, lead: Enquiry, form: FollowUp, *, revealed: bool = False
    ) -> HttpResponse:
        user = person(request)
        consents = verbs.forwarding_consents(lead)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(lead),
            "lead": lead,
            "original": lead,
            "form": form,
            "media": self.media,
            "status": badge(lead.get_status_display(), TONES[Enquiry.Status(lead.status)]),
            "facts": showing.facts(lead, revealed=revealed),
            "source": showing.source(lead),
            "keeping": showing.keeping(lead),
            "revealed": revealed,
            "events": lead.events.select_related("by").order_by("-at", "-pk"),
            "deliveries": [
                (row, badge(row.get_state_display(), TOLD_TONES[Delivery.State(row.state)]))
                for row in Delivery.objects.about(lead).select_related("target").order_by("pk")
            ],
            "same_phone": self._same_phone(lead),
            "consents": consents,
            "forwardings": lead.forwardings.select_related("by").order_by("at"),
            "is_application": lead.kind == Enquiry.Kind.APPLICATION,
            "may_change": self.has_change_permission(request) and lead.erased_at is None,
            "may_reveal": self._may(user, "reveal_phone") and lead.erased_at is None,
            "may_forward": self._may(user, "forward_enquiry") and lead.erased_at is None,
            "may_claim": lead.owner is None and lead.erased_at is None,
        }
        return TemplateResponse(request, "admin/staffing/enquiry_page.html", context)

    def _same_phone(self, lead: Enquiry) -> list[Enquiry]:
        if not lead.phone_key:
            return []
        others = Enquiry.objects.filter(phone_key=lead.phone_key).exclude(pk=lead.pk)
        return list(others.order_by("-received_at")[:SAME_PHONE_LISTED])

    def _may(self, user: User, right: str) -> bool:
        return user.has_perm(f"staffing.{right}")

    def _locked(self, request: HttpRequest, pk: int, *rights: str) -> Enquiry:
        if not person(request).has_perms(rights):
            raise PermissionDenied
        lead = verbs.locked(pk)
        if lead is None:
            raise Http404
        return lead

    # --- Its verbs ------------------------------------------------------------------------------------

    def claim_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        with transaction.atomic():
            lead = self._locked(request, pk, "staffing.change_enquiry")
            return self._done(request, lead, "已认领", verbs.claim, lead, person(request))

    def reveal_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the number, in this answer alone: the page's own address never does."""
        with transaction.atomic():
            rights = ("staffing.view_enquiry", "staffing.reveal_phone")
            lead = self._locked(request, pk, *rights)
            try:
                verbs.reveal(lead, person(request))
            except ValidationError as error:
                return self._refused(request, lead, error)
        return self.page(request, lead, FollowUp(lead), revealed=True)

    def cv_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lead to the CV by a link that is good for this person and five minutes."""
        user = person(request)
        if not user.has_perms(["staffing.view_enquiry", "staffing.reveal_phone"]):
            raise PermissionDenied
        lead = Enquiry.objects.select_related("cv").filter(pk=pk).first()
        if lead is None or lead.cv is None:
            raise Http404
        return redirect(private.url(lead.cv, user))

    def consent_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        with transaction.atomic():
            lead = self._locked(request, pk, "staffing.change_enquiry", "staffing.forward_enquiry")
            told = (request.POST.get("recipient", "")[:80], request.POST.get("how", "")[:300])
            return self._done(
                request, lead, "同意已记下", verbs.record_consent, lead, *told, person(request)
            )

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        with transaction.atomic():
            lead = self._locked(request, pk, "staffing.change_enquiry")
            consent = self._consent(request, lead)
            return self._done(
                request, lead, "撤回已记下", verbs.withdraw_consent, lead, consent, person(request)
            )

    def forward_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        with transaction.atomic():
            lead = self._locked(request, pk, "staffing.change_enquiry", "staffing.forward_enquiry")
            consent = self._consent(request, lead)
            return self._done(
                request, lead, "转交已记下", verbs.forward, lead, consent, person(request)
            )

    def _consent(self, request: HttpRequest, lead: Enquiry) -> Consent:
        """Return the consent a button names, which must be one of this lead's."""
        for consent in verbs.forwarding_consents(lead):
            if str(consent.pk) == request.POST.get("consent"):
                return consent
        raise Http404

    def _done(
        self, request: HttpRequest, lead: Enquiry, word: str, verb: Any, *args: Any
    ) -> HttpResponse:
        try:
            with transaction.atomic():
                verb(*args)
        except ValidationError as error:
            return self._refused(request, lead, error)
        self.message_user(request, f"{word}：{lead}。", messages.SUCCESS)
        return redirect("admin:staffing_enquiry_change", lead.pk)

    def _refused(self, request: HttpRequest, lead: Enquiry, error: ValidationError) -> HttpResponse:
        self.message_user(request, "".join(error.messages), messages.WARNING)
        return redirect("admin:staffing_enquiry_change", lead.pk)

    def report_view(self, request: HttpRequest) -> HttpResponse:
        if not person(request).has_perm("staffing.view_report"):
            raise PermissionDenied
        return report.show(request, {**self.admin_site.each_context(request), "opts": self.opts})


def without_fields(error: ValidationError) -> ValidationError:
    """Return an error with its sentences alone; those of a field stand above the form as well."""
    return ValidationError(error.messages)
