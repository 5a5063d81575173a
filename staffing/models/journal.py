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

# Digits, and whatever people put between those of a number: any sign but a letter. Four stars are ours.
RUN: Final = re.compile(r"[0-9](?:(?:(?!\*{4})[\W_])*[0-9])+")
# No number begins within one: `2026-03-10~2026-03-20`.
DATE: Final = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}([-/.])[01]?[0-9]\1[0-3]?[0-9](?![0-9])")
# Nor with one: `13:30-17:30，100 元` has eleven digits.
HOURS: Final = re.compile(
    r"(?<![0-9:])[0-2]?[0-9]:[0-5][0-9]\s*[-~‐-―−]\s*[0-2]?[0-9]:[0-5][0-9](?![0-9:])"
)
DIGITS: Final = frozenset("0123456789")
# As they are read aloud: 幺 is the one of telephones.
HAN: Final = {sign: str(n) for n, sign in enumerate("零一二三四五六七八九")} | {
    "〇": "0",
    "幺": "1",
}
# What is dialled for the country, for elsewhere or for a cheap line; then a mobile, or a landline. That
# needs something before it, and an area code that there is: else any row of digits could be one.
NUMBER: Final = re.compile(
    r"((?:(?:00)?86)?(?:0|1(?:[12][0-9]|79)[0-9]{2})?)(?:(1[3-9][0-9]{9})|([1-9][0-9]{8,10}))"
)
# A second number, typed behind the first without a space.
NEXT: Final = re.compile(r"1[3-9][0-9]{9}")
LENGTHS: Final = range(20, 9, -1)
SEEN: Final = LENGTHS[0] + 11
LONGEST: Final = 1000


def without_phones(text: str) -> str:
    """Return a text in which no telephone number can be read: `打过 138****8155`.

    Mobiles and landlines in every spelling that `to_e164` takes, with any signs between the digits, in
    Chinese digits and in those of other scripts. Numbers of firms (400, 95588) stay, and so does a
    landline without its area code.
    """
    plain, places = _plain(text)
    spoken = {n for n, place in enumerate(places) if text[place] in HAN}
    for first, last, number in reversed(list(_numbers(plain, spoken))):
        text = text[: places[first]] + masked(number) + text[places[last] + 1 :]
    return text


def may_be_number(word: str) -> bool:
    """Whether a word may be a part of a number: two digits, or three in Chinese. 三一重工 is a firm."""
    plain, places = _plain(word)
    digits = [place for sign, place in zip(plain, places, strict=True) if sign in DIGITS]
    return len(digits) > 2 or sum(word[place] not in HAN for place in digits) > 1


def _plain(text: str) -> tuple[str, list[int]]:
    """Return the text in half-width signs, without invisible ones, and where each of them stood."""
    signs = [
        (_digit(sign), place)
        for place, typed in enumerate(text)
        for sign in unicodedata.normalize("NFKC", typed)
        if unicodedata.category(sign) != "Cf"
    ]
    return "".join(sign for sign, _ in signs), [place for _, place in signs]


def _digit(sign: str) -> str:
    """Return a digit of any script as one of ours; one sign for one, so that places stay."""
    value = unicodedata.decimal(sign, None)
    return HAN.get(sign, sign) if value is None else str(value)


def _numbers(plain: str, spoken: set[int]) -> Iterator[tuple[int, int, str]]:
    """Yield the first and the last place of each number in a text, and the number as E.164.

    `spoken`: the places of Chinese digits. In `周一13812348155` the number begins with the 138.
    """

    def joined(one: int, other: int) -> bool:
        return other == one + 1 and (one in spoken) == (other in spoken)

    taken = {
        place for date in DATE.finditer(plain) for place in range(date.start() + 1, date.end())
    }
    taken |= {place for hours in HOURS.finditer(plain) for place in range(*hours.span())}
    for run in RUN.finditer(plain):
        digits = [place for place in range(*run.span()) if plain[place] in DIGITS]
        ends = {n for n in range(1, len(digits)) if not joined(digits[n - 1], digits[n])}
        ends.add(len(digits))
        start, after_number = 0, True
        while start < len(digits):
            first = digits[start]
            is_inside = first in taken or not (after_number or start in ends)
            length, number = 1, ""
            if not is_inside:
                told = "".join(plain[place] for place in digits[start : start + SEEN])
                length, number = _number_of(told, {end - start for end in ends})
            after_number = bool(number)
            if number:
                last = digits[start + length - 1]
                if plain[first - 1 : first] == "(" and ")" in plain[first:last]:
                    first -= 1
                if plain[first - 1 : first] == "+":
                    first -= 1
                yield first, last, number
            start += length


def _number_of(digits: str, ends: set[int]) -> tuple[int, str]:
    """Return how many of these digits are the number they begin with, and the number; 1 and "" for none.

    `ends`: how many digits may be one, for something stands behind them.
    """
    # 179 begins a mobile as well as what is dialled for a cheap line.
    if NEXT.match(digits) and NEXT.match(digits, 11):
        return 11, f"{COUNTRY}{digits[:11]}"
    for length in LENGTHS:
        if length > len(digits) or not (length in ends or NEXT.match(digits, length)):
            continue
        match = NUMBER.fullmatch(digits, 0, length)
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
