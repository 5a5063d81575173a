"""Licences beyond their public page: who is told before one ends, and the originals."""

from __future__ import annotations
