"""The token in a form: which form it is, when it was opened, and what makes a sending one sending."""

from __future__ import annotations

import secrets
import time
import unicodedata
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final, Self

from django.core import signing

from staffing.models import Form

SALT: Final = "staffing.incoming"
# Nobody reads and fills in a form any faster.
QUICK: Final = 3  # seconds
OLD: Final = 12 * 3600  # seconds
DIGITS: Final = "零一二三四五六七八九十"


@dataclass(frozen=True)
class Token:
    """Signed, not secret: a visitor may read it, and cannot make one."""

    form: str
    nonce: str
    opened_at: float
    sums: tuple[int, int] | None = None

    @classmethod
    def new(cls, form: Form, *, open_for: int = 0) -> Self:
        """Return one for a form that is shown now, or has been open for so many seconds."""
        return cls(form.value, secrets.token_urlsafe(12), time.time() - open_for)

    @classmethod
    def read(cls, text: str, form: Form) -> Self | None:
        """Return the token that a form came back with; None for none of ours, or another form's."""
        try:
            values: dict[str, Any] = signing.loads(text, salt=SALT)
            sums = values["sums"]
            token = cls(values["form"], values["nonce"], values["at"], sums and tuple(sums))
        except (signing.BadSignature, KeyError, TypeError, ValueError):
            return None
        return token if token.form == form else None

    def __str__(self) -> str:
        """Return it as the form carries it."""
        values = {
            "form": self.form,
            "nonce": self.nonce,
            "at": int(self.opened_at),
            "sums": self.sums,
        }
        return signing.dumps(values, salt=SALT)

    @property
    def is_old(self) -> bool:
        return time.time() - self.opened_at > OLD

    @property
    def is_quick(self) -> bool:
        return time.time() - self.opened_at < QUICK

    @property
    def submission(self) -> str:
        """What one opening of a form is known by: the same for each press of its button."""
        return sha256(f"{self.form}:{self.nonce}".encode()).hexdigest()

    # --- The question ------------------------------------------------------------------------------

    def asking(self) -> Self:
        """Return it with a question that a person answers at once, whatever they see or hear with."""
        return replace(self, sums=(secrets.randbelow(5) + 1, secrets.randbelow(4) + 1))

    @property
    def question(self) -> str:
        """The question in words; empty where nothing is asked."""
        if self.sums is None:
            return ""
        first, second = self.sums
        return f"{DIGITS[first]}加{DIGITS[second]}等于几？"

    def is_answered_by(self, text: str) -> bool:
        """Whether that is the answer: as a figure, full-width or not, or as the Chinese numeral."""
        if self.sums is None:
            return False
        total = sum(self.sums)
        return unicodedata.normalize("NFKC", text).strip() in {str(total), DIGITS[total]}
