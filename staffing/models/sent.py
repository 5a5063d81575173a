"""What leads and tickets have in common: a visitor sent them, by a form, and can be called."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from portal.cms.phones import masked, phone_key
from staffing.models.policy import Form


class SentQuerySet(models.QuerySet["Any"]):
    def of_phone(self, number: str) -> Self:
        """Return what one number ever sent, also after it was erased."""
        return self.filter(phone_key=phone_key(number))


class Sent(models.Model):
    """A row with the fields `kind` (of `Form`), `phone` and `phone_key`."""

    kind: Any
    phone: Any
    phone_key: Any

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; the key follows the number, and outlives it: it tells whose row an erased one was."""
        if self.phone:
            self.phone_key = phone_key(self.phone)
            if (named := kwargs.get("update_fields")) is not None and "phone" in named:
                kwargs["update_fields"] = {*named, "phone_key"}
        super().save(*args, **kwargs)

    @property
    def masked_phone(self) -> str:
        return masked(self.phone)

    @property
    def form(self) -> Form:
        """The form it came by."""
        return Form(self.kind)
