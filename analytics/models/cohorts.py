"""Do cohorts differ, and how long do customers wait? Each cohort against the others at the same age, and time to an event."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.results import Estimate, Unit, wilson

ENOUGH = 6  # cohorts below which age and season cannot be told apart
OLDEST = 12  # ages beyond which cells are few and say little about the season
FALSE_DISCOVERIES = 0.05
_Z = 1.959964


def compare(cells: pd.DataFrame, age: int) -> pd.DataFrame:
    """Each cohort's share of active customers at one age against the share that the other cohorts let expect.

    Shapes   cells: cohort (number of its period), age (>= 1), customers, active; one row a complete cell
    Given    one row a cohort with that age: cohort, age, customers, share, expected, difference, low, high (share - expected, 95 %),
             q (Benjamini-Hochberg over the cohorts), standing (better, worse, alike), basis (season, age)
    How      expected is fitted without the cohort itself: a quasi-binomial model of age and calendar period, so that a cohort is not
             called good because its month fell into a season; under six cohorts the others' pooled share at that age
    Limits   a steady drift from cohort to cohort cannot be told from the calendar (age-period-cohort), only cohorts that stand out
    Source   Benjamini & Hochberg (1995), JRSS B 57:289-300; McCullagh & Nelder (1989), Generalized Linear Models, 4.5
    """
    from scipy.stats import false_discovery_control, norm

    tested = cells[cells["age"] == age].sort_values("cohort").reset_index(drop=True)
    if len(tested) < 2:
        return pd.DataFrame()
    season = cells["cohort"].nunique() >= ENOUGH
    rows = [_against(cells, row, season=season) for row in tested.itertuples(index=False)]
    table = pd.concat([tested[["cohort", "age", "customers"]], pd.DataFrame(rows)], axis="columns")
    table["q"] = false_discovery_control(2 * norm.sf(abs(table["difference"]) / table.pop("se")))
    standing = np.where(table["difference"] > 0, "better", "worse")
    return table.assign(standing=np.where(table["q"] <= FALSE_DISCOVERIES, standing, "alike"))


def _against(cells: pd.DataFrame, row: tuple[int, ...], *, season: bool) -> dict[str, object]:
    cohort, age, n, active = (int(getattr(row, name)) for name in ("cohort", "age", "customers", "active"))
    others = cells[cells["cohort"] != cohort]
    fitted = _fitted(others, age, cohort + age) if season else None
    expected, spread, scale = fitted or _pooled(others, age)
    share, se = active / n, sqrt(scale * expected * (1 - expected) / n + spread) or 1.0 / n
    difference = share - expected
    bounds = {"low": difference - _Z * se, "high": difference + _Z * se}
    return {"share": share, "expected": expected, "difference": difference, **bounds, "se": se, "basis": "season" if fitted else "age"}


def _pooled(others: pd.DataFrame, age: int) -> tuple[float, float, float]:
    """Share of all others at that age, its variance, no overdispersion."""
    same = others[others["age"] == age]
    n = int(same["customers"].sum())
    share = float(same["active"].sum()) / n
    return share, share * (1 - share) / n, 1.0


def _fitted(others: pd.DataFrame, age: int, period: int) -> tuple[float, float, float] | None:
    """Share expected at an age in a calendar period, its variance, the overdispersion; None where the others do not cover it."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    cells = _informative(others[others["age"] <= max(OLDEST, age)].assign(period=lambda cell: cell["cohort"] + cell["age"]))
    ages, periods = np.unique(cells["age"]), np.unique(cells["period"])
    if age not in ages or period not in periods:
        return None
    design, wanted = _design(cells["age"], cells["period"], ages, periods), _design([age], [period], ages, periods)
    if len(cells) <= design.shape[1]:
        return None
    outcome = np.column_stack([cells["active"], cells["customers"] - cells["active"]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a month in which everyone came separates perfectly; its own coefficient is not asked for
        fit = GLM(outcome, design, Binomial()).fit(scale="X2")
    scale = max(1.0, float(fit.scale))
    logit = (wanted @ fit.params).item()
    share = 1 / (1 + float(np.exp(-logit)))
    variance = (wanted @ fit.cov_params() @ wanted.T).item() * scale / float(fit.scale)
    return share, (share * (1 - share)) ** 2 * variance, scale


def _informative(cells: pd.DataFrame) -> pd.DataFrame:
    """Without ages and periods in which no one or everyone was active: their effect is infinite and tells nothing of the rest."""
    for name in ("age", "period"):
        sums = cells.groupby(name)[["active", "customers"]].transform("sum")
        cells = cells[(sums["active"] > 0) & (sums["active"] < sums["customers"])]
    return cells


def _design(ages: object, periods: object, every_age: NDArray[np.int64], every_period: NDArray[np.int64]) -> NDArray[np.float64]:
    """A column an age and a column a period but the first, which is the base."""
    by_age = np.asarray(ages)[:, None] == every_age
    by_period = np.asarray(periods)[:, None] == every_period[1:]
    return np.hstack([by_age, by_period]).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Time to an event: `days` (n,) ascending, and for each the share that has had it by then with a 95 % interval, and n at risk.

    median  None where fewer than half have had it while they were observed, or its upper bound is not reached
    """

    days: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    share: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    median: Estimate | None

    @property
    def table(self) -> pd.DataFrame:
        return pd.DataFrame({name: getattr(self, name) for name in ("days", "at_risk", "share", "low", "high")})


def waiting(days: NDArray[np.float64], returned: NDArray[np.bool_], at: NDArray[np.float64]) -> Waiting:
    """Kaplan-Meier: share that has returned by each of the days `at`. Who has not is censored on the last day observed.

    Shapes  days, returned (n,), n >= 1; at (m,) ascending
    Unit    days; shares in [0, 1]; intervals are complementary log-log, those of an empty share Wilson's
    Source  Kaplan & Meier (1958), JASA 53:457-481; Kalbfleisch & Prentice (2002), 1.4; statsmodels SurvfuncRight (unweighted: with
            frequency weights its standard errors are not Greenwood's)
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    at_risk = len(days) - np.searchsorted(np.sort(days), at, side="left")
    if not returned.any():
        high = np.array([wilson(0, max(int(n), 1)).high for n in at_risk])
        return Waiting(days=at, at_risk=at_risk, share=np.zeros(len(at)), low=np.zeros(len(at)), high=high, median=None)
    curve = SurvfuncRight(days, returned.astype(int))
    step = np.searchsorted(curve.surv_times, at, side="right") - 1
    still = np.where(step >= 0, curve.surv_prob[step], 1.0)
    low, high = _log_log(still, np.where(step >= 0, curve.surv_prob_se[step], 0.0), at_risk)
    return Waiting(days=at, at_risk=at_risk, share=1 - still, low=low, high=high, median=_median(curve, len(days)))


def _log_log(still: NDArray[np.float64], se: NDArray[np.float64], n: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds of 1 - still. The transformation keeps them within 0 and 1."""
    inner = (still > 0) & (still < 1)
    safe = np.where(inner, still, 0.5)
    reach = _Z * np.where(inner, se, 0.0) / abs(safe * np.log(safe))
    low = np.where(inner, 1 - safe ** np.exp(-reach), 1 - still)
    high = np.where(inner, 1 - safe ** np.exp(reach), 1 - still)
    untouched = still >= 1
    return low, np.where(untouched, [wilson(0, max(int(size), 1)).high for size in n], high)


def _median(curve: Any, n: int) -> Estimate | None:
    """Brookmeyer & Crowley (1982), Biometrics 38:29-41: the days whose interval holds one half. Also where one day leaps over it."""
    low, high = _log_log(curve.surv_prob, curve.surv_prob_se, np.asarray(curve.n_risk, np.int64))
    reached = [np.flatnonzero(share >= 0.5) for share in (1 - curve.surv_prob, high, low)]
    if not all(len(at) for at in reached):
        return None
    value, first, last = (float(curve.surv_times[at[0]]) for at in reached)
    return Estimate(value=value, low=first, high=last, n=n, unit=Unit.DAYS)


def against_rest(hits: NDArray[np.int64], n: NDArray[np.int64]) -> NDArray[np.float64]:
    """q of each group's share against that of all other groups: score test, Benjamini-Hochberg over the groups.

    Shapes  hits, n (m,), n >= 1; one group alone is like itself: 1
    """
    from scipy.stats import false_discovery_control, norm

    others = n.sum() - n
    if not (others > 0).all():
        return np.ones(len(n))
    pooled = hits.sum() / n.sum()
    se = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / others))
    gap = abs(hits / n - (hits.sum() - hits) / others)
    z = np.divide(gap, se, out=np.zeros(len(n)), where=se > 0)
    return np.asarray(false_discovery_control(2 * norm.sf(z)), np.float64)
