"""Whether a model is as right about some as about others: fairlearn's MetricFrame by tier, and by group within each tier."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from analytics.models.calibration import BINS, quality
from analytics.results import wilson

if TYPE_CHECKING:
    from fairlearn.metrics import MetricFrame

Floats = NDArray[np.float64]
Measure = Callable[[Floats, Floats], float]  # (came, said) -> a number, as fairlearn calls it

LEAST = 30  # held-out customers of a group below which nothing is said of it
DRAWS = 120


def off(came: Floats, said: Floats) -> float:
    """Mean said less mean came: above 0 the model promised, or feared, too much."""
    return float(np.mean(said) - np.mean(came))


def mae(came: Floats, said: Floats) -> float:
    return float(np.abs(np.asarray(said) - np.asarray(came)).mean())


def brier(came: Floats, said: Floats) -> float:
    return float(((np.asarray(said) - np.asarray(came)) ** 2).mean())


def ece(came: Floats, said: Floats) -> float:
    """Mean distance of said and seen in ten equal bins."""
    place = np.minimum((np.asarray(said) * BINS).astype(np.int64), BINS - 1)
    return float(np.abs(np.bincount(place, np.asarray(said) - np.asarray(came))).sum() / len(place))


def auc(came: Floats, said: Floats) -> float:
    """Not a number where all left or none did."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(came, said)) if 0 < np.mean(came) < 1 else float("nan")


def missed(came: Floats, said: Floats, *, cut: float) -> float:
    """Share of those who left and whose risk was below the cut; not a number where none left."""
    from fairlearn.metrics import false_negative_rate

    left = np.asarray(came) > 0
    return float(false_negative_rate(left, np.asarray(said) >= cut, pos_label=True)) if left.any() else float("nan")


def measures(cut: float | None) -> dict[str, Measure]:
    """Calibration first. With a cut: of risks; without: of amounts."""
    if cut is None:
        return {"calibration": off, "mae": mae}
    return {"calibration": off, "ece": ece, "brier": brier, "auc": auc, "missed": partial(missed, cut=cut)}


def audit(said: Floats, came: Floats, tier: NDArray[np.object_], group: NDArray[np.object_] | None, *, cut: float | None) -> pd.DataFrame:
    """Every measure by tier, and by group within each tier, beside the rest of the tier (of everybody, for a tier).

    Shapes  (n,) each; tier and group None where unknown: such rows take no part. cut: risk from which a customer is acted on; None
            for amounts
    How     values are those of fairlearn.metrics.MetricFrame. Its own bootstrap takes a second a draw and lets the calibration error
            of a resample pass for that of the sample; intervals are those of the page the model stands on
    Returns rows measure, tier, group (absent for a tier), value, low, high, reference, n; groups of fewer than 30 are left out
    """
    every = pd.DataFrame({"said": said, "came": came, "tier": tier})
    parts = [_framed(every.dropna(subset="tier"), ["tier"], cut)]
    if group is not None:
        parts.append(_framed(every.assign(group=group).dropna(subset=["tier", "group"]), ["tier", "group"], cut))
    found = [part for part in parts if len(part)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _framed(rows: pd.DataFrame, by: list[str], cut: float | None) -> pd.DataFrame:
    """One MetricFrame: the last column of `by` is what is told apart, the one before it what is held the same."""
    rows = rows.astype(dict.fromkeys(by, str))
    rows = rows[rows.groupby(by)["said"].transform("size") >= LEAST].reset_index(drop=True)
    if rows.empty:
        return pd.DataFrame()
    frame = metric_frame(rows, by, cut).by_group
    found: list[dict[str, object]] = []
    for key, values in frame.iterrows():
        names = dict(zip(by, map(str, key if isinstance(key, tuple) else (key,)), strict=True))
        found += _told(rows, names, values, cut) if values.notna().any() else []
    return pd.DataFrame(found)


def metric_frame(rows: pd.DataFrame, by: list[str], cut: float | None) -> MetricFrame:
    """said and came of `rows`, by the last column of `by` within the one before it."""
    from fairlearn.metrics import MetricFrame

    return MetricFrame(
        metrics=measures(cut),
        y_true=rows["came"],
        y_pred=rows["said"],
        sensitive_features=rows[by[-1:]],
        control_features=rows[by[:-1]] if len(by) > 1 else None,
    )


def _told(rows: pd.DataFrame, names: dict[str, str], values: pd.Series, cut: float | None) -> list[dict[str, object]]:
    """A group's measures, with intervals, beside those of the rest."""
    here = np.logical_and.reduce([rows[column] == value for column, value in names.items()])
    rest = rows[~here & (rows["tier"] == names["tier"])] if "group" in names else rows[~here]
    ends, n = _ends(*_pair(rows[here]), cut), int(here.sum())
    told: list[dict[str, object]] = []
    for name, measure in measures(cut).items():
        if name in ends and np.isfinite(values[name]):
            spread = {"value": float(values[name]), "low": ends[name][0], "high": ends[name][1]}
            told.append({"measure": name, **names, **spread, "reference": _of(measure, rest), "n": n})
    return told


def _ends(came: Floats, said: Floats, cut: float | None) -> dict[str, tuple[float, float]]:
    """The interval of each measure that can be told."""
    ends = {"calibration": _mean(said - came)}
    if cut is None:
        return ends | {"mae": _mean(np.abs(said - came))}
    left = came > 0
    if left.any() and not left.all():
        found = quality(said, left, draws=DRAWS) | {"missed": wilson(int((said[left] < cut).sum()), int(left.sum()))}
        ends |= {name: (one.low, one.high) for name, one in found.items()}
    return ends


def _mean(values: Floats) -> tuple[float, float]:
    half = float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1)) / len(values) ** 0.5
    return float(values.mean()) - half, float(values.mean()) + half


def _pair(rows: pd.DataFrame) -> tuple[Floats, Floats]:
    return rows["came"].to_numpy(float), rows["said"].to_numpy(float)


def _of(measure: Measure, rows: pd.DataFrame) -> float:
    return measure(*_pair(rows)) if len(rows) >= LEAST else float("nan")
