"""Where old addresses lead, and the addresses that were asked for and lead nowhere."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.cms.redirects.keys import digest, key_of
from portal.cms.site import URL_OR_PATH


class Redirect(models.Model):
    """An old address, or a pattern of such, and what is answered there: 301 or 410.

    It is asked only where nothing is there, so that it can never hide a page. It may name an item in
    place of an address: that one is asked for when it is answered, and a new slug makes no chain.
    """

    class Kind(models.TextChoices):
        EXACT = "exact", "一个网址"
        PATTERN = "pattern", "一类网址"

    class Code(models.IntegerChoices):
        MOVED = 301, "跳转（301）"
        GONE = 410, "已删除（410）"

    kind = models.CharField("种类", max_length=7, choices=Kind.choices, default=Kind.EXACT)
    old = models.CharField("旧网址", max_length=1000)  # as people read it
    key = models.CharField(max_length=32, editable=False)
    target = models.CharField(
        "跳转到", max_length=500, blank=True, default="", validators=[URL_OR_PATH]
    )
    content_type = models.ForeignKey(
        ContentType,
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        db_index=False,
    )
    object_id = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    item = GenericForeignKey()
    code = models.PositiveSmallIntegerField("答复", choices=Code.choices, default=Code.MOVED)
    # "" for one made by hand, which nothing else overwrites; AUTO; else the site it was imported from.
    origin = models.CharField("来历", max_length=60, blank=True, default="", editable=False)
    note = models.CharField("备注", max_length=200, blank=True, default="")
    hits = models.PositiveIntegerField("次数", default=0, editable=False)
    last_hit_at = models.DateTimeField("最近一次", null=True, editable=False)
    created_at = models.DateTimeField("建立时间", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="建立人",
        null=True,
        on_delete=models.SET_NULL,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = "跳转"
        verbose_name_plural = "跳转"
        ordering = ["-hits", "-pk"]
        constraints = [
            # One answer for an address, and the way to it. Of a pattern, its letters are the key.
            models.UniqueConstraint(
                fields=["key"],
                name="cms_redirect_key",
                violation_error_message="这个旧网址已有跳转。",
            ),
            models.CheckConstraint(
                name="cms_redirect_goal",
                condition=Q(code=410, target="", object_id=None)
                | (Q(code=301) & ~Q(target="") & Q(object_id=None))
                | Q(code=301, target="", object_id__isnull=False),
                violation_error_message="跳转要有一个去处；已删除的没有去处。",
            ),
            models.CheckConstraint(
                name="cms_redirect_item_whole",
                condition=Q(content_type=None, object_id=None)
                | Q(content_type__isnull=False, object_id__isnull=False),
            ),
        ]
        indexes = [
            # The old addresses of an item.
            models.Index(fields=["content_type", "object_id"], name="cms_redirect_item"),
            # Patterns are few among them, and read all at once.
            models.Index(fields=["id"], name="cms_redirect_pattern", condition=Q(kind="pattern")),
            # The list of the desk.
            models.Index(fields=["-hits", "-id"], name="cms_redirect_hits"),
        ]

    def __str__(self) -> str:
        return self.old

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.make_key()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Make the key before the constraints are checked, so that the form says what is there already."""
        self.make_key()

    def make_key(self) -> None:
        """Make the key of what is old; `bulk_create` needs it called before."""
        pattern = self.kind == self.Kind.PATTERN
        self.key = digest(f"pattern {self.old}") if pattern else key_of(self.old)


class MissedAddress(models.Model):
    """An address that was asked for and leads nowhere; nothing of who asked."""

    path = models.CharField("网址", max_length=500)
    key = models.CharField(max_length=32, unique=True, editable=False)
    hits = models.PositiveIntegerField("次数", default=1)
    first_at = models.DateTimeField("第一次", default=timezone.now)
    last_at = models.DateTimeField("最近一次", default=timezone.now)
    # Of the page that linked to it; our own, where a link of ours is broken.
    from_host = models.CharField("来自", max_length=100, blank=True, default="")
    settled = models.BooleanField("不再提示", default=False)

    class Meta:
        verbose_name = "404 记录"
        verbose_name_plural = "404 记录"
        default_permissions = ("view", "change")
        ordering = ["settled", "-hits", "-pk"]
        indexes = [
            models.Index(fields=["settled", "-hits", "-id"], name="cms_missed_list"),
            # What is swept, and what makes room for new ones.
            models.Index(fields=["last_at"], name="cms_missed_last"),
        ]

    def __str__(self) -> str:
        return self.path
