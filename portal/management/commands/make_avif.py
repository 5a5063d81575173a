"""`manage.py make_avif`: AVIF of every picture that has none yet, without waiting for the worker."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.cms.media import avif, backlog


class Command(BaseCommand):
    help = (
        "为媒体库中还没有 AVIF 的图片补做 AVIF，让网页更快。后台任务平时会自动做；"
        "可重复执行，随时可以中断。"
    )

    def handle(self, **options: Any) -> None:
        if not avif.IS_SUPPORTED:
            raise CommandError("这台机器上的 Pillow 不支持 AVIF。网页会继续使用 WebP。")
        made = 0
        for file in backlog.pictures():
            try:
                made += avif.make(file)
            except OSError:
                self.stderr.write(f"“{file}”（编号 {file.pk}）的原图打不开，已跳过。")
        self.stdout.write(f"补做了 {made} 张图片的 AVIF。")
