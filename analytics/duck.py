"""A hardened DuckDB connection: no extension, no network, only the folders it is given."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb

from analytics.contract import SQL_TYPES, Table

MEMORY = os.environ.get("TIERWISE_MEMORY", "700MB")
SPILL = os.environ.get("TIERWISE_SPILL", "20GB")


def connect(*, time_zone: str, spill: Path, folders: Sequence[Path], seconds: int = 300, ordered: bool = True) -> duckdb.DuckDBPyConnection:
    """An in-memory database that reads and writes in `folders` only and cannot be reconfigured.

    seconds  longest time of one query
    ordered  rows come out in the order of the files they come from; without it more is done at the same time
    Why      each setting is applied on the open connection: some given to `connect(config=)` are silently not enforced
    """
    con = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_unsigned_extensions": False,
        },
    )
    spill.mkdir(parents=True, exist_ok=True)
    settings: dict[str, object] = {
        "TimeZone": time_zone,
        "memory_limit": MEMORY,
        "threads": max(1, os.cpu_count() or 1),
        "preserve_insertion_order": ordered,
        "temp_directory": str(spill),
        "max_temp_directory_size": SPILL,
        "max_execution_time": seconds * 1000,
        "allowed_directories": [str(folder) for folder in (*folders, spill)],
        "enable_external_access": False,
        "lock_configuration": True,
    }
    for name, value in settings.items():
        con.execute(f"SET {name} = {_literal(value)}")
    return con


def quoted(identifier: str) -> str:
    """An identifier as SQL takes it. Names come from uploaded headers: they are never pasted raw."""
    if "\x00" in identifier:
        raise ValueError("NUL in identifier")
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string literal as SQL takes it."""
    return "'" + value.replace("'", "''") + "'"


def rows(table: Table, files: Sequence[str]) -> str:
    """SQL that reads a canonical table from its Parquet files: all columns of the contract, by name.

    Files written before the contract knew a column do not have it: it is null there. Without files there are no rows.
    """
    nothing = f"select {', '.join(f'null::{SQL_TYPES[column.kind]} as {quoted(column.name)}' for column in table.stored)} where false"
    held = "[" + ", ".join(text(file) for file in files) + "]"
    return f"{nothing} union all by name select * from read_parquet({held}, union_by_name = true)" if files else nothing


def _literal(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return "[" + ", ".join(text(item) for item in value) + "]"
        case int():
            return str(value)
        case _:
            return text(str(value))
