"""`manage.py import_site csv FILE [--dry-run]`: articles from a sheet (CSV or XLSX)."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, OperationalError

from portal.transfer.articles import import_articles
from portal.transfer.report import Report
from portal.transfer.sheet import SheetError, read

EVERY = 1000  # rows, the operator hears how far it is
INTERRUPTED = 130  # what a shell makes of Ctrl-C


class Command(BaseCommand):
    help = "从表格（CSV 或 XLSX）导入文章；可重复执行，不会重复导入。"
    told = 0

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", choices=["csv"], help="文件格式；csv 也包括 XLSX")
        parser.add_argument("file", type=Path, help="要导入的文件")
        parser.add_argument("--dry-run", action="store_true", help="只试运行并给出报告，不写入")

    def handle(self, *, file: Path, dry_run: bool, **options: Any) -> None:
        report = Report()
        try:
            import_articles(read(file), report, dry_run=dry_run, progress=self.progress)
        except (SheetError, Error, KeyboardInterrupt) as error:
            code = INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
            what = why(error) + so_far(report, dry_run=dry_run)
            raise CommandError(what, returncode=code) from error
        finally:  # whatever ended it: the rows are there
            if report.entries:
                for line in report.lines():
                    self.stdout.write(line)
        if dry_run:
            self.stdout.write("这是试运行，没有写入任何内容。")

    def progress(self, done: int) -> None:
        if done >= self.told + EVERY:
            self.told = done
            self.stderr.write(f"已处理 {done} 行……")


def why(error: SheetError | Error | KeyboardInterrupt) -> str:
    """Return a sentence about what ended a run."""
    match error:
        case KeyboardInterrupt():
            return "导入被中断。"
        case OperationalError():
            return "数据库正被占用，请稍后再试。"
        case Error():
            return f"数据库出错：{error}。"
    return str(error)


def so_far(report: Report, *, dry_run: bool) -> str:
    """Return what remains of a run that broke off."""
    if dry_run or not report.entries:
        return "没有导入任何内容。"
    last = report.entries[-1].row
    return f"到第 {last} 行为止已经导入；再导入一次会接着做，不会重复。"
