"""Tables to download. A cell from an uploaded file must never run as a formula in the reader's spreadsheet."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from math import isfinite
from numbers import Real

import pandas as pd
import xlsxwriter

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_XLSX_ROWS = 1_048_576


def safe(text: str) -> str:
    """Text as a CSV cell may hold it: an apostrophe before what a spreadsheet would run."""
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The frame as CSV that spreadsheets open correctly: UTF-8 with BOM, header and texts made safe, numbers untouched."""
    shown = frame.rename(columns=_safe_name)
    for position, dtype in enumerate(shown.dtypes):
        if not pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_datetime64_any_dtype(dtype):
            shown.isetitem(position, [_safe_cell(value) for value in shown.iloc[:, position]])
    return shown.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def xlsx_bytes(frame: pd.DataFrame, *, sheet: str = "data") -> bytes:
    """The frame as a workbook of typed cells: texts are strings, never formulas or links.

    Raises  ValueError when the frame has more rows than a sheet holds
    """
    if len(frame) >= _XLSX_ROWS:
        raise ValueError(f"{len(frame)} rows do not fit a sheet of {_XLSX_ROWS}")
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet[:31])
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        page.freeze_panes(1, 0)
        for column, name in enumerate(frame.columns):
            page.write_string(0, column, str(name), bold)
        for row, column, value in _cells(frame):
            _write(page, row, column, value, day)
        page.autofit()
    return file.getvalue()


def _safe_name(name: Hashable) -> str:
    return safe(str(name))


def _safe_cell(value: object) -> object:
    return safe(value) if isinstance(value, str) else value


def _cells(frame: pd.DataFrame) -> Iterator[tuple[int, int, object]]:
    for row, values in enumerate(frame.itertuples(index=False, name=None), start=1):
        for column, value in enumerate(values):
            if not pd.isna(value):
                yield row, column, value


def _write(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: object, day: xlsxwriter.format.Format) -> None:
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, Real | Decimal) and isfinite(value):
        page.write_number(row, column, float(value))
    elif isinstance(value, datetime | date):
        page.write_datetime(row, column, value.replace(tzinfo=None) if isinstance(value, datetime) else value, day)
    else:
        page.write_string(row, column, str(value))
