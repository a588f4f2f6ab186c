"""The rows of an import that could not be read, kept so that they can be mended."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from analytics.access import MASK as MASK
from analytics.intake.planned import Plan
from analytics.intake.report import short_name

Write = Callable[[Sequence[object]], object]
_LONGEST = 2_000  # characters of a line
_FETCHED = 5_000


@contextmanager
def rejects(path: Path) -> Iterator[Write]:
    """Opens the CSV of rejected rows: file, line, reason, then the fields as they stood. Yields what writes a row.

    Without rows no file is left.
    """
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
    private, name, count = any(column.personal for column in plan.columns), short_name(plan.raw.path), 0
    cursor = connection.execute(_lines(plan))
    while rows := cursor.fetchmany(_FETCHED):
        for line, reason, text in rows:
            write([name, line, reason, "" if private else text])
        count += len(rows)
    return count


def _lines(plan: Plan) -> str:
    rejects, unread = plan.raw.rejects, plan.raw.unread
    named = ["select null::bigint as line, '' as error_type, '' as csv_line where false"]
    named += [f"select line, error_type, csv_line from {rejects} where scan_id = (select max(scan_id) from {rejects})"] if rejects else []
    named += [f"select line::bigint as line, error_type, csv_line from {unread}"] if unread else []
    first = f"select line, lower(min(error_type)) as reason, left(trim(min(csv_line)), {_LONGEST}) as text"
    return f"{first} from ({' union all '.join(named)}) group by line order by line"
