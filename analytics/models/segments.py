"""Segments of customers: RFM quintiles and clusters, with the evidence for or against them.

Arrays in, frozen results out; nothing here knows where the customers come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.stats import binomtest, rankdata

from analytics.models.scaling import Floats, Kind, Scaler, features

Ints = NDArray[np.int64]

CANDIDATES = range(2, 9)
STABLE = 0.6  # adjusted Rand index under which refitting on a resample gives other clusters
STRUCTURE = 0.25  # mean silhouette up to which there is "no substantial structure" (Kaufman & Rousseeuw 1990)
THIN = 0.6  # border between two clusters is thin when it holds at most this many customers for one at the smaller centre
SMALLEST = 0.05  # a cluster below this share of customers is not worth a programme of its own
CHOICE_SAMPLE = 4_000  # customers on which k is chosen
GAP_SAMPLE = 1_500  # customers in the gap statistic and the silhouette
FIT_SAMPLE = 200_000  # above it the cut is learnt on a sample and all customers are assigned
LARGE = 50_000  # above it MiniBatchKMeans
RESAMPLES = 8
REFERENCES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What speaks for k clusters.

    stability   mean adjusted Rand index between the clusters and those of refits on resamples (nan at k = 1);
                stability_low, _high its 2.5 % and 97.5 % points over the resamples
    silhouette  mean silhouette on a sample (nan at k = 1)
    gap, gap_se gap statistic and its standard error, simulation error included
    smallest    share of customers in the smallest cluster
    valley      customers half way between two clusters for one near the smaller centre, worst pair (nan at k = 1)
    thin        every valley is thin, chance excluded at 1 %
    """

    k: int
    stability: float
    stability_low: float
    stability_high: float
    silhouette: float
    gap: float
    gap_se: float
    smallest: float
    valley: float
    thin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """A cut of the customers into k groups and whether the data asks for it.

    labels     (n,) cluster of each customer, 0 .. k-1
    features   names of the columns that took part
    frozen     the cut itself, ready to assign other customers, or the same ones at another time (None when there is no cut)
    clear      False: the cut is one of many possible through a continuum; `reason` says why: the gate of `choose` nobody passed, or "few"
    candidates evidence for each k tried, k = 1 first
    fitted_on  customers the centres were learnt from
    """

    labels: Ints
    features: tuple[str, ...]
    frozen: Frozen | None
    k: int
    clear: bool
    reason: str | None
    candidates: tuple[Candidate, ...]
    fitted_on: int


def quintile(values: Floats, *, best_low: bool = False) -> Ints:
    """Score 1 (worst fifth) to 5 (best fifth) by mid-rank: equal values always get the same score.

    Shapes  (n,) -> (n,); nan is not allowed
    Why     cutting ties by the order of the rows would give two customers with one order each different scores
    """
    ranks = rankdata(-values if best_low else values, method="average")
    scores: Ints = np.ceil(5 * (ranks - 0.5) / len(values)).clip(1, 5).astype(np.int64)
    return scores


def score_of(below: int, beside: int, n: int) -> int:
    """The score that `quintile` gives a value with `below` worse ones among n, and `beside` equal ones, itself included."""
    return int(min(max(np.ceil(5 * (below + beside / 2) / n), 1), 5))


def cluster(
    frame: pd.DataFrame, base: Mapping[str, Kind], extra: Mapping[str, Kind] | None = None, *, k: int | None = None, seed: int = 7
) -> Clusters:
    """Cut customers into k groups by k-means; k = None chooses it. Says whether the data asks for them.

    Shapes  n rows; `base` features always take part, an `extra` one only when it shows groups by itself (`telling`)
    How     see `choose`; without clear clusters the most stable cut comes back with clear = False
    Source  Tibshirani, Walther & Hastie (2001), JRSS B 63:411-423; Hennig (2007), CSDA 52:258-271
    """
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(frame))[:CHOICE_SAMPLE]
    kinds = {**base, **{name: kind for name, kind in (extra or {}).items() if telling(frame.iloc[chosen], name, kind, seed)}}
    scaler = Scaler.fit(frame, kinds)
    points = scaler(frame)
    few = points[chosen]
    tried = tuple(size for size in CANDIDATES if size <= len(np.unique(few, axis=0)) // 2)
    if not tried or (k or 0) > max(tried):
        return _uncut(points, tuple(kinds))
    candidates = _candidates(few, features(frame.iloc[chosen], kinds, dither=rng), tried, seed)
    best, reason = choose(candidates, k)
    cut, fitted_on = _fit_all(points, best, seed)
    return Clusters(
        labels=cut.assign(points),
        features=tuple(kinds),
        frozen=Frozen(scaler=scaler, cut=cut),
        k=best,
        clear=reason is None,
        reason=reason,
        candidates=candidates,
        fitted_on=fitted_on,
    )


def fit(frame: pd.DataFrame, kinds: Mapping[str, Kind], k: int, *, seed: int = 7) -> Frozen:
    """The cut of n rows into k clusters, without asking whether the data has any: a refit of a cut that was chosen before.

    Raises  ValueError when there are fewer than k different customers
    """
    scaler = Scaler.fit(frame, kinds)
    return Frozen(scaler=scaler, cut=_fit_all(scaler(frame), k, seed)[0])


def telling(frame: pd.DataFrame, name: str, kind: Kind, seed: int = 7) -> bool:
    """Whether a feature falls into two or three groups by itself: one that does not only blurs those of the others."""
    points = features(frame, {name: kind}, dither=np.random.default_rng(seed))
    if np.ptp(points) == 0:
        return False
    cuts = ((k, _kmeans(points, k, seed).labels_) for k in (2, 3))
    return any(_valley(points, labels, k)[1] and np.bincount(labels).min() >= SMALLEST * len(labels) for k, labels in cuts)


def _uncut(points: Floats, names: tuple[str, ...]) -> Clusters:
    return Clusters(
        labels=np.zeros(len(points), np.int64),
        features=names,
        frozen=None,
        k=1,
        clear=False,
        reason="few",
        candidates=(),
        fitted_on=len(points),
    )


def choose(candidates: tuple[Candidate, ...], k: int | None = None) -> tuple[int, str | None]:
    """(k, None) when the evidence asks for k clusters, else (most stable k, the gate at which the last ones fell).

    Given   k, only that cut goes through the gates
    Gates   stability >= 0.6, silhouette > 0.25, gap above that of one cluster by two standard errors, smallest share
            >= 5 %, and a thin valley between every two clusters. Of those that pass, the finest cut
    Why     stability, silhouette and gap also favour cuts that merge true clusters or slice a triangle-shaped crowd
            (no one buys often and long ago); only true clusters have fewer customers between them than in them
    """
    one, *rest = candidates
    gates: dict[str, Callable[[Candidate], bool]] = {
        "stability": lambda c: c.stability >= STABLE,
        "silhouette": lambda c: c.silhouette > STRUCTURE,
        "gap": lambda c: c.gap - one.gap > 2 * float(np.hypot(c.gap_se, one.gap_se)),
        "smallest": lambda c: c.smallest >= SMALLEST,
        "valley": lambda c: c.thin,
    }
    passed = [candidate for candidate in rest if k in (None, candidate.k)]
    for name, gate in gates.items():
        before, passed = passed, list(filter(gate, passed))
        if not passed:
            return max(before, key=lambda c: (c.smallest >= SMALLEST, c.stability)).k, name
    return max(passed, key=lambda c: c.k).k, None


def _candidates(points: Floats, smooth: Floats, tried: tuple[int, ...], seed: int) -> tuple[Candidate, ...]:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # small fits: threads cost more than they bring, and sums keep their order
        gaps = _gaps(smooth[:GAP_SAMPLE], (1, *tried), seed)
        return (
            Candidate(
                k=1,
                stability=np.nan,
                stability_low=np.nan,
                stability_high=np.nan,
                silhouette=np.nan,
                gap=gaps[0][0],
                gap_se=gaps[0][1],
                smallest=1.0,
                valley=np.nan,
                thin=False,
            ),
            *(_candidate(points, smooth, size, gap, seed) for size, gap in zip(tried, gaps[1:], strict=True)),
        )


def _candidate(points: Floats, smooth: Floats, k: int, gap: tuple[float, float], seed: int) -> Candidate:
    from sklearn.metrics import silhouette_score

    cut = _cut(points, k, seed)
    labels = cut.assign(points)
    few = labels[:GAP_SAMPLE]
    silhouette = silhouette_score(points[:GAP_SAMPLE], few) if 1 < len(np.unique(few)) < len(few) else 0.0
    valley, thin = _valley(smooth @ cut.metric, labels, k)
    agreement = _agreement(points, labels, k, seed)
    low, high = np.quantile(agreement, [0.025, 0.975])
    return Candidate(
        k=k,
        stability=float(np.mean(agreement)),
        stability_low=float(low),
        stability_high=float(high),
        silhouette=float(silhouette),
        gap=gap[0],
        gap_se=gap[1],
        smallest=float(np.bincount(labels, minlength=k).min() / len(labels)),
        valley=valley,
        thin=thin,
    )


def _valley(points: Floats, labels: Ints, k: int) -> tuple[float, bool]:
    """(worst ratio of customers half way to customers near the smaller centre, whether all pairs are thin)."""
    pairs = [_border(points[labels == i], points[labels == j]) for i, j in combinations(range(k), 2)]
    thin = all(
        peak > 0 and middle <= THIN * peak and binomtest(middle, middle + peak, alternative="less").pvalue < 0.01 for middle, peak in pairs
    )
    return max(middle / max(peak, 1) for middle, peak in pairs), thin


def _border(one: Floats, other: Floats) -> tuple[int, int]:
    """Customers in equal windows on the line through both centres: half way, and at the centre with fewer of them."""
    start, axis = one.mean(axis=0), other.mean(axis=0) - one.mean(axis=0)
    along = (np.concatenate([one, other]) - start) @ axis / max(float(axis @ axis), 1e-12)
    middle, *ends = (int((np.abs(along - at) < 0.1).sum()) for at in (0.5, 0.0, 1.0))
    return middle, min(ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """Centres in the metric in which distances count: metric (d, d), centres (k, d)."""

    metric: Floats
    centres: Floats

    def assign(self, points: Floats) -> Ints:
        """(n, d) -> (n,) the nearest centre of each customer."""
        nearest: Ints = cdist(points @ self.metric, self.centres, "sqeuclidean").argmin(axis=1)
        return nearest


def _cut(points: Floats, k: int, seed: int, n_init: int = 5, rounds: int = 1) -> _Cut:
    """k-means, then again with distances measured in the spread within the clusters found so far.

    Why     money holds orders times basket: within a cluster they rise together, and round clusters would cut across
    """
    from sklearn.cluster import KMeans

    labels = _kmeans(points, k, seed, n_init).labels_
    for _ in range(rounds):
        centres = np.array([points[labels == at].mean(axis=0) for at in range(k)])
        metric = _metric(points - centres[labels])
        again = KMeans(k, init=centres @ metric, n_init=1, max_iter=100).fit(points @ metric)
        labels = again.labels_
    return _Cut(metric=metric, centres=again.cluster_centers_)


def _metric(residuals: Floats, ridge: float = 0.01) -> Floats:
    """The transform that makes residuals (n, d) round; the ridge keeps a feature constant within clusters from counting for all."""
    spread, axes = np.linalg.eigh(np.cov(residuals, rowvar=False).reshape(residuals.shape[1], -1))
    return np.asarray(axes / np.sqrt(spread.clip(0) + ridge))


def _kmeans(points: Floats, k: int, seed: int, n_init: int = 5) -> Any:
    from sklearn.cluster import KMeans, MiniBatchKMeans

    if len(points) > LARGE:
        return MiniBatchKMeans(k, n_init=n_init, random_state=seed, batch_size=8_192).fit(points)
    return KMeans(k, n_init=n_init, random_state=seed, max_iter=100).fit(points)


def _agreement(points: Floats, labels: Ints, k: int, seed: int) -> list[float]:
    """Adjusted Rand index of `labels` against refits on resamples that then assign every point."""
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.default_rng(seed + k)
    refits = (_cut(points[rng.integers(0, len(points), len(points))], k, seed + b, n_init=2) for b in range(RESAMPLES))
    return [float(adjusted_rand_score(labels, refit.assign(points))) for refit in refits]


def _gaps(points: Floats, sizes: tuple[int, ...], seed: int) -> list[tuple[float, float]]:
    """Gap statistic and its standard error for each k, against uniform noise in the box of the principal components."""
    rng = np.random.default_rng(seed)
    centred = points - points.mean(axis=0)
    rotated = centred @ np.linalg.svd(centred, full_matrices=False)[2].T
    low, high = rotated.min(axis=0), rotated.max(axis=0)
    noise = np.array([_spreads(rng.uniform(low, high, rotated.shape), sizes, seed, 1) for _ in range(REFERENCES)])
    gap = noise.mean(axis=0) - _spreads(rotated, sizes, seed, 5)
    return list(zip(gap.tolist(), (noise.std(axis=0) * np.sqrt(1 + 1 / REFERENCES)).tolist(), strict=True))


def _spreads(points: Floats, sizes: tuple[int, ...], seed: int, n_init: int) -> Floats:
    """Log of the within-cluster sum of squares at each k."""
    return np.log([max(_kmeans(points, size, seed, n_init).inertia_, 1e-12) for size in sizes])


def _fit_all(points: Floats, k: int, seed: int) -> tuple[_Cut, int]:
    """The cut and the number of customers it was learnt from."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        part = np.random.default_rng(seed).permutation(len(points))[:FIT_SAMPLE]
        return _cut(points[part], k, seed, rounds=4), len(part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A cut with its own measure of customers: scaler, metric and centres as they were learnt."""

    scaler: Scaler
    cut: _Cut

    def assign(self, frame: pd.DataFrame) -> Ints:
        """n rows -> (n,) nearest centre."""
        return self.cut.assign(self.scaler(frame))

    def inertia(self, frame: pd.DataFrame, measure: Scaler) -> float:
        """Mean squared distance, in the units of `measure`, from the mean of the customer's own cluster."""
        points, labels = measure(frame), self.assign(frame)
        squares = [((points[labels == at] - points[labels == at].mean(axis=0)) ** 2).sum() for at in np.unique(labels)]
        return float(sum(squares) / len(points))
