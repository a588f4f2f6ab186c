"""A scorecard of customers: standings, who is above the cut and how surely, why the others are not, and who is shut out by it.

Every score is a standing from 0 to 100: the share of all customers who stand lower. Only so do equal weights weigh the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, kendalltau, norm, rankdata, spearmanr

from analytics.models.differences import newcombe
from analytics.results import Estimate, Unit, wilson

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
LEAST_GROUP, FIRM_GROUP = 30, 100  # customers below which a group is not told, and below which it is told with a warning
MOST_GROUPS = 40  # values of a dimension; more of them are an address, not a group
_PAIRED = 1_500  # customers from whom the interval of a rank correlation is read
_PRIOR = 0.5  # purchases of each category that nobody made


def clarity(counts: Floats) -> Floats:
    """How clear a customer's preference is: 0 when every category is as likely, 1 when only one ever is bought.

    Shapes  counts (n, k) purchases with each category, k >= 2 -> (n,) in [0, 1)
    How     1 - entropy / log k of the shares, with half a purchase added to every category: one purchase is no clear preference yet
    Source  Shannon (1948), Bell System Technical Journal 27:379-423; Krichevsky & Trofimov (1981), IEEE Trans. Inf. Theory 27:199-207
    """
    share = (counts + _PRIOR) / (counts.sum(axis=1, keepdims=True) + _PRIOR * counts.shape[1])
    return np.asarray(1 + (share * np.log(share)).sum(axis=1) / np.log(counts.shape[1]), np.float64)


def habits(counts: Floats) -> Floats:
    """Share of the customers with a favourite category (row) who ever bought each other (column): what similar customers buy.

    Shapes  counts (n, k) -> (k, k); a favourite that nobody has says nothing: zeros
    """
    k = counts.shape[1]
    favourite, bought = counts.argmax(axis=1), counts > 0
    some = bought.any(axis=1)
    size = np.bincount(favourite[some], minlength=k)
    held = np.array([bought[some & (favourite == at)].sum(axis=0) for at in range(k)])
    return np.asarray(held / np.maximum(size, 1)[:, None], np.float64)


def still_open(counts: Floats, usual: Floats) -> Floats:
    """Categories not bought yet that similar customers buy: each counted by the share of them who do.

    Shapes  counts (n, k), usual (k, k) as `habits` tells it -> (n,), 0 <= . < k
    """
    return np.asarray(np.where(counts > 0, 0.0, usual[counts.argmax(axis=1)]).sum(axis=1), np.float64)


def standing(values: Floats, among: Floats | None = None) -> Floats:
    """Share of customers who stand lower, in per cent; equals share their place. Unknown (nan) stays unknown.

    Shapes  values (n,); among (m,): whom they are compared with, the values themselves when None -> (n,) in [0, 100]
    """
    pool = np.sort(values if among is None else among)
    pool = pool[~np.isnan(pool)]
    below, through = (np.searchsorted(pool, values, side=side) for side in ("left", "right"))
    told = 50.0 * (below + through) / max(len(pool), 1)
    return np.where(np.isnan(values), np.nan, told)


def standing_within(values: Floats, group: Ints, among: Floats, groups: Ints, *, least: int = LEAST_GROUP) -> Floats:
    """Standing among the customers of one's own group; unknown in groups of fewer than `least` known customers, and for group < 0.

    Shapes  values, group (n,); among, groups (m,): whom they are compared with; groups are numbered from 0
    """
    told = np.full(len(values), np.nan)
    for code in range(int(groups.max(initial=-1)) + 1):
        pool = among[groups == code]
        if (~np.isnan(pool)).sum() >= least:
            told[group == code] = standing(values[group == code], pool)
    return told


def average(parts: Iterable[Floats]) -> Floats:
    """Mean of what is known of each customer; nan where nothing is."""
    stacked = np.array(list(parts), np.float64)
    known = ~np.isnan(stacked)
    return np.asarray(np.where(known, stacked, 0.0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan), np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How scores move together when the purchases behind them are drawn anew: covariance (n, s, s) of each customer's scores."""

    covariance: Floats

    @classmethod
    def of(cls, draw: Callable[[], Floats], draws: int) -> Spread:
        """`draw()` gives the scores (n, s) of one resample; unknown scores do not move."""
        scores = np.nan_to_num(draw())
        mean, moved = scores.copy(), np.zeros((*scores.shape, scores.shape[1]))
        for at in range(2, draws + 1):  # Welford: no draw has to be kept
            scores = np.nan_to_num(draw())
            before = scores - mean
            mean += before / at
            moved += before[:, :, None] * (scores - mean)[:, None, :]
        return cls(covariance=moved / max(draws - 1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Customers as weights put them.

    total        (n,) 0-100, the weighted mean of the known scores
    inside       (n,) whether above the cut; cut: the total of the last one inside
    probability  (n,) of standing above the cut had they bought the same way with other luck
    short        (n, s) what each score takes off the way to the cut, above 0 where it holds the customer back: adds up to cut - total
    alone        (n, s) outside, and inside if this one score were left out
    """

    total: Floats
    inside: Bools
    cut: float
    probability: Floats
    short: Floats
    alone: Bools

    @property
    def reason(self) -> Ints:
        """Place of the score that takes off most."""
        return np.asarray(self.short.argmax(axis=1), np.int64)


def weighted(scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Totals (n,) and the weights in force (n, s): an unknown score leaves its weight to the others, it does not count as nothing.

    Shapes  scores (n, s) with nan, weights (s,) none below 0; nan where no score with a weight is known
    """
    known = ~np.isnan(scores)
    each = np.where(known, weights, 0.0)
    whole = each.sum(axis=1, keepdims=True)
    each = np.divide(each, whole, out=np.zeros_like(each), where=whole > 0)
    total = (each * np.nan_to_num(scores)).sum(axis=1)
    return np.where(whole[:, 0] > 0, total, np.nan), each


def card(scores: Floats, weights: Floats, spread: Spread, *, share: float, least: float | None = None) -> Card:
    """Who is above the cut: the total that the best `share` of customers reach, or `least` where it is given.

    Shapes  scores (n, s), weights (s,)
    How     probability from the normal of the total's own variance; the cut hangs on all customers and hardly moves
    """
    total, each = weighted(scores, weights)
    cut = cut_of(total, share) if least is None else least
    inside = total >= cut
    error = np.sqrt(np.einsum("ns,nst,nt->n", each, spread.covariance, each).clip(0))
    apart = np.nan_to_num(total) - cut
    certain = np.where(apart >= 0, 1.0, 0.0)
    probability = np.where(error > 1e-9, norm.cdf(apart / np.maximum(error, 1e-9)), certain)
    short = each * (cut - np.nan_to_num(scores))
    alone = np.column_stack([~inside & (_without(scores, weights, at) >= cut) for at in range(scores.shape[1])])
    return Card(total=total, inside=inside, cut=float(cut), probability=probability, short=short, alone=alone)


def _without(scores: Floats, weights: Floats, at: int) -> Floats:
    left = weights.copy()
    left[at] = 0.0
    return weighted(scores, left)[0]


def cut_of(total: Floats, share: float) -> float:
    """The total that the best `share` reach; at least one customer does."""
    known = np.sort(total[~np.isnan(total)])[::-1]
    return float(known[max(0, min(len(known), round(share * len(known))) - 1)]) if len(known) else np.inf


def top(total: Floats, share: float) -> Bools:
    return np.asarray(total >= cut_of(total, share))


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How two rankings of the same customers agree: Kendall's tau-b, Spearman's rho, the share of one top list that is on the other."""

    tau: Estimate
    rho: Estimate
    overlap: Estimate


def agreement(one: Floats, other: Floats, share: float, *, seed: int = 7) -> Agreement:
    """Both rankings held against each other.

    Shapes  (n,), (n,) of known totals, n >= 4
    How     tau: variance from each customer's own share of agreeing pairs, read from at most 1,500 customers and scaled to n;
            rho: on Fisher's scale; overlap: Wilson
    Source  Hoeffding (1948), Annals of Mathematical Statistics 19:293-325; Bonett & Wright (2000), Psychometrika 65:23-28
    """
    n = len(one)
    rows = np.random.default_rng(seed).permutation(n)[:_PAIRED]
    tau, rho = float(kendalltau(one, other).statistic), float(spearmanr(one, other).statistic)
    error = 2 * float(_own_tau(one[rows], other[rows]).std(ddof=1)) / np.sqrt(n)
    half = float(norm.ppf(0.975))
    wide = half * np.sqrt((1 + rho**2 / 2) / (n - 3))
    low, high = np.tanh(np.arctanh(np.clip(rho, -1 + 1e-12, 1 - 1e-12)) + np.array([-wide, wide]))
    lists = top(one, share), top(other, share)
    both, largest = int((lists[0] & lists[1]).sum()), int(max(part.sum() for part in lists))
    return Agreement(
        tau=Estimate(value=tau, low=max(-1.0, tau - half * error), high=min(1.0, tau + half * error), n=n, unit=Unit.INDEX),
        rho=Estimate(value=rho, low=min(float(low), rho), high=max(float(high), rho), n=n, unit=Unit.INDEX),
        overlap=wilson(both, largest),
    )


def _own_tau(one: Floats, other: Floats) -> Floats:
    """For each customer the agreeing pairs less the disagreeing ones, as a share of all pairs with others."""
    sign = np.sign(one[:, None] - one) * np.sign(other[:, None] - other)
    return np.asarray(sign.sum(axis=1) / (len(one) - 1), np.float64)


def selected(
    inside: Bools,
    groups: Mapping[str, pd.Series],
    *,
    only: Mapping[str, str] | None = None,
    described: Iterable[str] = (),
    margin: float = 0.10,
    least: int = LEAST_GROUP,
) -> pd.DataFrame:
    """The share of each group that is inside against that of all others: dimension, group, n, share, low, high, rest (their share),
    difference, difference_low, difference_high, q, suppressed, small, flagged.

    Shapes     inside (n,); groups: dimension -> a value a customer, missing for unknown
    only       dimension -> the one group of it that is told, where there are two of which the other says the same
    described  dimensions that differ by design, as tiers do: they have no q, are never flagged, and are not of the family
    How        Newcombe's interval; q over all tested groups of all dimensions together (Benjamini-Hochberg on the two-sided test of two
               shares); flagged: q <= .05 and the interval wholly beyond `margin` of the others' share; a group, or all others, of fewer
               than `least` customers is named without numbers, one of fewer than 100 is small
    """
    every = [row for name, values in groups.items() for row in _groups(inside, name, values, least)]
    rows = [row for row in every if (only or {}).get(str(row[0]), row[1]) == row[1]]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    tested = ~table["dimension"].isin(list(described)) & ~table["suppressed"].astype(bool)
    table.loc[~tested, "q"] = np.nan
    if tested.any():
        table.loc[tested, "q"] = false_discovery_control(table.loc[tested, "q"].to_numpy(float))
    far = margin * table["rest"]
    beyond = (table["difference_low"] > far) | (table["difference_high"] < -far)
    return table.assign(flagged=(tested & (table["q"] <= 0.05) & beyond).to_numpy(bool))


_COLUMNS = ["dimension", "group", "n", "share", "low", "high", "rest", "difference", "difference_low", "difference_high", "q",
            "suppressed", "small"]  # fmt: skip


def _groups(inside: Bools, name: str, values: pd.Series, least: int) -> list[tuple[object, ...]]:
    codes, found = pd.factorize(values.astype(object), sort=True)
    known = codes >= 0
    if not 1 < len(found) <= MOST_GROUPS:
        return []
    hits, sizes = (np.bincount(codes[known & here], minlength=len(found)) for here in (inside, np.ones(len(codes), bool)))
    every, of = int(hits.sum()), int(sizes.sum())
    told = [_against(int(hit), int(size), every, of, least) for hit, size in zip(hits, sizes, strict=True)]
    return [(name, str(value), *row) for value, row in zip(found, told, strict=True)]


def _against(hits: int, n: int, every: int, of: int, least: int) -> tuple[object, ...]:
    """n, share with its interval, the others' share, the difference with its interval, p, suppressed, small."""
    if min(n, of - n) < least:
        return (n, *[np.nan] * 8, True, False)
    mine, others = (hits, every - hits), (n, of - n)
    own, apart = wilson(hits, n), newcombe(mine, others)
    pooled = every / of
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / (of - n)))
    p = float(2 * norm.sf(abs(apart.value) / error)) if error > 0 else 1.0
    return (n, own.value, own.low, own.high, mine[1] / others[1], apart.value, apart.low, apart.high, p, False, min(others) < FIRM_GROUP)


def captured(total: Floats, worth: Floats, points: int = 40) -> pd.DataFrame:
    """How much of what customers are worth the best of them hold: share_customers, share_scored (by total), share_best (by worth itself).

    Shapes  (n,), (n,); losses count as they are. Raises ValueError when all together are worth nothing
    """
    if not worth.sum() > 0:
        raise ValueError("nothing to share out")
    counts = np.unique(np.linspace(0, len(total), points + 1).round().astype(int))
    by_score, by_worth = (np.append(0.0, worth[np.argsort(-key, kind="stable")].cumsum()) for key in (np.nan_to_num(total), worth))
    return pd.DataFrame(
        {
            "share_customers": counts / len(total),
            "share_scored": by_score[counts] / worth.sum(),
            "share_best": by_worth[counts] / worth.sum(),
        }
    )


def place(total: Floats) -> Floats:
    """Rank of each customer, 1 the highest; equals share the mean of their places."""
    return np.asarray(rankdata(-np.nan_to_num(total)), np.float64)
