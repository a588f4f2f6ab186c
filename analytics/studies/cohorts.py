"""Do newer customers stay, and what do they bring? Customers by the month or quarter of their first order.

Tables of the answer
    retention  one row a cohort and age that has begun (age 0 is the period of the first order): grain, cohort (first day), age,
               customers, active, share, low, high, money (net sales of the period), money_per_customer (from age 0 on),
               margin_per_customer, complete (the period is over), truncated (so early that old customers look new),
               counted (estimates rest on it)
    curve      group (all, older, newer), age, cohorts, customers, active, share, low, high
    drift      newer against older cohorts at the same age: age, newer, older, difference, low, high
    cohorts    cohort, age, customers, share, expected, difference, low, high, q, standing, basis: each against the others
    repeat     dimension (cohort, category, channel, region, acquisition_channel: all as of the first order or as on file), value,
               customers, eligible, returned, window (days), share, low, high, q, standing: second order within the window
    second     grain, dimension, group, days, at_risk, share, low, high: share with a second order by so many days (Kaplan-Meier)
    within     the same at 30, 60, 90, 180 and 365 days
    trend      month of the first order under the names of the estimates, for the cards
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import pandas as pd

from analytics.models import cohorts as model
from analytics.models.resample import ratio_of_sums
from analytics.results import Estimate, Note, Period, Result, Unit, exact, wilson
from analytics.studies import cohort_returns as returns
from analytics.studies import cohort_tables as tables
from analytics.studies.base import Filters, Need, Study
from analytics.studies.cohort_tables import LEAST, Grain, Span
from analytics.studies.cohorts_figures import draw
from analytics.studies.cohorts_sql import CELLS, OLD, REPEAT, SPAN, VALUE, WAITS
from analytics.warehouse import Warehouse

AGES = {"month": 3, "quarter": 1}  # the age at which cohorts are compared

ORDER = (
    "customers", "repeat_rate", "median_days_to_second", "second_by_90", "retention_3", "retention_12", "value_12", "value_6",
    "value_3", "retention_6", "retention_1", "margin_12",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """grain: width of a cohort; by: whose return is compared; repeat_days: time to come back, and time for old customers to show up."""

    grain: Grain = field(default="month", metadata={"preset": "cohort"})
    by: Literal["cohort", "category", "channel", "region", "acquisition_channel"] = "cohort"
    repeat_days: int = field(default=90, metadata={"min": 7, "max": 730, "step": 1, "preset": "repeat_days"})
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What every query is told: the filters, the days, the window in days; and the cohorts that count."""

    facts: Mapping[str, Any]
    span: Span
    window: float
    min_cell: int
    since: pd.Timestamp
    newer: pd.Timestamp | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Returned:
    """What second orders give: tables, and the estimates over all counted cohorts."""

    tables: dict[str, pd.DataFrame]
    estimates: dict[str, Estimate]


def run(warehouse: Warehouse, params: Params) -> Result:
    """Cohorts, their return and their money, as far as the data tells new customers from old."""
    span = _span(warehouse)
    facts = _where(params.filters, params.grain)
    months = _triangle(warehouse, span, "month", facts, params.repeat_days)
    old = int(warehouse.frame(OLD, **facts)["customers"].iloc[0])
    n = 0 if months.empty else int(months.loc[months["age"] == 0, "customers"].sum())
    if n < LEAST:
        return _refused(n, old, params)
    triangle = months if params.grain == "month" else _triangle(warehouse, span, params.grain, facts, params.repeat_days)
    asked = _asked(warehouse, params, span, triangle)
    months["counted"] = months["cohort"] >= asked.since  # quarters and months rest on the same customers
    returned = _returned(warehouse, params, asked)
    shown = {"retention": _large(triangle, asked.min_cell)}
    found = {**shown, **_compared(triangle, params.grain, asked), **returned.tables}
    found["trend"] = _trend(_large(months, asked.min_cell), found["repeat"], params.grain)
    estimates = _estimates(warehouse, months, asked) | returned.estimates
    return Result(
        study=STUDY.id,
        verdict=_start(months, params) or _verdict(found, params, estimates),
        estimates={name: estimates[name] for name in ORDER if name in estimates},
        tables={name: table for name, table in found.items() if len(table)},
        warnings=_warnings(triangle, found, params, asked, old),
    )


def retention_table(warehouse: Warehouse, grain: Grain = "month", filters: Filters = Filters(), repeat_days: int = 90) -> pd.DataFrame:
    """The table `retention` alone; empty when no cohort has as many customers as may be shown.

    repeat_days  cohorts that began within so many days of the data may hold old customers and are marked `truncated`
    """
    return _large(_triangle(warehouse, _span(warehouse), grain, _where(filters, grain), repeat_days), warehouse.access.min_cell)


def first_returns(warehouse: Warehouse, grain: Grain = "month", filters: Filters = Filters(), repeat_days: int = 90) -> pd.DataFrame:
    """What `repeat_rate` rests on, by month of the first order: month, customers, eligible, returned.

    grain  of the cohorts: customers of cohorts that do not count, and those known from before the data, are left out
    """
    span, facts = _span(warehouse), _where(filters, "month")
    triangle = _triangle(warehouse, span, grain, facts, repeat_days)
    if not len(triangle):
        return pd.DataFrame(columns=["month", "customers", "eligible", "returned"])
    asked = _asked(warehouse, Params(grain=grain, repeat_days=repeat_days, filters=filters), span, triangle)
    counts = warehouse.frame(REPEAT, window=asked.window, **{**_waited(asked, "month"), **facts})
    rows = counts[counts["dimension"] == "cohort"].rename(columns={"value": "month"}).reset_index(drop=True)
    return rows.drop(columns="dimension").assign(month=pd.to_datetime(rows["month"]))


def _waited(asked: _Asked, grain: Grain) -> dict[str, Any]:
    """What the queries of second orders are told."""
    span = asked.span
    return {
        **asked.facts, "grain": grain, "monthly": span.monthly, "month_days": returns.MONTH_DAYS, "end": span.end, "since": asked.since,
    }  # fmt: skip


def _triangle(warehouse: Warehouse, span: Span, grain: Grain, facts: Mapping[str, Any], repeat_days: int) -> pd.DataFrame:
    """Every cohort, also those too small to be shown: sums rest on all of them."""
    cells = warehouse.frame(CELLS, grain=grain, **facts)
    return tables.triangle(cells, span, grain, lookback=repeat_days) if len(cells) else pd.DataFrame()


def _large(triangle: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """The cohorts that may be shown."""
    return triangle[triangle["customers"] >= min_cell].reset_index(drop=True) if len(triangle) else triangle


def _span(warehouse: Warehouse) -> Span:
    row = warehouse.frame(SPAN).iloc[0]
    began = pd.Timestamp(row["began"])
    if pd.isna(began) or warehouse.as_of is None:
        return Span(began=date(1, 1, 1), end=date(1, 1, 1))
    return Span(began=began.date(), end=warehouse.as_of, monthly=bool(row["monthly"]))


def _where(filters: Filters, grain: Grain) -> dict[str, Any]:
    """The period chooses cohorts, whole quarters where these are asked for: customers are followed beyond it."""
    facts: dict[str, Any] = {name: list(getattr(filters, name)) for name in ("region", "channel", "tier")}
    if filters.period is None:
        return {"first": date(1, 1, 1), "last": date(9999, 12, 31), **facts}
    first, last = (pd.Period(month, freq="M" if grain == "month" else "Q") for month in filters.period)
    return {"first": first.start_time.date(), "last": last.end_time.date(), **facts}


def _asked(warehouse: Warehouse, params: Params, span: Span, triangle: pd.DataFrame) -> _Asked:
    window = float(params.repeat_days)
    if span.monthly:
        window = returns.months(window)
    since = triangle.loc[triangle["counted"], "cohort"].min()
    return _Asked(
        facts=_where(params.filters, params.grain), span=span, window=window, min_cell=warehouse.access.min_cell,
        since=since, newer=tables.split(triangle),
    )  # fmt: skip


def _refused(n: int, old: int, params: Params) -> Result:
    """Too few new customers: because all were customers before, because of the filters, or at all."""
    if old and old >= n:
        lacking = Note(key="cohorts.refused.all_old", facts={"n": n, "old": old, "least": LEAST})
    else:
        kind = "few_in_filter" if params.filters != Filters() else "few"
        lacking = Note(key=f"cohorts.refused.{kind}", facts={"n": n, "least": LEAST})
    return Result(study=STUDY.id, verdict=lacking, refused=lacking)


def _compared(triangle: pd.DataFrame, grain: Grain, asked: _Asked) -> dict[str, pd.DataFrame]:
    """The curve over the ages, newer against older cohorts, each cohort against the others."""
    pooled = tables.curve(triangle, asked.newer)
    cells = tables.whole(triangle)
    cells = cells[cells["customers"] >= LEAST].assign(day=cells["cohort"], cohort=tables.number(cells["cohort"], grain))
    age = tables.usual_age(cells["age"], AGES[grain])
    found = {"curve": pooled, "drift": tables.drift(pooled)}
    if age is not None:
        each = model.compare(cells[["cohort", "age", "customers", "active"]], age)
        days = dict(zip(cells["cohort"], cells["day"], strict=True))
        found["cohorts"] = each.assign(cohort=each["cohort"].map(days)) if len(each) else each
    return found


def _returned(warehouse: Warehouse, params: Params, asked: _Asked) -> _Returned:
    """Second orders: within the window by who came, and by how long they took."""
    facts = _waited(asked, params.grain)
    counts = warehouse.frame(REPEAT, window=asked.window, **facts)
    waits = warehouse.frame(WAITS, by=params.by, **facts)
    grid, marks = returns.grid(asked.span.monthly)
    everyone = returns.waiting_of(waits, grid)
    groups = returns.groups(waits, params.by, asked.newer)
    parts = {"all": everyone, **{name: returns.waiting_of(rows, grid) for name, rows in groups.items()}}
    second = returns.told(parts).assign(dimension=params.by, grain=params.grain)
    repeat = returns.repeat_table(counts, asked.window, asked.min_cell)
    found = {"repeat": repeat, "second": second, "within": second[second["days"].isin(marks)].reset_index(drop=True)}
    return _Returned(tables=found, estimates=returns.estimates(counts, everyone))


def _trend(months: pd.DataFrame, repeat: pd.DataFrame, grain: Grain) -> pd.DataFrame:
    """Months of the first order under the names of the estimates."""
    counted = months[months["counted"] & months["complete"]]
    shares = counted.pivot(index="cohort", columns="age", values="share")
    trend = pd.DataFrame({f"retention_{age}": shares[age] for age in (1, 3, 6, 12) if age in shares}, index=shares.index)
    trend["customers"] = counted[counted["age"] == 0].set_index("cohort")["customers"]
    if grain == "month" and len(repeat):
        rates = repeat[(repeat["dimension"] == "cohort") & (repeat["eligible"] == repeat["customers"])]
        trend["repeat_rate"] = trend.index.map(dict(zip(pd.to_datetime(rates["value"]), rates["share"], strict=True)))
    return trend.reset_index(names="month")


def _estimates(warehouse: Warehouse, months: pd.DataFrame, asked: _Asked) -> dict[str, Estimate]:
    """How many there are, and at each age how many order and what they have brought."""
    first = months[(months["age"] == 0) & months["counted"]]
    n = int(first["customers"].sum())
    estimates = {"customers": exact(n, unit=Unit.COUNT, n=n)}
    cells = tables.whole(months)
    for age in (1, 3, 6, 12):
        part = cells[cells["age"] == age]
        if part["customers"].sum() >= LEAST:
            estimates[f"retention_{age}"] = wilson(int(part["active"].sum()), int(part["customers"].sum()))
    estimates |= _value(warehouse, cells, asked)
    if "value_6" in estimates:
        estimates.pop("value_3")
    return estimates


def _value(warehouse: Warehouse, cells: pd.DataFrame, asked: _Asked) -> dict[str, Estimate]:
    """Net sales and margin a customer up to an age, of the cohorts that have reached it."""
    reached = {f"until_{age}": cells.loc[cells["age"] == age, "cohort"].max() + pd.offsets.MonthEnd(0) for age in (3, 6, 12)}
    days = {name: None if pd.isna(day) else day.date() for name, day in reached.items()}
    buckets = warehouse.frame(VALUE, **{**asked.facts, **days, "first": asked.since.date()})
    values = {name: _mean(buckets, name) for name in ("value_3", "value_6", "value_12", "margin_12")}
    return {name: value for name, value in values.items() if value is not None}


def _mean(buckets: pd.DataFrame, name: str) -> Estimate | None:
    """Money a customer; None where the data has none or too few have reached the age."""
    people = buckets[f"customers_{name.rsplit('_')[-1]}"].to_numpy(float)
    if buckets[name].isna().all() or people.sum() < LEAST:
        return None
    return ratio_of_sums(buckets[name].fillna(0).to_numpy(float), people, unit=Unit.MONEY, n=int(people.sum()))


def _verdict(found: Mapping[str, pd.DataFrame], params: Params, estimates: Mapping[str, Estimate]) -> Note:
    """The finding: a cohort that stands out, else newer against older ones, else what is known of all."""
    cohorts = found.get("cohorts", pd.DataFrame())
    out = cohorts[cohorts["standing"] != "alike"] if len(cohorts) else cohorts
    if len(out):
        return _outstanding(out.iloc[int(out["difference"].abs().argmax())], params.grain)
    gaps = found["drift"]
    age = tables.usual_age(gaps["age"], AGES[params.grain], 1) if len(gaps) else None
    if age is not None:
        return _drift(gaps[gaps["age"] == age].iloc[0], params.grain)
    if "repeat_rate" not in estimates and (wait := estimates.get("median_days_to_second")):
        return Note(key="cohorts.verdict.median", facts={"customers": estimates["customers"], "wait": wait})
    kind = next((name for name in ("repeat_rate", "second_by_90") if name in estimates), None)
    facts = {"days": params.repeat_days if kind == "repeat_rate" else 90, "customers": estimates["customers"]}
    return Note(key=f"cohorts.verdict.{'pooled' if kind else 'early'}", facts={**facts, **({"share": estimates[kind]} if kind else {})})


def _start(months: pd.DataFrame, params: Params) -> Note | None:
    """Where nearly everyone is there from the start, the data does not tell new customers from old. Regulars of before show up at once,
    new customers month by month: a first month far above a third of the first three speaks for regulars."""
    first = months[months["age"] == 0]
    early = first[first["truncated"]]
    if not (early["counted"].any() and len(early)):
        return None
    share = wilson(int(early["customers"].sum()), int(first["customers"].sum()))
    soon = wilson(int(first["customers"].iloc[0]), int(first["customers"].head(3).sum()))
    kind = "old" if soon.value > 0.5 else "unclear"
    return Note(key=f"cohorts.verdict.start.{kind}", facts={"share": share, "soon": soon, "days": params.repeat_days})


def _outstanding(row: pd.Series, grain: Grain) -> Note:
    """The cohort farthest from what the others let expect; of those that are, beyond chance."""
    bounds = {name: _as_share(row["expected"] + row[name], row) for name in ("low", "high")}
    facts = {
        "cohort": Period(first=row["cohort"].date(), grain=grain), "age": int(row["age"]),
        "share": _as_share(row["share"], row), "expected": _as_share(row["expected"], row), **bounds,
    }  # fmt: skip
    return Note(key=f"cohorts.verdict.{row['standing']}.{row['basis']}.{grain}", facts=facts)


def _drift(row: pd.Series, grain: Grain) -> Note:
    change = "more" if row["low"] > 0 else "less" if row["high"] < 0 else "alike"
    facts = {"age": int(row["age"]), **{name: _as_share(row[name], row) for name in ("newer", "older")}}
    return Note(key=f"cohorts.verdict.{change}.{grain}", facts=facts)


def _as_share(value: float, row: pd.Series) -> Estimate:
    """A share as a wording takes it."""
    return exact(value, unit=Unit.SHARE, n=int(row.get("customers", 0)))


def _warnings(triangle: pd.DataFrame, found: Mapping[str, pd.DataFrame], params: Params, asked: _Asked, old: int) -> tuple[Note, ...]:
    """What must be known before the cohorts are believed."""
    first = triangle[triangle["age"] == 0]
    early, small = first[first["truncated"]], first[first["customers"] < asked.min_cell]
    notes = []
    if len(early):
        kind = "counted" if early["counted"].any() else "truncated"
        facts = {"n": int(early["customers"].sum()), "total": int(first["customers"].sum()), "days": params.repeat_days}
        notes.append(Note(key=f"cohorts.warnings.{kind}", facts=facts))
    if old:
        notes.append(Note(key="cohorts.warnings.old", facts={"n": old}))
    if len(small):
        notes.append(Note(key="cohorts.warnings.small", facts={"n": len(small), "least": asked.min_cell}))
    if asked.span.monthly:
        notes.append(Note(key="cohorts.warnings.monthly"))
    if "money_per_customer" not in triangle:
        notes.append(Note(key="cohorts.warnings.no_money"))
    if params.by not in set(found["repeat"].get("dimension", [])):
        notes.append(Note(key=f"cohorts.warnings.lacking.{params.by}"))
    return tuple(notes)


STUDY = Study(
    id="cohorts",
    group="customers",
    any_of=((Need(table="transactions", columns=("customer_id", "occurred_at")),),),
    params=Params,
    run=run,
    figures=draw,
)
