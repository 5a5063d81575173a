"""The one thing that workers agree by: how often the content has changed."""

from __future__ import annotations

from django.db import models


class Changes(models.Model):
    """A part of the count of changes; the generation is the sum of all rows.

    More than one row, because a row that a transaction counts in stays locked until its end: on
    PostgreSQL a second writer takes another one, so that nobody waits and nothing deadlocks.
    """

    count = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.count)
