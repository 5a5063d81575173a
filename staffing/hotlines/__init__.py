"""The numbers customers call: when somebody answers, and what is offered when nobody does."""

from __future__ import annotations
