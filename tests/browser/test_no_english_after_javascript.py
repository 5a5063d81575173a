"""What scripts add to the admin is Chinese as well: calendar, clock, editor, media library."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.cms.accounts import User
from tests import cast
from tests.browser.test_journeys import sign_in
from tests.desk.english import english_in
from tests.desk.pictures import picture

pytestmark = pytest.mark.browser

# What people have typed, and what help texts give as examples of typing.
TYPED = ("laochen", "policy", "bianjibu", "factory", "about", "dispatch")


@pytest.fixture
def desk(page: Page, live_server: LiveServer) -> Page:
    """老陈 signed in, at the desk."""
    cast.article()
    sign_in(page, cast.laochen())
    page.goto(f"{live_server.url}/admin/")
    expect(page.get_by_role("heading", name="工作台")).to_be_visible()
    return page


def english_on(page: Page) -> list[str]:
    return english_in(page.content(), TYPED)


def test_the_desk_and_the_sidebar(desk: Page, live_server: LiveServer) -> None:
    assert english_on(desk) == []
    desk.goto(f"{live_server.url}/admin/articles/article/")
    desk.get_by_role("button", name="切换导航").click()
    assert english_on(desk) == []


def test_the_article_form_with_editor_calendar_and_clock(
    desk: Page, live_server: LiveServer
) -> None:
    desk.goto(f"{live_server.url}/admin/articles/article/add/")
    expect(desk.locator(".ProseMirror")).to_be_visible()
    desk.locator(".ProseMirror").click()
    assert english_on(desk) == []
    desk.locator("#id_go_live_at_0").scroll_into_view_if_needed()
    desk.locator(".date-icon").first.click()
    expect(desk.locator("#calendarbox0")).to_be_visible()
    assert english_on(desk) == []
    desk.keyboard.press("Escape")
    desk.locator(".clock-icon").first.click()
    expect(desk.locator("#clockbox0")).to_be_visible()
    assert english_on(desk) == []


def test_the_dialogs_of_the_editor(desk: Page, live_server: LiveServer) -> None:
    """Every button of the toolbar that opens a dialog, one after the other."""
    desk.goto(f"{live_server.url}/admin/articles/article/add/")
    editor = desk.locator(".ProseMirror")
    editor.click()
    desk.keyboard.type("劳务派遣")
    buttons = desk.locator(".prose-menubar__button")
    expect(buttons.first).to_be_visible()
    opened = 0
    for number in range(buttons.count()):
        if not buttons.nth(number).is_visible():
            continue
        editor.click()
        desk.keyboard.press("Control+A")
        buttons.nth(number).click()
        assert english_on(desk) == []
        if desk.locator("dialog[open]").count():
            opened += 1
            desk.keyboard.press("Escape")
            expect(desk.locator("dialog[open]")).to_have_count(0)
    assert opened


def test_the_media_library(desk: Page, live_server: LiveServer) -> None:
    folder = picture().folder
    listed = f"{live_server.url}/admin/cms/mediafile/"
    for query in ("", f"?folder__id__exact={folder.pk}", "?q=factory"):
        desk.goto(f"{listed}{query}")
        desk.wait_for_load_state("networkidle")
        assert english_on(desk) == []


def test_lists_boxes_for_choosing_and_added_rows(desk: Page, live_server: LiveServer) -> None:
    desk.goto(f"{live_server.url}/admin/auth/group/add/")
    expect(desk.locator(".selector-available")).to_be_visible()
    assert english_on(desk) == []
    desk.goto(f"{live_server.url}/admin/cms/siteprofile/")
    desk.get_by_role("button", name="再加一条首页要点").click()
    assert english_on(desk) == []
    desk.goto(f"{live_server.url}/admin/articles/article/")
    desk.locator("#result_list tbody .action-select").first.check()
    assert english_on(desk) == []


def test_other_forms(desk: Page, live_server: LiveServer) -> None:
    owner = User.objects.get(username="laochen")
    for path in (
        "staffing/service/add/",
        "staffing/job/add/",
        "staffing/hotline/add/",
        "staffing/licence/add/",
        "cms/page/add/",
        f"cms/user/{owner.pk}/change/",
        "password_change/",
    ):
        desk.goto(f"{live_server.url}/admin/{path}")
        desk.wait_for_load_state("networkidle")
        assert english_on(desk) == []
