"""Cuts of customers that are learnt at one date and kept, so that later movement is the customers' and not the ruler's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from analytics.models import names, segments
from analytics.models.scaling import Floats, Kind, Scaler
from analytics.models.segments import Ints

MEASURES: Mapping[str, Kind] = {"orders": "count", "amount": "money", "recency_days": "days"}


class Cut(Protocol):
    """Something that puts each customer into one of `k` segments."""

    @property
    def k(self) -> int: ...

    def assign(self, frame: pd.DataFrame) -> Ints:
        """n rows with recency_days, orders, tenure_days and, where known, amount -> (n,) 0 .. k-1."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCut:
    """RFM: the fifths of a reference date and the rules of `names`. Segments are numbered as in names.ORDER.

    recency, orders   values of the reference customers in ascending order: a later value gets the score it would have had among them
    """

    recency: Floats
    orders: Floats
    new_days: int

    @property
    def k(self) -> int:
        return len(names.ORDER)

    @staticmethod
    def fit(frame: pd.DataFrame, *, usual: int = names.NEW_DAYS) -> ScoreCut:
        return ScoreCut(
            recency=np.sort(frame["recency_days"].to_numpy(float)),
            orders=np.sort(frame["orders"].to_numpy(float)),
            new_days=names.new_days(frame["tenure_days"].to_numpy(float), usual),
        )

    def assign(self, frame: pd.DataFrame) -> Ints:
        recency = 6 - frozen_quintile(self.recency, frame["recency_days"].to_numpy(float), low=True)
        frequency = frozen_quintile(self.orders, frame["orders"].to_numpy(float))
        given = names.name_by_scores(recency, frequency, frame["tenure_days"].to_numpy(float), new_days=self.new_days)
        order = np.argsort(names.ORDER)
        found: Ints = order[np.searchsorted(names.ORDER, given, sorter=order)]
        return found


def frozen_quintile(reference: Floats, values: Floats, *, low: bool = False) -> Ints:
    """Fifth of the reference (1 the smallest values) in which each value falls, by mid-rank: on the reference itself it is `quintile`.

    Shapes  reference (m,) ascending, values (n,) -> (n,); `low`: a rank on the border of two fifths counts with the upper one
    """
    rank = (np.searchsorted(reference, values, "left") + np.searchsorted(reference, values, "right")) / 2
    fifths = np.floor(5 * rank / len(reference)) + 1 if low else np.ceil(5 * rank / len(reference))
    scores: Ints = fifths.clip(1, 5).astype(np.int64)
    return scores


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreCut:
    """Clusters: scaler, metric and centres of a reference date."""

    frozen: segments.Frozen
    k: int

    @staticmethod
    def fit(frame: pd.DataFrame, kinds: Mapping[str, Kind], k: int, *, seed: int = 7) -> CentreCut:
        """Raises ValueError when there are fewer than k different customers."""
        return CentreCut(frozen=segments.fit(frame, kinds, k, seed=seed), k=k)

    def assign(self, frame: pd.DataFrame) -> Ints:
        return self.frozen.assign(frame)

    def tightness(self, refit: CentreCut, frame: pd.DataFrame) -> float:
        """Spread within the frozen clusters over that within the refit ones, at the customers in `frame`; 1: as tight as a refit."""
        measure: Scaler = refit.frozen.scaler
        return self.frozen.inertia(frame, measure) / max(refit.frozen.inertia(frame, measure), 1e-12)


def matched(one: Ints, other: Ints, k: int) -> Ints:
    """The numbers of `other` renamed so that as many customers as possible keep the number they have in `one`.

    Shapes  (n,), (n,) of 0 .. k-1 -> (n,)
    Source  Hungarian assignment: Kuhn (1955), Naval Research Logistics 2:83-97
    """
    together = np.zeros((k, k), np.int64)
    np.add.at(together, (other, one), 1)
    new_name: Ints = linear_sum_assignment(together, maximize=True)[1]
    return new_name[other]
