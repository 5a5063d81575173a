"""What a server and all its processes have used, from /proc."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")
TICK = 1 / os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """Return a process and all below it."""
    children: dict[int, list[int]] = {}
    for process in PROC.iterdir():
        if process.name.isdigit() and (parent := parent_of(int(process.name))) is not None:
            children.setdefault(parent, []).append(int(process.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def fields_of(pid: int) -> list[str]:
    """Return what stands in `stat` after the name, which may hold blanks itself."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def parent_of(pid: int) -> int | None:
    try:
        return int(fields_of(pid)[1])
    except OSError:  # it has ended meanwhile
        return None


def cpu(root: int) -> float:
    """Return the seconds that a process and all below it have used, with those that have ended."""
    return sum(sum(map(int, fields_of(pid)[11:15])) for pid in tree(root)) * TICK


def memory(root: int) -> list[float]:
    """Return the MB of each process of a tree; what several share counts in parts (PSS)."""
    return [proportional(pid) for pid in tree(root)]


def proportional(pid: int) -> float:
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
