"""Job posts: their pay, their lists, what search engines are told."""

from __future__ import annotations
