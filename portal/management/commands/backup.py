"""`manage.py backup`: all rows and files of the site in one file, while it is used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.transfer.backup import nightly as tonight
from portal.transfer.backup.making import make
from portal.transfer.backup.manifest import BackupError

NICE = 10


class Command(BaseCommand):
    help = "备份整个网站：数据库、图片与文件、设置（不含密钥与密码）。网站照常运行，不必停止。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", metavar="文件", help="写到哪里；不写则放进 BACKUP_DIR"
        )
        parser.add_argument(
            "--to-s3", action="store_true", help="另外上传一份到对象存储的 backups/"
        )
        parser.add_argument(
            "--nightly",
            action="store_true",
            help="每晚由后台任务运行：只保留最新的 BACKUP_KEEP 份，BACKUP_TO_S3 时另传一份",
        )

    def handle(self, *, file: str | None, to_s3: bool, nightly: bool, **options: Any) -> None:
        if to_s3 and not settings.S3_BUCKET:
            raise CommandError("没有设置 S3_BUCKET，不能上传到对象存储。")
        try:
            if nightly:
                os.nice(NICE)  # readers come first
                tonight.run(self.stdout.write)
                return
            path, manifest = make(Path(file) if file else None, to_s3=to_s3, tell=self.stdout.write)
        except BackupError as error:
            raise CommandError(str(error)) from error
        for name in manifest.missing:
            self.stdout.write(f"找不到文件，没有备份：{name}")
        size = path.stat().st_size / 2**20
        rows = sum(manifest.tables.values())
        self.stdout.write(
            f"已备份到 {path}（{size:.1f} MB，{rows} 行，{manifest.files()} 个文件）。\n"
            "备份里有全部内容和个人信息，请妥善保管；密钥（SECRET_KEY）不在其中，请另外保存。"
        )
