"""Which rows of the database are demo content."""

from __future__ import annotations

import hashlib

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.forms.models import model_to_dict


class DemoItem(models.Model):
    """One row made by `load_demo`, with a digest of what it said then.

    A row somebody has changed since is theirs: it stays when the demo content is removed.
    """

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    item = GenericForeignKey("content_type", "object_id")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id"], name="portal_demoitem_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.item)

    @classmethod
    def remember(cls, item: models.Model) -> None:
        """Note `item` as demo content, as it stands in the database now."""
        cls.objects.create(item=item, digest=digest(item))

    @property
    def untouched(self) -> bool:
        """Whether the row still says what it said when it was loaded."""
        return self.item is not None and digest(self.item) == self.digest


# Rows of another's form: who adds a question to a demo service has made the service theirs.
PARTS = ("faqs", "hours")


def digest(item: models.Model) -> str:
    """Return a fingerprint of everything a person can edit in `item`. Reads it afresh."""
    fresh = type(item)._default_manager.get(pk=item.pk)
    values = {name: str(value) for name, value in model_to_dict(fresh).items()}
    parts = [
        model_to_dict(row)
        for name in PARTS
        if hasattr(fresh, name)
        for row in getattr(fresh, name).order_by("pk")
    ]
    return hashlib.sha256(repr((sorted(values.items()), parts)).encode()).hexdigest()
