"""Secrets of people that this site's key no longer opens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from allauth.mfa.models import Authenticator

from portal.cms.signing_in.secrets import decipher

# What codes are made from, in the data of an authenticator.
ENCIPHERED: Final = ("secret", "seed")


def find() -> Iterator[str]:
    """Yield who cannot use their second factor; so it is with a backup under another SECRET_KEY."""
    for factor in Authenticator.objects.select_related("user").order_by("pk"):
        held = [factor.data[key] for key in ENCIPHERED if isinstance(factor.data.get(key), str)]
        if any(decipher(text) is None for text in held):
            yield f"账号“{factor.user}”的两步验证解不开（SECRET_KEY 换过）：请站长移除后重新设置。"
