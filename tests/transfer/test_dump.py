"""SQL dumps as their owners bring them, and as nobody should."""

# ruff: noqa: S608 - these statements are read; nobody runs them

from __future__ import annotations

import gzip
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.transfer.sources import sql
from portal.transfer.sources.dump import Created, Dump, Fault, Row
from portal.transfer.sources.encoding import CHUNK, encoding_of
from portal.transfer.sources.records import SourceError

# Twelve articles with everything that quoting can do to a text.
TEXTS = [
    ("1", "夜班补贴怎么算", "<p>按小时，<br/>“22:00–6:00”</p>"),
    ("2", "It's payday", '<a href="/uploads/a.jpg">it\'s ""here""</a>'),
    ("3", "反斜杠 C:\\dir\\new", "行尾\\"),
    ("4", "分号；和;逗号,括号(）),('5',", "),('9','假','行'); INSERT INTO x VALUES (1);"),
    ("5", "换行\n与\r\n制表\t", "一\n二\r\n三"),
    ("6", "百分号 100%_", "-- 不是注释 # 也不是 /* 都不是 */"),
    ("7", "", ""),
    ("8", "縗縕縗", "縗'縗\\縗"),
    ("9", "表情😀与生僻字𠮷", "完"),
    ("10", "DELIMITER ;;", "delimiter //"),
    ("11", "NULL", "0x41"),
    ("12", '`反引号` "双引号"', "'单引号'"),
]
TABLE = "CREATE TABLE `site_news` (\n  `id` int(10) unsigned NOT NULL AUTO_INCREMENT COMMENT '编号, (主键)',\n  `title` char(60) NOT NULL DEFAULT '',\n  `flag` set('c','h','p') DEFAULT NULL,\n  `price` decimal(10,2) NOT NULL DEFAULT '0.00',\n  `body` mediumtext,\n  PRIMARY KEY (`id`),\n  KEY `title` (`title`(10),`id`)\n) ENGINE=MyISAM DEFAULT CHARSET=utf8;\n"


def backslashed(text: str) -> str:
    for plain, escaped in (
        ("\\", "\\\\"),
        ("'", "\\'"),
        ("\n", "\\n"),
        ("\r", "\\r"),
        ('"', '\\"'),
    ):
        text = text.replace(plain, escaped)
    return f"'{text}'"


def doubled(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def values(quote: Callable[[str], str]) -> list[str]:
    return [f"({number},{quote(title)},NULL,-1.50,{quote(body)})" for number, title, body in TEXTS]


def mysqldump() -> str:
    return (
        "-- MySQL dump 10.13  Distrib 5.7.44\n--\n-- Host: it's here; INSERT INTO `site_news` VALUES (0);\n\n"
        "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n/*!40101 SET NAMES utf8 */;\n"
        f"DROP TABLE IF EXISTS `site_news`;\n/*!40101 SET character_set_client = utf8 */;\n{TABLE}"
        "LOCK TABLES `site_news` WRITE;\n/*!40000 ALTER TABLE `site_news` DISABLE KEYS */;\n"
        f"INSERT INTO `site_news` VALUES {','.join(values(backslashed))};\n"
        "/*!40000 ALTER TABLE `site_news` ENABLE KEYS */;\nUNLOCK TABLES;\n"
        "DELIMITER ;;\nCREATE TRIGGER x AFTER INSERT ON site_news FOR EACH ROW BEGIN\n"
        "INSERT INTO site_news VALUES (NEW.id); END;;\nDELIMITER ;\n-- Dump completed"
    )


def phpmyadmin() -> str:
    rows = ",\n".join(values(doubled))
    return (
        '-- phpMyAdmin SQL Dump\n--\nSET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";\nSTART TRANSACTION;\n'
        f"--\n-- 表的结构 `site_news`\n--\n\n{TABLE}"
        f"INSERT INTO `site_news` (`id`, `title`, `flag`, `price`, `body`) VALUES\n{rows};\nCOMMIT;\n"
    )


def navicat() -> str:
    rows = "\n".join(f"INSERT INTO `site_news` VALUES {row};" for row in values(backslashed))
    return (
        "/*\n Navicat Premium Data Transfer\n 源; 数据'库\n*/\n\nSET NAMES utf8mb4;\n"
        f"BEGIN;\n{TABLE}{rows}\nCOMMIT;\n"
    )


def own_backup() -> str:
    rows = "".join(
        f"REPLACE INTO site_news(id,title,flag,price,body) VALUES('{number}',{backslashed(title)},NULL,'-1.50',{backslashed(body)});\r\n"
        for number, title, body in TEXTS
    )
    return f"# 备份\r\nDROP TABLE IF EXISTS site_news;\r\n{TABLE}{rows}"


def with_base() -> str:
    rows = ", ".join(values(lambda text: "_binary " + backslashed(text)))
    return f"USE `shop`;\n{TABLE}insert ignore into `shop`.`site_news` values {rows} ON DUPLICATE KEY UPDATE id=id;\n"


def read(path: Path, chunk: int = CHUNK, only: str = "") -> list[Row | Fault]:
    records = Dump([path], lambda table: table.endswith(only), chunk=chunk).records()
    return [record for record in records if not isinstance(record, Created)]


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "dump.sql"
    path.write_bytes(text.encode(encoding))
    return path


def told(rows: list[Row | Fault]) -> list[tuple[object, ...]]:
    return [
        (row.values["id"], row.values["title"], row.values["body"])
        if isinstance(row, Row)
        else ("!", row.reason)
        for row in rows
    ]


DIALECTS = [mysqldump, phpmyadmin, navicat, own_backup, with_base]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_articles_come_out_of_every_dialect(
    tmp_path: Path, dialect: Callable[[], str]
) -> None:
    rows = read(written(tmp_path, dialect()))
    assert told(rows) == TEXTS
    assert isinstance(rows[0], Row)
    assert (rows[0].values["flag"], rows[0].values["price"]) == (None, "-1.50")
    assert rows[0].table == ("shop.site_news" if dialect is with_base else "site_news")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("chunk", [*range(1, 20), 31, 64])
def test_it_does_not_matter_where_a_chunk_ends(
    tmp_path: Path, dialect: Callable[[], str], chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "HEADER", 256)  # or every text of a test is seen at once
    assert told(read(written(tmp_path, dialect()), chunk)) == TEXTS


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    # In GBK, the second byte of 縗 is a backslash.
    assert told(read(written(tmp_path, mysqldump(), encoding), 7)) == TEXTS


def test_a_packed_dump(tmp_path: Path) -> None:
    path = tmp_path / "dump.sql.gz"
    whole = mysqldump().encode("gb18030")
    # As two packed files, one behind the other, with zeros up to the end of a block.
    path.write_bytes(gzip.compress(whole[:1500]) + gzip.compress(whole[1500:]) + bytes(100))
    for chunk in (13, CHUNK):
        assert told(read(path, chunk)) == TEXTS


def test_a_packed_dump_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "dump.sql.gz"
    rows = "".join(f"INSERT INTO t(id) VALUES ({n * 7919 % 10_007});\n" for n in range(5000))
    packed = gzip.compress(rows.encode())
    path.write_bytes(packed[: len(packed) // 2])
    found = read(path)
    assert sum(isinstance(row, Row) for row in found) > 1000
    assert isinstance(found[-1], Fault)
    assert "在这里中断" in found[-1].reason


def test_a_title_cut_in_mid_character_does_not_turn_the_file(tmp_path: Path) -> None:
    start = b"INSERT INTO t(id,title) VALUES (1,'"
    long = "工资" * 200
    path = tmp_path / "dump.sql"
    path.write_bytes(start + long.encode() + "工".encode()[:2] + b"');")
    assert encoding_of(path) == "utf-8-sig"
    [row] = read(path)
    assert isinstance(row, Row)
    assert row.values["title"] == long + "\ufffd"
    path.write_bytes(start + long.encode("gbk") + "工".encode("gbk")[:1] + b"');")
    assert encoding_of(path) == "gb18030"
    [row] = read(path)
    assert isinstance(row, Row)
    assert row.values["title"] == long + "\ufffd"


def test_signs_that_were_lost_before_do_not_count(tmp_path: Path) -> None:
    assert encoding_of(written(tmp_path, "-- ��� 工资")) == "utf-8-sig"


def test_a_table_without_rows_is_there(tmp_path: Path) -> None:
    records = Dump([written(tmp_path, TABLE)], lambda table: True).records()
    assert list(records) == [Created("site_news")]


def test_binary_values(tmp_path: Path) -> None:
    text = "INSERT INTO t(a,b,c,d,e,f) VALUES (0xE5B7A5,X'e8b584',b'1',NOW(),'\\0\\Z',0x);"
    [row] = read(written(tmp_path, text))
    assert isinstance(row, Row)
    assert list(row.values.values()) == ["工", "资", "1", "NOW()", "\0\x1a", "0x"]


@pytest.mark.parametrize(
    "broken",
    [
        "(2,'多一列','x','y')",
        "(2)",
        "(2,,'空')",
        "(2,'引号'坏','x')",
        "(2,'縗\\','工具不认识 GBK')",
        "(2,'x' 'y','z')",
        "2,'x','y')",
        "(2,now(now()),'x')",
    ],
)
@pytest.mark.parametrize("chunk", [5, 1 << 20])
def test_a_broken_row_costs_no_other(tmp_path: Path, broken: str, chunk: int) -> None:
    text = f"INSERT INTO t(id,a,b) VALUES\n(1,'一','x'),\n{broken},\n(3,'三','x');\nINSERT INTO t(id,a,b) VALUES (4,'四','x');\n"
    rows = read(written(tmp_path, text), chunk)
    assert [row.values["a"] for row in rows if isinstance(row, Row)] == ["一", "三", "四"]
    assert [(row.line, row.table) for row in rows if isinstance(row, Fault)] == [(3, "t")]


def test_a_row_without_its_table_is_told(tmp_path: Path) -> None:
    [fault] = read(written(tmp_path, "INSERT INTO t VALUES (1,'一');"))
    assert isinstance(fault, Fault)
    assert "CREATE TABLE" in fault.reason


def test_a_dump_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    whole = mysqldump()
    end = whole.index("DELIMITER ;;")
    for length in range(whole.index("VALUES (1,"), end, 3):
        rows = read(written(tmp_path, whole[:length]))
        good = [row for row in rows if isinstance(row, Row)]
        assert told(list(good)) == TEXTS[: len(good)]
        assert len(rows) - len(good) <= 1


def test_tables_that_are_not_wanted_are_passed_over(tmp_path: Path) -> None:
    text = "INSERT INTO log VALUES (1,'INSERT INTO t VALUES (1);');INSERT INTO t(id) VALUES (2);INSERT INTO log SELECT 1;"
    [row] = read(written(tmp_path, text), only="t")
    assert isinstance(row, Row)
    assert row.values == {"id": "2"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<?php\n$b_table='x';", "PHP 格式"),
        (b"\xef\xbb\xbf<?php", "PHP 格式"),
        (b"PK\x03\x04", "解压"),
        (b"PRAGMA foreign_keys=OFF;", ".db"),
        (b"SQLite format 3\x00", "SQLite"),
    ],
)
def test_what_is_no_dump_is_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "dump.sql"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=words):
        read(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 500, b"INSERT", b"INSERT INTO `", b"INSERT INTO t(a", b"INSERT INTO t VALUES", b"'" * 999]
    + [b"INSERT INTO t VALUES (" + sign * 500 for sign in (b"(", b"'", b"\\", b",", b"1,", b"''")]
    + [b"CREATE TABLE t (" + sign * 500 for sign in (b"(", b"'", b"`", b"a,")]
    + [b"/*", b"--", b"#", b"DELIMITER $$\nx", b"USE", b"\xff\xfe\x00"],
)  # fmt: skip
@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_nonsense_is_no_exception(tmp_path: Path, content: bytes, chunk: int) -> None:
    path = tmp_path / "dump.sql"
    path.write_bytes(content)
    assert not [row for row in read(path, chunk) if isinstance(row, Row)]


@pytest.mark.parametrize(
    "unit",
    ["(1),", "('','", "'", "`", "/*", "--", "),(1", ";DROP '", ";CREATE TABLE t (", "INSERT INTO t VALUES ('"],
)  # fmt: skip
@pytest.mark.parametrize("start", ["", "INSERT INTO t VALUES "])
def test_nonsense_takes_linear_time(tmp_path: Path, start: str, unit: str) -> None:
    path = written(tmp_path, start + unit * (300_000 // len(unit)))
    began = time.process_time()
    read(path)
    assert time.process_time() - began < 3  # minutes, where each place is tried to the end


def test_memory_is_that_of_a_row(tmp_path: Path) -> None:
    path = tmp_path / "dump.sql"
    body = "夜班补贴" * 10_000
    with path.open("w", encoding="utf-8") as file:
        file.write("INSERT INTO t(id,body) VALUES (0,'')")
        file.writelines(f",({n},'{body}')" for n in range(1, 300))  # 36 MB
        file.write(";")
    tracemalloc.start()
    try:
        found = sum(isinstance(row, Row) for row in Dump([path], lambda table: True).records())
        assert tracemalloc.get_traced_memory()[1] < 16 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert found == 300


def test_a_row_longer_than_any_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "MAX_ROW", 100_000)
    long = "长" * 1_000_000
    text = f"INSERT INTO t(id,a) VALUES (1,'一'),(2,'{long}'),(3,'三');"
    rows = read(written(tmp_path, text), 4096)
    assert [row.values["id"] for row in rows if isinstance(row, Row)] == ["1", "3"]
    assert len(rows) == 3


def test_a_file_of_such_rows_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "MAX_ROW", 10_000)
    monkeypatch.setattr(sql, "MOST_STUCK", 3)
    long = "长" * 50_000
    rows = ",".join(f"({number},'{long}')" for number in range(2, 20))
    found = read(written(tmp_path, f"INSERT INTO t(id,a) VALUES (1,'一'),{rows};"), 4096)
    assert [type(one) for one in found] == [Row, Fault, Fault, Fault, Fault]
    assert isinstance(found[-1], Fault)
    assert "在这里中断" in found[-1].reason


def test_it_says_how_far_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, mysqldump())
    heard: list[int] = []
    list(Dump([path, path], lambda table: True, hears=heard.append, chunk=1000).records())
    assert heard == sorted(heard)
    assert heard[-1] == 2 * path.stat().st_size
