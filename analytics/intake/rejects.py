"""The rows of an import that could not be read, kept so that they can be mended."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from analytics.intake.planned import Plan

Write = Callable[[Sequence[object]], object]
MASK = "•••"  # stands for a value that is not kept
_LONGEST = 2_000


@contextmanager
def rejects(path: Path) -> Iterator[Write]:
    """Opens the CSV of rejected rows: file, line, reason, then the fields as they stood. Yields what writes a row; without rows no file is left."""
    written = False
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["file", "line", "reason", "fields"])

        def write(cells: Sequence[object]) -> None:
            nonlocal written
            written = True
            writer.writerow([safe(cell) for cell in cells])

        yield write
    if not written:
        path.unlink()


def safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def structural(connection: duckdb.DuckDBPyConnection, plan: Plan, write: Write) -> int:
    """Write the lines that are no rows: too few or too many fields, an open quote, bytes of another encoding.

    Needs    the file's last scan to be a whole one
    Returns  how many there are
    """
    private, name = any(column.personal for column in plan.columns), Path(plan.raw.path).name
    lines = _structural(connection, plan)
    for line, reason, text in lines:
        write([name, line, reason, "" if private else text.strip()[:_LONGEST]])
    return len(lines)


def _structural(connection: duckdb.DuckDBPyConnection, plan: Plan) -> list[tuple[int, str, str]]:
    rejects, unread = plan.raw.rejects, plan.raw.unread
    named = [f"select line, error_type, csv_line from {rejects} where scan_id = (select max(scan_id) from {rejects})"] if rejects else []
    named += [f"select line::bigint as line, error_type, csv_line from {unread}"] if unread else []
    if not named:
        return []
    sql = f"select line, min(error_type), min(csv_line) from ({' union all '.join(named)}) group by line order by line"
    return [(int(line), str(kind).lower(), str(text)) for line, kind, text in connection.execute(sql).fetchall()]
