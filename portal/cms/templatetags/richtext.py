"""Rich text in templates: `{{ service.body|richtext }}` and `{{ article.body|excerpt:120 }}`.

The text of a page of its own: `{% rendered article.body article.get_absolute_url as text %}`, then
`{{ text.html }}`, `{{ text.reading_time }}` and `text.contents`.
"""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from portal.cms.keywords.linking import linker
from portal.cms.media.models import MediaFile
from portal.cms.richtext.render import Rendered, plain, render

register = template.Library()


@register.filter
def richtext(html: str) -> SafeString:
    """The text with its pictures; one query if there are any."""
    return render(html).html


@register.simple_tag
def rendered(html: str, own: str, below: MediaFile | None = None) -> Rendered:
    """The same for the text of the page at the address `own`: with its keywords linked, one query
    more, and with its outline and length. `below` is a picture above it, which is loaded before its own.
    """
    return render(html, linker(own), first=below is None)


@register.filter
def excerpt(html: str, length: int = 120) -> str:
    """At most `length` characters of the text, as plain words."""
    return plain(html, length)
