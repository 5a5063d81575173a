"""What the worker does for the site as a whole."""

from __future__ import annotations

from portal.transfer.backup import nightly

__all__ = ["nightly"]  # imported so that it registers what it does
