"""Files into the library from code: imports, demo content, the picker."""

from __future__ import annotations

from typing import Any

from cabinet.models import Folder
from django.core.files.base import File
from django.db import transaction

from portal.cms.media.admission import admit
from portal.cms.media.models import MediaFile

DEFAULT_FOLDER = "未归类"


def store(file: File[Any], folder: Folder | None = None, **fields: Any) -> MediaFile:
    """Keep `file` in the library, and return it; `fields` are those of MediaFile.

    Without a title the file's own name is one. Raises `admission.UploadError`.
    """
    admitted = admit(file)
    column = "image_file" if admitted.is_picture else "download_file"
    with transaction.atomic():
        media = MediaFile(folder=folder or default_folder(), **{column: admitted}, **fields)
        media.save()
    return media


def default_folder(name: str = DEFAULT_FOLDER) -> Folder:
    """Return the folder of this name at the top, made if need be."""
    # Not get_or_create(): names are not unique in the database, and it fails where there are two.
    folders = Folder.objects.filter(parent=None, name=name).order_by("pk")
    return folders.first() or Folder.objects.create(name=name)
