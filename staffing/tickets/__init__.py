"""Complaints, and requests to take something down."""

from __future__ import annotations
