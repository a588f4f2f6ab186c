"""Whether a frozen cut still fits: how many customers a refit would put elsewhere, against what chance alone would do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.frozen import Cut, matched
from analytics.models.segments import Ints
from analytics.results import Estimate, Unit

SAMPLE = 2_000  # customers on whom refits are compared: the same number in the months and in the reference band
DRAWS, REFITS = 100, 40  # resamples behind the reference band; fewer where each means two k-means fits
MATERIAL = 0.10  # a refit that moves fewer customers is not worth new segments, however certain it is
CERTAIN = 0.99  # point of the reference band above which chance is no explanation

Fit = Callable[[pd.DataFrame], Cut]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What share of customers a refit would move if nothing had changed: middle, lower end, and the threshold of the alarm."""

    low: float
    middle: float
    high: float
    threshold: float


def disagreement(one: Ints, other: Ints, k: int, *, match: bool) -> float:
    """Share of customers in another segment; `match` first renames the segments of `other` by Hungarian assignment."""
    return float(np.mean(one != (matched(one, other, k) if match else other)))


def drift(frozen: Cut, frame: pd.DataFrame, fit: Fit, *, match: bool, seed: int = 7) -> float:
    """Share of the customers in `frame` whom a refit on them would put into another segment than the frozen cut does."""
    few = _sample(frame, seed)
    return disagreement(frozen.assign(few), fit(few).assign(few), frozen.k, match=match)


def chance(reference: pd.DataFrame, fit: Fit, n: int, *, match: bool, draws: int | None = None, seed: int = 7) -> Band:
    """The reference band: the same share between two resamples of the reference customers, so in a world without drift.

    n     customers in the month that is judged; resamples are no larger than the samples that `drift` looks at
    Why   a refit never agrees in full: borders through a crowd move by chance. The alarm needs a share above the 99 % point
          of that chance and above 10 % of customers
    """
    rng = np.random.default_rng(seed)
    sizes, usual = (min(len(reference), SAMPLE), min(n, SAMPLE)), REFITS if match else DRAWS

    def drawn(size: int) -> pd.DataFrame:
        return reference.iloc[rng.integers(0, len(reference), size)]

    shares = [_by_chance(drawn(sizes[0]), drawn(sizes[1]), fit, match) for _ in range(draws or usual)]
    low, middle, high, certain = np.quantile(shares, [0.025, 0.5, 0.975, CERTAIN])
    return Band(low=float(low), middle=float(middle), high=float(high), threshold=max(float(certain), MATERIAL))


def alarm(shares: Sequence[float], band: Band) -> bool:
    """Whether the last two month ends both lie above the threshold: one month of a shock or a holiday is no drift."""
    return len(shares) > 1 and min(shares[-2:]) > band.threshold


def _by_chance(before: pd.DataFrame, after: pd.DataFrame, fit: Fit, match: bool) -> float:
    frozen = fit(before)
    return disagreement(frozen.assign(after), fit(after).assign(after), frozen.k, match=match)


def interval(frozen: Cut, frame: pd.DataFrame, fit: Fit, *, match: bool, draws: int = REFITS, seed: int = 7) -> Estimate:
    """`drift` with a bootstrap interval over the customers.

    Why     value plus and minus 1.96 bootstrap standard errors: a refit on a resample moves more than one on the customers
            themselves, so percentiles of the resamples would lie above the value
    """
    rng, few = np.random.default_rng(seed), _sample(frame, seed)
    value = disagreement(frozen.assign(few), fit(few).assign(few), frozen.k, match=match)
    again = (few.iloc[rng.integers(0, len(few), len(few))] for _ in range(draws))
    half = 1.96 * float(np.std([disagreement(frozen.assign(part), fit(part).assign(part), frozen.k, match=match) for part in again]))
    return Estimate(value=value, low=max(0.0, value - half), high=min(1.0, value + half), n=len(few), unit=Unit.SHARE)


def _sample(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    return frame.iloc[np.random.default_rng(seed).permutation(len(frame))[:SAMPLE]]


def stability_index(before: NDArray[np.int64], after: NDArray[np.int64]) -> float:
    """Population-stability index of two compositions; up to 0.1 is usually read as stable, above 0.25 as another population.

    Shapes  customers by segment (k,), (k,); half a customer is added to each, so that an empty segment does not count for all
    Source  Siddiqi (2006), Credit Risk Scorecards, ch. 8
    """
    p, q = ((counts + 0.5) / (counts + 0.5).sum() for counts in (before, after))
    return float(((q - p) * np.log(q / p)).sum())
