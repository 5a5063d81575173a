"""Parts of pages that many pages share, kept for an epoch: what `{% cache None … %}` keeps.

Django's tag uses the cache `template_fragments` of the settings, which is this one. What a part shows
must follow from what the tag varies on and from content that counts as a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.cache.backends.base import BaseCache
from django.db import connection

from portal.cms.pagecache.epochs import clock

# Parts of a thousand bytes or so. Who comes in pushes the eldest out.
MOST = 4_000


class EpochCache(BaseCache):
    """Keeps values in this process, until the epoch ends.

    Within a transaction nothing is kept or found: a preview shows there what may never be committed.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        if connection.in_atomic_block:
            return default
        return clock.current().fragments.get(key, default)

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        if connection.in_atomic_block:
            return {}
        fragments = clock.current().fragments
        found = {key: fragments.get(key) for key in keys}
        return {key: value for key, value in found.items() if value is not None}

    def set(self, key: Any, value: Any, timeout: Any = None, version: int | None = None) -> None:
        if connection.in_atomic_block:
            return
        fragments = clock.current().fragments
        fragments[key] = value
        if len(fragments) > MOST:
            fragments.popitem(last=False)
