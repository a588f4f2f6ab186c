"""Which customers buy on offer only, beyond what chance makes of everybody's common rate, and which groups do more than others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom, false_discovery_control, norm

from analytics.models.resample import BUCKETS, ratio_of_sums, resamples
from analytics.results import Estimate, Unit, wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GRID = np.linspace(0, 1, 51)  # own rates the mixture is made of
ROUNDS, AGAIN = 300, 60  # of fitting the mixture, and of fitting it to a resample from there
DRAWS = 60
LEAST_GROUP = 30  # customers
MOST_GROUPS = 40  # values of a dimension; more of them are an address, not a group
BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """How own rates of buying on offer are spread over customers.

    weight  (51,) share of customers at each of the rates 0, .02, ... 1
    drawn   (60, 51) the same of resampled customers
    """

    weight: Floats
    drawn: Floats


def mixture(orders: Ints, hits: Ints, *, seed: int = 7) -> Mixture:
    """The spread of own rates behind hits of orders, with no form assumed: a mixture of binomials.

    Shapes  orders (n,) >= 1, hits (n,) of them on offer, one row a customer
    How     maximum likelihood by expectation maximisation over a grid; customers with the same orders and hits are one cell
    Why     a single binomial has no dependent customers at all, and a beta-binomial cannot have two humps
    Raises  ValueError without customers
    Source  Laird (1978), JASA 73:805-811; Koenker & Mizera (2014), JASA 109:674-685
    """
    if not len(orders):
        raise ValueError("a mixture needs customers")
    (sizes, made), place = _cells(orders, hits)
    likely, count = _likelihood(sizes, made), np.bincount(place)
    weight = _fit(likely, count.astype(float), np.full(len(GRID), 1 / len(GRID)), ROUNDS)
    rng, n = np.random.default_rng(seed), int(count.sum())
    drawn = [_fit(likely, rng.multinomial(n, count / n).astype(float), weight + 1e-6, AGAIN) for _ in range(DRAWS)]
    return Mixture(weight=weight, drawn=np.array(drawn))


def _cells(orders: Ints, hits: Ints) -> tuple[tuple[Ints, Ints], Ints]:
    """The different pairs of orders and hits, and each customer's place among them."""
    wide = int(hits.max()) + 1
    keys, place = np.unique(orders * wide + hits, return_inverse=True)
    return (keys // wide, keys % wide), place


def _fit(likely: Floats, count: Floats, weight: Floats, rounds: int) -> Floats:
    weight = weight / weight.sum()
    for _ in range(rounds):
        mixed = likely @ weight
        weight = weight * (likely.T @ (count / mixed)) / count.sum()
    return weight


def _likelihood(orders: Ints, hits: Ints) -> Floats:
    """Of each cell under each rate, up to a factor of the cell."""
    inner = np.clip(GRID, 1e-9, 1 - 1e-9)
    logs = hits[:, None] * np.log(inner) + (orders - hits)[:, None] * np.log1p(-inner)
    return np.asarray(np.exp(logs - logs.max(axis=1, keepdims=True)))


def above(spread: Mixture, rate: float, n: int, *, level: float = 0.95) -> Estimate:
    """Share of customers whose own rate is at least `rate`.

    Unit  share; bootstrap interval over the customers, never narrower than Wilson's for as many whose rates were seen: resamples of
          customers among whom nobody is dependent hold nobody either
    """
    here = rate - 1e-9 <= GRID
    low, high = np.quantile(spread.drawn[:, here].sum(axis=1), [0.5 - level / 2, 0.5 + level / 2])
    value = min(float(spread.weight[here].sum()), 1.0)
    seen = wilson(round(value * n), n, level=level)
    low, high = min(float(low), seen.low, value), max(float(high), seen.high, value)
    return Estimate(value=value, low=low, high=high, n=n, unit=Unit.SHARE, level=level)


def standing(weight: Floats, orders: Ints, hits: Ints, rate: float) -> tuple[Floats, Floats]:
    """Each customer's own rate, shrunk to what is common, and the probability that it is at least `rate`.

    Shapes  weight (51,) of the mixture; orders, hits (n,) -> (n,), (n,)
    """
    cells, place = _cells(orders, hits)
    joint = _likelihood(*cells) * weight
    joint /= joint.sum(axis=1, keepdims=True)
    return (joint @ GRID)[place], np.minimum(joint[:, rate - 1e-9 <= GRID].sum(axis=1), 1.0)[place]


def never_by_chance(orders: Ints, hits: Ints) -> Estimate:
    """Share of customers all of whose orders would be on offer if everybody had the common rate: the mean of rate ** orders.

    Unit  share; the interval is the one of the common rate, over customers
    """
    common = ratio_of_sums(hits.astype(float), orders.astype(float), unit=Unit.SHARE)
    value, low, high = (float(np.mean(rate ** orders.astype(float))) for rate in (common.value, common.low, common.high))
    return Estimate(value=value, low=low, high=high, n=len(orders), unit=Unit.SHARE, level=common.level)


def spread_of_shares(orders: Ints, hits: Ints) -> pd.DataFrame:
    """Customers by their own share of orders on offer, in tenths: low_edge, high_edge, customers, by_chance (at the common rate).

    Shapes  orders (n,) >= 1, hits (n,); the last tenth holds those at 100 %
    """
    seen, expected = np.bincount(_tenth(hits / orders), minlength=BINS), np.zeros(BINS)
    for size, customers in zip(*np.unique(orders, return_counts=True), strict=True):
        places = np.arange(size + 1)
        expected += customers * np.bincount(_tenth(places / size), binom.pmf(places, size, hits.sum() / orders.sum()), BINS)
    edges = np.arange(BINS) / BINS
    return pd.DataFrame({"low_edge": edges, "high_edge": edges + 1 / BINS, "customers": seen, "by_chance": expected})


def _tenth(share: Floats) -> Ints:
    return np.minimum((share * BINS + 1e-9).astype(np.int64), BINS - 1)


def by_group(
    hits: Floats,
    orders: Floats,
    groups: Mapping[str, Sequence[str | None]],
    *,
    described: Sequence[str] = (),
    draws: int = 500,
    seed: int = 7,
) -> pd.DataFrame:
    """The share of orders on offer in each group against that of all others: dimension, group, n, share, low, high, difference,
    difference_low, difference_high, q.

    Shapes     hits, orders (n,), one row a customer; groups: dimension -> a value a customer, None for unknown
    described  dimensions whose groups differ by design, as tiers do: they have no q and are not of the family
    How        customers are resampled, in at most 5,000 buckets; q of lying above the others over all groups of the other dimensions
               (Benjamini-Hochberg); one-sided, as those below a group that stands out would loosen the correction for all;
               groups of fewer than 30 customers are left out, and dimensions of one group or of more than 40
    """
    buckets = min(len(orders), BUCKETS)
    bucket = np.random.default_rng(seed).permutation(len(orders)) % buckets
    weights = resamples(buckets, draws, seed)
    rows = [row for name, values in groups.items() for row in _groups(name, values, hits, orders, bucket, weights)]
    table = pd.DataFrame(rows, columns=["dimension", "group", "n", *_TOLD, "q"])
    tested = ~table["dimension"].isin(described)
    table.loc[~tested, "q"] = np.nan
    if tested.any():
        table.loc[tested, "q"] = false_discovery_control(table.loc[tested, "q"])
    return table


_TOLD = ("share", "low", "high", "difference", "difference_low", "difference_high")


def _groups(
    name: str, values: Sequence[str | None], hits: Floats, orders: Floats, bucket: Ints, weights: Floats
) -> list[tuple[object, ...]]:
    """A row a group; its last value is the probability of standing so far above the others by chance."""
    codes, found = pd.factorize(pd.Series(list(values), dtype=object), sort=True)
    sizes = np.bincount(codes[codes >= 0], minlength=len(found))
    if not 1 < len(found) <= MOST_GROUPS:
        return []
    every = _bucketed(codes >= 0, (hits, orders), bucket, weights.shape[1])
    rows: list[tuple[object, ...]] = []
    for code in np.flatnonzero(sizes >= LEAST_GROUP):
        mine = _bucketed(codes == code, (hits, orders), bucket, weights.shape[1])
        rest = [whole - part for whole, part in zip(every, mine, strict=True)]
        if mine[1].sum() > 0 and rest[1].sum() > 0:
            rows.append((name, str(found[int(code)]), int(sizes[code]), *_against(mine, rest, weights)))
    return rows


def _bucketed(here: NDArray[np.bool_], sides: tuple[Floats, Floats], bucket: Ints, buckets: int) -> list[Floats]:
    return [np.bincount(bucket[here], side[here], buckets).astype(float) for side in sides]


def _against(mine: list[Floats], rest: list[Floats], weights: Floats) -> tuple[float, ...]:
    """Ratio and difference to the rest with their intervals, and the probability of one so far above it by chance (normal)."""
    share, other = (top.sum() / bottom.sum() for top, bottom in (mine, rest))
    drawn, others = ((weights @ top) / np.maximum(weights @ bottom, 1e-9) for top, bottom in (mine, rest))
    apart = drawn - others
    error = float(apart.std(ddof=1))
    p = float(norm.sf((share - other) / error)) if error > 0 else float(share <= other)
    ends = [*np.quantile(drawn, [0.025, 0.975]), share - other, *np.quantile(apart, [0.025, 0.975])]
    return (float(share), *map(float, ends), p)
