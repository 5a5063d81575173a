"""The site beside what it is measured by: bare gunicorn, a minimal Django, nginx; and beside itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench import servers
from tests.bench.figures import Probe, Row, by_turns, cpu_ratio, rate_ratio
from tests.bench.load import get
from tests.bench.report import Report
from tests.bench.servers import Server
from tests.bench.sites import DATA, Site

CLIENTS = (1, 16, 64)
SECONDS = 2
ROUNDS = 3
ROUNDS_OF_SERVERS = 5  # whose ratios come near to one
CACHED, UNCACHED, BARE = "portal.wsgi", "tests.bench.uncached", "tests.bench.bare"
MINIMAL = "tests.bench.minimal"
# Pages whose price uncached is set against a minimal Django's, and how many times that it may be.
LIMITS = {"article": 2.0, "many articles": 2.0, "list": 2.5, "home": 2.5}
GROWTH = 1.3


@contextmanager
def minimal(site: Site, size: int, *, persistent: bool) -> Iterator[Server]:
    """Run the minimal Django, of which a page of `size` bytes is asked for."""
    env = site.env | {"BENCH_DATABASE": site.env["DATABASE_URL"]}
    name = "minimal Django" + (", connection kept" if persistent else "")
    if persistent:
        env["BENCH_PERSISTENT"] = "1"
    with servers.gunicorn(name, MINIMAL, env, f"/{size}/") as server:
        yield server


def against_the_server(site: Site, folder: Path, report: Report) -> None:
    """The article page, cached: beside bare gunicorn, nginx, a minimal Django, and itself uncached."""
    paths = site.pages["article"]
    with ExitStack() as stack:
        cached = stack.enter_context(servers.gunicorn("cached", CACHED, site.env, paths[0]))
        get(cached.port, paths[0])
        answer = get(cached.port, paths[0])
        size = len(get(cached.port, paths[0], "identity").body)
        kept = servers.keep(answer, folder / "answer.json")
        env = site.env | {"BENCH_ANSWER": str(kept)}
        bare = stack.enter_context(servers.gunicorn("bare gunicorn", BARE, env, paths[0]))
        own = folder / "nginx"
        own.mkdir()
        front = stack.enter_context(servers.front("nginx", cached, DATA, own, paths[0]))
        static = Server("nginx, static file", front.port, front.pid, 0, front.behind)
        probes = [
            Probe("bare gunicorn", bare, paths),
            Probe("cached", cached, paths),
            Probe("nginx of deploy/", front, paths),
            Probe("nginx, static file", static, [static_file(answer.body)]),
            Probe("uncached", started(stack, site, UNCACHED, paths[0]), paths),
        ]
        for persistent in (False, True):
            server = stack.enter_context(minimal(site, size, persistent=persistent))
            probes.append(Probe(server.name, server, [f"/{size}/"]))
        probes.append(Probe("bare gunicorn, again", bare, paths))
        report.heading(
            f"The article page, {site.size:,} articles, {site.vendor}:"
            f" {len(answer.body):,} bytes of {answer.header('Content-Encoding')}, {size:,} plain"
        )
        report.head()
        for clients in CLIENTS:
            show(by_turns(probes, clients, SECONDS, ROUNDS_OF_SERVERS), clients, report)
        report.say()
        report.table(
            ["server", "start s", "all MB (PSS)"],
            [
                [probe.name, f"{probe.server.started_in:.2f}", f"{probe.server.memory():.0f}"]
                for probe in probes
                if probe.server.started_in and probe.name != "bare gunicorn, again"
            ],
        )


def started(stack: ExitStack, site: Site, module: str, path: str) -> Server:
    return stack.enter_context(servers.gunicorn(module, module, site.env, path))


def static_file(body: bytes) -> str:
    """Put a file of these bytes where nginx finds static files; return its address."""
    folder = DATA / "static/bench"
    folder.mkdir(exist_ok=True)
    name = f"page.{hashlib.sha256(body).hexdigest()[:12]}.html"
    (folder / name).write_bytes(body)
    return f"/static/bench/{name}"


def show(rows: list[Row], clients: int, report: Report) -> None:
    """Enter the rows of `against_the_server`, and judge them."""
    of = {row.name: row for row in rows}
    bare, cached, uncached = of["bare gunicorn"], of["cached"], of["uncached"]
    front, static = of["nginx of deploy/"], of["nginx, static file"]
    kept = of["minimal Django, connection kept"]
    rate, cpu = rate_ratio(cached, bare), cpu_ratio(cached, bare)
    nginx = rate_ratio(front, static)
    again = of["bare gunicorn, again"]
    notes = {
        "cached": f"rate {rate:.2f}, CPU {cpu:.2f} × bare",
        "nginx of deploy/": f"rate {nginx:.2f} × static file",
        # What the machine makes of two that are the same: no ratio is truer than this one is to 1.
        again.name: f"rate {rate_ratio(again, bare):.2f}, CPU {cpu_ratio(again, bare):.2f} × bare",
        "uncached": f"CPU {cpu_ratio(uncached, kept):.1f} × minimal, connection kept;"
        f" {cpu_ratio(uncached, of['minimal Django']):.1f} × minimal as it comes",
    }
    for row in rows:
        report.row(row, notes.get(row.name, ""))
    errors = sum(row.errors for row in rows)
    report.must(f"cached : bare gunicorn, rate, {clients} clients", rate, least=0.85)
    report.must(f"cached : bare gunicorn, CPU, {clients} clients", cpu, most=1.25)
    report.must(f"nginx, page : static file, rate, {clients} clients", nginx, least=0.6)
    report.must(f"errors, {clients} clients", errors, most=0)


def uncached_pages(site: Site, report: Report) -> None:
    """Every page that has to be made, beside the least that Django does for one of its size."""
    report.heading(f"Every page, {site.size:,} articles, {site.vendor}, 16 clients")
    report.head()
    with ExitStack() as stack:
        cached = started(stack, site, CACHED, "/")
        made = started(stack, site, UNCACHED, "/")
        plain, kept = (
            stack.enter_context(minimal(site, 1000, persistent=persistent))
            for persistent in (False, True)
        )
        for page, paths in site.pages.items():
            size = len(get(cached.port, paths[0], "identity").body)
            probes = [
                Probe(f"{page}, cached", cached, paths),
                Probe(f"{page}, uncached", made, paths),
            ]
            if page in LIMITS:
                same = [f"/{size}/"]
                probes += [Probe(f"minimal of {size:,} bytes", plain, same)]
                probes += [Probe(f"minimal of {size:,} bytes, connection kept", kept, same)]
            cached_row, row, *minimals = rows = by_turns(probes, 16, SECONDS, ROUNDS)
            report.row(cached_row)
            report.row(row)
            for least in minimals:
                report.row(least, f"page {cpu_ratio(row, least):.2f} × this")
            report.must(f"errors, {page}", sum(row.errors for row in rows), most=0)
            if page in LIMITS:
                ratio = cpu_ratio(row, minimals[0])
                report.must(f"{page}, uncached : minimal Django, CPU", ratio, most=LIMITS[page])


def growth(sites: list[Site], report: Report) -> None:
    """Every page uncached, at all sizes by turns: what it costs more where there is more."""
    first, *larger = sites
    report.heading(
        f"Growth, uncached, texts of {first.length:,} 字, {first.vendor}, 4 clients: CPU ms a request"
    )
    table = []
    with ExitStack() as stack:
        running = [started(stack, site, UNCACHED, "/") for site in sites]
        for page in first.pages:
            probes = [
                Probe(f"{page}, {site.size:,}", server, site.pages[page])
                for site, server in zip(sites, running, strict=True)
            ]
            rows = by_turns(probes, 4, SECONDS, ROUNDS)
            grown = [cpu_ratio(row, rows[0]) for row in rows[1:]]
            table.append([page, *(f"{row.cpu:.2f}" for row in rows), *(f"{g:.2f}" for g in grown)])
            report.must(f"errors, {page}", sum(row.errors for row in rows), most=0)
            if page != "search":  # its growth is stated, and has no bound
                for site, times in zip(larger, grown, strict=True):
                    name = f"{page}, uncached, {site.size:,} : {first.size:,} articles, CPU"
                    report.must(name, times, most=GROWTH)
    sizes = [f"{site.size:,}" for site in sites]
    report.table(["page", *sizes, *(f"× at {size}" for size in sizes[1:])], table)
