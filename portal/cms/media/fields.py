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
