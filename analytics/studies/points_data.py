"""What the ledger of points tells: its reach, what a point is worth and costs, what became of the points of each month."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.studies import points_sql as sql
from analytics.studies.month_ends import GRACE

if TYPE_CHECKING:
    from analytics.models.redemption import Fates, Redemption
    from analytics.warehouse import Warehouse

GROUPS = 1_000  # of customers, for resampling
WINDOW = 12  # months of the ledger from which the curve is taken: members change, and the last year is nearest to the next
STALE = pd.Timedelta(days=31)  # days without a movement after which the ledger has ended before the data
MOST = 0.5  # share of the points issued that must have been redeemed before a curve that says all of them will be is believed
BEGUN = 0.01  # share of the points redeemed that were earned before the ledger, above which its first vintages are not what they seem


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where the ledger lies. first, last: months; end: last whole month, or the only one; day: known up to; life: months, or no rule."""

    first: pd.Timestamp
    last: pd.Timestamp
    end: pd.Timestamp
    day: pd.Timestamp
    monthly: bool
    expires: bool
    life: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Money a point; None where no movement tells it. redemptions, paid: behind the cost."""

    value: float | None
    cost: float | None
    redemptions: int
    paid: float


@dataclass(frozen=True, kw_only=True)
class Told:
    """The ledger in numbers, and what will become of what is held.

    lots     vintage, month, kind, points, customers: see the mart points_lots
    held     (A,) points held by age in months at the end of the ledger; those past their day left out
    overdue  points past the day they were to expire, and still in the ledger
    before   points redeemed or expired that were earned before the ledger begins
    """

    span: Span
    prices: Prices
    lots: pd.DataFrame
    ages: pd.DataFrame
    redemption: Redemption
    before: float
    before_share: float

    @property
    def whole(self) -> bool:
        """Whether the ledger begins at nought, so that its vintages are what was earned."""
        return self.before_share <= BEGUN

    @property
    def overdue(self) -> float:
        return float(self.ages.loc[self.ages["overdue"], "points"].sum())

    @property
    def held(self) -> np.ndarray:
        valid = self.ages[~self.ages["overdue"]]
        last = len(self.redemption.curve.held) - 1
        return np.bincount(valid["age"].clip(0, last).astype(int), weights=valid["points"], minlength=last + 1)


def told(warehouse: Warehouse, months: int = WINDOW) -> Told | None:
    """What the ledger tells; None without a point earned in it. months: of it, up to the last, from which the curve is taken; 0 for all."""
    from analytics.models.redemption import redemption

    where = span(warehouse)
    parts = None if where is None else fates(warehouse, where, months)
    if where is None or parts is None or parts.points <= 0:
        return None
    lots = warehouse.frame(sql.LOTS)
    before, share = _before(lots)
    found = redemption(parts, life=where.life)
    return Told(
        span=where,
        prices=prices(warehouse),
        lots=lots,
        ages=warehouse.frame(sql.HELD, month=where.last),
        redemption=found if where.expires else _believed(found, lots),
        before=before,
        before_share=share,
    )


def _believed(found: Redemption, lots: pd.DataFrame) -> Redemption:
    """Of points that never expire: a curve that goes towards all of them is not believed while most are still held.

    Why     balances that grow are redeemed first in, first out, at ever higher ages: the few vintages that are over tell nothing of
            the others
    """
    issued = lots[lots["vintage"].notna()]
    redeemed = float(issued.loc[issued["kind"] == "redeem", "points"].sum() / issued["points"].sum())
    if found.rate is None or found.levelled or redeemed >= MOST:
        return found
    return replace(found, rate=None, between=(redeemed, found.between[1]))


def span(warehouse: Warehouse) -> Span | None:
    """Where the ledger lies; None where it is empty."""
    row = warehouse.frame(sql.SPAN).iloc[0]
    if pd.isna(row["first"]) or pd.isna(row["last_on"]):
        return None
    day = row["as_of"] if row["as_of"] - row["last_on"] <= STALE else row["last_on"]
    last = day.replace(day=1)
    complete = bool(row["monthly"]) or last + pd.offsets.MonthEnd(1) - GRACE <= day
    return Span(
        first=row["first"],
        last=last,
        end=last if complete else max(row["first"], last - pd.DateOffset(months=1)),
        day=day,
        monthly=bool(row["monthly"]),
        expires=bool(row["expired"]) or pd.notna(row["life"]),
        life=None if pd.isna(row["life"]) else int(row["life"]),
    )


def prices(warehouse: Warehouse) -> Prices:
    row = warehouse.frame(sql.PRICES).iloc[0]
    value = row["earned_value"] if pd.notna(row["earned_value"]) else row["redeemed_value"]
    return Prices(value=_known(value), cost=_known(row["cost"]), redemptions=int(row["redemptions"]), paid=float(row["paid"] or 0))


def _known(value: float | None) -> float | None:
    return float(value) if pd.notna(value) and value else None


def fates(warehouse: Warehouse, where: Span, months: int) -> Fates:
    """Points by group of customers and age, as the last months of the ledger saw them."""
    from analytics.models.redemption import Fates

    since = where.first if months == 0 else max(where.first, where.end - pd.DateOffset(months=months - 1))
    rows = warehouse.frame(sql.FATES, groups=GROUPS, since=since, end=where.end)
    customers = int(str(warehouse.value("select count(distinct customer_id) from points_lots where vintage <= $end::date", end=where.end)))
    part = pd.factorize(rows["part"])[0]
    shape = (int(part.max(initial=-1)) + 1, int(rows["age"].max()) + 1 if len(rows) else 0)

    def ended(kind: str) -> np.ndarray:
        here = (rows["kind"] == kind).to_numpy()
        ends = np.zeros(shape)
        np.add.at(ends, (part[here], rows["age"].to_numpy(int)[here]), rows["points"].to_numpy(float)[here])
        return ends

    return Fates(redeemed=ended("redeem"), expired=ended("expire"), watched=ended("held"), entered=ended("enter"), customers=customers)


def _before(lots: pd.DataFrame) -> tuple[float, float]:
    """Points used that were earned before the ledger begins, and their share of those redeemed."""
    used = lots[lots["kind"].isin(["redeem", "expire"])]
    before = float(used.loc[used["vintage"].isna(), "points"].sum())
    return before, before / max(float(used["points"].sum()), 1.0)
