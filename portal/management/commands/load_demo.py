"""`manage.py load_demo [--remove]`: the demo content, in or out."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.demo import loading


class Command(BaseCommand):
    help = "装入演示内容（只装入空网站）；加 --remove 则移除。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--remove", action="store_true", help="移除演示内容；改动过的内容会保留"
        )

    def handle(self, *, remove: bool, **options: Any) -> None:
        if remove:
            self.remove()
        elif not loading.site_is_empty():
            raise CommandError("网站里已有内容，没有装入演示内容。")
        else:
            made = loading.load()
            self.stdout.write("已装入演示内容：" + self.listed(made))

    def remove(self) -> None:
        if not loading.is_loaded():
            raise CommandError("网站里没有演示内容。")
        removed, kept = loading.remove()
        self.stdout.write("已移除演示内容：" + self.listed(removed))
        for name in kept:
            self.stdout.write(f"保留（已改动或仍在使用）：{name}")

    @staticmethod
    def listed(counts: dict[str, int]) -> str:
        return "，".join(f"{label} {count}" for label, count in counts.items()) or "无"
