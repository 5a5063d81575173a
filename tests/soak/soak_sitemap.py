"""Sitemaps at full size: 120,000 articles, every part read again and held against the protocol.

`make soak` runs it (ARTICLES=… for fewer). What is asked of each: memory that does not grow with the
site, no text read, every public article once, and nothing else.
"""

from __future__ import annotations

import gzip
import os
import random
import re
import time
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Article
from portal.cms.engines import sitemaps
from portal.cms.pagecache.pages import KeptPage
from portal.cms.publishing import Status
from tests import cast

pytestmark = pytest.mark.django_db

ARTICLES = int(os.environ.get("ARTICLES", "120000"))
BATCH = 2_000
MOST_MEMORY = 60 * 2**20
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
BODY = f"<p>{'用工单位应当核对劳务派遣单位的经营许可证。' * 60}</p>"


def memory() -> int:
    """Bytes that this process holds."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def fill(count: int) -> set[int]:
    """Make so many articles, one in eight of them hidden in some way; return the ids of the others."""
    dice, now = random.Random(7), timezone.now()
    category, author = cast.category(), cast.author()
    hidden: list[dict[str, Any]] = [
        {"status": Status.DRAFT, "go_live_at": None},
        {"indexable": False},
        {"go_live_at": now + timedelta(days=1)},
        {"expire_at": now - timedelta(seconds=1)},
        {"deleted_at": now},
        {"status": Status.WITHDRAWN},
    ]
    shown: set[int] = set()
    for start in range(0, count, BATCH):
        rows = []
        for n in range(start, min(start + BATCH, count)):
            live = now - timedelta(minutes=n + 10)
            fields: dict[str, Any] = {
                "status": Status.PUBLISHED,
                "go_live_at": live,
                "first_published_at": live,
            }
            fields |= dice.choice(hidden) if dice.random() < 0.125 else {}
            row = Article(title=f"问答{n}", category=category, author=author, body=BODY, **fields)
            row.count_save()
            rows.append(row)
        for row in Article.objects.bulk_create(rows):
            if row.is_public and row.indexable:
                shown.add(row.pk)
    return shown


def test_every_public_article_is_there_once_and_memory_is_bounded(client: Client) -> None:
    shown = fill(ARTICLES)
    before, most = memory(), 0
    began, cpu = time.monotonic(), time.process_time()
    index = client.get("/sitemap.xml").content
    index_seconds = time.monotonic() - began
    parts = re.findall(rb"<loc>http://127.0.0.1:8000(/sitemap-articles-\d+\.xml)</loc>", index)
    found: list[int] = []
    kept, largest, slowest = 0, 0, 0.0
    for address in parts:
        began = time.monotonic()
        body = client.get(address.decode()).content
        slowest = max(slowest, time.monotonic() - began)
        most = max(most, memory() - before)
        largest = max(largest, len(body))
        urls = ElementTree.fromstring(body)  # noqa: S314 - ours
        assert len(urls) <= sitemaps.MOST_ADDRESSES
        for url in urls:
            location = url.findtext(f"{SPACE}loc") or ""
            assert len(location) < sitemaps.LONGEST_ADDRESS
            assert datetime.fromisoformat(url.findtext(f"{SPACE}lastmod") or "") <= timezone.now()
            found.append(int(location.rstrip("/").rpartition("/")[2]))
        del urls
        kept += KeptPage([], body).size
    assert len(found) == len(set(found)), "one is there twice"
    assert set(found) == shown
    assert largest < 50_000_000
    assert most < MOST_MEMORY
    seconds = time.process_time() - cpu
    print(
        f"{ARTICLES} articles, {len(found)} in {len(parts)} parts: index {index_seconds:.2f} s, "
        f"slowest part {slowest:.2f} s, all {seconds:.1f} s of CPU, largest {largest // 1000} KB "
        f"({len(gzip.compress(body)) // 1000} KB sent), kept {kept // 1000} KB, "
        f"memory +{most // 2**20} MB"
    )
