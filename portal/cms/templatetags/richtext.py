"""Rich text in templates: `{{ article.body|richtext }}` and `{{ article.body|excerpt:120 }}`."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from portal.cms.richtext.render import plain, render

register = template.Library()


@register.filter
def richtext(html: str) -> SafeString:
    """The text with its pictures; one query if there are any."""
    return render(html)


@register.filter
def excerpt(html: str, length: int = 120) -> str:
    """At most `length` characters of the text, as plain words."""
    return plain(html, length)
