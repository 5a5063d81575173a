"""The columns that hold files. What they store passes the gate, whichever way it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.base import File
from django.db import models
from django.db.models.fields.files import FieldFile
from imagefield.fields import ImageField, ImageFieldFile

from portal.cms.media.admission import Admitted, UploadError, admit
from portal.cms.media.sizes import FORMATS
from portal.cms.media.turns import turn

PATIENCE_FOR_SIZES = 120.0


def admit_picture(file: File[Any]) -> Admitted:
    admitted = admit(file)
    if not admitted.is_picture:
        raise UploadError("这里只能放图片：JPG、PNG、WebP 或 GIF。")
    return admitted


def admit_document(file: File[Any]) -> Admitted:
    admitted = admit(file)
    if admitted.is_picture:
        raise UploadError("这里只能放文件：PDF、Word、Excel 或 PPT。")
    return admitted


class PictureFormField(forms.FileField):
    def to_python(self, data: Any) -> Any:
        file = super().to_python(data)
        return file and admit_picture(file)


class DocumentFormField(forms.FileField):
    def to_python(self, data: Any) -> Any:
        file = super().to_python(data)
        return file and admit_document(file)


class PictureColumnFile(ImageFieldFile):
    def save(self, name: str, content: File[Any], save: bool = True) -> None:
        admitted = admit_picture(content)
        # Past imagefield's own save, which decodes once more what we have just encoded.
        super(ImageFieldFile, self).save(str(admitted.name), admitted, save=save)

    def _process(self, processors: Any = None, context: Any = None) -> bytes:
        """Draw one size. Whoever has uploaded the picture has had it drawn already, so this waits longer."""
        with turn(PATIENCE_FOR_SIZES):
            drawn: bytes = super()._process(processors, context)
        return drawn


if TYPE_CHECKING:  # django-imagefield publishes no types
    SizedImageField = models.ImageField
else:
    SizedImageField = ImageField


class PictureColumn(SizedImageField):
    """A picture with its WebP sizes."""

    attr_class = PictureColumnFile

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, formats=FORMATS)

    def formfield(self, **kwargs: Any) -> Any:  # type: ignore[override]
        return super().formfield(**{"form_class": PictureFormField, **kwargs})

    def _clear_generated_files_for(self, fieldfile: Any, filename: str | None) -> None:
        """Delete the sizes of a picture, or of one of that name that it was before.

        Instead of imagefield's own, which asks the cache first. Ours is in the database, and so the file
        of a save that has failed would stay: nothing can be asked in what is left of its transaction.
        """
        if name := fieldfile.name if filename is None else filename:
            base = fieldfile._process_base(name)
            try:
                files = fieldfile.storage.listdir(base.path)[1]
            except FileNotFoundError:
                return
            for file in files:
                if file.startswith(base.basename):
                    fieldfile.storage.delete(f"{base.path}/{file}")


class DocumentColumnFile(FieldFile):
    def save(self, name: str, content: File[Any], save: bool = True) -> None:
        admitted = admit_document(content)
        super().save(str(admitted.name), admitted, save=save)


class DocumentColumn(models.FileField):
    """A download."""

    attr_class = DocumentColumnFile

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.FileField", args, kwargs

    def formfield(self, **kwargs: Any) -> Any:  # type: ignore[override]
        return super().formfield(**{"form_class": DocumentFormField, **kwargs})
