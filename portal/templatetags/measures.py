"""Numbers of things, with their measure words."""

from __future__ import annotations

from typing import Any

from django import template

from portal.admin.measures import counted

register = template.Library()


@register.simple_tag
def how_many(cl: Any) -> str:
    """Return what a list of the admin holds: 5 组同义词."""
    is_cut = getattr(cl.paginator, "is_cut", False)
    return counted(cl.result_count, cl.opts, is_cut=is_cut)
