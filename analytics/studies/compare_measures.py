"""The measures of the study `compare`: each a sum over customers divided by another, the same on both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.differences import newcombe, recovered
from analytics.models.resample import BUCKETS, median, ratios_apart
from analytics.results import Estimate, Unit, exact, wilson

Floats = NDArray[np.float64]
Three = tuple[Estimate, Estimate, Estimate]  # a, b, a less b
LEAST = 30  # customers a side for a measure of its own


@dataclass(frozen=True, slots=True)
class Side:
    """One row a customer (see ACTIVITY). paired: the same customers may stand on both sides."""

    rows: pd.DataFrame
    paired: bool = False

    @property
    def active(self) -> int:
        """Customers with an order."""
        return int((self.rows["orders"] > 0).sum())

    def has(self, *columns: str) -> bool:
        return all(self.rows[column].notna().any() for column in columns)

    def sum(self, column: str) -> Floats:
        return self.rows[column].fillna(0).to_numpy(float)


Sums = Callable[[Side], tuple[Floats, Floats]]

# measure -> unit, the columns it needs, (top, bottom) a customer
RATIOS: dict[str, tuple[Unit, tuple[str, ...], Sums]] = {
    "sales_per_customer": (Unit.MONEY, ("amount",), lambda side: (side.sum("amount"), _active(side))),
    "orders_per_customer": (Unit.RATIO, ("orders",), lambda side: (side.sum("orders"), _active(side))),
    "average_order_value": (Unit.MONEY, ("amount",), lambda side: (side.sum("amount"), side.sum("orders"))),
    "active_share": (Unit.SHARE, ("orders",), lambda side: (_active(side), side.sum("known"))),
    "repeat_rate": (Unit.SHARE, ("orders",), lambda side: (side.sum("returned"), side.sum("eligible"))),
    "margin_rate": (Unit.SHARE, ("margin", "amount"), lambda side: (side.sum("margin"), side.sum("amount"))),
    "discount_share": (Unit.SHARE, ("discount", "amount"), lambda side: (_discounts(side), _discounts(side) + side.sum("amount"))),
    "returns_share": (Unit.SHARE, ("refunds", "amount"), lambda side: (-side.sum("refunds"), side.sum("amount") - side.sum("refunds"))),
    "redeemed_share": (Unit.SHARE, ("earned",), lambda side: (side.sum("redeemed"), side.sum("earned"))),
}


def _active(side: Side) -> Floats:
    return np.asarray(side.rows["orders"] > 0, float)


def _discounts(side: Side) -> Floats:
    return side.sum("discount").clip(min=0)


def measured(a: Side, b: Side) -> dict[str, Three]:
    """Every measure that both sides have, full counts first. A share of customers needs 30 of them on each side."""
    deal, found = _deal(a, b), {"customers": _counts(a.active, b.active, Unit.COUNT, a, b)}
    if a.has("amount") and b.has("amount"):
        found["net_sales"] = _counts(a.sum("amount").sum(), b.sum("amount").sum(), Unit.MONEY, a, b)
    for name, (unit, columns, sums) in RATIOS.items():
        if all(side.has(*columns) for side in (a, b)) and (three := _ratio(a, b, unit, sums, deal)) is not None:
            found[name] = three
    gaps = [side.rows["gap_days"].dropna().to_numpy(float) for side in (a, b)]
    if not a.paired and min(len(values) for values in gaps) >= LEAST:
        one, other = (median(values, unit=Unit.DAYS) for values in gaps)
        found["median_gap"] = one, other, recovered(one, other)
    return {name: three for name, three in found.items() if not _given_by_design(three[0], three[1])}


def _given_by_design(a: Estimate, b: Estimate) -> bool:
    """A share that is everyone, or no one, on both sides: true by how the sides were drawn."""
    return a.unit is Unit.SHARE and a.value == b.value and a.value in (0.0, 1.0)


def _counts(one: float, other: float, unit: Unit, a: Side, b: Side) -> Three:
    return (
        exact(one, unit=unit, n=a.active),
        exact(other, unit=unit, n=b.active),
        exact(one - other, unit=unit, n=a.active + b.active),
    )


@dataclass(frozen=True, slots=True)
class _Deal:
    """The random bucket of each customer of a side; a customer of both sides has the same one on both."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    buckets: int

    def sums(self, values: Floats, bucket: NDArray[np.int64]) -> Floats:
        return np.bincount(bucket, values, self.buckets).astype(float)


def _deal(a: Side, b: Side) -> _Deal:
    ids = pd.Index(a.rows["customer_id"]).union(pd.Index(b.rows["customer_id"]))
    buckets = min(len(ids), BUCKETS)
    dealt = np.random.default_rng(7).permutation(len(ids)) % buckets
    places = [dealt[ids.get_indexer(pd.Index(side.rows["customer_id"]))] for side in (a, b)]
    return _Deal(places[0], places[1], buckets)


def _ratio(a: Side, b: Side, unit: Unit, sums: Sums, deal: _Deal) -> Three | None:
    """Shares of different customers by Newcombe's method, all else by resampling customers; None where there is nothing to divide by."""
    (top, bottom), (top_b, bottom_b) = sums(a), sums(b)
    n = int(np.count_nonzero(bottom)), int(np.count_nonzero(bottom_b))
    if min(bottom.sum(), bottom_b.sum()) <= 0 or min(n) < LEAST:
        return None
    if unit is Unit.SHARE and _whole(bottom) and _whole(bottom_b) and not _overlap(a, b, bottom, bottom_b):
        hits = int(top.sum()), int(top_b.sum())
        return wilson(hits[0], n[0]), wilson(hits[1], n[1]), newcombe(hits, n)
    one = deal.sums(top, deal.a), deal.sums(bottom, deal.a)
    other = deal.sums(top_b, deal.b), deal.sums(bottom_b, deal.b)
    return ratios_apart(one, other, unit=unit, n=n)


def _whole(bottom: Floats) -> bool:
    """Whether the bottom counts customers: then the ratio is a share of them."""
    return bool(np.isin(bottom, (0.0, 1.0)).all())


def _overlap(a: Side, b: Side, bottom: Floats, bottom_b: Floats) -> bool:
    """Whether a customer takes part on both sides."""
    return a.paired and not set(a.rows["customer_id"][bottom > 0]).isdisjoint(b.rows["customer_id"][bottom_b > 0])
