"""Complaints, and requests to take something down: each with a deadline and a journal."""

from __future__ import annotations

from typing import Final, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.cms.phones import PhoneField
from staffing.models.journal import Journal
from staffing.models.notices import PrivacyNotice
from staffing.models.policy import Form
from staffing.models.references import new_reference
from staffing.models.sent import Sent, SentQuerySet

# Every text of the person, which goes when a ticket is erased; with the proof.
PERSONAL: Final = ("name", "organisation", "phone", "email", "statement", "right")


class TicketQuerySet(SentQuerySet):
    def open(self) -> Self:
        """Return the tickets that wait for an answer."""
        return self.filter(status=Ticket.Status.OPEN)


class Ticket(Sent):
    """A complaint, or a request to take a page down, until it is decided and answered."""

    class Kind(models.TextChoices):
        COMPLAINT = Form.COMPLAINT.value, "投诉举报"
        TAKEDOWN = Form.TAKEDOWN.value, "下架请求"

    class Status(models.TextChoices):
        OPEN = "open", "待处理"
        ANSWERED = "answered", "已答复"
        CLOSED = "closed", "已结案"

    class Decision(models.TextChoices):
        NONE = "none", "未定"
        TAKEDOWN = "takedown", "下架"
        CORRECT = "correct", "更正"
        REJECT = "reject", "不成立"

    number = models.CharField("编号", max_length=12, default=new_reference, editable=False)
    kind = models.CharField("类别", max_length=9, choices=Kind.choices, editable=False)
    received_at = models.DateTimeField("收到时间", default=timezone.now, editable=False)
    submission = models.CharField("提交标识", max_length=64, editable=False)
    notice = models.ForeignKey(
        PrivacyNotice,
        verbose_name="当时的隐私告知",
        null=True,
        on_delete=models.PROTECT,
        editable=False,
        related_name="tickets",
    )

    page = models.CharField("涉及的页面", max_length=200, blank=True)
    content_type = models.ForeignKey(
        ContentType,
        verbose_name="内容类型",
        null=True,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        db_index=False,  # staffing_ticket_item begins with it
    )
    object_id = models.PositiveBigIntegerField("内容编号", null=True, editable=False)
    item = GenericForeignKey()

    name = models.CharField("称呼", max_length=30, blank=True)
    organisation = models.CharField("单位", max_length=60, blank=True)
    phone = PhoneField("电话", max_length=20, blank=True)
    phone_key = models.CharField("电话标识", max_length=64, blank=True, editable=False)
    email = models.EmailField("邮箱", blank=True)
    statement = models.TextField(
        "情况说明", max_length=2000, blank=True, validators=[MaxLengthValidator(2000)]
    )
    right = models.CharField(
        "权利依据", max_length=200, blank=True, help_text="例如：该文章的著作权人。"
    )
    proof = models.OneToOneField(
        "cms.PrivateFile",
        verbose_name="证明材料",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    due_on = models.DateField("答复期限", editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="负责人",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    status = models.CharField(
        "状态", max_length=8, choices=Status.choices, default=Status.OPEN, editable=False
    )
    decision = models.CharField(
        "处理结果", max_length=8, choices=Decision.choices, default=Decision.NONE, editable=False
    )
    keep_until = models.DateField("保留至", editable=False)
    erased_at = models.DateTimeField("清除时间", null=True, blank=True, editable=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = "投诉与下架"
        verbose_name_plural = "投诉与下架"
        default_permissions = ("view", "change")
        ordering = ["due_on", "pk"]
        indexes = [
            # The list, and the card: what is due first.
            models.Index(
                fields=["due_on", "id"], name="staffing_ticket_due", condition=Q(status="open")
            ),
            # All of them, newest first.
            models.Index(F("received_at").desc(), F("id").desc(), name="staffing_ticket_latest"),
            # Has anybody complained about this item?
            models.Index(fields=["content_type", "object_id"], name="staffing_ticket_item"),
            # A person's data, by their number.
            models.Index(fields=["phone_key"], name="staffing_ticket_phone_key"),
            # What the night has to erase.
            models.Index(
                fields=["keep_until"],
                name="staffing_ticket_keep",
                condition=Q(erased_at__isnull=True),
            ),
        ]
        constraints = [
            # Named in letters and on the telephone.
            models.UniqueConstraint(fields=["number"], name="staffing_ticket_number"),
            # A form that is sent twice is one ticket.
            models.UniqueConstraint(fields=["submission"], name="staffing_ticket_submission"),
            models.CheckConstraint(
                name="staffing_ticket_kind",
                condition=Q(kind__in=["complaint", "takedown"]),
                violation_error_message="没有这种类别。",
            ),
            models.CheckConstraint(
                name="staffing_ticket_status",
                condition=Q(status__in=["open", "answered", "closed"]),
                violation_error_message="没有这种状态。",
            ),
            # Whoever complains has to be answered: there must be a way.
            models.CheckConstraint(
                name="staffing_ticket_contact",
                condition=~Q(phone="") | ~Q(email="") | Q(erased_at__isnull=False),
                violation_error_message="电话和邮箱至少填一个。",
            ),
            # Answering means that it was decided.
            models.CheckConstraint(
                name="staffing_ticket_decided",
                condition=Q(status="open") | Q(decision__in=["takedown", "correct", "reject"]),
                violation_error_message="答复前请先作出处理。",
            ),
            # An item is named whole or not at all.
            models.CheckConstraint(
                name="staffing_ticket_whole",
                condition=Q(content_type__isnull=True, object_id__isnull=True)
                | Q(content_type__isnull=False, object_id__isnull=False),
                violation_error_message="内容类型与编号须同时填写。",
            ),
            # Erased is erased, whatever some later code forgets.
            models.CheckConstraint(
                name="staffing_ticket_erased",
                condition=Q(erased_at__isnull=True) | Q(proof=None, **dict.fromkeys(PERSONAL, "")),
                violation_error_message="清除后不能再留有个人信息。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()}"

    @property
    def is_overdue(self) -> bool:
        """Whether its last day has passed without an answer."""
        return self.status == self.Status.OPEN and self.due_on < timezone.localdate()


class TicketEntry(Journal):
    """What was done about a ticket, and why."""

    class Kind(models.TextChoices):
        RECEIVED = "received", "收到"
        OWNER = "owner", "负责人"
        NOTE = "note", "备注"
        DECIDED = "decided", "处理"
        ANSWERED = "answered", "答复"
        UNDONE = "undone", "撤销处理"
        CLOSED = "closed", "结案"
        REVEALED = "revealed", "查看号码"
        FILE_OPENED = "file_opened", "打开文件"
        ERASED = "erased", "清除"

    ticket = models.ForeignKey(
        Ticket, verbose_name="投诉与下架", on_delete=models.CASCADE, related_name="entries"
    )
    kind = models.CharField("事项", max_length=12, choices=Kind.choices)

    class Meta(Journal.Meta):
        verbose_name = "处理记录"
        verbose_name_plural = "处理记录"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.text}"
