"""`manage.py copy_to`: the whole database into another one, say from SQLite to PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, DatabaseError

from portal.transfer.copying import databases
from portal.transfer.copying.databases import CopyError, is_our_own, opened
from portal.transfer.copying.rows import copy, is_empty

AFTER = """
内容完全一致（每张表的行数与校验和都已核对）。接下来：
1. 复制开始之后在旧数据库里保存的内容没有带过去：正式搬家请先停止网站，再复制一次到空的数据库。
2. 把环境变量 DATABASE_URL 改为新地址，运行 manage.py prepare（会重建搜索索引），再启动网站。
3. 图片与文件不在数据库里，位置不变；换服务器时请连同 SECRET_KEY 与数据文件夹里的 media、private 一起带走。
4. 所有人需要重新登录。旧数据库没有改动，确认无误后再删除。
"""


class Command(BaseCommand):
    help = "把全部内容复制到另一个（空的）数据库，并逐表核对。例如从 SQLite 搬到 PostgreSQL。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", metavar="数据库地址", help="例如 postgres://用户:密码@主机/库名")

    def handle(self, *, url: str, **options: Any) -> None:
        try:
            with opened(url) as target:
                if is_our_own(target):
                    raise CopyError("这就是网站现在用的数据库。")
                self.stdout.write("正在建立数据表……")
                databases.migrate(url)
                if not is_empty(target):
                    raise CopyError("目标数据库不是空的，没有写入任何内容。")
                copy(DEFAULT_DB_ALIAS, target, self.stdout.write)
        except CopyError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(
                f"数据库出错，没有写入任何内容：{' '.join(str(error).split())}"
            ) from error
        self.stdout.write(AFTER)
