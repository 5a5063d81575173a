"""Where in the site the reader is, for the menu."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def leads_to(url: str, path: str) -> str:
    """Return the `aria-current` of a menu link on the page `path`; empty where it leads elsewhere.

    `page` on the page itself, `true` on the pages below it. The home page has the whole site below
    it, which tells nobody anything.
    """
    if url == path:
        return "page"
    return "true" if url != "/" and path.startswith(url) else ""
