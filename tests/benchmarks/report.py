"""What was measured as docs/benchmarks.md: figures, ratios, and for each line of the plan whether it holds."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analytics.settings import ROOT

Runs = Mapping[str, Sequence[Mapping[str, Any]]]
_ENGINES = (("tierwise", "Tierwise: store, checks, rejects"), ("duckdb", "DuckDB: table in a file, nothing checked"))
_FRAMES = (("pandas", "pandas (pyarrow's parser) to Parquet"), ("polars", "polars, streaming, to Parquet"))
_METRICS = {
    "customers": "customers: first, last, orders, amount",
    "months": "orders, buyers, amount by month",
    "cohorts": "who came back, by cohort",
}


def text(runs: Runs, facts: Mapping[str, int], machine: str) -> str:
    """The document."""
    return "\n".join(
        [*_head(facts, machine), *_imports(runs), *_growth(runs, facts), *_queries(runs), *_fits(runs, facts), *_held(runs, facts), ""]
    )


def _of(runs: Runs, name: str, what: str = "seconds") -> float:
    return float(statistics.median(run[what] for run in runs[name]))


def _bars() -> list[str]:
    """How good the answers are, as `make bars` found it: written by hand in docs/bars.md."""
    title, *rest = (ROOT / "docs" / "bars.md").read_text(encoding="utf-8").rstrip().splitlines()
    return [f"#{title}", *rest]


def _head(facts: Mapping[str, int], machine: str) -> list[str]:
    return [
        "# Benchmarks",
        "",
        f"Written by `make bench`: {facts['rows']:,} order lines ({facts['bytes'] / 1e6:,.0f} MB of CSV, "
        f"{facts['rows'] // 20:,} customers, two years), medians of {facts['rounds']} rounds in which the engines take turns.",
        "Each run is a process of its own; its start and the loading of libraries are not counted, CPU and peak memory are those of the",
        "whole process. All engines keep their result on the same disk. Compare ratios, not seconds.",
        "",
        f"Machine: {machine}.",
        "",
    ]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return ["", "| " + " | ".join(header) + " |", "|" + "---|" * len(header), *("| " + " | ".join(row) + " |" for row in rows), ""]


def _imports(runs: Runs) -> list[str]:
    bare = _of(runs, "duckdb")
    rows = [_cost(runs, name, label, bare) for name, label in _ENGINES]
    rows.append(_cost(runs, "tierwise", "Tierwise: all marts, on top", bare, "marts"))
    rows += [_cost(runs, name, label, bare) for name, label in _FRAMES]
    return ["## A CSV, imported", *_table(("what", "seconds", "of bare DuckDB", "CPU seconds", "peak memory"), rows)]


def _cost(runs: Runs, name: str, label: str, bare: float, what: str = "seconds") -> list[str]:
    seconds = _of(runs, name, what)
    cpu = f"{_of(runs, name, 'cpu'):.1f}" + (" (with marts)" if name == "tierwise" else "")
    return [label, f"{seconds:.1f}", f"{seconds / bare:.2f} x", cpu, f"{_of(runs, name, 'peak') / 1e6:,.0f} MB"]


def _growth(runs: Runs, facts: Mapping[str, int]) -> list[str]:
    whole = _of(runs, "tierwise", "all")
    rows = [["everything", f"{facts['rows']:,}", f"{whole:.1f}", "", f"{_of(runs, 'tierwise', 'cpu'):.1f}"]]
    for name in ("day", "week"):
        lines = max(2, facts["rows"] * {"day": 1, "week": 7}[name] // 730)
        share = f"{_of(runs, name, 'all') / whole:.1%}"
        rows.append([f"a {name} more", f"{lines:,}", f"{_of(runs, name, 'all'):.1f}", share, f"{_of(runs, name, 'cpu'):.1f}"])
    others = [_large(runs, facts), _workbook(runs, facts)]
    cancelled = f"Cancelled while {_of(runs, 'cancel', 'rows'):,.0f} rows were in: the importer was gone after {_of(runs, 'cancel'):.2f} s."
    table = _table(("what", "lines", "seconds, marts included", "of everything", "CPU seconds"), rows)
    return ["## A day more, and other files", *table, *[line for line in others if line], cancelled, ""]


def _large(runs: Runs, facts: Mapping[str, int]) -> str:
    if "large" not in runs:
        return ""
    seconds, peak = _of(runs, "large"), _of(runs, "large", "peak") / 1e6
    marts = _of(runs, "large", "marts")
    return f"A CSV of {facts['large']:,} lines: {seconds:.0f} s into the store, {marts:.0f} s for the marts, peak {peak:,.0f} MB.\n"


def _workbook(runs: Runs, facts: Mapping[str, int]) -> str:
    if "workbook" not in runs:
        return ""
    peak = _of(runs, "workbook", "peak") / 1e6
    return f"A workbook (XLSX) of {facts['workbook']:,} rows: {_of(runs, 'workbook'):.1f} s, peak {peak:,.0f} MB.\n"


def _queries(runs: Runs) -> list[str]:
    studies = runs["queries"][0]["studies"]
    rows = [
        [name, str(found["queries"]), f"{found['slowest'] * 1000:.0f} ms", str(found["over"]), f"{found['answer'] * 1000:,.0f} ms"]
        for name, found in studies.items()
    ]
    raw = [
        [label, *(f"{_of(runs, f'{engine} {metric}') * 1000:,.0f} ms" for engine in ("duckdb", "pandas", "polars"))]
        for metric, label in _METRICS.items()
        if f"duckdb {metric}" in runs
    ]
    return [
        "## Page queries",
        "",
        "Every query that the answer of a study sends to the marts with its usual settings, each by itself, median of three; then the",
        "whole answer, models included.",
        *_table(("study", "queries", "slowest", "over 50 ms", "whole answer"), rows),
        "The same kinds of figures from raw rows, in memory (pandas) or from the engine's own file:",
        *_table(("from raw rows", "DuckDB", "pandas", "polars"), raw),
    ]


def _fits(runs: Runs, facts: Mapping[str, int]) -> list[str]:
    names = _fitted(runs)
    if not names:
        return []
    rows = [
        [name.removeprefix("fit "), f"{_of(runs, name):.1f}", f"{_of(runs, name, 'cpu'):.1f}", f"{_of(runs, name, 'peak') / 1e6:,.0f} MB"]
        for name in names
    ]
    return [
        "## Models",
        "",
        f"Fitted once a data version, from the marts to scores of all {facts['customers']:,} customers on the disk: a shop whose customers",
        f"come, buy at rates of their own and leave unseen, {_of(runs, 'base import', 'rows'):,.0f} orders in two years.",
        *_table(("fit", "seconds", "CPU seconds", "peak memory"), rows),
    ]


def _fitted(runs: Runs) -> list[str]:
    return [name for name in runs if name.startswith("fit ")]


def _held(runs: Runs, facts: Mapping[str, int]) -> list[str]:
    bare, peak = _of(runs, "duckdb"), max(run["peak"] for run in [*runs["tierwise"], *runs.get("large", ())]) / 1e9
    marts = _of(runs, "tierwise", "marts")
    longest = max(facts["rows"], facts["large"] if "large" in runs else 0)
    slowest = max(found["slowest"] for found in runs["queries"][0]["studies"].values())
    raw = min(_of(runs, f"duckdb {metric}") for metric in _METRICS)
    lines: list[tuple[str, str, bool]] = [
        ("import <= 1.75 x bare DuckDB", f"{_of(runs, 'tierwise') / bare:.2f} x", _of(runs, "tierwise") <= 1.75 * bare),
        (f"peak <= 1 GB, files up to {longest:,} lines", f"{peak:.2f} GB", peak <= 1.0),
        (
            "all marts <= 2.5 x the bare import",
            f"{marts / bare:.2f} x",
            marts <= 2.5 * bare,
        ),
        ("every page query <= 50 ms", f"slowest {slowest * 1000:.0f} ms", slowest <= 0.05),
        (
            "every page query <= 0.1 x the same from raw rows",
            f"slowest against the quickest raw figure: {slowest / raw:.2f} x",
            slowest <= 0.1 * raw,
        ),
        ("gone within a second of a cancel", f"{_of(runs, 'cancel'):.2f} s", _of(runs, "cancel") <= 1),
    ]
    if names := _fitted(runs):
        seconds, most = max(_of(runs, name) for name in names), max(_of(runs, name, "peak") for name in names) / 1e9
        lines.append(("a whole model job <= 60 s and 2 GB", f"{seconds:.0f} s, {most:.2f} GB", seconds <= 60 and most <= 2))
    rows = [[name, found, "held" if held else "**not held**"] for name, found, held in lines]
    return ["## Held or not", *_table(("plan", "measured", ""), rows)]
