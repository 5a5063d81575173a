"""Sheets as offices save them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from portal.transfer.sheet import PROBLEM, SheetError, read

TEXT = "标题,正文\n劳务派遣一问,“三性”岗位怎么认？\n\n临时工二问,第一行\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "articles.csv"
    path.write_text(TEXT, encoding=encoding)
    rows = list(read(path))
    assert [number for number, _ in rows] == [2, 4]
    assert rows[0][1] == {"标题": "劳务派遣一问", "正文": "“三性”岗位怎么认？", PROBLEM: ""}


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "articles.csv"
    path.write_text(TEXT.replace(",", delimiter), encoding="utf-8")
    assert next(read(path))[1]["标题"] == "劳务派遣一问"


def test_a_cell_may_hold_lines_and_more_than_128_kib(tmp_path: Path) -> None:
    path = tmp_path / "articles.csv"
    body = "长文\n" * 100_000
    path.write_text(f'标题,正文\n长文一篇,"{body}"\n短文,无\n', encoding="utf-8")
    rows = list(read(path))
    assert rows[0][1]["正文"] == body.strip()
    assert rows[1] == (100_003, {"标题": "短文", "正文": "无", PROBLEM: ""})


def test_xlsx_with_dates_and_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (
        ["标题", "日期", "编号"],
        ["日结工资", datetime(2026, 3, 1, 9, 30), 12.0],
        [None, None, None],
    ):
        book.active.append(row)
    book.save(tmp_path / "articles.xlsx")
    assert list(read(tmp_path / "articles.xlsx")) == [
        (2, {"标题": "日结工资", "日期": "2026-03-01 09:30:00", "编号": "12", PROBLEM: ""})
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.csv", None),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xff"),
        ("cut.csv", b"\xff\xfe\x00"),
        ("nothing.csv", b""),
        ("headers.csv", "标题,正文\n".encode()),
        ("text.xlsx", "标题".encode()),
        ("empty.xlsx", b""),
    ],
)
def test_what_is_no_sheet_is_a_sentence(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SheetError, match=r"文件"):
        list(read(tmp_path / name))


def test_null_bytes_do_not_reach_the_database(tmp_path: Path) -> None:
    path = tmp_path / "articles.csv"
    path.write_bytes("标题\n夜\x00班\n".encode())
    assert next(read(path))[1] == {"标题": "夜班", PROBLEM: ""}


def test_a_line_with_stray_quotes_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "articles.csv"
    path.write_text(
        '标题,正文,日期\n一,文,2022-01-01\n"坏"行"2",x,2022-01-01\n"坏"了,"<p>\n半截</p>",2022-01-02\n三,文,2022-01-03\n',
        encoding="utf-8",
    )
    rows = list(read(path))
    assert [row.get("标题") for _, row in rows if not row[PROBLEM]] == ["一", "三"]
    assert rows[1] == (3, {PROBLEM: "引号不配对（到第 3 行），请检查这一行的双引号"})


def test_a_quote_that_never_ends_is_told_with_the_line_it_begins_on(tmp_path: Path) -> None:
    path = tmp_path / "articles.csv"
    path.write_text('标题,正文\n一,文\n二,"没有结束的引号\n三,文\n', encoding="utf-8")
    rows = list(read(path))
    assert rows[0][1]["标题"] == "一"
    assert rows[1] == (3, {PROBLEM: "引号不配对（到第 4 行），请检查这一行的双引号"})
    assert len(rows) == 2
