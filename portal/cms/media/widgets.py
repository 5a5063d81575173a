"""Choosing a picture of the library in a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.widgets import Script
from django.templatetags.static import static
from django.urls import reverse
from imagefield.widgets import PPOIWidget


def picker_addresses() -> dict[str, str]:
    """What the picker's script needs to know; it is loaded when somebody opens the picker."""
    return {
        "picker": static("cms/picker.js"),
        "list": reverse("admin:cms_mediafile_pictures"),
        "upload": reverse("admin:cabinet_upload"),
        "fetch": reverse("admin:cms_mediafile_fetch"),
    }


class FocalPointInput(PPOIWidget):
    """Filled in by a click on the picture; hidden, and no label may belong to what is hidden."""

    def id_for_label(self, id_: str) -> str:
        return ""


class PictureInput(forms.TextInput):
    """A thumbnail with buttons that open the library; without JavaScript the picture's number."""

    template_name = "cms/picture_input.html"
    choices: Any = ()  # set by ModelChoiceField, and only asked for its queryset

    class Media:
        css = {"all": ["cms/picker.css"]}
        js = [Script("cms/picture-input.js", type="module")]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["picture"] = self.picture(value)
        context["addresses"] = picker_addresses()
        return context

    def picture(self, value: Any) -> Any:
        """Return the chosen picture; None for nothing, or for what a stranger typed. One query."""
        if not str(value or "").isdecimal() or not hasattr(self.choices, "queryset"):
            return None
        return self.choices.queryset.filter(pk=value).first()
