"""One version's tables and marts behind SQL. The only reader of data; a cursor a call, because threads that
share a DuckDB connection read each other's rows."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from analytics import duck, store
from analytics.access import MASK, Access
from analytics.contract import PERSONAL_COLUMNS, TABLES
from analytics.damage import damage_told
from analytics.settings import Settings
from analytics.store import Version

if TYPE_CHECKING:
    import pandas as pd

CHANGED, PEOPLE = "changed", "people.parquet"  # in a version's marts: what changed since the files were written, and for whom
_KEEP_OPEN = 4
_LONGEST_QUERY, _LONGEST_BUILD = 120, 3600  # seconds
_open: OrderedDict[tuple[str, int, str], Warehouse] = OrderedDict()
_guard = threading.Lock()


def open_warehouse(access: Access, version: Version | None = None) -> Warehouse:
    """The warehouse over a version (the one in force unless given). Kept open; safe to share between threads."""
    version = version or store.current(access.workspace)
    key = (str(store.folder(access.workspace)), version.number, version.state)
    with _guard:
        if key not in _open or not _open[key].stands():
            _open[key] = Warehouse(access, version)
            while len(_open) > _KEEP_OPEN:
                _open.popitem(last=False)
        _open.move_to_end(key)
        found = _open[key]
    return found if found.access == access else found.seen_by(access)


def mart_rows(folder: Path, name: str) -> str:
    """SQL of a mart's rows: the file, with the rows of customers who changed since it was written in place of theirs."""
    file, fresh, people = (
        f"read_parquet({duck.text(str(path))})"
        for path in (folder / f"{name}.parquet", folder / CHANGED / f"{name}.parquet", folder / CHANGED / PEOPLE)
    )
    if not (folder / CHANGED / f"{name}.parquet").exists():
        return f"select * from {file}"
    return f"select * from {file} as rows anti join {people} as people using (customer_id) union all by name select * from {fresh}"


class Warehouse:
    """SQL over the canonical tables and marts of one version.

    Every canonical table is a view by its name, empty when the version does not hold it; every built mart likewise.
    """

    def __init__(self, access: Access, version: Version, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        self.access = access
        self.version = version
        self._files: list[Path] = []
        self._connection = connection or self._connect()

    @classmethod
    def under_construction(cls, workspace: str, version: Version, tables: Mapping[str, Sequence[str]]) -> Warehouse:
        """A warehouse without marts, to build them with. tables: Parquet files by table, of the store or of a work folder."""
        house = cls.__new__(cls)
        house.access, house.version = Access(workspace=workspace), version
        house._connection = house._open(building=True)
        house._show(tables)
        return house

    def seen_by(self, access: Access) -> Warehouse:
        """The same data under another access."""
        return Warehouse(access, self.version, self._connection)

    def stands(self) -> bool:
        """Whether the files are where they were: an erasure that is under way, or was killed, has put others in their place."""
        return all(path.exists() for path in self._files)

    @property
    def settings(self) -> Settings:
        return self.version.settings

    @cached_property
    def as_of(self) -> date | None:
        """The last day counted: the workspace's setting, else the last day with activity, never one in the future; None without dates."""
        if self.settings.as_of:
            return self.settings.as_of
        return date.fromisoformat(self.version.last_day) if self.version.last_day else None

    def frame(self, sql: str, **params: object) -> pd.DataFrame:
        """Rows of a query as a frame: decimals as float64, dates as datetime64."""
        with damage_told(self.access.workspace):
            return self._connection.cursor().execute(sql, params or None).df()

    def people(self, sql: str, **params: object) -> pd.DataFrame:
        """As `frame`, for rows about single persons: what the contract calls personal is masked unless the role may see it."""
        found = self.frame(sql, **params)
        hidden = [] if self.access.sees_persons else [name for name in found if name in PERSONAL_COLUMNS]
        return found.assign(**{name: found[name].astype(object).mask(found[name].notna(), MASK) for name in hidden})

    def value(self, sql: str, **params: object) -> object:
        """The first value of a query's first row."""
        return self.row(sql, **params)[0]

    def row(self, sql: str, **params: object) -> tuple[object, ...]:
        """A query's first row, decimals exact."""
        with damage_told(self.access.workspace):
            found = self._connection.cursor().execute(sql, params or None).fetchone()
        if found is None:
            raise LookupError("the query has no row")
        return tuple(found)

    def columns(self, sql: str) -> list[tuple[str, str]]:
        """Names and types of a relation's columns."""
        return [(str(row[0]), str(row[1])) for row in self._connection.cursor().execute(f"describe select * from {sql}").fetchall()]

    def copy(self, sql: str, target: Path) -> None:
        """Write a query's rows to a Parquet file (marts only)."""
        with damage_told(self.access.workspace):
            self._connection.cursor().execute(f"copy ({sql}) to {duck.text(str(target))} (format parquet)")

    def view(self, name: str, files: list[str]) -> None:
        """Make Parquet files readable by a name."""
        paths = "[" + ", ".join(duck.text(path) for path in files) + "]"
        sql = f"create or replace view {duck.quoted(name)} as select * from read_parquet({paths})"
        with damage_told(self.access.workspace):
            self._connection.cursor().execute(sql)

    def mart(self, folder: Path, name: str) -> None:
        """Make a mart of a version readable by its name."""
        with damage_told(self.access.workspace):
            self._connection.cursor().execute(f"create or replace view {duck.quoted(name)} as {mart_rows(folder, name)}")

    def present(self) -> dict[str, frozenset[str]]:
        """Table -> columns that hold at least one value."""
        return {name: frozenset(columns) for name, columns in self.version.columns.items() if columns}

    def _connect(self) -> duckdb.DuckDBPyConnection:
        workspace = self.access.workspace
        self._connection = self._open(building=False)
        tables = {table.name: store.parquet_files(workspace, self.version, table.name) for table in TABLES}
        self._files = [Path(file) for files in tables.values() for file in files]
        self._show(tables)
        for path in sorted((folder := store.marts_folder(workspace, self.version)).glob("*.parquet")):
            self.mart(folder, path.stem)
        return self._connection

    def _open(self, *, building: bool) -> duckdb.DuckDBPyConnection:
        root = store.folder(self.access.workspace)
        spill = store.work_folder(self.access.workspace, "spill")
        con = duck.connect(
            time_zone=self.version.settings.time_zone,
            spill=spill.path,
            folders=[root / name for name in ("tables", "marts", "work")],
            seconds=_LONGEST_BUILD if building else _LONGEST_QUERY,
            ordered=not building,
        )
        weakref.finalize(con, spill.close)
        return con

    def _show(self, tables: Mapping[str, Sequence[str]]) -> None:
        for table in TABLES:
            with damage_told(self.access.workspace):
                self._connection.execute(f"create view {duck.quoted(table.name)} as {duck.rows(table, tables.get(table.name, ()))}")
        day = duck.text(self.as_of.isoformat()) if self.as_of else "null"
        self._connection.execute(f"create view as_of_day as select {day}::date as day")
        held = ", ".join(duck.text(name) for name in self.version.tables if store.parquet_files(self.access.workspace, self.version, name))
        self._connection.execute(f"create view tables_held as select unnest([{held}]::varchar[]) as name")
