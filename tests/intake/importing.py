"""An import in this process, and all that came of it: what the tests of bad input look at."""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analytics import jobs, store
from analytics.access import Access
from analytics.intake.report import Answers
from analytics.warehouse import open_warehouse
from tests.conftest import assert_accounted

SECONDS = 5.0  # of processor time, within which a limit answers on any machine


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The report of one file, the workspace's tables after it, and the rejects as their user downloads them."""

    workspace: str
    file: Mapping[str, Any]
    tables: Mapping[str, Any]
    rejects: Sequence[Mapping[str, Any]]
    seconds: float

    @property
    def counts(self) -> tuple[int, int, int]:
        """Rows read, loaded, rejected."""
        return self.file["rows_read"], self.file["rows_loaded"], self.file["rows_rejected"]

    @property
    def sums(self) -> tuple[int, int, float]:
        """Rows, customers and amount of the sales in the workspace."""
        sales = self.tables["transactions"]
        return sales["rows"], sales["customers"], sales["amount"]

    @property
    def notes(self) -> dict[str, Any]:
        """Key of a note -> its facts; those about one column under "key:column"."""
        return {f"{key}:{facts['column']}" if "column" in facts else key: facts for key, facts in self.file["notes"]}

    def frame(self, sql: str) -> pd.DataFrame:
        return open_warehouse(Access(workspace=self.workspace)).frame(sql)

    def column(self, name: str, table: str = "transactions") -> list[Any]:
        """A stored column in order, None for what is empty."""
        values = self.frame(f"select {name} as value from {table} order by all")["value"]
        return [None if pd.isna(value) else value for value in values]


def load(folder: Path, content: bytes | str, name: str = "s.csv", *, workspace: str = "w", **answers: object) -> Outcome:
    """Import one file into a workspace of the home in force. Every row of it is accounted for."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_path(path, workspace=workspace, **answers)


def load_path(path: Path, *, workspace: str = "w", **answers: object) -> Outcome:
    begun = time.process_time()
    told = {"": asdict(Answers(**answers))} if answers else {}  # type: ignore[arg-type]
    report = jobs._load({"workspace": workspace, "paths": [str(path)], "answers": told})["report"]
    seconds = time.process_time() - begun
    for file in report["files"]:
        assert_accounted(file)
    return Outcome(workspace=workspace, file=report["files"][0], tables=report["tables"], rejects=rejected(workspace), seconds=seconds)


def inspect_path(path: Path) -> Mapping[str, Any]:
    """How one file would be read and mapped, as the preview shows it."""
    (plan,) = jobs._inspect({"workspace": "w", "paths": [str(path)], "answers": {}})["plans"]
    return plan


def rejected(workspace: str) -> list[dict[str, Any]]:
    """The rejects of the workspace's present version."""
    path = store.rejects(workspace, store.current(workspace))
    if path is None:
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, restkey="further"))
