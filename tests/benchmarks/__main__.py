"""`make bench`: import, marts and page queries against bare DuckDB, pandas and polars, in turns; medians into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analytics.settings import ROOT
from analytics.studies import FITS
from tests.benchmarks import report

METRICS = ("customers", "months", "cohorts")
ENGINES = ("duckdb", "pandas", "polars")
FIRST, DAYS = "2024-01-01", 730


@dataclass(slots=True)
class Bench:
    """Runs tasks, each in a process of its own, and keeps what they cost.

    runs  name -> one dict a run: what the task found, and "cpu" seconds and "peak" bytes of its process
    """

    folder: Path
    runs: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def __call__(self, name: str, task: str, *arguments: object) -> dict[str, Any]:
        home = self.folder / "home"
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.tasks", task, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "LOYALTY_HOME": str(home)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        out = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        if status:
            raise RuntimeError(f"{name} stopped with {status}: {out[-500:]}")
        found = {**json.loads(out.splitlines()[-1]), "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss << 10}
        self.runs[name].append(found)
        print(f"{name:28s} " + "  ".join(f"{what} {value:.2f}" for what, value in found.items() if what != "studies"), flush=True)
        return found

    def lines(self, name: str, rows: int, *, first: str = FIRST, days: int = DAYS, start: int = 0, customers: int | None = None) -> Path:
        """A CSV of order lines, one customer for 20 of them unless told. Made by a child: what this process held, all would seem to."""
        target = self.folder / f"{name}-{rows}.csv"
        self(name, "make_lines", target, rows, first, days, start, customers or max(1, rows // 20))
        return target

    def forget(self, workspace: str) -> None:
        shutil.rmtree(self.folder / "home" / workspace, ignore_errors=True)


def imports(bench: Bench, csv: Path, rounds: int) -> None:
    """The same file by every engine, in turns."""
    for _ in range(rounds):
        bench.forget("w")
        bench("tierwise", "tierwise_import", csv, "w")
        bench("duckdb", "duckdb_import", csv, bench.folder / "lines.db")
        for engine in ("pandas", "polars"):
            bench(engine, f"{engine}_import", csv, bench.folder / f"{engine}.parquet")


def raw_metrics(bench: Bench, rounds: int) -> None:
    files = {"duckdb": "lines.db", "pandas": "pandas.parquet", "polars": "polars.parquet"}
    for _ in range(rounds):
        for metric in METRICS:
            for engine in ENGINES:
                bench(f"{engine} {metric}", f"{engine}_raw", bench.folder / files[engine], metric)


def fits(bench: Bench, customers: int) -> None:
    """Every model on many customers. What one fit reads of another is fitted before it."""
    csv = bench.folder / f"base-{customers}.csv"
    bench("base", "make_customer_base", csv, customers)
    bench("base import", "tierwise_import", csv, "base")
    for name in FITS:
        bench(f"fit {name}", "fit", "base", name)
    bench.forget("base")


def growth(bench: Bench, rows: int, rounds: int) -> None:
    """A day, and a week, on top of everything: each from the same state."""
    for name, days in (("day", 1), ("week", 7)):
        lines = max(2, rows * days // DAYS)
        more = bench.lines(f"a {name}", lines, first="2025-12-31", days=days, start=rows, customers=max(1, rows // 20))
        for _ in range(rounds):
            with bench_copy(bench, "w", "grown"):
                bench(name, "tierwise_import", more, "grown")


@contextmanager
def bench_copy(bench: Bench, workspace: str, name: str) -> Iterator[None]:
    home = bench.folder / "home"
    shutil.copytree(home / workspace, home / name, copy_function=os.link)
    try:
        yield
    finally:
        bench.forget(name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large", type=int, default=50_000_000, help="rows of the file that shows the memory; 0 for none")
    parser.add_argument("--customers", type=int, default=1_000_000, help="customers that the models are fitted to; 0 for none")
    parser.add_argument("--workbook", type=int, default=500_000, help="rows of the workbook; 0 for none")
    parser.add_argument("--folder", type=Path, help="where files are made and kept; a temporary folder unless told")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md")
    args = parser.parse_args()
    folder = args.folder or Path(tempfile.mkdtemp(prefix="tierwise-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(folder)
    csv = bench.lines("lines", args.rows)
    imports(bench, csv, args.rounds)
    raw_metrics(bench, max(1, args.rounds - 2))
    bench("queries", "page_queries", "w")
    growth(bench, args.rows, args.rounds)
    if args.customers:
        fits(bench, args.customers)
    bench("cancel", "cancel", csv, "cancelled")
    if args.workbook:
        book = folder / f"book-{args.workbook}.xlsx"
        bench("book", "make_workbook", book, args.workbook, csv)
        bench("workbook", "tierwise_import", book, "book")
    facts = {
        "rows": args.rows,
        "bytes": csv.stat().st_size,
        "workbook": args.workbook,
        "customers": args.customers,
        "large": args.large,
        "rounds": args.rounds,
    }
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, " + ", ".join(
        f"{name} {version(name)}" for name in ("duckdb", "pandas", "polars", "pyarrow", "deltalake")
    )
    args.out.write_text(report.text(bench.runs, facts, machine), encoding="utf-8")
    if args.large:
        bench("large", "tierwise_import", bench.lines("lines", args.large), "large")
        bench.forget("large")
        args.out.write_text(report.text(bench.runs, facts, machine), encoding="utf-8")
    if not args.folder:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
