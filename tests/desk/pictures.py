"""Pictures of the media library, for tests that only need one to be there."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from cabinet.models import Folder
from django.core.files.base import ContentFile
from PIL import Image

from portal.cms.media.models import MediaFile
from portal.cms.media.uploads import store


def folder() -> Folder:
    return Folder.objects.get_or_create(name="图片")[0]


def picture(name: str = "factory.png", **fields: Any) -> MediaFile:
    """A small picture in the folder 图片, with alternative text unless `fields` says otherwise."""
    data = BytesIO()
    Image.new("RGB", (64, 40), "#0f4c5c").save(data, "PNG")
    file = ContentFile(data.getvalue(), name=name)
    return store(file, **{"folder": folder(), "image_alt_text": "厂门口", **fields})


def document(name: str = "示例.pdf") -> MediaFile:
    """A file for download."""
    return store(ContentFile(b"%PDF-1.4\n%%EOF\n", name=name), folder=folder())
