"""Differences between two groups, with intervals, and which of many are beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, norm

from analytics.results import Estimate, Unit, wilson

Floats = NDArray[np.float64]


def newcombe(hits: tuple[int, int], n: tuple[int, int], *, level: float = 0.95) -> Estimate:
    """Difference of two independent shares, hits[0] / n[0] - hits[1] / n[1], with Newcombe's hybrid score interval.

    Unit    share, in [-1, 1]
    Raises  ValueError when hits or n is out of range
    Source  Newcombe (1998), Statistics in Medicine 17:873-890, method 10
    """
    one, other = (wilson(hit, size, level=level) for hit, size in zip(hits, n, strict=True))
    return recovered(one, other)


def recovered(one: Estimate, other: Estimate) -> Estimate:
    """Difference of two independent estimates, its interval recovered from theirs.

    Why     each bound takes the uncertainty on the side where it matters, so lopsided intervals stay lopsided
    Source  Zou & Donner (2008), Statistics in Medicine 27:1693-1702
    """
    value = one.value - other.value
    low = value - hypot(one.value - one.low, other.high - other.value)
    high = value + hypot(one.high - one.value, other.value - other.low)
    return Estimate(value=value, low=low, high=high, n=one.n + other.n, unit=one.unit, level=one.level)


def like_for_like(group: NDArray[np.bool_], hit: NDArray[np.bool_], stratum: NDArray[np.int64]) -> Estimate | None:
    """Share of hits in a group less that of all others of the same stratum: the Mantel-Haenszel difference.

    Shapes  (n,), (n,), (n,) of 0 ..; strata that hold one side only say nothing. None when all do
    Source  Greenland & Robins (1985), Biometrics 41:55-68
    """
    k = int(stratum.max()) + 1
    sizes = [np.bincount(stratum[side], minlength=k).astype(float) for side in (group, ~group)]
    hits = [np.bincount(stratum[side & hit], minlength=k).astype(float) for side in (group, ~group)]
    both = (sizes[0] > 0) & (sizes[1] > 0)
    if not both.any():
        return None
    shares = [hits[side][both] / sizes[side][both] for side in (0, 1)]
    n = [sizes[side][both] for side in (0, 1)]
    weight = n[0] * n[1] / (n[0] + n[1])
    value = float((weight * (shares[0] - shares[1])).sum() / weight.sum())
    variance = sum((weight**2 * shares[side] * (1 - shares[side]) / n[side]).sum() for side in (0, 1)) / weight.sum() ** 2
    half = 1.96 * float(np.sqrt(variance))
    return Estimate(value=value, low=value - half, high=value + half, n=int(group.sum()), unit=Unit.SHARE)


def beyond_chance(differences: Sequence[Estimate], *, rate: float = 0.05) -> list[bool]:
    """Which differences are not chance, if at most `rate` of those named may be: Benjamini-Hochberg over all of them.

    How     the standard error is read off the interval: its half-width on the side of zero
    Source  Benjamini & Hochberg (1995), JRSS B 57:289-300
    """
    if not differences:
        return []
    p = [_p(one) for one in differences]
    q = false_discovery_control(p)
    return [bool(found <= rate and not one.low <= 0 <= one.high) for one, found in zip(differences, q, strict=True)]


def _p(difference: Estimate) -> float:
    """Two-sided probability of a difference at least this large if there were none."""
    half = difference.value - difference.low if difference.value > 0 else difference.high - difference.value
    if half <= 0:
        return 1.0 if difference.value == 0 else 0.0
    return float(2 * norm.sf(abs(difference.value) / half * norm.ppf(0.5 + difference.level / 2)))
