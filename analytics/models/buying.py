"""Who will buy again and how often: buy-till-you-die models, fitted by maximum likelihood on grouped histories.

A customer orders at a rate of their own until, unseen, they stop for good. Time is in weeks inside; `t_x` is the time from the
first to the last order (never "recency"), `T` from the first order to the last day known, `x` the orders after the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.beta_geometric import BetaGeometric
from analytics.models.pareto import Pareto
from analytics.models.threads import one_thread

Floats = NDArray[np.float64]

WEEK = 7.0  # days
MOST = 200_000  # customers a model is fitted on; more of them would not change a parameter in the second digit
CELLS = 20_000  # different histories above which days are rounded to whole weeks
_COARSE = 2_000  # histories on which the starting points are tried out
# of the shapes (r; a or s) and of the others: beyond a shape of 200 all customers are alike, and the formulas lose their digits
_BOUNDS = [tuple(np.log([1e-4, most])) for most in (200.0, 2e4, 200.0, 2e4)]
_PRIOR = 5.0  # standard deviation of the logarithm of a parameter of which the data say nothing
_STARTS = np.log([[1.0, 10.0, 1.0, 3.0], [0.3, 5.0, 0.7, 10.0], [3.0, 10.0, 0.3, 3.0], [1.0, 50.0, 2.0, 2.0]])
_REGULAR = 3  # repeat orders from which a customer's own rate tells something


class Family(Protocol):
    """One model: its likelihood and what follows from it, for parameters `at` (4,) on their natural scale, times in weeks."""

    @property
    def name(self) -> str: ...

    @property
    def parameters(self) -> tuple[str, str, str, str]: ...

    def logs(self, at: Floats, x: Floats, t_x: Floats, T: Floats) -> tuple[Floats, Floats]:
        """Log-likelihood of each history (n,) and its gradient (4, n)."""

    def alive(self, at: Floats, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Probability that each customer is still one at T."""

    def orders(self, at: Floats, x: Floats, T: Floats, ahead: float | Floats) -> Floats:
        """Expected orders in (T, T + ahead] of a customer who is still one at T."""

    def pairs(self, at: Floats, x: Floats, T: Floats, ahead: float) -> Floats:
        """Expected number of ordered pairs of those orders, E[Y (Y - 1)]: with `orders` it gives their variance."""

    def chance(self, at: Floats, x: Floats, T: Floats, ahead: float, k: NDArray[np.int64]) -> Floats:
        """Probability of exactly k orders in (T, T + ahead] of a customer who is still one at T."""


FAMILIES: Mapping[str, Family] = {
    "mbg": BetaGeometric(name="mbg", at_first=True),
    "bg": BetaGeometric(name="bg", at_first=False),
    "pareto": Pareto(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """Different histories and how many customers have each: x, t_x, T (weeks), n, all of shape (cells,).

    since   weeks since the data begin, for customers who were ones before: their clock starts there, every order counts in x, and only
            those with an order are seen at all. None for customers whose first order is in the data
    """

    x: Floats
    t_x: Floats
    T: Floats
    n: Floats
    since: float | None = None

    @property
    def customers(self) -> int:
        return int(self.n.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Buying:
    """A fitted model.

    family      key of FAMILIES
    at          (4,) parameters, in the order of the family's `parameters`
    covariance  (4, 4) of their logarithms
    loglik      log-likelihood of the histories at `at`
    customers   how many it was fitted on
    """

    family: str
    at: Floats
    covariance: Floats
    loglik: float
    customers: int

    @property
    def model(self) -> Family:
        return FAMILIES[self.family]


def histories(x: Floats, t_x: Floats, T: Floats, *, since: float | None = None, most: int = CELLS) -> Histories:
    """Customers grouped by history; whole weeks where there are more than `most` different ones.

    Shapes  (n,) each, times in weeks -> cells
    """
    cells = _cells(x, t_x, T, since)
    return cells if len(cells.n) <= most else _cells(x, t_x.round(), T.round().clip(1), since)


def _cells(x: Floats, t_x: Floats, T: Floats, since: float | None) -> Histories:
    grouped = pd.DataFrame({"x": x, "t_x": np.minimum(t_x, T), "T": T}).value_counts(sort=False)
    keys = grouped.index.to_frame(index=False)
    return Histories(**{name: keys[name].to_numpy(float) for name in ("x", "t_x", "T")}, n=np.asarray(grouped, np.float64), since=since)


def sampled(x: Floats, t_x: Floats, T: Floats, *, most: int = MOST, seed: int = 5) -> tuple[Floats, Floats, Floats]:
    """At most `most` customers, drawn without replacement: the same ones every time."""
    if len(x) <= most:
        return x, t_x, T
    drawn = np.sort(np.random.default_rng(seed).choice(len(x), most, replace=False))
    return x[drawn], t_x[drawn], T[drawn]


def fit(family: str, found: Histories) -> Buying:
    """Maximum likelihood over the logarithms of the parameters.

    Shapes  cells of `histories`
    How     starting points are tried on part of the histories, the best one goes on with all of them; L-BFGS-B with the analytic
            gradient; the covariance is the inverse of the observed information, made proper by a prior of standard deviation 5
    Raises  ValueError when nobody ordered twice (once, among customers from before the data)
    Source  Fader, Hardie & Lee (2005), Marketing Science 24:275-284; Schmittlein, Morrison & Colombo (1987), 33:1-24
    """
    if not (found.x * found.n).sum() > 0:
        raise ValueError("nobody ordered twice")
    model, scale = FAMILIES[family], float(np.average(found.T, weights=found.n)) / 30
    starts = _STARTS + np.log([1.0, scale, *model_scale(model, scale)])
    part = _part(found)
    best = min((_descend(model, part, start) for start in starts), key=lambda tried: tried[1])[0]
    theta, lowest = _descend(model, found, best) if part is not found else (best, _loss(best, model, found)[0])
    return Buying(
        family=family,
        at=np.exp(theta),
        covariance=_covariance(model, found, theta),
        loglik=-lowest * found.customers,
        customers=found.customers,
    )


def model_scale(model: Family, scale: float) -> tuple[float, float]:
    """By how much the starting points of the last two parameters stretch with time: those of a probability do not."""
    return (1.0, scale) if model.name == "pareto" else (1.0, 1.0)


def _part(found: Histories) -> Histories:
    """Every so many cells: enough to tell a good start from a bad one."""
    if len(found.n) <= _COARSE:
        return found
    kept = slice(None, None, -(-len(found.n) // _COARSE))
    return replace(found, x=found.x[kept], t_x=found.t_x[kept], T=found.T[kept], n=found.n[kept])


def _descend(model: Family, found: Histories, start: Floats) -> tuple[Floats, float]:
    from scipy.optimize import minimize

    inside, options = np.clip(start, *np.transpose(_BOUNDS)), {"maxiter": 400, "ftol": 1e-11, "gtol": 1e-7}
    with one_thread("scipy.optimize"):
        done = minimize(_loss, inside, args=(model, found), jac=True, method="L-BFGS-B", bounds=_BOUNDS, options=options)
    return np.asarray(done.x, np.float64), float(done.fun)


def _loss(theta: Floats, model: Family, found: Histories) -> tuple[float, Floats]:
    """Minus the mean log-likelihood a customer, and its gradient in the logarithms."""
    at = np.exp(theta)
    logs, gradient = model.logs(at, found.x, found.t_x, found.T)
    unseen, pull = (0.0, np.zeros(4)) if found.since is None else _unseen(model, at, found.since)
    return unseen - float(logs @ found.n) / found.customers, (pull - gradient @ found.n / found.customers) * at


def _unseen(model: Family, at: Floats, since: float) -> tuple[float, Floats]:
    """Logarithm of the probability to have ordered at all since the data begin, and its gradient: likelihoods are divided by it."""
    logs, gradient = model.logs(at, *np.array([[0.0], [0.0], [since]]))
    none = min(float(np.exp(logs[0])), 1 - 1e-12)
    return float(np.log1p(-none)), -gradient[:, 0] * none / (1 - none)


def _covariance(model: Family, found: Histories, theta: Floats, step: float = 1e-4) -> Floats:
    """Inverse of the observed information, from differences of the gradient."""
    columns = [
        (_loss(theta + move, model, found)[1] - _loss(theta - move, model, found)[1]) / (2 * step) for move in step * np.eye(len(theta))
    ]
    information = found.customers * (np.array(columns) + np.array(columns).T) / 2
    values, vectors = np.linalg.eigh(information)
    return np.asarray((vectors / (values.clip(0) + _PRIOR**-2)) @ vectors.T, np.float64)
