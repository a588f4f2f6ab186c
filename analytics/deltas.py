"""Delta tables: Parquet files and a log that says which of them each version reads. The files are written elsewhere."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.contract import Kind, Table

# By default a log older than 30 days goes, and earlier versions with it. Smallest and largest values are not kept: they are somebody's.
_KEPT = {"delta.enableExpiredLogCleanup": "false", "delta.dataSkippingNumIndexedCols": "0"}
_ARROW = {
    Kind.DATE: pa.date32(),
    Kind.TIME: pa.timestamp("us"),
    Kind.MONEY: pa.decimal128(18, 4),
    Kind.NUMBER: pa.decimal128(18, 4),
    Kind.YEAR: pa.int32(),
    Kind.MONTH: pa.int32(),
    Kind.FLAG: pa.bool_(),
}


class Unreadable(Exception):
    """The log of a table is missing or damaged."""


def files(place: Path, version: int) -> list[str]:
    """The Parquet files that a version of the table in `place` reads, as paths. Raises Unreadable."""
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    try:
        return list(DeltaTable(str(place), version=version).file_uris())
    except (DeltaError, ValueError) as error:
        raise Unreadable(place.name) from error


def sweep(place: Path, versions: Collection[int]) -> None:
    """Remove the Parquet files that none of these versions reads. Other versions cannot be read any more."""
    read = {Path(file).name for version in versions for file in files(place, version)}
    for path in place.glob("*.parquet"):
        if path.name not in read:
            path.unlink()


def rewind(place: Path, version: int) -> None:
    """Undo what a broken or abandoned import left on top of a version."""
    from deltalake import DeltaTable

    delta = DeltaTable(str(place))
    if delta.version() != version:
        delta.restore(version)


def commit(place: Path, table: Table, *, add: Sequence[Path], remove: Sequence[str] = (), afresh: bool = False) -> int:
    """Make files part of the table, others no longer; `afresh`: all others. The files lie in `place` already.

    Returns  the new version
    """
    from deltalake import DeltaTable, Schema
    from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

    now = int(time.time() * 1000)
    fields = pa.schema([(column.name, _ARROW.get(column.kind, pa.string())) for column in table.stored])
    schema = Schema.from_arrow(fields)
    added = [AddAction(path.name, path.stat().st_size, {}, now, True, _rows(path)) for path in add]
    if not DeltaTable.is_deltatable(str(place)):
        create_table_with_add_actions(str(place), schema, added, configuration=_KEPT)
        return 0
    delta = DeltaTable(str(place))
    held = {field.name for field in delta.schema().fields}
    if grown := [field for field in schema.fields if field.name not in held]:
        delta.alter.add_columns(grown)  # the contract has columns that it had not when the table was made
    gone = [RemoveAction(name, True, now) for name in remove]
    delta.create_write_transaction([*added, *gone], "overwrite" if afresh else "append", schema)
    return int(DeltaTable(str(place)).version())


def _rows(path: Path) -> str:
    return json.dumps({"numRecords": pq.read_metadata(path).num_rows})
