"""How much single customers may bring: intervals learnt at an earlier month end, and what share of the customers they held, by group.

They are learnt twice. At the earlier of two month ends, to be held against what came after the later one: that is the coverage that
is shown. At the later one, to be used for today.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.models.buying import WEEK
from analytics.models.conformal import Ranges, Seen, coverage, ranges
from analytics.models.customer_base import Base, BaseModel, base, fit_base
from analytics.models.future import Outlook, outlook
from analytics.models.order_value import OrderValue
from analytics.studies import value_data as data

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

LEAST = 200  # customers from whom intervals are learnt
THIRDS = 3  # windows that the data must hold: one to learn from, one to learn what came, one to check
_LEAST_ORDERS = 0.5  # a customer who returns, however unlikely, brings an order: no spread is far below one
_FLAT = 1e-9
DIMENSIONS = ("tier", "region", "channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Customers at a day as the regressions see them, with the models of that day; values: of orders, by kind of money."""

    people: pd.DataFrame
    base: Base
    model: BaseModel
    alive: np.ndarray
    values: dict[str, OrderValue]
    end: pd.Timestamp

    def outlook(self, basis: str, days: int) -> Outlook:
        orders, mean = self.people["orders"].to_numpy(float), data.mean_of(self.people, basis)
        return outlook(self.model, self.base, self.alive, days / WEEK, 0.0, (self.values[basis], orders, mean))

    def seen(self, basis: str, days: int, dimension: str | None) -> Seen:
        """Features: chance to be a customer, expected orders, value of one, expected money, orders, own mean, silence, standing (days)."""
        told = self.outlook(basis, days)
        silent, standing = ((self.end - self.people[name]).dt.days.to_numpy(float) for name in ("last_on", "first_on"))
        orders, mean = self.people["orders"].to_numpy(float), data.mean_of(self.people, basis)
        return Seen(
            features=np.column_stack([told.alive, told.orders, told.values, told.worth, orders, mean, silent, standing]),
            centre=told.worth,
            spread=np.sqrt(told.noise + (_LEAST_ORDERS * told.values) ** 2).clip(_FLAT),
            groups=self.groups(dimension),
        )

    def groups(self, dimension: str | None) -> np.ndarray:
        if dimension is None:
            return np.full(len(self.people), "", dtype=object)
        return np.asarray(self.people[dimension].fillna("").astype(str), dtype=object)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Customers as known at a month end, and what came of them until a later day."""

    known: Known
    then: data.Then

    def came(self, basis: str) -> np.ndarray:
        return self.then.people[f"came_{data.COLUMNS[basis]}"].to_numpy(float)

    def learn(self, basis: str, dimension: str | None) -> Ranges:
        """Intervals from what came."""
        return ranges(self.known.seen(basis, self.then.days, dimension), self.came(basis))

    def held(self, found: Ranges, basis: str, dimension: str | None, least: int) -> pd.DataFrame:
        """Coverage, here, of intervals learnt before."""
        seen = self.known.seen(basis, self.then.days, dimension)
        table = coverage(*found.between(seen), self.came(basis), seen.groups, least=least)
        return table.assign(basis=basis, days=self.then.days)


def window(warehouse: Warehouse, covered: data.Span, cut: pd.Timestamp, until: pd.Timestamp, family: str) -> Window | None:
    """What was known at the cut and came until then; None where customers are too few."""
    then = data.then(warehouse, cut, until)
    if len(then.people) < LEAST or (then.people["orders"] > 1).sum() < data.LEAST_REPEATING:
        return None
    found = base(then.people, cut, covered.begin)
    values = {basis: data.spend(then.people, basis) for basis in data.bases(then.people)}
    model = fit_base(family, found)
    return Window(
        known=Known(people=then.people, base=found, model=model, alive=model.alive(found), values=values, end=cut),
        then=then,
    )


def windows(covered: data.Span) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """Two month ends about a third of the data apart, and as far from its end; at most a year. None where the data is too short."""
    later = data.split(covered, min(data.LONGEST, covered.days // THIRDS))
    if later is None:
        return None
    before = data.Span(begin=covered.begin, end=later, months=covered.months)
    earlier = data.split(before, (covered.end - later).days)
    return None if earlier is None or earlier <= covered.begin else (earlier, later)


def dimension(people: pd.DataFrame, least: int) -> str | None:
    """By what coverage is told: the first of tier, region, channel with two or more groups of `least` customers."""
    return next((name for name in DIMENSIONS if (people[name].value_counts() >= least).sum() > 1), None)


def told(
    warehouse: Warehouse, covered: data.Span, today: Known, family: str, least: int
) -> tuple[pd.DataFrame, dict[str, np.ndarray], int]:
    """Coverage by kind of money and group; low, high and expected money of every customer of today over the window; its days.

    Returns  empty ones where the data is too short or the customers too few
    """
    ends = windows(covered) if today.values else None
    second = None if ends is None else window(warehouse, covered, ends[1], covered.end, family)
    if ends is None or second is None:
        return pd.DataFrame(), {}, 0
    first, by, days = window(warehouse, covered, *ends, family), dimension(today.people, least), second.then.days
    columns: dict[str, np.ndarray] = {}
    parts: list[pd.DataFrame] = []
    for basis in (name for name in today.values if name in second.known.values):
        seen = today.seen(basis, days, by)
        low, high = second.learn(basis, by).between(seen)
        columns |= {f"low_{basis}": low, f"high_{basis}": high, f"expected_{basis}": seen.centre}
        if first is not None and basis in first.known.values:
            parts.append(second.held(first.learn(basis, by), basis, by, least))
    return pd.concat(parts, ignore_index=True).assign(dimension=by or "") if parts else pd.DataFrame(), columns, days
