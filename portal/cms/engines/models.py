"""What search engines have been told, what proves to them whose site it is, and how pages look to them."""

from __future__ import annotations

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.cms.compliance.typography import length
from portal.cms.delivery.models import Delivery
from portal.cms.redirects.keys import digest


class PublicAddress(models.Model):
    """An address that engines were told of, or may be: the subject of what is pushed to them.

    It outlives its item: of one that was deleted, they have to hear as well. `stamp` says which state of
    the page was put into the outbox last.
    """

    path = models.CharField("网址", max_length=500)
    key = models.CharField(max_length=32, unique=True, editable=False)
    content_type = models.ForeignKey(
        ContentType, on_delete=models.CASCADE, related_name="+", null=True, db_index=False
    )
    object_id = models.PositiveBigIntegerField(null=True)
    item = GenericForeignKey()
    stamp = models.CharField(max_length=40, default="", blank=True)
    was_public = models.BooleanField("曾经公开", default=False)
    changed_at = models.DateTimeField("最近变化", default=timezone.now)
    deliveries = GenericRelation(Delivery)

    class Meta:
        verbose_name = "网址推送状态"
        verbose_name_plural = "网址推送状态"
        default_permissions = ("view", "change")
        ordering = ["-changed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="cms_publicaddress_item_whole",
                condition=Q(content_type=None, object_id=None)
                | Q(content_type__isnull=False, object_id__isnull=False),
            ),
        ]
        indexes = [
            # The addresses an item has and had.
            models.Index(fields=["content_type", "object_id"], name="cms_publicaddress_item"),
            # The list of the desk.
            models.Index(fields=["-changed_at", "-id"], name="cms_publicaddress_list"),
        ]

    def __str__(self) -> str:
        return self.path

    def save(self, *args: object, **kwargs: object) -> None:
        self.key = digest(self.path)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Verification(models.Model):
    """What a search engine asks for as a proof of whose site it is: a tag, or a file at the root.

    Whoever may put a file there speaks for the site, so it is a right of the owner's alone.
    """

    class Engine(models.TextChoices):
        BAIDU = "baidu", "百度"
        BING = "bing", "必应"
        SO360 = "so360", "360"
        SOGOU = "sogou", "搜狗"
        TOUTIAO = "toutiao", "头条"
        WECHAT = "wechat", "微信"
        SHENMA = "shenma", "神马"
        GOOGLE = "google", "谷歌"
        OTHER = "other", "其他"

    class Way(models.TextChoices):
        META = "meta", "首页的标签"
        FILE = "file", "根目录的文件"

    engine = models.CharField("平台", max_length=10, choices=Engine.choices)
    way = models.CharField("方式", max_length=4, choices=Way.choices, default=Way.META)
    name = models.CharField(
        "名称", max_length=100, help_text="按平台给的原样填写：标签的名称，或文件名。"
    )
    content = models.TextField(
        "内容",
        max_length=4000,
        validators=[MaxLengthValidator(4000)],
        help_text="按平台给的原样填写：标签的内容，或文件的全部内容。",
    )

    class Meta:
        verbose_name = "站长验证"
        verbose_name_plural = "站长验证"
        ordering = ["engine", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(way="file"),
                name="cms_verification_file_once",
                violation_error_message="已有这个名称的文件。",
            ),
            # Several of one name: each account of an engine has a tag of its own.
            models.UniqueConstraint(
                fields=["name", "content"],
                condition=Q(way="meta"),
                name="cms_verification_tag_once",
                violation_error_message="已有这个标签。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_engine_display()}：{self.name}"


class CrawledPage(models.Model):
    """A page of this site as the nightly look at all pages found it."""

    path = models.CharField("网址", max_length=500)
    key = models.CharField(max_length=32, unique=True, editable=False)
    title = models.CharField("标题", max_length=300, default="", blank=True)
    # To find pages of one title without comparing all with all.
    title_key = models.CharField(max_length=32, editable=False)
    title_length = models.PositiveSmallIntegerField("标题字数", default=0, editable=False)
    description_length = models.PositiveSmallIntegerField("描述字数", default=0)
    words = models.PositiveIntegerField("字数", default=0)
    pictures_without_alt = models.PositiveSmallIntegerField("缺替代文字的图片", default=0)
    broken = models.JSONField("死链", default=list, blank=True)  # the first twenty
    has_dead_links = models.BooleanField("有死链", default=False)
    is_linked = models.BooleanField("有页面链到", default=False)
    milliseconds = models.PositiveIntegerField("毫秒", default=0)
    status = models.PositiveSmallIntegerField("状态码", default=200)
    crawled_at = models.DateTimeField("检查时间", default=timezone.now)

    class Meta:
        verbose_name = "页面检查"
        verbose_name_plural = "页面检查"
        # Who may change them may have them looked at now.
        default_permissions = ("view", "change")
        ordering = ["-crawled_at", "-pk"]
        indexes = [
            models.Index(fields=["title_key"], name="cms_crawled_title"),
            models.Index(fields=["id"], name="cms_crawled_dead", condition=Q(has_dead_links=True)),
            # Whose turn is next, and what has not been seen for so long that it must be gone.
            models.Index(fields=["crawled_at"], name="cms_crawled_at"),
        ]

    def __str__(self) -> str:
        return self.path

    def save(self, *args: object, **kwargs: object) -> None:
        self.key, self.title_key = digest(self.path), digest(self.title)
        self.title_length = length(self.title)
        super().save(*args, **kwargs)  # type: ignore[arg-type]
