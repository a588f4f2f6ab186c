"""What share of the points issued will ever be redeemed, and what is owed for those still held.

Points that were earned lately have had little time to be redeemed: counting them as never redeemed overstates breakage. Each point is
watched from the month it was earned until it is redeemed, expires, or the data ends; points still held are censored, not lost.
Source   Aalen & Johansen (1978), Scandinavian Journal of Statistics 5:141-150 (cumulative incidence with a competing end)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.results import Estimate, Unit

DRAWS = 500
DECIDED = 0.01  # share of points still held below which the end of the curve is taken as its last word
RECENT = 3  # last months whose hazard is carried on where the curve is open
# Points that never expire: redemption has levelled off when over the last third of the ages, STRETCH months at least, no more than LEVEL of
# the points was redeemed, while WATCHED of them were still there to be seen.
STRETCH, LEVEL, WATCHED = 6, 0.005, 0.02
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """Points by group of customers (G) and by age in months (A) at which they ended. One customer is in one group.

    redeemed, expired   (G, A) points that ended so
    watched             (G, A) points still held at that age when the data ends, or taken back
    entered             (G, A) points by the age from which on they are watched; None when all are from the month in which they were earned
    customers           behind them
    """

    redeemed: Values
    expired: Values
    watched: Values
    customers: int
    entered: Values | None = None

    @property
    def points(self) -> float:
        return float(self.redeemed.sum() + self.expired.sum() + self.watched.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What has become of points by age, in one row or in many draws (..., A).

    redeemed   share redeemed by the end of that month of age
    held       share neither redeemed nor expired by then
    """

    redeemed: Values
    held: Values

    @property
    def ultimate(self) -> Values:
        """(...,) share redeemed by the end of the curve."""
        return np.asarray(self.redeemed[..., -1])

    @property
    def open(self) -> float:
        """Share that nobody has been seen to decide about, by the end of the curve."""
        return float(np.max(self.held[..., -1]))

    def still(self, rate: float | Values) -> Values:
        """(..., A) of the points held at that age, the share still to be redeemed, when `rate` of all will be."""
        ahead = np.asarray(rate)[..., None] - self.redeemed
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.clip(np.where(self.held > 0, ahead / self.held, 0.0), 0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """What will be redeemed.

    curve     by age of the points
    drawn     the same, resampled over customers
    rate      share of points that will ever be redeemed; None where the data ends before points do
    between   lowest and highest share that what was seen allows: nothing more is redeemed, the last hazards go on
    levelled  months of age over which hardly anything more was redeemed, where the rate rests on that; 0 where points end
    """

    curve: Curve
    drawn: Curve
    rate: Estimate | None
    between: tuple[float, float]
    levelled: int = 0

    def ahead(self, held: Values, factor: float, unit: Unit, n: int) -> Estimate:
        """Points held by age (A,), times the share still to be redeemed, times `factor`: what a point costs, or 1.

        Raises  ValueError where the rate is not known
        """
        if self.rate is None:
            raise ValueError("what is still to be redeemed is known only where the curve ends")
        share = self.drawn.still(self.drawn.ultimate)
        low, high = np.quantile(share @ held * factor, [0.025, 0.975])
        value = float(self.curve.still(self.curve.ultimate) @ held * factor)
        return Estimate(value=value, low=float(low), high=float(high), n=n, unit=unit)


def redemption(fates: Fates, *, life: int | None = None, draws: int = DRAWS, seed: int = 7) -> Redemption:
    """The course of redemption with its interval, by resampling groups of customers with exponential weights.

    life     months after which points expire, where that is known
    Why      a customer's points share a fate, so that customers are resampled, never points; the weights keep every age at risk
    Raises   ValueError without any points
    Source   Rubin (1981), Annals of Statistics 9:130-134 (the Bayesian bootstrap)
    """
    if fates.points <= 0:
        raise ValueError("a redemption rate needs points")
    entered = np.zeros_like(fates.redeemed) if fates.entered is None else fates.entered
    ends = (fates.redeemed, fates.expired, fates.watched, entered)
    sums = [end.sum(axis=0) for end in ends]
    curve = course(*sums)
    weights = np.random.default_rng(seed).standard_exponential((draws, len(fates.redeemed)))
    drawn = course(*(weights @ end for end in ends))
    settled = 0 if curve.open <= DECIDED or life is not None or fates.expired.any() else _levelled(curve, sums, entered.sum(axis=0))
    known = curve.open <= DECIDED or settled > 0
    return Redemption(
        curve=curve,
        drawn=drawn,
        rate=_rate(curve, drawn, fates.customers, settled) if known else None,
        between=_between(curve, _recent(*sums), life),
        levelled=settled,
    )


def _levelled(curve: Curve, sums: list[Values], entered: Values) -> int:
    """Months of the last third of the ages, if points were watched through it and hardly any went; else 0."""
    stretch = max(STRETCH, len(curve.redeemed) // 3)
    if len(curve.redeemed) < 3 * STRETCH:
        return 0
    risk = _at_risk(sums[0] + sums[1] + sums[2], entered)
    gained = float(curve.redeemed[-1] - curve.redeemed[-1 - stretch])
    return stretch if gained <= LEVEL and risk[-1 - stretch // 2] >= WATCHED * risk.max() else 0


def course(redeemed: Values, expired: Values, watched: Values, entered: Values) -> Curve:
    """The share redeemed and the share still held, by age.

    Shapes  (..., A) points that ended so at each age, and points that came under watch at it; what is censored at an age was watched
            through it. Those who come under watch late do not count as survivors of the ages before (left truncation).
    """
    risk = np.maximum(_at_risk(redeemed + expired + watched, entered), 1e-9)
    held = np.asarray(np.cumprod(np.clip(1 - (redeemed + expired) / risk, 0, 1), axis=-1), np.float64)
    before = np.concatenate([np.ones_like(held[..., :1]), held[..., :-1]], axis=-1)
    return Curve(redeemed=np.cumsum(before * redeemed / risk, axis=-1), held=held)


def _at_risk(ended: Values, entered: Values) -> Values:
    """Points that ended at the age or later, less those that came under watch only after it."""
    later = np.concatenate([entered[..., 1:], np.zeros_like(entered[..., :1])], axis=-1)
    return np.asarray(np.flip(np.cumsum(np.flip(ended - later, axis=-1), axis=-1), axis=-1))


def _rate(curve: Curve, drawn: Curve, n: int, settled: int) -> Estimate:
    """What is still open at the end of the curve may be redeemed or not: it belongs to the interval. Where the curve has levelled off, that
    is as much again as in the months in which it did."""
    late = drawn.redeemed[..., -1] - drawn.redeemed[..., -1 - settled] if settled else drawn.held[..., -1]
    low = float(np.quantile(drawn.ultimate, 0.025))
    high = float(np.quantile(drawn.ultimate + late, 0.975))
    return Estimate(value=float(curve.ultimate), low=low, high=min(high, 1.0), n=n, unit=Unit.SHARE)


def _between(curve: Curve, recent: tuple[float, float], life: int | None) -> tuple[float, float]:
    """Nothing more is redeemed; or it goes on as in the last months, for ever or until points expire; where nothing went, all may."""
    low, held, (redeemed, expired) = float(curve.ultimate), float(curve.held[-1]), recent
    if redeemed + expired <= 0:
        return low, min(1.0, low + held)
    months = np.inf if life is None else max(0, life - len(curve.held) + 1)
    reached = 1 - (1 - min(redeemed + expired, 1.0)) ** months
    return low, min(1.0, low + held * reached * redeemed / (redeemed + expired))


def _recent(redeemed: Values, expired: Values, watched: Values, entered: Values) -> tuple[float, float]:
    """Redeemed and expired a month, as shares of the points at risk, over the last months of age."""
    risk = float(_at_risk(redeemed + expired + watched, entered)[-RECENT:].sum())
    return float(redeemed[-RECENT:].sum()) / risk, float(expired[-RECENT:].sum()) / risk
