"""What is asked about all services at once: prices, and questions with their answers."""

from __future__ import annotations
