"""One pass over a planned file: every row goes to its tables, to its rule's count or to the rejects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics import duck
from analytics.contract import BY_NAME, SQL_TYPES
from analytics.intake.parts import BATCH, Parts
from analytics.intake.planned import Plan
from analytics.intake.rejects import MASK
from analytics.intake.sources.base import Load
from analytics.intake.views import RAW, resolve

Tick = Callable[[str, str, int], None]  # step, file, rows so far
Reject = Callable[[int, str, Sequence[object]], object]  # row, reason, the row's fields as they stood
SEQ = "_seq"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The way of a file's rows into one table.

    names  columns of the stream -> columns of the table; where: the stream's column that says which rows go this way
    """

    load: Load
    names: Mapping[str, str]
    where: str | None
    parts: Parts


def run(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    loads: Sequence[Load],
    companions: Mapping[str, str],
    folder: Path,
    reject: Reject,
    tick: Tick,
) -> tuple[Tally, list[list[Path]]]:
    """Read a file once.

    loads   those of the plan that need no other file
    folder  where the rows are written
    Returns the rows' fates, and for each load the files with its rows: the table's columns, of customers also the row's number as _seq
    """
    lines = _columns_of_all(loads, companions)
    fields = ", ".join(_field(plan, number) for number in range(len(plan.raw.header)))
    lines += ["_cleaned", "_emptied", "_rule", "_reason", f"case when _reason is not null then [{fields}] end as _fields"]
    sql = f"select {', '.join(lines)} from {plan.checked} t"
    reader = connection.sql(sql).to_arrow_reader(BATCH)
    tally, done = Tally(), 0
    with ExitStack() as stack:
        lanes = [_lane(number, load, reader.schema, folder, stack) for number, load in enumerate(loads)]
        for batch in reader:
            kept = _count(batch, tally, done, reject)
            for lane in lanes:
                _send(lane, batch, kept, done)
            done += batch.num_rows
            tick("load", plan.raw.path, done)
    return tally, [lane.parts.paths for lane in lanes]


def columns(load: Load, companions: Mapping[str, str]) -> list[tuple[str, str]]:
    """Every stored column of the load's table and its SQL, cast to its type; null where the file has none.

    Of customers only what the file says: it is merged with what others say.
    """
    return [
        (column.name, f"cast({resolve(load.columns.get(column.name, 'null'), companions)} as {SQL_TYPES[column.kind]})")
        for column in BY_NAME[load.table].stored
        if load.table != "customers" or column.name in load.columns
    ]


def _columns_of_all(loads: Sequence[Load], companions: Mapping[str, str]) -> list[str]:
    lines = []
    for number, load in enumerate(loads):
        lines += [f"{sql} as {duck.quoted(f'{number}.{name}')}" for name, sql in columns(load, companions)]
        if load.where != "true":
            lines.append(f"coalesce(({resolve(load.where, companions)}), false) as {duck.quoted(f'{number}.')}")
    return lines


def _field(plan: Plan, number: int) -> str:
    """A field as it stood. What is not loaded is not kept either: free text may name people."""
    column = plan.columns[number]
    return f"'{MASK}'" if column.personal or not column.target else f"{RAW}{number}"


def _lane(number: int, load: Load, schema: pa.Schema, folder: Path, stack: ExitStack) -> Lane:
    names = {name: name.split(".", 1)[1] for name in schema.names if name.startswith(f"{number}.") and name != f"{number}."}
    fields = [schema.field(name).with_name(column) for name, column in names.items()]
    fields += [pa.field(SEQ, pa.int64())] if load.table == "customers" else []
    parts = stack.enter_context(Parts(folder, pa.schema(fields)))
    return Lane(load=load, names=names, where=f"{number}." if f"{number}." in schema.names else None, parts=parts)


def _count(batch: pa.RecordBatch, tally: Tally, done: int, reject: Reject) -> pa.Array | None:
    """Count the batch's rows and hand on the rejected ones. Returns which are kept, None for all."""
    rule, reason = batch.column("_rule"), batch.column("_reason")
    left_out, rejected = len(rule) - rule.null_count, len(reason) - reason.null_count
    tally.rejected += rejected
    tally.loaded += batch.num_rows - left_out - rejected
    if not left_out and not rejected:
        _note_cells(batch, tally)
        return None
    for item in pc.value_counts(rule.drop_null()).to_pylist():
        tally.excluded[item["values"]] += item["counts"]
    if rejected:
        rows = batch.select(["_reason", "_fields"]).filter(reason.is_valid())
        numbers = np.flatnonzero(reason.is_valid().to_numpy(zero_copy_only=False)) + done + 1
        for number, row in zip(numbers.tolist(), rows.to_pylist(), strict=True):
            reject(number, row["_reason"], row["_fields"])
    kept = pc.and_(rule.is_null(), reason.is_null())
    _note_cells(batch.filter(kept), tally)
    return kept


def _note_cells(kept: pa.RecordBatch, tally: Tally) -> None:
    tally.cleaned += pc.sum(kept.column("_cleaned")).as_py() or 0
    if pc.max(kept.column("_emptied")).as_py():
        tally.emptied.update({item["values"]: item["counts"] for item in pc.value_counts(kept.column("_emptied")).to_pylist()})


def _send(lane: Lane, batch: pa.RecordBatch, kept: pa.Array | None, done: int) -> None:
    arrays = [batch.column(name) for name in lane.names]
    names = list(lane.names.values())
    if lane.load.table == "customers":
        arrays.append(pa.array(np.arange(done + 1, done + 1 + batch.num_rows)))
        names.append(SEQ)
    rows = pa.RecordBatch.from_arrays(arrays, names=names)
    masks = [mask for mask in (kept, batch.column(lane.where) if lane.where else None) if mask is not None]
    for mask in _both(masks):
        rows = rows.filter(mask)
    lane.parts.write(rows)


def _both(masks: Sequence[pa.Array]) -> Iterable[pa.Array]:
    return [pc.and_(masks[0], masks[1])] if len(masks) == 2 else masks
