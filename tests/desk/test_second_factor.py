"""The second factor: setting it up, signing in with it, who must have one, and who takes it off."""

from __future__ import annotations

import json
import re
import time
from base64 import urlsafe_b64encode
from datetime import timedelta
from importlib import import_module
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from portal.cms.accounts import User
from portal.cms.review.models import Notice
from portal.cms.signing_in import forms, mailing, second_factor, secrets, sessions
from portal.cms.signing_in.adapters import FactorAdapter
from portal.cms.signing_in.views import PASSKEYS_AN_HOUR, passkeys_work
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.english import english_in
from tests.desk.forms import press, url, values

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
SECURITY = "/admin/security/"
FACTOR = "/admin/account/2fa/"
STEP = f"{FACTOR}authenticate/"
ACTIVATE = f"{FACTOR}totp/activate/"
PASSKEY = f"{FACTOR}keys/login/"
DAY = timedelta(days=1, seconds=1)


def sign_in(user: User, **more: Any) -> tuple[Client, Any]:
    client = Client()
    sent = {"username": user.username, "password": cast.PASSWORD, **more}
    return client, client.post(LOGIN, sent)


def code_of(seed: str) -> str:
    return str(format_hotp_value(hotp_value(seed, int(time.time()) // 30)))


def set_up(client: Client) -> tuple[str, list[str]]:
    """Set up an app as a person does; return its seed and the recovery codes."""
    page = client.get(ACTIVATE)
    found = re.search(r'class="seed">([A-Z2-7]{32})<', page.content.decode())
    assert found is not None
    codes = client.post(ACTIVATE, {"code": code_of(found[1])}, follow=True)
    return found[1], re.findall(r"<code>(\d{8})</code>", codes.content.decode())


def with_app(user: User) -> tuple[str, list[str]]:
    """An account with an app, all of whose sessions have ended; its next codes are those to come."""
    client, _ = sign_in(user)
    seed, codes = set_up(client)
    sessions.end_all(user)
    return seed, codes


def second_step(user: User, code: str, **more: Any) -> tuple[Client, Any]:
    client, answer = sign_in(user, **more)
    assert answer["Location"] == STEP
    return client, client.post(STEP, {"code": code})


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


# --- Setting up, and signing in --------------------------------------------------------------------------


def test_an_app_is_set_up_and_recovery_codes_are_shown_once() -> None:
    client, _ = sign_in(cast.xiaolin())
    asked = client.get(ACTIVATE)
    seed = asked.context["form"].secret
    assert english_in(asked.content.decode(), ["xiaolin", seed]) == []
    _, codes = set_up(client)
    assert len(set(codes)) == 10
    again = client.get(f"{FACTOR}recovery-codes/").content.decode()
    assert not any(code in again for code in codes)
    page = client.get(SECURITY).content.decode()
    assert "还有 10 个没有用过" in page
    assert english_in(page, ["xiaolin", "Linux"]) == []


def test_signing_in_takes_the_second_step_and_leads_where_one_wanted_to_go() -> None:
    user = cast.xiaolin()
    seed, _ = with_app(user)
    client, answer = sign_in(user, next="/admin/articles/article/")
    assert answer["Location"] == STEP
    assert not is_in(client)
    page = client.get(STEP).content.decode()
    assert "6 位验证码" in page
    assert english_in(page, []) == []
    answer = client.post(STEP, {"code": code_of(seed)})
    assert answer["Location"] == "/admin/articles/article/"
    assert is_in(client)


def test_a_key_is_asked_for_where_there_is_one() -> None:
    """A button that no key of theirs answers would be a riddle. Of who has one: tests/browser."""
    user = cast.xiaolin()
    with_app(user)
    client, _ = sign_in(user)
    page = client.get(STEP, headers={"host": "localhost"})
    assert page.status_code == 200
    assert "使用通行密钥" not in page.content.decode()


def test_the_wrong_password_never_gets_to_the_second_step() -> None:
    user = cast.xiaolin()
    with_app(user)
    client = Client()
    client.post(LOGIN, {"username": "xiaolin", "password": "猜的"})
    assert client.get(STEP)["Location"] == LOGIN


def test_a_code_is_good_once_for_as_long_as_it_is_right() -> None:
    user = cast.xiaolin()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        seed, _ = with_app(user)
        code = code_of(seed)
        assert is_in(second_step(user, code)[0])
        for _ in range(2):
            clock.shift(20)  # allauth forgets it after thirty seconds
            assert not is_in(second_step(user, code)[0])
            assert not is_in(second_step(user, f"{code[:3]} {code[3:]}")[0])


def test_a_recovery_code_stands_in_once() -> None:
    user = cast.xiaolin()
    _, codes = with_app(user)
    assert is_in(second_step(user, codes[3])[0])
    client, answer = second_step(user, codes[3])
    assert "验证码不对" in answer.content.decode()
    assert not is_in(client)


def test_the_code_of_somebody_else_is_none() -> None:
    with_app(cast.xiaolin())
    seed, codes = with_app(cast.amin())
    for code in (code_of(seed), codes[0]):
        assert not is_in(second_step(cast.xiaolin(), code)[0])


@pytest.mark.parametrize("code", ["", "０１２３４５", "12345", "\x00", "x" * 5000, "一二三四五六"])
def test_what_is_no_code_is_refused(code: str) -> None:
    user = cast.xiaolin()
    with_app(user)
    client, answer = second_step(user, code)
    assert answer.status_code == 200
    assert not is_in(client)


def test_codes_cannot_be_tried_one_after_the_other() -> None:
    user = cast.xiaolin()
    seed, _ = with_app(user)
    client, _ = sign_in(user)
    for n in range(5):
        assert "验证码不对" in client.post(STEP, {"code": f"00000{n}"}).content.decode()
    assert "试的次数太多" in client.post(STEP, {"code": code_of(seed)}).content.decode()
    assert not is_in(client)


def test_nor_day_after_day_and_a_browser_of_theirs_is_counted_for_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = cast.xiaolin()
    mine, _ = sign_in(user)
    seed, _ = set_up(mine)
    mine.post("/admin/logout/")
    monkeypatch.setattr(forms, "CODES_A_DAY", 2)
    for n in range(2):
        second_step(user, f"00000{n}")
    stranger, answer = second_step(user, code_of(seed))
    assert "今天试的次数太多" in answer.content.decode()
    assert not is_in(stranger)
    mine.post(LOGIN, {"username": user.username, "password": cast.PASSWORD})
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        mine.post(STEP, {"code": code_of(seed)})
        assert is_in(mine)


def test_who_has_the_password_alone_keeps_nobody_out_of_a_browser_of_theirs() -> None:
    """Five wrong codes in five minutes are for all but the browsers that the person is known by."""
    user = cast.xiaolin()
    mine, _ = sign_in(user)
    seed, _ = set_up(mine)
    mine.post("/admin/logout/")
    stranger = Client(REMOTE_ADDR="198.51.100.9")
    stranger.post(LOGIN, {"username": user.username, "password": cast.PASSWORD})
    for n in range(6):
        answer = stranger.post(STEP, {"code": f"00000{n}"})
    assert "试的次数太多" in answer.content.decode()
    mine.post(LOGIN, {"username": user.username, "password": cast.PASSWORD})
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        mine.post(STEP, {"code": code_of(seed)})
    assert is_in(mine)


def test_nor_by_answers_of_a_key_that_is_nobody_s() -> None:
    user = cast.xiaolin()
    _, codes = with_app(user)
    client, _ = sign_in(user)

    def told(content: bytes) -> str:
        return urlsafe_b64encode(content).decode().rstrip("=")

    said = json.dumps({"type": "webauthn.get", "challenge": "eA", "origin": "http://localhost"})
    response = {
        "clientDataJSON": told(said.encode()),
        "authenticatorData": told(bytes(37)),
        "signature": "eA",
        "userHandle": "MQ",
    }
    key = {"id": "eA", "rawId": "eA", "type": "public-key", "response": response}
    for _ in range(6):
        assert client.post(STEP, {"credential": json.dumps(key)}).status_code == 200
    client.post(STEP, {"code": codes[0]})
    assert is_in(client)


def test_of_two_who_use_a_recovery_code_at_once_one_gets_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = cast.xiaolin()
    _, codes = with_app(user)
    # As each reads what was used before the other has written.
    monkeypatch.setattr(RecoveryCodes, "_mark_code_used", lambda codes, number: None)
    assert [is_in(second_step(user, codes[0])[0]) for _ in range(2)] == [True, False]


def test_whose_password_is_out_gets_one_mail(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = cast.xiaolin()
    user.email = "xiaolin@example.com"
    user.save()
    with_app(user)
    with django_capture_on_commit_callbacks(execute=True):
        for n in range(2):
            second_step(user, f"00000{n}")
    letter = mail.outbox[0]
    assert len(mail.outbox) == 1
    assert letter.to == [user.email]
    assert letter.subject == "“劳务派遣网站”后台：有人输入了您的密码"
    assert f"http://127.0.0.1:8000{SECURITY}" in str(letter.body)
    Notice.objects.all().delete()
    monkeypatch.setattr(mailing, "_send", Mock(side_effect=ConnectionRefusedError))
    with django_capture_on_commit_callbacks(execute=True):
        assert second_step(user, "000009")[1].status_code == 200


def test_whose_password_is_out_is_told_once_until_they_have_read_it() -> None:
    user = cast.xiaolin()
    seed, _ = with_app(user)
    for n in range(3):
        second_step(user, f"00000{n}")
    notice = Notice.objects.get(to=user)
    assert "有人输入了您的正确密码" in notice.text
    client, _ = second_step(user, code_of(seed))
    client.get(SECURITY)
    second_step(user, "000009")
    assert Notice.objects.filter(to=user, text=notice.text).count() == 2


def test_a_sign_in_that_was_begun_with_another_password_ends_at_the_second_step() -> None:
    user = cast.xiaolin()
    _, codes = with_app(user)
    client, _ = sign_in(user)
    user.refresh_from_db()
    user.set_password("桂花-Shanwei-88")
    user.save()
    answer = client.post(STEP, {"code": codes[0]}, follow=True)
    assert "请用新密码重新登录" in answer.content.decode()
    assert not is_in(client)


def test_somebody_else_may_sign_in_at_the_same_browser() -> None:
    user = cast.xiaolin()
    with_app(user)
    client, _ = sign_in(user)
    assert client.get(LOGIN)["Location"] == STEP
    assert client.get("/admin/account/start-over/").status_code == 405
    client.post("/admin/account/start-over/")
    assert client.get(LOGIN).status_code == 200


# --- Taking it off takes it -------------------------------------------------------------------------------


def test_after_five_minutes_the_password_is_asked_for_again() -> None:
    client, _ = sign_in(cast.xiaolin())
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert client.get(ACTIVATE)["Location"].startswith("/admin/account/reauthenticate/")
        page = client.get(ACTIVATE, follow=True)
        assert english_in(page.content.decode(), []) == []
        wrong = client.post("/admin/account/reauthenticate/", {"password": "猜的"})
        assert "密码不正确" in wrong.content.decode()
        sent = {**values(page), "password": cast.PASSWORD}
        assert client.post("/admin/account/reauthenticate/", sent)["Location"] == ACTIVATE


def test_whoever_knows_the_password_alone_does_not_get_the_factor_off() -> None:
    user = cast.xiaolin()
    client, _ = sign_in(user)
    seed, _ = set_up(client)
    off = f"{FACTOR}totp/deactivate/"
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert client.post(off)["Location"].startswith(f"{FACTOR}reauthenticate/")
        by_password = client.get("/admin/account/reauthenticate/")
        assert by_password["Location"].startswith(f"{FACTOR}reauthenticate/")
        client.post(f"{FACTOR}reauthenticate/", {"code": code_of(seed)})
        client.post(off)
    assert not second_factor.has_factor(user)


def test_the_keys_of_others_are_not_there() -> None:
    key = Authenticator.objects.create(
        user=cast.amin(), type=Authenticator.Type.WEBAUTHN, data={"name": "阿敏的"}
    )
    client, _ = sign_in(cast.xiaolin())
    for verb in ("edit", "remove"):
        assert client.post(f"{FACTOR}keys/{key.pk}/{verb}/", {"name": "我的"}).status_code == 404
    assert Authenticator.objects.get().data == {"name": "阿敏的"}


# --- Who must have one ------------------------------------------------------------------------------------


@pytest.fixture
def deputy() -> User:
    return cast.person("xiaochen", "小陈", "站长")


def locked(user: User) -> Client:
    """The browser of somebody whose day is over."""
    client, _ = sign_in(user)
    User.objects.filter(pk=user.pk).update(second_factor_due=timezone.now() - timedelta(minutes=1))
    return client


def test_who_may_change_accounts_has_a_day_from_the_first_login(deputy: User) -> None:
    assert second_factor.due(deputy) is None
    client, _ = sign_in(deputy)
    deputy.refresh_from_db()
    due = deputy.second_factor_due
    assert due is not None
    assert timedelta(hours=23) < due - timezone.now() <= timedelta(hours=24)
    assert "前设置两步验证" in client.get("/admin/").content.decode()
    sign_in(deputy)
    deputy.refresh_from_db()
    assert deputy.second_factor_due == due


@pytest.mark.parametrize("who", [cast.xiaolin, cast.amin, cast.laozhou])
def test_nobody_else_is_asked(who: Any) -> None:
    client, _ = sign_in(who())
    who().refresh_from_db()
    assert User.objects.get(pk=who().pk).second_factor_due is None
    assert "两步验证" not in client.get("/admin/").content.decode()


def test_after_that_day_the_desk_leads_to_where_it_is_set_up(deputy: User) -> None:
    client = locked(deputy)
    for address in ("/admin/", "/admin/cms/user/", "/admin/articles/article/add/"):
        assert client.get(address)["Location"] == SECURITY
    for address in (SECURITY, ACTIVATE, "/admin/password_change/", "/admin/jsi18n/"):
        assert client.get(address).status_code == 200
    assert "期限已过" in client.get(SECURITY).content.decode()
    set_up(client)
    assert is_in(client)
    assert "前设置两步验证" not in client.get("/admin/").content.decode()


def test_what_was_typed_meanwhile_is_handed_back(deputy: User) -> None:
    client = locked(deputy)
    sent = {"title": "劳务派遣与外包的区别", "body": "<p>派遣单位是用人单位。</p>"}
    answer = client.post("/admin/articles/article/add/", sent)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "劳务派遣与外包的区别" in page
    assert "派遣单位是用人单位" in page
    assert SECURITY in page
    assert english_in(page, []) == []


def test_it_stands_on_the_desk_whose_account_has_none(deputy: User) -> None:
    boss = browser_of(cast.laochen())
    assert "没有设置两步验证的站长" not in boss.get("/admin/").content.decode()
    client, _ = sign_in(deputy)
    sign_in(cast.xiaolin())
    assert "没有设置两步验证的站长" in boss.get("/admin/").content.decode()
    listed = boss.get("/admin/cms/user/?attention=factor").context["cl"].result_list
    assert list(listed) == [deputy]
    set_up(client)
    assert "没有设置两步验证的站长" not in boss.get("/admin/").content.decode()


def test_scripts_are_told_in_their_own_way(deputy: User) -> None:
    answer = locked(deputy).post(
        "/admin/articles/article/pulse/", b"{}", content_type="application/json"
    )
    assert answer.status_code == 403
    assert answer.json() == {"error": "请先设置两步验证，再继续使用后台。"}


def test_taking_it_off_begins_no_new_day(deputy: User) -> None:
    client = locked(deputy)
    set_up(client)
    assert is_in(client)
    client.post(f"{FACTOR}totp/deactivate/")
    assert client.get("/admin/")["Location"] == SECURITY


def test_recovery_codes_alone_are_no_factor(deputy: User) -> None:
    client = locked(deputy)
    Authenticator.objects.create(
        user=deputy, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x", "used_mask": 0}
    )
    assert client.get("/admin/")["Location"] == SECURITY


def test_who_becomes_one_while_at_work_gets_the_day_from_then_on() -> None:
    editor = cast.xiaolin()
    sign_in(editor)
    boss = browser_of(cast.laochen())
    press(boss, url("cms_user", "change", editor.pk), "_save", is_superuser="on")
    editor.refresh_from_db()
    assert editor.second_factor_due is not None


def test_so_does_who_is_in_a_group_that_gets_the_right() -> None:
    editor = cast.xiaolin()
    sign_in(editor)
    chief = cast.laozhou()  # in another group
    group = Group.objects.get(name="编辑")
    right = Permission.objects.get(codename="change_user")
    rights = [*group.permissions.values_list("pk", flat=True), right.pk]
    boss = browser_of(cast.laochen())
    press(boss, url("auth_group", "change", group.pk), "_save", permissions=rights)
    editor.refresh_from_db()
    chief.refresh_from_db()
    assert editor.second_factor_due is not None
    assert chief.second_factor_due is None
    assert list(second_factor.lacking()) == [editor]


def test_so_does_who_is_at_work_when_the_site_is_updated(deputy: User) -> None:
    editor = cast.xiaolin()
    cast.person("xiaowang", "小王", "站长")  # who has never signed in
    for user in (deputy, editor):
        browser_of(user)
    User.objects.update(second_factor_due=None)
    import_module("portal.cms.migrations.0015_grace").begin(apps, connection.schema_editor())
    assert list(User.objects.filter(second_factor_due__gt=timezone.now())) == [deputy]


def test_who_has_never_signed_in_gets_it_at_the_first_login(deputy: User) -> None:
    press(browser_of(cast.laochen()), url("cms_user", "change", deputy.pk), "_save", name="陈")
    deputy.refresh_from_db()
    assert deputy.second_factor_due is None


# --- A lost phone -------------------------------------------------------------------------------------------


def test_a_superuser_takes_it_off_and_the_person_is_told() -> None:
    user = cast.xiaolin()
    client, _ = sign_in(user)
    set_up(client)
    boss = browser_of(cast.laochen())
    form = url("cms_user", "change", user.pk)
    assert "移除两步验证" in boss.get(form).content.decode()
    asked = boss.get(f"/admin/cms/user/{user.pk}/second-factor/").content.decode()
    assert english_in(asked, []) == []
    boss.post(f"/admin/cms/user/{user.pk}/second-factor/")
    assert not Authenticator.objects.filter(user=user).exists()
    assert not is_in(client)
    notice = Notice.objects.get(to=user)
    assert "移除了您的两步验证" in notice.text
    assert LogEntry.objects.get(object_id=str(user.pk)).change_message == "移除了两步验证。"
    client, _ = sign_in(user)
    assert f'href="{SECURITY}"' in client.get("/admin/notices/").content.decode()
    client.get(SECURITY)
    notice.refresh_from_db()
    assert notice.seen_at is not None


def test_who_waits_at_the_second_step_meanwhile_signs_in_anew() -> None:
    """They have noticed there that the phone is lost."""
    user = cast.xiaolin()
    with_app(user)
    client, _ = sign_in(user)
    second_factor.remove(user)
    assert client.get(STEP, follow=True).redirect_chain == [(LOGIN, 302)]
    client.post(LOGIN, {"username": user.username, "password": cast.PASSWORD})
    assert is_in(client)


def test_nobody_else_takes_it_off_and_no_superuser_their_own(deputy: User) -> None:
    user, boss = cast.xiaolin(), cast.laochen()
    for account in (user, boss):
        Authenticator.objects.create(
            user=account, type=Authenticator.Type.TOTP, data={"secret": secrets.encipher("A" * 32)}
        )
    by_deputy = browser_of(deputy)
    assert "移除两步验证" not in by_deputy.get(url("cms_user", "change", user.pk)).content.decode()
    tried = [
        (by_deputy, user),
        (by_deputy, boss),
        (browser_of(user), user),
        (browser_of(boss), boss),
    ]
    for client, account in tried:
        assert client.post(f"/admin/cms/user/{account.pk}/second-factor/").status_code == 403
    assert Authenticator.objects.count() == 2


def test_whoever_sits_at_the_server_takes_it_off(capsys: pytest.CaptureFixture[str]) -> None:
    user = cast.laochen()
    with_app(user)
    call_command("second_factor", "laochen")
    assert "已启用" in capsys.readouterr().out
    call_command("second_factor", "laochen", remove=True)
    assert not second_factor.has_factor(user)
    call_command("second_factor", "laochen", remove=True)
    assert "没有设置" in capsys.readouterr().out
    with pytest.raises(CommandError, match="没有用户名为"):
        call_command("second_factor", "nobody")


# --- At rest ------------------------------------------------------------------------------------------------


def test_the_database_holds_no_seed() -> None:
    seed, codes = with_app(cast.xiaolin())
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert seed not in stored
    assert not any(code in stored for code in codes)


def test_a_key_of_before_still_opens_and_another_does_not(settings: Settings) -> None:
    sealed = secrets.encipher("种子")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "新的", [settings.SECRET_KEY]
    assert secrets.decipher(sealed) == "种子"
    settings.SECRET_KEY_FALLBACKS = []
    assert secrets.decipher(sealed) is None
    adapter = FactorAdapter()
    assert len({adapter.decrypt(sealed), adapter.decrypt(sealed), ""}) == 3
    assert secrets.decipher("乱写") is None


def test_under_another_key_the_page_says_what_to_do(settings: Settings) -> None:
    user = cast.xiaolin()
    seed, _ = with_app(user)
    settings.SECRET_KEY = "另一个"
    client, _ = sign_in(user)
    page = client.post(STEP, {"code": code_of(seed)}).content.decode()
    assert "SECRET_KEY" in page
    assert "移除您的两步验证" in page
    assert not is_in(client)


# --- Passkeys (their journey is tests/browser/test_passkey.py) ------------------------------------------------


@pytest.mark.parametrize(
    "credential",
    [
        *("", "x", "[]", "1", "null", "{}", '"' * 9, '{"id": 1}', '{"response": []}'),
        # Too deep, too long for a number, too long for any key.
        *("[" * 9_000, '{"a":' * 3_000, "9" * 5_000, "[" * 100_000),
        '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"userHandle": "MQ"}}',
        '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"userHandle": 5,'
        ' "clientDataJSON": "e30", "authenticatorData": "eA", "signature": "eA"}}',
        '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"userHandle": '
        '"OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk", "clientDataJSON": "e30", '
        '"authenticatorData": "eA", "signature": "eA"}}',
    ],
)
def test_what_no_key_would_say_is_refused_in_words(credential: str) -> None:
    client = Client()
    client.get(PASSKEY, headers={"accept": "application/json"})
    answer = client.post(PASSKEY, {"credential": credential}, follow=True)
    assert answer.redirect_chain == [(LOGIN, 302)]
    assert not is_in(client)
    user = cast.xiaolin()
    with_app(user)
    client, _ = sign_in(user)
    assert client.post(STEP, {"credential": credential}).status_code == 200
    client, _ = sign_in(cast.amin())
    added = client.post(f"{FACTOR}keys/add/", {"name": "钥匙", "credential": credential})
    assert added.status_code == 200


def test_strangers_begin_so_many_sessions_an_hour_and_short_ones() -> None:
    client = Client()
    for _ in range(PASSKEYS_AN_HOUR):
        answer = client.get(PASSKEY, headers={"accept": "application/json"})
    assert answer.json()["request_options"]["publicKey"]["challenge"]
    assert client.session.get_expiry_age() == 600
    answer = client.get(PASSKEY, headers={"accept": "application/json"})
    assert answer.status_code == 429
    client.post(LOGIN, {"username": cast.xiaolin().username, "password": cast.PASSWORD})
    assert client.session.get_expiry_age() > 1_000_000


@pytest.mark.parametrize(
    ("host", "secure", "works"),
    [
        ("localhost:8000", False, True),
        ("www.example.com", True, True),
        ("www.example.com", False, False),
        ("127.0.0.1:8000", True, False),
        ("[::1]:8000", True, False),
    ],
)
def test_passkeys_are_offered_where_browsers_make_them(
    rf: RequestFactory, settings: Settings, host: str, secure: bool, works: bool
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert passkeys_work(rf.get("/", secure=secure, headers={"host": host})) is works
