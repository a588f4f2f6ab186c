"""What points make of the price of a sale: deferred when they are earned, recognised as they are redeemed.

Source   IFRS 15.73-86, B39-B47 and Illustrative Example 52; ASC 606-10-55-41 to 55-49 say the same
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
_EDGE = 1e-6  # of a cent: a product that is a half in decimals may lie just below it in binary


def cents(values: Values) -> Values:
    """Money to the cent, halves away from zero, as a spreadsheet's ROUND does it."""
    return np.asarray(np.sign(values) * np.floor(np.abs(values) * 100 + 0.5 + _EDGE) / 100)


def points_share(goods: Values, points: Values, value: float, expected: Values) -> Values:
    """The points' share of the price: their stand-alone selling price over that of goods and points together.

    Shapes  goods (V,) stand-alone selling price of what was sold; points (V,) issued with it; expected (V,) share that will be redeemed
    Unit    value is money a point; 0 where nothing was sold
    """
    own = points * value * expected
    both = np.maximum(goods, 0) + own
    return np.asarray(np.divide(own, both, out=np.zeros_like(both), where=(both > 0) & (goods > 0)))


def recognised(allocated: Values, redeemed: Values, expected: Values) -> Values:
    """Recognised to date: in proportion to the points redeemed so far of all that are expected to be redeemed.

    What expires is never recognised by itself: it was not expected. Nothing more expected means that all of it is recognised.
    """
    share = np.divide(redeemed, expected, out=np.ones_like(np.asarray(expected, float)), where=expected > 0)
    return np.asarray(allocated * np.clip(share, 0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the ledger and the sales tell, by vintage (V) and month (M); the last month is the one that closes.

    sales     (V,) price of what was sold when the points were earned
    issued    (V,) points
    redeemed  (V, M) points of the vintage redeemed up to and in the month
    held      (V, M) points of the vintage held at the end of the month; 0 before it begins
    """

    sales: Values
    issued: Values
    redeemed: Values
    held: Values

    @property
    def ages(self) -> NDArray[np.int64]:
        """(V, M) months since the vintage; negative before it begins."""
        vintages, months = self.redeemed.shape
        return np.asarray(np.arange(months)[None, :] - (np.arange(vintages) + months - vintages)[:, None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """Two estimates of what will be redeemed: as booked until the last month, and as it is now.

    rate   (2,) share of all points
    still  (2, A) of the points held at an age, the share still to be redeemed
    """

    rate: Values
    still: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Deferred revenue, money to the cent.

    own         (V,) stand-alone selling price of the points
    share       (V,) their share of the price
    allocated   (V,) part of the price that belongs to the points
    expected    (V, M) points redeemed so far and still to be redeemed
    recognised  (V, M) to date
    booked      (V,) to date in the last month, under the estimate booked until then
    opening, deferred, earned, caught_up, closing   (M,) the roll-forward; opening + deferred - earned = closing; `caught_up` is the part of
                `earned` that the change of estimate makes
    """

    own: Values
    share: Values
    allocated: Values
    expected: Values
    recognised: Values
    booked: Values
    opening: Values
    deferred: Values
    earned: Values
    caught_up: Values
    closing: Values


def schedule(books: Books, estimates: Estimates, value: float) -> Schedule:
    """The roll-forward month by month. A vintage keeps the allocation of the estimate under which it was sold; a change of estimate is
    caught up in the month in which it is made, the last one.

    value    face value of a point
    """
    vintages, months = books.redeemed.shape
    closing = np.arange(months) == months - 1
    rate = np.where(np.arange(vintages) == vintages - 1, estimates.rate[1], estimates.rate[0])
    share = points_share(books.sales, books.issued, value, rate)
    allocated = cents(books.sales * share)
    expected = _expected(books, estimates.still[0])
    expected[:, closing] = _expected(books, estimates.still[1])[:, closing]
    to_date = _to_date(books, allocated, expected)
    before = _to_date(books, allocated, _expected(books, estimates.still[0]))[:, -1]
    deferred = np.where(books.ages == 0, allocated[:, None], 0).sum(axis=0)
    earned = np.diff(to_date.sum(axis=0), prepend=0)
    balance = cents(np.cumsum(deferred - earned))
    return Schedule(
        own=books.issued * value * rate,
        share=share,
        allocated=allocated,
        expected=expected,
        recognised=to_date,
        booked=before,
        opening=np.r_[0.0, balance[:-1]],
        deferred=cents(deferred),
        earned=cents(earned),
        caught_up=cents(np.where(closing, (to_date[:-1, -1] - before[:-1]).sum(), 0)),
        closing=balance,
    )


def _expected(books: Books, still: Values) -> Values:
    """Points redeemed so far, and those held that are still to be redeemed at their age."""
    age = np.clip(books.ages, 0, len(still) - 1)
    return np.asarray(books.redeemed + books.held * still[age])


def _to_date(books: Books, allocated: Values, expected: Values) -> Values:
    begun = books.ages >= 0
    return np.where(begun, cents(recognised(allocated[:, None] * np.ones_like(expected), books.redeemed, expected)), 0.0)
