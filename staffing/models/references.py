"""Numbers by which visitors and colleagues name a request over the telephone."""

from __future__ import annotations

import secrets
from typing import Final

from django.utils import timezone

# Read aloud and typed back: no 0 and O, no 1 and I.
ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_reference() -> str:
    """Return one such as `26-7KQ4P2`: the year, and one of a thousand million.

    That it is new is the table's to say (unique); who stores it tries another then.
    """
    return f"{timezone.localdate():%y}-" + "".join(secrets.choice(ALPHABET) for _ in range(6))
