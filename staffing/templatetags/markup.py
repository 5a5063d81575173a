"""What pages of the agency tell search engines: `{% service_markup service districts %}`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from portal.cms.templatetags.structured import structured
from staffing import markup
from staffing.models import Service

register = template.Library()


@register.simple_tag(takes_context=True)
def service_markup(
    context: Context, service: Service, districts: Iterable[Any]
) -> SafeString | str:
    return structured(markup.service(service, districts, context["chrome"]["profile"]))


@register.simple_tag(takes_context=True)
def agency_markup(context: Context) -> SafeString | str:
    """Of the agency, with its address and numbers; nothing where it shows no address."""
    chrome = context["chrome"]
    return structured(markup.agency(chrome["profile"], chrome["hotlines"]))
