"""Customers as standardised features, measured by a rule that can be kept and used again at another time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Kind = Literal["count", "money", "days", "share"]


def features(frame: pd.DataFrame, kinds: Mapping[str, Kind], *, dither: np.random.Generator | None = None) -> Floats:
    """Customers as standardised features: log of counts and of money, shares and days as they are.

    Shapes  n rows -> (n, d); a column without variation is left out
    Why     `dither` spreads whole numbers over their unit interval, for tests of structure only: a crowd of
            customers with exactly one order is a tie, not a cluster
    """
    whole = [name for name, kind in kinds.items() if kind in ("count", "days")]
    if dither is not None:
        frame = frame.assign(**{name: _dithered(frame[name].to_numpy(float), kinds[name], dither) for name in whole})
    return Scaler.fit(frame, kinds)(frame)


def _dithered(values: Floats, kind: Kind, dither: np.random.Generator) -> Floats:
    return (values.clip(1) if kind == "count" else values) + dither.random(len(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaler:
    """Logs, bounds, means and spreads learnt once, so that other customers are measured with the same rule.

    kinds   features that vary, in order; floors   smallest amount a money feature counts with (free of unit)
    low, high, mean, spread   (d,) bounds and moments of each feature
    """

    kinds: Mapping[str, Kind]
    floors: Mapping[str, float]
    low: Floats
    high: Floats
    mean: Floats
    spread: Floats

    @staticmethod
    def fit(frame: pd.DataFrame, kinds: Mapping[str, Kind]) -> Scaler:
        """Learn from n rows; a column without variation is left out."""
        floors = {name: _floor(frame[name].to_numpy(float)) for name, kind in kinds.items() if kind == "money"}
        learnt: dict[str, tuple[float, ...]] = {}
        for name, kind in kinds.items():
            column = _feature(frame[name].to_numpy(float), kind, floors.get(name, 1.0))
            if len(column) and np.ptp(column) > 0:
                low, high = np.quantile(column, [0.005, 0.995])
                kept = column.clip(low, high)
                learnt |= {name: (low, high, kept.mean(), kept.std())} if kept.std() > 0 else {}
        low, high, mean, spread = np.array(list(learnt.values())).reshape(-1, 4).T
        return Scaler(kinds={name: kinds[name] for name in learnt}, floors=floors, low=low, high=high, mean=mean, spread=spread)

    def __call__(self, frame: pd.DataFrame) -> Floats:
        """n rows -> (n, d); one column of zeros when nothing varies."""
        if not self.kinds:
            return np.zeros((len(frame), 1))
        columns = [_feature(frame[name].to_numpy(float), kind, self.floors.get(name, 1.0)) for name, kind in self.kinds.items()]
        scaled: Floats = (np.column_stack(columns).clip(self.low, self.high) - self.mean) / self.spread
        return scaled


def _feature(values: Floats, kind: Kind, floor: float) -> Floats:
    match kind:
        case "count":
            return np.asarray(np.log(values.clip(1)))
        case "money":
            return np.log(np.maximum(values, floor))
        case "days" | "share":
            return values


def _floor(values: Floats) -> float:
    """The first percentile of the positive amounts: refunds in full and zero sit there."""
    positive = values[values > 0]
    return float(np.quantile(positive, 0.01)) if len(positive) else 1.0
