"""Secrets at rest: what codes are made from is enciphered with a key that follows SECRET_KEY.

Whoever reads a copy of the database, or a backup, cannot make codes: neither holds the key.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# Another purpose, another key: what one of them gives away says nothing of the others.
PURPOSE = b"portal.cms.signing_in.secrets"


def encipher(text: str) -> str:
    return (
        _cipher(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()
    )


def decipher(enciphered: str) -> str | None:
    """Return what was enciphered with this key, or with one of before; None with any other."""
    try:
        cipher = _cipher(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        return cipher.decrypt(enciphered.encode()).decode()
    except InvalidToken:
        return None


@lru_cache(maxsize=4)
def _cipher(*keys: str) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return urlsafe_b64encode(derived)
