"""What visitors search for, counted, so that editors learn what is missing. Nothing about who searched.

A query that may tell of a person (a number, an address, a sentence) is not written down.
"""

from __future__ import annotations

import re

from django.db import DatabaseError
from django.db.models import F
from django.utils import timezone

from portal.cms.locking import waiting_little
from portal.cms.search.models import SearchedQuery
from portal.cms.search.tokens import words

LONGEST = 20
# Digits as telephone, identity and card numbers are written with, in Chinese too: 一三八, 二○二六.
DIGIT = r"[\d零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]"
# So many with nothing but signs between them, or so many in all, may be such a number.
IN_A_ROW, IN_ALL = 5, 7
# Addresses for mail. U+FFFD stands for what was no text at all.
PERSONAL = re.compile(rf"(?:{DIGIT}[\W_]*){{{IN_A_ROW}}}|＠|\bat\b|\ufffd")
BRIEFLY = 0.05  # seconds
MOST_ROWS = 5_000
SWEPT = 500


def record(query: str, found: int) -> None:
    """Count a query; three queries, seven where it is a new one. A busy database keeps nobody waiting."""
    text = " ".join(words(query))
    if not text or len(text) > LONGEST or is_personal(text):
        return
    try:
        with waiting_little(BRIEFLY):
            _count(text, found)
    except DatabaseError:
        return


def is_personal(text: str) -> bool:
    """Whether a folded query may be a number or an address that leads to a person."""
    return bool(PERSONAL.search(text)) or len(re.findall(DIGIT, text)) >= IN_ALL


def _count(text: str, found: int) -> None:
    """Most have been asked before: one statement, which is a transaction by itself."""
    known = SearchedQuery.objects.filter(text=text)
    seen = {"found": found, "last_asked_at": timezone.now()}
    if known.update(asked=F("asked") + 1, **seen):
        return
    row, is_new = SearchedQuery.objects.get_or_create(text=text, defaults={"asked": 1, **seen})
    if not is_new:  # somebody else's, asked at the same moment
        known.update(asked=F("asked") + 1, **seen)
    elif row.pk % SWEPT == 0:
        _sweep()


def _sweep() -> None:
    """Keep what was asked most lately: whoever floods the log does not fill the disk.

    One query that leafs through an index, a second one where there is something to delete.
    """
    moments = SearchedQuery.objects.order_by("-last_asked_at").values_list("last_asked_at")
    for (first_to_go,) in moments[MOST_ROWS : MOST_ROWS + 1]:
        SearchedQuery.objects.filter(last_asked_at__lte=first_to_go).delete()
