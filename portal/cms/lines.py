"""A list of short texts, typed one per line: what a service includes, the steps of a process."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models


def split(text: str) -> list[str]:
    """Return the lines that say something, without surrounding space."""
    return [line for line in map(str.strip, text.splitlines()) if line]


class LinesFormField(forms.CharField):
    """A text area; cleans to a list."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return split(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return split(self.prepare_value(initial) or "") != split(data or "")


class LinesField(models.TextField):  # type: ignore[type-arg]
    """A TextField whose value in Python is a list of strings; stored one per line."""

    description = "每行一条"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["blank"] = True
        kwargs["default"] = list
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *_: Any) -> list[str]:
        # None: of a row that is not there, joined to one that is.
        return split(value or "")

    def to_python(self, value: Any) -> list[str]:
        return split(value) if isinstance(value, str) else list(value or [])

    def get_prep_value(self, value: Any) -> str:
        return "\n".join(self.to_python(value))

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj))

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        defaults: dict[str, Any] = {
            "form_class": LinesFormField,
            "help_text": self.help_text or "每行一条。",
            "widget": forms.Textarea(attrs={"rows": 4}),
        }
        # Ours last: the admin offers its own widget for any TextField.
        return super().formfield(*args, **{**kwargs, **defaults})
