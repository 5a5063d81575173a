"""A passkey from end to end, in Chromium with an authenticator that is not there."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests import cast
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(live_server: LiveServer, settings: Settings) -> str:
    """The site by a name: browsers make no passkeys for an address of numbers."""
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    return live_server.url.replace("127.0.0.1", "localhost")


def plug_in(page: Page) -> tuple[CDPSession, str]:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    return devtools, made["authenticatorId"]


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/login/?next=/admin/articles/article/")
    page.get_by_label("用户名").fill("laochen")
    page.get_by_label("密码").fill(cast.PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="退出", exact=True).click()
    expect(page.get_by_text("您已安全退出")).to_be_visible()


def test_a_passkey_is_made_and_signs_in_with_a_password_and_without(page: Page, site: str) -> None:
    cast.laochen()
    devtools, key = plug_in(page)
    sign_in(page, site)
    page.goto(f"{site}/admin/security/")
    page.get_by_role("link", name="添加", exact=True).click()
    assert violations(page) == []
    page.get_by_role("button", name="添加").click()
    expect(page.get_by_text("它们只显示这一次").first).to_be_visible()
    page.get_by_role("link", name="我已经保存好了").click()
    expect(page.get_by_text("可单独登录")).to_be_visible()
    assert violations(page) == []
    sign_out(page)

    # After the password, as the second step.
    sign_in(page, site)
    expect(page.get_by_role("heading", name="两步验证")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="使用通行密钥或安全密钥").click()
    page.wait_for_url("**/admin/articles/article/")
    sign_out(page)

    # Alone.
    page.goto(f"{site}/admin/login/?next=/admin/articles/article/")
    assert violations(page) == []
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url("**/admin/articles/article/")
    assert Authenticator.objects.get(type="webauthn").last_used_at is not None
    sign_out(page)

    # Whoever cancels is told so, in words.
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.goto(f"{site}/admin/login/")
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_role("alert")).to_contain_text("没有完成")


def test_where_browsers_make_none_none_is_offered(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/admin/login/")
    expect(page.get_by_role("button", name="登录", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="用通行密钥登录")).to_have_count(0)
