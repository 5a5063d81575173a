"""The editor in a form; without JavaScript, a text area with HTML."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django_prose_editor.config import expand_extensions
from django_prose_editor.widgets import AdminProseEditorWidget
from js_asset import Media

from portal.cms.media.widgets import picker_addresses
from portal.cms.richtext.clean import clean
from portal.cms.richtext.config import EXTENSIONS
from portal.cms.richtext.library import pictures


class RichTextWidget(AdminProseEditorWidget):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"preset": "configurable", **kwargs})

    @property
    def media(self) -> Media:
        return super().media + Media(css={"all": ["cms/picker.css", "cms/editor.css"]})

    def get_config(self) -> dict[str, Any]:
        """The field's extensions, with the addresses that ours need."""
        extensions = expand_extensions(EXTENSIONS) | {"Picture": picker_addresses()}
        return {"extensions": extensions, "js_modules": [static("cms/editor.js")]}

    def format_value(self, value: Any) -> str | None:
        """Show each picture as it is in the library now: its file may have been replaced.

        One query if there are pictures.
        """
        return value and clean(str(value), pictures)
