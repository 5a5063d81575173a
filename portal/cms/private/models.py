"""A private file, which is about a person or meant for few."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any
from uuid import uuid4

from django.core.files.storage import Storage
from django.db import models, transaction
from django.db.models import signals
from django.dispatch import receiver
from django.utils import timezone

from portal.cms.private.storage import private_storage

logger = logging.getLogger(__name__)


def stored_name(file: PrivateFile, name: str) -> str:
    """A name that nobody guesses, and that says nothing of whoever the file is about."""
    return f"{timezone.localdate():%Y/%m}/{uuid4().hex}.{name.rpartition('.')[2]}"


class PrivateFile(models.Model):
    """One file, kept for one use. Deleting the row deletes the file, once that is committed."""

    file = models.FileField(
        "文件", storage=private_storage, upload_to=stored_name, max_length=100, editable=False
    )
    # As its owner called it, with the extension of what it is.
    name = models.CharField("文件名", max_length=100)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField("大小")
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField("收到时间", default=timezone.now)
    used_for = models.CharField("用途", max_length=40)

    class Meta:
        verbose_name = "私密文件"
        verbose_name_plural = "私密文件"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


@receiver(signals.post_delete, sender=PrivateFile)
def delete_file(instance: PrivateFile, using: str, **kwargs: Any) -> None:
    """A deletion that is rolled back keeps its file; one that fails is found again by the sweep."""
    name, storage = instance.file.name, instance.file.storage
    if name:
        transaction.on_commit(partial(_delete, storage, name), using=using, robust=True)


def _delete(storage: Storage, name: str) -> None:
    storage.delete(name)
