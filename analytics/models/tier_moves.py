"""Who stands in which tier under other thresholds, what each tier then earns and receives, and its benefit ratio.

A tier on file moves by as many steps as the rule's own tier moves: a member kept in Gold by grace, or filed wrongly, stays kept, or wrong.
Source   benefit ratio = (points earned x face value x share ever redeemed + benefits at cost) / contribution margin
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from analytics.results import Estimate, Unit

Z = NormalDist().inv_cdf(0.975)
LEAST = 30  # members below which a tier's ratio is not told
Values = NDArray[np.float64]
Tiers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """What N members did and received over the same months.

    tier      (N,) place of the tier on file, 0 the lowest
    metric    (N,) what the rules measure
    points    (N,) earned
    benefits  (N,) cost of the benefits received
    margin    (N,) contribution margin
    """

    tier: Tiers
    metric: Values
    points: Values
    benefits: Values
    margin: Values

    def __len__(self) -> int:
        return len(self.tier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """K tiers from the lowest.

    thresholds  (K,) of the metric, ascending; None where the rules are not known or not understood
    earning     (K,) points earned per unit of money spent
    benefit     (K,) cost of benefits per member, over the months that `Members` covers
    """

    thresholds: Values | None
    earning: Values
    benefit: Values


def ladder(members: Members, spent: Values, earned: Values, thresholds: Values | None = None) -> Ladder:
    """The ladder as the data shows it. A tier without anybody is like the one below it.

    Shapes  spent, earned (K,): money and points of each tier, at the time when they were spent and earned
    Raises  ValueError where thresholds do not ascend
    """
    if thresholds is not None and not (np.diff(thresholds) > 0).all():
        raise ValueError("thresholds have to ascend")
    n, k = np.bincount(members.tier, minlength=len(spent)).astype(float), len(spent)
    received = np.bincount(members.tier, members.benefits, minlength=k).astype(float)
    return Ladder(thresholds=thresholds, earning=_each(earned, spent), benefit=_each(received, n))


def _each(total: Values, over: Values) -> Values:
    """Totals each over what they are counted over; where there is nothing to count over, as below it, else zero."""
    known = over > 0
    places = np.maximum.accumulate(np.where(known, np.arange(len(total)), -1))
    rates = np.divide(total, over, out=np.zeros(len(total)), where=known)
    return np.where(places >= 0, rates[places], 0.0)


def by_rule(metric: Values, thresholds: Values) -> Tiers:
    """(N,) the highest tier whose threshold is reached; the lowest where none is."""
    return np.maximum(np.searchsorted(thresholds, metric, side="right") - 1, 0)


def moved(members: Members, rules: Ladder, factor: float) -> Tiers:
    """(N,) tiers when every threshold is multiplied by the factor."""
    if rules.thresholds is None or factor == 1:
        return members.tier
    steps = by_rule(members.metric, factor * rules.thresholds) - by_rule(members.metric, rules.thresholds)
    return np.clip(members.tier + steps, 0, len(rules.thresholds) - 1)


def standing(members: Members, rules: Ladder, factor: float) -> Members:
    """The members in their new tiers. Who moves earns by the new tier's rate and receives what its members do on average."""
    tier = moved(members, rules, factor)
    old, new = rules.earning[members.tier], rules.earning[tier]
    rate = np.divide(new, old, out=np.ones(len(tier)), where=old > 0)
    benefits = np.where(tier == members.tier, members.benefits, rules.benefit[tier])
    return replace(members, tier=tier, points=members.points * rate, benefits=benefits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a point is worth to a member: its face value, and the share of points that is ever redeemed."""

    face: float
    redeemed: Estimate


def ratios(members: Members, worth: Worth, *, tiers: int) -> list[Estimate | None]:
    """Benefit ratio of each tier; None where it has few members or no margin.

    Interval  members by linearisation of the ratio, redemption by its own interval; the two are independent
    Source    Cochran (1977), Sampling Techniques, 6.3
    """
    return [_ratio(members, members.tier == tier, worth) for tier in range(tiers)]


def _ratio(members: Members, here: NDArray[np.bool_], worth: Worth) -> Estimate | None:
    n, margin = int(here.sum()), float(members.margin[here].sum())
    if n < LEAST or margin <= 0:
        return None
    points = members.points[here] * worth.face
    benefit = points * worth.redeemed.value + members.benefits[here]
    ratio = float(benefit.sum()) / margin
    left = benefit - ratio * members.margin[here]
    chance = np.sqrt(n / (n - 1) * float((left**2).sum())) / margin
    doubt = (worth.redeemed.high - worth.redeemed.low) / (2 * Z) * float(points.sum()) / margin
    half = Z * float(np.hypot(chance, doubt))
    return Estimate(value=ratio, low=max(0.0, ratio - half), high=ratio + half, n=n, unit=Unit.SHARE)
