"""Intervals by resampling, and the distribution-free one of a median."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from analytics.results import Estimate, Unit

BUCKETS = 5_000


def ratio_of_sums(
    top: NDArray[np.float64],
    bottom: NDArray[np.float64],
    *,
    unit: Unit,
    n: int | None = None,
    draws: int = 500,
    seed: int = 7,
    level: float = 0.95,
) -> Estimate:
    """sum(top) / sum(bottom) with a bootstrap interval over the rows (customers).

    Shapes  top (m,), bottom (m,), one row a customer, or a random bucket of the `n` customers; sum(bottom) must be positive
    How     rows are dealt into at most 5,000 random buckets and buckets are resampled: the same variance at any n;
            draws whose bottom is not positive are left out
    Raises  ValueError when there is nothing to divide by
    """
    if not bottom.sum() > 0:
        raise ValueError("the bottom of the ratio must be positive")
    order = np.lexsort((top, bottom))  # a query gives its rows in any order: the interval must not depend on it
    top, bottom = top[order], bottom[order]
    buckets = min(len(bottom), BUCKETS)
    bucket = np.random.default_rng(seed).permutation(len(bottom)) % buckets
    above, below = (np.bincount(bucket, weights=values, minlength=buckets) for values in (top, bottom))
    weights = resamples(buckets, draws, seed)
    drawn = weights @ below
    low, high = np.quantile((weights @ above)[drawn > 0] / drawn[drawn > 0], [0.5 - level / 2, 0.5 + level / 2])
    return Estimate(value=float(above.sum() / below.sum()), low=float(low), high=float(high), n=n or len(bottom), unit=unit, level=level)


def ratios_apart(
    one: tuple[NDArray[np.float64], NDArray[np.float64]],
    other: tuple[NDArray[np.float64], NDArray[np.float64]],
    *,
    unit: Unit,
    n: tuple[int, int],
    draws: int = 1_000,
    seed: int = 7,
    level: float = 0.95,
) -> tuple[Estimate, Estimate, Estimate]:
    """Two ratios of sums and their difference, with bootstrap intervals over the customers of both sides together.

    Shapes  each side (top, bottom) of (m,): row i is the same customer, or bucket of customers, on both sides, with zeros where
            it takes no part; `n` customers behind each side
    Why     a customer of both periods is drawn for both, so what the periods have in common cancels out
    Raises  ValueError when a bottom is not positive
    """
    if not (one[1].sum() > 0 and other[1].sum() > 0):
        raise ValueError("the bottom of both ratios must be positive")
    weights = resamples(len(one[0]), draws, seed)
    drawn = [(weights @ top, weights @ bottom) for top, bottom in (one, other)]
    fit = (drawn[0][1] > 0) & (drawn[1][1] > 0)
    ratios = [top[fit] / bottom[fit] for top, bottom in drawn]
    values = [float(top.sum() / bottom.sum()) for top, bottom in (one, other)]

    def told(value: float, spread: NDArray[np.float64], size: int) -> Estimate:
        low, high = np.quantile(spread, [0.5 - level / 2, 0.5 + level / 2])
        return Estimate(value=value, low=float(low), high=float(high), n=size, unit=unit, level=level)

    apart = told(values[0] - values[1], ratios[0] - ratios[1], sum(n))
    return told(values[0], ratios[0], n[0]), told(values[1], ratios[1], n[1]), apart


@lru_cache(maxsize=4)
def resamples(buckets: int, draws: int, seed: int) -> NDArray[np.float64]:
    """How often each resample takes each customer or bucket, (draws, buckets). The same for every ratio of a study, so drawn once."""
    rng = np.random.default_rng(seed)
    return np.array([np.bincount(rng.integers(0, buckets, buckets), minlength=buckets) for _ in range(draws)], np.float64)


def median(values: NDArray[np.float64], *, unit: Unit, level: float = 0.95) -> Estimate:
    """The median with its order-statistic interval, which assumes no distribution.

    Shapes  values (n,), n >= 1
    Source  Conover (1999), Practical Nonparametric Statistics, 3.2
    """
    ordered, n = np.sort(values), len(values)
    first = int(binom.ppf(0.5 - level / 2, n, 0.5))
    return Estimate(
        value=float(np.median(ordered)),
        low=float(ordered[max(first - 1, 0)]),
        high=float(ordered[min(n - first, n - 1)]),
        n=n,
        unit=unit,
        level=level,
    )
