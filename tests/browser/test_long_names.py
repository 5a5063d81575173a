"""A name without a place to break: it takes no page out of its frame, and hides nothing beside it."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, ViewportSize

from portal.cms.tamper.models import OutsideHost
from tests import cast
from tests.browser.test_journeys import PHONE, sign_in
from tests.desk.forms import form_of, url

pytestmark = pytest.mark.browser

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
HOST = ".".join(letter * 60 for letter in "abc")
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def is_inside(thing: Locator, width: int) -> bool:
    box = thing.bounding_box()
    return box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_address_of_others(browser: Browser, base_url: str, viewport: ViewportSize) -> None:
    now = timezone.now()
    row = OutsideHost.objects.create(
        kind=OutsideHost.Kind.FRAME, host=HOST, page="/", first_at=now, last_at=now
    )
    page = browser.new_context(viewport=viewport, base_url=base_url, locale="zh-CN").new_page()
    sign_in(page, cast.laochen())
    page.goto(url("cms_outsidehost", "changelist"))
    assert is_inside(page.locator("#result_list .state"), viewport["width"])
    assert page.evaluate(OVER) <= 0
    page.goto(form_of(row))
    assert page.evaluate(OVER) <= 0
