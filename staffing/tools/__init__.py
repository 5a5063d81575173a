"""Calculators for visitors: rules of law as pure functions, each with its source."""

from __future__ import annotations
