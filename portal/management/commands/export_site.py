"""`manage.py export_site FILE.zip [--format wordpress]`: the content of the site, to be taken elsewhere."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.transfer.whole.carried import LEFT, label_of
from portal.transfer.whole.exporting import ExportError, export_site
from portal.transfer.whole.wordpress import export_wordpress


class Command(BaseCommand):
    help = "导出整站内容：native 可以导入另一个空的本系统网站，wordpress 可以导入 WordPress。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="要写出的文件，例如 site.zip 或 site.xml")
        parser.add_argument(
            "--format",
            choices=["native", "wordpress"],
            default="native",
            help="native：全部内容与图片（zip）；wordpress：文章、单页与图片地址（WXR 1.2）",
        )

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            if options["format"] == "wordpress":
                self.wordpress(file)
            else:
                self.native(file)
        except ExportError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"已写出 {file}。")

    def native(self, file: Path) -> None:
        exported = export_site(file, self.stderr.write)
        for part in exported.manifest.parts:
            if part.rows:
                self.stdout.write(f"{part.model}：{part.rows} 条")
        self.stdout.write(f"图片与文件：{exported.manifest.media_files} 个")
        for name in exported.missing:
            self.stdout.write(f"图片库有记录、但文件不在：{name}")
        for reason in dict.fromkeys(LEFT.values()):
            names = "、".join(label_of(model) for model in LEFT if LEFT[model] == reason)
            self.stdout.write(f"没有导出——{reason}（{names}）")

    def wordpress(self, file: Path) -> None:
        for sentence in export_wordpress(file):
            self.stdout.write(sentence)
