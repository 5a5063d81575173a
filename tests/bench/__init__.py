"""`make bench`: how fast the site is, as ratios to what serves the same bytes on the same machine.

Everything that is compared runs at the same time and is asked by turns, so that a busy machine slows
all of it alike; what counts is the CPU that a request costs the processes which answer it. The corpora
are kept in `var/bench/`, the last table in `tests/bench/results/`. What the figures say and where
they come from: docs/performance.md.
"""

from __future__ import annotations
