"""Readers of environment variables: what `portal.settings` asks, typed, or a sentence in Chinese.

A value that cannot be read stops the start with one sentence (`ImproperlyConfigured`, which
`manage.py` and `portal.wsgi` print without a traceback). `wanted` tells the operator in it what a good
value looks like.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

from portal import keyfile

INSTALL: Final = ".venv/bin/python -m pip install"

env = Env()


def unreadable(name: str, wanted: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"环境变量 {name} 的值无法识别，应为{wanted}。")


def read(reader: Callable[..., Any], name: str, default: Any, wanted: str) -> Any:
    try:
        return reader(name, default)
    except (EnvError, ValueError, KeyError) as error:
        raise unreadable(name, wanted) from error


# --- Values of any kind --------------------------------------------------------------------------


def text(name: str, default: str = "") -> str:
    value: str = env.str(name, default)
    return value


def texts(name: str) -> list[str]:
    """Read texts with commas between them."""
    values: list[str] = env.list(name, [])
    return values


def flag(name: str) -> bool:
    """Read a switch that is off unless somebody has turned it on."""
    value: bool = read(env.bool, name, False, " True 或 False")
    return value


def number(name: str, default: int, wanted: str, least: float = -math.inf) -> int:
    value: int = read(env.int, name, default, wanted)
    if value < least:
        raise unreadable(name, wanted)
    return value


def matching(name: str, pattern: str, wanted: str, default: str = "") -> str:
    """Read a text that, where there is one, is of this pattern."""
    value = text(name).strip()
    if value and not re.fullmatch(pattern, value):
        raise unreadable(name, wanted)
    return value or default


# --- Values of one kind --------------------------------------------------------------------------


def port(name: str, default: int, least: int, example: int) -> int:
    wanted = f"端口号，例如 {example}"
    value = number(name, default, wanted)
    if not least <= value <= 65535:
        raise unreadable(name, f" {least} 至 65535 的{wanted}")
    return value


def networks(name: str, default: str = "") -> tuple[IPv4Network | IPv6Network, ...]:
    """Read addresses and networks, such as `10.0.0.0/8,192.168.1.7`."""
    values = text(name, default).split(",")
    try:
        return tuple(ip_network(value.strip(), strict=False) for value in values if value.strip())
    except ValueError as error:
        wanted = "用逗号分开的 IP 地址或网段，例如 127.0.0.1,10.0.0.0/8"
        raise unreadable(name, wanted) from error


def site_address(name: str, default: str) -> SplitResult:
    """Read the address of the site, whose scheme and host many settings follow from."""
    wanted = "不带路径的完整网址，例如 https://www.example.com"
    try:
        address = urlsplit(text(name, default).rstrip("/"))
        _ = address.port  # read for its ValueError: urlsplit itself lets any port pass
    except ValueError as error:
        raise unreadable(name, wanted) from error
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise unreadable(name, wanted)
    if address.path or address.query or address.fragment:
        raise unreadable(name, wanted)
    return address


def admin_path(name: str, default: str, public: Collection[str]) -> str:
    """Read a path of one segment or more, which must not hide a `public` part of the site."""
    path = text(name, default).strip("/")
    if not re.fullmatch(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", path):
        raise unreadable(name, "字母、数字、- 或 _ 组成的路径，例如 admin")
    if path.split("/")[0] in public:
        raise ImproperlyConfigured(f"环境变量 {name} 不能用 {path}：网站的公开栏目在用它。")
    return path


def secret_key(name: str, data_dir: Path, debug: bool) -> str:
    """Return the key from the environment or the data folder; DEBUG alone may do without one."""
    file = data_dir / keyfile.NAME
    try:
        key = text(name) or keyfile.read(data_dir)
    except OSError as error:
        raise ImproperlyConfigured(f"密钥文件 {file} 无法读取。") from error
    if not key and not debug:
        raise ImproperlyConfigured(
            f"环境变量 {name} 与密钥文件 {file} 都没有；首次启动请用 make run，它会自动生成密钥文件。"
        )
    return key or "debug-only-key"


def database(name: str, default: str) -> dict[str, Any]:
    """Read the address of a database as Django's settings for it."""
    wanted = "数据库地址，例如 postgres://用户:密码@主机/库名"
    value: dict[str, Any] = read(env.dj_db_url, name, default, wanted)
    if value["ENGINE"] == "django.db.backends.postgresql" and not (
        find_spec("psycopg") or find_spec("psycopg2")
    ):
        raise ImproperlyConfigured(
            f'环境变量 {name} 指向 PostgreSQL，需要另外安装 psycopg：{INSTALL} "psycopg[binary]"'
        )
    return value


def mail(name: str, default: str) -> dict[str, Any]:
    """Read the address of a mail server as Django's settings for it."""
    wanted = "邮件服务地址，例如 smtp://用户:密码@主机:25"
    value: dict[str, Any] = read(env.dj_email_url, name, default, wanted)
    if "EMAIL_BACKEND" not in value:  # what the reader returns for a scheme it does not know
        raise unreadable(name, wanted)
    return value


def bucket(name: str) -> str:
    """Read the name of a bucket in an object store, which takes a package of its own; or nothing."""
    value = matching(name, r"[A-Za-z0-9][A-Za-z0-9.-]{2,62}", "存储桶的名称，例如 my-site")
    if value and not find_spec("storages"):
        raise ImproperlyConfigured(
            f'环境变量 {name} 要求另外安装 django-storages：{INSTALL} "django-storages[s3]"'
        )
    return value
