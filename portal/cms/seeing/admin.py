"""备份记录, as far back as it is kept. The last ones, and everything else, stand on 运行状态."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from portal.cms.admin.desk import RecordAdmin
from portal.cms.admin.lists import badge
from portal.cms.seeing.looks import in_words
from portal.cms.seeing.models import BackupRun

# None takes as long: a million pictures are copied in an hour or two.
LONGEST: Final = timedelta(hours=6)


def backup_badge(run: BackupRun) -> SafeString:
    """Return in one word how a backup went."""
    if run.problem:
        return badge("失败", "expired")
    if run.finished_at:
        return badge("完成", "live")
    if timezone.now() - run.begun_at > LONGEST:  # killed; the next one will say so
        return badge("没有做完", "expired")
    return badge("正在备份", "scheduled")


@admin.register(BackupRun)
class BackupRunAdmin(RecordAdmin):
    """To be looked at: a file is made by the night, by 现在备份 or by `manage.py backup`."""

    list_display = (
        "state_word",
        "begun_at",
        "finished_at",
        "kind",
        "in_words",
        "name",
        "node",
        "problem",
    )
    list_display_links = None
    list_filter = ("kind",)
    fields = readonly_fields = list_display

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="状态")
    def state_word(self, run: BackupRun) -> SafeString:
        return backup_badge(run)

    @admin.display(description="大小", ordering="size")
    def in_words(self, run: BackupRun) -> str:
        return in_words(run.size) if run.size else "—"
