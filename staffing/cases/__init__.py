"""Cases: the list, the page of one, and the desk."""

from __future__ import annotations
