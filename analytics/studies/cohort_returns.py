"""Second orders as tables: who came back within the window, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models import cohorts as model
from analytics.results import Estimate, Unit, wilson
from analytics.studies.cohort_tables import LEAST

MONTH_DAYS = 30.4375
WITHIN = (30, 60, 90, 180, 365)  # days by which the share that came back is told
_GROUPS = 5  # values of a dimension whose waiting is told apart
_LONGEST = 730  # days of waiting drawn


def repeat_table(counts: pd.DataFrame, window: float, min_cell: int) -> pd.DataFrame:
    """Groups large enough to be shown, each with its interval and tested against the rest of its dimension.

    Shapes  counts: dimension, value, customers, eligible, returned
    Given   the same with window (days), share, low, high (Wilson), q (Benjamini-Hochberg over the dimension) and
            standing (better, worse, alike)
    """
    counts = counts[counts["eligible"] >= min_cell].reset_index(drop=True).assign(window=window)
    bounds = [wilson(int(hits), int(n)) for hits, n in zip(counts["returned"], counts["eligible"], strict=True)]
    counts = counts.assign(share=[b.value for b in bounds], low=[b.low for b in bounds], high=[b.high for b in bounds], q=1.0)
    for _, rows in counts.groupby("dimension"):
        counts.loc[rows.index, "q"] = model.against_rest(rows["returned"].to_numpy(), rows["eligible"].to_numpy())
    sums = counts.groupby("dimension")[["returned", "eligible"]].transform("sum")
    standing = np.where(counts["share"] > sums["returned"] / sums["eligible"], "better", "worse")
    return counts.assign(standing=np.where(counts["q"] <= model.FALSE_DISCOVERIES, standing, "alike"))


def groups(waits: pd.DataFrame, by: str, newer: pd.Timestamp | None) -> dict[str, pd.DataFrame]:
    """Older and newer cohorts, or the largest groups of a dimension."""
    if by == "cohort":
        return {} if newer is None else {"older": waits[waits["cohort"] < newer], "newer": waits[waits["cohort"] >= newer]}
    sizes = waits.groupby("value")["customers"].sum().sort_values(ascending=False, kind="stable")
    return {str(value): waits[waits["value"] == value] for value in sizes[sizes >= LEAST].index[:_GROUPS]}


def months(days: float) -> float:
    """Days as whole months, in days: what data of months can tell of them."""
    return max(1, round(days / MONTH_DAYS)) * MONTH_DAYS


def grid(monthly: bool) -> tuple[NDArray[np.float64], list[float]]:
    """The days at which waiting is told, weeks or months, and the usual marks among them."""
    marks = [months(day) for day in WITHIN] if monthly else [float(day) for day in WITHIN]
    steps = np.arange(25) * MONTH_DAYS if monthly else np.arange(0, _LONGEST + 1, 7)
    return np.unique(np.concatenate([steps, marks])), marks


def waiting_of(waits: pd.DataFrame, days: NDArray[np.float64]) -> model.Waiting:
    """Time to the second order of these customers. Shapes  waits: days, returned, customers (how many are alike)"""
    repeated = waits.loc[waits.index.repeat(waits["customers"])]
    return model.waiting(repeated["days"].to_numpy(np.float64), repeated["returned"].to_numpy(bool), days)


def told(parts: Mapping[str, model.Waiting]) -> pd.DataFrame:
    """Every group's curve as far as enough customers are still observed: beyond, it is that of a few early ones."""
    rows = [part.table.assign(group=name) for name, part in parts.items()]
    table = pd.concat(rows, ignore_index=True)
    return table[table["at_risk"] >= LEAST].reset_index(drop=True)


def estimates(counts: pd.DataFrame, everyone: model.Waiting) -> dict[str, Estimate]:
    """Repeat rate of the cohorts that count; the median wait, or, where it is not reached, the share that came back in 90 days."""
    found: dict[str, Estimate] = {}
    rows = counts[counts["dimension"] == "cohort"]
    if rows["eligible"].sum() >= LEAST:
        found["repeat_rate"] = wilson(int(rows["returned"].sum()), int(rows["eligible"].sum()))
    if everyone.median is not None:
        return found | {"median_days_to_second": everyone.median}
    marked = near_90(everyone.table)
    if marked["at_risk"] >= LEAST:
        n = int(everyone.at_risk[0])
        found["second_by_90"] = Estimate(value=marked["share"], low=marked["low"], high=marked["high"], n=n, unit=Unit.SHARE)
    return found


def near_90(table: pd.DataFrame) -> pd.Series:
    """The row at 90 days, or at the three months nearest to it."""
    return table.iloc[int((table["days"] - 90).abs().argmin())]
