"""Addresses of yesterday: where they lead today, and which ones lead nowhere."""

from __future__ import annotations

from portal.cms.redirects.following import follow
from portal.cms.redirects.remembering import AUTO, item_at, remember

__all__ = ["AUTO", "follow", "item_at", "remember"]
