"""The word lists, and the record of decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from portal.cms.lines import LinesField

if TYPE_CHECKING:
    from portal.cms.publishing import Publishable


class Place(models.TextChoices):
    """Where a text is read: how strict a list is depends on it.

    The values are the names of the fields in which a `WordList` says how strict it is.
    """

    HEADLINES = "in_headlines", "资讯的标题与摘要"
    NEWS = "in_news", "资讯正文"
    PAGES = "in_pages", "服务与单页"
    JOBS = "in_jobs", "岗位"


class Level(models.TextChoices):
    """How strict a list is in one place."""

    OFF = "off", "不查"
    HINT = "hint", "提示"
    MUST = "must", "须处理"


def level(place: Place) -> models.CharField[str, str]:
    return models.CharField(place.label, max_length=4, choices=Level.choices, default=Level.OFF)


class WordList(models.Model):
    """Terms that must not, or had better not, appear, and where; one term per line."""

    name = models.CharField("名称", max_length=30, unique=True)
    terms = LinesField(
        "词语",
        help_text="每行一个，可以整批粘贴。全角半角、大小写、夹在中间的空格都不影响查找。"
        "词尾加 * 表示后面任意一个字，例如：最*。",
    )
    allowed = LinesField(
        "不算的说法",
        help_text="每行一个。查到的词在这些说法里面时不算，例如：最低工资、最近。",
    )
    exempt_after = LinesField(
        "前面有这些字时不算",
        help_text="每行一个，例如“不”：不限户籍。末尾加 * 表示同一分句里隔着别的字也不算，"
        "例如“不收*”：不收报名费、押金。",
    )
    in_headlines = level(Place.HEADLINES)
    in_news = level(Place.NEWS)
    in_pages = level(Place.PAGES)
    in_jobs = level(Place.JOBS)
    spares_regulations = models.BooleanField(
        "不查法规公文", default=False, help_text="刊登依据为“法规公文”的文章不查这份词表。"
    )
    active = models.BooleanField("启用", default=True)
    basis = models.CharField(
        "依据", max_length=120, blank=True, help_text="哪部法律的哪一条，例如：《广告法》第九条。"
    )
    advice = models.TextField(
        "怎么改", blank=True, help_text="查到时显示给编辑：为什么不行，可以怎么写。"
    )
    updated_at = models.DateTimeField("修改时间", auto_now=True)

    class Meta:
        verbose_name = "审查词表"
        verbose_name_plural = "审查词表"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    def level_in(self, place: Place) -> Level:
        return Level(getattr(self, place.value))

    @property
    def advice_line(self) -> str:
        """What an editor is told beside a finding: how to put it, and which law says so."""
        return (
            f"{self.advice}（{self.basis}）"
            if self.advice and self.basis
            else self.advice or self.basis
        )


class DecisionQuerySet(models.QuerySet["Decision"]):
    def about(self, item: Publishable) -> Self:
        """Return the decisions about one item."""
        return self.filter(content_type=ContentType.objects.get_for_model(item), object_id=item.pk)


class Decision(models.Model):
    """Somebody published an item in spite of a finding, and said why.

    Written once, never changed, and kept when the item is deleted for good: it is the proof that the
    matter was looked at (two years and more).
    """

    content_type = models.ForeignKey(
        ContentType, verbose_name="内容类型", on_delete=models.PROTECT, related_name="+"
    )
    object_id = models.PositiveBigIntegerField("编号")
    item = GenericForeignKey()
    item_title = models.CharField("内容", max_length=200)
    version = models.PositiveIntegerField("修改次数")
    key = models.CharField(max_length=150)
    finding = models.CharField("查到的问题", max_length=300)
    excerpt = models.CharField("原文", max_length=200, blank=True)
    reason = models.TextField("理由", max_length=1000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="决定人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField("时间", default=timezone.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "审查记录"
        verbose_name_plural = "审查记录"
        default_permissions = ("view",)
        ordering = ["-at", "-pk"]
        indexes = [
            # Asked with every check: what has been decided about this item?
            models.Index(fields=["content_type", "object_id"], name="cms_decision_item"),
            # The list in the admin, and its navigation by date.
            models.Index(fields=["-at", "-id"], name="cms_decision_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.item_title}：{self.finding}"
