"""The scores that the same customers would have with other luck: every purchase after the first is drawn anew (Poisson bootstrap)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.scorecard import Spread
from analytics.studies.key_customers_scores import MONTHS, SCORES, Known, Luck, active, averages, batches, measures, scores
from analytics.studies.key_customers_sql import DAYS

if TYPE_CHECKING:
    from analytics.fits import Tell
    from analytics.warehouse import Warehouse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DRAWS, FEW, LARGE = 24, 12, 200_000  # draws, and draws where there are more customers than this
SEED = 7


def draws_for(found: Known) -> int:
    return FEW if len(found.people) > LARGE else DRAWS


def moved(warehouse: Warehouse, found: Known, tell: Tell) -> Floats:
    """Covariance (n, 4, 4) of each customer's scores over the draws.

    Source  Hanley & MacGibbon (2006), Computer Methods and Programs in Biomedicine 83:57-62, for Poisson weights
    """
    covariance, parts = np.zeros((len(found.people), len(SCORES), len(SCORES))), batches(found.people)
    usual = averages(found, measures(found, found.was))
    for batch in range(parts):
        tell("draw", batch, parts)
        days = _days(warehouse, found, parts, batch)
        rng = np.random.default_rng([SEED, batch])

        def draw(days: _Days = days, rng: np.random.Generator = rng) -> Floats:
            luck = _drawn(found, days, rng)
            return scores(averages(found, measures(found, luck, days.rows)), usual)

        covariance[days.rows] = Spread.of(draw, draws_for(found)).covariance
    return covariance


@dataclass(frozen=True, kw_only=True)
class _Days:
    """Days on which the customers `rows` bought, in the order of customer and day.

    Shapes  rows (m,) places among all; customer (d,) 0 .. m - 1, first (d,) whether the customer's first; orders, amount, money (d,);
            inside (d,) whether in the last months; week (d,) since the customer's start; month (d,) numbered over customers and months,
            owner: whose each of these is, recent: whether it counts
    """

    rows: Ints
    customer: Ints
    first: NDArray[np.bool_]
    orders: Floats
    amount: Floats
    money: Floats
    inside: NDArray[np.bool_]
    week: Floats
    month: Ints
    owner: Ints
    recent: NDArray[np.bool_]

    @property
    def starts(self) -> Ints:
        return np.flatnonzero(self.first)

    def sums(self, values: Floats) -> Floats:
        return np.asarray(np.bincount(self.customer, values, len(self.rows)), np.float64)


def _days(warehouse: Warehouse, found: Known, parts: int, batch: int) -> _Days:
    frame = warehouse.frame(DAYS, until=found.until, batches=parts, batch=batch)
    customer, ids = pd.factorize(frame["customer_id"])
    rows = pd.Index(found.people["customer_id"]).get_indexer(ids)
    month = (12 * frame["day"].dt.year + frame["day"].dt.month).to_numpy(np.int64)
    keys, at = np.unique(customer * 100_000 + month, return_inverse=True)
    basis = found.ahead.basis if found.ahead else ""
    return _Days(
        rows=rows,
        customer=customer,
        first=np.append(True, customer[1:] != customer[:-1]),
        orders=frame["orders"].to_numpy(float),
        amount=frame["amount"].to_numpy(float),
        money=frame["margin" if basis == "margin" else "amount"].to_numpy(float),
        inside=(frame["day"] >= found.since).to_numpy(bool),
        week=_weeks(found, rows[customer], frame["day"]),
        month=at,
        owner=keys // 100_000,
        recent=keys % 100_000 >= 12 * found.since.year + found.since.month,
    )


def _weeks(found: Known, of: Ints, day: pd.Series) -> Floats:
    """Weeks from the start of each row's customer to its day."""
    if found.ahead is None:
        return np.zeros(len(day))
    return np.asarray(found.ahead.base.T[found.at[of]] - (found.ahead.end - day).dt.days.to_numpy(float) / 7, np.float64)


def _drawn(found: Known, days: _Days, rng: np.random.Generator) -> Luck:
    """How the customers of these days might have bought: the first day stands, each other comes as often as chance has it."""
    was, weight = found.was, rng.poisson(1.0, len(days.customer)).astype(float)
    weight[days.first] = 1.0
    more = weight - 1.0
    spend = was.spend[days.rows] + days.sums(more * days.amount * days.inside)
    loyal, worth = _expected(found, days, weight, more)
    return Luck(counts=_tastes(found, days.rows, rng), spend=spend, loyal=loyal, worth=worth)


def _expected(found: Known, days: _Days, weight: Floats, more: Floats) -> tuple[Floats, Floats]:
    if found.ahead is None:
        taken = np.bincount(days.month, weight, len(days.owner)) > 0
        months = np.bincount(days.owner[taken & days.recent], minlength=len(days.rows)).astype(float)
        return active(np.minimum(months, MONTHS), found.months[days.rows]), np.full(len(days.rows), np.nan)
    last = np.maximum.reduceat(np.where(weight > 0, days.week, -np.inf), days.starts)
    at = found.at[days.rows]
    alive, worth = found.ahead.again(at, days.sums(more * days.orders), last.clip(0), days.sums(more * days.money))
    return np.where(at < 0, np.nan, alive), np.where(at < 0, np.nan, worth)


def _tastes(found: Known, rows: Ints, rng: np.random.Generator) -> Floats | None:
    """Days on each category drawn anew; who would be left without any keeps their own."""
    if found.was.counts is None:
        return None
    own = found.was.counts[rows]
    drawn = np.zeros_like(own)
    drawn[own > 0] = rng.poisson(own[own > 0])
    return np.where(drawn.sum(axis=1, keepdims=True) > 0, drawn, own)
