"""忘记密码: asked for in a request, mailed by the worker.

A request that waited for the mail server would tell by its time who has an account. What waits is a moment
in the row of the account; the key in the link is made while the mail is sent, and stands nowhere else.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.delivery import periodic
from portal.cms.delivery.due import hasten
from portal.cms.signing_in import mailing

TASK: Final = "forgotten-passwords"
# Who has got no mail by then has asked somebody else.
TRIED: Final = timedelta(hours=1)
LOT: Final = 20


def ask(email: str) -> None:
    """Let whoever has this address be sent a link, at once. Two updates and a commit, whether anybody has."""
    with transaction.atomic():
        asking = User.objects.filter(email__iexact=email, is_active=True)
        asking.update(reset_asked_at=timezone.now())
        hasten(TASK)


def send(now: datetime) -> bool:
    """Mail what was asked for; one lot a turn. Raises OSError where the mail server takes none."""
    waiting = User.objects.filter(reset_asked_at__isnull=False).order_by("reset_asked_at")
    users = list(waiting[:LOT])
    failure: Exception | None = None
    for user in users:
        asked_at = user.reset_asked_at
        may_have_one = user.is_active and user.has_usable_password()
        try:
            if asked_at and may_have_one and now - asked_at < TRIED:
                mailing.send_new_password(user)
        except (OSError, ValueError) as error:  # smtplib's are the one, of odd addresses the other
            failure = error
            continue
        # Not what was asked for since.
        User.objects.filter(pk=user.pk, reset_asked_at=asked_at).update(reset_asked_at=None)
    if failure is not None:
        raise failure
    return len(users) == LOT


periodic(TASK, "忘记密码的邮件", send, every=timedelta(minutes=1))
