"""Where pages are kept: bounded by bytes, the least recently asked for leaving first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from portal.cms.pagecache.pages import KeptPage

# Seconds to wait for another thread that renders the same page. Longer than any page takes: who has
# waited in vain renders it too.
PATIENCE = 10.0


class Store:
    """The pages of one epoch in one worker; all its threads use it."""

    def __init__(self, limit: int) -> None:
        self.limit = limit  # bytes
        self.size = 0
        self._pages: OrderedDict[Hashable, KeptPage] = OrderedDict()
        self._rendering: dict[Hashable, threading.Event] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: Hashable) -> KeptPage | None:
        page = self._pages.get(key)
        if page is not None:
            try:
                self._pages.move_to_end(key)
            except KeyError:  # another thread has just put it out
                pass
        return page

    def put(self, key: Hashable, page: KeptPage) -> None:
        """Keep a page; others leave for it. One that alone is too large is not kept."""
        if page.size > self.limit:
            return
        with self._lock:
            replaced = self._pages.pop(key, None)
            self.size += page.size - (replaced.size if replaced else 0)
            self._pages[key] = page
            while self.size > self.limit:
                _, oldest = self._pages.popitem(last=False)
                self.size -= oldest.size

    @contextmanager
    def rendering(self, key: Hashable) -> Iterator[bool]:
        """Yield True to the first who renders a page; to those who come meanwhile False, after him."""
        with self._lock:
            ahead = self._rendering.get(key)
            if ahead is None:
                mine = self._rendering[key] = threading.Event()
        if ahead is not None:
            ahead.wait(PATIENCE)
            yield False
            return
        try:
            yield True
        finally:
            with self._lock:
                del self._rendering[key]
            mine.set()
