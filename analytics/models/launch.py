"""What came after a launch against what series it did not reach foretell, as sure as false launches allow."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from analytics.models.evidence import Check
from analytics.models.threads import one_thread
from analytics.results import Estimate, Unit

Floats = NDArray[np.float64]

LEAST_BEFORE, LEAST_AFTER = 16, 4  # weeks
LONGEST = 52  # weeks after the launch that are looked at
PLACEBOS = 8  # false launches, at most
LEARN = 12  # weeks before the first false launch, at least; half of those there are
MISSED = 0.15  # mean error of the weeks before, against their level, up to which the controls foretell them
FEW = 3  # placebos from which they say anything
LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What came and what would have come after a launch: per week expected, low, high; the sum of the difference and its standard error."""

    expected: Floats
    low: Floats
    high: Floats
    extra: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """The launch and all it is held against.

    course     the weeks after it
    extra      money a week more than expected, its interval as wide as the false launches are off
    missed     mean error of the weeks before the launch, foretold from those before them, as a share of their level
    in_time    extra a week of false launches of the same series before the real one
    in_space   extra a week, after the real launch, of the control series on the scale of the reached one
    """

    course: Course
    extra: Estimate
    missed: float
    in_time: Floats
    in_space: Floats


def launch(reached: Floats, controls: Floats, at: int) -> Launch:
    """The effect of a launch on a weekly series from series it did not reach.

    Shapes  reached (weeks,), controls (weeks, k), k >= 1; the launch is in week `at`, with LEAST_BEFORE before and LEAST_AFTER after it
    How     a structural time series (local level, regression on the controls); its own error is widened to the spread of placebos
    Source  Brodersen et al. (2015), Annals of Applied Statistics 9:247-274; Abadie, Diamond & Hainmueller (2010), JASA 105:493-505
    """
    with one_thread("statsmodels.tsa.statespace.structural"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the optimiser, on series without noise: the course shows how well it fits
        last = min(len(reached), at + LONGEST)
        reached, controls = reached[:last], controls[:last]
        found = course(reached, controls, at)
        in_time = _in_time(reached, controls, at)
        in_space = _in_space(reached, controls, at)
        return Launch(
            course=found,
            extra=_widened(found, last - at, in_time, in_space),
            missed=_missed(reached, controls, at),
            in_time=in_time,
            in_space=in_space,
        )


def course(reached: Floats, controls: Floats, at: int) -> Course:
    """The weeks from `at` on, foretold from the weeks before it and the controls throughout."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    scale = float(np.abs(reached[:at]).mean()) or 1.0
    middle, spread = controls[:at].mean(axis=0), controls[:at].std(axis=0)
    exog = (controls - middle) / np.where(spread > 0, spread, 1.0)
    model = UnobservedComponents(reached[:at] / scale, "local level", exog=exog[:at])
    ahead = model.fit(disp=False, method="powell", maxiter=200).get_forecast(len(reached) - at, exog=exog[at:])
    expected = ahead.predicted_mean * scale
    ends = ahead.conf_int(alpha=1 - LEVEL) * scale
    extra = float((reached[at:] - expected).sum())
    return Course(expected=expected, low=ends[:, 0], high=ends[:, 1], extra=extra, error=_error_of_sum(ahead.se_mean * scale))


def _error_of_sum(errors: Floats) -> float:
    """Standard error of the sum of forecasts whose errors are the level's walk and each week's own noise.

    Why  the level carries over: its part of the variance grows by the same step each week, and weeks share what they have passed
    """
    steps = np.diff(errors**2, prepend=0.0)
    walk = max(float(np.mean(steps[1:])), 0.0) if len(steps) > 1 else 0.0
    own = max(float(errors[0] ** 2) - walk, 0.0)
    weeks = np.arange(1, len(errors) + 1)
    return float(np.sqrt(own * len(errors) + walk * (weeks[::-1] ** 2).sum()))


def _in_time(reached: Floats, controls: Floats, at: int) -> Floats:
    """Extra a week of false launches, as far apart as the weeks before the real one allow."""
    learn = max(LEARN, at // 2)
    ahead = min(len(reached) - at, max((at - learn) // 2, LEAST_AFTER))
    moments = np.unique(np.linspace(learn, at - ahead, PLACEBOS).astype(int)).tolist() if at - ahead >= learn else []
    return np.array([course(reached[: one + ahead], controls[: one + ahead], one).extra / ahead for one in moments])


def _in_space(reached: Floats, controls: Floats, at: int) -> Floats:
    """Extra a week of each control, foretold from the others, on the scale of the reached series."""
    if controls.shape[1] < 2:
        return np.array([])
    weeks, level = len(reached) - at, float(reached[:at].mean())
    rows = []
    for one in range(min(controls.shape[1], PLACEBOS)):
        series, others = controls[:, one], np.delete(controls, one, axis=1)
        rows.append(course(series, others, at).extra / weeks / (float(series[:at].mean()) or 1.0) * level)
    return np.array(rows)


def _widened(found: Course, weeks: int, *placebos: Floats) -> Estimate:
    """The model's own interval, or that of the placebos' spread where it is wider."""
    own = found.error / weeks * 1.96
    spreads = [np.sqrt(np.mean(one**2)) * student.ppf(0.5 + LEVEL / 2, len(one)) for one in placebos if len(one) >= FEW]
    half = float(max([own, *spreads]))
    value = found.extra / weeks
    return Estimate(value=value, low=value - half, high=value + half, n=weeks, unit=Unit.MONEY)


def _missed(reached: Floats, controls: Floats, at: int) -> float:
    """How far off the last third of the weeks before the launch would have been foretold."""
    cut = at - max(at // 3, LEAST_AFTER)
    seen = course(reached[:at], controls[:at], cut)
    return float(np.abs(reached[cut:at] - seen.expected).mean() / max(float(np.abs(reached[cut:at]).mean()), 1e-9))


def checks(found: Launch) -> tuple[Check, ...]:
    """What the design is held against."""
    weeks = found.extra.n
    return (
        Check(key="fit", passed=found.missed <= MISSED, value=found.missed, bound=MISSED, n=weeks),
        _quiet("placebo_time", found.in_time),
        _quiet("placebo_space", found.in_space),
    )


def _quiet(key: str, placebos: Floats) -> Check:
    """Passed when false launches are off to both sides, by no more on average than their own spread explains."""
    if len(placebos) < FEW:
        return Check(key=key, passed=None, n=len(placebos))
    bound = float(student.ppf(0.5 + LEVEL / 2, len(placebos) - 1) * placebos.std(ddof=1) / np.sqrt(len(placebos)))
    return Check(key=key, passed=abs(float(placebos.mean())) <= bound, value=float(placebos.mean()), bound=bound, n=len(placebos))


def table(reached: Floats, found: Launch, at: int, weeks: pd.DatetimeIndex) -> pd.DataFrame:
    """week, actual, expected, low, high; what was expected is known from the launch on."""
    last = at + len(found.course.expected)
    empty = np.full(at, np.nan)
    parts = {name: np.concatenate([empty, getattr(found.course, name)]) for name in ("expected", "low", "high")}
    return pd.DataFrame({"week": weeks[:last], "actual": reached[:last], **parts})
