"""Pictures in templates: `{% picture article.cover "card" %}`."""

from __future__ import annotations

from typing import Any

from django import template

from portal.cms.media.display import picture_html
from portal.cms.media.models import MediaFile

register = template.Library()


@register.simple_tag
def picture(file: MediaFile | None, size: str, **options: Any) -> str:
    """Return a library picture; nothing for None, or for a file that is no picture. No query.

    `size` is a name of `media.sizes`; the options are those of `media.display.picture_html`.
    """
    return picture_html(file, size, **options) if file is not None and file.image_file else ""
