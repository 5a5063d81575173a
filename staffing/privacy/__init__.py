"""What people may ask of us about their data, and what the night does unasked."""

from __future__ import annotations
