"""Comments on an item, and notices to people."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.cms.revisions.models import AboutItem


class Comment(AboutItem):
    """What one colleague tells the others about an item; never shown to readers."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField("时间", default=timezone.now)
    text = models.TextField("意见", max_length=2000)
    sent_back = models.BooleanField("退回", default=False)

    class Meta:
        verbose_name = "审稿意见"
        verbose_name_plural = "审稿意见"
        default_permissions = ()
        indexes = [
            # The comments on one item, in the order they were made.
            models.Index(fields=["content_type", "object_id", "id"], name="cms_comment_item"),
        ]

    def __str__(self) -> str:
        return self.text


class Notice(AboutItem):
    """One sentence to one person about an item, until they have seen it."""

    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    at = models.DateTimeField("时间", default=timezone.now)
    text = models.CharField("通知", max_length=300)
    seen_at = models.DateTimeField("看过的时间", null=True)

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        default_permissions = ()
        indexes = [
            # The count in the head of every page of the desk.
            models.Index(fields=["to", "-id"], name="cms_notice_new", condition=Q(seen_at=None)),
        ]

    def __str__(self) -> str:
        return self.text
