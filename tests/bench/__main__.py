"""`python -m tests.bench [SIZE,…] [server] [pages] [growth] [fresh] [memory] [writes] [flags]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import compare, fresh, sites, space
from tests.bench.flags import flags
from tests.bench.report import Report
from tests.bench.sites import Site

SIZES = "1000,20000"
PARTS = ("server", "pages", "growth", "fresh", "memory", "writes", "flags")
IMPORTED = 5_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--sizes", default=SIZES, type=numbers)
    parser.add_argument("only", nargs="*", choices=PARTS, default=PARTS[:-1])
    wanted = parser.parse_args()
    report, began = Report(), time.monotonic()
    made = [sites.site_of(size) for size in wanted.sizes]
    report.heading("Corpora")
    report.table(["articles", "rows a second"], [rates(site) for site in made])
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        for part in wanted.only:
            run(part, made, Path(folder), report)
    minutes = (time.monotonic() - began) / 60
    file = report.finish()
    report.say(f"\n{report.missed} do not hold; {minutes:.0f} minutes; kept in {file}")
    return 1 if report.missed else 0


def numbers(text: str) -> list[int]:
    return sorted(int(size) for size in text.split(","))


def rates(site: Site) -> list[str]:
    return [f"{site.size:,}", f"{site.made['rows a second']:.0f}"]


def run(part: str, made: list[Site], folder: Path, report: Report) -> None:
    """Take one part of the measurements; those of one size on the smallest, memory on the largest."""
    if part == "server":
        compare.against_the_server(made[0], folder, report)
    elif part == "pages":
        compare.uncached_pages(made[0], report)
    elif part == "growth":
        growth(made, report)
    elif part == "fresh":
        with sites.copied(made[0]) as own:
            fresh.freshness(own, folder, report)
    elif part == "memory":
        space.memory(made[-1], report)
    elif part == "writes":
        writes(made[-1], report)
    else:
        flags(made[0], report)


def growth(made: list[Site], report: Report) -> None:
    """Compare sizes whose texts are equally long: shorter ones would hide what grows."""
    for length in sorted({site.length for site in made}, reverse=True):
        sizes = [site for site in made if site.length == length]
        if sizes[0].size > made[0].size:
            sizes.insert(0, sites.site_of(made[0].size, length))
        if len(sizes) > 1:
            compare.growth(sizes, report)


def writes(site: Site, report: Report) -> None:
    with sites.copied(site) as own:
        found = own.call("tests.bench.writes", "rates", IMPORTED)
    report.heading(f"Writing, {site.size:,} articles, {site.vendor}")
    report.table(["what", "rate"], [[name, f"{rate:.1f}"] for name, rate in found.items()])


if __name__ == "__main__":
    sys.exit(main())
