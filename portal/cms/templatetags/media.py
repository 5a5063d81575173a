"""Pictures in templates: `{% picture article.cover "card" %}`."""

from __future__ import annotations

from django import template
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.media.display import image_attributes
from portal.cms.media.models import MediaFile

register = template.Library()


@register.simple_tag
def picture(
    file: MediaFile | None,
    size: str,
    sizes: str = "100vw",
    alt: str | None = None,
    lazy: bool = True,
    priority: bool = False,
) -> SafeString | str:
    """Return the <img> of a library picture; nothing for None, or for a file that is no picture.

    `size` is a name of `media.sizes`; `sizes` says how wide it stands in the page; `alt` replaces
    the library's text, and "" marks a picture as decoration. `priority` is for the one picture that
    a reader waits for. No query.
    """
    if file is None or not file.image_file:
        return ""
    attributes: dict[str, str | int] = dict(image_attributes(file, size))
    if "srcset" in attributes:
        attributes["sizes"] = sizes
    attributes["alt"] = file.image_alt_text if alt is None else alt
    if priority:
        attributes["fetchpriority"] = "high"
    elif lazy:
        attributes["loading"] = "lazy"
    attributes["decoding"] = "async"
    return format_html("<img{}>", flatatt(attributes))
