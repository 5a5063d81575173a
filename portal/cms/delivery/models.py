"""The outbox, whom it goes to, and the table of what is due."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, Self

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.cms.delivery.robots import ROBOTS
from portal.cms.lines import LinesField, split

MOST_ADDRESSES = 20
SITE: Final = re.compile(r"(?:https?://)?[A-Za-z0-9.-]+(?::[0-9]{1,5})?")
# What Baidu's platform shows to be copied: site and token.
INTERFACE: Final = re.compile(r"https?://data\.zz\.baidu\.com/urls\?site=([^&\s]+)&token=([^&\s]+)")
# What proves to a search engine that it is the site that speaks, by kind of target.
SECRETS: Final = {
    "baidu": (
        re.compile(r"[A-Za-z0-9]{8,64}"),
        "请填写百度搜索资源平台给出的密钥，只有字母和数字。",
    ),
    "indexnow": (
        re.compile(r"[A-Za-z0-9-]{8,128}"),
        "IndexNow 的密钥是 8 到 128 个字母、数字或“-”。",
    ),
}


class DeliveryTarget(models.Model):
    """Who is told: mail addresses of colleagues, a robot in a group chat of theirs, a search engine.

    The address of a robot and its secret let anybody write into the chat: no page shows them again. Of a
    search engine (`is_engine`) the address is that of our site there, and the secret its token or key.
    It takes no topic that can be ticked.
    """

    class Kind(models.TextChoices):
        MAIL = "mail", "邮件"
        WECOM = "wecom", "企业微信群机器人"
        DINGTALK = "dingtalk", "钉钉群机器人"
        FEISHU = "feishu", "飞书群机器人"
        BAIDU = "baidu", "百度普通收录"
        INDEXNOW = "indexnow", "IndexNow"

    name = models.CharField("名称", max_length=40, help_text="例如：业务组、企业微信“线索”群。")
    kind = models.CharField("方式", max_length=10, choices=Kind.choices, default=Kind.MAIL)
    address = models.TextField(
        "地址",
        max_length=1000,
        help_text="邮件：收件地址，每行一个。群机器人：添加机器人后复制的整条网址。",
    )
    secret = models.CharField(
        "加签密钥",
        max_length=200,
        blank=True,
        help_text="钉钉、飞书机器人的安全设置选了“加签”（“签名校验”）才需要。",
    )
    topics = LinesField("接收哪些消息")
    active = models.BooleanField(
        "启用", default=True, help_text="停用后不再向它发送；还没有发出的，重新启用后再发。"
    )
    # In a row; after a few, everything for this target waits a while, so that the others do not.
    failures = models.PositiveSmallIntegerField("连续失败", default=0, editable=False)
    paused_until = models.DateTimeField("暂停至", null=True, editable=False)
    # Of search engines: how many addresses it takes today, as it said last; why it takes none.
    remaining = models.PositiveIntegerField("今天还能推送", null=True, editable=False)
    note = models.CharField("说明", max_length=200, default="", editable=False)

    class Meta:
        verbose_name = "通知对象"
        verbose_name_plural = "通知对象"
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def addresses(self) -> list[str]:
        return split(self.address)

    @property
    def is_engine(self) -> bool:
        """Whether this is a search engine, which is told of addresses and of nothing else."""
        return self.kind in SECRETS

    def clean(self) -> None:
        """Refuse what could not be sent to. Only the robots' own hosts are ever called.

        One query for a target that is there: what waits for colleagues is not for an engine.
        """
        before = DeliveryTarget.objects.filter(pk=self.pk).first() if self.pk else None
        if before is not None and before.is_engine != self.is_engine:
            message = "搜索引擎与通知同事的方式不能互换：请另外添加一个，这一个取消“启用”。"
            raise ValidationError({"kind": message})
        if self.is_engine:
            self._clean_engine()
            return
        if not self.address.strip():
            return  # the field's own error says so
        if (robot := ROBOTS.get(self.kind)) is None:
            self._clean_mail()
        elif not robot.accepts(self.address.strip()):
            raise ValidationError({"address": f"请粘贴机器人的完整网址，以 {robot.url} 开头。"})
        self.address = "\n".join(self.addresses)

    def _clean_engine(self) -> None:
        self.topics = []
        self.address, self.secret = self.address.strip(), self.secret.strip()
        if pasted := INTERFACE.fullmatch(self.address):
            self.address, self.secret = pasted.groups()
        self.address = self.address.removesuffix("/")
        pattern, wanted = SECRETS[self.kind]
        if self.address and not SITE.fullmatch(self.address):
            message = "请填写网站在该平台登记的网址，例如 https://www.example.com。"
            raise ValidationError({"address": message})
        if not pattern.fullmatch(self.secret):
            raise ValidationError({"secret": wanted})

    def _clean_mail(self) -> None:
        if len(self.addresses) > MOST_ADDRESSES:
            raise ValidationError({"address": f"最多 {MOST_ADDRESSES} 个地址。"})
        for address in self.addresses:
            try:
                validate_email(address)
            except ValidationError as error:
                message = f"“{address}”不是有效的邮箱地址；每行写一个。"
                raise ValidationError({"address": message}) from error


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def about(self, subject: models.Model) -> Self:
        """Return what was told of one subject, and to whom."""
        kind = ContentType.objects.get_for_model(subject)
        return self.filter(content_type=kind, object_id=subject.pk)

    def drop(self, problem: str) -> int:
        """Never send these, nor again; what is in flight is out of anybody's hands."""
        S = Delivery.State  # noqa: N806 - a class
        open_ones = self.filter(state__in=[S.PENDING, S.UNCLEAR, S.FAILED])
        return open_ones.update(state=S.DROPPED, problem=problem)


class Delivery(models.Model):
    """One topic about one subject to one target. It holds no text: that is made when it is sent."""

    class State(models.TextChoices):
        PENDING = "pending", "待发送"
        SENDING = "sending", "发送中"
        DELIVERED = "delivered", "已送达"
        UNCLEAR = "unclear", "不确定"
        FAILED = "failed", "失败"
        DROPPED = "dropped", "不再发送"

    topic = models.CharField("消息", max_length=40)
    content_type = models.ForeignKey(
        ContentType, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey()
    target = models.ForeignKey(
        DeliveryTarget,
        verbose_name="通知对象",
        on_delete=models.PROTECT,
        related_name="deliveries",
    )
    # Which time, where a subject has several: 60 days before a licence ends, and 30.
    occasion = models.CharField(max_length=40, default="", blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    due_at = models.DateTimeField("最早发送时间", default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    # Stays when the lease has run out: who had it in hand may still tell how it ended.
    leased_by = models.CharField(max_length=60, default="")
    sent_at = models.DateTimeField("送达时间", null=True)
    problem = models.CharField("说明", max_length=300, default="")
    created_at = models.DateTimeField("产生时间", default=timezone.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "外发记录"
        verbose_name_plural = "外发记录"
        default_permissions = ("view", "change")
        ordering = ["-id"]
        constraints = [
            # Nothing is told twice, however often it is put in; also finds what was told of a subject.
            models.UniqueConstraint(
                fields=["content_type", "object_id", "topic", "target", "occasion"],
                name="cms_delivery_once",
            ),
            # In flight exactly while somebody answers for it.
            models.CheckConstraint(
                name="cms_delivery_lease",
                condition=Q(state="sending", lease_until__isnull=False)
                | (~Q(state="sending") & Q(lease_until=None)),
            ),
            models.CheckConstraint(
                name="cms_delivery_state",
                condition=Q(
                    state__in=["pending", "sending", "delivered", "unclear", "failed", "dropped"]
                ),
            ),
            models.CheckConstraint(
                name="cms_delivery_sent",
                condition=~Q(state="delivered") | Q(sent_at__isnull=False),
            ),
        ]
        indexes = [
            # What a worker claims next, in this order. What is being sent, and what waits for a person
            # (the card on the desk), are few rows of it. Not partial: SQLite's planner has no use for a
            # condition that it meets as «in (?, ?)».
            models.Index(fields=["state", "due_at", "id"], name="cms_delivery_next"),
        ]

    def __str__(self) -> str:
        return f"外发记录 {self.pk}"

    @property
    def tried_from(self) -> datetime:
        """From when on it is sent, if its target does not rest for longer."""
        return max(self.due_at, self.target.paused_until or self.due_at)


class DueTask(models.Model):
    """When a periodic task is due, and how its last run ended. What it does is registered in code."""

    name = models.CharField("任务", max_length=40, unique=True)
    due_at = models.DateTimeField("下次")
    lease_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=60, default="")
    started_at = models.DateTimeField("最近开始", null=True)
    finished_at = models.DateTimeField("最近完成", null=True)
    problem = models.CharField("说明", max_length=300, default="")

    class Meta:
        verbose_name = "定期任务"
        verbose_name_plural = "定期任务"
        default_permissions = ("view",)
        ordering = ["due_at"]

    def __str__(self) -> str:
        return f"定期任务 {self.pk}"
