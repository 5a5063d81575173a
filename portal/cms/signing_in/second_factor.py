"""The second factor: who must have one, until when, and how it is taken off an account.

Whoever may change accounts holds the keys of all others. They get a day from their first login; after
that the desk opens no page but those on which a factor is set up (`portal.admin.site`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from allauth.account.signals import user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import receiver
from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.review import notices
from portal.cms.review.models import Notice
from portal.cms.signing_in import mailing, secrets, sessions

GRACE: Final = timedelta(hours=24)
STOPPED_HALF_WAY: Final = "有人输入了您的正确密码，但没有通过两步验证。不是您本人？请立即修改密码。"
# Recovery codes are no factor of their own: they stand in for one that is lost.
FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_required(user: User) -> bool:
    """Whether this person may change accounts. The desk has asked for their rights anyway."""
    return user.is_active and user.has_perm("cms.change_user")


def has_factor(user: User, before: datetime | None = None) -> bool:
    """Whether there is one, or was `before` a moment; one query, by an index."""
    factors = Authenticator.objects.filter(user=user, type__in=FACTORS)
    if before is not None:
        factors = factors.filter(created_at__lt=before)
    return bool(factors.exists())


def due(user: User) -> datetime | None:
    """Return until when this person has to set up a second factor; None: nothing is asked of them.

    No query where their first login is still to come, or has asked nothing; else one.
    """
    if user.second_factor_due is None or not is_required(user) or has_factor(user):
        return None
    return user.second_factor_due


def lacking() -> QuerySet[User]:
    """Return who must have one, has signed in, and has none."""
    people: QuerySet[User] = User.objects.with_perm(
        "cms.change_user", backend="django.contrib.auth.backends.ModelBackend"
    )
    having = Authenticator.objects.filter(type__in=FACTORS).values("user")
    return people.filter(second_factor_due__isnull=False).exclude(pk__in=having)


def begin_grace(user: User) -> None:
    """Give a day, once in the life of an account: taking the factor off begins no new one."""
    if user.second_factor_due is None and is_required(user):
        user.second_factor_due = timezone.now() + GRACE
        User.objects.filter(pk=user.pk, second_factor_due=None).update(
            second_factor_due=user.second_factor_due
        )


@receiver(user_logged_in)
def _signed_in(sender: type[User], user: User, **_: Any) -> None:
    begin_grace(user)


@receiver(authentication_failed)
def _failed(sender: type[Authenticator], user: User, reauthentication: bool, **_: Any) -> None:
    """Tell a person that somebody has their password, but not their phone; once until it is read.

    By mail, too: as long as somebody goes on trying, the desk may be shut to them. A mail server that
    fails is logged.
    """
    if reauthentication:
        return
    unread = Notice.objects.filter(to=user, text=STOPPED_HALF_WAY, seen_at=None)
    if not unread.exists():
        Notice.objects.create(to=user, item=user, text=STOPPED_HALF_WAY)
        notices.forget_old([user.pk])
        transaction.on_commit(lambda: mailing.send_stopped_half_way(user), robust=True)


def remove(user: User) -> int:
    """Take all factors off an account, and end its sessions: the lost phone may be signed in.

    Return how many there were, recovery codes not counted. Three queries, and those of the sessions.
    """
    removed = Authenticator.objects.filter(user=user)
    count: int = removed.filter(type__in=FACTORS).count()
    removed.delete()
    sessions.end_all(user)
    return count


def is_unreadable(factor: Authenticator) -> bool:
    """Whether a factor was set up under another SECRET_KEY: no code can be right any more."""
    sealed = factor.data.get("secret") or factor.data.get("seed")
    return sealed is not None and secrets.decipher(sealed) is None
