"""`manage.py restore`: the site as it was when a backup was made; or whether that would work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from portal.transfer.backup import restoring
from portal.transfer.backup.manifest import BackupError, Manifest

AFTER = """
已恢复到备份时的状态。请注意：
1. 原来的{kept}保留在 {folder} 里以 replaced- 开头的文件夹中，确认无误后再删除。
2. 备份之后删除过的个人信息（应本人要求或到期）又回来了，请按删除记录再删一次。
3. 备份时还没有发出的通知会再发一次；所有人需要重新登录。
4. 如果 SECRET_KEY 与备份时不同，两步验证需要重新设置。
现在可以启动网站了。"""


class Command(BaseCommand):
    help = "从备份恢复整个网站。先解开到新文件夹并核对，再替换；原有内容保留在旁边。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="文件", help="manage.py backup 做的备份")
        parser.add_argument(
            "--verify", action="store_true", help="只解开、核对，然后删掉；不改动网站"
        )
        parser.add_argument(
            "--replace", action="store_true", help="PostgreSQL 里已有内容时，全部换掉"
        )

    def handle(self, *, file: str, verify: bool, replace: bool, **options: Any) -> None:
        tell = self.stdout.write
        try:
            if verify:
                self.report(restoring.verify(Path(file), tell))
                self.stdout.write("备份完整，可以恢复。")
                return
            self.report(restoring.restore(Path(file), replace=replace, tell=tell))
        except BackupError as error:
            raise CommandError(str(error)) from error
        kept = "数据库与文件" if connection.vendor == "sqlite" else "文件"
        self.stdout.write(AFTER.format(kept=kept, folder=settings.DATA_DIR))

    def report(self, manifest: Manifest) -> None:
        rows = sum(manifest.tables.values())
        self.stdout.write(
            f"备份于 {shown(manifest.made_at)}，来自 {shown(manifest.site)}："
            f"{rows} 行，{manifest.files()} 个文件。"
        )
        for name in manifest.missing:
            self.stdout.write(f"备份时就找不到的文件：{shown(name)}")


def shown(text: str) -> str:
    """Return a text of a stranger's file without what would command the terminal, or is no letter at all."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
