"""What an order of each customer is worth: Gamma-Gamma, a customer's own mean drawn towards everybody's as far as few orders ask for it.

The model takes spend to be independent of how often a customer orders. Where that fails badly, customers are parted into bands by
their number of orders and each band has parameters of its own: within a band, little of the dependence is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, sqrt, tanh

import numpy as np
from numpy.typing import NDArray

from analytics.models.threads import one_thread
from analytics.results import Estimate, Unit

Floats = NDArray[np.float64]

FAILS = 0.3  # |rank correlation| of spend with frequency from which independence is not assumed
LEAST = 30  # customers in a band
_BANDS = 4
_COARSE = 5_000  # customers on whom the starting points are tried out
_BOUND = np.log([1e-3, 1e5])
_STARTS = np.log([[6.0, 4.0, 3.0], [2.0, 2.5, 1.0], [20.0, 3.0, 0.1]])
_TAIL = 0.5  # least distance from the orders at which the posterior variance would be infinite


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderValue:
    """Gamma-Gamma by bands of the number of orders.

    starts  (bands,) least number of orders of each band, ascending from 0; one band where independence holds
    at      (bands, 3) p, q, gamma of each; gamma in money
    """

    starts: Floats
    at: Floats

    def expected(self, orders: Floats, mean: Floats) -> Floats:
        """Expected value of a customer's next order, from `orders` so far of `mean` money; a mean below zero counts as nothing.

        Shapes  (n,), (n,) -> (n,), in money
        """
        p, q, gamma = self._of(orders)
        return np.asarray(p * (gamma + orders * mean.clip(0)) / np.maximum(p * orders + q - 1, _TAIL), np.float64)

    def spread(self, orders: Floats, mean: Floats) -> tuple[Floats, Floats]:
        """Variance of what is not known of a customer's mean, and of single orders around it."""
        p, q, _ = self._of(orders)
        value, shape = self.expected(orders, mean), p * orders + q
        unknown = value**2 / np.maximum(shape - 2, _TAIL)
        return np.asarray(unknown, np.float64), np.asarray((value**2 + unknown) / p, np.float64)

    def draws(self, orders: Floats, mean: Floats, rng: np.random.Generator) -> Floats:
        """One mean for each customer, from what is known of them."""
        p, q, gamma = self._of(orders)
        return np.asarray(p * (gamma + orders * mean.clip(0)) / rng.gamma(p * orders + q), np.float64)

    def _of(self, orders: Floats) -> tuple[Floats, Floats, Floats]:
        p, q, gamma = self.at[np.searchsorted(self.starts, orders, side="right") - 1].T
        return p, q, gamma


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """Correlation of a customer's mean order value with the number of orders, among customers with two or more."""

    pearson: Estimate
    spearman: Estimate

    @property
    def fails(self) -> bool:
        """Whether the ranks go together so much that one distribution for all would mislead."""
        return abs(self.spearman.value) >= FAILS


def dependence(orders: Floats, mean: Floats) -> Dependence | None:
    """Pearson's and Spearman's correlation with Fisher's interval; None where fewer than 30 customers ordered twice, or nothing varies.

    Shapes  (n,) orders and mean money an order
    """
    from scipy.stats import rankdata

    known = (orders >= 2) & (mean > 0)
    x, m = orders[known], mean[known]
    if len(x) < LEAST or np.ptp(x) == 0 or np.ptp(m) == 0:
        return None
    return Dependence(pearson=_correlation(x, m), spearman=_correlation(rankdata(x), rankdata(m)))


def _correlation(one: Floats, other: Floats) -> Estimate:
    """Fisher's z: symmetric on its own scale."""
    value = float(np.corrcoef(one, other)[0, 1])
    centre, half = atanh(min(max(value, -0.999999), 0.999999)), 1.96 / sqrt(len(one) - 3)
    return Estimate(value=value, low=tanh(centre - half), high=tanh(centre + half), n=len(one), unit=Unit.INDEX)


def fit(orders: Floats, mean: Floats, *, bands: bool = False) -> OrderValue:
    """Maximum likelihood over customers whose mean is above zero.

    Shapes  (n,) orders and mean money an order; bands: whether each band of orders has its own parameters
    Raises  ValueError when fewer than 30 customers spent anything
    Source  Fader & Hardie (2013), "The Gamma-Gamma model of monetary value"; Colombo & Jiang (1999)
    """
    known = (orders > 0) & (mean > 0)
    x, m = orders[known], mean[known]
    if len(x) < LEAST:
        raise ValueError(f"{len(x)} customers with spend, {LEAST} are needed")
    starts = _starts(x) if bands else np.zeros(1)
    band = np.searchsorted(starts, x, side="right") - 1
    return OrderValue(starts=starts, at=np.array([_fit(x[band == at], m[band == at]) for at in range(len(starts))]))


def spend(orders: Floats, mean: Floats, *, most: int) -> OrderValue:
    """`fit`, by bands where spend goes together with frequency; on at most `most` customers, the same ones every time."""
    told = dependence(orders, mean)
    if len(orders) > most:
        rows = np.sort(np.random.default_rng(5).choice(len(orders), most, replace=False))
        orders, mean = orders[rows], mean[rows]
    return fit(orders, mean, bands=told is not None and told.fails)


def _starts(x: Floats) -> Floats:
    """Bands of about as many customers each, none with fewer than LEAST."""
    edges = np.unique(np.quantile(x, np.arange(1, _BANDS) / _BANDS, method="higher"))
    starts = [0.0]
    for edge in edges:
        if ((x >= starts[-1]) & (x < edge)).sum() >= LEAST and (x >= edge).sum() >= LEAST:
            starts.append(float(edge))
    return np.array(starts)


def _fit(x: Floats, m: Floats) -> Floats:
    """From the best of the starting points, as tried on some of the customers, on with all of them."""
    scale = float(np.median(m))
    some = slice(None, None, -(-len(x) // _COARSE))
    best = min((_descend(start, x[some], m[some] / scale) for start in _STARTS), key=lambda tried: tried[1])[0]
    p, q, gamma = np.exp(_descend(best, x, m / scale)[0])
    return np.array([p, q, gamma * scale])


def _descend(start: Floats, x: Floats, m: Floats) -> tuple[Floats, float]:
    from scipy.optimize import minimize

    options = {"maxiter": 500, "ftol": 1e-12, "gtol": 1e-8}
    with one_thread("scipy.optimize"):
        done = minimize(_loss, start, args=(x, m), jac=True, method="L-BFGS-B", bounds=[tuple(_BOUND)] * 3, options=options)
    return np.asarray(done.x, np.float64), float(done.fun)


def _loss(theta: Floats, x: Floats, m: Floats) -> tuple[float, Floats]:
    """Minus the mean log-likelihood of a customer's mean over x orders, and its gradient in the logarithms."""
    from scipy.special import digamma, gammaln

    p, q, gamma = np.exp(theta)
    shape, total = p * x + q, np.log(gamma + m * x)
    logs = gammaln(shape) - gammaln(p * x) - gammaln(q) + q * np.log(gamma) + (p * x - 1) * np.log(m) + p * x * np.log(x) - shape * total
    gradient = [
        x * (digamma(shape) - digamma(p * x) + np.log(m) + np.log(x) - total),
        digamma(shape) - digamma(q) + np.log(gamma) - total,
        q / gamma - shape / (gamma + m * x),
    ]
    return -float(logs.mean()), -np.array([part.mean() for part in gradient]) * np.exp(theta)
