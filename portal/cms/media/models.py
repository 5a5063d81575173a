"""Files of the library, and the record of which text shows which file."""

from __future__ import annotations

import re
from functools import partial
from pathlib import PurePath
from typing import Any, ClassVar

from cabinet.base import AbstractFile, DownloadMixin, ImageMixin
from cabinet.fields import CabinetForeignKey
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import signals
from django.dispatch import receiver
from imagefield.fields import PPOIField

from portal.cms.media.admission import UploadError, admit
from portal.cms.media.fields import DocumentColumn, PictureColumn
from portal.cms.media.widgets import PictureInput

UPLOAD_TO = "cabinet/%Y/%m"


def named(*extensions: str) -> Any:
    return re.compile(rf"\.({'|'.join(extensions)})$").search


class MediaFile(AbstractFile, ImageMixin, DownloadMixin):
    """One picture or one download, in a folder."""

    FILE_FIELDS = ["image_file", "download_file"]
    # What the gate lets through; the last entry must match everything.
    DOWNLOAD_TYPES: ClassVar[list[tuple[str, str, Any]]] = [
        ("pdf", "PDF", named("pdf")),
        ("doc", "Word", named("doc", "docx")),
        ("xls", "Excel", named("xls", "xlsx")),
        ("ppt", "PPT", lambda name: True),
    ]

    image_file = PictureColumn(
        "图片",
        upload_to=UPLOAD_TO,
        width_field="image_width",
        height_field="image_height",
        ppoi_field="image_ppoi",
        blank=True,
        max_length=255,
        help_text="点一下图中最要紧的地方，裁成方形或卡片时会留住它。",
    )
    image_ppoi = PPOIField(
        "焦点",
        # What is no number between 0 and 1 would stop the making of sizes.
        validators=[RegexValidator(r"^([01]|0\.\d+|1\.0+)x([01]|0\.\d+|1\.0+)$", "焦点无法识别。")],
    )
    image_alt_text: models.CharField[str, str] = models.CharField(
        "替代文字",
        max_length=300,
        blank=True,
        help_text="用一句话说出图上有什么，给看不到图的读者和搜索引擎。纯装饰的图留空。",
    )
    # The AVIF that was made last: see `media.avif`.
    avif_name: models.CharField[str, str] = models.CharField(
        "AVIF 文件名", max_length=255, blank=True, default="", editable=False
    )
    # Whether all shapes are there: pages do not ask the storage. Pictures from before a shape came get it
    # from the worker (`media.backlog`).
    shapes_made: models.BooleanField[bool, bool] = models.BooleanField(
        default=False, editable=False
    )
    download_file = DocumentColumn("文件", upload_to=UPLOAD_TO, blank=True, max_length=255)
    title: models.CharField[str, str] = models.CharField(
        "名称", max_length=120, blank=True, help_text="留空则用上传时的文件名。"
    )
    caption: models.CharField[str, str] = models.CharField(
        "图片说明", max_length=200, blank=True, help_text="显示在图片下方。"
    )
    rights: models.CharField[str, str] = models.CharField(
        "版权与来源",
        max_length=200,
        blank=True,
        help_text="例如：本站拍摄、作者授权（附日期）。不清楚来源的图片请不要使用。",
    )

    class Meta(AbstractFile.Meta):
        verbose_name = "图片与文件"
        verbose_name_plural = "图片与文件"
        ordering = ["-created_at", "-pk"]
        constraints = [
            # Whoever shows a row takes it for a picture or for a download: one that is neither is
            # nowhere, and of one that is both a file is lost when the other is replaced.
            models.CheckConstraint(
                name="cms_mediafile_one_file",
                condition=(models.Q(image_file="") & ~models.Q(download_file=""))
                | (~models.Q(image_file="") & models.Q(download_file="")),
                violation_error_message="一条记录只能有一个文件。",
            )
        ]

    def __str__(self) -> str:
        return self.title or self.file_name

    def get_absolute_url(self) -> str:
        """The address of the file itself: of a picture, as it was uploaded."""
        url: str = (self.image_file or self.download_file).url
        return url

    def clean(self) -> None:
        """Not cabinet's check for one file: each form asks for its file itself, and `save` insists."""

    def get_download_type(self) -> str:
        """The kind of a download in the reader's words; "" for a picture."""
        return {kind: label for kind, label, _ in self.DOWNLOAD_TYPES}.get(self.download_type, "")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and store a new file if one was given; the one it replaces goes after the commit.

        Makes the sizes of a new picture, which takes seconds for a large one. Raises UploadError.
        """
        before = None
        stored = self._store()
        if stored and self.pk:
            before = type(self)._base_manager.filter(pk=self.pk).first()
        try:
            # Past cabinet's own save, which asks the storage for the size of the file every time, and
            # fails where it is lost.
            super(AbstractFile, self).save(*args, **kwargs)
        except Exception:
            for file in stored:
                file.delete(save=False)
            raise
        if before is not None:
            transaction.on_commit(before.delete_files)

    save.alters_data = True  # type: ignore[attr-defined]

    def _store(self) -> list[Any]:
        """Write what was given and is not in the storage yet, so that its final name is known."""
        stored = []
        for column in self.FILE_FIELDS:
            file = getattr(self, column)
            if file and not file._committed:
                admitted = admit(file.file)
                self.title = self.title or admitted.title
                file.save(admitted.name, admitted, save=False)
                self.file_name, self.file_size = PurePath(file.name).name, admitted.size
                self.shapes_made = admitted.is_picture
                stored.append(file)
        if not any(getattr(self, column) for column in self.FILE_FIELDS):
            raise UploadError("请选择要上传的文件。")
        return stored


@receiver(signals.post_delete, sender=MediaFile)
def delete_files(instance: MediaFile, using: str, **kwargs: Any) -> None:
    """The row is gone: so are the file and its sizes, once the deletion is final.

    cabinet does this for its own model only, and at once: a deletion that is rolled back would leave
    a row without its file.
    """
    transaction.on_commit(partial(instance.delete_files), using=using, robust=True)


class MediaUse(models.Model):
    """A file shown inside a rich text; kept by the text's save, in the same transaction."""

    file = models.ForeignKey(
        MediaFile, verbose_name="文件", on_delete=models.PROTECT, related_name="uses"
    )
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    user = GenericForeignKey("content_type", "object_id")

    class Meta:
        verbose_name = "文件使用记录"
        verbose_name_plural = "文件使用记录"
        constraints = [
            # One row a file and text, however often it is shown there. Its index (content type,
            # object, file) also serves the rewrite of a text's rows on save.
            models.UniqueConstraint(
                fields=["content_type", "object_id", "file"], name="cms_mediause_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.file} → {self.user}"


class PictureField(CabinetForeignKey):
    """A picture from the library: optional, and protected from deletion while it is shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("on_delete", models.PROTECT)
        kwargs.setdefault("related_name", "+")
        kwargs.setdefault("limit_choices_to", ~models.Q(image_file=""))
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> Any:
        """Chosen by looking at pictures, whatever the admin would use for a foreign key."""
        kwargs["widget"] = PictureInput
        return super(CabinetForeignKey, self).formfield(**kwargs)
