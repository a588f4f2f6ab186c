"""What can be forecast and held against a plan, as it went so far: by days where days are known, else by months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from analytics.models.forecast import daily, whole_months
from analytics.results import Unit

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

UNITS = {
    "net_sales": Unit.MONEY,
    "orders": Unit.COUNT,
    "active_customers": Unit.COUNT,
    "points_redeemed": Unit.POINTS,
    "points_earned": Unit.POINTS,
}
ADDITIVE = frozenset(UNITS) - {"active_customers"}  # a customer active in two months is one customer
GRACE = pd.Timedelta(days=2)  # without activity, at either end of a month that still counts as whole
_COLUMNS = {"orders": "orders", "net_sales": "amount", "points_redeemed": "redeemed", "points_earned": "earned"}

DAYS = """-- orders, net sales and points by day
select day, orders, amount, earned, redeemed from activity_days order by day
"""

ACTIVE = """-- customers with an order, by month
select month, count(distinct customer_id) filter (orders > 0) as customers from customer_months group by month order by month
"""


@dataclass(frozen=True, kw_only=True)
class Histories:
    """What the data holds.

    series    name of UNITS -> history (see models.forecast)
    so_far    what the month that has begun has brought; None when the history ends with a month
    left_out  the last day, when its data ends in the middle of it
    """

    series: dict[str, pd.Series]
    so_far: dict[str, float | None]
    left_out: date | None = None

    def months(self, name: str) -> pd.Series:
        """The whole months of one series."""
        return whole_months(self.series[name])


def histories(warehouse: Warehouse) -> Histories:
    """Every series the data holds, up to the last whole day; empty without a dated sale or movement."""
    days = warehouse.frame(DAYS)
    known = days.set_index("day").dropna(axis="columns", how="all").astype(float)
    if known.empty or warehouse.as_of is None:
        return Histories(series={}, so_far={})
    end, left_out = _end(known, pd.Timestamp(warehouse.as_of))
    found = {name: known[column].dropna() for name, column in _COLUMNS.items() if column in known and known[column].any()}
    series = {name: _history(column, end) for name, column in found.items()}
    so_far = {name: _begun(history) for name, history in series.items()}
    if "orders" in series:
        series["active_customers"], so_far["active_customers"] = _active(warehouse, series["orders"])
    return Histories(series={name: series[name] for name in UNITS if name in series}, so_far=so_far, left_out=left_out)


def _end(days: pd.DataFrame, as_of: pd.Timestamp) -> tuple[pd.Timestamp, date | None]:
    """The last whole day, and the day left out because its file seems to end in the middle of it."""
    last = days.index[-1]
    if "orders" in days and _cut_short(days["orders"].reindex(pd.date_range(days.index[0], last)).fillna(0.0)):
        return last - pd.Timedelta(days=1), last.date()
    month = last + pd.offsets.MonthEnd(0)
    return (month if month - last <= GRACE else max(last, min(as_of, last + GRACE))), None


def _cut_short(orders: pd.Series) -> bool:
    """Whether the last day holds less than half of what the same weekday usually brought in the four weeks before."""
    return len(orders) > 28 and bool(orders.iloc[-1] < 0.5 * orders.iloc[[-8, -15, -22, -29]].median())


def _history(values: pd.Series, end: pd.Timestamp) -> pd.Series:
    """Every day from the first (or the first of its month, when that is near) to the end; months where all dates are first days."""
    first, values = values.index[0], values[:end]
    if len(values) > 1 and bool((pd.DatetimeIndex(values.index).day == 1).all()):
        return values.reindex(pd.date_range(first, values.index[-1], freq="MS")).fillna(0.0)
    month = first.replace(day=1)
    return values.reindex(pd.date_range(month if first - month <= GRACE else first, end, freq="D")).fillna(0.0)


def _begun(history: pd.Series) -> float | None:
    """What the month that is not over has brought."""
    last = history.index[-1]
    if not daily(history) or last == last + pd.offsets.MonthEnd(0):
        return None
    return float(history[last.replace(day=1) :].sum())


def _active(warehouse: Warehouse, orders: pd.Series) -> tuple[pd.Series, float | None]:
    """Distinct customers of the months that `orders` covers whole, and of the month that has begun."""
    months = whole_months(orders).index
    counts = warehouse.frame(ACTIVE).set_index("month")["customers"].astype(float)
    begun = None if _begun(orders) is None else float(counts.get(orders.index[-1].replace(day=1), 0.0))
    return counts.reindex(months).fillna(0.0), begun
