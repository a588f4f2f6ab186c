"""What a whole customer base will do, with its interval: chance of the future, parameters that are not known, and past misses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom

from analytics.models.customer_base import Base, BaseModel
from analytics.models.order_value import OrderValue
from analytics.results import Estimate, Unit

Floats = NDArray[np.float64]
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is expected of each customer (n,), before margin.

    alive      probability of being a customer still, as the predicting model has it
    orders     expected number of orders over the horizon, and its variance
    value      expected money an order; unknown, single: variances of a customer's mean and of single orders around it
    kept       discounted orders for one undiscounted order: 1 without a discount rate
    """

    alive: Floats
    orders: Floats
    variance: Floats
    kept: Floats
    value: Floats | None = None
    unknown: Floats | None = None
    single: Floats | None = None

    def of(self, rows: NDArray[np.int64] | slice) -> Outlook:
        """Some of the customers."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(self, **{name: part[rows] for name, part in parts.items() if part is not None})

    @property
    def values(self) -> Floats:
        """Expected money an order of each; raises ValueError where money is not known."""
        if self.value is None:
            raise ValueError("money is not known")
        return self.value

    @property
    def worth(self) -> Floats:
        """Expected discounted money of each customer over the horizon."""
        return np.asarray(self.orders * self.kept * self.values, np.float64)

    @property
    def noise(self) -> Floats:
        """Variance of each customer's discounted money, parameters taken as known."""
        if self.unknown is None or self.single is None:
            raise ValueError("money is not known")
        made = self.variance * (self.values**2 + self.unknown) + self.orders**2 * self.unknown + self.orders * self.single
        return np.asarray(self.kept**2 * made, np.float64)


def outlook(
    model: BaseModel, base: Base, alive: Floats, weeks: float, yearly: float, spend: tuple[OrderValue, Floats, Floats] | None
) -> Outlook:
    """The outlook of every customer over `weeks`.

    Shapes  alive (n,) as the model has it; spend: the model of order values, orders and mean money an order of each customer (n,)
    """
    made = model.given_alive(base, weeks)
    orders = alive * made
    money = {}
    if spend is not None:
        values, count, mean = spend
        unknown, single = values.spread(count, mean)
        money = {"value": values.expected(count, mean), "unknown": unknown, "single": single}
    discounted = model.discounted(base, weeks, yearly) if yearly else made
    return Outlook(
        alive=alive,
        orders=np.asarray(orders, np.float64),
        variance=model.variance(base, weeks, alive),
        kept=np.divide(discounted, made, out=np.ones(len(made)), where=made > 0),
        **money,
    )


def misfit(said: Floats, came: Floats, variance: Floats, wobble: float) -> float:
    """Relative error of a total on the holdout beyond what chance and unknown parameters explain: 0 where they explain all of it.

    Why     no interval of a model knows that the model is wrong; what it missed by once, it may miss by again
    """
    if came.sum() <= 0 or said.sum() <= 0:
        return 0.0
    error = float(np.log(came.sum() / said.sum()))
    return sqrt(max(0.0, error**2 - float(variance.sum()) / float(said.sum()) ** 2 - wobble**2))


def total(values: Floats, variance: Floats, *relative: float, reach: float = 0.0, unit: Unit) -> Estimate:
    """A sum over customers: the chance of the future, and relative errors that all customers share.

    Shapes  (n,), (n,); `relative` standard errors of the whole, independent of one another; `reach` as `misfit` tells it
    How     normal on the logarithm, so that it stays above zero; the interval is made to reach a past miss as well
    """
    whole = float(values.sum())
    if whole <= 0:
        return Estimate(value=0.0, low=0.0, high=0.0, n=len(values), unit=unit)
    variances = float(variance.sum()) / whole**2 + sum(part**2 for part in relative)
    half = sqrt(_Z**2 * variances + reach**2)
    return Estimate(value=whole, low=whole * exp(-half), high=whole * exp(half), n=len(values), unit=unit)


def widest(told: Sequence[Estimate]) -> Estimate:
    """The first, with an interval that holds those of all: of models that cannot be told apart, none may be left out."""
    return replace(told[0], low=min(one.low for one in told), high=max(one.high for one in told))


def orders_between(found: Outlook, *, level: float = 0.9) -> tuple[Floats, Floats]:
    """Low and high of each customer's number of orders: none if they have stopped, else about negative binomial.

    Shapes  (n,), (n,) whole numbers; at least `level` of the probability lies between them
    """
    alive = found.alive.clip(1e-12)
    mean = found.orders / alive
    spread = (found.variance + found.orders**2) / alive - mean**2
    p = (mean / np.maximum(spread, mean * (1 + 1e-6))).clip(1e-9, 1 - 1e-9)
    low, high = (_quantile(at, found.alive, mean, p) for at in (0.5 - level / 2, 0.5 + level / 2))
    return low, high


def _quantile(at: float, alive: Floats, mean: Floats, p: Floats) -> Floats:
    inside = 1 - (1 - at) / alive.clip(1e-12)
    found = nbinom.ppf(inside.clip(0, 1), (mean * p / (1 - p)).clip(1e-9), p)
    return np.where(inside > 0, np.nan_to_num(found), 0.0)
