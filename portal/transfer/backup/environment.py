"""How a site was set up, without anything that opens a door."""

from __future__ import annotations

import json
import os
import re
from typing import Final
from urllib.parse import urlsplit

from portal.environment import env

SECRET: Final = re.compile(r"KEY|SECRET|TOKEN|PASSWORD")


def settings_without_secrets() -> bytes:
    """Return the variables of the environment that our settings read and that are set, as JSON."""
    named = {name: os.environ[name] for name in env.dump() if name in os.environ}
    shown = {name: shown_of(text) for name, text in named.items() if not SECRET.search(name)}
    return json.dumps(shown, ensure_ascii=False, indent=1, sort_keys=True).encode()


def shown_of(text: str) -> str:
    """Return a value; of an address, where it leads, without who goes in by which password."""
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
        # Query and fragment: some write the password there.
        return parts._replace(
            netloc=parts.netloc.rpartition("@")[2], query="", fragment=""
        ).geturl()
    except ValueError:
        return ""
