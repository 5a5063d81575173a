"""Leads: how they come in, and what the desk does about them."""

from __future__ import annotations
