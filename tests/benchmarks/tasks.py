"""One thing to measure, in a process of its own: `python -m tests.benchmarks.tasks NAME ARGUMENT...` prints what it found as JSON.

What is loaded before the work begins - the interpreter, the libraries - is not measured.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Found = dict[str, Any]
TASKS: dict[str, Callable[..., Found]] = {}


def task(function: Callable[..., Found]) -> Callable[..., Found]:
    TASKS[function.__name__] = function
    return function


# --- files to measure with


@task
def make_lines(target: str, rows: str, first: str, days: str, start: str, customers: str) -> Found:
    from tests.benchmarks import shop

    shop.lines(Path(target), int(rows), first=first, days=int(days), start=int(start), customers=int(customers))
    return {}


@task
def make_customer_base(target: str, customers: str) -> Found:
    from tests.benchmarks import shop

    shop.customer_base(Path(target), int(customers), first="2024-01-01", days=730)
    return {}


@task
def make_workbook(target: str, rows: str, source: str) -> Found:
    from tests.benchmarks import shop

    shop.workbook(Path(target), int(rows), Path(source))
    return {}


# --- a CSV into something that can be queried


@task
def tierwise_import(csv: str, workspace: str) -> Found:
    """Into the store with checks, then the marts."""
    import deltalake  # noqa: F401 - loaded before the clock starts
    import pyarrow.parquet  # noqa: F401

    from analytics import jobs, store
    from analytics.intake import load, plan, views  # noqa: F401
    from analytics.marts import build  # noqa: F401

    begun = time.perf_counter()
    built = begun

    def say(message: Any) -> None:
        nonlocal built
        if message.get("progress", {}).get("step") == "build":
            built = time.perf_counter()

    jobs._say = say  # type: ignore[assignment]
    report = jobs._load({"workspace": workspace, "paths": [csv], "answers": {}})["report"]
    done = time.perf_counter()
    rows = store.current(workspace).summary["transactions"]["rows"]
    return {
        "seconds": built - begun,
        "marts": done - built,
        "all": done - begun,
        "rows": rows,
        "amount": report["tables"]["transactions"]["amount"],
    }


@task
def duckdb_import(csv: str, target: str) -> Found:
    """Bare: a table in a file, types sniffed, nothing checked, insertion order off."""
    import duckdb

    Path(target).unlink(missing_ok=True)
    begun = time.perf_counter()
    con = duckdb.connect(target)
    con.execute("set preserve_insertion_order = false")
    con.execute(f"create table lines as from read_csv('{csv}')")
    con.execute("checkpoint")
    return {"seconds": time.perf_counter() - begun, "amount": con.execute("select sum(amount) from lines").fetchall()[0][0]}


@task
def pandas_import(csv: str, target: str) -> Found:
    """Into Parquet, by the parser of pyarrow."""
    import pandas as pd

    begun = time.perf_counter()
    frame = pd.read_csv(csv, engine="pyarrow", parse_dates=["order_date"])
    frame.to_parquet(target)
    return {"seconds": time.perf_counter() - begun, "amount": float(frame["amount"].sum())}


@task
def polars_import(csv: str, target: str) -> Found:
    """Into Parquet, streaming."""
    import polars as pl

    begun = time.perf_counter()
    pl.scan_csv(csv, try_parse_dates=True).sink_parquet(target)
    return {"seconds": time.perf_counter() - begun, "amount": pl.scan_parquet(target).select(pl.col("amount").sum()).collect().item()}


# --- the same answers from raw rows: what each customer did, sales by month, who came back

_SQL = {
    "customers": """select customer_id, min(order_date), max(order_date), count(distinct transaction_id), sum(amount)
        from lines group by all""",
    "months": """select date_trunc('month', order_date), count(distinct transaction_id), count(distinct customer_id), sum(amount)
        from lines group by all""",
    "cohorts": """with firsts as (select customer_id, date_trunc('month', min(order_date)) as cohort from lines group by all)
        select cohort, date_diff('month', cohort, order_date), count(distinct customer_id)
        from lines join firsts using (customer_id) group by all""",
}


@task
def duckdb_raw(target: str, metric: str) -> Found:
    import duckdb

    con = duckdb.connect(target, read_only=True)
    return {"seconds": _median(lambda: con.execute(_SQL[metric]).fetchall(), 3)}


@task
def pandas_raw(target: str, metric: str) -> Found:
    import pandas as pd

    lines = pd.read_parquet(target)

    def customers() -> Any:
        return lines.groupby("customer_id").agg({"order_date": ["min", "max"], "transaction_id": "nunique", "amount": "sum"})

    def months() -> Any:
        by = lines["order_date"].dt.to_period("M")
        return lines.groupby(by).agg({"transaction_id": "nunique", "customer_id": "nunique", "amount": "sum"})

    def cohorts() -> Any:
        first = lines.groupby("customer_id")["order_date"].transform("min").dt.to_period("M")
        return lines.groupby([first.rename("cohort"), lines["order_date"].dt.to_period("M")])["customer_id"].nunique()

    return {"seconds": _median({"customers": customers, "months": months, "cohorts": cohorts}[metric], 1)}


@task
def polars_raw(target: str, metric: str) -> Found:
    import polars as pl

    lines = pl.scan_parquet(target)
    month = pl.col("order_date").dt.truncate("1mo")
    orders, buyers = pl.col("transaction_id").n_unique(), pl.col("customer_id").n_unique()
    first = lines.group_by("customer_id").agg(pl.col("order_date").min().dt.truncate("1mo").alias("cohort"))
    queries = {
        "customers": lines.group_by("customer_id").agg(
            pl.col("order_date").min().alias("first"), pl.col("order_date").max().alias("last"), orders, pl.col("amount").sum()
        ),
        "months": lines.group_by(month.alias("month")).agg(orders, buyers, pl.col("amount").sum()),
        "cohorts": lines.join(first, on="customer_id").group_by("cohort", month.alias("month")).agg(buyers),
    }
    return {"seconds": _median(lambda: queries[metric].collect(), 3)}


# --- a page's queries


@task
def page_queries(workspace: str) -> Found:
    """Every query that the answer of a study sends, each by itself, the median of three rounds; and the whole answer."""
    from analytics.access import Access
    from analytics.marts.build import open_current
    from analytics.studies import CATALOGUE, answer, params_from
    from analytics.warehouse import Warehouse

    house = open_current(Access(workspace=workspace))
    sent: list[float] = []
    for name in ("frame", "row"):
        setattr(Warehouse, name, _timed(getattr(Warehouse, name), sent))
    found = {}
    for study in CATALOGUE.values():
        params = params_from(study, {}, house.settings)
        rounds, totals = [], []
        for _ in range(4):
            sent.clear()
            begun = time.perf_counter()
            answer(study, house, params)
            totals.append(time.perf_counter() - begun)
            rounds.append(list(sent))
        each = [statistics.median(times) for times in zip(*rounds[1:], strict=True)]
        found[study.id] = {
            "queries": len(each),
            "slowest": max(each, default=0.0),
            "over": sum(t > 0.05 for t in each),
            "answer": totals[-1],
        }
    return {"studies": found}


def _timed(function: Callable[..., Any], sent: list[float]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            sent.append(time.perf_counter() - begun)

    return call


@task
def fit(workspace: str, name: str) -> Found:
    """What a page waits for once a version: a fit with the usual settings, from marts to kept scores."""
    from analytics.access import Access
    from analytics.fits import fitted
    from analytics.marts.build import open_current
    from analytics.studies import CATALOGUE
    from analytics.studies.base import defaults

    house = open_current(Access(workspace=workspace))
    asked = {one.id: (one, params) for study in CATALOGUE.values() for one, params in study.fits(defaults(study, house.settings))}
    one, params = asked[name]
    begun = time.perf_counter()
    fitted(house, one, **params)
    return {"seconds": time.perf_counter() - begun}


@task
def cancel(csv: str, workspace: str) -> Found:
    """How long after a cancel the importer is gone, in the middle of loading; progress was told in rows."""
    from analytics import jobs
    from analytics.errors import UserError

    job = jobs.start_load(workspace, [Path(csv)], {})
    while not (job.progress().step == "load" and job.progress().rows) and not job.progress().done:
        time.sleep(0.01)
    rows = job.progress().rows
    begun = time.perf_counter()
    job.cancel()
    with contextlib.suppress(UserError):
        job.result()
    return {"seconds": time.perf_counter() - begun, "rows": rows}


def _median(work: Callable[[], object], rounds: int) -> float:
    return statistics.median(_seconds(work) for _ in range(rounds))


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()):
        yield


if __name__ == "__main__":
    with _quiet():
        answer_ = TASKS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps(answer_, default=float))
    sys.stdout.flush()
    os._exit(0)  # what a library does at exit is not part of the work
