"""Takes a person, or a whole workspace, off the disk: every version, rejects, exports, caches and temporary files.

An erasure may be killed at any moment. Every version then reads as before or without the person, and running it again finishes it.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow.parquet as pq

from analytics import deltalog, duck, store
from analytics.damage import damage_told
from analytics.errors import UserError
from analytics.intake.checks import add_macros
from analytics.intake.rejects import MASK
from analytics.marts.build import describe
from analytics.warehouse import CHANGED
from analytics.work import alive, sweep

OWN, OTHERS = "customer_id", "referred_by"  # rows with the first are the person's; the second is emptied in other people's rows
JOURNAL = "erasing.json"  # version -> how many persons will have been erased from it; there while an erasure is unfinished
_FIELDS = 3  # a rejected row begins with file, line and reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure took away.

    rows      table -> rows taken out of its files; where versions hold copies of a row, each copy counts
    rejects   rows taken out of the lists of rejected rows
    versions  the versions that held the person
    """

    workspace: str
    rows: Mapping[str, int]
    rejects: int
    versions: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A workspace that is gone: how many versions and files it had, and their size in bytes."""

    workspace: str
    versions: int
    files: int
    bytes: int


def delete_customer(workspace: str, customer: str) -> Erased:
    """Erase whoever is stored under this id, or under its pseudonym, from the workspace.

    Raises  UserError no_such_workspace | import_running | no_such_customer
    """
    root = _existing(workspace)
    with store.locked(workspace), store.work_folder(workspace, "erasure") as work, damage_told(workspace):
        _clear_work(root)
        connection = duck.connect(time_zone="UTC", spill=work, folders=[root / "tables"], seconds=3600)
        names = _names(connection, workspace, customer)
        tables = [path for path in (root / "tables").glob("*") if path.is_dir()]
        held = {table: found for table in tables if (found := _holding(connection, table, names))}
        due = _note(workspace, held)
        hidden = any(names[1] in found for files in held.values() for found in files.values())
        rejects = sum(_clean(path, names, hidden=hidden) for path in (root / "rejects").glob("*.csv"))
        if not due and not rejects:
            raise UserError("no_such_customer", workspace=workspace)
        _drop_kept(root)
        rows = {table.name: _rewrite(connection, table, held[table], names) for table in held}
        _renew(workspace, due)
        _drop_kept(root)  # what was kept in the meantime was made of rows that had her
    return Erased(workspace=workspace, rows=rows, rejects=rejects, versions=tuple(sorted(due)))


def delete_workspace(workspace: str) -> Removed:
    """Remove a workspace and its pseudonym key. It is gone at once: the folder loses its name before its files go.

    Raises  UserError no_such_workspace | import_running
    """
    root = store.folder(workspace)
    hidden = root.with_name(f".deleted-{workspace}")  # there when an earlier attempt was killed
    if not hidden.exists():
        _existing(workspace)
    removed = _measure(workspace, root if root.exists() else hidden)
    if root.exists():
        with store.locked(workspace):
            _clear_work(root)
            shutil.rmtree(hidden, ignore_errors=True)
            root.rename(hidden)
    shutil.rmtree(hidden)
    store.forget_key(workspace)
    return removed


def _existing(workspace: str) -> Path:
    root = store.folder(workspace)
    if not root.is_dir():
        raise UserError("no_such_workspace", name=workspace)
    return root


def _measure(workspace: str, root: Path) -> Removed:
    files = [path.stat().st_size for path in root.rglob("*") if path.is_file()]
    versions = len(list((root / "versions").glob("*.json")))
    return Removed(workspace=workspace, versions=versions, files=len(files), bytes=sum(files))


def _clear_work(root: Path) -> None:
    """Remove what the dead left, and uploads that wait in an open browser: they have to be uploaded again."""
    sweep(root / "work")
    for kind, process, path in alive(root / "work"):
        if kind in ("import", "demo"):
            raise UserError("import_running", pid=process)
        if kind == "uploads":
            shutil.rmtree(path, ignore_errors=True)


def _drop_kept(root: Path) -> None:
    """Exports and fitted models are made again when asked for; which of them hold the person, nobody can tell."""
    for name in ("exports", "cache"):
        shutil.rmtree(root / name, ignore_errors=True)


# --- who


def _names(connection: duckdb.DuckDBPyConnection, workspace: str, customer: str) -> tuple[str, str]:
    """The id as the importer stores it, and its pseudonym. Raises UserError no_such_customer when it is empty."""
    name = re.sub(r"[\x00-\x1f\x7f]", " ", customer).strip()
    if not name:
        raise UserError("no_such_customer", workspace=workspace)
    add_macros(connection, store.pseudonym_key(workspace))
    (pseudonym,) = connection.execute("select pseudonym($name)", {"name": name}).fetchone() or ("",)
    return name, str(pseudonym)


def _listed(names: Collection[str]) -> str:
    return ", ".join(duck.text(name) for name in names)


# --- rows


def _holding(connection: duckdb.DuckDBPyConnection, table: Path, names: Sequence[str]) -> dict[Path, set[str]]:
    """The table's files that name the person, in whatever version, and the names found in each."""
    deltalog.sweep(table)
    found = {path: _found(connection, path, names) for path in deltalog.data_files(table)}
    return {path: those for path, those in found.items() if those}


def _found(connection: duckdb.DuckDBPyConnection, path: Path, names: Sequence[str]) -> set[str]:
    columns = [name for name in (OWN, OTHERS) if name in pq.read_schema(path).names]
    each = [f"select {column} from {_file(path)} where {column} in ({_listed(names)})" for column in columns]
    return {name for sql in each for (name,) in connection.execute(f"select distinct * from ({sql})").fetchall()}


def _rewrite(connection: duckdb.DuckDBPyConnection, table: Path, files: Collection[Path], names: Sequence[str]) -> int:
    """Put files without the person in place of the table's files that have her. Returns the rows taken out."""
    places = {path.name: _without(connection, path, names) for path in files}
    rows = sum(pq.read_metadata(table / old).num_rows - pq.read_metadata(new).num_rows for old, new in places.items())
    deltalog.swap(table, places)
    for path in files:
        path.unlink()
    return int(rows)


def _without(connection: duckdb.DuckDBPyConnection, path: Path, names: Sequence[str]) -> Path:
    """A new file with the other people's rows, in their order, columns as they were."""
    fresh = path.with_name(f"part-{uuid4()}.parquet")
    emptied = f"replace (case when {OTHERS} not in ({_listed(names)}) then {OTHERS} end as {OTHERS})"
    columns = f"* {emptied if OTHERS in pq.read_schema(path).names else ''}"
    others = f"select {columns} from {_file(path)} where ({OWN} in ({_listed(names)})) is not true"
    connection.execute(f"copy ({others}) to {duck.text(str(fresh))} (format parquet)")
    deltalog.sync(fresh)
    return fresh


def _file(path: Path) -> str:
    return f"read_parquet({duck.text(str(path))})"


# --- versions


def _note(workspace: str, held: Mapping[Path, Collection[Path]]) -> dict[int, int]:
    """Write down which versions have to be described anew, those of an unfinished erasure included. Nobody's id is in it."""
    path = store.folder(workspace) / JOURNAL
    due = {int(number): erased for number, erased in json.loads(path.read_text()).items()} if path.exists() else {}
    names = {file.name for files in held.values() for file in files}
    for version in store.versions(workspace):
        read = (file for table in held for file in store.parquet_files(workspace, version, table.name))
        if any(Path(file).name in names for file in read):
            due.setdefault(version.number, version.erased + 1)
    if due:
        store.write_json(path, due)
    return due


def _renew(workspace: str, due: Mapping[int, int]) -> None:
    """Describe the versions as they are now. Marts are dropped, those of broken builds too: they are built again when asked for.

    So are marts that share files with those of a version before, which may have held the person.
    """
    root = store.folder(workspace)
    versions = store.versions(workspace)
    keep = {store.marts_folder(workspace, version) for version in versions if version.number not in due}
    for path in (root / "marts").glob("*"):
        if path not in keep or (path / CHANGED).exists():
            shutil.rmtree(path)
    for version in versions:
        if version.number in due:
            store.record(workspace, replace(describe(workspace, version), erased=due[version.number]))
    (root / JOURNAL).unlink(missing_ok=True)


# --- rejected rows


def _clean(path: Path, names: Sequence[str], *, hidden: bool) -> int:
    """Take out the rejected rows that name the person. Returns how many.

    hidden  the person is stored under a pseudonym: keys are masked in rejected rows, so masked rows may be hers and go too
    """
    csv.field_size_limit(sys.maxsize)
    fresh = path.with_suffix(".tmp")
    with path.open(encoding="utf-8-sig", newline="") as old, fresh.open("w", encoding="utf-8-sig", newline="") as new:
        rows, write = csv.reader(old), csv.writer(new).writerow
        write(next(rows))
        removed = 0
        for row in rows:
            theirs = _names_person(row[_FIELDS:], names) or (hidden and MASK in row)
            removed += theirs
            if not theirs:
                write(row)
    if removed:
        deltalog.sync(fresh)
        fresh.replace(path)
    fresh.unlink(missing_ok=True)
    return removed


def _names_person(fields: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a field is the id: rather a row too many than one of hers left. A line that could not be taken apart is one field."""
    if len(fields) == 1:
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", fields[0]) for name in names)
    return any(field.strip().removeprefix("'") in names for field in fields)
