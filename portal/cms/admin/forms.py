"""The form of a `Publishable`: what is typed in it, and the moment a change is to take effect."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.admin.desk import ModelForm, SplitDateTimeWidget
from portal.cms.publishing import Publishable, State, Status
from portal.cms.times import YEARS

DATES = ("go_live_at", "expire_at", "apply_at")

# The sign that makes one emoji of several (👨‍👩‍👧), and where it does nothing of the kind.
JOINER = "\u200d"
EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
STRAY_JOINER = re.compile(f"(?<![{EMOJI}\ufe0f]){JOINER}|{JOINER}(?![{EMOJI}])")


def visible(text: str) -> str:
    """Return a line without the signs nobody sees, as pasted from a web page: U+200B and its kind.

    What joins emoji stays: without it they fall apart.
    """
    kept = (sign for sign in text if sign == JOINER or unicodedata.category(sign) != "Cf")
    return STRAY_JOINER.sub("", "".join(kept)).strip()


class PublishableForm(ModelForm):
    """The base of every form of a `PublishableAdmin`, which sets the class attributes.

    Two inputs of the template belong to no field: `edit_version`, the version that was opened, and
    `form_token`, which names this opened form.
    """

    lock_reason: ClassVar[str] = ""
    person: ClassVar[User | None] = None  # who is signed in
    title_field: ClassVar[str] = "title"
    stored_state: ClassVar[State | None] = None
    stored_apply_at: ClassVar[datetime | None] = None
    leaves_the_site: ClassVar[bool] = False

    instance: Publishable

    apply_at = forms.SplitDateTimeField(
        label="修改生效时间",
        required=False,
        widget=SplitDateTimeWidget,
        help_text="北京时间。留空表示点“发布”时这次修改立即生效；填将来的时间，则到点自动换成这一版。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.stored_state != State.LIVE:  # there is no page to be changed at some moment
            del self.fields["apply_at"]
        # Not as the field's own: there is one field for all requests.
        self.initial["apply_at"] = self.stored_apply_at
        # The relations of a pending draft. Django, and taggit, would look in the database.
        shown: dict[str, Any] = getattr(self.instance, "_prefetched_objects_cache", {})
        self.initial.update({name: shown[name] for name in shown if name in self.fields})

    @property
    def sent_version(self) -> str:
        return str(self.data.get("edit_version", ""))

    @property
    def is_stale(self) -> bool:
        """Whether somebody has saved since this form was opened."""
        return self.sent_version != str(self.instance.edit_version)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self._keep_visible()
        for name in DATES:
            self._refuse_odd_year(name)
            self._keep_seconds(name)
        self._keep_on_the_site()
        self._refuse_other_person()
        if self.lock_reason:
            message = f"没有保存。{self.lock_reason}您刚才填写的内容还在下面，可以先复制出来。"
            self.add_error(None, ValidationError(message, code="locked"))
        return cleaned

    def _refuse_other_person(self) -> None:
        """Ask before a form opened by one person is saved in the name of another.

        Who signs in in one tab is signed in in all of them. The form comes back with the new name.
        """
        opened_by = self.data.get("opened_by", "")
        if self.person is not None and opened_by not in ("", str(self.person.pk)):
            message = (
                f"没有保存：这一页是用另一个账号打开的，现在登录的是{self.person}。内容都还在下面；"
                f"确实要以{self.person}的名义保存，请再点一次。"
            )
            self.add_error(None, ValidationError(message, code="other_person"))

    def _keep_visible(self) -> None:
        """Drop invisible signs from the title; a title of nothing else is none."""
        name = self.title_field
        if not (typed := self.cleaned_data.get(name)):
            return
        self.cleaned_data[name] = visible(typed)
        if not self.cleaned_data[name]:
            self.add_error(name, self.fields[name].error_messages["required"])

    def _refuse_odd_year(self, name: str) -> None:
        at = self.cleaned_data.get(name)
        if at is not None and at.year not in YEARS:
            self.add_error(name, "请核对年份。")

    def _keep_seconds(self, name: str) -> None:
        """Leave a time as it is stored, to the second, unless another minute was typed.

        The form shows minutes. Rounding down on every save would change the order of what went live
        in the same minute.
        """
        if name not in self.fields:
            return
        stored = self.initial.get(name)
        if stored and self.cleaned_data.get(name) == stored.replace(second=0, microsecond=0):
            self.cleaned_data[name] = stored

    def _keep_on_the_site(self) -> None:
        """Refuse a go-live time that would take a page off the site in passing."""
        if self.instance.status != Status.PUBLISHED or "go_live_at" not in self.cleaned_data:
            return
        go_live_at = self.cleaned_data["go_live_at"]
        if self.is_stale and (go_live_at is None or go_live_at > timezone.now()):
            # Published meanwhile by somebody else: the text goes on to be merged, with that date.
            self.cleaned_data["go_live_at"] = self.initial["go_live_at"]
        elif self.leaves_the_site:
            self.cleaned_data["go_live_at"] = go_live_at or self.initial["go_live_at"]
        elif go_live_at is None:
            self.add_error("go_live_at", "已发布的内容必须有上线时间。")
        elif self.stored_state == State.LIVE and go_live_at > timezone.now():
            message = "页面已经上线，这里不能填将来的时间。要让这次修改到点生效，请填“修改生效时间”；要暂时撤下页面，请点“下线”。"
            self.add_error("go_live_at", message)

    def show_missing(self, item: Publishable) -> None:
        """Mark, in a form just opened, the fields that keep what it shows from being published."""
        for field, message in item.publish_errors().items():
            if field in self.fields and field not in self.errors:
                self.errors[field] = self.error_class([message], renderer=self.renderer)
