"""What somebody has agreed to, and to whom their application was handed under that consent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from staffing.models.enquiry import Enquiry
from staffing.models.notices import PrivacyNotice


class Consent(models.Model):
    """Which words somebody agreed to, and when: what the agency has to be able to prove."""

    enquiry = models.ForeignKey(Enquiry, on_delete=models.CASCADE, related_name="consents")
    notice = models.ForeignKey(
        PrivacyNotice, verbose_name="隐私告知", on_delete=models.PROTECT, related_name="consents"
    )
    given_at = models.DateTimeField("同意时间", default=timezone.now)
    recipient = models.CharField(
        "接收方", max_length=80, blank=True, help_text="留空表示只由本公司处理。"
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    address = models.GenericIPAddressField("网络地址", null=True, blank=True)

    class Meta:
        verbose_name = "同意记录"
        verbose_name_plural = "同意记录"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="staffing_consent_order",
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("given_at")),
                violation_error_message="撤回不能早于同意。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} {self.recipient}".strip()

    @property
    def is_living(self) -> bool:
        return self.withdrawn_at is None


class Forwarding(models.Model):
    """An application was handed to a client, under a consent that named them."""

    enquiry = models.ForeignKey(
        Enquiry, verbose_name="线索", on_delete=models.CASCADE, related_name="forwardings"
    )
    recipient = models.CharField("接收方", max_length=80, blank=True)
    # RESTRICT, not PROTECT: with the lead itself it may go.
    consent = models.ForeignKey(
        Consent, verbose_name="依据的同意", on_delete=models.RESTRICT, related_name="forwardings"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="经手人",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "转交记录"
        verbose_name_plural = "转交记录"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.enquiry} → {self.recipient}"
