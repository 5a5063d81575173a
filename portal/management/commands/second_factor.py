"""`manage.py second_factor`: the second factor of an account, for whoever sits at the server."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.cms.accounts import User
from portal.cms.signing_in import second_factor


class Command(BaseCommand):
    help = "查看一个账号的两步验证；手机和恢复码都丢了时，用 --remove 移除。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="用户名")
        parser.add_argument("--remove", action="store_true", help="移除，并退出各处的登录")

    def handle(self, username: str, remove: bool = False, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"没有用户名为“{username}”的账号。")
        if remove:
            removed = second_factor.remove(user)
            self.stdout.write(
                f"已移除 {removed} 项，并退出了各处的登录。" if removed else "没有设置，不必移除。"
            )
        else:
            self.stdout.write("已启用。" if second_factor.has_factor(user) else "未设置。")
