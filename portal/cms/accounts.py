"""People who sign in. A model of our own from the first migration, as it cannot be swapped in later."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """An editor, a member of staff or the owner. One name field: 姓 and 名 are not written apart."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("姓名", max_length=40, blank=True, help_text="后台里同事看到的名字。")
    # Until when the desk may be used without a second factor by who must have one (`signing_in`).
    second_factor_due = models.DateTimeField(null=True, editable=False)
    # When a link for a new password was asked for that the worker has still to mail (`signing_in`).
    reset_asked_at = models.DateTimeField(null=True, editable=False)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta(AbstractUser.Meta):  # type: ignore[name-defined]
        verbose_name = "账号"
        verbose_name_plural = "账号"

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class KnownDevice(models.Model):
    """A browser that somebody has signed in with. Its cookie is kept as a digest, its address not at all."""

    user = models.ForeignKey(User, models.CASCADE, verbose_name="账号", related_name="devices")
    key = models.CharField(max_length=64, editable=False)
    label = models.CharField("设备", max_length=80)
    first_at = models.DateTimeField("首次登录")
    last_at = models.DateTimeField("最近登录")
    # When its owner was told by mail; empty: still to be told, or nobody needs to be.
    told_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "登录设备"
        verbose_name_plural = "登录设备"
        ordering = ["-last_at", "-pk"]
        constraints = [
            # A device is noted once, however many of its tabs sign in at the same time.
            models.UniqueConstraint(fields=["user", "key"], name="knowndevice_user_key"),
        ]
        indexes = [
            # What the worker has still to tell.
            models.Index(
                fields=["first_at"],
                condition=models.Q(told_at=None),
                name="knowndevice_untold",
            ),
        ]

    def __str__(self) -> str:
        return self.label
