"""A start with a mistake in its environment: one clear sentence and a non-zero exit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ = "from portal import settings as s; print(s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_NAME, s.SECURE_HSTS_SECONDS > 0, s.ALLOWED_HOSTS)"


def start(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project with a clean environment and `folder` for its data."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(  # noqa: S603
        [sys.executable, *command],
        cwd=ROOT,
        env={**kept, "DATA_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "SECRET_KEY"),
        ({"SECRET_KEY": "k", "DEBUG": "perhaps"}, "环境变量 DEBUG 的值无法识别"),
        ({"SECRET_KEY": "k", "PORT": "eighty"}, "环境变量 PORT 的值无法识别"),
        ({"SECRET_KEY": "k", "SITE_URL": "www.example.com"}, "环境变量 SITE_URL 的值无法识别"),
        ({"SECRET_KEY": "k", "SITE_URL": "http://[half"}, "环境变量 SITE_URL 的值无法识别"),
        (
            {"SECRET_KEY": "k", "DATABASE_URL": "oracle-of-delphi://x"},
            "环境变量 DATABASE_URL 的值无法识别",
        ),
        ({"SECRET_KEY": "k", "EMAIL_URL": "pigeon://loft"}, "环境变量 EMAIL_URL 的值无法识别"),
        ({"SECRET_KEY": "k", "WEB_WORKERS": "0"}, "环境变量 WEB_WORKERS 的值无法识别"),
        ({"SECRET_KEY": "k", "PORT": "0"}, "环境变量 PORT 的值无法识别"),
        ({"SECRET_KEY": "k", "PORT": "65536"}, "环境变量 PORT 的值无法识别"),
        ({"SECRET_KEY": "k", "SITE_URL": "https://www.example.com/site"}, "不带路径的完整网址"),
        ({"SECRET_KEY": "k", "SITE_URL": "https://www.example.com:99999"}, "不带路径的完整网址"),
        ({"SECRET_KEY": "k", "BAIDU_PUSH_TOKEN": "a b"}, "环境变量 BAIDU_PUSH_TOKEN 的值无法识别"),
        (
            {"SECRET_KEY": "k", "BAIDU_PUSH_SITE": "我的网站"},
            "环境变量 BAIDU_PUSH_SITE 的值无法识别",
        ),
        ({"SECRET_KEY": "k", "INDEXNOW_KEY": "short"}, "环境变量 INDEXNOW_KEY 的值无法识别"),
        ({"SECRET_KEY": "k", "ADMIN_PATH": "/"}, "环境变量 ADMIN_PATH 的值无法识别"),
        ({"SECRET_KEY": "k", "ADMIN_PATH": "后台"}, "环境变量 ADMIN_PATH 的值无法识别"),
        ({"SECRET_KEY": "k", "ADMIN_PATH": "a//b"}, "环境变量 ADMIN_PATH 的值无法识别"),
        ({"SECRET_KEY": "k", "ADMIN_PATH": "articles"}, "环境变量 ADMIN_PATH 不能用 articles"),
        ({"SECRET_KEY": "k", "ADMIN_PATH": "/jobs/x/"}, "环境变量 ADMIN_PATH 不能用 jobs/x"),
        ({"SECRET_KEY": "k", "ADMIN_PATH": "takedown"}, "环境变量 ADMIN_PATH 不能用 takedown"),
        (
            {"SECRET_KEY": "k", "TRUSTED_PROXIES": "nginx"},
            "环境变量 TRUSTED_PROXIES 的值无法识别",
        ),
        ({"SECRET_KEY": "k", "ADMIN_ALLOWED_FROM": "office"}, "环境变量 ADMIN_ALLOWED_FROM 的值"),
        ({"SECRET_KEY": "k", "BACKUP_KEEP": "-1"}, "例如 7；0 表示不自动备份。"),
        ({"SECRET_KEY": "k", "BACKUP_KEEP": "none"}, "例如 7；0 表示不自动备份。"),
        ({"SECRET_KEY": "k", "BACKUP_TO_S3": "True"}, "BACKUP_TO_S3 要求同时设置 S3_BUCKET"),
        ({"SECRET_KEY": "k", "METRICS_PORT": "65536"}, "应为 0 至 65535 的端口号，例如 9108"),
        ({"SECRET_KEY": "k", "LOG_FORMAT": "xml"}, "环境变量 LOG_FORMAT 的值无法识别"),
    ],
)
def test_a_mistake_is_one_sentence(
    tmp_path: Path, environment: dict[str, str], sentence: str
) -> None:
    refused(start(tmp_path, "manage.py", "migrate", **environment), sentence)


def test_it_is_one_sentence_where_a_server_of_ones_own_starts_us_too(tmp_path: Path) -> None:
    """The settings are read by the same lines: only what catches their error is another's."""
    start_up = ("-c", "import portal.wsgi")
    refused(start(tmp_path, *start_up), "SECRET_KEY")
    refused(start(tmp_path, *start_up, SECRET_KEY="k", PORT="0"), "环境变量 PORT 的值无法识别")


def refused(result: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert result.returncode != 0
    assert sentence in result.stderr
    assert result.stderr.startswith("无法启动：")
    assert result.stderr.count("\n") == 1


def test_the_admin_may_live_deeper(tmp_path: Path) -> None:
    read = "from portal import settings as s; print(s.ADMIN_PATH)"
    result = start(tmp_path, "-c", read, SECRET_KEY="k", ADMIN_PATH="/Office_1/back-door/")
    assert result.stdout == "Office_1/back-door\n", result.stderr


def test_proxies_may_be_addresses_and_networks(tmp_path: Path) -> None:
    read = "from portal import settings as s; print(*s.TRUSTED_PROXIES)"
    default = start(tmp_path, "-c", read, SECRET_KEY="k")
    assert default.stdout == "127.0.0.0/8 ::1/128\n", default.stderr
    own = start(tmp_path, "-c", read, SECRET_KEY="k", TRUSTED_PROXIES="10.1.2.3/8, fd00::1")
    assert own.stdout == "10.0.0.0/8 fd00::1/128\n", own.stderr


def test_search_engines_are_told_of_the_site_by_its_address(tmp_path: Path) -> None:
    read = "from portal import settings as s; print(s.BAIDU_PUSH_SITE, s.BAIDU_PUSH_TOKEN or '-')"
    site = {"SECRET_KEY": "k", "SITE_URL": "https://www.example.com"}
    default = start(tmp_path, "-c", read, **site)
    assert default.stdout == "https://www.example.com -\n", default.stderr
    token = {"BAIDU_PUSH_SITE": "www.example.com", "BAIDU_PUSH_TOKEN": " ceshi12345678abc "}
    own = start(tmp_path, "-c", read, **site, **token)
    assert own.stdout == "www.example.com ceshi12345678abc\n", own.stderr


def test_postgresql_without_its_driver_is_a_sentence(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['psycopg'] = sys.modules['psycopg2'] = None; "
    result = start(
        tmp_path,
        "-c",
        f"{hidden}import portal.wsgi",
        SECRET_KEY="k",
        DATABASE_URL="postgres://u:p@127.0.0.1/db",
    )
    assert result.returncode != 0
    assert "需要另外安装 psycopg" in result.stderr
    assert result.stderr.count("\n") == 1


def as_manage(error: str) -> str:
    """Return a program: `manage.py check`, whose command fails with `error`."""
    return (
        "import runpy, sys; from django.core import exceptions, management\n"
        f"def fail(argv): raise {error}\n"
        "management.execute_from_command_line = fail\n"
        "sys.argv = ['manage.py', 'check']\n"
        "runpy.run_path('manage.py', run_name='__main__')"
    )


def test_a_mistake_found_later_is_one_sentence_too(tmp_path: Path) -> None:
    program = as_manage("exceptions.ImproperlyConfigured('No driver.\\nInstall one.')")
    result = start(tmp_path, "-c", program, SECRET_KEY="k")
    assert result.returncode == 1
    assert result.stderr == "无法启动：No driver. Install one.\n"


def test_ctrl_c_is_no_traceback(tmp_path: Path) -> None:
    result = start(tmp_path, "-c", as_manage("KeyboardInterrupt"), SECRET_KEY="k")
    assert result.returncode == 130
    assert result.stderr == "已中断。\n"


def test_a_data_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = start(tmp_path / "file" / "var", "-m", "portal.keyfile")
    assert result.returncode == 1
    assert result.stderr == f"无法启动：数据文件夹 {tmp_path}/file/var 不能建立或写入。\n"


def test_debug_alone_needs_no_key(tmp_path: Path) -> None:
    result = start(tmp_path, "manage.py", "check", DEBUG="True")
    assert result.returncode == 0, result.stderr


def test_the_key_file_is_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    for _ in range(2):
        assert start(folder, "-m", "portal.keyfile").returncode == 0
        key = (folder / "secret_key").read_text()
    assert len(key) > 50
    assert key == (folder / "secret_key").read_text()
    assert (folder / "secret_key").stat().st_mode & 0o077 == 0
    assert start(folder, "manage.py", "check").returncode == 0


def test_a_key_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "secret_key").mkdir()
    result = start(tmp_path, "manage.py", "check")
    assert result.returncode != 0
    assert "无法读取" in result.stderr


def test_https_follows_from_the_address(tmp_path: Path) -> None:
    result = start(tmp_path, "-c", READ, SECRET_KEY="k", SITE_URL="https://www.example.com")
    assert result.stdout.split() == [
        "True", "True", "__Host-session", "True",
        "['127.0.0.1',", "'[::1]',", "'localhost',", "'www.example.com']",
    ]  # fmt: skip


def test_http_asks_for_none_of_it(tmp_path: Path) -> None:
    result = start(tmp_path, "-c", READ, SECRET_KEY="k")
    assert result.stdout.startswith("False False session False")
