"""A download never runs in the reader's spreadsheet and never changes a number."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from analytics.reports.tables import csv_bytes, safe, xlsx_bytes


@pytest.mark.parametrize("text", ["=1+1", "+44 20", "-1", "@SUM(A1)", "\tx", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert safe(text) == "'" + text


@pytest.mark.parametrize("text", ["", "gold", "1-2", "a=b", "'=1"])
def test_harmless_text_stays_as_it_is(text):
    assert safe(text) == text


def test_csv_keeps_numbers_and_makes_texts_and_headers_safe():
    frame = pd.DataFrame({"=cmd": ["=1+1", "北京"], "amount": [-5.25, 1200.0]})
    assert csv_bytes(frame).decode("utf-8-sig") == "'=cmd,amount\r\n'=1+1,-5.25\r\n北京,1200.0\r\n"


def test_csv_opens_as_utf8_in_excel():
    assert csv_bytes(pd.DataFrame({"城市": ["上海"]})).startswith(b"\xef\xbb\xbf")


def test_csv_keeps_columns_of_the_same_name_apart():
    frame = pd.DataFrame([["=a", "b"]], columns=["x", "x"])
    assert csv_bytes(frame).decode("utf-8-sig") == "x,x\r\n'=a,b\r\n"


def test_an_xlsx_cell_is_typed_text_not_a_formula():
    frame = pd.DataFrame({"id": ["=1+1", "00123"], "amount": [2.5, None], "day": [date(2026, 1, 2), None], "member": [True, False]})
    sheet = CalamineWorkbook.from_filelike(BytesIO(xlsx_bytes(frame))).get_sheet_by_index(0)
    assert sheet.to_python() == [
        ["id", "amount", "day", "member"],
        ["=1+1", 2.5, date(2026, 1, 2), True],
        ["00123", "", "", False],
    ]


def test_an_infinite_number_is_written_as_text_since_a_sheet_cannot_hold_it():
    sheet = CalamineWorkbook.from_filelike(BytesIO(xlsx_bytes(pd.DataFrame({"x": [float("inf")]})))).get_sheet_by_index(0)
    assert sheet.to_python() == [["x"], ["inf"]]
