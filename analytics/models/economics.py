"""What a programme costs and brings, as distributions: margin caused, return, present value, payback, drawn from the effect's own interval.

Nothing here is estimated anew: the interval of the effect is the only doubt that is drawn unless the user adds one of the costs.
Source   programme ROI = (incremental margin - cost) / cost; NPV discounts each month's net margin to the beginning of the first one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from analytics.results import Estimate, Unit

DRAWS = 4000
Z = NormalDist().inv_cdf(0.975)
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A programme's months, as the ledger and the membership tell them. M months, money in the reporting currency.

    treated     (M,) customers on whom the effect acts, a month: members, those in their month of joining left out
    costs       kind of cost -> (M,) money of the programme; rewards at cost, counted once
    effect      contribution margin caused per treated customer and month, with its 95 % interval
    strength    (M,) by how much the effect is multiplied in each month; 1 is as measured
    responses   (doubt -> (M,) exponent base): the effect of a month is multiplied by base ** draw, draw uniform in `spread` (scenarios)
    spread      lowest and highest exponent drawn for `responses`
    own_margin  contribution margin of all purchases of those treated, whole window; None where it is not known
    discount    a year
    setup       money paid before the first month
    cost_error  standard deviation of the costs, as a share of them
    """

    treated: Values
    costs: Mapping[str, Values]
    effect: Estimate
    strength: Values
    responses: Values | None = None
    spread: tuple[float, float] = (0.0, 0.0)
    own_margin: float | None = None
    discount: float = 0.08
    setup: float = 0.0
    cost_error: float = 0.0

    @property
    def monthly_cost(self) -> Values:
        """(M,)"""
        return np.sum(list(self.costs.values()), axis=0) if self.costs else np.zeros(len(self.treated))

    @property
    def cost(self) -> float:
        return float(self.monthly_cost.sum()) + self.setup


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a case comes to: the point estimates, and S draws of each. Row 0 of `margins` and `costs` is the point estimate itself.

    margins   (1 + S, M) incremental margin a month
    costs     (1 + S, M) cost a month; `setup` comes on top
    """

    margins: Values
    costs: Values
    setup: float
    discount: float
    n: int
    treated: float
    spent_on_rewards: float = 0.0
    own_margin: float | None = None

    @cached_property
    def net(self) -> Values:
        """(1 + S, M) margin less cost."""
        return self.margins - self.costs

    @cached_property
    def cumulative(self) -> Values:
        """(1 + S, M) margin less cost so far, what was paid at first included; not discounted."""
        return np.asarray(self.net.cumsum(axis=1) - self.setup)

    @cached_property
    def margin(self) -> Values:
        return np.asarray(self.margins.sum(axis=1))

    @cached_property
    def cost(self) -> Values:
        return np.asarray(self.costs.sum(axis=1) + self.setup)

    @cached_property
    def roi(self) -> Values:
        return self.margin / self.cost - 1

    @cached_property
    def npv(self) -> Values:
        """Each month's net margin discounted from its end to the beginning of the first month."""
        months = np.arange(1, self.net.shape[1] + 1)
        return self.net @ (1 + self.discount) ** (-months / 12) - self.setup

    @cached_property
    def payback(self) -> Values:
        """Months until the cumulative margin has reached the cumulative cost for the first time; inf where it never does, or has fallen
        behind again by the end: what was lost since has not been paid back."""
        reached = self.cumulative >= 0
        return np.where(reached[:, -1], reached.argmax(axis=1) + 1.0, np.inf)

    @cached_property
    def break_even(self) -> Values:
        """Effect per treated customer and month at which margin equals cost."""
        return self.cost / self.treated

    @cached_property
    def per_treated(self) -> Values:
        """Margin caused per treated customer and month, as it comes out after `strength` and `responses`."""
        return self.margin / self.treated

    @cached_property
    def anyway(self) -> Values:
        """Cost of rewards given for purchases that would have been made without the programme.

        Rewards follow purchases; of what members bring, the part not caused would have come anyway. An effect below zero caused none.
        """
        if not self.own_margin:
            return np.full(len(self.margin), np.nan)
        return self.spent_on_rewards * (1 - np.clip(self.margin / self.own_margin, 0, 1))

    def estimate(self, name: str, unit: Unit) -> Estimate:
        """The point estimate with the middle 95 % of the draws."""
        values: Values = getattr(self, name)
        low, high = np.quantile(values[1:], [0.025, 0.975], method="inverted_cdf" if name == "payback" else "linear")
        certain = low == high == values[0]
        return Estimate(value=float(values[0]), low=float(low), high=float(high), n=self.n, unit=unit, level=1.0 if certain else 0.95)

    @property
    def pays(self) -> float:
        """P(NPV > 0)."""
        return float((self.npv[1:] > 0).mean())

    @property
    def reached(self) -> float:
        """P(payback within the window)."""
        return float(np.isfinite(self.payback[1:]).mean())


def evaluate(case: Case, *, draws: int = DRAWS, seed: int = 1) -> Outcome:
    """What the case comes to.

    Draws    a Latin hypercube: each doubt is stratified, so that 4,000 draws give the interval of the effect itself to three digits
    Raises   ValueError without a treated customer or without any cost
    """
    if case.treated.sum() <= 0 or case.cost <= 0:
        raise ValueError("a case needs treated customers and a cost")
    chances = _chances(draws, seed)
    effects = np.r_[case.effect.value, case.effect.value + _normal(chances[:, 0]) * _sd(case.effect)]
    factors = np.r_[1.0, _around_one(case.cost_error, chances[:, 1])]
    margins = effects[:, None] * (case.treated * case.strength)[None, :]
    if case.responses is not None:
        low, high = case.spread
        exponents = np.r_[(low + high) / 2, low + (high - low) * chances[:, 2]]
        margins = margins * case.responses[None, :] ** exponents[:, None]
    return Outcome(
        margins=margins,
        costs=factors[:, None] * case.monthly_cost[None, :],
        setup=case.setup,
        discount=case.discount,
        n=case.effect.n,
        treated=float(case.treated.sum()),
        spent_on_rewards=float(case.costs["rewards"].sum()) if "rewards" in case.costs else 0.0,
        own_margin=case.own_margin,
    )


def _chances(draws: int, seed: int) -> Values:
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(d=3, rng=seed).random(draws))


def _around_one(error: float, chances: Values) -> Values:
    """Lognormal factors of mean 1 and standard deviation `error`: a cost is never nought, and a return on none would have no end."""
    variance = np.log1p(error**2)
    return np.asarray(np.exp(np.sqrt(variance) * _normal(chances) - variance / 2))


def _normal(chances: Values) -> Values:
    from scipy.special import ndtri

    return np.asarray(ndtri(chances))


def _sd(effect: Estimate) -> float:
    return (effect.high - effect.low) / (2 * Z)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """One input moved from low to high, all others as they are: what becomes of the present value."""

    what: str
    low: float
    high: float
    npv_low: float
    npv_high: float


def tornado(case: Case, *, costs: float = 0.1, discount: float = 0.04) -> list[Swing]:
    """What the net present value hangs on, the widest first: the effect over its interval, each kind of cost and the discount moved.

    costs     share by which each kind of cost is moved down and up
    discount  points by which the yearly rate is moved down and up
    """
    swings = [
        _swing("effect", case.effect.low, case.effect.high, *(_with_effect(case, end) for end in (case.effect.low, case.effect.high)))
    ]
    for kind, months in case.costs.items():
        down, up = ({**case.costs, kind: months * factor} for factor in (1 - costs, 1 + costs))
        total = float(months.sum())
        swings.append(_swing(kind, total * (1 - costs), total * (1 + costs), replace(case, costs=down), replace(case, costs=up)))
    rates = (max(0.0, case.discount - discount), case.discount + discount)
    swings.append(_swing("discount", *rates, *(replace(case, discount=rate) for rate in rates)))
    return sorted(swings, key=lambda swing: -abs(swing.npv_high - swing.npv_low))


def _with_effect(case: Case, value: float) -> Case:
    return replace(case, effect=replace(case.effect, value=value))


def _swing(what: str, low: float, high: float, case_low: Case, case_high: Case) -> Swing:
    npvs = [float(evaluate(case, draws=1).npv[0]) for case in (case_low, case_high)]
    return Swing(what=what, low=low, high=high, npv_low=npvs[0], npv_high=npvs[1])
