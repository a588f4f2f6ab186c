"""What forecasts were worth: made again from past month ends with what was known then, and held against what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd

from analytics.models.forecast import LEVELS, METHODS, Floats, Method, Paths, Pulse, ahead, whole_months
from analytics.results import Estimate, Unit

FIRST = 6  # whole months behind the first origin
FIRST_SEASONAL = 12  # the same, where last year's month is the baseline
ORIGINS = 12  # the latest month ends that are tried
BASELINES = ("last_year", "latest")


@dataclass(frozen=True, kw_only=True)
class Holdout:
    """Every method's forecasts from past origins.

    trials   origin, step (1 is the next month), month, method, actual, value, low80, high80, low95, high95 (the method's own)
    chosen   the method with the smallest mean absolute error; the model only where it beats every baseline
    baseline the best of the naive methods
    scale    mean absolute change of the history over a year (a month where there is less than two): what MASE divides by
    """

    trials: pd.DataFrame
    chosen: str
    baseline: str
    scale: float

    def errors(self, method: str) -> pd.DataFrame:
        return self.trials[self.trials["method"] == method]


def needed(horizon: int) -> int:
    """Whole months a history must have to be tried over the whole horizon at least once."""
    return FIRST + horizon


def holdout(history: pd.Series, horizon: int, pulses: Sequence[Pulse] = (), methods: Mapping[str, Method] = METHODS) -> Holdout:
    """Rolling-origin evaluation on whole calendar months; each origin sees nothing after it, shocks it has lived through apart.

    Shapes  history as in models.forecast with at least `needed(horizon)` whole months
    Raises  ValueError when the history is shorter
    Source  Tashman (2000), Int. J. Forecasting 16:437-450; Hyndman & Koehler (2006), 22:679-688 (MASE)
    """
    months = whole_months(history)
    if len(months) < needed(horizon):
        raise ValueError(f"need {needed(horizon)} whole months, got {len(months)}")
    yearly = len(months) >= 2 * FIRST_SEASONAL
    tried = {name: method for name, method in methods.items() if yearly or name != "last_year"}
    first = FIRST_SEASONAL if yearly else FIRST
    origins = range(max(first, len(months) - ORIGINS), len(months))
    trials = pd.concat([_trial(history, months, at, horizon, pulses, tried) for at in origins], ignore_index=True)
    errors = (trials["value"] - trials["actual"]).abs().groupby(trials["method"]).mean()
    lag = FIRST_SEASONAL if yearly else 1
    return Holdout(
        trials=trials,
        chosen=str(errors.idxmin()),
        baseline=str(errors[[name for name in BASELINES if name in errors]].idxmin()),
        scale=float(months.diff(lag).abs().mean()),
    )


def _trial(
    history: pd.Series, months: pd.Series, at: int, horizon: int, pulses: Sequence[Pulse], methods: Mapping[str, Method]
) -> pd.DataFrame:
    """What each method would have said after `at` whole months."""
    origin = months.index[at] - pd.Timedelta(days=1)
    known = history[:origin]
    lived = [(first, min(last, origin)) for first, last in pulses if first <= origin]
    wanted = ahead(known, min(horizon, len(months) - at))
    actual = months.reindex(wanted).to_numpy(float)
    return pd.concat([_said(name, method(known, wanted, lived), origin, actual) for name, method in methods.items()])


def _said(name: str, paths: Paths, origin: pd.Timestamp, actual: Floats) -> pd.DataFrame:
    told = {"step": np.arange(1, len(actual) + 1), "month": paths.months, "actual": actual, "value": paths.median}
    for level in LEVELS:
        told[f"low{100 * level:.0f}"], told[f"high{100 * level:.0f}"] = paths.bounds(level)
    return pd.DataFrame(told).assign(origin=origin, method=name)


def widening(trials: pd.DataFrame) -> tuple[float, ...]:
    """How many times as wide a method's own intervals must be to have covered as often as they say: one factor a level, never under 1.

    How     conformal: the ceil((n + 1) level)-th smallest ratio of an error to the half-width on its side, the largest where n is
            too small for that; a wider level never asks for less than a narrower one
    Source  Lei et al. (2018), JASA 113:1094-1111, locally weighted scores; Romano, Patterson & Candès (2019)
    """
    return _factors(_ratios(trials))


def _ratios(trials: pd.DataFrame) -> Floats:
    """(forecasts, levels): errors as multiples of the interval's half-width on their side."""
    actual, value = trials["actual"].to_numpy(float), trials["value"].to_numpy(float)
    error, ratios = np.abs(actual - value), np.empty((len(trials), len(LEVELS)))
    for at, level in enumerate(LEVELS):
        low, high = (trials[f"{end}{100 * level:.0f}"].to_numpy(float) for end in ("low", "high"))
        half = np.where(actual >= value, high - value, value - low)
        ratios[:, at] = np.divide(error, half, out=np.where(error > 0, np.inf, 0.0), where=half > 0)
    return ratios


def _factors(ratios: Floats) -> tuple[float, ...]:
    factors = [max(1.0, _quantile(ratios[:, at], level)) for at, level in enumerate(LEVELS)]
    return tuple(np.maximum.accumulate(factors).tolist())


def _quantile(ratios: Floats, level: float) -> float:
    known = np.sort(ratios[np.isfinite(ratios)])
    return float(known[min(ceil((len(known) + 1) * level), len(known)) - 1]) if len(known) else 1.0


def covered(trials: pd.DataFrame) -> pd.DataFrame:
    """Whether each month lay inside the widened intervals, a column a level; an origin is judged by the widening the others ask for."""
    ratios, inside = _ratios(trials), np.empty((len(trials), len(LEVELS)), bool)
    for origin in trials["origin"].unique():
        own = (trials["origin"] == origin).to_numpy()
        inside[own] = ratios[own] <= _factors(ratios[~own])
    return pd.DataFrame(inside, index=trials.index, columns=LEVELS)


def scores(found: Holdout, method: str) -> pd.DataFrame:
    """One row a step and one for all (step 0): mae, wape, mase, bias (share), coverage80, coverage95, n."""
    trials = found.errors(method)
    inside = covered(trials)
    parts = [(0, trials), *((step, trials[trials["step"] == step]) for step in sorted(trials["step"].unique()))]
    return pd.DataFrame(
        [{"method": method, "step": step, **_errors(part, found.scale), **_shares(inside.loc[part.index])} for step, part in parts]
    )


def _shares(inside: pd.DataFrame) -> dict[str, float]:
    return {f"coverage{100 * level:.0f}": float(inside[level].mean()) for level in LEVELS}


def _errors(part: pd.DataFrame, scale: float) -> dict[str, float]:
    error, total = part["value"] - part["actual"], float(part["actual"].abs().sum())
    mae = float(error.abs().mean())
    return {
        "mae": mae,
        "wape": float(error.abs().sum()) / total if total else np.nan,
        "mase": mae / scale if scale else np.nan,
        "bias": float(error.sum()) / total if total else np.nan,
        "n": len(part),
    }


def wape(found: Holdout, method: str) -> Estimate:
    """Absolute error as a share of what came, all steps; the interval resamples origins."""
    trials = found.errors(method)
    top, bottom = _by_origin(trials, (trials["value"] - trials["actual"]).abs()), _by_origin(trials, trials["actual"].abs())
    return _resampled(top, bottom, n=len(trials))


def skill(found: Holdout) -> Estimate:
    """1 - error of the model / error of the best baseline: above 0 the model is better; the interval resamples origins."""
    model, naive = (found.errors(name) for name in ("structural", found.baseline))
    ours, theirs = (_by_origin(part, (part["value"] - part["actual"]).abs()) for part in (model, naive))
    ratio = _resampled(ours, theirs, n=len(model))
    return Estimate(value=1 - ratio.value, low=1 - ratio.high, high=1 - ratio.low, n=ratio.n, unit=Unit.SHARE)


def _by_origin(trials: pd.DataFrame, values: pd.Series) -> Floats:
    return values.groupby(trials["origin"]).sum().to_numpy(float)


def _resampled(top: Floats, bottom: Floats, *, n: int, draws: int = 2_000) -> Estimate:
    """sum(top) / sum(bottom), origins drawn with replacement: the months of one origin err together."""
    drawn = np.random.default_rng(7).integers(0, len(top), (draws, len(top)))
    ratios = top[drawn].sum(axis=1) / np.maximum(bottom[drawn].sum(axis=1), 1e-12)
    low, high = np.quantile(ratios, [0.025, 0.975])
    value = float(top.sum() / max(bottom.sum(), 1e-12))
    return Estimate(value=value, low=min(float(low), value), high=max(float(high), value), n=n, unit=Unit.SHARE)
