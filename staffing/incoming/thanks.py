"""What was sent, as the thanks page is told of it: a signed number, and nothing else."""

from __future__ import annotations

from django.core import signing

from staffing.models import Form

signer = signing.Signer(salt="staffing.thanks")


def sign(form: Form, number: str) -> str:
    return signer.sign(f"{form.value}:{number}")


def read(text: str) -> tuple[Form, str] | None:
    """Return the form and the number; None for what we have not signed."""
    try:
        form, _, number = signer.unsign(text).partition(":")
        return Form(form), number
    except (signing.BadSignature, ValueError):
        return None
