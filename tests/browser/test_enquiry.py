"""The forms as people meet them: on a phone, out of hours, without JavaScript or cookies."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from portal.cms.pagecache.epochs import clock
from staffing.models import DailyCalls, Enquiry
from tests import cast
from tests.browser.test_accessibility import violations_in_both
from tests.browser.test_journeys import PHONE, answer
from tests.start.waiting import until

pytestmark = pytest.mark.browser

READER = "Mozilla/5.0 (Linux; Android 14; zh-cn) MicroMessenger/8.0.50"


def phone(browser: Browser, base_url: str, **options: Any) -> Page:
    known = {"viewport": PHONE, "base_url": base_url, "locale": "zh-CN", "user_agent": READER}
    return browser.new_context(**{**known, **options}).new_page()


def test_a_job_seeker_applies_without_javascript_and_cookies(
    browser: Browser, base_url: str
) -> None:
    job = cast.job("包装工（日结）")
    page = phone(browser, base_url, java_script_enabled=False)
    page.goto(f"/jobs/{job.pk}/apply/")
    expect(page.get_by_role("heading", name="应聘：包装工（日结）")).to_be_visible()
    page.get_by_label("怎么称呼您").fill("小刘")
    page.get_by_label("联系电话").fill("139 1234")
    page.get_by_role("button", name="报名").click()
    expect(page.locator(".problems")).to_contain_text("还差一点，请看下面 3 处")
    expect(page.locator(".problems")).to_be_focused()
    page.get_by_label("联系电话").fill("139 1234 5678")
    page.get_by_label("出生年份").fill("1998")
    page.get_by_label("我已阅读并同意").check()
    page.get_by_role("button", name="报名").click()
    answer(page)
    expect(page.get_by_role("heading", name="已经收到")).to_be_visible()
    lead = Enquiry.objects.get()
    assert lead.reference in page.content()
    assert (lead.name, lead.phone, lead.job) == ("小刘", "+8613912345678", job)
    assert [consent.recipient for consent in lead.consents.all()] == [""]
    assert page.context.cookies() == []


def test_a_company_asks_to_be_called_at_nine_in_the_evening(
    browser: Browser, base_url: str
) -> None:
    cast.hotline()
    service = cast.service()
    tonight = timezone.make_aware(datetime(2026, 11, 24, 21))
    with time_machine.travel(tonight):
        clock.reset()
        page = phone(browser, base_url)
        page.goto(service.get_absolute_url())
        bar = page.get_by_role("navigation", name="快速联系")
        bar.get_by_role("link", name="请我们回电").click()
        expect(page.locator("main")).to_contain_text("今天 18:00 已下班，明天 8:30 起接听")
        page.get_by_label("您的电话").fill("0755-8882 8155")
        page.get_by_label("我已阅读并同意").check()
        page.get_by_role("button", name="请给我回电").click()
        page.wait_for_load_state()
        answer(page)
        expect(page.get_by_role("heading", name="已经收到")).to_be_visible()
        lead = Enquiry.objects.get()
    clock.reset()
    assert lead.page == lead.landing_page == service.get_absolute_url()
    assert not DailyCalls.objects.exists()  # the report counts the lead


def test_a_tap_on_the_number_is_counted(browser: Browser, base_url: str) -> None:
    cast.hotline(always=True)
    page = phone(browser, base_url)
    page.goto("/services/")
    page.evaluate("addEventListener('click', (event) => event.preventDefault())")
    page.get_by_role("link", name="拨打热线").click()
    until(lambda: DailyCalls.objects.exists(), "the tap was not counted")
    assert DailyCalls.objects.get().page == "/services/"


def test_a_tap_on_an_authoritys_number_is_not(browser: Browser, base_url: str) -> None:
    cast.hotline(always=True)
    cast.profile(supervising_body="区人力资源局", supervising_phone="12333")
    page = phone(browser, base_url)
    page.goto("/complaint/")
    page.evaluate("addEventListener('click', (event) => event.preventDefault())")
    page.get_by_role("link", name="12333").click()
    page.get_by_role("link", name="拨打热线").click()
    until(lambda: DailyCalls.objects.exists(), "the tap was not counted")
    assert DailyCalls.objects.get().count == 1


def test_who_loses_the_line_can_press_again(browser: Browser, base_url: str) -> None:
    page = phone(browser, base_url)
    page.clock.install()
    page.goto("/enquiry/call-back/")
    page.route("**/call-back/", lambda route: route.abort("aborted"))
    button = page.locator("form.form button")
    button.click(no_wait_after=True)
    expect(button).to_be_disabled()
    page.clock.run_for(10_000)
    expect(button).to_be_enabled()
    expect(button).to_have_text("请给我回电")


@pytest.mark.parametrize("size", [5, 6])
def test_a_file_that_is_too_large_is_not_sent_at_all(
    browser: Browser, base_url: str, size: int
) -> None:
    """Else all that was typed would have to be typed again."""
    job = cast.job()
    page = phone(browser, base_url)
    page.goto(f"/jobs/{job.pk}/apply/")
    box = page.get_by_label("简历")
    content = b"\0" * (size * 2**20)
    box.set_input_files({"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": content})
    told = page.get_by_text("文件超过 5 MB，没有选上")
    assert bool(box.input_value()) is (size == 5)
    expect(told).to_have_count(0 if size == 5 else 1)
    box.set_input_files({"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": b"1"})
    expect(told).to_have_count(0)


def test_a_photo_on_a_slow_line_is_not_begun_anew(browser: Browser, base_url: str) -> None:
    job = cast.job()
    page = phone(browser, base_url)
    page.clock.install()
    page.goto(f"/jobs/{job.pk}/apply/")
    page.get_by_label("简历").set_input_files(
        {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": b"1"}
    )
    page.route("**/apply/", lambda route: route.abort("aborted"))
    button = page.locator("form.form button")
    button.click(no_wait_after=True)
    expect(button).to_be_disabled()
    page.clock.run_for(100_000)
    expect(button).to_be_disabled()
    page.clock.run_for(100_000)
    expect(button).to_be_enabled()


def test_what_they_looked_for_comes_along(browser: Browser, base_url: str) -> None:
    cast.service()
    page = phone(browser, base_url)
    page.goto("/search/?q=劳务派遣")
    page.goto("/enquiry/")
    assert page.locator("[name=search_words]").input_value() == "劳务派遣"
    assert page.locator("[name=landing_page]").input_value() == "/search/"


def test_no_form_breaks_a_rule_of_wcag(browser: Browser, base_url: str) -> None:
    cast.hotline()
    job = cast.job()
    tall = {"width": 390, "height": 6000}
    page = phone(browser, base_url, viewport=tall)
    addresses = ("/enquiry/", "/enquiry/call-back/", f"/jobs/{job.pk}/apply/", "/complaint/")
    for address in (*addresses, "/takedown/"):
        page.goto(address)
        assert violations_in_both(page) == [], address
        page.locator("form.form button").click()
        page.wait_for_load_state()
        expect(page.locator(".problems")).to_be_visible()
        assert violations_in_both(page) == [], f"{address} with what is wrong"
    page.goto("/enquiry/call-back/")
    page.get_by_label("您的电话").fill("13812348155")
    page.get_by_label("我已阅读并同意").check()
    page.locator("form.form button").click()
    page.wait_for_load_state()
    assert violations_in_both(page) == [], "with the question"
    answer(page)
    expect(page.get_by_role("heading", name="已经收到")).to_be_visible()
    assert violations_in_both(page) == [], "thanks"
    assert timezone.now() - Enquiry.objects.get().received_at < timedelta(minutes=5)
