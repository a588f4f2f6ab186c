"""Small customers: how much of what is given they get for what they are worth, how they rise anyway, and who of them moves up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models import churn
from analytics.models.calibration import around, quality
from analytics.models.churn import Slice
from analytics.models.resample import BUCKETS, resamples
from analytics.results import Estimate, Unit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST, LEAST_EACH = 200, 30  # customers to learn from or be judged on, and of them those who moved up and those who did not
DRAWS, SEED = 500, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversion:
    """What customers who were chosen as small brought on average in half a period: when they were chosen, and later.

    before     in the half by which they were chosen; elsewhere: in the other half of the same time, by everybody's change since
    after      in half the second period
    rise       from before to after; by_chance: from before to elsewhere
    """

    before: float
    after: float
    elsewhere: float
    rise: Estimate
    by_chance: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """Chances to move up.

    name     of the model; quality: on the held-out customers, as calibration.quality tells
    useful   whether it beats the base rate there: an AUC and a Brier score beyond it
    held     (m,) said of the held-out customers; chance, low, high: (n,) of the customers of today
    """

    name: str
    quality: dict[str, Estimate]
    useful: bool
    held: Floats
    chance: Floats
    low: Floats
    high: Floats


def share_ratio(given: Floats, worth: Floats, inside: Bools, *, level: float = 0.95) -> Estimate:
    """A group's share of what is given over its share of what customers are worth: 1 is proportional. Bootstrap over customers.

    Shapes  (n,), (n,), (n,)
    Raises  ValueError when nothing is given, or the group is worth nothing
    """
    if not (given.sum() > 0 and (worth * inside).sum() > 0 and worth.sum() > 0):
        raise ValueError("an attention ratio needs something given and a group that is worth something")
    sums, drawn = _resampled(given * inside, given, worth * inside, worth)
    return _told(_double_share(sums), _double_share(drawn), int(inside.sum()), Unit.RATIO, level)


def _double_share(sums: Floats) -> Floats:
    got, every, held, whole = sums
    with np.errstate(divide="ignore", invalid="ignore"):  # a resample without anybody of the group
        return np.asarray((got / every) / (held / whole))


def reversion(one: Floats, two: Floats, after: Floats, small: Bools, *, unit: Unit, level: float = 0.95) -> Reversion:
    """How those who brought little rose, beside how far they rise where nothing but chance can have changed.

    Shapes  one, two (n,): what each customer brought in one and in the other half of the first period, dealt so that nothing but chance
            differs (even and odd weeks); after (n,): in the second period, as long as the first; small (n,): chosen by `one` alone
    How     the chosen are looked at in `two`, which is the same time: what they rise there is regression to the mean, and no distribution
            is assumed. What everybody's mean did from the first period to the second is taken along
    Raises  ValueError when nobody is chosen or nothing was brought in the first period
    Source  Barnett, van der Pols & Dobson (2005), Int. J. Epidemiology 34:215-220
    """
    if not (small.any() and (one + two).sum() > 0):
        raise ValueError("regression to the mean needs customers who are chosen, and something brought")
    sums, drawn = _resampled(small.astype(float), small * one, small * two, small * after, one + two, after)
    at, spread = _reverted(sums), _reverted(drawn)
    told = {name: _told(at[name], spread[name], int(small.sum()), unit, level) for name in ("rise", "by_chance")}
    return Reversion(before=float(at["before"]), after=float(at["after"]), elsewhere=float(at["elsewhere"]), **told)


def _reverted(sums: Floats) -> dict[str, Floats]:
    small, before, other, seen, first, second = sums
    means = {"before": before / small, "after": seen / small / 2, "elsewhere": other / small * second / first}
    return {**means, "rise": means["after"] - means["before"], "by_chance": means["elsewhere"] - means["before"]}


def _resampled(*columns: Floats) -> tuple[Floats, Floats]:
    """Sums of the columns, and the same of resampled customers: (k,), (k, draws). The order of the customers plays no part."""
    rows = np.vstack(columns).astype(float)
    rows = rows[:, np.lexsort(rows)]
    buckets = min(rows.shape[1], BUCKETS)
    bucket = np.random.default_rng(SEED).permutation(rows.shape[1]) % buckets
    sums = np.array([np.bincount(bucket, weights=row, minlength=buckets) for row in rows])
    return sums.sum(axis=1), sums @ resamples(buckets, DRAWS, SEED).T


def _told(value: Floats, drawn: Floats, n: int, unit: Unit, level: float) -> Estimate:
    low, high = np.quantile(drawn[np.isfinite(drawn)], [0.5 - level / 2, 0.5 + level / 2])
    return Estimate(value=float(value), low=float(low), high=float(high), n=n, unit=unit, level=level)


def enough(past: Sequence[Slice]) -> bool:
    """Whether there are two slices, and in the last two enough customers who moved up and who did not."""
    moved = [(int(part.churned.sum()), len(part.churned)) for part in past[-2:]]
    return len(moved) == 2 and all(n >= LEAST and LEAST_EACH <= hits <= n - LEAST_EACH for hits, n in moved)


def moving(past: Sequence[Slice], today: pd.DataFrame) -> Moving:
    """Chances to move up, learned at one moment and judged at a later one; `churned` of a slice: moved up within the horizon.

    Shapes  past: oldest first, at least two, each at least a horizon after the one before; today n rows with the same columns
    """
    last = past[-1]
    trial = churn.best(churn.tried(past), last.churned)
    found = quality(trial.risk, last.churned)
    chance = churn.ahead(trial, past).risk(today)
    low, high = around(chance, trial.risk, last.churned)
    useful = found["auc"].low > 0.5 and found["brier"].value < found["brier_base"].value
    return Moving(name=trial.name, quality=found, useful=bool(useful), held=trial.risk, chance=chance, low=low, high=high)
