"""How good predicted risks are: whether shares come out as said, whether those at risk come first, with intervals over the customers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.results import Estimate, Unit, wilson

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BINS = 10
TOP = 0.1  # share of customers on the list of which the lift is told
DRAWS = 300
CELLS = 2_000
UNITS = {
    "auc": Unit.INDEX,
    "average_precision": Unit.INDEX,
    "brier": Unit.INDEX,
    "brier_base": Unit.INDEX,
    "ece": Unit.SHARE,
    "lift": Unit.RATIO,
}


def quality(risk: Floats, churned: Bools, *, draws: int = DRAWS, seed: int = 7, level: float = 0.95) -> dict[str, Estimate]:
    """AUC, average precision, Brier score of the model and of the base rate, calibration error and lift, with bootstrap intervals.

    Shapes  risk (n,) in [0, 1] of customers the model did not know, churned (n,)
    Unit    ece: mean distance between said and seen in ten equal bins; lift: churners among the tenth with the highest risk, in
            multiples of the base rate; brier_base: the score of saying the base rate of everybody
    Raises  ValueError when all or none left
    """
    if churned.all() or not churned.any():
        raise ValueError("quality needs customers who left and customers who stayed")
    order = np.argsort(-risk, kind="stable")
    sorted_risk, left = risk[order], churned[order].astype(float)
    values = _measures(sorted_risk, left, np.ones(len(risk)))
    drawn = pd.DataFrame([_measures(*cells) for cells in _resamples(sorted_risk, left, draws, seed)])
    low, high = drawn.quantile(0.5 - level / 2), drawn.quantile(0.5 + level / 2)
    low["ece"], high["ece"] = _unbiased(values["ece"], drawn["ece"], level)
    return {
        name: Estimate(value=value, low=float(low[name]), high=float(high[name]), n=len(risk), unit=UNITS[name], level=level)
        for name, value in values.items()
    }


def _unbiased(value: float, drawn: pd.Series, level: float) -> tuple[float, float]:
    """A resample is further from calibration than the sample it is drawn from: its excess is taken off."""
    excess = float(drawn.median()) - value
    ends = drawn.quantile([0.5 - level / 2, 0.5 + level / 2]) - max(excess, 0.0)
    return min(max(0.0, float(ends.iloc[0])), value), max(float(ends.iloc[1]), value)


def _resamples(risk: Floats, left: Floats, draws: int, seed: int) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Resamples of the customers, as cells of about the same risk with those who left and those who stayed apart: (risk, left, weight).

    Shapes  risk (n,) descending; at most 2,000 cells of equally many customers, so that the cost of a resample does not grow with n;
            resamples in which all or none left are passed over
    """
    place = np.arange(len(risk)) * min(len(risk), CELLS) // len(risk)
    gone, everyone = np.bincount(place, left), np.bincount(place)
    mean = np.repeat(np.bincount(place, risk) / everyone, 2)
    counts = np.column_stack([gone, everyone - gone]).ravel()
    outcome = np.tile([1.0, 0.0], len(gone))
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        weight = rng.multinomial(len(risk), counts / len(risk)).astype(float)
        if 0 < weight @ outcome < len(risk):
            yield mean, outcome, weight


def _measures(risk: Floats, left: Floats, weight: Floats) -> dict[str, float]:
    """Every measure of weighted customers, those with the highest risk first."""
    total, lost = weight.sum(), float((weight * left).sum())
    base = lost / total
    return {
        "auc": _auc(risk, left, weight),
        "average_precision": _average_precision(left, weight),
        "brier": float((weight * (risk - left) ** 2).sum() / total),
        "brier_base": base * (1 - base),
        "ece": _ece(risk, left, weight),
        "lift": _lift(left, weight, base),
    }


def _auc(risk: Floats, left: Floats, weight: Floats) -> float:
    """Chance that one who left was ranked above one who stayed, ties counted half."""
    gone, stayed = weight * left, weight * (1 - left)
    starts = np.flatnonzero(np.r_[True, risk[1:] != risk[:-1]])
    gone, stayed = np.add.reduceat(gone, starts), np.add.reduceat(stayed, starts)
    below = stayed.sum() - np.cumsum(stayed)
    return float((gone * (below + stayed / 2)).sum() / (gone.sum() * stayed.sum()))


def _average_precision(left: Floats, weight: Floats) -> float:
    gone, seen = np.cumsum(weight * left), np.cumsum(weight)
    precision = np.divide(gone, seen, out=np.zeros_like(gone), where=seen > 0)
    return float((precision * weight * left).sum() / gone[-1])


def _ece(risk: Floats, left: Floats, weight: Floats) -> float:
    place = _bin(risk)
    said, seen = (np.bincount(place, weight * values, BINS) for values in (risk, left))
    return float(np.abs(said - seen).sum() / weight.sum())


def _lift(left: Floats, weight: Floats, base: float) -> float:
    """Share of leavers in the first tenth, a customer on its border counted in part, over the base rate."""
    top = TOP * weight.sum()
    before = np.r_[0.0, np.cumsum(weight)[:-1]]
    inside = np.clip(top - before, 0, weight)
    return float((inside * left).sum() / top / base)


def _bin(risk: Floats) -> NDArray[np.int64]:
    return np.minimum((risk * BINS).astype(np.int64), BINS - 1)


def bins(risk: Floats, churned: Bools) -> pd.DataFrame:
    """Said against seen in ten equally wide bins: low_edge, high_edge, n, predicted, observed, low, high; empty ones are left out."""
    place = _bin(risk)
    return pd.DataFrame(
        [
            {"low_edge": at / BINS, "high_edge": (at + 1) / BINS, "n": int(here.sum()), **_said_and_seen(risk[here], churned[here])}
            for at in range(BINS)
            if (here := place == at).any()
        ]
    )


def _said_and_seen(risk: Floats, churned: Bools) -> dict[str, float]:
    seen = wilson(int(churned.sum()), len(churned))
    return {"predicted": float(risk.mean()), "observed": seen.value, "low": seen.low, "high": seen.high}


def around(risk: Floats, held: Floats, churned: Bools, *, groups: int = 20) -> tuple[Floats, Floats]:
    """An interval for each risk: what became of held-out customers who were given about the same one.

    Shapes  risk (n,) to be judged; held, churned (m,) of the held-out customers, cut into equally large groups by their risk
    Why     it holds the error of calibration as well as chance, and assumes no distribution; where model and past disagree the
            interval reaches to the risk itself
    """
    cuts = np.unique(np.quantile(held, np.linspace(0, 1, groups + 1)[1:-1]))
    cuts = cuts[cuts > held.min()]  # many who share the lowest risk would leave nobody below it to judge by
    place, mine = np.searchsorted(cuts, held, side="right"), np.searchsorted(cuts, risk, side="right")
    found = [wilson(int(churned[place == at].sum()), max(int((place == at).sum()), 1)) for at in range(len(cuts) + 1)]
    low, high = (np.array([getattr(each, end) for each in found])[mine] for end in ("low", "high"))
    return np.minimum(low, risk), np.maximum(high, risk)
