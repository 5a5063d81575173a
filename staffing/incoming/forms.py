"""What every public form has: its token, a trap, a question at need, and consents that name a version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict

from portal.cms.site import SiteProfile
from staffing.incoming.token import Token
from staffing.models import Form, Hotline, PrivacyNotice

Purpose = PrivacyNotice.Purpose
LINK: Final = re.compile(r"https?://|www\.|\[url", re.IGNORECASE)
MOST_LINKS: Final = 3


class LineField(forms.CharField):
    """A box for one line: what is pasted with breaks and doubled spaces becomes one."""

    def to_python(self, value: Any) -> str:
        return " ".join(str(super().to_python(value) or "").split())


def name_field(*, required: bool = True) -> LineField:
    return LineField(
        label="怎么称呼您",
        required=required,
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "请填写称呼，例如：王女士。"},
    )


class TextField(forms.CharField):
    """A box for several lines: a browser counts a line break as one sign, and sends two."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        text: str = super().to_python(value) or ""
        return text.replace("\r\n", "\n")


class ConsentBox(forms.CheckboxInput):
    """A box that is worth the version beside it; ticked again only for that very version."""

    def __init__(self, version: str) -> None:
        super().__init__(check_test=lambda value: str(value) == version)
        self.version = version

    def format_value(self, value: Any) -> str:
        return self.version

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return data.get(name, "")


class ConsentField(forms.Field):
    """Consent to one notice: cleans to that notice, or to None where it may be and was left out.

    Never ticked beforehand. The words may have changed while the form was open, or whom they or the
    label name: then it is asked anew.
    """

    def __init__(self, notice: PrivacyNotice, words: str, **options: Any) -> None:
        self.notice, self.words = notice, words
        shown = f"{options.get('label', '')}\n{words}"
        self.version = f"{notice.pk}-{sha256(shown.encode()).hexdigest()[:12]}"
        super().__init__(widget=ConsentBox(self.version), **options)

    def clean(self, value: Any) -> PrivacyNotice | None:
        if not value:
            if self.required:
                raise ValidationError("请阅读告知内容，同意后勾选。", "required")
            return None
        if value != self.version:
            raise ValidationError("告知内容刚刚更新，请重新阅读后勾选。", "changed")
        return self.notice


class VisitorForm(forms.Form):
    """A form for strangers. `first` are its boxes in order, `further` those one may leave alone.

    `notices` holds the notice of each purpose that is asked consent for.
    """

    kind: ClassVar[Form]
    first: ClassVar[tuple[str, ...]]
    further: ClassVar[tuple[str, ...]] = ()
    # Texts in which links are counted.
    prose: ClassVar[tuple[str, ...]] = ("message",)
    error_css_class = "invalid"

    # Nobody sees what is wrong with a box they do not see: these take anything (see Token, Visit).
    token = forms.Field(required=False, widget=forms.HiddenInput)
    source = forms.Field(required=False, widget=forms.HiddenInput)
    # enquiry.js fills these in; without it they stay empty.
    landing_page = forms.Field(required=False, widget=forms.HiddenInput)
    referrer_host = forms.Field(required=False, widget=forms.HiddenInput)
    search_words = forms.Field(required=False, widget=forms.HiddenInput)
    # Programs fill in whatever there is. Its name is one they know.
    website = forms.Field(
        label="这一栏请留空",
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    answer = forms.Field(
        required=False,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "20"}
        ),
        help_text="用来分辨是不是程序在自动提交，答出来即可。",
    )

    def __init__(
        self,
        data: MultiValueDict[str, Any] | None = None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        notices: Mapping[str, PrivacyNotice],
        profile: SiteProfile,
        hotline: Hotline | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        # A copy, into which a fresh token can be put; of an empty body too, which is no true value. No
        # colons: labels stand above their boxes.
        sent = None if data is None else data.copy()
        super().__init__(sent, files, initial=initial, label_suffix="")
        self.notices, self.profile, self.hotline = notices, profile, hotline
        self.add_consents()
        for field in self.fields.values():
            field.template_name = "enquiry/_field.html"  # type: ignore[attr-defined]

    def add_consents(self) -> None:
        notice = self.notices[Purpose.HANDLING]
        self.fields["agree"] = ConsentField(
            notice,
            notice.words(self.profile, hotline=self.hotline),
            label=f"我已阅读并同意《{notice.title}》（第 {notice.version} 版）",
        )

    # --- For the page ------------------------------------------------------------------------------

    def boxes(self) -> list[BoundField]:
        return [self[name] for name in self.first]

    def further_boxes(self) -> list[BoundField]:
        return [self[name] for name in self.further]

    def consents(self) -> Iterator[BoundField]:
        return (box for box in self if isinstance(box.field, ConsentField))

    def problems(self) -> list[tuple[BoundField, str]]:
        """Return each box with something wrong, and what, from the top of the page."""
        boxes = [*self.boxes(), *self.further_boxes(), *self.consents(), self["answer"]]
        return [(box, str(box.errors[0])) for box in boxes if box.errors]

    @property
    def question(self) -> str:
        """What is asked in words, if anything is."""
        return str(self.fields["answer"].label or "")

    # --- For the door ------------------------------------------------------------------------------

    def carry(self, token: Token, *, clear_answer: bool = False) -> None:
        """Let the form go out with this token, and with what the token asks."""
        # The bound box took its label along when the form was checked.
        self.fields["answer"].label = self["answer"].label = token.question
        if self.is_bound:
            self.data["token"] = str(token)  # type: ignore[index]
            if clear_answer:
                self.data["answer"] = ""  # type: ignore[index]
        else:
            self.initial["token"] = str(token)

    def leave_unchecked(self) -> None:
        """Say nothing about what was typed: it cannot be sent any more."""
        self._errors = ErrorDict()

    def is_odd(self, token: Token) -> bool:
        """Whether a program may have sent it: too fast, into the trap, or full of links."""
        links = sum(len(LINK.findall(str(self.cleaned_data.get(name, "")))) for name in self.prose)
        return token.is_quick or bool(self.cleaned_data["website"]) or links > MOST_LINKS

    def agreed(self) -> list[PrivacyNotice]:
        """Return the notices somebody has agreed to."""
        named = [name for name, field in self.fields.items() if isinstance(field, ConsentField)]
        return [notice for name in named if (notice := self.cleaned_data[name]) is not None]

    @property
    def answered(self) -> str:
        """What was typed as the answer; anything, as strangers send it."""
        return str(self.cleaned_data["answer"] or "")[:20]
