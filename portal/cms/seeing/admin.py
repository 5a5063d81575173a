"""备份记录, as far back as it is kept. The last ones, and everything else, stand on 运行状态."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.admin.desk import RecordAdmin
from portal.cms.admin.lists import badge
from portal.cms.seeing.looks import in_words
from portal.cms.seeing.models import BackupRun


def backup_badge(run: BackupRun) -> SafeString:
    """Return in one word how a backup went."""
    if run.problem:
        return badge("失败", "expired")
    if run.finished_at:
        return badge("完成", "live")
    return badge("正在备份", "scheduled") if run.is_running else badge("没有做完", "expired")


@admin.register(BackupRun)
class BackupRunAdmin(RecordAdmin):
    """To be looked at: a file is made by the night, by 现在备份 or by `manage.py backup`."""

    class Media:
        css = {"all": ["desk/crawl.css"]}

    list_display = ("state_word", "begun_at", "what", "in_words", "finished_at")
    list_display_links = None
    list_filter = ("kind",)
    fields = readonly_fields = (
        "state_word",
        "begun_at",
        "finished_at",
        "kind",
        "in_words",
        "name",
        "node",
        "problem",
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="状态")
    def state_word(self, run: BackupRun) -> SafeString:
        return backup_badge(run)

    @admin.display(description="大小", ordering="size")
    def in_words(self, run: BackupRun) -> str:
        return in_words(run.size) if run.size else "—"

    @admin.display(description="文件或原因")
    def what(self, run: BackupRun) -> SafeString:
        about = f"{run.get_kind_display()} · {run.node}"
        return format_html('{} <div class="quiet">{}</div>', run.problem or run.name, about)
