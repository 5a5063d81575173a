"""What may have come out of step in this app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from portal.cms.phones import phone_key
from portal.cms.upkeep.register import check
from staffing.models import Enquiry, Ticket

AT_ONCE: Final = 500


def misfiled() -> Iterator[tuple[Any, str]]:
    """Yield rows that are not found by their number, with the key they should have.

    So it is after the SECRET_KEY has changed. Of what was erased, only the key is left.
    """
    for model in (Enquiry, Ticket):
        rows: Any = model._base_manager.exclude(phone="").only("phone", "phone_key")
        for row in rows.order_by("pk").iterator(AT_ONCE):
            if row.phone_key != (key := phone_key(row.phone)):
                yield row, key


def find() -> Iterator[str]:
    return (f"{row._meta.verbose_name} {row.pk} 按电话号码找不到。" for row, _ in misfiled())


def mend() -> int:
    mended = 0
    for row, key in list(misfiled()):
        # Not one that was erased or corrected meanwhile.
        same = type(row)._base_manager.filter(pk=row.pk, phone=row.phone)
        mended += same.update(phone_key=key)
    return mended


check("phones", "按电话号码查找的键", find, mend)
