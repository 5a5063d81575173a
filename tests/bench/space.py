"""Memory: of a worker whose cache is full, and after many requests."""

from __future__ import annotations

from tests.bench import servers
from tests.bench.compare import CACHED
from tests.bench.load import load
from tests.bench.report import Report
from tests.bench.sites import Site

PAGES = 10_000  # more than a cache holds
FILLING = 6_000  # requests for them that fill the caches of two workers
REQUESTS = 200_000
SECONDS = 10
LIMIT = 150  # MB
GROWTH = 1.05  # after the cache is full


def memory(site: Site, report: Report) -> None:
    paths = site.call("tests.bench.pages", "everything", PAGES)
    hot = site.pages["many articles"][:300]
    report.heading(f"Memory of a worker, {site.size:,} articles, {site.vendor}: MB (PSS)")
    with servers.gunicorn("site", CACHED, site.env, "/") as server:
        started = max(server.workers())
        filled = errors = asked = 0
        while filled < FILLING:
            # From where the last load ended: the clients begin at the top of what they are given.
            seen = load(server.port, paths[filled:] + paths[:filled], 8, 3 * SECONDS)
            filled, errors = filled + seen.requests, errors + seen.errors
        # What is asked for from here on is kept by both workers: what grows is no longer the cache.
        errors += load(server.port, hot, 8, 3 * SECONDS).errors
        full = max(server.workers())
        while asked < REQUESTS:
            seen = load(server.port, hot, 16, SECONDS)
            asked, errors = asked + seen.requests, errors + seen.errors
        after = max(server.workers())
    report.table(
        ["", "MB"],
        [
            ["after the start", f"{started:.0f}"],
            [f"after {filled:,} requests for {len(paths):,} articles", f"{full:.0f}"],
            [f"after {asked:,} more for {len(hot):,} articles", f"{after:.0f}"],
        ],
    )
    report.must("memory of a worker, MB", max(full, after), most=LIMIT)
    report.must(f"memory after {REQUESTS:,} requests : before", after / full, most=GROWTH)
    report.must("errors, memory", errors, most=0)
