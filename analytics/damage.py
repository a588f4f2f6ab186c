"""Files of a workspace that cannot be read any more, told as something the user can mend: a bad disk is not a bug."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from analytics import duck, store
from analytics.errors import UserError
from analytics.machine import limit_met


@contextmanager
def damage_told(workspace: str) -> Iterator[None]:
    """Raises  UserError damaged_file | damaged_mart when what failed is explained by a file that cannot be read; other errors pass"""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        path = None if limit_met(error) else unreadable(workspace)
        if path is None:
            raise
        raise _told(workspace, path) from error


def unreadable(workspace: str) -> Path | None:
    """The first table or mart file of any version that is missing or cannot be read to its end; None when all can be."""
    with store.work_folder(workspace, "spill") as spill:
        root = store.folder(workspace)
        connection = duck.connect(time_zone="UTC", spill=spill, folders=[root / "tables", root / "marts"])
        return next((path for path in _held(workspace) if not _reads(connection, path)), None)


def _held(workspace: str) -> list[Path]:
    held = ((version, table) for version in store.versions(workspace) for table in version.tables)
    tables = {Path(file) for version, table in held for file in store.parquet_files(workspace, version, table)}
    marts = store.folder(workspace).glob("marts/*/**/*.parquet")
    return [*sorted(tables), *sorted(marts)]


def _reads(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    try:
        connection.execute(f"select max(hash(f)) from read_parquet({duck.text(str(path))}) f")
    except duckdb.Error:
        return False
    return True


def _told(workspace: str, path: Path) -> UserError:
    """Marts are forgotten: they are built again when asked for."""
    marts = store.folder(workspace) / "marts"
    if marts not in path.parents:
        return store.damaged(workspace, path)
    store.forget_marts(marts / path.relative_to(marts).parts[0])
    return UserError("damaged_mart", file=path.name)
