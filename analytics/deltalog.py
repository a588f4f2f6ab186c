"""Puts files in place of others in the whole history of a Delta table.

Delta Lake itself takes rows out of the newest version only: the older ones keep them, or cannot be read any more.
A commit is a file of JSON actions, a checkpoint the same actions as Parquet: https://github.com/delta-io/delta/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Action = dict[str, Any]
Rewrite = Callable[[Action], list[Action]]
_LOG_FILE = re.compile(r"\d{20}(\.json|\.checkpoint(\.[\w.-]+)?\.parquet)")


def data_files(table: Path) -> list[Path]:
    """The Parquet files that some version of the table reads."""
    named = _added(table)
    return [path for path in sorted(table.glob("*.parquet")) if path.name in named]


def sweep(table: Path) -> None:
    """Remove what broken writes left: files that no version reads, unfinished log entries, and the hint where the last checkpoint is."""
    named, log = _added(table), set(_log_files(table))
    unread = [path for path in table.glob("*.parquet*") if path.name not in named]
    for path in (*unread, *(path for path in (table / "_delta_log").iterdir() if path not in log)):
        path.unlink()


def swap(table: Path, places: Mapping[str, Path]) -> None:
    """Make every version read the new file (value) where it read the old one (name, key). The old files are not needed any more.

    Wherever this is interrupted, every version reads one of the two, never both or none: what removes the old file is
    first made to remove the new one as well, and only then is the new one added in place of the old. Each log file is replaced whole.
    """
    for rewrite in (_removals, _additions):
        for path in _log_files(table):
            _replace(path, partial(rewrite, places))


def _removals(places: Mapping[str, Path], action: Action) -> list[Action]:
    removed = action.get("remove")
    if not removed or removed["path"] not in places:
        return [action]
    new = places[removed["path"]]
    bare = {**removed, **({"stats": None} if "stats" in removed else {})}
    return [{**action, "remove": bare}, {**action, "remove": {**bare, "path": new.name, "size": new.stat().st_size}}]


def _additions(places: Mapping[str, Path], action: Action) -> list[Action]:
    """Smallest and largest values are not kept: they are values of somebody."""
    added = action.get("add")
    if not added or added["path"] not in places:
        return [action]
    new = places[added["path"]]
    stats = json.dumps({"numRecords": pq.read_metadata(new).num_rows})
    return [{**action, "add": {**added, "path": new.name, "size": new.stat().st_size, "stats": stats}}]


def _replace(path: Path, rewrite: Rewrite) -> None:
    before = _read(path)
    after = [action for one in before for action in rewrite(one)]
    if after == before:
        return
    fresh = path.with_name(f"{path.name}.tmp")
    _write(fresh, after, path)
    sync(fresh)
    fresh.replace(path)


def _read(path: Path) -> list[Action]:
    if path.suffix == ".json":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return list(pq.read_table(path).to_pylist())


def _write(fresh: Path, actions: Sequence[Action], like: Path) -> None:
    if like.suffix == ".json":
        fresh.write_text("".join(json.dumps(action, ensure_ascii=False) + "\n" for action in actions), encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(list(actions), schema=pq.read_schema(like)), fresh)


def sync(path: Path) -> None:
    """Wait until the file's bytes are on the disk."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def _added(table: Path) -> set[str]:
    """Names of the files that any entry of the log adds."""
    return {action["add"]["path"] for path in _log_files(table) for action in _read(path) if action.get("add")}


def _log_files(table: Path) -> Iterator[Path]:
    return (path for path in sorted((table / "_delta_log").iterdir()) if _LOG_FILE.fullmatch(path.name))
