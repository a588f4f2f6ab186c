"""Spend around changes of tier: what the model `tier_events` is given, and what it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.models.tier_events import MONTHS, SPAN, Course, Moment, course
from analytics.results import Estimate
from analytics.studies.migration_sql import SPEND
from analytics.studies.month_ends import whole_months

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

HISTORY, QUARTER = 12, 3  # months before a change that have to be seen; and in what parts
MOST_HISTORY, MOST_MOMENTS, MOST_MEMBERS = 15, 12, 100_000
WAYS = {"up": 1, "down": -1}
NAMES = {
    "up": ("after_upgrade", "expected_by_mean_reversion", "beyond_upgrade"),
    "down": ("after_downgrade", "expected_after_downgrade", "beyond_downgrade"),
}


def around(warehouse: Warehouse, spells: pd.DataFrame, tiers: tuple[str, ...]) -> tuple[pd.DataFrame, dict[str, Estimate]]:
    """The table `events` and its estimates; empty where too little of the time around changes is seen."""
    moments = _moments(warehouse, spells, tiers)
    found = {way: told for way, step in WAYS.items() if (told := course(moments, step)) is not None}
    estimates: dict[str, Estimate] = {}
    for way, told in found.items():
        estimates |= dict(zip(NAMES[way], (told.change, told.by_chance, told.beyond), strict=True))
    tables = [_table(way, told) for way, told in found.items()]
    return (pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()), estimates


def _table(way: str, told: Course) -> pd.DataFrame:
    """way, month (0 is that of the change), n, mean, low, high, expected, expected_low, expected_high."""
    columns = {"mean": told.seen, "low": told.seen_low, "high": told.seen_high}
    columns |= {name: getattr(told, name) for name in ("expected", "expected_low", "expected_high")}
    return pd.DataFrame({"way": way, "month": MONTHS, "n": told.n, **columns})


def _moments(warehouse: Warehouse, spells: pd.DataFrame, tiers: tuple[str, ...]) -> list[Moment]:
    """Months in which tiers changed, with a year before and half a year after them in the data; the latest ones."""
    months = whole_months(warehouse)
    if len(months) < HISTORY + SPAN + 1:
        return []
    every = 1 + spells["customer_id"].nunique() // MOST_MEMBERS
    rows = warehouse.frame(SPEND, every=every)
    ids = pd.Index(spells["customer_id"].unique())
    ids = ids[ids.isin(rows["customer_id"])]
    orders = _grid(rows, "orders", ids, months)
    spend = _grid(rows, "amount", ids, months) if rows["amount"].any() else orders  # where nothing has a price
    place = pd.Categorical(spells["tier"], categories=tiers).codes.astype(np.int64)
    known = spells.assign(place=place, who=ids.get_indexer(pd.Index(spells["customer_id"])))
    known = known[known["who"] >= 0]
    inside = range(HISTORY, len(months) - SPAN)
    found = [_moment(known, spend, orders, months, at) for at in inside]
    return [moment for moment in found if (moment.moved != 0).any()][-MOST_MOMENTS:]


def _grid(rows: pd.DataFrame, column: str, ids: pd.Index, months: pd.DatetimeIndex) -> np.ndarray:
    """(members, months) of a column."""
    values = rows[column].to_numpy(float)
    who, when = ids.get_indexer(pd.Index(rows["customer_id"])), months.get_indexer(pd.Index(rows["month"]))
    inside = (who >= 0) & (when >= 0)
    grid = np.zeros((len(ids), len(months)))
    np.add.at(grid, (who[inside], when[inside]), values[inside])
    return grid


def _moment(spells: pd.DataFrame, spend: np.ndarray, orders: np.ndarray, months: pd.DatetimeIndex, at: int) -> Moment:
    """Members on the day before a month and on its last day."""
    before = _places(spells, months[at] - pd.Timedelta(days=1), len(spend))
    after = _places(spells, months[at] + pd.offsets.MonthEnd(0), len(spend))
    who = np.flatnonzero((before >= 0) & (after >= 0))
    parts = min(at, MOST_HISTORY) // QUARTER
    quarters = [spend[who, at - QUARTER * (part + 1) : at - QUARTER * part].sum(axis=1) for part in range(parts)]
    since = at - QUARTER * parts
    known = [*quarters, spend[who, since:at].sum(axis=1), orders[who, at - QUARTER : at].sum(axis=1), orders[who, since:at].sum(axis=1)]
    return Moment(
        customer=who,
        past=np.column_stack(known),
        spend=spend[who, at - SPAN : at + SPAN + 1],
        tier=before[who],
        moved=np.sign(after - before)[who],
    )


def _places(spells: pd.DataFrame, day: pd.Timestamp, n: int) -> np.ndarray:
    """(n,) place of the tier on a day; -1 outside the programme."""
    here = spells[(spells["since"] <= day) & ~(spells["until"] <= day)]
    places = np.full(n, -1, np.int64)
    places[here["who"]] = here["place"]
    return places
