"""How is the customer base doing? The figures of the data at hand and their months.

Tables of the answer
    trend      one row a whole month: month, and the figures of that month under the names of the estimates
    months     all months: month, complete, customers, orders, net_sales, refunds, discount, margin
    changes    estimate, now, before, change (share), months: the last so many whole months on as many before them; with a
               period chosen, that period on the equal one before it
    breakdown  dimension (tier, channel, region), value, orders, net_sales, share_orders and share (of all orders, all net sales)
    deciles    tenth of customers by net sales (1 is the top), customers, net_sales, share
    points     month, complete, earned, redeemed
    members    month, complete, enrolled, cancelled
    events     date, kind, text: what happened, drawn on the months
    retention  cohorts of first orders by age: see the study cohorts
    plan       series, month, plan, actual, gap (share of the plan), reached: whole months with a target
    gap        group (members, others), customers, months, per_month: behind `naive_gap`, a description and never an effect
    versions   estimate, before, now, change, version (that came before), created_at
    tiers      tier, customers, members, share, ordered_by (rules, money, size)
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from analytics.models.resample import median, ratio_of_sums
from analytics.presets import PRESETS
from analytics.results import Estimate, Note, Result, Unit, exact, wilson
from analytics.studies.base import Filters, Need, Study
from analytics.studies.before import since
from analytics.studies.cohorts import first_returns, retention_table
from analytics.studies.events import events
from analytics.studies.gap import naive_gap
from analytics.studies.overview_figures import draw
from analytics.studies.overview_sql import (
    BEGAN,
    BREAKDOWN,
    CHURNED,
    DECILES,
    GAPS,
    JOINED,
    LAST,
    MONTHS,
    PEOPLE,
    POINTS,
    POINTS_DAYS,
    REDEEMERS,
    SALES,
    TIERS,
)
from analytics.studies.plan import plan_table
from analytics.warehouse import Warehouse

GRACE = 2  # days without activity at a month's end that do not make it incomplete

# cards in the order of their weight; the page shows the first seven the data has
ORDER = (
    "customers",
    "active_rate",
    "repeat_rate",
    "net_sales",
    "margin_rate",
    "median_gap",
    "members",
    "average_order_value",
    "orders",
    "churned_share",
    "cancelled_share",
    "points_earned",
    "points_redeemed",
    "ever_redeemed",
    "tiers",
    "naive_gap",
)

_SOLD = frozenset({"customer_id", "occurred_at"})  # what makes a sale


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """active_days: window of the active rate; repeat_days: time to come back in the repeat rate."""

    active_days: int = field(default=90, metadata={"preset": "active_days", "min": 7, "max": 730, "step": 1})
    repeat_days: int = field(default=90, metadata={"preset": "repeat_days", "min": 7, "max": 730, "step": 1})
    filters: Filters = Filters()


@dataclass(slots=True, kw_only=True)
class _Answer:
    """What the parts of the overview add to."""

    estimates: dict[str, Estimate] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    warnings: list[Note] = field(default_factory=list)
    on_file: int = 0  # customers of the list, whether or not they bought


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """The days asked about, and the last day of the data."""

    first: date
    as_of: date
    end: date


def run(warehouse: Warehouse, params: Params) -> Result:
    """Every figure that the data at hand can give, nothing that it cannot; and how it has changed since the last version of the data."""
    now = _figures(warehouse, params)
    versions = since(warehouse, now, lambda earlier: _figures(earlier, params))
    return replace(now, tables={**now.tables, **({"versions": versions} if len(versions) else {})})


def _figures(warehouse: Warehouse, params: Params) -> Result:
    present, found = warehouse.present(), _Answer()
    span, sold = _span(params.filters, warehouse.as_of), present.get("transactions", frozenset()) >= _SOLD
    if span is not None and sold:
        _sales(warehouse, params, span, found)
    if not params.filters.channel:  # neither the customer list nor points nor the snapshot know a channel
        if ("customers" in present or "tiers" in present) and (span is not None or params.filters.period is None):
            _members(warehouse, params, span, found)
        if span is not None and "points" in present:
            _points(warehouse, params, span, found)
        if "churned" in present.get("outcomes", frozenset()) and params.filters.period is None:
            _outcomes(warehouse, params, found)
    if not sold and found.on_file:
        found.estimates["customers"] = exact(found.on_file, unit=Unit.COUNT, n=found.on_file)
    estimates = {name: found.estimates[name] for name in ORDER if name in found.estimates}
    return Result(
        study=STUDY.id,
        verdict=_verdict(estimates, params, found.on_file),
        estimates=estimates,
        tables={name: table for name, table in found.tables.items() if len(table)},
        warnings=tuple(found.warnings),
    )


def _span(filters: Filters, as_of: date | None) -> _Span | None:
    if as_of is None:
        return None
    if filters.period is None:
        return _Span(first=date(1, 1, 1), as_of=as_of, end=as_of)
    (first_year, first_month), (year, month) = ((int(part) for part in text.split("-")) for text in filters.period)
    return _Span(first=date(first_year, first_month, 1), as_of=min(as_of, _month_end(date(year, month, 1))), end=as_of)


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _facts(params: Params, *names: str) -> dict[str, Any]:
    return {name: list(getattr(params.filters, name)) for name in names or ("channel", "region", "tier")}


def _sales(warehouse: Warehouse, params: Params, span: _Span, found: _Answer) -> None:
    where = {"first": span.first, "as_of": span.as_of, **_facts(params)}
    buckets = warehouse.frame(SALES, **where)
    n = int(buckets["customers"].sum()) if len(buckets) else 0
    if not n:
        found.warnings += [Note(key="overview.warnings.nothing_in_filter")] if params.filters != Filters() else []
        return
    began = pd.Timestamp(warehouse.frame(BEGAN)["first"][0])
    months = _months(warehouse, params, span, began)
    inside = months[months["month"] >= pd.Timestamp(max(span.first, date(1700, 1, 1)))].reset_index(drop=True)
    repeat = first_returns(warehouse, PRESETS[warehouse.settings.preset].cohort, params.filters, params.repeat_days)
    found.estimates |= {
        "customers": exact(n, unit=Unit.COUNT, n=n),
        **_totals(buckets, n),
        **_active(warehouse, params, span, began, found),
        **_repeat(repeat),
        **_gap(warehouse, params),
    }
    found.tables |= {
        "months": inside.dropna(axis="columns", how="all"),
        "trend": _trend(inside, repeat),
        "changes": _changes(months, params.filters),
        "breakdown": _breakdown(warehouse.frame(BREAKDOWN, **where), buckets),
    }
    if "net_sales" in found.estimates and found.estimates["net_sales"].value > 0:
        found.tables["deciles"] = _shared(warehouse.frame(DECILES, **where), "net_sales", "share")
    found.tables |= {"events": events(warehouse), **_pace(warehouse, params)}
    if gap := naive_gap(warehouse, inside, span.as_of, params.filters):
        found.estimates["naive_gap"], found.tables["gap"] = gap
    found.warnings += _sales_warnings(inside, found.estimates)


def _pace(warehouse: Warehouse, params: Params) -> dict[str, pd.DataFrame]:
    """Who stays, and plan against actual of whole months; plans are for all customers, so a filtered page has none."""
    grain = PRESETS[warehouse.settings.preset].cohort
    kept = retention_table(warehouse, grain, params.filters, params.repeat_days)
    return {"retention": kept, "plan": plan_table(warehouse) if params.filters == Filters() else pd.DataFrame()}


def _totals(buckets: pd.DataFrame, n: int) -> dict[str, Estimate]:
    """Orders, and, where money is known, net sales, average order value and margin rate."""
    orders = int(buckets["orders"].sum())
    totals = {"orders": exact(orders, unit=Unit.COUNT, n=orders)}
    if buckets["amount"].isna().all():
        return totals
    money = buckets["amount"].fillna(0).to_numpy(float)
    totals["net_sales"] = exact(round(float(money.sum()), 4), unit=Unit.MONEY, n=orders)
    totals["average_order_value"] = ratio_of_sums(money, buckets["orders"].to_numpy(float), unit=Unit.MONEY, n=n)
    if buckets["margin"].notna().any() and money.sum() > 0:
        totals["margin_rate"] = ratio_of_sums(buckets["margin"].fillna(0).to_numpy(float), money, unit=Unit.SHARE, n=n)
    return totals


def _active(warehouse: Warehouse, params: Params, span: _Span, began: pd.Timestamp, found: _Answer) -> dict[str, Estimate]:
    """Enrolled members with activity in the window; customers where no programme is known. Needs a history of the window's length."""
    since = span.as_of - timedelta(days=params.active_days)
    if began > pd.Timestamp(since):
        found.warnings.append(Note(key="overview.warnings.short", facts={"days": params.active_days, "first": began.date()}))
        return {}
    row = warehouse.frame(
        LAST, first=date(1, 1, 1) if params.filters.channel else since.replace(day=1), as_of=span.as_of, since=since, **_facts(params)
    ).iloc[0]
    hits, n = (int(row[name]) for name in (("enrolled_active", "enrolled") if row["enrolled"] else ("active", "known")))
    return {"active_rate": wilson(hits, n)} if n else {}


def _repeat(repeat: pd.DataFrame) -> dict[str, Estimate]:
    n = int(repeat["eligible"].sum())
    return {"repeat_rate": wilson(int(repeat["returned"].sum()), n)} if n else {}


def _gap(warehouse: Warehouse, params: Params) -> dict[str, Estimate]:
    """Time between orders needs the whole history: a period would cut the long gaps off."""
    if params.filters.period is not None:
        return {}
    gaps = warehouse.frame(GAPS, **_facts(params))
    values = np.repeat(gaps["gap_days"].to_numpy(float), gaps["customers"].to_numpy(int))
    return {"median_gap": median(values, unit=Unit.DAYS)} if len(values) else {}


def _months(warehouse: Warehouse, params: Params, span: _Span, began: pd.Timestamp) -> pd.DataFrame:
    """Every month up to the end of the period, empty ones included, and whether each is whole."""
    found = warehouse.frame(MONTHS, first=date(1, 1, 1), as_of=span.as_of, **_facts(params))
    monthly = bool(found["on_first_day"].all()) and len(found) > 1
    months = _filled(found.drop(columns="on_first_day"))
    return months.assign(complete=_complete(months["month"], None if monthly else began, None if monthly else span.end))


def _filled(months: pd.DataFrame) -> pd.DataFrame:
    """Months without a row are months with nothing in them, not months that do not exist."""
    whole = pd.date_range(months["month"].min(), months["month"].max(), freq="MS", name="month")
    filled = months.set_index("month").reindex(whole)
    known = filled.columns[filled.notna().any()]
    return filled.assign(**{name: filled[name].fillna(0) for name in known}).reset_index()


def _complete(months: pd.Series, first: pd.Timestamp | None, last: date | None) -> pd.Series:
    """False for months that the data covers in part. None: the data knows months only, so each is whole."""
    whole = pd.Series(True, index=months.index)
    if first is not None:
        whole &= months + pd.Timedelta(days=GRACE) >= first
    if last is not None:
        whole &= months + pd.offsets.MonthEnd(0) - pd.Timedelta(days=GRACE) <= pd.Timestamp(last)
    return whole


def _trend(months: pd.DataFrame, repeat: pd.DataFrame) -> pd.DataFrame:
    """Whole months under the names of the estimates, for the cards."""
    trend = months[months["complete"]][["month", "customers", "orders"]].reset_index(drop=True)
    whole = months[months["complete"]].reset_index(drop=True)
    if whole["net_sales"].notna().any():
        orders = whole["orders"].where(whole["orders"] > 0)
        trend = trend.assign(net_sales=whole["net_sales"], average_order_value=whole["net_sales"] / orders)
    if whole["margin"].notna().any():
        trend = trend.assign(margin_rate=whole["margin"] / whole["net_sales"].where(whole["net_sales"] > 0))
    cohorts = repeat[repeat["eligible"] == repeat["customers"]]  # of a month seen in part, only the early ones would count
    rates = (cohorts["returned"] / cohorts["eligible"]).set_axis(cohorts["month"])
    return trend.assign(repeat_rate=trend["month"].map(rates))


def _changes(months: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """The last whole months, or the period, on as many months before; no rows when the data does not reach back that far."""
    whole = months[months["complete"]].reset_index(drop=True)
    if filters.period is None:
        span = min(3, len(whole) // 2)
    else:
        inside = months[months["month"] >= pd.Timestamp(f"{filters.period[0]}-01")]
        span = len(inside) if inside["complete"].all() and 2 * len(inside) <= len(whole) else 0
    if not span:
        return pd.DataFrame()
    now, before = whole.tail(span), whole.iloc[-2 * span : -span]
    rows = [
        {"estimate": name, "now": value, "before": old, "change": value / old - 1, "months": span}
        for name, top, bottom in (
            ("net_sales", "net_sales", None),
            ("orders", "orders", None),
            ("average_order_value", "net_sales", "orders"),
            ("margin_rate", "margin", "net_sales"),
        )
        if (value := _over(now, top, bottom)) is not None and (old := _over(before, top, bottom))
    ]
    return pd.DataFrame(rows)


def _over(months: pd.DataFrame, top: str, bottom: str | None) -> float | None:
    """Sum of a column, or ratio of two sums; None where it is not known."""
    if months[top].isna().all() or (bottom and not months[bottom].sum() > 0):
        return None
    return float(months[top].sum() / (months[bottom].sum() if bottom else 1))


def _breakdown(table: pd.DataFrame, buckets: pd.DataFrame) -> pd.DataFrame:
    """Dimensions with at least two values; shares of all orders and sales, those without a value included."""
    kept = table[table.groupby("dimension")["value"].transform("size") > 1].reset_index(drop=True)
    return kept.assign(share_orders=kept["orders"] / buckets["orders"].sum(), share=kept["net_sales"] / buckets["amount"].sum())


def _shared(table: pd.DataFrame, column: str, name: str) -> pd.DataFrame:
    return table.assign(**{name: table[column] / table[column].sum()})


def _sales_warnings(months: pd.DataFrame, estimates: dict[str, Estimate]) -> list[Note]:
    notes = [] if "net_sales" in estimates else [Note(key="overview.warnings.no_money")]
    if not months["complete"].all():
        partial = months.loc[~months["complete"], "month"]
        notes.append(Note(key="overview.warnings.partial", facts={"n": len(partial), "month": partial.iloc[-1].date()}))
    return notes


def _members(warehouse: Warehouse, params: Params, span: _Span | None, found: _Answer) -> None:
    """Who is on file, who left, by tier. The file has no history but its dates: under a period only these are told."""
    days = {"first": span.first if span else None, "as_of": span.as_of if span else None}
    where, whole = _facts(params, "region", "tier"), params.filters.period is None
    row = warehouse.frame(PEOPLE, as_of=days["as_of"], **where).iloc[0]
    if whole:
        found.on_file = int(row["customers"])
        _on_file(warehouse, int(row["members"]), where, found)
    if row["joined"] and "cancelled_on" in warehouse.present().get("customers", frozenset()):
        found.estimates["cancelled_share"] = wilson(int(row["cancelled"]), int(row["joined"]))
    joined = warehouse.frame(JOINED, **days, **where)
    if len(joined):
        found.tables["members"] = _joined(joined)


def _on_file(warehouse: Warehouse, members: int, where: Mapping[str, Any], found: _Answer) -> None:
    """Members and tiers of the file as it stands."""
    if members:
        found.estimates["members"] = exact(members, unit=Unit.COUNT, n=found.on_file)
    tiers = warehouse.frame(TIERS, **where)
    if len(tiers):
        found.estimates["tiers"] = exact(len(tiers), unit=Unit.COUNT, n=int(tiers["customers"].sum()))
        found.tables["tiers"] = _shared(tiers, "customers", "share")


def _joined(joined: pd.DataFrame) -> pd.DataFrame:
    last = joined["last"].max()
    months = _filled(joined.drop(columns="last"))
    monthly = bool((joined["last"] == joined["month"]).all())
    return months.assign(complete=_complete(months["month"], None, None if monthly else last.date()))


def _points(warehouse: Warehouse, params: Params, span: _Span, found: _Answer) -> None:
    """Points given and taken, and, over the whole history, how many ever redeemed."""
    where = {"first": span.first, "as_of": span.as_of, **_facts(params, "region", "tier")}
    months = warehouse.frame(POINTS, **where)
    row = warehouse.frame(REDEEMERS, **where).iloc[0]
    earners, redeemers = int(row["earners"]), int(row["redeemers"])
    if not len(months) or not earners:
        return
    for name in ("earned", "redeemed"):
        found.estimates[f"points_{name}"] = exact(float(months[name].sum()), unit=Unit.POINTS, n=earners)
    if params.filters.period is None:
        found.estimates["ever_redeemed"] = wilson(redeemers, earners)
    filled = _filled(months)
    days = warehouse.frame(POINTS_DAYS).iloc[0]
    bounds = (None, None) if days["monthly"] else (days["first"], span.end)
    found.tables["points"] = filled.assign(complete=_complete(filled["month"], *bounds))


def _outcomes(warehouse: Warehouse, params: Params, found: _Answer) -> None:
    row = warehouse.frame(CHURNED, **_facts(params, "region", "tier")).iloc[0]
    n = int(row["customers"])
    if n:
        found.on_file = found.on_file or n
        found.estimates["churned_share"] = wilson(int(row["churned"]), n)


def _verdict(estimates: dict[str, Estimate], params: Params, on_file: int) -> Note:
    """One sentence from the weightiest figures at hand."""
    facts: dict[str, object] = {**estimates, "days": params.repeat_days, "n": on_file}
    wanted = {
        "sales": ("customers", "net_sales", "repeat_rate"),
        "sales_short": ("customers", "net_sales"),
        "activity": ("customers", "orders", "repeat_rate"),
        "activity_short": ("customers", "orders"),
        "points": ("points_earned", "points_redeemed", "ever_redeemed"),
        "points_short": ("points_earned", "points_redeemed"),
        "churn": ("customers", "churned_share"),
        "programme": ("members", "cancelled_share"),
        "known": ("customers",),
    }
    kind = next((kind for kind, names in wanted.items() if all(name in estimates for name in names)), None)
    return Note(key=f"overview.verdict.{kind or _silence(params, on_file)}", facts=facts)


def _silence(params: Params, on_file: int) -> str:
    """Why there is nothing to tell: no sale of those on file, filters that match nothing, or data without a sale."""
    if on_file:
        return "no_sale"
    return "nothing" if params.filters != Filters() else "empty"


STUDY = Study(
    id="overview",
    group="start",
    any_of=(
        (Need(table="transactions", columns=("customer_id", "occurred_at")),),
        (Need(table="points", columns=("customer_id", "occurred_at", "points")),),
        (Need(table="customers", columns=("customer_id",)),),
        (Need(table="outcomes", columns=("customer_id", "churned")),),
    ),
    params=Params,
    run=run,
    figures=draw,
)
