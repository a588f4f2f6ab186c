"""How much of what customers bring next a way of grouping them tells apart: the tiers, a cut in two, a small tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.models.resample import BUCKETS, resamples
from analytics.results import Estimate, Unit

DRAWS = 500
LEAF = 0.01  # of the customers, at least, in a group that a tree makes
LEAST_LEAF = 30
Floats = NDArray[np.float64]
Groups = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """Share of the variance of the later value between groups, by way of grouping; and by how much the first way exceeds each other."""

    shares: Mapping[str, Estimate]
    beyond: Mapping[str, Estimate]


def tree(features: Floats, value: Floats, later: Floats, *, depth: int) -> Groups:
    """(m,) groups of later customers by a regression tree learnt on earlier ones.

    Shapes  features (n, p) and value (n,) of the earlier time, later (m, p)
    Source  Breiman et al. (1984), Classification and Regression Trees
    """
    from sklearn.tree import DecisionTreeRegressor

    least = max(LEAST_LEAF, int(LEAF * len(value)))
    found = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=least, random_state=0).fit(features, value)
    return np.asarray(found.apply(later), np.int64)


def captured(value: Floats, ways: Mapping[str, Groups]) -> Captured:
    """How much each way of grouping tells of the same customers' later value.

    Shapes  value (n,), each way (n,) of any integers
    How     epsilon squared, the share between groups less what as many groups would have by chance; the interval is a bootstrap over
            customers, the same draws for every way, so that differences are of the same customers
    Source  Kelley (1935), PNAS 21:554-559
    """
    buckets = min(len(value), BUCKETS)
    bucket = np.random.default_rng(7).permutation(len(value)) % buckets
    weights = np.vstack([np.ones(buckets), resamples(buckets, DRAWS, 7)])
    drawn = {name: _epsilon(value, np.unique(groups, return_inverse=True)[1], bucket, weights) for name, groups in ways.items()}
    first = next(iter(ways))
    apart = {name: drawn[first] - values for name, values in drawn.items() if name != first}
    shares = {name: values.clip(min=0) for name, values in drawn.items()}  # less than chance tells nothing
    return Captured(shares=_each(shares, len(value)), beyond=_each(apart, len(value)))


def _epsilon(value: Floats, group: Groups, bucket: Groups, weights: Floats) -> Floats:
    """The share for all customers, then for each resample."""
    k, buckets = int(group.max()) + 1, weights.shape[1]
    cell = bucket * k + group
    n, top = (weights @ np.bincount(cell, each, buckets * k).reshape(buckets, k) for each in (np.ones(len(value)), value))
    squares = weights @ np.bincount(bucket, value**2, buckets)
    within = squares - np.divide(top**2, n, out=np.zeros_like(top), where=n > 0).sum(axis=1)
    total = squares - top.sum(axis=1) ** 2 / n.sum(axis=1)
    size = n.sum(axis=1)
    return np.asarray(1 - (size - 1) / (size - k) * within / np.where(total > 0, total, 1), np.float64)


def _each(drawn: Mapping[str, Floats], n: int) -> dict[str, Estimate]:
    found = {}
    for name, values in drawn.items():
        low, high = np.quantile(values[1:], [0.025, 0.975])
        found[name] = Estimate(value=float(values[0]), low=float(low), high=float(high), n=n, unit=Unit.SHARE)
    return found
