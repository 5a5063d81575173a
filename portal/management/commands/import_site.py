"""`manage.py import_site FORMAT FILE`: articles from a sheet, or a whole site of another system."""

from __future__ import annotations

import errno
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db import Error, OperationalError

from portal.cms.engines.announcing import untold
from portal.transfer import moving
from portal.transfer.articles import import_articles
from portal.transfer.report import COLUMNS, Ledger, Report
from portal.transfer.sheet import SheetError, read
from portal.transfer.sources.dedecms import DedeCMS
from portal.transfer.sources.pbootcms import PbootCMS
from portal.transfer.sources.records import Source, SourceError
from portal.transfer.sources.tables import TableSource
from portal.transfer.sources.wordpress.site import WordPress
from portal.transfer.sources.zblog import ZBlog
from portal.transfer.translating import Indexable
from portal.transfer.whole.importing import import_site

EVERY: Final = 1000  # rows, the operator hears how far it is
INTERRUPTED: Final = 130  # what a shell makes of Ctrl-C
WIDTH: Final = 30  # of the bar, in signs

HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(/[a-z0-9_-]+)*", re.IGNORECASE)

# What each format may be told besides, but for --dry-run.
MOVING: Final = frozenset({"media", "hosts", "report", "indexable", "site"})
OPTIONS: Final = {
    "csv": frozenset[str](),
    "wordpress": MOVING,
    "dedecms": MOVING | {"prefix"},
    "pbootcms": MOVING | {"prefix", "area"},
    "zblog": MOVING | {"prefix"},
    "native": frozenset[str](),
}
PHP_SYSTEMS: Final[dict[str, type[TableSource]]] = {
    source.system: source for source in (DedeCMS, PbootCMS, ZBlog)
}


class Command(BaseCommand):
    help = (
        "导入：表格里的文章（csv，也包括 XLSX），旧网站（wordpress、dedecms、pbootcms、zblog），"
        "或本系统导出的整站（native）。除 native 外可重复执行，不会重复导入。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", choices=list(OPTIONS), help="文件格式；csv 也包括 XLSX")
        parser.add_argument("file", type=Path, help="要导入的文件")
        parser.add_argument("--dry-run", action="store_true", help="只试运行并给出报告，不写入")
        parser.add_argument(
            "--media", type=Path, help="旧网站的附件文件夹，例如 wp-content/uploads"
        )
        parser.add_argument("--report", type=Path, help="把每一条的结果写进这个 CSV 文件")
        parser.add_argument(
            "--indexable",
            choices=[str(choice) for choice in Indexable],
            help="允许搜索引擎收录：all 全部（默认）；on-topic 只限与劳务用工有关的文章；none 都不允许",
        )
        parser.add_argument("--site", help="旧网站的域名；同一个旧网站每次都要写得一样")
        parser.add_argument(
            "--cdn", dest="hosts", action="append", help="旧网站图片所在的其他域名；可写多次"
        )
        parser.add_argument("--prefix", help="数据表前缀，备份里有几个网站时才需要")
        parser.add_argument("--area", help="PbootCMS 的区域代码，默认 cn")

    @untold()
    def handle(self, *, format: str, file: Path, dry_run: bool, **options: Any) -> None:
        given = {name for name in MOVING | {"prefix", "area"} if options.get(name) is not None}
        if useless := sorted(given - OPTIONS[format]):
            named = "、".join(f"--{'cdn' if name == 'hosts' else name}" for name in useless)
            raise CommandError(f"{format} 格式不用 {named}。")
        match format:
            case "csv":
                self.import_sheet(file, dry_run=dry_run)
            case "native":
                self.import_whole(file, dry_run=dry_run)
            case _:
                self.move(format, file, options, dry_run=dry_run)
        if dry_run:
            self.stdout.write("这是试运行，没有写入任何内容。")

    def import_sheet(self, file: Path, *, dry_run: bool) -> None:
        report = Report()
        progress = Progress(self.stderr)
        with self.told(report, dry_run=dry_run):
            import_articles(
                read(file),
                report,
                dry_run=dry_run,
                progress=lambda done: progress.count(done, "行"),
            )

    def import_whole(self, file: Path, *, dry_run: bool) -> None:
        try:
            done = import_site(file, dry_run=dry_run, tell=self.stderr.write)
        except (SourceError, Error, OSError, KeyboardInterrupt) as error:
            code = INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
            what = f"{why(error)}没有导入任何内容。"
            raise CommandError(what, returncode=code) from error
        for warning in done.warnings:
            self.stdout.write(f"提示：{warning}")
        self.stdout.write(f"共 {sum(done.rows.values())} 条记录，{done.files} 个文件。")

    def move(self, format: str, file: Path, options: dict[str, Any], *, dry_run: bool) -> None:
        if (site := options.get("site")) is not None and not HOST.fullmatch(site):
            raise CommandError("--site 请写旧网站的域名，例如 www.example.com。")
        options["site"] = site = (site or "").lower().removeprefix("www.")
        media: Path | None = options.get("media")
        if media is not None and not media.is_dir():
            raise CommandError(f"找不到文件夹 {media}。")
        progress = Progress(self.stderr)
        ledger = Ledger()
        # What closing the report says is told, too.
        with self.told(ledger, dry_run=dry_run), ExitStack() as stack:
            if (path := options.get("report")) is not None:
                ledger.write_to(self.opened_report(stack, path))
            stack.callback(progress.end)
            progress.show("读取", 0, 0)
            source = stack.enter_context(opened(format, file, options, progress))
            if not (site or source.hosts):
                # The next site of this system would have the same numbers.
                raise SourceError("文件里没有旧网站的域名，请用 --site 写出来。")
            moving.move(
                source,
                ledger,
                media=media,
                hosts=frozenset(map(str.lower, options.get("hosts") or ())),
                indexable=Indexable(options.get("indexable") or Indexable.ALL),
                dry_run=dry_run,
                progress=progress.show,
            )

    @staticmethod
    def opened_report(stack: ExitStack, path: Path) -> Any:
        """Open the file of a report. Nothing is written over but a report: there is one copy of an export."""
        try:
            if path.is_file() and not is_report(path):
                raise CommandError(
                    f"文件 {path} 已经有了，又不是导入报告：请换一个名字，免得覆盖它。"
                )
            # With a signature: without one, Excel takes it for GBK.
            return stack.enter_context(
                path.open("w", encoding="utf-8-sig", errors="replace", newline="")
            )
        except OSError as error:
            raise CommandError(f"写不了报告文件 {path}。") from error

    @contextmanager
    def told(self, report: Report, *, dry_run: bool) -> Iterator[None]:
        """Say in a sentence what ends a run, and in any case what became of the rows."""
        try:
            yield
        except (SheetError, SourceError, Error, OSError, KeyboardInterrupt) as error:
            code = INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
            what = why(error) + so_far(report, dry_run=dry_run)
            raise CommandError(what, returncode=code) from error
        finally:  # whatever ended it: the rows are there
            if report.total:
                for line in report.lines():
                    self.stdout.write(line)


@contextmanager
def opened(
    format: str, file: Path, options: dict[str, Any], progress: Progress
) -> Iterator[Source]:
    """Open an old site. Raises SourceError."""
    if format == "wordpress":
        yield WordPress(file, options.get("site") or "")
        return
    given = {name: options[name] for name in ("site", "prefix", "area") if options.get(name)}
    hears = partial(progress.show, "读取", size=size_of(file))
    with PHP_SYSTEMS[format].opened(file, hears=hears, **given) as source:
        yield source


def is_report(path: Path) -> bool:
    """Whether a file is the report of an earlier run, or is empty. Raises OSError."""
    with path.open("rb") as file:
        begins = file.read(200).decode("utf-8-sig", "replace")
    return not begins or begins.splitlines()[0] == ",".join(COLUMNS)


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of those in a folder; 0 where it cannot be told."""
    try:
        return sum(f.stat().st_size for f in ([path] if path.is_file() else path.iterdir()))
    except OSError:
        return 0


class Progress:
    """How far a run is: a bar for somebody who watches, else a line now and then."""

    def __init__(self, output: OutputWrapper) -> None:
        self.output = output
        self.told = 0
        self.passed = 0
        self.shown = ""

    def show(self, what: str, done: int, size: int) -> None:
        if not self.output.isatty():
            self.passed += 1
            self.count(self.passed, "条")
            return
        part = min(done / size, 1.0) if size else 0.0
        bar = f"{what} [{'#' * int(part * WIDTH):-<{WIDTH}}] {part:4.0%}"
        if bar != self.shown:  # a terminal far away is slow
            self.shown = bar
            self.output.write(f"\r{bar}", style_func=str, ending="")  # str: not in red
            self.output.flush()

    def count(self, done: int, unit: str) -> None:
        if done >= self.told + EVERY:
            self.told = done
            self.output.write(f"已处理 {done} {unit}……", style_func=str)

    def end(self) -> None:
        if self.shown:
            self.output.write("")


def why(error: SheetError | SourceError | Error | OSError | KeyboardInterrupt) -> str:
    """Return a sentence about what ended a run."""
    match error:
        case KeyboardInterrupt():
            return "导入被中断。"
        case OperationalError():
            return "数据库正被占用，请稍后再试。"
        case Error():
            return f"数据库出错：{error}。"
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return "磁盘已满。"
        case PermissionError(filename=name):
            return f"没有写入的权限：{name}。" if name else "没有写入的权限。"
        case OSError():
            return f"文件读写出错：{error}。"
    return str(error)


def so_far(report: Report, *, dry_run: bool) -> str:
    """Return what remains of a run that broke off."""
    if dry_run or not report.total:
        return "没有导入任何内容。"
    return f"到{report.last}为止已经导入；再导入一次会接着做，不会重复。"
