"""Landing pages of districts: they ask jobs and articles, so neither app can hold them."""

from __future__ import annotations
