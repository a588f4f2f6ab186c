"""The tables of the study `lifecycle`: what the queries count, with shares and intervals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from analytics.models.differences import beyond_chance, newcombe
from analytics.models.resample import ratio_of_sums
from analytics.results import Estimate, Unit, wilson

ORDER = ("new", "growing", "active", "won_back", "slipping", "dormant", "lost")  # the places of the queries, from 1 on
AT_RISK = ("slipping", "dormant")
COHORTS = 12
GRACE = pd.Timedelta(days=2)  # days without activity at a month's end that do not make it incomplete
_AGAINST = {"difference": "value", "difference_low": "low", "difference_high": "high"}


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Places as stages."""
    return frame.assign(stage=[ORDER[place - 1] for place in frame["place"]]).drop(columns="place")


def stages(now: pd.DataFrame, n: int) -> pd.DataFrame:
    """Customers and money by stage. Each stage is there, also when nobody is in it."""
    customers = now.groupby("stage")["customers"].sum().reindex(ORDER, fill_value=0)
    shares = [wilson(int(count), n) for count in customers]
    table = pd.DataFrame({"stage": ORDER, "customers": customers.to_numpy(), **columns(shares)})
    if now["money"].notna().any():
        table["money"] = now.groupby("stage")["money"].sum().reindex(ORDER, fill_value=0.0).to_numpy()
        table = table.assign(**_money_shares(now))
    return table.assign(risk=table["stage"].isin(AT_RISK))


def columns(shares: list[Estimate]) -> dict[str, list[float]]:
    parts = {"share": "value", "low": "low", "high": "high"}
    return {name: [getattr(share, part) for share in shares] for name, part in parts.items()}


def _money_shares(now: pd.DataFrame) -> dict[str, list[float]]:
    """Each stage's share of the money, with a bootstrap over customers; nan when there is nothing to share out."""
    money = now.pivot_table(index="bucket", columns="stage", values="money", aggfunc="sum").reindex(columns=list(ORDER)).fillna(0.0)
    total = money.sum(axis=1).to_numpy()
    if not total.sum() > 0:
        return {name: [np.nan] * len(ORDER) for name in ("money_share", "money_low", "money_high")}
    found = columns([ratio_of_sums(money[stage].to_numpy(), total, unit=Unit.SHARE) for stage in ORDER])
    return {"money_share": found["share"], "money_low": found["low"], "money_high": found["high"]}


def months(found: pd.DataFrame, complete: Mapping[pd.Timestamp, bool]) -> pd.DataFrame:
    """Customers, their share and their money by month end and stage."""
    table = named(found)
    share = table["customers"] / table.groupby("month")["customers"].transform("sum")
    table = table.assign(share=share, complete=table["month"].map(complete))
    shown = table[["month", "stage", "customers", "share", "money", "complete"]]
    return shown if shown["money"].notna().any() else shown.drop(columns="money")


def trend(months: pd.DataFrame) -> pd.DataFrame:
    """Shares of the customers who are not lost at whole month ends, under the names of the estimates.

    Why  the lost add up over the years: of everybody ever seen, every other share falls even when nothing changes
    """
    if months.empty:
        return pd.DataFrame()
    whole = months[months["complete"]].pivot(index="month", columns="stage", values="customers").reindex(columns=list(ORDER)).fillna(0.0)
    kept = whole.drop(columns="lost")
    return kept.div(kept.sum(axis=1).where(lambda n: n > 0), axis="index").add_suffix("_share").reset_index()


def transitions(moves: pd.DataFrame, pair: list[date]) -> pd.DataFrame:
    """Every way from a stage somebody stood in to each stage; nobody drops out, so each row adds up to 1."""
    cells = pd.MultiIndex.from_product([sorted(moves["from"].unique()), range(1, len(ORDER) + 1)], names=["from", "to"])
    counts = moves.set_index(["from", "to"])["n"].reindex(cells, fill_value=0).reset_index()
    totals = counts.groupby("from")["n"].transform("sum")
    shares = [wilson(int(n), int(total)) for n, total in zip(counts["n"], totals, strict=True)]
    ends = {end: [ORDER[place - 1] for place in counts[end]] for end in ("from", "to")}
    start, end = (pd.Timestamp(day) + pd.offsets.MonthEnd(0) for day in pair)
    return pd.DataFrame({**ends, "n": counts["n"], **columns(shares), "start": start, "end": end})


def groups(found: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """Each group of at least `min_cell` customers against the rest of its dimension."""
    rest = found.groupby("dimension")[["customers", "silent"]].transform("sum") - found[["customers", "silent"]]
    kept = (found["customers"] >= min_cell) & (rest["customers"] >= min_cell)
    found, rest = found[kept].reset_index(drop=True), rest[kept].reset_index(drop=True)
    hits, n = (list(zip(found[name].astype(int), rest[name].astype(int), strict=True)) for name in ("silent", "customers"))
    gaps = [newcombe(hit, size) for hit, size in zip(hits, n, strict=True)]
    shares = [wilson(hit[0], size[0]) for hit, size in zip(hits, n, strict=True)]
    against = {name: [getattr(gap, part) for gap in gaps] for name, part in _AGAINST.items()}
    return found.assign(**columns(shares), **against, clear=beyond_chance(gaps))


def newest(cohorts: pd.DataFrame, began: pd.Timestamp, end: pd.Timestamp, window: int) -> pd.DataFrame:
    """The latest cohorts of which every customer has been seen for the whole window; early in the data old customers look new."""
    cohorts = cohorts[cohorts["month"] >= began + pd.Timedelta(days=window)]
    over = cohorts["month"] + pd.offsets.MonthEnd(0) + pd.Timedelta(days=window) <= end + GRACE
    kept = cohorts[over & (cohorts["eligible"] == cohorts["customers"])].tail(COHORTS).reset_index(drop=True)
    shares = [wilson(int(second), int(n)) for second, n in zip(kept["second"], kept["eligible"], strict=True)]
    return kept.assign(**columns(shares), window=window)
