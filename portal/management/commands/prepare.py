"""`manage.py prepare`: everything a start needs, done once; what is done already takes no time."""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection
from django.urls import reverse

from portal.cms.accounts import User
from portal.cms.engines import targets
from portal.cms.search import indexing
from portal.demo import loading
from portal.management.holding import hold_data_folder
from portal.transfer.backup import restoring
from portal.transfer.backup.manifest import BackupError

# Read aloud over the telephone: no letter that is mistaken for a digit.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
# How long a start waits for a database that is started at the same time.
PATIENCE: Final = 60.0  # seconds
PAUSE: Final = 1.0
# Any number that nothing else in this database uses: "portal" on the keys of a telephone.
LOCK: Final = 767825


class Command(BaseCommand):
    help = "首次启动的准备：数据库、静态文件、演示内容（仅空网站）、管理员账号。可重复执行。"

    def handle(self, **options: Any) -> None:
        try:
            restoring.go_on(self.stdout.write)
        except BackupError as error:
            raise CommandError(str(error)) from error
        # Beside a restore, we would fill the very database that it is just replacing.
        held = hold_data_folder()
        try:
            self.await_database()
            with by_turns():
                self.prepare()
        finally:
            os.close(held)

    def await_database(self) -> None:
        """Return when the database answers. Raises CommandError when it does not for a minute.

        Of PostgreSQL, which may be starting as well: a file that cannot be opened will not be later.
        """
        deadline = time.monotonic() + PATIENCE
        while connection.vendor != "sqlite":
            try:
                connection.ensure_connection()
                return
            except Error as error:
                if time.monotonic() >= deadline:
                    raise CommandError(
                        f"数据库 {PATIENCE:.0f} 秒内没有回应。"
                        "请检查环境变量 DATABASE_URL，以及数据库是否在运行。"
                    ) from error
                time.sleep(PAUSE)

    def prepare(self) -> None:
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
            "密码只显示这一次，请记下来。登录后请在右上角“账号安全”里修改，并在 24 小时内设置两步验证。\n"
        )


@contextmanager
def by_turns() -> Iterator[None]:
    """Let one process prepare at a time: of this data folder, and of this database among all nodes.

    Who comes meanwhile waits, and then finds that everything is there.
    """
    with Path(settings.DATA_DIR, "prepare.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if connection.vendor == "sqlite":
            yield
            return
        # By a connection of its own, that nothing else closes.
        own = connection.copy()
        try:
            with own.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            yield
        finally:
            own.close()


def fingerprint() -> str:
    """Return a digest of which static files there are, how large and how old."""
    digest = sha256()
    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=None):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
