"""Planned files into a draft: rows streamed to the store, each counted where it went, none lost."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from analytics import duck, store
from analytics.contract import BY_NAME, CUSTOMERS, SQL_TYPES
from analytics.intake.look import look
from analytics.intake.planned import Plan
from analytics.intake.report import FileReport
from analytics.intake.sources.base import Load
from analytics.intake.views import resolve
from analytics.store import Draft

Write = Callable[[Sequence[object]], object]
Tick = Callable[[str, str, int], None]  # step, file, rows so far
MASK = "•••"  # stands for a value that is not kept
_BATCH = 100_000
_LATER = 1 << 40  # a customer file outranks what sales say about a customer; a later file an earlier one


@dataclass(slots=True)
class Tally:
    """Rows of one file by fate; of those loaded, cells that were cleaned, and rows by the bits of `_emptied`."""

    excluded: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    loaded: int = 0
    replaced: int = 0
    cleaned: int = 0
    emptied: Counter[int] = field(default_factory=Counter)

    @property
    def read(self) -> int:
        return self.loaded + self.rejected + sum(self.excluded.values())


def load(connection: duckdb.DuckDBPyConnection, draft: Draft, plans: Sequence[Plan], tick: Tick) -> list[FileReport]:
    """Write every plan's rows into the draft.

    Returns  where every row of every file went; the rejects are in the draft's CSV
    """
    companions = {plan.source: plan.typed for plan in plans}
    _stage_customers(connection)
    reports = []
    with _rejects(draft.rejects_path()) as write:
        for order, plan in enumerate(plans, start=1):
            base = dict(draft.version.tables)
            tally = _load_file(connection, draft, plan, {**companions, "self": plan.typed}, base, order, tick)
            structural = _structural(connection, plan)
            tally.rejected += len(structural)
            _write_rejects(connection, write, plan, structural, tally)
            reports.append(_report(plan, tally))
    if not any(report.rows_rejected for report in reports):
        draft.rejects_path().unlink()
    _merge_customers(connection, draft)
    return reports


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes: the same file is recognised whatever its name."""
    return look(path).sha256


def _load_file(
    connection: duckdb.DuckDBPyConnection,
    draft: Draft,
    plan: Plan,
    companions: Mapping[str, str],
    base: Mapping[str, int],
    order: int,
    tick: Tick,
) -> Tally:
    replaced = _make_room(connection, draft, plan) if plan.replaces else 0
    events = [load for load in plan.loads if load.table != CUSTOMERS.name]
    people = [load for load in plan.loads if load.table == CUSTOMERS.name]
    tally = Tally()
    counted = False
    for one in events:
        if one.table in base:
            known = _drop_known(connection, draft, plan, one, companions)
            draft.append(one.table, _plain_stream(connection, f"select * from {known}", plan, tick))
            tally.excluded["already_loaded"] += _value(connection, f"select skipped from {known}_skipped")
        elif not counted and not one.join and len(events) == 1:
            draft.append(one.table, _counting_stream(connection, plan, one, companions, tally, tick))
            counted = True
        else:
            draft.append(one.table, _plain_stream(connection, _rows(plan, one, companions), plan, tick))
    again = tally.excluded["already_loaded"]
    if not counted:
        _count(connection, plan, tally)
    if len(events) == 1:
        tally.loaded -= again  # one row of the file is one row of the table
    elif again:
        del tally.excluded["already_loaded"]
    for one in people:
        _stage(connection, plan, one, companions, order)
    if plan.table is CUSTOMERS and people and not people[0].join:
        people_in_file = f"select count(distinct customer_id) from {plan.checked} where _rule is null and _reason is null"
        repeated = tally.loaded - _value(connection, people_in_file)
        tally.excluded["repeated_customer"] += repeated
        tally.loaded -= repeated
    tally.excluded = +tally.excluded
    tally.replaced = replaced
    return tally


def _make_room(connection: duckdb.DuckDBPyConnection, draft: Draft, plan: Plan) -> int:
    """Take out what an earlier export said of the orders or deals in this file. Returns the rows taken out."""
    if not any(file["source"] == plan.source for file in draft.version.files):
        return 0
    removed = 0
    for table, number in (("transactions", "transaction_id"), ("opportunities", "opportunity_id")):
        if table not in draft.version.tables:
            continue
        held = _held(draft, table)
        named = f"{number} in (select transaction_id from {plan.typed} where transaction_id is not null)"
        if known := _value(connection, f"select count(*) from {held} where {named}"):
            draft.replace(table, connection.sql(f"select * from {held} where ({named}) is not true").to_arrow_reader(_BATCH))
            removed += known
    return removed


# --- streams


def _columns(one: Load, companions: Mapping[str, str]) -> str:
    """Every stored column of the table, cast to its type; null where the file has none."""
    table = BY_NAME[one.table]
    return ", ".join(
        f"cast({resolve(one.columns.get(column.name, 'null'), companions)} as {SQL_TYPES[column.kind]}) as {duck.quoted(column.name)}"
        for column in table.stored
    )


def _rows(plan: Plan, one: Load, companions: Mapping[str, str]) -> str:
    return (
        f"select {_columns(one, companions)} from {plan.checked} t {resolve(one.join, companions)} "
        f"where t._rule is null and t._reason is null and ({resolve(one.where, companions)})"
    )


def _plain_stream(connection: duckdb.DuckDBPyConnection, sql: str, plan: Plan, tick: Tick) -> pa.RecordBatchReader:
    reader = connection.sql(sql).to_arrow_reader(_BATCH)

    def batches() -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in reader:
            done += batch.num_rows
            tick("load", plan.raw.path, done)
            yield batch

    return pa.RecordBatchReader.from_batches(reader.schema, batches())


def _counting_stream(
    connection: duckdb.DuckDBPyConnection, plan: Plan, one: Load, companions: Mapping[str, str], tally: Tally, tick: Tick
) -> pa.RecordBatchReader:
    """All rows in one pass: the loaded ones go on, the others are counted under their rule."""
    sql = f"select {_columns(one, companions)}, _cleaned, _emptied, _rule, _reason is not null as _rejected from {plan.checked} t"
    reader = connection.sql(sql).to_arrow_reader(_BATCH)
    schema = pa.schema(list(reader.schema)[:-4])

    def batches() -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in reader:
            done += batch.num_rows
            tick("load", plan.raw.path, done)
            rule, rejected = batch.column(batch.num_columns - 2), batch.column(batch.num_columns - 1)
            for item in pc.value_counts(rule.drop_null()).to_pylist():
                tally.excluded[item["values"]] += item["counts"]
            tally.rejected += pc.sum(rejected).as_py() or 0
            kept = batch.filter(pc.and_(pc.is_null(rule), pc.invert(rejected)))
            tally.loaded += kept.num_rows
            tally.cleaned += pc.sum(kept.column("_cleaned")).as_py() or 0
            for item in pc.value_counts(kept.column("_emptied")).to_pylist():
                tally.emptied[item["values"]] += item["counts"]
            yield kept.select(schema.names)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _count(connection: duckdb.DuckDBPyConnection, plan: Plan, tally: Tally) -> None:
    sql = f"select _rule, _reason is not null, _emptied, sum(_cleaned), count(*) from {plan.checked} group by all"
    for rule, rejected, emptied, cleaned, rows in connection.execute(sql).fetchall():
        if rule:
            tally.excluded[rule] += rows
        elif rejected:
            tally.rejected += rows
        else:
            tally.loaded += rows
            tally.cleaned += int(cleaned)
            tally.emptied[emptied] += rows


def _drop_known(connection: duckdb.DuckDBPyConnection, draft: Draft, plan: Plan, one: Load, companions: Mapping[str, str]) -> str:
    """Rows of a file that the workspace does not hold yet. Equal lines within one file are all kept.

    The n-th copy of a row is new only when the workspace holds fewer than n copies of it.
    """
    table = BY_NAME[one.table]
    name = f"fresh_{plan.number}_{plan.loads.index(one)}"
    columns = [duck.quoted(column.name) for column in table.stored]
    same = " and ".join(f"n.{column} is not distinct from h.{column}" for column in columns)
    connection.execute(f"create temp table {name}_all as {_rows(plan, one, companions)}")
    connection.execute(
        f"create temp table {name} as select {', '.join('n.' + column for column in columns)} from "
        f"(select *, row_number() over (partition by {', '.join(columns)}) as _copy from {name}_all) n "
        f"left join (select {', '.join(columns)}, count(*) as _held from {_held(draft, one.table)} group by all) h on {same} "
        f"where n._copy > coalesce(h._held, 0)"
    )
    connection.execute(
        f"create temp table {name}_skipped as select (select count(*) from {name}_all) - (select count(*) from {name}) as skipped"
    )
    return name


def _held(draft: Draft, table: str) -> str:
    """What the draft holds of a table, as SQL to select from; a table may be there without a row."""
    return f"({duck.rows(BY_NAME[table], store.parquet_files(draft.workspace, draft.version, table))})"


# --- customers: one row each, whatever number of files speaks of them


def _stage_customers(connection: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f"{duck.quoted(column.name)} {SQL_TYPES[column.kind]}" for column in CUSTOMERS.stored)
    connection.execute(f"create temp table staged_customers (_seq bigint, {columns})")


def _stage(connection: duckdb.DuckDBPyConnection, plan: Plan, one: Load, companions: Mapping[str, str], order: int) -> None:
    seq = f"{order * _LATER} + t._row" if plan.table is CUSTOMERS else "t._row"
    inner = (
        f"select {seq} as _seq, {_columns(one, companions)} from {plan.checked} t {resolve(one.join, companions)} "
        f"where t._rule is null and t._reason is null and ({resolve(one.where, companions)})"
    )
    connection.execute(f"insert into staged_customers {_latest(inner)}")


def _latest(rows: str) -> str:
    """One row per customer: of every column the last value that is not empty."""
    columns = [duck.quoted(column.name) for column in CUSTOMERS.stored if column.name != "customer_id"]
    picked = ", ".join(f"arg_max({column}, _seq) as {column}" for column in columns)
    return f"select max(_seq) as _seq, customer_id, {picked} from ({rows}) where customer_id is not null group by customer_id"


def _merge_customers(connection: duckdb.DuckDBPyConnection, draft: Draft) -> None:
    if not _value(connection, "select count(*) from staged_customers"):
        return
    names = ", ".join(duck.quoted(column.name) for column in CUSTOMERS.stored)
    rows = f"select _seq, {names} from staged_customers"
    if CUSTOMERS.name in draft.version.tables:
        rows += f" union all select -1 as _seq, {names} from {_held(draft, CUSTOMERS.name)}"
    connection.execute(f"create temp table merged_customers as {_latest(rows)}")
    draft.replace(CUSTOMERS.name, connection.sql(f"select {names} from merged_customers").to_arrow_reader(_BATCH))


# --- rejects


@contextmanager
def _rejects(path: Path) -> Iterator[Write]:
    """Opens the CSV of rejected rows: file, line, reason, then the fields as they stood. Yields what writes a row."""
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["file", "line", "reason", "fields"])
        yield lambda cells: writer.writerow([safe(cell) for cell in cells])


def safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _structural(connection: duckdb.DuckDBPyConnection, plan: Plan) -> list[tuple[int, str, str]]:
    """Lines that are no rows: too few or too many fields, an open quote, bytes of another encoding."""
    rejects, unread = plan.raw.rejects, plan.raw.unread
    named = [f"select line, error_type, csv_line from {rejects} where scan_id = (select max(scan_id) from {rejects})"] if rejects else []
    named += [f"select line::bigint as line, error_type, csv_line from {unread}"] if unread else []
    if not named:
        return []
    sql = f"select line, min(error_type), min(csv_line) from ({' union all '.join(named)}) group by line order by line"
    return [(int(line), str(kind).lower(), str(text)) for line, kind, text in connection.execute(sql).fetchall()]


def _write_rejects(
    connection: duckdb.DuckDBPyConnection, write: Write, plan: Plan, structural: Sequence[tuple[int, str, str]], tally: Tally
) -> None:
    # what is not loaded is not kept here either: free text may name people
    hidden, name = {column.source for column in plan.columns if column.personal or not column.target}, Path(plan.raw.path).name
    for line, reason, text in structural:
        write([name, line, reason, "" if any(column.personal for column in plan.columns) else text.strip()[:2000]])
    if tally.rejected == len(structural):
        return
    fields = ", ".join(duck.text(MASK) if name in hidden else "r." + duck.quoted(name) for name in plan.raw.header)
    cursor = connection.execute(
        f"select c._row, c._reason, {fields} from {plan.checked} c join {plan.raw.name} r on r._row = c._row "
        f"where c._reason is not null order by c._row"
    )
    while rows := cursor.fetchmany(5_000):
        for row, reason, *cells in rows:
            write([name, row + plan.raw.above, reason, *cells])


def _report(plan: Plan, tally: Tally) -> FileReport:
    return FileReport(
        path=plan.raw.path,
        table=plan.table.name if plan.table else None,
        source=plan.source,
        encoding=plan.raw.encoding,
        delimiter=plan.raw.delimiter,
        rows_read=tally.read,
        rows_loaded=tally.loaded,
        rows_rejected=tally.rejected,
        rows_excluded=dict(tally.excluded),
        mapping={column.source: column.target for column in plan.columns if column.target},
        personal={column.source: column.personal for column in plan.columns if column.personal},
        questions=plan.questions,
        notes=(*plan.notes, *_notes(plan, tally)),
    )


def _notes(plan: Plan, tally: Tally) -> list[tuple[str, Mapping[str, object]]]:
    """What happened to single cells and to rows held before."""
    notes: list[tuple[str, Mapping[str, object]]] = [("replaced_rows", {"n": tally.replaced})] if tally.replaced else []
    if tally.cleaned:
        notes.append(("cleaned_cells", {"n": tally.cleaned}))
    for bit, item in enumerate(plan.typed_inputs):
        if emptied := sum(rows for bits, rows in tally.emptied.items() if bits >> bit & 1):
            notes.append(("emptied_cells", {"column": item.source, "n": emptied}))
    return notes


def _value(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    rows = connection.execute(sql).fetchall()
    return int(rows[0][0]) if rows and rows[0][0] is not None else 0
