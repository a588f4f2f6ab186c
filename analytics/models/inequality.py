"""How unequally something is spread over people: Lorenz and concentration curves, Gini, Kakwani and Theil.

Intervals come from the influence of each person on the index (its linearisation): no draws, the same answer at any size.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from analytics.results import Estimate, Unit

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decomposed:
    """Theil's index in its two parts, which add up to it.

    share    between / total: how much of the inequality is between groups
    groups   a row a group: group, n, share (of all there is), mean, theil (within it), between, within (its terms of the two parts)
    """

    total: Estimate
    between: Estimate
    within: Estimate
    share: Estimate
    groups: pd.DataFrame


def gini(values: ArrayLike, weights: ArrayLike | None = None, *, level: float = 0.95) -> Estimate:
    """Gini's index of what people have; zeros count.

    Shapes  values (n,), none below 0, some above; weights (n,) above 0: how many people each stands for, all alike unless given
    Unit    index in [0, 1): 0 all have the same
    Raises  ValueError for a value below 0, or when nobody has anything
    Source  Davidson (2009), Journal of Econometrics 150:30-40
    """
    if weights is None:
        return concentration(values, values, level=level)
    value, influence = _weighted(_checked(values), np.asarray(weights, np.float64))
    return _told(value, influence, (-1.0, 1.0), level)


def _weighted(held: Floats, weights: Floats) -> tuple[float, Floats]:
    """As `_concentration` of people ranked by what they have, each standing for so many, which goes into how much he moves it."""
    share = weights / weights.sum()
    _, place = np.unique(held, return_inverse=True)
    people, sums = np.bincount(place, share), np.bincount(place, share * held)
    rank, above = (np.cumsum(people) - people / 2)[place], (sums.sum() - np.cumsum(sums) + sums / 2)[place]
    mean, theta = float(share @ held), float(share @ (held * rank))
    moved = (2 * (held * rank + above - 2 * theta) - 2 * theta * (held - mean) / mean) / mean
    influence: Floats = moved * share * len(held)
    return 2 * theta / mean - 1, influence


def concentration(benefit: ArrayLike, by: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Concentration index of a benefit over people ranked by something else; equal ranks share their place.

    Shapes  benefit (n,), by (n,); benefit none below 0, some above. `by` may be negative
    Unit    index in (-1, 1): above 0 when those who rank high get more
    Raises  ValueError as gini
    Source  Kakwani, Wagstaff & van Doorslaer (1997), Journal of Econometrics 77:87-103
    """
    value, influence = _concentration(_checked(benefit), np.asarray(by, np.float64))
    return _told(value, influence, (-1.0, 1.0), level)


def kakwani(benefit: ArrayLike, contribution: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Concentration of a benefit by contribution less the Gini of the contribution.

    Shapes  both (n,), none below 0, some above
    Unit    index in (-2, 1): 0 when benefit is proportional, above 0 when it favours those who bring most, below 0 those who bring least
    Raises  ValueError as gini
    Source  Kakwani (1977), The Economic Journal 87:71-80
    """
    given, brought = _checked(benefit), _checked(contribution)
    (one, moved), (other, shifted) = _concentration(given, brought), _concentration(brought, brought)
    return _told(one - other, moved - shifted, (-2.0, 1.0), level)


def lorenz(values: ArrayLike, by: ArrayLike | None = None, *, points: int = 101) -> pd.DataFrame:
    """The share of all there is that the lowest share of people has; ranked `by` something else, the concentration curve.

    Shapes  values (n,), by (n,); rows people, share at `points` even steps from 0 to 1. Who ties in `by` gets the mean of the tied
    Raises  ValueError as gini
    """
    held = _checked(values)
    _, place, size = np.unique(held if by is None else np.asarray(by, np.float64), return_inverse=True, return_counts=True)
    people = np.concatenate([[0.0], np.cumsum(size) / len(held)])
    share = np.concatenate([[0.0], np.cumsum(np.bincount(place, weights=held)) / held.sum()])
    steps = np.linspace(0, 1, points)
    return pd.DataFrame({"people": steps, "share": np.interp(steps, people, share)})


def theil(values: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Theil's T: mean of r ln r, r a person's ratio to the mean; 0 ln 0 is 0.

    Shapes  values (n,), none below 0, some above
    Unit    index in [0, ln n]
    Raises  ValueError as gini
    Source  Theil (1967), Economics and Information Theory; variance: Cowell (1989), Journal of Econometrics 42:27-41
    """
    value, influence = _theil(_checked(values))
    return _told(value, influence, (0.0, np.inf), level)


def theil_parts(values: ArrayLike, groups: ArrayLike, *, level: float = 0.95) -> Decomposed:
    """Theil's T split into what lies between the means of groups and what lies within groups; the split is exact.

    Shapes  values (n,), groups (n,) of labels
    Raises  ValueError as gini, or when all people have the same
    Source  Shorrocks (1980), Econometrica 48:613-625
    """
    held, labels = _checked(values), pd.Series(np.asarray(groups, object))
    place, names = pd.factorize(labels, sort=True)
    table = _by_group(held, place, names)
    total, influence = _theil(held)
    if total <= 0:
        raise ValueError("all people have the same: there is nothing to split")
    between = float(table["between"].sum())
    apart = _between_influence(held, (table["mean"] / held.mean()).to_numpy(float)[place], between)
    share = between / total
    return Decomposed(
        total=_told(total, influence, (0.0, np.inf), level),
        between=_told(between, apart, (0.0, np.inf), level),
        within=_told(total - between, influence - apart, (0.0, np.inf), level),
        share=_told(share, (apart - share * influence) / total, (0.0, 1.0), level, Unit.SHARE),
        groups=table,
    )


def _by_group(held: Floats, place: NDArray[np.intp], names: pd.Index) -> pd.DataFrame:
    parts = [held[place == at] for at in range(len(names))]
    rows = pd.DataFrame({"group": names, "n": [len(part) for part in parts], "mean": [part.mean() for part in parts]})
    rows["share"] = rows["n"] * rows["mean"] / held.sum()
    rows["theil"] = [_theil(part)[0] if part.sum() > 0 else 0.0 for part in parts]
    rows["between"] = [_entropy(np.array([mean / held.mean()]))[0] * n / len(held) for mean, n in zip(rows["mean"], rows["n"], strict=True)]
    rows["within"] = rows["share"] * rows["theil"]
    return rows[["group", "n", "share", "mean", "theil", "between", "within"]]


def _checked(values: ArrayLike) -> Floats:
    held = np.asarray(values, np.float64)
    if not np.isfinite(held).all() or (held < 0).any():
        raise ValueError("an index of inequality needs values that are known and not below 0")
    if not held.sum() > 0:
        raise ValueError("nobody has anything: there is no inequality to measure")
    return held


def _concentration(held: Floats, by: Floats) -> tuple[float, Floats]:
    """C = 2 E[b F] / E[b] - 1, F the mid-rank by `by`, and how much each person moves it."""
    n, mean = len(held), float(held.mean())
    place = (rankdata(by) - 0.5) / n
    theta = float((held * place).mean())
    influence = (2 * (held * place + _above(held, by) - 2 * theta) - 2 * theta * (held - mean) / mean) / mean
    return 2 * theta / mean - 1, influence


def _above(held: Floats, by: Floats) -> Floats:
    """E[b of those who rank above], half of those who tie."""
    _, place = np.unique(by, return_inverse=True)
    sums = np.bincount(place, weights=held)
    higher: Floats = (sums.sum() - np.cumsum(sums) + sums / 2)[place] / len(held)
    return higher


def _theil(held: Floats) -> tuple[float, Floats]:
    ratio = held / held.mean()
    value = float(_entropy(ratio).mean())
    return value, _entropy(ratio) - value * ratio - ratio + 1


def _between_influence(held: Floats, ratio: Floats, value: float) -> Floats:
    """How much each person moves the part between groups; `ratio` is its group's mean to that of all."""
    logs = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0)
    moved: Floats = held / held.mean() * (logs - value) - ratio + 1
    return moved


def _entropy(ratio: Floats) -> Floats:
    logs: Floats = ratio * np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0)
    return logs


def _told(value: float, influence: Floats, bounds: tuple[float, float], level: float, unit: Unit = Unit.INDEX) -> Estimate:
    half = NormalDist().inv_cdf(0.5 + level / 2) * float(influence.std()) / len(influence) ** 0.5
    low, high = max(bounds[0], value - half), min(bounds[1], value + half)
    return Estimate(value=value, low=low, high=high, n=len(influence), unit=unit, level=level)
