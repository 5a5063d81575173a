"""Cases: work the agency has done, told so that the next customer recognises itself."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

from portal.cms.addresses import address
from portal.cms.engines.fields import SearchFields
from portal.cms.media.models import MediaFile, PictureField
from portal.cms.publishing import Publishable, PublishableQuerySet
from portal.cms.richtext import RichTextField
from staffing.models.job import District
from staffing.models.service import Service


class CaseQuerySet(PublishableQuerySet):
    """What the pages of this site ask for."""

    def for_list(self) -> Self:
        """Load what a list shows, newest first, and no body."""
        return self.defer("body").select_related("district", "cover", "logo").newest()


class Case(SearchFields, Publishable):
    """A case at `/cases/<slug>/`.

    The client is named, and its logo shown, only while its written consent lasts (广告法 §33). So the
    name stands in its own field and in no other: what is written into a text could not be hidden.
    """

    required_to_publish = ("title", "slug", "industry", "summary", "body")
    # What readers are shown whether or not the client may be named.
    TEXTS: ClassVar[tuple[str, ...]] = (
        "title", "industry", "period", "summary", "body", "seo_title", "seo_description",
    )  # fmt: skip

    title = models.CharField("标题", max_length=60, help_text="写事情，不写客户的名称。")
    slug = models.SlugField(
        "网址名",
        max_length=60,
        unique=True,
        help_text="小写英文字母，例如 baoan-1；网址即 /cases/baoan-1/。",
    )
    industry = models.CharField("行业", max_length=30, blank=True, help_text="例如：电子制造。")
    district = models.ForeignKey(
        District,
        verbose_name="区域",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="cases",
    )
    service = models.ForeignKey(
        Service,
        verbose_name="所用服务",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="cases",
        help_text="案例也会列在这项服务的页面上。",
    )
    headcount = models.PositiveSmallIntegerField(
        "人数", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    period = models.CharField(
        "时间", max_length=40, blank=True, help_text="例如：2025 年 9 月至 11 月。"
    )
    summary = models.CharField(
        "摘要", max_length=120, blank=True, help_text="客户遇到什么事，怎么解决的。"
    )
    cover = PictureField(verbose_name="配图")
    body = RichTextField("正文", blank=True)

    client_name = models.CharField(
        "客户名称", max_length=60, blank=True, help_text="只写在这里，同意到期后自动隐藏。"
    )
    logo = PictureField(verbose_name="客户标志")
    permission_note = models.CharField(
        "书面同意",
        max_length=200,
        blank=True,
        help_text="谁在哪一天同意、文件存放在哪里；不公开。（《广告法》第三十三条）",
    )
    permission_until = models.DateField(
        "同意有效至", null=True, blank=True, help_text="次日起不再显示客户名称和标志。"
    )

    objects = CaseQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Publishable.Meta):
        verbose_name = "案例"
        verbose_name_plural = "案例"

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("staffing:case", self.slug)

    def publish_errors(self) -> dict[str, str]:
        """Besides the required fields: who names a client holds its consent, and can take the name back."""
        errors = super().publish_errors()
        if self.client_name or self.logo_id:
            for field in ("permission_note", "permission_until"):
                if not getattr(self, field):
                    errors[field] = "写了客户名称或放了标志，须先取得书面同意，并填写期限。"
        for field in self.TEXTS:
            if self.client_name and self.client_name in getattr(self, field):
                errors[field] = "这里写了客户名称，同意到期后无法隐藏，请改写。"
        return errors

    @property
    def may_name(self) -> bool:
        """Whether the client agreed to be named, and that still holds: also on the last day."""
        return (
            bool(self.permission_note)
            and self.permission_until is not None
            and self.permission_until >= timezone.localdate()
        )

    @property
    def client(self) -> str:
        """The client as a reader is told: by name, else by district and trade."""
        if self.client_name and self.may_name:
            return self.client_name
        return f"{self.district or ''}{self.industry}企业" if self.industry else ""

    @property
    def shown_logo(self) -> MediaFile | None:
        """The logo, where a reader may be shown it."""
        logo: MediaFile | None = self.logo if self.may_name else None
        return logo
