"""Customers as the models of value read them: as they are, and as they were at an earlier month end with what came after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.models import order_value
from analytics.models.buying import MOST
from analytics.models.order_value import OrderValue
from analytics.studies.month_ends import monthly
from analytics.studies.value_sql import NOW, SPAN, THEN

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

LEAST = 100  # customers
LEAST_REPEATING = 50  # of them with a second order before the holdout
LEAST_DAYS = 120  # from the first order to the last day
LEAST_AHEAD = 30  # orders in the holdout
LONGEST = 365  # days of the holdout
KNOWN = 0.9  # share of customers with a margin from which margin is taken for known


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days the data covers.

    begin, end  first day with an order and the last day counted; where only months are known, the first of the month stands for each
    months      whether only months are known
    """

    begin: pd.Timestamp
    end: pd.Timestamp
    months: bool

    @property
    def days(self) -> int:
        return (self.end - self.begin).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """Customers at the end of the month `cut`, what came by `until`.

    people  customer_id, orders, first_on, last_on, old, tier, amount, margin, latest and latest_amount (of the last `days` before),
            came, came_amount, came_margin
    total   customers there were, of whom `people` are a sample where they are very many
    """

    people: pd.DataFrame
    cut: pd.Timestamp
    until: pd.Timestamp
    total: int

    @property
    def days(self) -> int:
        return (self.until - self.cut).days


def span(warehouse: Warehouse) -> Span | None:
    """The days covered; None without an order."""
    found = warehouse.frame(SPAN).iloc[0]
    if pd.isna(found["first_on"]):
        return None
    months = monthly(warehouse)
    end = pd.Timestamp(warehouse.as_of or found["last_on"])
    return Span(begin=found["first_on"], end=found["last_on"] if months else end, months=months)


def split(found: Span, days: int = LONGEST) -> pd.Timestamp | None:
    """The month end at which to look ahead over about `days`, at most half of the data; None where the data is too short.

    Returns  the last day of a month, or its first where only months are known
    """
    ends = pd.date_range(found.begin, found.end - pd.Timedelta(days=25), freq="MS" if found.months else "ME")
    if not len(ends):
        return None
    away = np.abs((found.end - ends).days - min(days, found.days / 2))
    return pd.Timestamp(ends[int(np.argmin(away))])


def now(warehouse: Warehouse) -> pd.DataFrame:
    """Every customer with an order: customer_id, orders, first_on, last_on, old, amount, margin, tier, region, channel."""
    return warehouse.frame(NOW)


def then(warehouse: Warehouse, cut: pd.Timestamp, until: pd.Timestamp) -> Then:
    """What was known of customers at the end of the month of `cut`, and what came up to `until`."""
    back = cut - (until - cut) + pd.Timedelta(days=15)
    first = back.to_period("M").to_timestamp()  # the month that begins nearest to as many days before the cut
    months = {"cut": cut.replace(day=1).date(), "back": first.date(), "until": until.replace(day=1).date()}
    people = warehouse.frame(THEN, day=cut.date(), **months)
    return Then(people=_some(people), cut=cut, until=until, total=len(people))


def _some(people: pd.DataFrame) -> pd.DataFrame:
    """At most MOST customers, the same ones every time."""
    return people if len(people) <= MOST else people.sample(MOST, random_state=5).sort_index(ignore_index=True)


def bases(people: pd.DataFrame) -> tuple[str, ...]:
    """In what money is known: margin, sales, both or neither."""
    known = {
        "margin": people["margin"].notna().mean() >= KNOWN and people["margin"].sum() > 0,
        "sales": people["amount"].notna().any() and people["amount"].sum() > 0,
    }
    return tuple(name for name, there in known.items() if there)


COLUMNS = {"margin": "margin", "sales": "amount"}


def mean_of(people: pd.DataFrame, basis: str) -> np.ndarray:
    """Money an order of each customer; nothing where none is known."""
    return np.asarray(people[COLUMNS[basis]].fillna(0.0) / people["orders"], np.float64)


def spend(people: pd.DataFrame, basis: str) -> OrderValue:
    """The model of order values on one kind of money."""
    return order_value.spend(people["orders"].to_numpy(float), mean_of(people, basis), most=MOST)
