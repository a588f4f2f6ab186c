"""Do customers buy faster when a reward comes close, and more slowly once they have taken it?

Rewards are taken at purchases, and who buys more takes more of them: against the average week every reward seems to stand among
purchases, with a dip after it. So purchases are compared with purchases: the weeks after one that brought a reward close, or that took
one, with the weeks after the same customer's other purchases, at the same time of the year. How near a reward is follows from the past
alone; where it moves nobody, both differ by chance only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.resample import BUCKETS, resamples
from analytics.results import Estimate, Unit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

WEEKS = 8  # drawn; also the time after joining that is left out, as joining is a burst of buying
POOLED = {"near": 14, "rewarded": 28}  # days after a purchase of a state in which purchases are counted and tested
LATER = (29, 56)  # days in which neither should be felt any more: what is still there is a drift of its own
MONTH = 28  # days: a reward is close when no more is missing than is usually earned in them
CALENDAR = 14  # days in which the season is taken as one
OTHERS = 3  # other purchases of a customer whose own rate is known well enough
LEAST = 100  # purchases in a state without which nothing is said of it
ROUNDS = 8  # of fitting own rates and seasons in turns; five suffice
DRAWS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Days on which members bought: one row a customer and day.

    Shapes  (n,) each, ordered by customer (0 ..) and day (a count of days); rewarded: whether a reward was taken that day; balance and
            earned: points held at the end of the day, and earned on it
    need    points of a small reward
    """

    customer: Ints
    day: Ints
    rewarded: Bools
    balance: Floats
    earned: Floats
    need: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """Purchases after those of a state, against those after the same customers' other purchases: 0 is no difference.

    pooled  state (near, rewarded) -> change of the rate in the 14 or 28 days after, as a share; a state that is too rare is absent
    later   the same in the fifth to eighth week: what does not pass is no answer to a reward
    weeks   state, week (1 .. 8), change, low, high, n (purchases in the state)
    naive   week (-8 .. 8), change against the average week, n (rewards): what is commonly drawn, and misread
    """

    pooled: dict[str, Estimate]
    later: dict[str, Estimate]
    weeks: pd.DataFrame
    naive: pd.DataFrame

    @property
    def pressure(self) -> bool:
        """Whether purchases quicken as a reward comes close, beyond chance and beyond what stays."""
        return "near" in self.pooled and self.pooled["near"].low > max(0.0, self.later["near"].value)

    @property
    def dip(self) -> bool:
        """Whether purchases slow down after a reward, beyond chance and beyond what stays."""
        return "rewarded" in self.pooled and self.pooled["rewarded"].high < min(0.0, self.later["rewarded"].value)


def hazard(visits: Visits, first: int, last: int, *, seed: int = 7, level: float = 0.95) -> Hazard:
    """How purchases go on after a reward came close, and after one was taken.

    first, last  days that the data covers
    Unit         share: purchases seen / expected - 1; expected = own rate after other purchases x factor of the fortnight
    How          Poisson model of both, fitted to the other purchases; intervals by resampling customers. Fixed windows, as time to the
                 next purchase would make rates of few purchases too high
    Why          the two pooled changes are the only tests: at most 5 in 100 worlds in which rewards move nobody give any alarm
    Source       Kivetz, Urminsky & Zheng (2006), Journal of Marketing Research 43:39-58 (purchases quicken as a reward comes close)
    """
    states = {"near": near(visits), "rewarded": visits.rewarded}
    inside = _inside(visits, first, last)
    pooled, later, rows = {}, {}, []
    for name, state in states.items():
        anchors = _anchors(visits, inside & (state | ~(states["near"] | states["rewarded"])), state)
        if anchors is None:
            continue
        weights = resamples(min(int(anchors.customer.max()) + 1, BUCKETS), DRAWS, seed)
        pooled[name] = _change(visits, anchors, (1, POOLED[name]), weights, level)
        later[name] = _change(visits, anchors, LATER, weights, level)
        for week in range(1, WEEKS + 1):
            one = _change(visits, anchors, (7 * week - 6, 7 * week), weights, level)
            rows.append((name, week, one.value, one.low, one.high, one.n))
    weeks = pd.DataFrame(rows, columns=["state", "week", "change", "low", "high", "n"])
    return Hazard(pooled=pooled, later=later, weeks=weeks, naive=_naive(visits, first, last))


def near(visits: Visits) -> Bools:
    """Whether a purchase left the customer short of a reward by no more than four weeks, or one purchase, usually earn them."""
    size = int(visits.customer.max()) + 1
    earned, bought = np.bincount(visits.customer, visits.earned, size), np.bincount(visits.customer, minlength=size)
    began, ended = _ends(visits)
    usual = earned / np.maximum(ended - began + 1, MONTH) * MONTH
    step = np.maximum(usual, earned / np.maximum(bought, 1))[visits.customer]
    short = visits.need - visits.balance
    return np.asarray((short > 0) & (short <= step) & ~visits.rewarded)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anchors:
    """Purchases in a state, and the other purchases of the same customers.

    Shapes  (m,) each: place among the visits, customer 0 .., season (fortnight 0 ..), whether in the state
    """

    place: Ints
    customer: Ints
    season: Ints
    state: Bools


def _inside(visits: Visits, first: int, last: int) -> Bools:
    """Purchases that can be looked at: the weeks after them lie in the data, and the customer came back later still.

    Without the latter customers who leave would tell: a purchase early in a membership is known to have been followed by others.
    """
    began, ended = _ends(visits)
    settled = np.maximum(began, first)[visits.customer] + 7 * WEEKS
    gone = ended[visits.customer] <= visits.day + 7 * WEEKS
    return (visits.day >= settled) & (visits.day <= last - 7 * WEEKS) & ~gone


def _ends(visits: Visits) -> tuple[Ints, Ints]:
    """Each customer's first and last day."""
    starts = np.searchsorted(visits.customer, np.arange(int(visits.customer.max()) + 2))
    return visits.day[starts[:-1]], visits.day[starts[1:] - 1]


def _anchors(visits: Visits, among: Bools, state: Bools) -> _Anchors | None:
    """Customers with purchases of both kinds; None with too few of them in the state."""
    size = int(visits.customer.max()) + 1
    mine, others = (np.bincount(visits.customer[among & side], minlength=size) for side in (state, ~state))
    place = np.flatnonzero(among & ((mine > 0) & (others >= OTHERS))[visits.customer])
    if state[place].sum() < LEAST:
        return None
    customer, season = (np.unique(key[place], return_inverse=True)[1] for key in (visits.customer, visits.day // CALENDAR))
    return _Anchors(place=place, customer=customer, season=season, state=state[place])


def _change(visits: Visits, anchors: _Anchors, span: tuple[int, int], weights: Floats, level: float) -> Estimate:
    """Purchases seen in a span of days after those in the state, over those expected, less one."""
    seen = _counts(visits, anchors.place, span)
    expected, buckets = _expected(seen, anchors), weights.shape[1]
    mine = anchors.state
    sums = [np.bincount(anchors.customer[mine] % buckets, values[mine], buckets) for values in (seen, expected)]
    top, bottom = (weights @ each for each in sums)
    ratios = top[bottom > 0] / bottom[bottom > 0] - 1
    value = sums[0].sum() / sums[1].sum() - 1 if sums[1].sum() > 0 else np.nan
    low, high = np.quantile(ratios, [0.5 - level / 2, 0.5 + level / 2]) if len(ratios) else (np.nan, np.nan)
    return Estimate(value=float(value), low=float(low), high=float(high), n=int(mine.sum()), unit=Unit.SHARE, level=level)


def _counts(visits: Visits, place: Ints, span: tuple[int, int]) -> Floats:
    """Days bought within the span of days around each anchor, by the same customer."""
    wide = int(visits.day.max() - visits.day.min()) + 4 * 7 * (WEEKS + 1)
    key = visits.customer * wide + visits.day - visits.day.min()
    low, high = np.searchsorted(key, key[place] + span[0]), np.searchsorted(key, key[place] + span[1], side="right")
    return np.asarray(high - low, float)


def _expected(seen: Floats, anchors: _Anchors) -> Floats:
    """Own rate x factor of the fortnight, from the other purchases alone."""
    other = ~anchors.state
    who, when, count = anchors.customer[other], anchors.season[other], seen[other]
    customers, seasons = int(anchors.customer.max()) + 1, int(anchors.season.max()) + 1
    season = np.ones(seasons)
    for _ in range(ROUNDS):
        own = _ratio(_sums(who, count, customers), _sums(who, season[when], customers))
        season = _ratio(_sums(when, count, seasons), _sums(when, own[who], seasons))
    return np.asarray(own[anchors.customer] * season[anchors.season])


def _sums(place: Ints, values: Floats, size: int) -> Floats:
    return np.bincount(place, values, size).astype(float)


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.ones_like(top), where=bottom > 0)


def _naive(visits: Visits, first: int, last: int) -> pd.DataFrame:
    """Purchases in the weeks around rewards against the same customers' average week; the day of the reward counts, as it mostly does."""
    place = np.flatnonzero(visits.rewarded & _inside(visits, first, last))
    began, _ = _ends(visits)
    a_week = np.bincount(visits.customer) / (np.maximum(last - began + 1, 7) / 7)
    usual, weeks = a_week[visits.customer[place]].sum(), range(-WEEKS, WEEKS + 1)
    change = [_counts(visits, place, (7 * week, 7 * week + 6)).sum() / usual - 1 if usual else np.nan for week in weeks]
    return pd.DataFrame({"week": weeks, "change": change, "n": len(place)})
