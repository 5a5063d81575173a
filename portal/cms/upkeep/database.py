"""Whether SQLite's file is whole, and its rows point at rows. PostgreSQL sees to both itself."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection


def find() -> Iterator[str]:
    """Read the whole file; seconds a gigabyte. Nobody waits for it."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for (words,) in cursor.execute("PRAGMA integrity_check").fetchall():
            if words != "ok":
                yield f"数据库文件损坏，请从备份恢复：{words}"
        for table, rowid, parent, _ in cursor.execute("PRAGMA foreign_key_check").fetchall():
            yield f"{table} 第 {rowid} 行指向的 {parent} 中的一行已经没有了。"
