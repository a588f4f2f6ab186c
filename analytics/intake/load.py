"""Planned files into a draft: rows streamed to the store, each counted where it went, none lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from analytics.contract import BY_NAME, CUSTOMERS
from analytics.errors import UserError
from analytics.intake import known, people, stream
from analytics.intake.look import look
from analytics.intake.parts import BATCH, stored
from analytics.intake.people import People
from analytics.intake.planned import Plan
from analytics.intake.rejects import Write, rejects, structural
from analytics.intake.report import FileReport, short_name
from analytics.intake.sources.base import Load
from analytics.intake.stream import SEQ, Tally, Tick
from analytics.intake.views import resolve
from analytics.store import Draft


def load(connection: duckdb.DuckDBPyConnection, draft: Draft, plans: Sequence[Plan], folder: Path, tick: Tick) -> list[FileReport]:
    """Write every plan's rows into the draft.

    folder   for files in the making, on the same disk as the store
    Returns  where every row of every file went; the rejects are in the draft's CSV
    """
    companions = {plan.source: plan.typed for plan in plans}
    said = People()
    with rejects(draft.rejects_path()) as write:
        reports = [
            _report(plan, _load_file(connection, draft, plan, {**companions, "self": plan.typed}, folder, write, tick, said, rank))
            for rank, plan in enumerate(plans, start=1)
        ]
    said.merge(connection, draft, folder)
    known.compact(connection, draft, folder)
    return reports


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes: the same file is recognised whatever its name."""
    return look(path).sha256


def _load_file(
    connection: duckdb.DuckDBPyConnection,
    draft: Draft,
    plan: Plan,
    companions: Mapping[str, str],
    folder: Path,
    write: Write,
    tick: Tick,
    said: People,
    rank: int,
) -> Tally:
    name = short_name(plan.raw.path)
    alone = [load for load in plan.loads if not load.join]
    tally, written = stream.run(
        connection,
        plan,
        alone,
        companions,
        folder,
        lambda row, reason, fields: write([name, row + plan.raw.above, reason, *fields]),
        tick,
    )
    tally.rejected += structural(connection, plan, write)
    _refuse_loss(plan, tally)
    tally.replaced = known.make_room(connection, draft, plan, folder) if plan.replaces else 0
    ways = [
        *zip(alone, written, strict=True),
        *((load, _joined(connection, plan, load, companions, folder)) for load in plan.loads if load.join),
    ]
    events = [(load, parts) for load, parts in ways if load.table != CUSTOMERS.name]
    again = _append(connection, draft, events, folder)
    if again and len(events) == 1:  # one row of the file is one row of the table
        tally.excluded["already_loaded"] += again
        tally.loaded -= again
    for load, parts in ways:
        if load.table == CUSTOMERS.name:
            said.add(parts, rank=rank if plan.table is CUSTOMERS else 0)
            if plan.table is CUSTOMERS and not load.join:
                repeated = tally.loaded - people.distinct(connection, parts)
                tally.excluded["repeated_customer"] += repeated
                tally.loaded -= repeated
    tally.excluded = +tally.excluded
    return tally


def _refuse_loss(plan: Plan, tally: Tally) -> None:
    """DuckDB passes over the rest of a part of a file in which thousands of lines on end are damaged: nothing goes missing unseen."""
    if plan.raw.lines is not None and tally.read < plan.raw.lines:
        raise UserError("lines_lost", file=Path(plan.raw.path).name, n=plan.raw.lines - tally.read)


def _append(connection: duckdb.DuckDBPyConnection, draft: Draft, events: Sequence[tuple[Load, list[Path]]], folder: Path) -> int:
    """Add the rows that are new to what the draft held before this file. Returns how many were known."""
    found = {load.table: BY_NAME[load.table] for load, _ in events}
    fresh = [(load.table, *known.fresh(connection, draft, found[load.table], parts, folder)) for load, parts in events]
    for table in found:
        draft.append(table, [path for owner, parts, _ in fresh if owner == table for path in parts])
    return sum(rows for _, _, rows in fresh)


def _joined(connection: duckdb.DuckDBPyConnection, plan: Plan, load: Load, companions: Mapping[str, str], folder: Path) -> list[Path]:
    """Rows of the file together with those of a companion."""
    values = [f"{sql} as {name}" for name, sql in stream.columns(load, companions)]
    sql = (
        f"select {', '.join([*values, f't._row as {SEQ}'] if load.table == CUSTOMERS.name else values)} "
        f"from {plan.checked} t {resolve(load.join, companions)} "
        f"where t._rule is null and t._reason is null and ({resolve(load.where, companions)})"
    )
    return stored(folder, connection.sql(sql).to_arrow_reader(BATCH))


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
