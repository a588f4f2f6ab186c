"""The months ahead from the days (or months) behind: simulated futures of a structural time series, and of naive baselines.

A history is a Series over every day ("D") or every month ("MS"), oldest first, nothing missing. What adds up over days is
modelled by weeks and its futures are summed to calendar months; what does not (distinct customers) is modelled by months.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.threads import one_thread

DRAWS = 1_000
SEED = 11
LEVELS = (0.8, 0.95)
SEASONAL = 1.08  # years of history under which no yearly season is fitted
HARMONICS = 4  # of the yearly season: enough to draw a peak of six weeks; two erred as much and drew none
EMPTY = 0.05  # share of empty periods up to which the model works on the logarithm
_SHARES_OF = 26  # weeks whose weekdays tell how a week is shared out
_WEEKS_A_YEAR = 365.25 / 7
_FARTHEST = 50.0  # logarithm beyond which an effect is unknown rather than large

Pulse = tuple[pd.Timestamp, pd.Timestamp]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Simulated futures.

    months   first days of the calendar months, oldest first; the first may be the rest of a month that has begun
    draws    (draws, months), never negative, each row one future
    effects  (pulses, 3): share by which each pulse moved its periods, with low and high of its 95 % interval
    """

    months: pd.DatetimeIndex
    draws: Floats
    effects: Floats | None = None

    @cached_property
    def median(self) -> Floats:
        """The middle future of each month: what errs least in absolute terms."""
        middle: Floats = np.median(self.draws, axis=0)
        return middle

    def bounds(self, level: float) -> tuple[Floats, Floats]:
        """Low and high of each month between which `level` of the futures lie."""
        low, high = np.quantile(self.draws, [0.5 - level / 2, 0.5 + level / 2], axis=0)
        return low, high

    def widened(self, factors: Sequence[float]) -> Paths:
        """The same futures, further from the middle one: those at the bounds of each of LEVELS by that level's factor, between by both."""
        ranks = self.draws.argsort(axis=0).argsort(axis=0) / (len(self.draws) - 1)
        factor = np.interp(np.abs(2 * ranks - 1), LEVELS, factors)
        return Paths(months=self.months, draws=np.maximum(self.median + factor * (self.draws - self.median), 0.0), effects=self.effects)


Method = Callable[[pd.Series, pd.DatetimeIndex, Sequence[Pulse]], Paths]


def daily(history: pd.Series) -> bool:
    """Whether a history is of days; else it is of months."""
    return bool(pd.DatetimeIndex(history.index).freqstr == "D")


def ahead(history: pd.Series, months: int) -> pd.DatetimeIndex:
    """First days of the next `months` whole months, led by the month that has begun and is not over."""
    last = history.index[-1] if daily(history) else history.index[-1] + pd.offsets.MonthEnd(0)
    first = (last + pd.Timedelta(days=1)).to_period("M").to_timestamp()
    begun = daily(history) and last >= first
    return pd.date_range(first, periods=months + int(begun), freq="MS")


def structural(history: pd.Series, months: pd.DatetimeIndex, pulses: Sequence[Pulse] = ()) -> Paths:
    """A local level, a yearly season where the history shows one, known past shocks as interventions; futures by simulation.

    Shapes  history (n,), n >= 8 periods; months as `ahead` gives them
    Unit    that of the history, summed over each calendar month
    How     Gaussian on the logarithm (on the plain scale where more than EMPTY of the periods are), maximum likelihood by the
            Kalman filter; the season is HARMONICS waves; a pulse is the share of a period that lies within the shock.
            A week that straddles two months is shared out by its usual weekdays. Parameters are taken as known.
    Source  Harvey (1989), Forecasting, Structural Time Series Models and the Kalman Filter; statsmodels UnobservedComponents
    """
    values, starts, weights = _weekly(history, months) if daily(history) else _monthly(history, months)
    draws, effects = _futures(values, _WEEKS_A_YEAR if daily(history) else 12.0, _share(starts, pulses), len(weights))
    return Paths(months=months, draws=draws @ weights, effects=effects)


def weeks_ahead(history: pd.Series, weeks: int, level: float) -> tuple[Floats, Floats, Floats]:
    """Low, middle and high of each of the `weeks` after a history of days, as the structural model sees them."""
    values = _by_week(history).sum(axis=1)
    draws, _ = _futures(values, _WEEKS_A_YEAR, np.zeros((len(values), 0)), weeks)
    low, middle, high = np.quantile(draws, [0.5 - level / 2, 0.5, 0.5 + level / 2], axis=0)
    return low, middle, high


def _futures(values: Floats, year: float, pulses: Floats, periods: int) -> tuple[Floats, Floats | None]:
    """(draws, periods) after the values, and what each pulse did."""
    logged = float(np.mean(values <= 0)) <= EMPTY
    level = float(np.mean(values)) or 1.0
    with one_thread("statsmodels.tsa.statespace.structural"):
        fitted = _fit(_scaled(values, level, logged), year, pulses)
        future = _simulated(fitted, periods)
    draws: Floats = level * (np.exp(future) if logged else np.maximum(future, 0.0))
    return draws, _effects(fitted, pulses.shape[1], logged)


def _weekly(history: pd.Series, months: pd.DatetimeIndex) -> tuple[Floats, pd.DatetimeIndex, Floats]:
    """Weeks that end on the last day, their first days, and which part of each coming week falls into each month."""
    days = _by_week(history)
    usual = days[-_SHARES_OF:].sum(axis=0)
    share = usual / usual.sum() if usual.sum() > 0 else np.full(7, 1 / 7)
    coming = pd.date_range(history.index[-1] + pd.Timedelta(days=1), months[-1] + pd.offsets.MonthEnd(0))
    at = np.arange(len(coming))
    weights = np.zeros((at[-1] // 7 + 1, len(months)))
    np.add.at(weights, (at // 7, months.get_indexer(coming.to_period("M").to_timestamp())), share[at % 7])
    return days.sum(axis=1), pd.DatetimeIndex(history.index[-days.size :: 7]), weights


def _by_week(history: pd.Series) -> Floats:
    """(weeks, 7): whole weeks, the last one ends on the last day."""
    weeks = len(history) // 7
    return history.to_numpy(float)[-7 * weeks :].reshape(weeks, 7)


def _monthly(history: pd.Series, months: pd.DatetimeIndex) -> tuple[Floats, pd.DatetimeIndex, Floats]:
    return history.to_numpy(float), pd.DatetimeIndex(history.index), np.eye(len(months))


def _scaled(values: Floats, level: float, logged: bool) -> Floats:
    """On the scale of the model; an empty period has no logarithm and is left out."""
    if not logged:
        return values / level
    return np.log(np.where(values > 0, values, np.nan) / level)


def _share(starts: pd.DatetimeIndex, pulses: Sequence[Pulse]) -> Floats:
    """(periods, pulses): which part of each period lies within each shock."""
    weeks = len(starts) > 1 and (starts[1] - starts[0]).days == 7
    begin, end = _days(starts), _days(starts + (pd.Timedelta(days=7) if weeks else pd.offsets.MonthBegin(1)))
    shares = np.zeros((len(starts), len(pulses)))
    for at, pulse in enumerate(pulses):
        first, last = _days(pd.DatetimeIndex(pulse))
        shares[:, at] = np.clip((np.minimum(end, last + 1) - np.maximum(begin, first)) / (end - begin), 0.0, 1.0)
    return shares


def _days(index: pd.DatetimeIndex) -> Floats:
    """Days since 1970."""
    return np.asarray(index.to_numpy().astype("datetime64[D]").astype(np.int64), np.float64)


def seasonal(periods: int, year: float) -> bool:
    """Whether a history bears a yearly season: it must have seen more than one year."""
    return periods >= SEASONAL * year


def _fit(values: Floats, year: float, pulses: Floats) -> Any:
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    season: dict[str, Any] = {}
    if seasonal(len(values), year):
        season = {"freq_seasonal": [{"period": year, "harmonics": HARMONICS}], "stochastic_freq_seasonal": [False]}
    model = UnobservedComponents(values, level="local level", exog=pulses if pulses.size else None, **season)
    with warnings.catch_warnings():
        # the optimiser complains where a variance is best at zero; the holdout judges whatever it found
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(disp=False, maxiter=200)


def _simulated(fitted: Any, periods: int) -> Floats:
    """(draws, periods) after the end, without any further shock. All draws step together: statsmodels' own `simulate` takes
    them one by one, which is fifty times slower."""
    rng, space = np.random.default_rng(SEED), fitted.model.ssm
    design, transition, selection = (space[name] for name in ("design", "transition", "selection"))
    state = _normal(rng, fitted.predicted_state[:, -1], fitted.predicted_state_cov[:, :, -1])
    seen = np.empty((DRAWS, periods))
    for period in range(periods):
        seen[:, period] = (state @ design.T)[:, 0] + _normal(rng, np.zeros(1), space["obs_cov"])[:, 0]
        state = state @ transition.T + _normal(rng, np.zeros(selection.shape[1]), space["state_cov"]) @ selection.T
    return seen


def _normal(rng: np.random.Generator, mean: Floats, covariance: Floats) -> Floats:
    """(draws, k) normal numbers; a covariance may be singular, as that of a fixed season is."""
    return rng.multivariate_normal(mean, covariance, DRAWS, check_valid="ignore", method="eigh")


def _effects(fitted: Any, pulses: int, logged: bool) -> Floats | None:
    if not pulses or not logged:
        return None
    value, error = np.asarray(fitted.params)[-pulses:], np.asarray(fitted.bse)[-pulses:]
    logs = np.column_stack([value, value - 1.96 * error, value + 1.96 * error])
    effects: Floats = np.exp(np.minimum(logs, _FARTHEST)) - 1
    return effects


def last_year(history: pd.Series, months: pd.DatetimeIndex, pulses: Sequence[Pulse] = ()) -> Paths:
    """The same days of last year. Spread: root mean square of the changes over a year so far, common to all months."""
    before = [start - pd.DateOffset(years=1) for start in _starts(history, months)]
    values = np.array([history[start : _end(start)].sum() for start in before])
    return Paths(months=months, draws=_around(values, _spread(history, 12), walk=False))


def latest(history: pd.Series, months: pd.DatetimeIndex, pulses: Sequence[Pulse] = ()) -> Paths:
    """The last four weeks again, weekday by weekday (for months: the last month). Spread: month-to-month changes, adding up."""
    if not daily(history):
        return Paths(months=months, draws=_around(np.full(len(months), history.iloc[-1], np.float64), _spread(history, 1), walk=True))
    coming = pd.date_range(history.index[-1] + pd.Timedelta(days=1), _end(months[-1]))
    repeated = np.resize(history.to_numpy(float)[-28:].reshape(4, 7).mean(axis=0), len(coming))
    values = pd.Series(repeated, index=coming).groupby(coming.to_period("M")).sum()
    return Paths(months=months, draws=_around(np.asarray(values, np.float64), _spread(history, 1), walk=True))


METHODS: dict[str, Method] = {"structural": structural, "last_year": last_year, "latest": latest}


def whole_months(history: pd.Series) -> pd.Series:
    """Sums of the calendar months that the history covers from the first to the last day."""
    if not daily(history):
        return history
    months = history.groupby(pd.DatetimeIndex(history.index).to_period("M")).agg(["sum", "size"])
    months.index = pd.DatetimeIndex(pd.PeriodIndex(months.index).to_timestamp())
    whole = months[months["size"] == pd.DatetimeIndex(months.index).days_in_month]["sum"]
    return whole.asfreq("MS").fillna(0.0)


def _spread(history: pd.Series, lag: int) -> float:
    """Root mean square change of the logarithm over `lag` months; over one where the history is too short for that."""
    months = whole_months(history)
    values = np.log(months.where(months > 0).dropna().to_numpy(float))
    changes = values[lag:] - values[:-lag] if len(values) > lag + 1 else np.diff(values)
    return float(np.sqrt(np.mean(changes**2))) if len(changes) else 0.0


def _around(values: Floats, spread: float, *, walk: bool) -> Floats:
    """Futures around the values: errors that add up from month to month, or one error common to all."""
    half = np.random.default_rng(SEED).normal(0.0, spread, (DRAWS // 2, len(values) if walk else 1))
    errors = np.concatenate([half, np.zeros((1, half.shape[1])), -half])  # in pairs: the middle future is the naive value itself
    draws: Floats = np.maximum(values, 0.0) * np.exp(errors.cumsum(axis=1) if walk else errors)
    return draws


def _starts(history: pd.Series, months: pd.DatetimeIndex) -> list[pd.Timestamp]:
    """First days to forecast in each month: those after the history, in a month that has begun."""
    after = history.index[-1] + pd.Timedelta(days=1)
    return [max(month, after) if daily(history) else month for month in months]


def _end(day: pd.Timestamp) -> pd.Timestamp:
    return day + pd.offsets.MonthEnd(0)
