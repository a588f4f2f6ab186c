"""How large a test by lot must be: what it can detect, how many customers it takes, how likely it shows an effect."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Z = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What an outcome was like over a past window, and how much of it the window before foretold.

    mean, sd   of the outcome
    explained  share of its variance that the same customers' window before explains (rho squared), which adjusting for it saves
    left       standard deviation of what is left
    wobble     relative standard error of `left`: a skewed outcome's spread is itself known only so well
    n          customers measured
    """

    mean: float
    sd: float
    explained: float
    left: float
    wobble: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """share: of the customers, withheld; power: chance to show an effect that is there; level: chance to show one that is not."""

    share: float = 0.1
    power: float = 0.8
    level: float = 0.05


def spread(after: Floats, before: Floats) -> Spread:
    """The outcome's spread, as it was and adjusted for the window before.

    Shapes  (n,), (n,), n >= 3, row i the same customer
    Unit    of the outcome; a share of customers as 0 and 1
    Raises  ValueError for fewer than three customers
    Source  Deng et al. (2013), Improving the sensitivity of online controlled experiments (CUPED), WSDM, 3.2
    """
    n = len(after)
    if n < 3:
        raise ValueError(f"need at least 3 customers, got {n}")
    sd = float(after.std(ddof=1))
    slope = float(np.cov(before, after)[0, 1] / before.var(ddof=1)) if before.var() > 0 else 0.0
    rest = after - after.mean() - slope * (before - before.mean())
    left = float(rest.std(ddof=1))
    explained = 1 - (left / sd) ** 2 if sd > 0 else 0.0
    return Spread(mean=float(after.mean()), sd=sd, explained=explained, left=left, wobble=_wobble(rest, left), n=n)


def _wobble(rest: Floats, left: float) -> float:
    """Relative standard error of a standard deviation, of any distribution: half that of the variance."""
    if left == 0:
        return 0.0
    kurtosis = float(np.mean((rest / left) ** 4))
    return sqrt(max(kurtosis - 1, 0.0) / (4 * len(rest)))


def needed(known: Spread, effect: float, plan: Plan) -> int:
    """Customers of both arms together that show an effect of this size.

    Raises  ValueError when the effect is not positive or the share withheld not between 0 and 1
    Source  Cohen (1988), Statistical power analysis, 2.4, with unequal arms; statsmodels.stats.power
    """
    if not effect > 0 or not 0 < plan.share < 1:
        raise ValueError(f"need a positive effect and a share within (0, 1), got {effect} and {plan.share}")
    return ceil(_customers(known, effect, plan))


def detectable(known: Spread, customers: int, plan: Plan) -> float:
    """The smallest effect that so many customers show with the plan's power.

    Unit    of the outcome
    Raises  ValueError for no customers or a share withheld not between 0 and 1
    """
    if customers < 1 or not 0 < plan.share < 1:
        raise ValueError(f"need customers and a share within (0, 1), got {customers} and {plan.share}")
    return sqrt(_customers(known, 1.0, plan) / customers)  # the size falls with the square of the effect


def chance(known: Spread, effect: float, customers: int, plan: Plan) -> float:
    """The power with which so many customers show an effect. Its own `power` is what the plan asks for, and not used."""
    from statsmodels.stats.power import normal_power

    if known.left == 0:
        return 1.0
    return float(normal_power(effect / _per_customer(known, plan), customers, plan.level))


def smallest_share(known: Spread, effect: float, customers: int, plan: Plan) -> float | None:
    """The smallest share to withhold with which so many customers show the effect; None when even half of them do not.

    Source  n s (1 - s) >= A, A the customers needed were each arm as precise as all of them, solved for s
    """
    area = _customers(known, effect, Plan(share=0.5, power=plan.power, level=plan.level)) / (4 * customers)
    return None if area > 0.25 else (1 - sqrt(1 - 4 * area)) / 2


def _customers(known: Spread, effect: float, plan: Plan) -> float:
    from statsmodels.stats.power import normal_sample_size_one_tail

    return float(normal_sample_size_one_tail(effect, plan.power, plan.level / 2, std_null=_per_customer(known, plan)))


def _per_customer(known: Spread, plan: Plan) -> float:
    """Standard error of the difference of the two arms' means, times the root of the customers in both."""
    return known.left * sqrt(1 / plan.share + 1 / (1 - plan.share))
