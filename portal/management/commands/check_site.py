"""`manage.py check_site [--fix]`: what has come out of step, and puts right what can be."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from portal.cms.upkeep.register import Check, checks

# So many lines tell what is the matter; with --verbosity 2, all.
MOST_SHOWN: Final = 20


class Command(BaseCommand):
    help = (
        "检查网站的数据是否一致：图片与文件、跳转、搜索索引、标签、数据库文件。"
        "只看不改；加 --fix 修好能自动修好的。有问题时返回 1。网站可以照常运行。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fix", action="store_true", help="修好能自动修好的问题")
        parser.add_argument(
            "--only",
            action="append",
            metavar="名称",
            choices=[each.key for each in checks()],
            help="只做这一项，可以写几次：" + "、".join(each.key for each in checks()),
        )

    def handle(self, *, fix: bool, only: list[str] | None, **options: Any) -> None:
        most = None if options["verbosity"] > 1 else MOST_SHOWN
        left = sum(self.look(each, fix, most) for each in checks() if not only or each.key in only)
        if left:
            hint = "" if fix else "加 --fix 可修好能自动修好的。"
            raise CommandError(f"共有 {left} 处问题。{hint}")
        self.stdout.write(self.style.SUCCESS("没有发现问题。"))

    def look(self, each: Check, fix: bool, most: int | None) -> int:
        """Do one check; return how many things are wrong in the end."""
        try:
            return self.looked(each, fix, most)
        except OSError as error:  # the store of files is away, or not ours to read
            self.stdout.write(f"{each.label}（{each.key}）：没有查完，文件读不到：{error}")
            return 1

    def looked(self, each: Check, fix: bool, most: int | None) -> int:
        found = self.tell(each, each.find(), most)
        if not found or not fix:
            return found
        if each.mend is None:
            self.stdout.write("  需要人工处理。")
            return found
        self.stdout.write(f"  修好 {each.mend()} 处。")
        return sum(1 for _ in each.find())

    def tell(self, each: Check, sentences: Iterable[str], most: int | None) -> int:
        every = iter(sentences)
        shown = list(islice(every, most))
        count = len(shown) + sum(1 for _ in every)
        state = f"{count} 处问题" if count else "正常"
        self.stdout.write(f"{each.label}（{each.key}）：{state}")
        for sentence in shown:
            self.stdout.write(f"  {sentence}")
        if count > len(shown):
            self.stdout.write(f"  还有 {count - len(shown)} 处，加 --verbosity 2 全部列出。")
        return count
