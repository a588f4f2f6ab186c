"""Marts with a row, or many, per customer: written whole now and then; between, the rows of customers who changed lie beside them.

A day's import touches few of the customers. What it writes is in proportion to them: the file is shared with the version before.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from analytics import duck
from analytics.marts.recipes import in_order, update
from analytics.warehouse import CHANGED, PEOPLE, Warehouse, mart_rows


@dataclass(kw_only=True)
class Layers:
    """The marts of a version in the making, over those of the version before.

    old, fresh  folders of the marts of the version before, and of those in the making
    people      Parquet file that names the customers who changed between the two
    few         customers up to whom changes are kept beside the files
    """

    warehouse: Warehouse
    old: Path
    fresh: Path
    people: Path
    few: float

    def put(self, name: str, rows: Path) -> None:
        """Write a mart. rows: Parquet file with all rows of the customers who changed."""
        if self._beside:
            _share(self.old / f"{name}.parquet", self.fresh / f"{name}.parquet")
            lies = self.old / CHANGED / f"{name}.parquet"
            before = f"select * from {_file(lies)}" if lies.exists() else None
            self.warehouse.copy(self._replaced(before, rows), self.fresh / CHANGED / f"{name}.parquet")
        else:
            self.warehouse.copy(self._replaced(mart_rows(self.old, name), rows), self.fresh / f"{name}.parquet")

    @cached_property
    def _beside(self) -> bool:
        """Whether changes are kept beside the files: those named are written down then."""
        named = [_file(path) for path in (self.people, self.old / CHANGED / PEOPLE) if path.exists()]
        everyone = " union ".join(f"select customer_id from {file}" for file in named)
        target = self.fresh / CHANGED / PEOPLE
        target.parent.mkdir()
        self.warehouse.copy(everyone, target)
        beside = int(str(self.warehouse.value(f"select count(*) from {_file(target)}"))) <= self.few
        if not beside:
            shutil.rmtree(target.parent)
        return beside

    def _replaced(self, before: str | None, rows: Path) -> str:
        others = (
            f"select * from ({before}) as rows anti join {_file(self.people)} as people using (customer_id) union all by name "
            if before
            else ""
        )
        return f"{others}select * from {_file(rows)}"


def whole(folder: Path) -> bool:
    """Whether a version's marts are all there, and what changed since their files were written with them."""
    names = {path.stem: update(path.read_text(encoding="utf-8")) for path in in_order()}
    beside = {name for name, kind in names.items() if kind == "customers"} | {Path(PEOPLE).stem}
    files, changed = ({path.stem for path in place.glob("*.parquet")} for place in (folder, folder / CHANGED))
    return files >= set(names) and changed in (set(), beside)


def _share(file: Path, target: Path) -> None:
    """The same file under another version, without copying it where the file system can."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)


def _file(path: Path) -> str:
    return f"read_parquet({duck.text(str(path))})"
