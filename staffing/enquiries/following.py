"""What a colleague notes after a call: how far it is, whose it is, when to call next."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.times import this_year
from staffing.enquiries import verbs
from staffing.incoming.forms import LineField, TextField
from staffing.models import Enquiry

MINUTE: Final = "%Y-%m-%dT%H:%M"


def colleagues() -> QuerySet[User]:
    """Return who may answer for a lead; one query."""
    people: QuerySet[User] = User.objects.with_perm(
        "staffing.change_enquiry", backend="django.contrib.auth.backends.ModelBackend"
    )
    return people.filter(is_staff=True).order_by("name", "username")


class FollowUp(forms.Form):
    """The form of a lead."""

    # The lead as the form showed it, by which a save that would undo a colleague's is known.
    seen = forms.CharField(widget=forms.HiddenInput)
    status = forms.ChoiceField(label="状态", choices=Enquiry.Status.choices)
    owner = forms.ModelChoiceField(
        label="负责人", queryset=User.objects.none(), required=False, empty_label="没有人"
    )
    next_call_at = forms.DateTimeField(
        label="下次联系",
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MINUTE),
    )
    note = TextField(
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
        """Refuse what was filled in before a colleague's save, once. What this person had not touched
        is as the colleague left it, when they save again.
        """
        seen: str = self.cleaned_data["seen"]
        if seen == version(self.lead):
            return seen
        sent: Any = self.data
        typed = sent.copy()
        for (name, now), before in zip(as_shown(self.lead).items(), seen.split("/"), strict=False):
            if typed.get(name, "") == before:
                typed[name] = now
        typed["seen"] = version(self.lead)
        self.data = typed
        owner = self.lead.owner or "没有人"
        call = this_year(self.lead.next_call_at) or "没有约定"
        raise ValidationError(
            f"刚才有同事改过：现在的状态是“{self.lead.get_status_display()}”，"
            f"负责人是{owner}，下次联系是{call}。您写的还在，看过后请再保存一次。"
        )

    def perform(self, by: User) -> None:
        """Apply what was changed. Raises ValidationError where something cannot be done."""
        lead, told = self.lead, self.cleaned_data
        says_whose = "owner" in self.changed_data
        verbs.set_status(lead, Enquiry.Status(told["status"]), by, claims=not says_whose)
        if says_whose:
            verbs.assign(lead, told["owner"], by)
        # Closing has ended the call already, which the form still shows.
        if "next_call_at" in self.changed_data:
            verbs.plan_call(lead, told["next_call_at"], by)
        verbs.note(lead, told["note"], by)


class ConsentForm(forms.Form):
    """A consent that was given by word of mouth."""

    recipient = LineField(
        label="接收单位",
        max_length=80,
        widget=forms.TextInput({"placeholder": "写全称，例如：深圳市示例电子有限公司"}),
    )
    how = LineField(
        label="怎样同意的",
        max_length=300,
        widget=forms.TextInput({"placeholder": "例如：今天电话里，念过告知后同意"}),
    )


def as_shown(lead: Enquiry) -> dict[str, str]:
    """Return what the controls of the form hold before anybody has touched them."""
    call = lead.next_call_at
    return {
        "status": lead.status,
        "owner": str(lead.owner_id or ""),
        "next_call_at": f"{timezone.localtime(call):{MINUTE}}" if call else "",
    }


def version(lead: Enquiry) -> str:
    return "/".join(as_shown(lead).values())
