"""Sessions of a person: where they are signed in, and how that is ended elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.signing_in.devices import label_of


@dataclass(frozen=True)
class Line:
    """A session as its owner sees it."""

    label: str
    address: str
    since: datetime | None
    is_current: bool


def lines(request: HttpRequest, user: User) -> list[Line]:
    """Return where a person is signed in, this browser first; three queries a session, which are few."""
    current = request.session.session_key
    rows = UserSession.objects.purge_and_list(user)
    found = [
        Line(label_of(row.user_agent), row.ip, row.created_at, row.session_key == current)
        for row in rows
    ]
    if not any(line.is_current for line in found):  # from before sessions were listed
        found.append(Line(label_of(request.headers.get("User-Agent", "")), "", None, True))
    return sorted(found, key=lambda line: (not line.is_current, -_seconds(line.since)))


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0


def end_all(user: User, but: str | None = None) -> int:
    """End the sessions of a person, but for the one of that key; return how many that were.

    Reads every session that still holds, as none may stay: some were begun before there were lists. People
    of the desk have them, and for ten minutes strangers who were asked for a passkey (`views.PasskeyView`).
    """
    ended = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.pk != but and session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    UserSession.objects.filter(user=user).exclude(session_key=but or "").delete()
    Session.objects.filter(pk__in=ended).delete()
    return len(ended)


def note(request: HttpRequest) -> None:
    """List this session, whose key has changed with the password."""
    UserSession.objects.create_from_request(request)
