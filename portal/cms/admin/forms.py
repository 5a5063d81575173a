"""The form of a `Publishable`: no stale save, no hole in a page that readers see."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.html import format_html

from portal.cms.admin.desk import ModelForm
from portal.cms.admin.lists import moment
from portal.cms.admin.verbs import Verb
from portal.cms.publishing import Publishable, Status

# Typing slips: the year 1 cannot even be turned into UTC, which is how times are stored.
YEARS = range(1990, 2101)


def visible(text: str) -> str:
    """Return a line without the signs nobody sees, as pasted from a web page: U+200B and its kind."""
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf").strip()


class PublishableForm(ModelForm):
    """The base of every form of a `PublishableAdmin`, which sets the three class attributes.

    Two inputs of the template belong to no field: `edit_version`, the version that was opened, and
    `overwrite`, whose value is the version the editor saw to be newer and decided to overwrite.
    Should somebody save yet again in between, that version is no longer the one seen, and the form
    is refused once more.
    """

    verb: ClassVar[Verb] = Verb.SAVE
    lock_reason: ClassVar[str] = ""
    title_field: ClassVar[str] = "title"

    instance: Publishable
    # The version in the database, where it is not the one that was opened.
    newer_version: int | None = None

    @property
    def sent_version(self) -> str:
        return str(self.data.get("edit_version", ""))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self._keep_visible()
        for name in ("go_live_at", "expire_at"):
            self._refuse_odd_year(name)
            self._keep_seconds(name)
        if not self.instance._state.adding:
            self._refuse_locked()
            self._refuse_stale()
        return cleaned

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
        stored = getattr(self.instance, name)
        if stored and self.cleaned_data.get(name) == stored.replace(second=0, microsecond=0):
            self.cleaned_data[name] = stored

    def _refuse_locked(self) -> None:
        if self.lock_reason:
            message = f"没有保存。{self.lock_reason}您刚才填写的内容还在下面，可以先复制出来。"
            self.add_error(None, ValidationError(message, code="locked"))

    def _refuse_stale(self) -> None:
        """Compare versions. The instance still is what the admin read under a lock."""
        stored = str(self.instance.edit_version)
        if stored in (self.sent_version, self.data.get("overwrite")):
            return
        self.newer_version = self.instance.edit_version
        message = format_html(
            "没有保存：您打开这一页之后，{}在{}（北京时间）保存过新的版本。您填写的内容都还在下面。"
            '<a href="" target="_blank">在新窗口查看现在的版本</a>',
            self.instance.updated_by or "同事",
            moment(self.instance.updated_at),
        )
        self.add_error(None, ValidationError(message, code="stale"))

    def _post_clean(self) -> None:
        """Keep what is published fit for readers: its fields filled, its date known."""
        stored_go_live = self.instance.go_live_at
        super()._post_clean()  # type: ignore[misc]
        if self.instance.status != Status.PUBLISHED or self.instance._state.adding:
            return
        if self.verb in (Verb.WITHDRAW, Verb.BIN, Verb.PUBLISH_NOW):
            # These settle the date themselves, or make it unimportant; an empty one cannot be stored.
            self.instance.go_live_at = self.instance.go_live_at or stored_go_live
        elif self.instance.go_live_at is None and "go_live_at" not in self.errors:
            self.add_error("go_live_at", "已发布的内容必须有上线时间。")
        if self.verb not in (Verb.WITHDRAW, Verb.BIN):
            for field, message in self._missing(self.instance).items():
                self.add_error(field, message)

    def show_missing(self, item: Publishable) -> None:
        """Mark, in a form just opened, the fields that keep a saved draft from being published."""
        for field, message in self._missing(item).items():
            if field is not None:
                self.errors[field] = self.error_class([message], renderer=self.renderer)

    def _missing(self, item: Publishable) -> dict[str | None, str]:
        """Return `publish_errors`, less those already shown; None where the form lacks the field."""
        return {
            field if field in self.fields else None: message
            for field, message in item.publish_errors().items()
            if field not in self.errors
        }
