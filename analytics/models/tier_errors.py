"""How sure a tier is when the records behind it are not: orders missing, amounts off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analytics.models.tier_moves import by_rule

Floats = NDArray[np.float64]


def chance_correct(
    customer: NDArray[np.int64], value: Floats, thresholds: Floats, *, n: int, missing: float, noise: float, draws: int = 200, seed: int = 7
) -> Floats:
    """(n,) share of the draws in which a customer keeps the tier that the records give.

    Shapes  customer, value (m,): whose record it is, 0 .. n-1, and what it adds; thresholds (K,) ascending
    How     in each draw a record is lost with probability `missing`, and its value is off by a normal error with the standard
            deviation `noise` (a share of the value); sums are taken and tiers given anew
    Raises  ValueError when missing or noise is not a share
    """
    if not (0 <= missing < 1 and 0 <= noise < 1):
        raise ValueError("missing and noise have to be shares below 1")
    rng = np.random.default_rng(seed)
    usual = _given(customer, value, thresholds, n)
    same = np.zeros(n)
    for _ in range(draws):
        kept = value * (rng.random(len(value)) >= missing)
        if noise:
            kept *= 1 + noise * rng.standard_normal(len(value))
        same += _given(customer, kept, thresholds, n) == usual
    return same / draws


def _given(customer: NDArray[np.int64], value: Floats, thresholds: Floats, n: int) -> NDArray[np.int64]:
    """(n,) tiers by the sums; rounded, so that a sum in floating point does not miss a threshold that it meets."""
    return by_rule(np.bincount(customer, value, n).astype(float).round(6), thresholds)
