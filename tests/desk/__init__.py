"""The desk: what editors and staff see and do in the admin."""

from __future__ import annotations
