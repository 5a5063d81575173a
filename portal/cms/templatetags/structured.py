"""What search engines are told of a page, beside its words: `{% structured posting %}`, as JSON-LD.

It stands in a data block, which no browser runs and no policy for scripts is about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# As `json_script` does: nothing in it ends the element, or begins another, and it is the same JSON.
ESCAPES: Final = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}


@register.simple_tag
def structured(data: Mapping[str, Any] | None) -> SafeString | str:
    """Return the data block; nothing where there is nothing to tell."""
    if data is None:
        return ""
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 - escaped above
