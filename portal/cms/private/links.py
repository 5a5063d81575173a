"""Links to private files: for one person, and for five minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.core import signing
from django.urls import reverse

from portal.cms.private.models import PrivateFile

if TYPE_CHECKING:
    from portal.cms.accounts import User

GOOD_FOR: Final = timedelta(minutes=5)
SALT = "cms.private"


def url(file: PrivateFile, user: User) -> str:
    """Return a link to a file that this person alone can follow; no query."""
    return reverse("admin:private_file", args=[signing.dumps([file.pk, user.pk], salt=SALT)])


def file_of(token: str, user: User) -> PrivateFile | None:
    """Return what a link leads to; None for another's, an old one, one that was made up. One query."""
    try:
        pk, user_pk = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return PrivateFile.objects.filter(pk=pk).first() if user_pk == user.pk else None
