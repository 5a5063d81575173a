"""What stands in a cell of an old system's table, read as it was meant."""

from __future__ import annotations

import re
from datetime import datetime

from django.utils import timezone

from portal.cms.richtext.scan import decode
from portal.cms.richtext.words import words_of
from portal.cms.times import YEARS
from portal.transfer.columns import parse_date

# What means something else in an address, or in a pattern of addresses.
UNSAFE = re.compile(r"[\x00-\x20%?#&+\"<>\\()$]")
LONGEST_PART = 300
PARTED = re.compile(r"[,，;；、|\s]+")
MOST_WORDS = 50


def plain(value: str) -> str:
    """Return a title or a name as it was read: without tags, references and line breaks."""
    words = words_of(value) if "<" in value else decode(value)
    return " ".join(words.split())


def number(value: str) -> int:
    """Return a whole number; 0 for what is none."""
    try:
        return int(value[:20])
    except ValueError:
        return 0


def moment(seconds: int) -> datetime | None:
    """Return the instant of a Unix time in Beijing; None for what is no date of a website."""
    if not 0 < seconds < 1 << 33:  # what lies far beyond is refused by `datetime`
        return None
    at = datetime.fromtimestamp(seconds, timezone.get_default_timezone())
    return at if at.year in YEARS else None


def when(written: str) -> tuple[datetime | None, tuple[str, ...]]:
    """Return the instant of a date, as Unix time or in words, and a note if nobody understands it."""
    if written.isdecimal() or written.startswith("0000"):
        return moment(number(written)), ()
    try:
        return parse_date(written), ()
    except ValueError:
        return None, (f"日期“{written[:40]}”无法识别",)


def part(name: str) -> str:
    """Return a name as a part of an address; Chinese stays as people read it."""
    return UNSAFE.sub(lambda sign: f"%{ord(sign[0]):02X}", name.strip().strip("/")[:LONGEST_PART])


def summary_of(description: str, html: str) -> str:
    """Return a description, unless the system has made it from the beginning of the text."""
    summary = plain(description).rstrip("\ufffd…. ")
    begins = "".join(plain(html[: 20 * len(summary) + 1000]).split()) if summary else ""
    return "" if begins.startswith("".join(summary.split())) else summary


def split(words: str) -> tuple[str, ...]:
    """Return the words of a list, as editors part them."""
    return tuple(dict.fromkeys(filter(None, PARTED.split(plain(words)))))[:MOST_WORDS]


def hosts_of(address: str) -> frozenset[str]:
    """Return a host, with and without `www.`, from an address; nothing from another word."""
    host = address.strip().lower().removeprefix("http://").removeprefix("https://")
    host = host.partition("/")[0].partition(":")[0].removeprefix("www.")
    return frozenset({host, f"www.{host}"}) if "." in host else frozenset()
