"""gunicorn's flags, one beside the other, for the cached article and for one that has to be made."""

from __future__ import annotations

from contextlib import ExitStack

from tests.bench import servers
from tests.bench.compare import CACHED, ROUNDS, SECONDS, UNCACHED
from tests.bench.figures import Probe, by_turns, cpu_ratio
from tests.bench.report import Report
from tests.bench.sites import Site

CHOICES: dict[str, tuple[str, ...]] = {
    "as serve starts it": (),
    "2 workers, 2 threads": ("--workers=2", "--threads=2"),
    "2 workers, 4 threads": ("--workers=2", "--threads=4"),
    "2 workers, 8 threads": ("--workers=2", "--threads=8"),
    "3 workers, 4 threads": ("--workers=3", "--threads=4"),
    "2 workers, 4 threads, keep-alive 15": ("--workers=2", "--threads=4", "--keep-alive=15"),
}


def flags(site: Site, report: Report) -> None:
    paths = site.pages["article"]
    for module, title in ((CACHED, "cached"), (UNCACHED, "uncached")):
        report.heading(f"gunicorn's flags, article {title}, {site.size:,} articles")
        report.head()
        with ExitStack() as stack:
            probes = [
                Probe(
                    name,
                    stack.enter_context(servers.gunicorn(name, module, site.env, paths[0], chosen)),
                    paths,
                )
                for name, chosen in CHOICES.items()
            ]
            for clients in (16, 64):
                rows = by_turns(probes, clients, SECONDS, ROUNDS)
                for row in rows:
                    report.row(row, f"CPU {cpu_ratio(row, rows[0]):.2f}")
            report.say()
            report.table(
                ["flags", "all MB (PSS)"],
                [[probe.name, f"{probe.server.memory():.0f}"] for probe in probes],
            )
