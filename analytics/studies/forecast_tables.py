"""The tables of the forecast: see the study `forecast` for their columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.models.holdout import scores, wape
from analytics.settings import Settings
from analytics.studies.histories import ADDITIVE, Histories
from analytics.studies.outlook import Outlook, fiscal_year
from analytics.studies.plan import Plans, against


def history(outlook: Outlook, known: Histories, told: pd.DataFrame) -> pd.DataFrame:
    """Months so far, the one that has begun included."""
    months = known.months(outlook.name)
    table = pd.DataFrame({"period": months.index, "series": outlook.name, "value": months.to_numpy(), "complete": True})
    if outlook.so_far is not None:
        begun = {"period": outlook.paths.months[:1], "series": outlook.name, "value": outlook.so_far, "complete": False}
        table = pd.concat([table, pd.DataFrame(begun)], ignore_index=True)
    happened = told.groupby(told["date"].dt.to_period("M").dt.to_timestamp())["text"].agg("; ".join)
    return table.assign(event=table["period"].map(happened))


def forecast(outlook: Outlook) -> pd.DataFrame:
    """The months within the horizon, the begun one included."""
    draws = outlook.draws[:, : outlook.shown]
    low95, low80, value, high80, high95 = np.quantile(draws, [0.025, 0.1, 0.5, 0.9, 0.975], axis=0)
    table = pd.DataFrame(
        {"month": outlook.paths.months[: outlook.shown], "series": outlook.name, "method": outlook.found.chosen, "value": value}
    ).assign(low80=low80, high80=high80, low95=low95, high95=high95, actual_so_far=np.nan, n=outlook.n, grain=outlook.grain)
    if outlook.so_far is not None:
        table.loc[0, "actual_so_far"] = outlook.so_far
    return table


def tried(outlook: Outlook) -> pd.DataFrame:
    """Every method by months ahead, and over all of them (step 0) with the interval of its error."""
    found, parts = outlook.found, []
    for method in found.trials["method"].unique():
        error = wape(found, method)
        table = scores(found, method)
        whole = table["step"] == 0
        parts.append(table.assign(low=np.where(whole, error.low, np.nan), high=np.where(whole, error.high, np.nan)))
    table = pd.concat(parts, ignore_index=True).assign(series=outlook.name)
    return table.assign(chosen=table["method"] == found.chosen, baseline=table["method"] == found.baseline)


def plan(planned: Plans, known: Histories, outlooks: Mapping[str, Outlook]) -> pd.DataFrame:
    """Months that are over against their plan, then the planned months ahead, with the chance of reaching it."""
    past = against(planned.table, known)
    past = past[past["series"].isin(outlooks)].assign(on_plan=lambda x: np.where(x["reached"], "yes", "no")).drop(columns="reached")
    coming = [_planned(row, outlooks[row["series"]]) for row in planned.table.to_dict("records") if row["series"] in outlooks]
    rows = pd.DataFrame([row for row in coming if row is not None])
    table = pd.concat([part for part in (past, rows) if len(part)] or [past], ignore_index=True)
    return table.sort_values(["series", "month"], ignore_index=True)


def _planned(row: dict[Any, Any], outlook: Outlook) -> dict[str, object] | None:
    at = outlook.paths.months[: outlook.shown].get_indexer(pd.DatetimeIndex([row["month"]]))[0]
    if at < 0:
        return None
    draws = outlook.draws[:, at]
    told = outlook.estimate(draws)
    on_plan = "yes" if told.low >= row["plan"] else "no" if told.high < row["plan"] else "uncertain"
    return {
        "series": row["series"],
        "month": row["month"],
        "plan": row["plan"],
        "value": told.value,
        "low": told.low,
        "high": told.high,
        "gap": told.value / row["plan"] - 1 if row["plan"] > 0 else np.nan,
        "on_plan": on_plan,
        "probability": float((draws >= row["plan"]).mean()),
    }


def years(planned: Plans, known: Histories, outlooks: Mapping[str, Outlook], settings: Settings) -> pd.DataFrame:
    """The running fiscal year of what adds up: months that are over, what is expected of the rest, the plan of the whole."""
    rows = [_whole_year(outlook, planned, known, settings) for name, outlook in outlooks.items() if name in ADDITIVE]
    return pd.DataFrame([row for row in rows if row is not None])


def _whole_year(outlook: Outlook, planned: Plans, known: Histories, settings: Settings) -> dict[str, object] | None:
    year = fiscal_year(outlook.paths.months[0], settings)
    plan = planned.table[planned.table["series"] == outlook.name].set_index("month")["plan"].reindex(year)
    over = known.months(outlook.name).reindex(year[year < outlook.paths.months[0]])
    if plan.isna().any() or over.isna().any():
        return None
    actual = float(over.sum())
    draws = actual + outlook.draws[:, outlook.paths.months <= year[-1]].sum(axis=1)
    told = outlook.estimate(draws)
    return {
        "series": outlook.name,
        "first": year[0],
        "last": year[-1],
        "actual": actual + (outlook.so_far or 0.0),
        "value": told.value,
        "low": told.low,
        "high": told.high,
        "plan": float(plan.sum()),
        "probability": float((draws >= plan.sum()).mean()),
    }


def felt(shocks: pd.DataFrame, outlook: Outlook) -> pd.DataFrame:
    """The shocks with what they did to the series asked for, where the model could tell."""
    effects = outlook.paths.effects
    if effects is None or len(effects) != len(shocks):
        return shocks
    return shocks.assign(effect=effects[:, 0], low=effects[:, 1], high=effects[:, 2])
