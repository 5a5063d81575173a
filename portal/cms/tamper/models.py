"""What pages of ours have of others: hosts, and code that stands in the pages themselves."""

from __future__ import annotations

from typing import Final, Self

from django.db import models

from portal.cms.accounts import User

# How a `host` begins that is none: the digest of code in a page; a file of ours that was changed.
INLINE: Final = "#"
FILE: Final = "/"


class OutsideHostQuerySet(models.QuerySet["OutsideHost"]):
    def waiting(self) -> Self:
        """Return what nobody has approved."""
        return self.filter(approved_at=None)

    def code(self) -> Self:
        """Return what does more than lead away: it runs in a page, shows itself there, takes what is typed."""
        return self.exclude(kind=OutsideHost.Kind.LINK)


class OutsideHost(models.Model):
    """A host of somebody else that pages of ours link to, load from, frame or send forms to.

    One row a host and kind; what nobody has approved waits on the desk. Code that stands in a page has
    no host: of it there is a digest, so that whoever approves one approves no other.
    """

    class Kind(models.TextChoices):
        LINK = "link", "链接"
        SCRIPT = "script", "脚本"
        FRAME = "frame", "内嵌页面"
        FORM = "form", "表单"
        PICTURE = "picture", "图片"

    kind = models.CharField("方式", max_length=10, choices=Kind.choices)
    host = models.CharField("站外网址", max_length=253)
    page = models.CharField("所在页面", max_length=500)
    first_at = models.DateTimeField("首次出现")
    last_at = models.DateTimeField("最近出现")
    pages = models.PositiveIntegerField("页面数", default=0)
    approved_at = models.DateTimeField("认可时间", null=True)
    approved_by = models.ForeignKey(
        User, models.SET_NULL, null=True, verbose_name="认可人", related_name="+"
    )

    objects = OutsideHostQuerySet.as_manager()

    class Meta:
        verbose_name = "站外网址"
        verbose_name_plural = "站外网址"
        ordering = ["host", "kind"]
        constraints = [
            # A host is noted once, whoever looks at the same time.
            models.UniqueConstraint(fields=["kind", "host"], name="outsidehost_kind_host"),
        ]
        indexes = [
            # What waits, newest first.
            models.Index(fields=["approved_at", "-last_at"], name="outsidehost_waiting"),
        ]

    def __str__(self) -> str:
        """As people read it: a Chinese host in Chinese."""
        if self.host.startswith(INLINE):
            return f"写在页面里的代码（指纹 {self.host.removeprefix(INLINE)}）"
        if self.host.startswith(FILE):
            return f"被改动的文件 {self.host}"
        try:
            return self.host.encode("ascii").decode("idna")
        except UnicodeError:
            return self.host
