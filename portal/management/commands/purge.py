"""`manage.py purge [--dry-run]`: delete what is nobody's any more, without waiting for the night."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.cms.upkeep.purge import SWEEPS, purge


class Command(BaseCommand):
    help = (
        "清理过期的记录：没有保存的旧草稿、过期的登录与预览、一年前的修改记录（发布过的保留）。"
        "后台任务每晚会自动做；网站可以照常运行，可随时中断。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="只数有多少，不删除")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        now = timezone.now()
        if dry_run:
            for sweep in SWEEPS:
                self.stdout.write(f"{sweep.label}：{sweep.old(now).count()}")
            return
        for label, count in purge(now):
            self.stdout.write(f"{label}：清理 {count}")
