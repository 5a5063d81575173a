"""Revisions, the pending draft of a published item, what is typed in open forms, and who has them open."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from portal.cms.publishing import Publishable

# A form that has not been heard of for so long is closed.
PRESENT = timedelta(seconds=60)


class AboutItemQuerySet(models.QuerySet[Any]):
    def about(self, item: Publishable) -> Self:
        """Return the rows about one item."""
        return self.filter(content_type=ContentType.objects.get_for_model(item), object_id=item.pk)


class AboutItem(models.Model):
    """A row about an item of any publishable model; it goes when the item is deleted for good."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    item = GenericForeignKey()

    objects = AboutItemQuerySet.as_manager()

    class Meta:
        abstract = True


class Event(models.TextChoices):
    """What happened to an item."""

    BASELINE = "baseline", "此前的内容"
    SAVED = "saved", "保存"
    CHANGED = "changed", "修改"
    SUBMITTED = "submitted", "提交审核"
    SENT_BACK = "sent_back", "退回"
    PUBLISHED = "published", "发布"
    SCHEDULED = "scheduled", "定时发布"
    UNSCHEDULED = "unscheduled", "取消定时"
    APPLIED = "applied", "定时修改生效"
    WITHDRAWN = "withdrawn", "下线"
    DISCARDED = "discarded", "放弃修改"
    RESTORED = "restored", "恢复旧版"
    MERGED = "merged", "合并"
    BINNED = "binned", "移入回收站"
    UNBINNED = "unbinned", "从回收站恢复"
    REFUSED = "refused", "没有存入的文字"


class Revision(AboutItem):
    """One event in the life of an item, with the content it left: the audit trail editors read.

    `version` is the item's `edit_version` from then on. A REFUSED one holds a text that came too late
    to be saved (somebody else had saved); it never was the item's content, and its `version` is the
    one its form began with, 0 where that is not known.
    """

    event = models.CharField("事件", max_length=12, choices=Event.choices)
    content = models.JSONField("内容", default=dict)
    version = models.PositiveIntegerField("修改次数")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="谁",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    at = models.DateTimeField("时间", default=timezone.now)
    note = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = "修改记录"
        verbose_name_plural = "修改记录"
        default_permissions = ()
        indexes = [
            # The history of one item, latest first; also the version a stale form began with.
            models.Index(fields=["content_type", "object_id", "-id"], name="cms_revision_item"),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}：{self.item}"


class PendingDraftQuerySet(AboutItemQuerySet):
    def due(self, at: datetime | None = None) -> Self:
        """Return the scheduled changes whose moment has come, the earliest first."""
        now = at or timezone.now()
        return self.filter(status=PendingDraft.Status.SCHEDULED, apply_at__lte=now).order_by(
            "apply_at", "pk"
        )


class PendingDraft(AboutItem):
    """A change to a published item that readers do not see yet; there is at most one for an item.

    `base` is the live content when the draft was begun: on publishing, what the draft did not touch
    keeps the value it has by then. Only published items have one (`actions` sees to it).
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "修改未发布"
        IN_REVIEW = "in_review", "修改待审"
        SCHEDULED = "scheduled", "修改定时待发"

    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    content = models.JSONField("内容")
    base = models.JSONField("开始修改时的内容")
    apply_at = models.DateTimeField("生效时间", null=True)
    problem = models.CharField("没有生效的原因", max_length=500, blank=True)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    begun_at = models.DateTimeField("开始时间", default=timezone.now)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    updated_at = models.DateTimeField("修改时间", auto_now=True)

    objects = PendingDraftQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = "未发布的修改"
        verbose_name_plural = "未发布的修改"
        default_permissions = ()
        constraints = [
            # Two drafts of one page: whichever is published second would undo the first.
            models.UniqueConstraint(
                fields=["content_type", "object_id"], name="cms_pendingdraft_item"
            ),
            # A scheduled change without a moment would wait for ever.
            models.CheckConstraint(
                name="cms_pendingdraft_scheduled_dated",
                condition=~Q(status="scheduled") | Q(apply_at__isnull=False),
            ),
            # One of no status that we know would be in no list, and stand in the way of the next.
            models.CheckConstraint(
                name="cms_pendingdraft_known_status",
                condition=Q(status__in=["draft", "in_review", "scheduled"]),
            ),
        ]
        indexes = [
            # Asked before every answer: is a change due?
            models.Index(
                fields=["apply_at"],
                name="cms_pendingdraft_due",
                condition=Q(status="scheduled"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}（未发布的修改）"

    @property
    def is_scheduled(self) -> bool:
        return self.status == self.Status.SCHEDULED

    @property
    def in_review(self) -> bool:
        return self.status == self.Status.IN_REVIEW


class Autosave(AboutItem):
    """What stood in a form, as the browser sent it: kept until that form is saved.

    `token` names one opened form, so two tabs, or two devices of one person, keep apart.
    """

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # None: of an item not saved yet.
    object_id = models.PositiveBigIntegerField(null=True)  # type: ignore[assignment]
    # The fields of the POST, each with its list of values.
    data = models.JSONField("填写的内容")
    saved_at = models.DateTimeField("时间", auto_now=True)

    class Meta:
        verbose_name = "自动保存的文字"
        verbose_name_plural = "自动保存的文字"
        default_permissions = ()
        indexes = [
            # What this person left in the forms of this item, or of items not saved yet.
            models.Index(
                fields=["user", "content_type", "object_id", "-saved_at"], name="cms_autosave_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {timezone.localtime(self.saved_at):%Y-%m-%d %H:%M}"


class PresenceQuerySet(AboutItemQuerySet):
    def now(self) -> Self:
        """Return the forms heard of within the last minute."""
        return self.filter(seen_at__gt=timezone.now() - PRESENT)


class Presence(AboutItem):
    """Somebody has the form of an item open; the browser says so again and again."""

    token = models.UUIDField(unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(auto_now=True)

    objects = PresenceQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = "打开的表单"
        verbose_name_plural = "打开的表单"
        default_permissions = ()
        indexes = [
            # Who else has this item open?
            models.Index(fields=["content_type", "object_id", "seen_at"], name="cms_presence_item"),
        ]

    def __str__(self) -> str:
        return str(self.user)
