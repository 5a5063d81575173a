"""A page's address, to be handed on: `{{ path|absolute }}`, and `{% qr_code address as code %}`."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import segno
from django import template

from portal.cms.site import absolute

register = template.Library()
register.filter(absolute)

QUIET_ZONE = 4  # modules of white around a code; without them it is not found
MARGIN = bytes(QUIET_ZONE)


class QrCode(NamedTuple):
    """A square of so many units, and the lines in it, as the `d` of an SVG path with a stroke of 1."""

    side: int
    path: str


# Still half a millisecond: the pages that are read most keep theirs.
@register.simple_tag
@lru_cache(maxsize=1024)
def qr_code(address: str) -> QrCode:
    """The QR code of an address, that is still read with 15 % of it covered (level M)."""
    # Any of the eight masks can be read. To find which one a smudged print would bear best, all are
    # drawn and judged: five times the work.
    code = segno.make_qr(address, error="m", mask=0)
    lines = (line_of(MARGIN + row + MARGIN, y) for y, row in enumerate(code.matrix, QUIET_ZONE))
    return QrCode(len(code.matrix) + 2 * QUIET_ZONE, "".join(lines))


def line_of(row: bytes, y: int) -> str:
    """Return the dark runs of a row, each drawn from where the one before it ends."""
    steps = [f"M0 {y}.5"]
    end = 0
    while (start := row.find(1, end)) >= 0:
        gap, end = start - end, row.find(0, start)  # found: the quiet zone is light
        steps.append(f"m{gap} 0h{end - start}")
    return "".join(steps)
