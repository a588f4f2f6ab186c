"""Workbooks: XLSX, XLSM, XLSB, XLS and ODS through calamine. Each sheet comes as rows of cells.

Calamine gives the values a formula had when the file was saved, never runs one, and an error cell as an empty one.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from analytics.errors import UserError

_CHUNK = 1 << 20
# how a cell in error is marked in XLSX and in ODS
_ERRORS = {"xl/worksheets/": b't="e"', "content.xml": b'calcext:value-type="error"'}


@dataclass(frozen=True, slots=True)
class Workbook:
    """Names of the sheets that hold cells, those the author sees and those hidden; errors: cells in error, where the format tells."""

    book: Any
    visible: tuple[str, ...]
    hidden: tuple[str, ...]
    errors: int

    def rows(self, sheet: str) -> Iterator[list[object]]:
        """A sheet's rows of cells. The sheet is parsed when the first row is taken and let go after the last."""
        yield from self.book.get_sheet_by_name(sheet).iter_rows()


@contextmanager
def opened(path: Path, shown: str) -> Iterator[Workbook]:
    """A workbook; what is wrong with it while it is read is said in words.

    Raises  UserError locked_file | unreadable_file
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_path(path)
        sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        visible = tuple(sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible)
        hidden = tuple(sheet.name for sheet in sheets if sheet.name not in visible)
        yield Workbook(book, visible, hidden, _errors(path))
    except PasswordError as error:
        raise UserError("locked_file", file=shown) from error
    except CalamineError as error:
        raise UserError("unreadable_file", file=shown) from error


def _errors(path: Path) -> int:
    """Cells in error such as #N/A, counted by their mark."""
    if not zipfile.is_zipfile(path):
        return 0
    with zipfile.ZipFile(path) as archive:
        return sum(_count(archive, name, mark) for name in archive.namelist() for start, mark in _ERRORS.items() if name.startswith(start))


def _count(archive: zipfile.ZipFile, name: str, mark: bytes) -> int:
    found, end = 0, b""
    with archive.open(name) as member:
        while chunk := member.read(_CHUNK):
            found += (end + chunk).count(mark)
            end = (end + chunk)[1 - len(mark) :]  # a mark may lie across two chunks
    return found


def as_text(value: object) -> str | None:
    """A cell as text: whole numbers without .0, dates as ISO, an error or an empty cell as nothing."""
    match value:
        case str():
            return value or None
        case bool():
            return str(value).lower()
        case float() if value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        case datetime() if value.time() == time(0):
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta() | float() | int():
            return str(value)
        case _:
            return None
