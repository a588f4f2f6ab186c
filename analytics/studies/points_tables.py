"""The tables of the study `points`: see the study for their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.results import Estimate, Unit, wilson
from analytics.studies import points_sql as sql
from analytics.studies.points_data import Told

if TYPE_CHECKING:
    from analytics.studies.points_books import Paper, Terms
    from analytics.warehouse import Warehouse

BANDS = (0, 3, 6, 12)  # months of age from which a band begins
AHEAD = 12  # months of the expiry forecast
KINDS = ("earn", "redeem", "expire", "adjust")


def movements(warehouse: Warehouse, found: Told) -> pd.DataFrame:
    """Points by month and kind, and the balance at the end of each month."""
    months = pd.date_range(found.span.first, found.span.last, freq="MS")
    wide = warehouse.frame(sql.MOVEMENTS).pivot_table(index="month", columns="kind", values="points", aggfunc="sum")
    wide = wide.reindex(index=months, columns=list(KINDS)).fillna(0.0).rename_axis(None, axis="columns")
    table = wide.set_axis(["earned", "redeemed", "expired", "adjusted"], axis="columns")
    balance = (table["earned"] - table["redeemed"] - table["expired"] + table["adjusted"]).cumsum()
    return table.assign(balance=balance).rename_axis("month").reset_index()


def identity(warehouse: Warehouse, moved: pd.DataFrame, found: Told) -> pd.DataFrame:
    """earned - redeemed - expired + adjusted = outstanding, and the same total from customers' balances and from what is held."""
    people = warehouse.frame(sql.BALANCES).iloc[0]
    sums = moved[["earned", "redeemed", "expired", "adjusted"]].sum()
    total = sums["earned"] - sums["redeemed"] - sums["expired"] + sums["adjusted"]
    kinds = found.lots.groupby("kind")["points"].sum()
    covered = float(kinds.get("held", 0.0)) - found.before - float(kinds.get("overdrawn", 0.0)) - _set_off(found)
    rows = [
        *((name, sums[name], None, "ledger") for name in sums.index),
        ("outstanding", total, None, "ledger"),
        ("positive", people["positive"], people["holders"], "customers"),
        ("negative", people["negative"], people["debtors"], "customers"),
        ("balances", people["balance"], people["holders"] + people["debtors"], "customers"),
        ("lots", covered, None, "lots"),
    ]
    table = pd.DataFrame(rows, columns=["item", "points", "customers", "source"])
    return table.assign(customers=table["customers"].astype("Int64"), points=table["points"].astype(float).round(4))


def _set_off(found: Told) -> float:
    """Points taken back from a balance from before the ledger."""
    lots = found.lots
    return float(lots.loc[(lots["kind"] == "adjust") & lots["vintage"].isna(), "points"].sum())


def ageing(warehouse: Warehouse, found: Told) -> pd.DataFrame:
    """Points held by age: months (from which on), points, held_share, customers."""
    ages = found.ages
    band = np.array(BANDS)[np.searchsorted(BANDS, ages["age"], side="right") - 1]
    points = ages.groupby(band)["points"].sum().reindex(BANDS, fill_value=0.0)
    people = warehouse.frame(sql.HOLDERS, month=found.span.last).set_index("months")["customers"]
    share = points / max(points.sum(), 1e-9)
    customers = people.reindex(BANDS, fill_value=0)
    return pd.DataFrame({"months": BANDS, "points": points.to_numpy(), "held_share": share.to_numpy(), "customers": customers.to_numpy()})


def curve(found: Told) -> pd.DataFrame:
    """By age in months: share redeemed with its interval, share still held."""
    seen, drawn = found.redemption.curve, found.redemption.drawn
    low, high = np.quantile(drawn.redeemed, [0.025, 0.975], axis=0)
    ages = {"age": np.arange(len(seen.held)), "redeemed_share": seen.redeemed}
    return pd.DataFrame({**ages, "low_share": low, "high_share": high, "still_share": seen.held})


def vintages(found: Told, given: Terms) -> pd.DataFrame:
    """What became of the points of each month, and what share of them will be redeemed."""
    lots = found.lots[found.lots["vintage"].notna()]
    wide = lots.pivot_table(index="vintage", columns="kind", values="points", aggfunc="sum").reindex(columns=["redeem", "expire", "held"])
    wide = wide.fillna(0.0).set_axis(["redeemed", "expired", "outstanding"], axis="columns").rename_axis(None, axis="columns")
    issued = lots.groupby("vintage")["points"].sum()
    table = wide.assign(issued=issued, redeemed_share=wide["redeemed"] / issued).reset_index()
    return _projected(table, found) if given.rate is not None and found.whole and found.redemption.rate else table


def _projected(table: pd.DataFrame, found: Told) -> pd.DataFrame:
    """Redeemed so far, and what is expected of the points held at the vintage's age."""
    age = _months_between(table["vintage"], found.span.last).clip(0, len(found.redemption.curve.held) - 1)
    drawn = found.redemption.drawn.still(found.redemption.drawn.ultimate)[:, age]
    seen = found.redemption.curve.still(found.redemption.curve.ultimate)[age]
    redeemed, held, issued = (table[name].to_numpy(float) for name in ("redeemed", "outstanding", "issued"))
    low, high = np.quantile((redeemed + held * drawn) / issued, [0.025, 0.975], axis=0)
    return table.assign(expected_share=(redeemed + held * seen) / issued, low_share=low, high_share=high)


def _months_between(first: pd.Series, last: pd.Timestamp) -> np.ndarray:
    return np.asarray((last.year - first.dt.year) * 12 + last.month - first.dt.month, np.int64)


def burn(found: Told) -> pd.DataFrame:
    """Share redeemed by age, by the quarter in which points were earned; only ages that every month of the quarter has reached."""
    lots = found.lots[found.lots["vintage"].notna() & (found.lots["vintage"] <= found.span.end)]
    quarter = lots["vintage"].dt.to_period("Q").dt.start_time
    issued = lots.groupby(quarter)["points"].sum()
    youngest = _months_between(lots.groupby(quarter)["vintage"].max(), found.span.end)
    used = lots[lots["kind"] == "redeem"].assign(quarter=quarter)
    used["age"] = ((used["month"].dt.year - used["vintage"].dt.year) * 12 + used["month"].dt.month - used["vintage"].dt.month).clip(lower=0)
    last, rows = len(found.redemption.curve.held) - 1, []
    for start, total, reached in zip(issued.index, issued, youngest, strict=True):
        here = used[used["quarter"] == start].groupby("age")["points"].sum().reindex(range(min(reached, last) + 1), fill_value=0.0)
        rows += [{"quarter": start, "age": age, "redeemed_share": share} for age, share in enumerate(here.cumsum() / total)]
    return pd.DataFrame(rows, columns=["quarter", "age", "redeemed_share"])


def expiry(found: Told, given: Terms) -> pd.DataFrame:
    """Points held that expire in the next months; where the rate is known, what of them will have been redeemed by then."""
    ages = found.ages
    last = found.span.last + pd.DateOffset(months=AHEAD)
    due = ages[~ages["overdue"] & ages["expires"].notna() & (ages["expires"] <= last)]
    if due.empty:
        return pd.DataFrame()
    months = pd.date_range(found.span.last, last, freq="MS")
    points = due.groupby("expires")["points"].sum().reindex(months, fill_value=0.0)
    table = pd.DataFrame({"month": months, "points": points.to_numpy()})
    table = table[(table["month"] > found.span.last) | (table["points"] > 0)].reset_index(drop=True)
    return table if given.rate is None else _lapsing(table, due, found, given)


def _lapsing(table: pd.DataFrame, due: pd.DataFrame, found: Told, given: Terms) -> pd.DataFrame:
    share = found.redemption.curve.still(float(given.rate or 0.0))[due["age"].clip(0, len(found.redemption.curve.held) - 1)]
    redeemed = (due["points"] * share).groupby(due["expires"]).sum().reindex(table["month"], fill_value=0.0).to_numpy().round()
    return table.assign(redeemed_before=redeemed, lapsing=table["points"] - redeemed)


def schedule(shown: Paper) -> pd.DataFrame:
    """The roll-forward: month, opening, deferred, recognised, caught_up (part of recognised), closing."""
    made = shown.schedule
    parts = {"opening": made.opening, "deferred": made.deferred, "recognised": made.earned, "caught_up": made.caught_up}
    return pd.DataFrame({"month": shown.months, **parts, "closing": made.closing})


def funnel(warehouse: Warehouse) -> pd.DataFrame:
    """step, customers, step_share (of the step before), low_share, high_share."""
    row = warehouse.frame(sql.FUNNEL).iloc[0]
    steps = [*(["enrolled"] if row["listed"] else []), "earned", "redeemed", "again"]
    rows: list[dict[str, object]] = []
    for before, step in zip([None, *steps[:-1]], steps, strict=True):
        share = wilson(int(row[step]), int(row[before])) if before and row[before] else None
        ends = {} if share is None else {"step_share": share.value, "low_share": share.low, "high_share": share.high}
        rows.append({"step": step, "customers": int(row[step]), **ends})
    return pd.DataFrame(rows, columns=["step", "customers", "step_share", "low_share", "high_share"])


def waiting(warehouse: Warehouse, found: Told) -> pd.DataFrame:
    """Days since the first points, and the share who have redeemed by then: days, redeemed_share, low_share, high_share, at_risk."""
    from analytics.models.survival import curve as survival

    times = warehouse.frame(sql.TIMES, day=found.span.day)
    if times.empty or not times["redeemed"].any():
        return pd.DataFrame()
    stays = survival(times["days"].to_numpy(float), times["redeemed"].to_numpy(bool))
    ends = {"redeemed_share": 1 - stays["survival"], "low_share": 1 - stays["high"], "high_share": 1 - stays["low"]}
    return pd.DataFrame({"days": stays["days"], **ends, "at_risk": stays["at_risk"]})


def median_wait(times: pd.DataFrame, n: int) -> Estimate | None:
    """Days after which half have redeemed, with the ends of the band at one half; None where half never have."""
    reached = [times.loc[times[name] >= 0.5, "days"] for name in ("redeemed_share", "high_share", "low_share")]
    if any(days.empty for days in reached):
        return None
    value, low, high = (float(days.iloc[0]) for days in reached)
    return Estimate(value=value, low=low, high=high, n=n, unit=Unit.DAYS)


def rewards(warehouse: Warehouse) -> pd.DataFrame:
    """What points were redeemed for: category, redemptions, customers, points, cost; groups of too few customers are left out."""
    table = warehouse.frame(sql.REWARDS)
    return table[table["customers"] >= warehouse.access.min_cell].reset_index(drop=True).dropna(axis="columns", how="all")
