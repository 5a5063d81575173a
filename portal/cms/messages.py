"""What the desk has to say after a save: in a cookie, so that reading the next page writes nothing."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookieStorage(CookieStorage):
    """A cookie that over https no other host of the domain can set. Signed; its flags are those of the session."""

    cookie_name = "__Host-messages" if settings.HTTPS else "messages"


class MessageStorage(FallbackStorage):
    """What does not go into a cookie goes into the session."""

    storage_classes = (HostCookieStorage, SessionStorage)
