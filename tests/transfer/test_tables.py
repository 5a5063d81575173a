"""Databases of PHP systems, the honest and the hostile."""

# ruff: noqa: S608 - nobody else's words get into these statements

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from portal.transfer.sources import tables
from portal.transfer.sources.cells import hosts_of, part, plain, summary_of
from portal.transfer.sources.records import SourceError
from portal.transfer.sources.tables import opened, outer_first

WANTED = {"post": ("id", "title", "author"), "kind": ("id", "name"), "extra": ("id",)}
NEEDED = ("post", "kind")
TABLES = "CREATE TABLE x_post(id INTEGER PRIMARY KEY, title TEXT); CREATE TABLE x_kind(id, name);"
ROWS = "INSERT INTO x_post VALUES (1,'夜班'),(2,'日结'); INSERT INTO x_kind VALUES (1,'用工');"


def database(tmp_path: Path, script: str) -> Path:
    path = tmp_path / "旧站 #1?.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"BEGIN; {script}; COMMIT;")
    return path


def dump(tmp_path: Path, script: str, name: str = "site.sql") -> Path:
    path = tmp_path / name
    path.write_text(script, encoding="utf-8")
    return path


def posts(path: Path, prefix: str = "") -> list[tuple[str, ...]]:
    with opened(path, WANTED, NEEDED, prefix=prefix) as content:
        found = [tuple(row.values()) for row in content.read("SELECT * FROM post")]
        assert content.count("post") == len(found)
        assert content.count("extra") == 0
        assert not content.warnings
        return found


@pytest.mark.parametrize("make", [database, dump])
def test_a_database_and_its_dump_read_alike(tmp_path: Path, make: type) -> None:
    path = make(tmp_path, TABLES + ROWS)
    assert posts(path) == [("1", "夜班", ""), ("2", "日结", "")]


def test_names_are_the_same_in_any_case(tmp_path: Path) -> None:
    path = dump(tmp_path, TABLES.upper() + ROWS.replace("x_post", "X_Post"))
    assert posts(path) == [("1", "夜班", ""), ("2", "日结", "")]


def test_a_database_is_not_written_to(tmp_path: Path) -> None:
    path = database(tmp_path, TABLES + ROWS)
    before = path.read_bytes()
    posts(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_a_database_that_is_being_written_is_refused(tmp_path: Path, suffix: str) -> None:
    path = database(tmp_path, TABLES + ROWS)
    beside = path.with_name(path.name + suffix)
    beside.write_bytes(b"")
    assert posts(path)
    beside.write_bytes(b"x")
    with pytest.raises(SourceError, match="先停掉旧网站"):
        posts(path)


def test_views_and_virtual_tables_are_no_tables(tmp_path: Path) -> None:
    bomb = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 'x' AS title FROM n"
    path = database(tmp_path, f"CREATE VIEW x_post AS {bomb}; CREATE TABLE x_kind(id, name);")
    with pytest.raises(SourceError, match="没有数据表"):
        posts(path)
    path.unlink()
    path = database(
        tmp_path,
        "CREATE VIRTUAL TABLE x_post USING fts5(id, title); CREATE TABLE x_kind(id, name);",
    )
    with pytest.raises(SourceError, match="没有数据表"):
        posts(path)


def test_calculated_columns_are_not_calculated(tmp_path: Path) -> None:
    path = database(
        tmp_path,
        "CREATE TABLE x_post(id, title AS (id || '工')); CREATE TABLE x_kind(id, name);"
        "INSERT INTO x_post(id) VALUES (1);",
    )
    assert posts(path) == [("1", "", "")]


def test_a_table_of_ours_is_not_theirs(tmp_path: Path) -> None:
    path = database(
        tmp_path, TABLES + "CREATE TABLE faults(\"table\", line, reason); INSERT INTO faults VALUES ('a', 1, 'b');"
    )  # fmt: skip
    with opened(path, WANTED, NEEDED) as content:
        assert content.count("faults") == 0


def test_texts_are_texts_whatever_they_were(tmp_path: Path) -> None:
    path = database(
        tmp_path,
        TABLES + "INSERT INTO x_post VALUES (1, x'e5b7a500ff'), (2, 1.5), (3, NULL), (4, CAST(x'e5b7' AS TEXT));",
    )  # fmt: skip
    assert [title for _, title, _ in posts(path)] == ["工\ufffd", "1.5", "", "\ufffd"]


def test_a_damaged_database_is_a_sentence(tmp_path: Path) -> None:
    rows = "".join(f"INSERT INTO x_post VALUES ({n}, '{'夜班' * 200}');" for n in range(200))
    path = database(tmp_path, TABLES + rows)
    whole = path.read_bytes()
    path.write_bytes(whole[:9000])
    with pytest.raises(SourceError, match="损坏"):
        posts(path)
    for start in range(100, 4100, 100):
        content = bytearray(whole)
        for step in range(30):
            content[(start + step * 7919) % len(whole) or 1] ^= 0xA5
        path.write_bytes(content)
        with suppress(SourceError):  # a sentence, or what can be read; nothing else
            posts(path)


def test_a_page_that_is_used_twice_is_not_read_without_end(tmp_path: Path) -> None:
    rows = "".join(f"INSERT INTO x_post VALUES ({n}, '{'x' * 3000}');" for n in range(600))
    path = database(tmp_path, TABLES + rows)
    content = bytearray(path.read_bytes())
    # Each child of the inner page that has most becomes the same one.
    inner = max(
        (at for at in range(4096, len(content), 4096) if content[at] == 5),
        key=lambda at: int.from_bytes(content[at + 3 : at + 5], "big"),
    )
    cells = int.from_bytes(content[inner + 3 : inner + 5], "big")
    first = inner + int.from_bytes(content[inner + 12 : inner + 14], "big")
    for cell in range(cells):
        at = inner + 12 + 2 * cell
        start = inner + int.from_bytes(content[at : at + 2], "big")
        content[start : start + 4] = content[first : first + 4]
    path.write_bytes(content)
    with pytest.raises(SourceError, match="损坏"):
        posts(path)


def test_a_value_longer_than_any_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = database(
        tmp_path,
        f"{TABLES}{ROWS} INSERT INTO x_post VALUES (3, '{'长' * 9000}'), (4, '周结');",
    )
    monkeypatch.setattr(tables, "LONGEST", 10_000)
    with opened(path, WANTED, NEEDED) as content:
        # The second is lost, too: Python's sqlite3 looks one row ahead.
        assert [row["id"] for row in content.read("SELECT * FROM post")] == ["1"]
        assert "后面的内容没有导入" in content.warnings[0]


def test_what_is_missing_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="找不到文件"):
        posts(tmp_path / "nowhere.sql")
    with pytest.raises(SourceError, match="没有数据表 …post、…kind"):
        posts(dump(tmp_path, "CREATE TABLE x_post(id int);INSERT INTO x_post VALUES (1);"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=r"没有 \.sql"):
        posts(tmp_path / "empty")


def test_two_sites_in_one_dump_want_a_choice(tmp_path: Path) -> None:
    two = TABLES + ROWS + (TABLES + ROWS).replace("x_", "y_").replace("夜班", "白班")
    path = dump(tmp_path, two)
    with pytest.raises(SourceError, match=r"x_、y_.*--prefix"):
        posts(path)
    assert posts(path, "y_")[0][1] == "白班"
    with pytest.raises(SourceError, match="没有数据表 z_post"):
        posts(path, "z_")


def test_two_databases_in_one_dump_want_a_choice(tmp_path: Path) -> None:
    other = (TABLES + ROWS).replace("夜班", "白班")
    path = dump(tmp_path, f"USE `old`;{TABLES}{ROWS}USE `new`;{other}")
    with pytest.raises(SourceError, match=r"new\.x_、old\.x_"):
        posts(path)
    assert posts(path, "new.x_")[0][1] == "白班"


def test_a_folder_is_read_as_one_dump_structures_first(tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    folder.mkdir()
    dump(folder, "INSERT INTO `x_post` VALUES('1','夜班');\r\n", "a1_x_post.txt")
    dump(folder, "INSERT INTO `x_post` VALUES('2','日结');\r\n", "a2_x_post.txt")
    dump(folder, "INSERT INTO `x_kind` VALUES('1','用工');\r\n", "a3_x_kind.txt")
    dump(folder, TABLES, "z9_tables_struct.txt")
    dump(folder, "<?php exit;", "index.php")
    assert [title for _, title, _ in posts(folder)] == ["夜班", "日结"]


def test_rows_that_cannot_be_read_are_kept_for_the_report(tmp_path: Path) -> None:
    path = dump(tmp_path, TABLES + ROWS + "INSERT INTO x_post VALUES (3);")
    with opened(path, WANTED, NEEDED) as content:
        assert content.count("faults") == 1
        assert content.count("post") == 2


def test_a_full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_PAGES", 8)
    rows = "".join(f"INSERT INTO x_post VALUES ({n}, '{'夜班' * 2000}');" for n in range(50))
    with pytest.raises(SourceError, match="磁盘空间"):
        posts(dump(tmp_path, TABLES + rows))


def test_a_join_looks_rows_up(tmp_path: Path) -> None:
    with opened(dump(tmp_path, TABLES + ROWS), WANTED, NEEDED) as content:
        query = "SELECT * FROM post LEFT JOIN kind ON kind.id = post.id"
        plan = [row["detail"] for row in content.read(f"EXPLAIN QUERY PLAN {query}")]
    assert any("x_kind by id" in step for step in plan)


# --- Words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("用工&amp;成本", "用工&成本"),
        ("  两行\r\n标题 ", "两行 标题"),
        ("<b>粗</b>体&nbsp;字", "粗体 字"),
        ("工资<3000元", "工资<3000元"),
        ("<script>alert(1)</script>招工", "招工"),
    ],
)
def test_titles_are_plain_words(written: str, read: str) -> None:
    assert plain(written) == read


@pytest.mark.parametrize(
    ("summary", "kept"),
    [
        ("七月一日起，社保", ""),
        ("七月一日起，社保…", ""),
        ("七月一日起，\ufffd", ""),
        ("一句话说清社保", "一句话说清社保"),
        ("", ""),
    ],
)
def test_a_summary_says_more_than_the_beginning(summary: str, kept: str) -> None:
    assert summary_of(summary, "<p>七月一日起，<b>社保</b>基数调整。</p>") == kept


def test_parts_of_addresses_say_nothing_else() -> None:
    assert part("社保 100%?a=1#b") == "社保%20100%25%3Fa=1%23b"
    assert part("/a/") == "a"
    assert part("a(b)$1") == "a%28b%29%241"
    assert len(part("长" * 1000)) == 300


@pytest.mark.parametrize(
    "address", ["http://www.a.example/x", "https://A.example", "www.a.example:8080"]
)
def test_hosts_are_known_with_and_without_www(address: str) -> None:
    assert hosts_of(address) == {"a.example", "www.a.example"}
    assert hosts_of("zblog") == frozenset()


def test_categories_come_after_the_one_they_stand_in() -> None:
    rows = [
        {"id": number, "in": outer}
        for number, outer in (("3", "2"), ("2", "1"), ("1", "0"), ("8", "9"), ("9", "8"))
    ]
    assert [row["id"] for row in outer_first(rows, "id", "in")][:3] == ["1", "2", "3"]
    assert len(outer_first(rows, "id", "in")) == 5


def test_a_chain_of_categories_takes_linear_time() -> None:
    rows = [{"id": str(number), "in": str(number + 1)} for number in range(20_000)]
    began = time.process_time()
    assert len(outer_first(rows, "id", "in")) == 20_000
    assert time.process_time() - began < 2
