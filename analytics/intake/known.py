"""What the workspace holds already: rows that come again are left out, orders that come again take the place of what was said of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from analytics import duck, store
from analytics.contract import BY_NAME, Kind, Table
from analytics.intake.parts import BATCH, MANY_FILES, SMALL, stored
from analytics.intake.planned import Plan
from analytics.store import Draft


def fresh(connection: duckdb.DuckDBPyConnection, draft: Draft, table: Table, parts: Sequence[Path], folder: Path) -> tuple[list[Path], int]:
    """The rows of `parts` that the workspace does not hold yet. Equal rows within one file are all kept:
    the n-th copy of a row is new only when the workspace holds fewer than n copies of it.

    Returns  files with the new rows, and how many rows were known
    """
    files = store.parquet_files(draft.workspace, draft.version, table.name)
    if not parts or not files:
        return list(parts), 0
    new = duck.rows(table, [str(path) for path in parts])
    held = f"select * from ({duck.rows(table, files)}) {_same_days(connection, table, new)}"
    one, two = _marks(table)
    connection.execute(
        f"create or replace temp table again as select {one} as one, {two} as two, count(*) as copies from ({held}) "
        f"where ({one}, {two}) in (select ({one}, {two}) from ({new})) group by all"
    )
    if not _value(connection, "select count(*) from again"):
        return list(parts), 0
    names = ", ".join(duck.quoted(column.name) for column in table.stored)
    numbered = f"select *, {one} as one, {two} as two, row_number() over (partition by one, two) as copy from ({new})"
    kept = f"select {names} from ({numbered}) left join again using (one, two) where copy > coalesce(copies, 0)"
    rows = _value(connection, f"select count(*) from ({new})")
    written = stored(folder, connection.sql(kept).to_arrow_reader(BATCH))
    return written, rows - _value(connection, f"select count(*) from ({duck.rows(table, [str(path) for path in written])})")


def make_room(connection: duckdb.DuckDBPyConnection, draft: Draft, plan: Plan, folder: Path) -> int:
    """Take out what an earlier export said of the orders or deals in this file. Returns the rows taken out."""
    if not any(file["source"] == plan.source for file in draft.version.files):
        return 0
    told = f"select distinct transaction_id as number from {plan.typed} where transaction_id is not null"
    connection.execute(f"create or replace temp table numbers as {told}")
    removed = 0
    for name, number in (("transactions", "transaction_id"), ("opportunities", "opportunity_id")):
        for file in store.parquet_files(draft.workspace, draft.version, name):
            removed += _without(connection, draft, BY_NAME[name], file, f"{number} in (select number from numbers)", folder)
    return removed


def compact(connection: duckdb.DuckDBPyConnection, draft: Draft, folder: Path) -> None:
    """Put one file in place of the small ones of a table that has many. Earlier versions keep theirs."""
    for name in draft.version.tables:
        files = store.parquet_files(draft.workspace, draft.version, name)
        if len(files) > MANY_FILES:
            small = [file for file in files if pq.read_metadata(file).num_rows < SMALL]
            rows = connection.sql(duck.rows(BY_NAME[name], small)).to_arrow_reader(BATCH)
            draft.swap(name, small, stored(folder, rows), touched=())


def _without(connection: duckdb.DuckDBPyConnection, draft: Draft, table: Table, file: str, named: str, folder: Path) -> int:
    """Put the other rows of a file in its place, if it holds rows that are named."""
    rows = f"({duck.rows(table, [file])})"
    removed = _value(connection, f"select count(*) from {rows} where {named}")
    if removed:
        gone = stored(folder, connection.sql(f"select distinct customer_id from {rows} where {named}").to_arrow_reader(BATCH))
        rest = stored(folder, connection.sql(f"select * from {rows} where ({named}) is not true").to_arrow_reader(BATCH))
        draft.swap(table.name, [file], rest, touched=gone)
    return removed


def _marks(table: Table) -> tuple[str, str]:
    """Two hashes of a whole row: 128 bits tell rows apart."""
    names = [duck.quoted(column.name) for column in table.stored]
    return f"hash({', '.join(names)})", f"hash({', '.join(reversed(names))}, 1)"


def _same_days(connection: duckdb.DuckDBPyConnection, table: Table, new: str) -> str:
    """A condition that lets a reader pass over what lies outside the time of the new rows."""
    moment = next((c.name for c in table.stored if c.name in table.key and c.kind in (Kind.TIME, Kind.DATE)), None)
    if moment is None:
        return ""
    low, high = connection.execute(f"select min({moment})::varchar, max({moment})::varchar from ({new})").fetchall()[0]
    return f"where {moment} between {duck.text(low)}::timestamp and {duck.text(high)}::timestamp"


def _value(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    rows = connection.execute(sql).fetchall()
    return int(rows[0][0]) if rows and rows[0][0] is not None else 0
