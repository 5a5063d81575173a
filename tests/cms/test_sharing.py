"""{% qr_code %}: a page's address to scan."""

from __future__ import annotations

import re

import pytest
from pytest_django import Settings

from portal.cms.site import absolute
from portal.cms.templatetags.sharing import QUIET_ZONE, qr_code

FINDER = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]


def modules(path: str, side: int) -> list[str]:
    """Draw the path, as a browser would, and return its rows of 0 and 1."""
    rows = []
    for y, line in enumerate(path.removeprefix("M").split("M"), start=QUIET_ZONE):
        start, *steps = re.findall(r"[a-z]?[\d.]+ ?[\d.]*", line)
        assert start == f"0 {y}.5"
        row = "".join(("0" if step[0] == "m" else "1") * int(step[1:].split()[0]) for step in steps)
        rows.append(row.ljust(side, "0"))
    return rows


def test_a_code_has_its_finders_and_a_quiet_zone() -> None:
    code = qr_code("https://www.example.com/articles/12345/")

    rows = modules(code.path, code.side)
    edge = code.side - QUIET_ZONE
    assert len(rows) == code.side - 2 * QUIET_ZONE
    assert {row[:QUIET_ZONE] + row[edge:] for row in rows} == {"0" * 2 * QUIET_ZONE}
    assert [row[QUIET_ZONE : QUIET_ZONE + 7] for row in rows[:7]] == FINDER
    assert [row[edge - 7 : edge] for row in rows[:7]] == FINDER
    assert [row[QUIET_ZONE : QUIET_ZONE + 7] for row in rows[-7:]] == FINDER


def test_codes_differ_as_their_addresses_do() -> None:
    one, two = (qr_code(f"https://www.example.com/articles/{number}/") for number in (1, 2))

    assert one.side == two.side
    assert one.path != two.path


def test_the_address_is_the_sites_whatever_host_was_asked(settings: Settings) -> None:
    settings.SITE_URL = "https://www.our-site.example"

    assert absolute("/articles/1/") == "https://www.our-site.example/articles/1/"


@pytest.mark.parametrize("length", [10, 200, 1000])
def test_long_addresses_have_codes_too(length: int) -> None:
    assert qr_code("https://www.example.com/" + "a" * length).side > 2 * QUIET_ZONE
