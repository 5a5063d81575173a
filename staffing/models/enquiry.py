"""Leads: what companies and job seekers ask for, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Self

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.cms.phones import PhoneField
from staffing.models.job import District, Job
from staffing.models.journal import Journal
from staffing.models.policy import Form
from staffing.models.references import new_reference
from staffing.models.sent import Sent, SentQuerySet
from staffing.models.service import Service

OPEN: Final = ("new", "contacted", "following")
CLOSED: Final = ("won", "lost", "invalid")
# Every text a visitor typed, which goes when a lead is erased; with the year of birth and the CV. What
# stays (when, from which page, which job, how it ended) names nobody.
PERSONAL: Final = (
    "name", "company", "phone", "job_type", "duration", "message", "call_when", "experience",
    "search_words", "fingerprint",
)  # fmt: skip


class EnquiryQuerySet(SentQuerySet):
    def open(self) -> Self:
        """Return the leads somebody still has to do something about."""
        return self.filter(closed_at=None)

    def unclaimed(self) -> Self:
        """Return the open leads that are nobody's, or of somebody who is no longer here."""
        gone = get_user_model().objects.filter(is_active=False)
        return self.open().filter(Q(owner=None) | Q(owner__in=gone.values("pk")))

    def due(self, at: datetime | None = None) -> Self:
        """Return the open leads whose next call lies in the past."""
        return self.open().filter(next_call_at__lt=at or timezone.now())


class Enquiry(Sent):
    """A request: of a company, of somebody to be called back, of a job seeker.

    Stored before anything else happens to it. It is in no search index and in no revision, and its
    name in logs is its reference: nothing outside this table and its own rows holds a name or number.
    """

    class Kind(models.TextChoices):
        COMPANY = Form.COMPANY.value, "企业用工咨询"
        CALL_BACK = Form.CALL_BACK.value, "请求回电"
        APPLICATION = Form.APPLICATION.value, "应聘报名"

    class Status(models.TextChoices):
        NEW = "new", "新线索"
        CONTACTED = "contacted", "已联系"
        FOLLOWING = "following", "跟进中"
        WON = "won", "已成交"
        LOST = "lost", "未成交"
        INVALID = "invalid", "无效"

    reference = models.CharField("编号", max_length=12, default=new_reference, editable=False)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    received_at = models.DateTimeField("收到时间", default=timezone.now, editable=False)
    submission = models.CharField("提交标识", max_length=64, editable=False)
    fingerprint = models.CharField("内容标识", max_length=64, blank=True, editable=False)

    name = models.CharField("称呼", max_length=30, blank=True)
    company = models.CharField("公司名称", max_length=60, blank=True)
    phone = PhoneField("电话", max_length=20, blank=True)
    phone_key = models.CharField("电话标识", max_length=64, blank=True, editable=False)
    service = models.ForeignKey(
        Service,
        verbose_name="咨询的服务",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    job = models.ForeignKey(
        Job,
        verbose_name="应聘的岗位",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="applications",
    )
    district = models.ForeignKey(
        District,
        verbose_name="区域",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    job_type = models.CharField("需要的工种", max_length=40, blank=True)
    headcount = models.PositiveSmallIntegerField("人数", null=True, blank=True)
    starts_on = models.DateField("到岗日期", null=True, blank=True)
    duration = models.CharField("用工时长", max_length=40, blank=True)
    message = models.TextField(
        "留言", max_length=1000, blank=True, validators=[MaxLengthValidator(1000)]
    )
    call_when = models.CharField("方便接听的时间", max_length=40, blank=True)

    birth_year = models.PositiveSmallIntegerField("出生年份", null=True, blank=True)
    available_from = models.DateField("可到岗日期", null=True, blank=True)
    needs_lodging = models.BooleanField("需要住宿", default=False)
    experience = models.CharField("工作经历", max_length=300, blank=True)
    cv = models.OneToOneField(
        "cms.PrivateFile",
        verbose_name="简历",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    page = models.CharField("来源页", max_length=200, blank=True, editable=False)
    landing_page = models.CharField("进入网站的页面", max_length=200, blank=True, editable=False)
    referrer_host = models.CharField("来自哪个网站", max_length=100, blank=True, editable=False)
    search_words = models.CharField("站内搜过的词", max_length=40, blank=True, editable=False)

    status = models.CharField(
        "状态", max_length=9, choices=Status.choices, default=Status.NEW, editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="负责人",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,  # staffing_enquiry_owner begins with it
    )
    next_call_at = models.DateTimeField("下次联系", null=True, blank=True)
    closed_at = models.DateTimeField("关闭时间", null=True, blank=True, editable=False)
    suspicious = models.BooleanField("疑似垃圾信息", default=False, editable=False)
    keep_until = models.DateField("保留至", editable=False)
    erased_at = models.DateTimeField("清除时间", null=True, blank=True, editable=False)

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        verbose_name = "线索"
        verbose_name_plural = "线索"
        # Leads come from the public forms and go by the clock.
        default_permissions = ("view", "change")
        permissions = [
            ("reveal_phone", "查看完整电话号码"),
            ("forward_enquiry", "转给用工单位"),
            ("export_enquiry", "导出"),
            ("erase_person", "导出或清除一个人的信息"),
            ("view_report", "查看线索报表"),
        ]
        ordering = ["-received_at", "-pk"]
        indexes = [
            # The inbox and the report: newest first, and the days of a span.
            models.Index(F("received_at").desc(), F("id").desc(), name="staffing_enquiry_inbox"),
            # Overdue first; who is to be called today.
            models.Index(
                fields=["next_call_at", "id"],
                name="staffing_enquiry_due",
                # Which says the same as the states that are open, and SQLite understands it.
                condition=Q(closed_at__isnull=True),
            ),
            # 我的线索, 没有人认领的线索.
            models.Index(fields=["owner", "status"], name="staffing_enquiry_owner"),
            # What else did this number ask? A person's data, by their number.
            models.Index(fields=["phone_key"], name="staffing_enquiry_phone_key"),
            # Was the same text sent before, in the last 24 hours?
            models.Index(fields=["fingerprint", "received_at"], name="staffing_enquiry_same"),
            # What the night has to erase.
            models.Index(
                fields=["keep_until"],
                name="staffing_enquiry_keep",
                condition=Q(erased_at__isnull=True),
            ),
        ]
        constraints = [
            # Read aloud on the telephone, it must name one lead.
            models.UniqueConstraint(fields=["reference"], name="staffing_enquiry_reference"),
            # A form that is sent twice is one lead, whichever worker gets it.
            models.UniqueConstraint(fields=["submission"], name="staffing_enquiry_submission"),
            models.CheckConstraint(
                name="staffing_enquiry_kind",
                condition=Q(kind__in=["company", "call_back", "application"]),
                violation_error_message="没有这种线索。",
            ),
            models.CheckConstraint(
                name="staffing_enquiry_status",
                condition=Q(status__in=[*OPEN, *CLOSED]),
                violation_error_message="没有这种状态。",
            ),
            # A lead that nobody can call is none.
            models.CheckConstraint(
                name="staffing_enquiry_phone",
                condition=~Q(phone="") | Q(erased_at__isnull=False),
                violation_error_message="线索必须有电话。",
            ),
            # 禁止使用童工规定: an application is not taken without knowing the age.
            models.CheckConstraint(
                name="staffing_enquiry_age",
                condition=~Q(kind="application")
                | Q(birth_year__isnull=False)
                | Q(erased_at__isnull=False),
                violation_error_message="应聘报名必须有出生年份。",
            ),
            # The report counts what was closed when; and what is not closed is open.
            models.CheckConstraint(
                name="staffing_enquiry_closed",
                condition=Q(status__in=CLOSED, closed_at__isnull=False)
                | Q(status__in=OPEN, closed_at__isnull=True),
                violation_error_message="关闭的线索必须有关闭时间，未关闭的没有。",
            ),
            # Erased is erased, whatever some later code forgets.
            models.CheckConstraint(
                name="staffing_enquiry_erased",
                condition=Q(erased_at__isnull=True)
                | Q(birth_year=None, cv=None, **dict.fromkeys(PERSONAL, "")),
                violation_error_message="清除后不能再留有个人信息。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.get_kind_display()}"

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do; agrees with `.open()` (tested)."""
        return self.closed_at is None

    @property
    def is_due(self) -> bool:
        """Whether its next call lies in the past; agrees with `.due()` (tested)."""
        return self.is_open and self.next_call_at is not None and self.next_call_at < timezone.now()


class EnquiryEvent(Journal):
    """What happened to a lead."""

    class Kind(models.TextChoices):
        RECEIVED = "received", "收到"
        STATUS = "status", "状态"
        OWNER = "owner", "负责人"
        NOTE = "note", "备注"
        CALL_PLANNED = "call_planned", "约定联系"
        REVEALED = "revealed", "查看号码"
        FORWARDED = "forwarded", "转给用工单位"
        CONSENT = "consent", "同意与撤回"
        EXPORTED = "exported", "导出"
        FILE_OPENED = "file_opened", "打开文件"
        ERASED = "erased", "清除"

    enquiry = models.ForeignKey(
        Enquiry, verbose_name="线索", on_delete=models.CASCADE, related_name="events"
    )
    kind = models.CharField("事项", max_length=12, choices=Kind.choices)

    class Meta(Journal.Meta):
        verbose_name = "线索记录"
        verbose_name_plural = "线索记录"
        indexes = [
            # Who has read how many numbers today?
            models.Index(fields=["kind", "at"], name="staffing_event_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.text}"
