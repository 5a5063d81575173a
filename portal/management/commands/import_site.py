"""`manage.py import_site csv FILE [--dry-run]`: articles from a sheet (CSV or XLSX)."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from portal.transfer.articles import import_articles
from portal.transfer.sheet import SheetError, read


class Command(BaseCommand):
    help = "从表格（CSV 或 XLSX）导入文章；可重复执行，不会重复导入。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", choices=["csv"], help="文件格式；csv 也包括 XLSX")
        parser.add_argument("file", type=Path, help="要导入的文件")
        parser.add_argument("--dry-run", action="store_true", help="只试运行并给出报告，不写入")

    def handle(self, *, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            report = import_articles(read(file), dry_run=dry_run, progress=self.progress)
        except SheetError as error:
            raise CommandError(f"{error}没有导入任何内容。") from error
        except OperationalError as error:
            raise CommandError("数据库正被占用，请稍后再试。没有导入任何内容。") from error
        for line in report.lines():
            self.stdout.write(line)
        if dry_run:
            self.stdout.write("这是试运行，没有写入任何内容。")

    def progress(self, done: int) -> None:
        if done % 1000 == 0:
            self.stderr.write(f"已处理 {done} 行……")
