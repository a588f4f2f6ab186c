"""Intervals for what each customer will bring that hold what they promise in every group, whatever the model behind them.

Quantile regression on one half of the customers, corrected by what the other half brought: conformalised quantile regression with one
correction a group (Mondrian). What comes is never below zero and often zero; a lower bound of zero cannot be missed, so that
there all of the error allowed is spent on the upper bound, and scores are in widths of the interval, because value is skewed.
MAPIE (1.6) does neither.
Source  Romano, Patterson & Candès (2019), NeurIPS 32; Sesia & Candès (2020), Stat 9:e261 (scaled by width); Vovk (2012)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.threads import one_thread
from analytics.results import wilson

Floats = NDArray[np.float64]
Names = NDArray[np.object_]

LEVEL = 0.9
LEAST = 100  # customers a group must have in the correcting half to have a correction of its own
_FLOOR = 1e-9
_TREES = "sklearn.ensemble"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Customers as the regressions see them.

    features  (n, d); centre, spread  (n,) what a model expects of each and how far it may lie apart: quantiles are learnt of
              (came - centre) / spread, so that they reach as far for a customer larger than any seen before
    groups    (n,) names
    """

    features: Floats
    centre: Floats
    spread: Floats
    groups: Names

    def at(self, rows: NDArray[np.bool_]) -> Seen:
        return Seen(features=self.features[rows], centre=self.centre[rows], spread=self.spread[rows], groups=self.groups[rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """Two quantile regressions and the correction of each group, in widths of the interval; `rest` for groups too small for their own."""

    quantiles: tuple[Any, Any]
    corrections: Mapping[str, float]
    rest: float

    def between(self, seen: Seen) -> tuple[Floats, Floats]:
        """Low and high for customers, (n,) each, low >= 0."""
        by = np.array([self.corrections.get(str(group), self.rest) for group in seen.groups])
        return corrected(*_raw(self.quantiles, seen), by)


def ranges(seen: Seen, came: Floats, *, level: float = LEVEL, seed: int = 3) -> Ranges:
    """Learn on one random half of the customers, correct on the other.

    Shapes  came (n,) what each brought, below zero counted as zero
    """
    half = np.random.default_rng(seed).permutation(len(came)) < len(came) // 2
    brought = came.clip(0)
    low, high = (_quantile_of(at, seen.at(half), brought[half], seed) for at in (0.5 - level / 2, 0.5 + level / 2))
    other = seen.at(~half)
    missed = scores(*_raw((low, high), other), brought[~half])
    own = {group: missed[other.groups == group] for group in np.unique(seen.groups.astype(str))}
    corrections = {group: quantile(found, level) for group, found in own.items() if len(found) >= LEAST}
    return Ranges(quantiles=(low, high), corrections=corrections, rest=quantile(missed, level))


def _quantile_of(at: float, seen: Seen, brought: Floats, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(loss="quantile", quantile=at, max_iter=60, min_samples_leaf=30, random_state=seed)
    with one_thread(_TREES):
        return model.fit(seen.features, (brought - seen.centre) / seen.spread)


def _raw(quantiles: tuple[Any, Any], seen: Seen) -> tuple[Floats, Floats]:
    with one_thread(_TREES):
        low, high = (np.asarray(seen.centre + seen.spread * model.predict(seen.features), np.float64).clip(0) for model in quantiles)
    return np.minimum(low, high), np.maximum(low, high)


def scores(low: Floats, high: Floats, came: Floats) -> Floats:
    """By how many widths of the interval each customer lies outside it; below zero: inside."""
    width = np.maximum(high - low, _FLOOR)
    return np.maximum(np.where(low > 0, (low - came) / width, -np.inf), (came - high) / width)


def quantile(missed: Floats, level: float) -> float:
    """The ceil((n + 1) level)-th smallest score: intervals corrected by it cover the next customer with at least `level`."""
    place = ceil((len(missed) + 1) * level)
    return float(np.sort(missed)[min(place, len(missed)) - 1])


def corrected(low: Floats, high: Floats, by: Floats) -> tuple[Floats, Floats]:
    """The interval made wider (or narrower) on both sides, by so many of its widths; a lower bound of zero stays."""
    width = np.maximum(high - low, _FLOOR)
    middle = (low + high) / 2
    bottom = np.where(low > 0, np.minimum(low - by * width, middle), 0.0).clip(0)
    top = np.where(low > 0, np.maximum(high + by * width, middle), high + by * width)
    return bottom, np.maximum(top, bottom)


def coverage(low: Floats, high: Floats, came: Floats, groups: Names, *, least: int) -> pd.DataFrame:
    """One row a group of `least` or more, and all customers (group ""): n, coverage with Wilson's interval, mean width."""
    inside = (came.clip(0) >= low) & (came.clip(0) <= high)
    table = pd.DataFrame({"group": groups.astype(str), "inside": inside, "width": high - low})
    rows = [_covered("", table), *(_covered(str(name), part) for name, part in table.groupby("group") if len(part) >= least and name)]
    return pd.DataFrame(rows)


def _covered(group: str, part: pd.DataFrame) -> dict[str, object]:
    share = wilson(int(part["inside"].sum()), len(part))
    return {
        "group": group,
        "n": len(part),
        "coverage": share.value,
        "coverage_low": share.low,
        "coverage_high": share.high,
        "width": float(part["width"].mean()),
    }
