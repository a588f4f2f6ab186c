"""What the importer tells: how it read a file, how it maps it, what it asks, and where every row went.

All of it travels as JSON between the limited subprocess and whoever started it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_HOLDERS = (".zip", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def short_name(path: str) -> str:
    """A file's name without its folder; of a member of an archive and of a sheet, also what it lies in: `book.xlsx/2024`."""
    file = Path(path)
    return f"{file.parent.name}/{file.name}" if file.parent.suffix.lower() in _HOLDERS else file.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the user decided about one file; None or empty means "detect it".

    table       canonical table the file is (`--as`)
    mapping     source column -> "table.column", or "" to leave it out (`--map`)
    encoding    utf-8, gb18030, utf-16, latin-1 ...
    delimiter   one character, or "whitespace"
    decimal     "." or ","
    date_order  "dmy" | "mdy" | "ymd"
    sheet       name of the sheet of a workbook
    currency    ISO code of the file's money
    rates       currency -> how much reporting currency one unit buys
    holdout     word of the hold-out column -> whether it means withheld
    total       "order" when the amount is the order's, repeated on each of its lines; "line" when it is the line's own
    """

    table: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    date_order: str | None = None
    sheet: str | None = None
    currency: str | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    holdout: Mapping[str, bool] = field(default_factory=dict)
    total: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(raw: Mapping[str, Any]) -> Answers:
        return Answers(**raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPlan:
    """How one source column is used.

    target      "table.column", or None when it is left out
    confidence  0-1; why: source | alias | fuzzy | values | user | remembered | personal | unused
    personal    kind of personal data (name, email, phone, address, id_number), or None
    pseudonym   the column is the joining key: its values are replaced by pseudonyms
    samples     a few values as read (blank when personal)
    """

    source: str
    target: str | None
    confidence: float
    why: str
    personal: str | None = None
    pseudonym: bool = False
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An ambiguity that changes totals. Nothing is loaded until it is answered.

    key      date_order | decimal | table | currency | rates | sheet | holdout | total ...: strings under `questions.<key>`
    flag     the CLI flag that answers it
    options  the possible answers, as the flag takes them
    facts    fill the wording (column, example ...)
    """

    key: str
    flag: str
    options: tuple[str, ...]
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlan:
    """How one file (or one member of a zip, one sheet of a workbook) will be read and mapped.

    workbook  path of the workbook, when several of its sheets are read; `sheets` are those it can be narrowed to
    """

    path: str
    table: str | None
    source: str
    encoding: str | None
    delimiter: str | None
    decimal: str | None
    date_order: str | None
    sheet: str | None
    sheets: tuple[str, ...]
    workbook: str | None
    header: tuple[str, ...]
    preview: tuple[tuple[str, ...], ...]
    columns: tuple[ColumnPlan, ...]
    rules: tuple[str, ...]
    questions: tuple[Question, ...]
    notes: tuple[tuple[str, Mapping[str, object]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """Where every row of one file went: rows_read = rows_loaded + sum(rows_excluded) + rows_rejected."""

    path: str
    table: str | None
    source: str
    encoding: str | None
    delimiter: str | None
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    rows_excluded: Mapping[str, int]
    mapping: Mapping[str, str]
    personal: Mapping[str, str]
    questions: tuple[Question, ...] = ()
    notes: tuple[tuple[str, Mapping[str, object]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The answer of an import. `tables` describes the workspace after it; `unchanged`: every file was here already."""

    workspace: str
    version: int
    files: tuple[FileReport, ...]
    tables: Mapping[str, Mapping[str, Any]]
    unchanged: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def file_plan(raw: Mapping[str, Any]) -> FilePlan:
    """A FilePlan read back from JSON."""
    return FilePlan(
        **{
            **raw,
            "columns": tuple(ColumnPlan(**{**column, "samples": tuple(column["samples"])}) for column in raw["columns"]),
            "questions": tuple(Question(**{**question, "options": tuple(question["options"])}) for question in raw["questions"]),
            **{name: tuple(raw[name]) for name in ("sheets", "header", "rules")},
            "preview": tuple(tuple(row) for row in raw["preview"]),
            "notes": tuple((key, facts) for key, facts in raw["notes"]),
        }
    )


def import_report(raw: Mapping[str, Any]) -> ImportReport:
    """An ImportReport read back from JSON."""
    files = tuple(
        FileReport(
            **{
                **file,
                "questions": tuple(Question(**{**question, "options": tuple(question["options"])}) for question in file["questions"]),
                "notes": tuple((key, facts) for key, facts in file["notes"]),
            }
        )
        for file in raw["files"]
    )
    return ImportReport(**{**raw, "files": files})
