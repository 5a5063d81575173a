"""The editor in a form; without JavaScript, a text area with HTML."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django_prose_editor.config import expand_extensions
from django_prose_editor.widgets import AdminProseEditorWidget
from js_asset import ImportMap, Media

from portal.cms.media.widgets import picker_addresses
from portal.cms.richtext.clean import clean
from portal.cms.richtext.config import EXTENSIONS
from portal.cms.richtext.incoming import mark
from portal.cms.richtext.library import pictures

# By what names our scripts import each other: their files' names change with their content.
SCRIPTS = ImportMap(
    {
        "cms/picker": "cms/picker.js",
        **{
            f"cms/editor/{name}": f"cms/editor/{name}.js"
            for name in (
                "find", "fullscreen", "heading", "incoming", "jobs", "labels", "notice", "paste",
                "picture", "rtf", "shortcuts", "status", "table", "tidy", "word",
            )
        },
    }
)  # fmt: skip


class RichTextWidget(AdminProseEditorWidget):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"preset": "configurable", **kwargs})

    @property
    def media(self) -> Media:
        css = {"all": ["cms/picker.css", "cms/editor.css"]}
        return super().media + Media(importmap=SCRIPTS, css=css)

    def get_config(self) -> dict[str, Any]:
        """The field's extensions, with the addresses that ours need."""
        addresses = picker_addresses()
        form = reverse("admin:cms_mediafile_change", args=["{}"])
        extensions = expand_extensions(EXTENSIONS) | {
            "Picture": addresses | {"change": form.replace("%7B%7D", "{}")},
            "Incoming": addresses | {"missing": mark("{}")},
        }
        return {"extensions": extensions, "js_modules": [static("cms/editor.js")]}

    def format_value(self, value: Any) -> str | None:
        """Show each picture as it is in the library now: its file may have been replaced.

        One query if there are pictures.
        """
        return value and clean(str(value), pictures)
