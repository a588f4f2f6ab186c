"""Cohorts as tables: the triangle of retention and money, the curve over all cohorts, newer ones beside older ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from analytics.models.differences import newcombe
from analytics.results import wilson

Grain = Literal["month", "quarter"]

GRACE = 2  # days without activity at a month's end that do not make it incomplete
DATED = 0.95  # share of customers with a known start from which the first months of the data are told apart without waiting
LEAST = 30  # customers behind a share that is drawn or compared
FEW = 100  # customers below which the later cohorts are too few to stand for the new ones
PART = 0.2  # share of all customers below which they are too few, too: where nearly all are there from the start, hardly any is new


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The first and the last day of the data; `monthly` where its days are only the first of months."""

    began: date
    end: date
    monthly: bool = False


def number(days: pd.Series, grain: Grain) -> pd.Series:
    """Months or quarters since year 0: the difference of two is an age."""
    numbers: pd.Series = days.dt.year * 12 + days.dt.month - 1 if grain == "month" else days.dt.year * 4 + days.dt.quarter - 1
    return numbers


def last_whole(span: Span, grain: Grain) -> int:
    """Number of the last period that is over, but for a few days without activity; data of months knows whole months only."""
    day = pd.Timestamp(span.end)
    end = day + pd.offsets.MonthEnd(0) if span.monthly else day + pd.Timedelta(days=GRACE)
    now = int(number(pd.Series([day]), grain).iloc[0])
    over = day.to_period("M" if grain == "month" else "Q").end_time.normalize()
    return now if end >= over else now - 1


def triangle(cells: pd.DataFrame, span: Span, grain: Grain, *, lookback: int) -> pd.DataFrame:
    """Every cell that has begun by the last day, also where no one came; future cells are absent.

    Shapes  cells: cohort, age, active, undated, amount, margin (nan without money); one row a cell with activity
    Given   grain, cohort, age, customers, active, share, low, high (Wilson), money (of the period) and money_per_customer,
            margin_per_customer (from the first period on) where known, complete, truncated, counted
    """
    sizes = cells[cells["age"] == 0]
    table = _grid(sizes, span, grain).merge(cells.drop(columns="undated"), how="left", on=["cohort", "age"])
    table["active"] = table["active"].fillna(0).astype(int)
    bounds = [wilson(active, n) for active, n in zip(table["active"], table["customers"], strict=True)]
    table = table.assign(share=[b.value for b in bounds], low=[b.low for b in bounds], high=[b.high for b in bounds])
    table.loc[table["age"] == 0, ["low", "high"]] = 1.0  # by definition, nothing to estimate
    table = _money(table, cells)
    table["complete"] = number(table["cohort"], grain) + table["age"] <= last_whole(span, grain)
    table["truncated"] = table["cohort"].isin(_early(sizes, span, lookback))
    return table.assign(counted=_counted(table))


def _grid(sizes: pd.DataFrame, span: Span, grain: Grain) -> pd.DataFrame:
    """A row for each cohort and each age it has reached by the last day."""
    reached = number(pd.Series([pd.Timestamp(span.end)]), grain).iloc[0] - number(sizes["cohort"], grain)
    ages = [np.arange(most + 1) for most in reached]
    rows = sizes[["cohort", "active"]].rename(columns={"active": "customers"}).loc[sizes.index.repeat(reached + 1)]
    return rows.assign(grain=grain, age=np.concatenate(ages))[["grain", "cohort", "age", "customers"]].reset_index(drop=True)


def _money(table: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Net sales and margin a customer, summed up from the first period on; columns only where the data knows them."""
    for name, column in (("amount", "money_per_customer"), ("margin", "margin_per_customer")):
        if cells[name].notna().any():
            table[name] = table[name].fillna(0.0)
            table[column] = table.groupby("cohort")[name].cumsum() / table["customers"]
    return table.rename(columns={"amount": "money"}).drop(columns="margin").dropna(axis="columns", how="all")


def _early(sizes: pd.DataFrame, span: Span, lookback: int) -> pd.Series:
    """Cohorts so soon after the data begins that an old customer may look new; none where nearly all starts are known."""
    early = sizes[sizes["cohort"] + pd.Timedelta(days=GRACE) < pd.Timestamp(span.began) + pd.Timedelta(days=lookback)]
    told = early["undated"].sum() <= (1 - DATED) * early["active"].sum()
    return early["cohort"].head(0) if told else early["cohort"]


def _counted(table: pd.DataFrame) -> pd.Series:
    """Cohorts that estimates rest on: those not truncated, or all of them when hardly any customer is left."""
    followed = table[(table["age"] == 1) & table["complete"] & ~table["truncated"]]["customers"].sum()
    first = table[table["age"] == 0]
    later = first.loc[~first["truncated"], "customers"].sum()
    return ~table["truncated"] | bool(followed < FEW or later < PART * first["customers"].sum())


def whole(table: pd.DataFrame) -> pd.DataFrame:
    """The cells that estimates rest on: of counted cohorts, over, after the first period."""
    return table[table["counted"] & table["complete"] & (table["age"] > 0)]


def split(table: pd.DataFrame) -> pd.Timestamp | None:
    """The first of the newer cohorts, the newest third of those followed for at least a period; None with fewer than three."""
    followed = sorted(whole(table)["cohort"].unique())
    return pd.Timestamp(followed[-(-2 * len(followed) // 3)]) if len(followed) >= 3 else None


def curve(table: pd.DataFrame, newer: pd.Timestamp | None) -> pd.DataFrame:
    """Retention by age over all counted cohorts, over older and over newer ones.

    Given  group (all, older, newer), age, cohorts, customers, active, share, low, high; ages with fewer than 30 customers left out
    """
    cells = whole(table)
    parts = {"all": cells}
    if newer is not None:
        parts |= {"older": cells[cells["cohort"] < newer], "newer": cells[cells["cohort"] >= newer]}
    return pd.concat([_pooled(part).assign(group=name) for name, part in parts.items()], ignore_index=True)


def _pooled(cells: pd.DataFrame) -> pd.DataFrame:
    sums = cells.groupby("age", as_index=False).agg(cohorts=("cohort", "size"), customers=("customers", "sum"), active=("active", "sum"))
    sums = sums[sums["customers"] >= LEAST].reset_index(drop=True)
    bounds = [wilson(int(active), int(n)) for active, n in zip(sums["active"], sums["customers"], strict=True)]
    return sums.assign(share=[b.value for b in bounds], low=[b.low for b in bounds], high=[b.high for b in bounds])


def drift(pooled: pd.DataFrame) -> pd.DataFrame:
    """Newer cohorts against older ones at the same age: age, newer, older, difference, low, high (Newcombe)."""
    by = {name: rows.set_index("age") for name, rows in pooled.groupby("group")}
    if not {"newer", "older"} <= set(by):
        return pd.DataFrame()
    rows = []
    for age in sorted(set(by["newer"].index) & set(by["older"].index)):
        new, old = (by[name].loc[age] for name in ("newer", "older"))
        gap = newcombe((int(new["active"]), int(old["active"])), (int(new["customers"]), int(old["customers"])))
        told = {"age": age, "newer": new["share"], "older": old["share"], "difference": gap.value, "low": gap.low, "high": gap.high}
        rows.append(told)
    return pd.DataFrame(rows)


def usual_age(ages: pd.Series, wanted: int, cohorts: int = 3) -> int | None:
    """The age up to `wanted` that the most cohorts can be compared at: the highest that so many have reached, else two, else one."""
    reached = ages[ages <= wanted].value_counts()
    for least in (cohorts, 2, 1):
        if (reached >= least).any():
            return int(reached[reached >= least].index.max())
    return None
