"""Memory: of a worker whose page cache is full, and after many requests."""

from __future__ import annotations

from tests.bench import servers
from tests.bench.load import get, load
from tests.bench.report import Report
from tests.bench.servers import Server
from tests.bench.sites import Site

PAGES = 20_000  # more than a cache holds
FULL = 0.95  # of what it may hold: the next page may be too large for the rest
REQUESTS = 200_000
SECONDS = 10
LIMIT = 150  # MB
GROWTH = 1.05  # after the cache is full


def memory(site: Site, report: Report) -> None:
    paths = site.call("tests.bench.pages", "everything", PAGES)
    limit = site.call("tests.bench.pages", "most_bytes")
    hot = site.pages["many articles"][:300]
    report.heading(f"Memory of a worker, {site.size:,} articles, {site.vendor}: MB (PSS)")
    with servers.gunicorn("site", "tests.bench.named", site.env, "/") as server:
        started = max(server.workers())
        filled = errors = asked = held = 0
        while held < FULL * limit:
            # From where the last load ended: the clients begin at the top of what they are given.
            turn = filled % len(paths)
            seen = load(server.port, paths[turn:] + paths[:turn], 8, 2 * SECONDS)
            filled, errors = filled + seen.requests, errors + seen.errors
            if filled > 5 * len(paths):
                raise SystemExit(
                    f"{len(paths):,} pages do not fill a page cache: take more articles"
                )
            held = min(kept(server).values())
        full = max(server.workers())
        # What is asked for from here on is kept by both workers: what grows is no longer the cache.
        errors += load(server.port, hot, 8, 3 * SECONDS).errors
        before = max(server.workers())
        while asked < REQUESTS:
            seen = load(server.port, hot, 16, SECONDS)
            asked, errors = asked + seen.requests, errors + seen.errors
        after = max(server.workers())
    report.table(
        ["the larger of two workers", "MB"],
        [
            ["after the start", f"{started:.0f}"],
            [f"page cache full: {held / 1e6:.0f} MB, {filled:,} requests", f"{full:.0f}"],
            [f"after requests for {len(hot):,} of its articles", f"{before:.0f}"],
            [f"after {asked:,} more", f"{after:.0f}"],
        ],
    )
    report.must("memory of a worker, MB", max(full, before, after), most=LIMIT)
    report.must(f"memory after {REQUESTS:,} requests : before", after / before, most=GROWTH)
    report.must("errors, memory", errors, most=0)


def kept(server: Server) -> dict[str, int]:
    """Return how many bytes the page cache of each worker holds."""
    found: dict[str, int] = {}
    while len(found) < len(server.workers()):
        answer = get(server.port, "/")
        found[answer.header(servers.WORKER)] = int(answer.header(servers.KEPT))
    return found
