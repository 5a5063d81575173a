"""Journals: what was done, when, by whom. Rows are added, and never changed by those who read them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from portal.cms.phones import COUNTRY, masked, to_e164

# Digits, and whatever people put between those of a number.
RUN: Final = re.compile(r"[0-9](?:[\s().·~/_,\-‐-―−]*[0-9])+")
# No number begins within one: `2026-03-10~2026-03-20`.
DATE: Final = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}([-/.])[01]?[0-9]\1[0-3]?[0-9](?![0-9])")
# What is dialled for the country, for elsewhere or for a cheap line; then a mobile, or a landline. That
# needs something before it, and an area code that there is: else any row of digits could be one.
NUMBER: Final = re.compile(
    r"((?:(?:00)?86)?(?:0|1(?:[12][0-9]|79)[0-9]{2})?)(?:(1[3-9][0-9]{9})|([1-9][0-9]{8,10}))"
)
LENGTHS: Final = range(20, 9, -1)
LONGEST: Final = 1000


def without_phones(text: str) -> str:
    """Return a text in which no telephone number can be read: `打过 138****8155`.

    Mobiles and landlines in every spelling that `to_e164` takes, and in some more. Numbers of firms (400,
    95588) stay, and so does a landline without its 0.
    """
    plain, places = _plain(text)
    for first, last, number in reversed(list(_numbers(plain))):
        text = text[: places[first]] + masked(number) + text[places[last] + 1 :]
    return text


def _plain(text: str) -> tuple[str, list[int]]:
    """Return the text in half-width signs, without invisible ones, and where each of them stood."""
    signs = [
        (sign, place)
        for place, typed in enumerate(text)
        for sign in unicodedata.normalize("NFKC", typed)
        if unicodedata.category(sign) != "Cf"
    ]
    return "".join(sign for sign, _ in signs), [place for _, place in signs]


def _numbers(plain: str) -> Iterator[tuple[int, int, str]]:
    """Yield the first and the last place of each number in a text, and the number as E.164."""
    dates = {
        place for date in DATE.finditer(plain) for place in range(date.start() + 1, date.end())
    }
    for run in RUN.finditer(plain):
        digits = [place for place in range(*run.span()) if plain[place] in "0123456789"]
        start = 0
        while start < len(digits):
            first = digits[start]
            is_inside = first in dates or (start > 0 and digits[start - 1] == first - 1)
            length, number = (1, "") if is_inside else _number_of(plain, digits[start:])
            if number:
                last = digits[start + length - 1]
                if plain[first - 1 : first] == "(" and ")" in plain[first:last]:
                    first -= 1
                if plain[first - 1 : first] == "+":
                    first -= 1
                yield first, last, number
            start += length


def _number_of(plain: str, digits: list[int]) -> tuple[int, str]:
    """Return the number that these digits begin with, and how many of them it is; one and "" for none."""
    for length in LENGTHS:
        ends_within = length < len(digits) and digits[length] == digits[length - 1] + 1
        if length > len(digits) or ends_within:
            continue
        match = NUMBER.fullmatch("".join(plain[place] for place in digits[:length]))
        if match is None:
            continue
        prefix, mobile, landline = match.groups()
        if mobile:
            return length, f"{COUNTRY}{mobile}"
        if prefix:
            with suppress(ValidationError):
                return length, to_e164(f"0{landline}")
    return 1, ""


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
    text = models.CharField("内容", max_length=LONGEST, blank=True)

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
        self.text = without_phones(self.text)[:LONGEST]
        super().save(*args, **kwargs)
