"""Journals: what was done, when, by whom. Rows are added, and never changed by those who read them."""

from __future__ import annotations

import re
from typing import Any, Final, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.cms.phones import masked

# Mobiles and landlines as people write them. Not any row of digits: a date is one too.
PERSONAL: Final = re.compile(
    r"(?<!\d)(?:\+?86[ -]?)?(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\(?0\d{2,3}\)?[ -]?\d{3,4}[ -]?\d{4})(?!\d)",
    re.ASCII,
)
HALF_WIDTH: Final = str.maketrans("０１２３４５６７８９（）－＋　", "0123456789()-+ ")


def without_phones(text: str) -> str:
    """Return a text in which no telephone number can be read: `打过 138****8155`."""

    def hide(match: re.Match[str]) -> str:
        digits = "".join(filter(str.isdigit, match[0]))
        return masked(f"+86{digits.removeprefix('86').removeprefix('0')}")

    # The signs stand where they stood: the translation is one to one.
    found = PERSONAL.finditer(text.translate(HALF_WIDTH))
    for match in reversed(list(found)):
        text = text[: match.start()] + hide(match) + text[match.end() :]
    return text


class JournalQuerySet(models.QuerySet["Any"]):
    def in_order(self) -> Self:
        return self.order_by("at", "pk")


class Journal(models.Model):
    """An entry of a journal about something that holds personal data; it holds no number itself."""

    at = models.DateTimeField("时间", default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="经手人",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    text = models.CharField("内容", max_length=500, blank=True)

    objects = JournalQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry, its numbers masked. Raises TypeError where it stands already.

        `bulk_create` masks nothing; erasing empties texts by `update`.
        """
        if not self._state.adding:
            raise TypeError("An entry of a journal is never changed.")
        self.text = without_phones(self.text)[:500]
        super().save(*args, **kwargs)
