"""Sheets of rows that people open in a spreadsheet."""

from __future__ import annotations
