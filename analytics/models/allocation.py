"""The same budget, split differently: what an assumed or measured response would make of it, and what equality between groups costs.

The response has a constant elasticity below 1: a cell brings brought * (budget / present) ** elasticity. This concave curve is cut into
straight pieces, and the best split is a linear programme.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.stats import norm

from analytics.models.resample import BUCKETS, resamples
from analytics.results import Estimate, Unit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PIECES = 100
DRAWS, SEED = 1_000, 7
_SLACK = 1e-7  # relative, by which a bound that holds exactly may be missed in floating point


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Segments among which a budget is split.

    Shapes  (n,) each: present budget >= 0, what it brings, group 0 .. k-1, elasticity in (0, 1] of what is brought to the budget
    """

    budget: Floats
    brought: Floats
    group: Ints
    elasticity: Floats

    @property
    def rate(self) -> float:
        """Budget of everybody over what everybody brings."""
        return float(self.budget.sum() / self.brought.sum())

    def grouped(self, values: Floats) -> Floats:
        """(k,) sums of the cells' values over each group."""
        return np.bincount(self.group, values).astype(float)

    def gain(self, budget: Floats) -> Floats:
        """(n,) what each cell brings more under a budget."""
        share = _share(budget, self.budget)
        return np.asarray(self.brought.clip(min=0) * (share**self.elasticity - 1))

    def ratio(self, budget: Floats) -> float:
        """Benefit rate of the group with the lowest one over that of everybody; groups that bring nothing have none."""
        held, brought = self.grouped(budget), self.grouped(self.brought)
        return float((held[brought > 0] / brought[brought > 0]).min() / self.rate)


def _share(budget: Floats, present: Floats) -> Floats:
    """Of the present budget; 1 where there is none."""
    return np.divide(budget, present, out=np.ones_like(budget), where=present > 0)


def best(cells: Cells, rho: float, max_change: float) -> Floats | None:
    """The split that brings most: the same budget in all, each cell within max_change of its own, each group's benefit rate at least rho
    times that of everybody. None where no split does.

    Shapes  (n,)
    Raises  ValueError when there is no budget or nothing is brought
    Source  Dantzig (1963), Linear Programming and Extensions, 24 (separable concave objectives); solved by HiGHS
    """
    low, high = _bounds(cells, max_change)
    steps = np.linspace(low, high, PIECES + 1, axis=1)
    width = np.repeat((high - low) / PIECES, PIECES)
    worth = np.diff(np.array([cells.gain(step) for step in steps.T]).T, axis=1).ravel()
    slope = np.divide(worth, width, out=np.zeros_like(worth), where=width > 0)
    groups, least = _least(cells, rho)
    spread = np.repeat(groups, PIECES, axis=1)
    found = linprog(
        -slope,
        A_ub=-spread,
        b_ub=groups @ low - least * (1 - _SLACK),
        A_eq=np.ones((1, len(width))),
        b_eq=[cells.budget.sum() - low.sum()],
        bounds=np.column_stack([np.zeros(len(width)), width]),
        method="highs",
    )
    return low + found.x.reshape(-1, PIECES).sum(axis=1) if found.status == 0 else None


def highest_ratio(cells: Cells, max_change: float) -> float:
    """The largest rho for which there is a split. Raises as `best` does."""
    low, high = _bounds(cells, max_change)
    groups, rate = _least(cells, 1.0)
    found = linprog(
        np.r_[np.zeros(len(low)), -1.0],
        A_ub=np.column_stack([-groups, rate]),
        b_ub=np.zeros(len(rate)),
        A_eq=[np.r_[np.ones(len(low)), 0.0]],
        b_eq=[cells.budget.sum()],
        bounds=[*zip(low, high, strict=True), (0.0, None)],
        method="highs",
    )
    return max(float(found.x[-1]), 0.0)


def _bounds(cells: Cells, max_change: float) -> tuple[Floats, Floats]:
    if not (cells.budget.sum() > 0 and cells.brought.sum() > 0):
        raise ValueError("an allocation needs a budget and something that is brought")
    return cells.budget * (1 - max_change), cells.budget * (1 + max_change)


def _least(cells: Cells, rho: float) -> tuple[Floats, Floats]:
    """(k, n) which cells are of which group that brings anything, (k,) the least budget of each."""
    brought = cells.grouped(cells.brought)
    known = np.flatnonzero(brought > 0)
    return (cells.group == known[:, None]).astype(float), rho * cells.rate * brought[known]


def frontier(cells: Cells, rhos: Sequence[float], max_change: float) -> pd.DataFrame:
    """What the best split brings for each rho: rho, gain, price (what rho takes of the gain without it), feasible."""
    free = best(cells, 0.0, max_change)
    most = float(cells.gain(free).sum()) if free is not None else 0.0
    found = [(rho, best(cells, rho, max_change)) for rho in rhos]
    gains = [np.nan if split is None else float(cells.gain(split).sum()) for _, split in found]
    return pd.DataFrame(
        {
            "rho": [rho for rho, _ in found],
            "gain": gains,
            "price": [max(most - gain, 0.0) for gain in gains],
            "feasible": [split is not None for _, split in found],
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What is drawn again for an interval.

    brought, cell   (m,) what each customer brought, and their cell
    factor          the elasticity lies within so many times of its value, up or down, in 95 % of draws; each group's by itself
    """

    brought: Floats
    cell: Ints
    factor: float


def gains(cells: Cells, splits: Sequence[Floats], doubt: Doubt, *, unit: Unit, level: float = 0.95) -> list[Estimate]:
    """What each split brings more, and, last, by how much the first brings more than the last: customers and elasticities drawn anew.

    Shapes  splits (n,) each; the same draws for all, so that what they have in common cancels out
    """
    brought, elasticity = _redrawn(cells, doubt)
    totals = [(brought * (_share(split, cells.budget)[:, None] ** elasticity - 1)).sum(axis=0) for split in splits]
    values = [float(cells.gain(split).sum()) for split in splits]
    pairs = [*zip(values, totals, strict=True), (values[0] - values[-1], totals[0] - totals[-1])]
    ends = (0.5 - level / 2, 0.5 + level / 2)
    told = [(value, *np.quantile(spread, ends)) for value, spread in pairs]
    return [Estimate(value=at, low=float(low), high=float(high), n=len(doubt.cell), unit=unit, level=level) for at, low, high in told]


def _redrawn(cells: Cells, doubt: Doubt) -> tuple[Floats, Floats]:
    """(n, draws) what each cell brought, and its elasticity."""
    order = np.lexsort((doubt.brought, doubt.cell))
    buckets = min(len(order), BUCKETS)
    bucket = np.random.default_rng(SEED).permutation(len(order)) % buckets
    sums = np.zeros((len(cells.budget), buckets))
    np.add.at(sums, (doubt.cell[order], bucket), doubt.brought[order])
    groups = int(cells.group.max()) + 1
    spread = np.log(doubt.factor) / norm.ppf(0.975)
    factor = np.exp(np.random.default_rng(SEED + 1).normal(0.0, spread, (groups, DRAWS)))
    elasticity = np.minimum(cells.elasticity[:, None] * factor[cells.group], 1.0)
    return np.asarray((sums @ resamples(buckets, DRAWS, SEED).T).clip(min=0)), elasticity
