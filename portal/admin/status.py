"""运行状态: what the owner should know of the machine, on one page."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

import django
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.cms.accounts import User
from portal.cms.delivery import due
from portal.cms.delivery.models import DueTask
from portal.cms.seeing import probes
from portal.cms.seeing.logs import NODE
from portal.cms.seeing.looks import database_bytes, in_words
from portal.cms.seeing.models import BackupRun
from portal.components import components, licences

RIGHT: Final = "cms.view_backuprun"
BACKUPS: Final = 5
# The task that makes one every night (portal.transfer.backup.nightly), which may as well do so now.
NIGHTLY: Final = "backup"


@dataclass(frozen=True)
class Package:
    """A program of others that the site is made of."""

    name: str
    version: str
    licence: str


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show it all (GET), some fifteen queries; or have a backup made (POST). For 站长."""
    if not cast("User", request.user).has_perm(RIGHT):
        raise PermissionDenied
    if request.method == "POST":
        back_up_now(request)
        return redirect("admin:status")
    runs = list(BackupRun.objects.all()[:BACKUPS])
    tasks = [(due.label_of(task.name), task) for task in DueTask.objects.order_by("name")]
    page = {
        "title": "运行状态",
        "subtitle": None,
        "results": probes.results(),
        "facts": [(label, fact()) for label, fact in FACTS],
        "backups": [(run, in_words(run.size)) for run in runs],
        "backup_runs": any(run.is_running for run in runs[:1]),
        "backup_keep": settings.BACKUP_KEEP,
        "tasks": tasks,
        "failed": sum(bool(task.problem) for _, task in tasks),
        "packages": packages(),
    }
    return TemplateResponse(request, "admin/status.html", {**context, **page})


def back_up_now(request: HttpRequest) -> None:
    """Let a worker begin at once what it would tonight: it is there that backups lie."""
    tasks = DueTask.objects.filter(name=NIGHTLY, lease_until=None)
    if not settings.BACKUP_KEEP:
        messages.warning(request, "没有开启自动备份（BACKUP_KEEP=0），请运行 manage.py backup。")
    elif not due.worker_is_alive():
        messages.warning(request, "后台任务没有在运行，备份不会开始。请先重新启动网站。")
    elif tasks.update(due_at=timezone.now()):
        messages.success(request, "已经安排，几秒后开始备份。稍后刷新这一页看结果。")
    else:
        messages.info(request, "备份刚刚已经安排过了。")


# --- Facts ------------------------------------------------------------------------------------------


def database_version() -> str:
    if connection.vendor == "sqlite":
        from sqlite3 import sqlite_version

        return f"SQLite {sqlite_version}"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"


def files() -> str:
    return f"对象存储 {settings.S3_BUCKET}" if settings.S3_BUCKET else str(settings.MEDIA_ROOT)


def slow_queries() -> str:
    if not settings.SLOW_QUERY_MS:
        return "没有开启"
    return f"超过 {settings.SLOW_QUERY_MS} 毫秒的数据库语句写进日志"


def figures() -> str:
    return f"127.0.0.1:{settings.METRICS_PORT}" if settings.METRICS_PORT else "没有开启"


FACTS: Final[tuple[tuple[str, Callable[[], str]], ...]] = (
    ("网址", lambda: settings.SITE_URL),
    ("这台服务器", lambda: NODE),
    ("网站进程", lambda: f"{settings.WEB_WORKERS} 个"),
    ("程序", lambda: f"Django {django.get_version()}，Python {platform.python_version()}"),
    ("数据库", lambda: f"{database_version()}，{in_words(database_bytes())}"),
    ("图片与文件", files),
    ("备份放在", lambda: str(settings.BACKUP_DIR)),
    ("慢查询", slow_queries),
    ("监控指标（Prometheus）", figures),
)


@cache
def packages() -> list[Package]:
    """Return what the site is made of; nothing where that was left out."""
    return [
        Package(each["name"], each["version"], "、".join(licences(each)) or "—")
        for each in components()
    ]
