"""What a table comes to: how many rows, and a sum of their contents that is the same on every engine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from portal.transfer.copying.tables import Model, fields_of

AT_ONCE: Final = 500
LARGEST: Final = 1 << 256


class Total(NamedTuple):
    rows: int = 0
    sum: int = 0

    def plus(self, values: Iterable[Any]) -> Total:
        """Return the total with one more row. Their order does not matter: engines sort texts differently."""
        digest = blake2b(canonical(values), digest_size=32).digest()
        return Total(self.rows + 1, (self.sum + int.from_bytes(digest)) % LARGEST)

    def __str__(self) -> str:
        return f"{self.rows}:{self.sum:064x}"


def canonical(values: Iterable[Any]) -> bytes:
    """Return the values of a row as bytes.

    The keys of objects are sorted: jsonb does not keep their order, and nothing reads them by it.
    """
    return json.dumps(list(values), default=plain, sort_keys=True, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def plain(value: Any) -> str:
    match value:
        case datetime() | date() | time():
            return value.isoformat()  # to the microsecond, unlike Django's own encoder
        case bytes() | memoryview():
            return bytes(value).hex()
    return str(value)


def names_of(model: Model) -> Sequence[str]:
    return [field.attname for field in fields_of(model)]


def total_of(model: Model, using: str) -> Total:
    """Read a table once."""
    total = Total()
    rows = model._base_manager.using(using).order_by("pk").values_list(*names_of(model))
    for row in rows.iterator(AT_ONCE):
        total = total.plus(row)
    return total
