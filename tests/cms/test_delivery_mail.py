"""Mail: what a mail server's answers mean, and its silence."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from portal.cms.delivery import Message, mail
from portal.cms.delivery.fates import NotSentError, UnclearError
from portal.cms.delivery.models import DeliveryTarget
from tests.loopback import Mailbox, serving

MESSAGE = Message("新线索\r\nBcc: all@example.com", ["宝安区，30 人"], "/admin/")
TARGET = DeliveryTarget(name="组", address="amin@example.com\nboss@example.com")


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    with serving(Mailbox()) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 5
        settings.DEFAULT_FROM_EMAIL = "网站 <portal@example.com>"
        yield server


def send() -> None:
    mail.send(TARGET, MESSAGE, "delivery-7-8")


def test_one_mail_goes_to_all_addresses_of_the_target_and_to_nobody_else(mailbox: Mailbox) -> None:
    send()
    (text,) = mailbox.mails
    assert mailbox.recipients == ["amin@example.com", "boss@example.com"]
    assert "Message-ID: <delivery-7-8@example.com>" in text
    assert "Auto-Submitted: auto-generated" in text
    assert "\nBcc" not in text
    assert "Reply-To" not in text


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "BODY"])
@pytest.mark.parametrize("code", [451, 550])
def test_a_no_is_certainly_not_sent(mailbox: Mailbox, command: str, code: int) -> None:
    mailbox.answers[command] = f"{code} no such user amin@example.com"
    with pytest.raises(NotSentError, match=str(code)) as refused:
        send()
    assert "amin" not in str(refused.value)


def test_an_address_that_was_refused_is_not_passed_over(mailbox: Mailbox) -> None:
    """The others have the mail, so it is not sent again by itself."""
    mailbox.refused = "boss@example.com"
    with pytest.raises(UnclearError, match="收件地址被拒绝 550；其余的已经收到") as partly:
        send()
    assert "boss" not in str(partly.value)
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_hanging_up_anywhere_is_unclear_rather_than_twice(mailbox: Mailbox, command: str) -> None:
    """Certainly nothing was taken here; but smtplib does not tell one end of a line from another."""
    mailbox.answers[command] = None
    with pytest.raises(UnclearError):
        send()
    assert not mailbox.mails


def test_hanging_up_after_the_mail_is_unclear(mailbox: Mailbox) -> None:
    mailbox.answers["BODY"] = None
    with pytest.raises(UnclearError, match="没有回答"):
        send()
    assert len(mailbox.mails) == 1


def test_silence_after_the_mail_is_unclear(mailbox: Mailbox, settings: Settings) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    mailbox.may_answer.clear()
    with pytest.raises(UnclearError, match="没有回答"):
        send()
    mailbox.may_answer.set()


def test_what_comes_after_the_yes_does_not_matter(mailbox: Mailbox) -> None:
    mailbox.answers["QUIT"] = None
    send()
    assert len(mailbox.mails) == 1


def test_nobody_there_is_certainly_not_sent(mailbox: Mailbox, settings: Settings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = closed.getsockname()[1]
        with pytest.raises(NotSentError, match="连接不上邮件服务器"):
            send()


def test_a_site_without_a_mail_server_says_so(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    with pytest.raises(NotSentError, match="EMAIL_URL"):
        send()
