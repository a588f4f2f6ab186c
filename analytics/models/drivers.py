"""What a model's risks hang on: how much worse it predicts without a column, how the risk runs along it, what stands out for a customer.

All of it describes the model and the data it saw. A column that goes with leaving need not be why customers leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.churn import Floats, Model, Slice
from analytics.models.differences import beyond_chance
from analytics.results import Estimate, Unit, wilson

ENOUGH = 10_000  # held-out customers looked at
REPEATS = 3
LEAST_SHARE, CHANCE = 0.01, 0.02  # a column is named from this share of the skill on, and if at most so many of those named are chance
LEAST_PUSH = 0.01  # risk that a column has to add for a customer before it is named
POINTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """A column, by what share the model's Brier score grows when its values are shuffled, and whether that is beyond chance."""

    name: str
    importance: Estimate
    clear: bool


def importance(pairs: Sequence[tuple[Model, Slice]], *, seed: int = 7) -> list[Driver]:
    """Permutation importance on customers the model did not know, the most important first.

    Shapes  pairs: a model and its held-out customers, or one pair a fold; all with the same columns
    Unit    share by which the Brier score grows; may be negative for a column that only disturbs
    How     the interval is that of the mean loss a customer adds; a column is clear when it is beyond chance among all columns
            (Benjamini-Hochberg at 2 %) and at least 1 % of what the model saves against the base rate is lost without it
    Returns nothing when the model predicts no better than the base rate: then nothing hangs on anything
    Source  Breiman (2001), Machine Learning 45:5-32; Fisher, Rudin & Dominici (2019), JMLR 20(177)
    """
    pairs = [(model, _ready(model, _few(held, ENOUGH // len(pairs), seed))) for model, held in pairs]
    loss = np.concatenate([(model.risk(held.features) - held.churned) ** 2 for model, held in pairs])
    skill = float(np.var(np.concatenate([held.churned for _, held in pairs])) - loss.mean())
    if not skill > 0:
        return []
    names = [str(name) for name in pairs[0][1].features]
    mixed = {name: np.concatenate([_shuffled(model, held, name, seed) for model, held in pairs]) for name in names}
    found = [_grown(mixed[name] - loss, float(loss.mean())) for name in names]
    least = LEAST_SHARE * skill / float(loss.mean())
    drivers = [
        Driver(name=name, importance=estimate, clear=past and estimate.low > 0 and estimate.value >= least)
        for name, estimate, past in zip(names, found, beyond_chance(found, rate=CHANCE), strict=True)
    ]
    return sorted(drivers, key=lambda driver: -driver.importance.value)


def _few(held: Slice, most: int, seed: int) -> Slice:
    return held.at(np.random.default_rng(seed).permutation(len(held.churned))[:most])


def _ready(model: Model, held: Slice) -> Slice:
    return Slice(features=model.coded(held.features), churned=held.churned)


def _shuffled(model: Model, held: Slice, name: str, seed: int) -> Floats:
    """Mean loss of each customer when the column is somebody else's."""
    rng, n = np.random.default_rng([seed, *name.encode()]), len(held.churned)
    mixed = pd.concat([held.features] * REPEATS, ignore_index=True)
    mixed[name] = held.features[name].array[np.concatenate([rng.permutation(n) for _ in range(REPEATS)])]
    loss = (model.risk(mixed) - np.tile(held.churned, REPEATS)) ** 2
    return np.asarray(loss.reshape(REPEATS, n).mean(axis=0))


def _grown(added: Floats, loss: float) -> Estimate:
    value, half = added.mean() / loss, 1.96 * added.std(ddof=1) / np.sqrt(len(added)) / loss
    return Estimate(value=float(value), low=float(value - half), high=float(value + half), n=len(added), unit=Unit.SHARE)


def dependence(model: Model, held: Slice, name: str, *, seed: int = 7) -> pd.DataFrame:
    """How the risk runs along a column: at (its value, or the middle of a range), predicted (mean risk if everybody had that value, all
    else as it is), and beside it what was seen of those who have it: n, observed, low, high.

    Source  Friedman (2001), Annals of Statistics 29:1189-1232
    """
    held = _few(held, ENOUGH, seed)
    column = held.features[name]
    groups = _ranges(column) if pd.api.types.is_numeric_dtype(column) else _values(column)
    some = held.features.head(2_000)
    rows = []
    for at, here in groups:
        seen = wilson(int(held.churned[here].sum()), int(here.sum()))
        said = float(model.risk(some.assign(**{name: at})).mean())
        rows.append({"at": at, "predicted": said, "n": seen.n, "observed": seen.value, "low": seen.low, "high": seen.high})
    return pd.DataFrame(rows)


def _ranges(column: pd.Series) -> list[tuple[float, NDArray[np.bool_]]]:
    values = column.to_numpy(float)
    known = values[~np.isnan(values)]
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, POINTS + 1)[1:-1]))
    place = np.where(np.isnan(values), -1, np.searchsorted(cuts, values, side="right"))
    return [(float(np.median(values[place == at])), place == at) for at in range(len(cuts) + 1) if (place == at).any()]


def _values(column: pd.Series) -> list[tuple[str, NDArray[np.bool_]]]:
    frequent = column.value_counts().head(POINTS).index
    return [(str(value), (column == value).to_numpy(bool)) for value in frequent]


def typical(stayed: pd.DataFrame) -> dict[str, float | str]:
    """The usual value of each column among those who stayed: the median, or the most frequent text."""
    return {str(name): _usual(stayed[name]) for name in stayed}


def _usual(column: pd.Series) -> float | str:
    if pd.api.types.is_numeric_dtype(column):
        return float(column.median())
    counts = column.value_counts()
    return str(counts.index[0]) if len(counts) else ""


def standing_out(
    model: Model, features: pd.DataFrame, risk: Floats, names: Sequence[str], usual: Mapping[str, float | str]
) -> NDArray[np.object_]:
    """(n,) the column that raises each customer's risk most against the usual value of those who stayed; "" when none does.

    Why     customers below half the mean risk are not asked about: nothing needs to be done about them, and they are many
    """
    told = np.full(len(features), "", dtype=object)
    asked = np.flatnonzero(risk >= risk.mean() / 2) if len(risk) else np.array([], int)
    if not names or not len(asked):
        return told
    some = features.iloc[asked]
    push = np.column_stack([risk[asked] - _at_usual(model, some, name, usual[name]) for name in names])
    named = np.array(names, dtype=object)[push.argmax(axis=1)]
    told[asked] = np.where(push.max(axis=1) >= LEAST_PUSH, named, "")
    return told


def _at_usual(model: Model, features: pd.DataFrame, name: str, value: float | str) -> Floats:
    changed = features.copy(deep=False)
    changed[name] = value
    return model.risk(changed)
