"""The tables of the study `churn` that hang on money and groups: see the study for their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.results import Estimate, Unit, wilson

if TYPE_CHECKING:
    from analytics.models.profit import Costs

SMALL = 30  # held-out customers of a group below which nothing is said of it
MOST = 12  # values of a dimension that are told apart
ALWAYS = ("tier", "acquisition_channel", "region", "gender")

# what stands out for a customer -> what to do about it first
ACTIONS = {
    "recency_days": "remind",
    "silence": "remind",
    "orders_recent": "ask",
    "orders_before": "ask",
    "orders": "second",
    "tenure_days": "second",
    "gap_days": "rhythm",
    "longest_gap": "rhythm",
    "order_value": "assortment",
    "money": "assortment",
    "money_recent": "assortment",
    "discount_share": "discount",
    "refund_share": "service",
    "late_deliveries": "service",
    "complaints_recent": "service",
    "nps": "service",
    "points_earned": "points",
    "points_redeemed_recent": "points",
    "redeemed_days": "points",
    "contacts_recent": "contact",
    "response_share": "contact",
    "opted_out": "contact",
    "member": "membership",
    "membership_days": "membership",
    "tier": "membership",
}


def listed(people: pd.DataFrame, value: float) -> pd.DataFrame:
    """Customers with what is at stake and a first thing to do, the most at stake first. value: money a customer, 0 for their own; without
    any money nothing is at stake that could be told, and the highest risk comes first."""
    worth = _worth(people, value)
    told = people["driver"].map(lambda name: ACTIONS.get(name, "talk"))
    action = told.where(people["driver"] != "", np.where(people["risk"] >= people["risk"].mean() / 2, "listen", "leave"))
    at_risk = people["risk"] * worth.clip(lower=0)
    table = people.assign(worth=worth.round(2), value_at_risk=at_risk.round(2), action=action)
    table = table[["customer_id", "risk", "low", "high", "worth", "value_at_risk", "driver", "action"]]
    return table.sort_values(["value_at_risk", "risk", "customer_id"], ascending=[False, False, True], ignore_index=True)


def _worth(people: pd.DataFrame, value: float) -> pd.Series:
    """Money a customer; unknown, not nothing, where nobody brought any."""
    if value:
        return pd.Series(value, index=people.index)
    return people["worth"] if people["worth"].any() else people["worth"].mask(people["worth"] == 0)


def calibration(held: pd.DataFrame) -> pd.DataFrame:
    from analytics.models.calibration import bins

    return bins(held["risk"].to_numpy(float), held["churned"].to_numpy(bool))


def models(measured: pd.DataFrame) -> pd.DataFrame:
    """One row a model, one column a measure and end of its interval."""
    rows = []
    for head, part in measured.groupby(["model", "recalibrated", "chosen"]):
        by = part.set_index("measure")[["value", "low", "high"]].to_dict("index")
        ends = {f"{name}{end}": told[key] for name, told in by.items() for end, key in (("", "value"), ("_low", "low"), ("_high", "high"))}
        rows.append({**dict(zip(("model", "recalibrated", "chosen"), head, strict=True)), **ends})
    return pd.DataFrame(rows).sort_values("brier", ignore_index=True)


def groups(held: pd.DataFrame, now: pd.DataFrame, asked: str, min_cell: int) -> pd.DataFrame:
    """Said against seen in groups of held-out customers: what `held` knows as it was then, all else as it is now."""
    known = held.merge(now.drop(columns=[name for name in now if name in held and name != "customer_id"]), on="customer_id", how="left")
    wanted = dict.fromkeys([*([asked] if asked else []), *ALWAYS])
    rows = [row for name in wanted if name in known for row in _dimension(known, name, max(SMALL, min_cell))]
    return _misjudged(pd.DataFrame(rows)) if rows else pd.DataFrame()


def _dimension(known: pd.DataFrame, name: str, least: int) -> list[dict[str, object]]:
    column = known[name].dropna().astype(str)
    sizes = column[column != ""].value_counts()
    values = sizes[sizes >= least].head(MOST).index
    if len(values) < 2:
        return []
    return [{"dimension": name, "value": str(value), **_group(known.loc[column.index[column == value]])} for value in values]


def _group(part: pd.DataFrame) -> dict[str, object]:
    seen = wilson(int(part["churned"].sum()), len(part))
    return {"n": seen.n, "predicted": float(part["risk"].mean()), "observed": seen.value, "low": seen.low, "high": seen.high}


def _misjudged(table: pd.DataFrame) -> pd.DataFrame:
    """Groups in which what came lies apart from what was said, beyond chance among all groups."""
    from analytics.models.differences import beyond_chance

    apart = [_apart(row) for row in table.to_dict("records")]
    return table.assign(misjudged=beyond_chance(apart))


def _apart(row: dict[Any, Any]) -> Estimate:
    value, low, high = (row[name] - row["predicted"] for name in ("observed", "low", "high"))
    return Estimate(value=value, low=low, high=high, n=row["n"], unit=Unit.SHARE)


def thresholds(held: pd.DataFrame, people: pd.DataFrame, costs: Costs) -> pd.DataFrame:
    """Customers now at or above each threshold and what contacting them costs; profit as the held-out customers had it, for as many."""
    from analytics.models import profit

    table = profit.thresholds(held["risk"].to_numpy(float), held["churned"].to_numpy(bool), costs)
    risk = np.sort(people["risk"].to_numpy(float))
    above = len(risk) - np.searchsorted(risk, table["threshold"], side="left")
    leaving = np.r_[risk[::-1].cumsum()[::-1], 0.0][np.searchsorted(risk, table["threshold"], side="left")]
    taken = costs.success * leaving + (above - leaving)
    money = {name: table[name] * len(risk) for name in ("profit", "low", "high")}
    cost = above * costs.contact + taken * costs.offer
    return pd.DataFrame({"threshold": table["threshold"], "contacted": above, "leavers": leaving, "cost": cost, **money})
