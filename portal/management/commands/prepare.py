"""`manage.py prepare`: everything a start needs, done once; what is done already takes no time."""

from __future__ import annotations

import secrets
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.urls import reverse

from portal.cms.accounts import User
from portal.cms.engines import targets
from portal.cms.search import indexing
from portal.demo import loading

# Read aloud over the telephone: no letter that is mistaken for a digit.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    help = "首次启动的准备：数据库、静态文件、演示内容（仅空网站）、管理员账号。可重复执行。"

    def handle(self, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if not settings.DEBUG:
            self.collect_static()
        first_start = not User.objects.exists()
        if first_start and loading.site_is_empty():
            self.stdout.write("正在装入演示内容……")
            call_command("load_demo", stdout=self.stdout)
        if not indexing.is_current():  # a database from before the search, or from elsewhere
            self.stdout.write("正在建立搜索索引……")
            call_command("reindex", stdout=self.stdout)
        targets.follow_environment()
        if first_start:
            self.make_admin()

    def collect_static(self) -> None:
        """Collect and compress the static files, which takes many seconds, if any has changed."""
        note = Path(settings.STATIC_ROOT) / ".collected"
        now = fingerprint()
        if note.exists() and note.read_text() == now:
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        note.write_text(now)

    def make_admin(self) -> None:
        password = "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(3))
        User.objects.create_superuser("zhanzhang", email=None, password=password, name="站长")
        self.stdout.write(
            f"\n后台地址：{settings.SITE_URL}{reverse('admin:index')}\n"
            f"管理员账号：zhanzhang\n"
            f"管理员密码：{password}\n"
            "密码只显示这一次，请记下来，登录后可在右上角修改。\n"
        )


def fingerprint() -> str:
    """Return a digest of which static files there are, how large and how old."""
    digest = sha256()
    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=None):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
