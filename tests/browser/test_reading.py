"""What a reader's eyes and thumbs meet in an article: tables wider than the screen, buttons, paper."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, ViewportSize

from tests import cast

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 390, "height": 900}
A4: ViewportSize = {"width": 672, "height": 970}  # within the margins of site.css


def table(columns: int) -> str:
    rows = "".join(f"<tr>{'<td>2360.00 元每月</td>' * columns}</tr>" for _ in range(3))
    return f"<table><tbody>{rows}</tbody></table>"


def at_the_edge(scroller: Locator) -> tuple[int, ...]:
    """Return the colour of the last pixel of its first line, where no letter stands."""
    image = Image.open(io.BytesIO(scroller.screenshot())).convert("RGB")
    colour = image.getpixel((image.width - 2, 3))
    assert isinstance(colour, tuple)
    return colour


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_table_shows_that_it_goes_on_until_its_end(
    browser: Browser, base_url: str, scheme: Any
) -> None:
    address = cast.article(body=f"{table(3)}<p>又一张</p>{table(9)}").get_absolute_url()
    page = browser.new_page(base_url=base_url, viewport=PHONE, color_scheme=scheme)
    page.goto(address)
    narrow, wide = page.locator(".table-scroll").all()

    assert at_the_edge(wide) != at_the_edge(narrow)
    wide.evaluate("table => table.scrollTo({ left: table.scrollWidth, behavior: 'instant' })")
    assert at_the_edge(wide) == at_the_edge(narrow)


def test_paper_shows_every_column(browser: Browser, base_url: str) -> None:
    address = cast.article(body=table(12)).get_absolute_url()
    page = browser.new_page(base_url=base_url, viewport=A4)
    page.emulate_media(media="print")
    page.goto(address)

    edge = page.locator("table").evaluate("table => table.getBoundingClientRect().right")
    assert edge <= A4["width"]


def test_the_buttons_of_the_text_size_are_as_large_as_a_thumb(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(cast.article().get_absolute_url())

    boxes = [button.bounding_box() for button in page.locator(".text-size button").all()]
    assert len(boxes) == 3
    assert all(box and min(box["width"], box["height"]) >= 44 for box in boxes)
