"""Sheets we hand out: readable in Excel, and harmless whatever strangers typed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from portal.cms.sheets.writing import FORMULA, write


def opened(*rows: list[object], headers: list[str] | None = None) -> Any:
    content = write(headers or ["称呼", "留言"], rows, "线索")
    return load_workbook(BytesIO(content)).worksheets[0]


def cells(sheet: Any) -> list[tuple[object, ...]]:
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def test_rows_stand_under_headers_that_stay_in_sight() -> None:
    sheet = opened(["王女士", "普工 30 人"], ["李先生", None])
    assert sheet.title == "线索"
    assert cells(sheet) == [("称呼", "留言"), ("王女士", "普工 30 人"), ("李先生", None)]
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "=1+1",
            '=HYPERLINK("http://evil.example")',
            "+86 138",
            "-1+1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
        ),
        *("＝1＋1", "＋1", "－1", "＠SUM", " =1+1", "\n=cmd|' /C calc'!A0", "　=1"),
    ],
)
def test_what_looks_like_a_formula_is_a_text_also_as_csv(typed: str) -> None:
    cell = opened([typed, ""])["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")
    assert cell.number_format == "@"


@pytest.mark.parametrize(
    "typed", ["1+1=2", "a-b", "王@深圳", "'引号", "13812348155", "0755-8882 8155"]
)
def test_what_does_not_is_left_as_it_is(typed: str) -> None:
    cell = opened([typed, ""])["A2"]
    assert (cell.value, cell.data_type) == (typed, "s")


def test_amounts_can_be_added_up_and_codes_are_no_amounts() -> None:
    sheet = opened([3, Decimal("23.50")], [-4, 0.5], [13812348155, True])
    assert cells(sheet)[1:] == [(3, 23.5), (-4, 0.5), ("13812348155", "是")]


def test_moments_are_in_beijing_time() -> None:
    at = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    assert cells(opened([at, date(2026, 11, 23)]))[1] == ("2026-11-24 00:30", "2026-11-23")


def test_columns_are_as_wide_as_what_stands_in_them_within_reason() -> None:
    widths = opened(["王", "长" * 500], headers=["称呼或公司", "留言"]).column_dimensions
    assert (widths["A"].width, widths["B"].width) == (12, 50)


def test_an_empty_sheet_has_its_headers() -> None:
    assert cells(opened()) == [("称呼", "留言")]


@given(st.text())
def test_whatever_was_typed_the_file_opens_and_reckons_nothing(typed: str) -> None:
    content = write(["留言"], [[typed]])
    cell = load_workbook(BytesIO(content)).worksheets[0]["A2"]
    assert cell.value is None or not str(cell.value).startswith(FORMULA)
    assert b"<f>" not in ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_what_no_sheet_can_hold_is_left_out() -> None:
    sheet = opened(["前\x00\x0b后", "长" * 40_000])
    assert sheet["A2"].value == "前后"
    assert len(str(sheet["B2"].value)) < 32_767
