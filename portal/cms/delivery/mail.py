"""Mail to colleagues. Nothing a visitor typed is in a header, and no visitor ever gets one."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from portal.cms.delivery.fates import NotSentError, UnclearError

if TYPE_CHECKING:
    from portal.cms.delivery.models import DeliveryTarget
    from portal.cms.delivery.topics import Message

# What the server says no to it has not taken. All else may be after it has: see `_hand_over`.
REFUSALS = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
)
LONGEST = 100_000
# By address, the code of the refusal and its words.
Refused = dict[str, tuple[int, bytes]]


def send(target: DeliveryTarget, message: Message, reference: str) -> None:
    """Hand one mail for all addresses of the target to the mail server.

    `reference` makes its Message-ID: one that comes a second time can be told by it. With a server that
    answers each line at the last moment, takes ten seconds for eleven of them (with STARTTLS and a password), and for each address.
    Raises NotSentError, UnclearError; also UnclearError where some of the addresses were refused.
    """
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend") and not settings.DEBUG:
        raise NotSentError("还没有设置邮件服务器（环境变量 EMAIL_URL）。")
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    mail = EmailMessage(
        message.subject,
        message.text(LONGEST),
        to=target.addresses,
        headers={"Message-ID": f"<{reference}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise NotSentError(f"连接不上邮件服务器（{type(error).__name__}）。") from error
    refused = _refused_by(connection)
    try:
        _hand_over(connection, mail)
    finally:
        # The mail is in, whatever becomes of the farewell.
        with suppress(OSError, smtplib.SMTPException):
            connection.close()
    if refused:
        raise UnclearError(f"邮件发出了，但有{_addresses(refused)}；其余的已经收到。")


def _refused_by(connection: Any) -> Refused:
    """Return where the addresses will stand that the server refuses while it takes the mail for others.

    smtplib returns them, and Django does not look.
    """
    refused: Refused = {}
    line = getattr(connection, "connection", None)  # of SMTP alone
    if isinstance(line, smtplib.SMTP):
        sendmail = line.sendmail

        def noting(*args: Any, **kwargs: Any) -> Refused:
            refused.update(sendmail(*args, **kwargs))
            return refused

        line.sendmail = noting  # type: ignore[method-assign]
    return refused


def _hand_over(connection: Any, mail: EmailMessage) -> None:
    try:
        connection.send_messages([mail])
    except REFUSALS as error:
        raise NotSentError(f"邮件服务器没有接收（{reason(error)}）。") from error
    except (OSError, smtplib.SMTPException) as error:
        # Cut off somewhere between the first command and the last answer.
        raise UnclearError(f"邮件服务器没有回答（{type(error).__name__}）。") from error


def reason(error: Exception) -> str:
    """Return the server's code: its words may hold addresses."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _addresses(error.recipients)
    return str(getattr(error, "smtp_code", type(error).__name__))


def _addresses(refused: Refused) -> str:
    codes = {str(code) for code, _ in refused.values()}
    return f"收件地址被拒绝 {'、'.join(sorted(codes))}"
