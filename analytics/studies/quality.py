"""Can the data be trusted? What is filled, doubled, unknown, impossible, missing in time, and where every row of every file went.

Tables of the answer
    completeness  table, column, filled, rows, share; only columns that some file brought
    checks        area (duplicates, orphans, impossible, unusual), check, table, hits, rows, share, status (good, watch, act, not_measured)
    coverage      table, first, last, days (with rows; months where a table knows
                  only months), days_between, longest_gap (days without rows), gap_from
    files         path, table, rows_read, rows_loaded, rows_excluded, rows_rejected, accounted (whether they add up)
    score         component, value: what the score is the mean of
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

import pandas as pd

from analytics.contract import TABLES
from analytics.results import Estimate, Note, Result, Unit, exact
from analytics.studies.base import Need, Study
from analytics.studies.quality_figures import draw
from analytics.warehouse import Warehouse

WATCH, ACT = 0.0, 0.01  # share of rows above which a check asks to watch, to act

COLUMNS = """
select table_name as "table", column_name as "column", filled, rows, filled / rows as share
from quality_columns where filled > 0 order by table_name, share, column_name
"""

CHECKS = """
select area, check_name as "check", table_name as "table", hits, rows, case when rows > 0 then hits / rows end as share
from quality_checks order by area, check_name, table_name
"""

COVERAGE = """
with grain as (
    select table_name, bool_and(day(day) = 1) and count(*) > 1 as monthly from quality_days group by table_name
),
days as (
    select
        table_name, day, monthly, lag(day) over (partition by table_name order by day) as before,
        date_diff('day', before, day) - case when monthly then date_diff('day', before, before + interval 1 month) else 1 end as empty
    from quality_days join grain using (table_name)
)
select
    table_name as "table", min(day) as first, max(day) as last, count(*) as days,
    date_diff(case when any_value(monthly) then 'month' else 'day' end, min(day), max(day)) + 1 as days_between,
    coalesce(max(empty), 0) as longest_gap, arg_max(before, empty) as gap_from
from days group by table_name order by table_name
"""

FUTURE = """
select coalesce(sum(rows) filter (day > $day::date), 0) as hits, coalesce(sum(rows), 0) as rows from quality_days where table_name = $table
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Quality is asked of all the data: nothing to choose."""


def run(warehouse: Warehouse, params: Params) -> Result:
    """Every check the data allows; those it does not are "not measured"."""
    version = warehouse.version
    files = _files(version.files)
    checks = _checks(warehouse, _loaded_on(version.created_at))
    completeness, coverage = warehouse.frame(COLUMNS), warehouse.frame(COVERAGE)
    score = _score(completeness, checks, files)
    rows = int(completeness.groupby("table")["rows"].first().sum())
    estimates = {
        "score": exact(score["value"].mean(), unit=Unit.SHARE, n=rows),
        **_shares(score, checks, files),
        **_fresh(coverage, _loaded_on(version.created_at)),
    }
    tables = {"completeness": completeness, "checks": checks, "coverage": coverage, "files": files, "score": score}
    return Result(
        study=STUDY.id,
        verdict=_verdict(estimates, checks, files),
        estimates=estimates,
        tables={name: table for name, table in tables.items() if len(table)},
        warnings=_warnings(checks, files),
    )


def _loaded_on(created_at: str) -> date:
    return datetime.fromisoformat(created_at).date() if created_at else date.today()


def _checks(warehouse: Warehouse, loaded_on: date) -> pd.DataFrame:
    """Each check with its hits; `future` needs the day of the import, so it is added here."""
    checks = warehouse.frame(CHECKS)
    held = checks["table"].isin(warehouse.present())
    future = [
        {"area": "impossible", "check": "future_date", "table": table, **_future(warehouse, table, loaded_on)}
        for table in ("transactions", "points")
        if table in warehouse.present()
    ]
    checks = pd.concat([checks[held], pd.DataFrame(future)], ignore_index=True)
    seen = zip(checks["area"], checks["rows"], checks["share"], strict=True)
    return checks.assign(status=[_status(area, rows, share) for area, rows, share in seen])


def _future(warehouse: Warehouse, table: str, loaded_on: date) -> dict[str, float]:
    row = warehouse.frame(FUTURE, day=loaded_on, table=table).iloc[0]
    return {"hits": float(row["hits"]), "rows": float(row["rows"]), "share": row["hits"] / row["rows"] if row["rows"] else float("nan")}


def _status(area: str, rows: float, share: float) -> str:
    """What is unusual may be right, so it asks for a look at most."""
    if not rows:
        return "not_measured"
    return "act" if share > ACT and area != "unusual" else "watch" if share > WATCH else "good"


def _files(files: tuple[Mapping[str, Any], ...]) -> pd.DataFrame:
    """Rows read = loaded + excluded + rejected, per file."""
    rows = [
        {
            "path": PurePath(str(file["path"])).name,
            "table": file["table"],
            "rows_read": int(file["rows_read"]),
            "rows_loaded": int(file["rows_loaded"]),
            "rows_excluded": sum(file["rows_excluded"].values()),
            "rows_rejected": int(file["rows_rejected"]),
        }
        for file in files
    ]
    table = pd.DataFrame(rows)
    if table.empty:
        return table
    return table.assign(accounted=table["rows_read"] == table["rows_loaded"] + table["rows_excluded"] + table["rows_rejected"])


def _score(completeness: pd.DataFrame, checks: pd.DataFrame, files: pd.DataFrame) -> pd.DataFrame:
    """The parts of the score, each a share from 0 to 1; a part that cannot be measured does not count as good, it is left out."""
    keys = {(table.name, column) for table in TABLES for column in table.key}
    optional = completeness[
        [(table, column) not in keys for table, column in zip(completeness["table"], completeness["column"], strict=True)]
    ]
    parts = {"completeness": optional["share"].mean() if len(optional) else 1.0}
    for area in ("duplicates", "orphans", "impossible"):
        seen = checks[(checks["area"] == area) & (checks["rows"] > 0)]
        if len(seen):
            parts[area] = 1 - seen["share"].max()
    if len(files) and files["rows_read"].sum():
        parts["readable"] = 1 - files["rows_rejected"].sum() / files["rows_read"].sum()
    return pd.DataFrame({"component": list(parts), "value": list(parts.values())})


def _shares(score: pd.DataFrame, checks: pd.DataFrame, files: pd.DataFrame) -> dict[str, Estimate]:
    """The score's parts as a reader expects them: completeness as it is, the rest as shares of trouble, each at its worst check."""
    parts = dict(zip(score["component"], score["value"], strict=True))
    shares = {"completeness": exact(parts["completeness"], unit=Unit.SHARE, n=len(score))} if "completeness" in parts else {}
    for area in ("duplicates", "orphans", "impossible"):
        if area in parts:
            shares[area] = exact(1 - parts[area], unit=Unit.SHARE, n=int(checks.loc[checks["area"] == area, "rows"].max()))
    if "readable" in parts:
        shares["rejected"] = exact(1 - parts["readable"], unit=Unit.SHARE, n=int(files["rows_read"].sum()))
    return shares


def _fresh(coverage: pd.DataFrame, loaded_on: date) -> dict[str, Estimate]:
    """Days between the last row of sales or points and the import."""
    seen = coverage[coverage["table"].isin(["transactions", "points"])]
    if seen.empty:
        return {}
    days = (pd.Timestamp(loaded_on) - seen["last"].max()).days
    return {"freshness": exact(max(days, 0), unit=Unit.DAYS, n=int(seen["days"].sum()))}


def _verdict(estimates: dict[str, Estimate], checks: pd.DataFrame, files: pd.DataFrame) -> Note:
    measured = checks[checks["status"] != "not_measured"]
    act = int((measured["status"] == "act").sum())
    lost = 0 if files.empty else int((~files["accounted"]).sum())
    facts = {"score": estimates["score"], "n": len(measured), "act": act, "lost": lost}
    kind = "lost" if lost else "act" if act else "good" if len(measured) else "unchecked"
    return Note(key=f"quality.verdict.{kind}", facts=facts)


def _warnings(checks: pd.DataFrame, files: pd.DataFrame) -> tuple[Note, ...]:
    unseen = int((checks["status"] == "not_measured").sum())
    notes = [Note(key="quality.warnings.not_measured", facts={"n": unseen})] if unseen else []
    if len(files) and files["rows_rejected"].sum():
        notes.append(
            Note(key="quality.warnings.rejected", facts={"n": int(files["rows_rejected"].sum()), "total": int(files["rows_read"].sum())})
        )
    return tuple(notes)


STUDY = Study(
    id="quality",
    group="start",
    any_of=tuple((Need(table=table.name),) for table in TABLES),
    params=Params,
    run=run,
    figures=draw,
)
