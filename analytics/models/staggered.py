"""What joining at different times changed: Callaway and Sant'Anna's doubly robust differences against those who had not joined yet.

A customer counts from the month after their first purchase on, so that nobody seems to grow by having come. Every month is compared with
the one two before joining (the month before is kept out: people who are about to join may already buy for it), and the month of joining
is told apart: one joins at a burst of buying.
Source  Callaway and Sant'Anna (2021), doi:10.1016/j.jeconom.2020.12.001; Rambachan and Roth (2023), doi:10.1093/restud/rdad018; diff-diff
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.results import Estimate, Unit

if TYPE_CHECKING:
    from diff_diff.staggered_results import CallawaySantAnnaResults

ANTICIPATION = 1  # months before joining that may already be changed by it
BASE = -1 - ANTICIPATION  # the month every other one is compared with, counted from joining
LEADS = 6  # months before the base that are held against it
FIRST = 3  # months after joining whose mean the breakdown speaks of: the later, the more room for what else may have changed
COHORT, LEAST = 10, 30  # joiners in a cohort, and behind a month, so that it is told
Z = 1.959964
WIDEST, STEPS = 2.0, 14  # of the search for the breakdown
REGULAR = 1e-9  # smallest eigenvalue of a covariance, in shares of the largest


@dataclass(frozen=True, slots=True, kw_only=True)
class Staggered:
    """What was found.

    effect      mean over months >= 1 after joining, weighted by customers; joining: the month itself
    events      month (from joining), effect, low, high, n (joiners behind it); the base is the row without an interval
    cohorts     joined (month), n, controls (not yet joined a month later)
    pre_trend   p of all leads being nothing at once; None where fewer than two are told
    placebo     mean of the months before the base, against it: what joining "changed" before it happened
    breakdown   largest share of the widest step seen before joining that may come in every month after it with the effect still there;
                None where fewer than two months before are told, or months hang so closely together that nothing can be said of one
    brought     money a month of those who joined, after joining, as it came: what the effect is a part of
    honest      share (of that step), low, high: the interval of the first months' mean when trends may part that much
    """

    effect: Estimate
    joining: Estimate
    events: pd.DataFrame
    cohorts: pd.DataFrame
    pre_trend: float | None
    placebo: Estimate | None
    breakdown: float | None
    honest: pd.DataFrame
    brought: float
    treated: int
    controls: int


def staggered(panel: pd.DataFrame, covariates: Sequence[str], *, method: str = "dr") -> Staggered | None:
    """The effect of joining on money a month; None where no month after joining can be told.

    Shapes  panel: a row a customer and month since they came: customer, month (whole number), money, joined (month, 0 never), covariates
            as they were in that month
    Unit    money a customer and month
    method  dr: doubly robust; reg: by the outcome's regression alone, quicker
    """
    kept = usable(panel)
    if kept.empty or (not (kept["joined"] == 0).any() and kept["joined"].nunique() < 2):
        return None
    found = _fit(kept, covariates, method)
    if found is None:
        return None
    weights = _weights(kept)
    events = _events(found, weights)
    if not (events["month"] >= 1).any():
        return None
    return _told(_Course(found, events, weights), kept)


def usable(panel: pd.DataFrame) -> pd.DataFrame:
    """Cohorts that can be followed: seen in the base month, with COHORT joiners who were; those who joined before that are left out."""
    joined = panel.loc[panel["joined"] > 0]
    at_base = joined[joined["month"] == joined["joined"] + BASE]
    sizes = at_base.groupby("joined")["customer"].nunique()
    cohorts = sizes.index[sizes >= COHORT]
    mine = set(at_base.loc[at_base["joined"].isin(cohorts), "customer"])
    return panel[(panel["joined"] == 0) | panel["customer"].isin(mine)]


@dataclass(frozen=True, slots=True)
class _Course:
    """Months from joining with their joint uncertainty."""

    found: CallawaySantAnnaResults
    events: pd.DataFrame
    weights: pd.Series

    def mean(self, months: Sequence[int], weights: Sequence[float] | None = None) -> Estimate:
        """Weighted mean of months, with the interval of the mean."""
        shares = np.ones(len(months)) if weights is None else np.asarray(weights, float)
        shares = shares / shares.sum()
        place = [self._place(month) for month in months]
        values = np.array([self.found.event_study_effects[month]["effect"] for month in months], float)
        half = Z * float(np.sqrt(max(shares @ self._covariance(place) @ shares, 0.0)))
        n = int(max(self.weights[month] for month in months))
        return Estimate(
            value=float(shares @ values), low=float(shares @ values) - half, high=float(shares @ values) + half, n=n, unit=Unit.MONEY
        )

    def wald(self, months: Sequence[int]) -> float:
        """p of all of them being nothing."""
        from scipy.stats import chi2

        values = np.array([self.found.event_study_effects[month]["effect"] for month in months], float)
        covariance = self._covariance([self._place(month) for month in months])
        return float(chi2.sf(values @ np.linalg.pinv(covariance) @ values, np.linalg.matrix_rank(covariance)))

    def regular(self, first: int, last: int) -> bool:
        """Whether the months' joint uncertainty has all its directions."""
        values = np.linalg.eigvalsh(self._covariance([self._place(month) for month in self._months(first, last)]))
        return bool(values.min() > REGULAR * values.max())

    def narrowed(self, first: int, last: int) -> CallawaySantAnnaResults:
        """The same results with these months only: what lies far before joining rests on few, and its noise is no trend."""
        months = self._months(first, last)
        effects = {month: told for month, told in self.found.event_study_effects.items() if first <= month <= last}
        place = [self._place(month) for month in months]
        return replace(self.found, event_study_effects=effects, event_study_vcov=self._covariance(place), event_study_vcov_index=months)

    def _months(self, first: int, last: int) -> list[int]:
        return [int(month) for month in self.found.event_study_vcov_index if first <= month <= last]

    def _place(self, month: int) -> int:
        return int(np.flatnonzero(np.asarray(self.found.event_study_vcov_index) == month)[0])

    def _covariance(self, place: Sequence[int]) -> Any:
        return np.asarray(self.found.event_study_vcov)[np.ix_(place, place)]


def _fit(panel: pd.DataFrame, covariates: Sequence[str], method: str) -> CallawaySantAnnaResults | None:
    from diff_diff import CallawaySantAnna

    varied = [name for name in covariates if panel[name].nunique() > 1]
    model = CallawaySantAnna(
        control_group="not_yet_treated",
        anticipation=ANTICIPATION,
        estimation_method=method,
        base_period="universal",
        rank_deficient_action="silent",
        pscore_fallback="unconditional",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of unbalanced panels, which are meant, and of cells it leaves out, which are absent
        try:
            return model.fit(panel, "money", "customer", "month", "joined", covariates=varied or None, aggregate="event_study")
        except ValueError:  # no cell has both sides
            return None


def _weights(panel: pd.DataFrame) -> pd.Series:
    """Joiners behind each month from joining."""
    joined = panel[panel["joined"] > 0]
    return (joined["month"] - joined["joined"]).value_counts()


def _events(found: CallawaySantAnnaResults, weights: pd.Series) -> pd.DataFrame:
    told = [
        {"month": month, "effect": row["effect"], "low": row["effect"] - Z * row["se"], "high": row["effect"] + Z * row["se"]}
        for month, row in sorted(found.event_study_effects.items())
        if month >= BASE - LEADS and weights.get(month, 0) >= LEAST and (month == BASE or (np.isfinite(row["se"]) and row["se"] > 0))
    ]
    events = pd.DataFrame(told, columns=["month", "effect", "low", "high"]).astype({"month": int})
    return events.assign(n=events["month"].map(weights).astype(int))


def _told(course: _Course, panel: pd.DataFrame) -> Staggered:
    months = course.events["month"]
    after, before = [int(month) for month in months if month >= 1], [int(month) for month in months if month < BASE]
    effect = course.mean(after, [course.weights[month] for month in after])
    breakdown, honest = _honest(course, after, before)
    never = panel.loc[panel["joined"] == 0, "customer"].nunique()
    treated = panel.loc[panel["joined"] > 0, "customer"].nunique()
    return Staggered(
        effect=replace(effect, n=treated),
        joining=course.mean([0]) if 0 in set(months) else replace(effect, value=np.nan, low=np.nan, high=np.nan, n=0),
        events=course.events,
        cohorts=_cohorts(panel),
        pre_trend=course.wald(before) if len(before) >= 2 else None,
        placebo=course.mean(before) if len(before) >= 2 else None,
        breakdown=breakdown,
        honest=honest,
        brought=float(panel.loc[(panel["joined"] > 0) & (panel["month"] > panel["joined"]), "money"].mean()),
        treated=treated,
        controls=never,
    )


def _cohorts(panel: pd.DataFrame) -> pd.DataFrame:
    """joined, n, controls: those of the base month who had not joined a month after the cohort did."""
    rows = []
    for joined in sorted(set(panel["joined"]) - {0}):
        cohort, base = panel[panel["joined"] == joined], panel[panel["month"] == joined + BASE]
        later = (base["joined"] == 0) | (base["joined"] > joined + 1 + ANTICIPATION)
        rows.append({"joined": int(joined), "n": cohort["customer"].nunique(), "controls": int(later.sum())})
    return pd.DataFrame(rows)


def _honest(course: _Course, after: Sequence[int], before: Sequence[int]) -> tuple[float | None, pd.DataFrame]:
    """The breakdown, and the interval at some shares of the widest step before joining."""
    near = [month for month in after if month <= FIRST]
    if len(before) < 2 or not near or not course.regular(min(before), max(near)):
        return None, pd.DataFrame(columns=["share", "low", "high"])
    results = course.narrowed(min(before), max(near))
    spans = {share: _span(results, near, share) for share in (0.0, 0.1, 0.25, 0.5, 1.0)}
    rows = [{"share": share, "low": low, "high": high} for share, (low, high) in spans.items()]
    return _search(results, near), pd.DataFrame(rows)


def _search(results: CallawaySantAnnaResults, near: Sequence[int]) -> float:
    """By halving; 0 where the interval holds nothing's value already."""
    low, high = 0.0, WIDEST
    if not _sure(_span(results, near, 0.0)):
        return 0.0
    if _sure(_span(results, near, WIDEST)):
        return WIDEST
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _sure(_span(results, near, middle)) else (low, middle)
    return low


def _sure(span: tuple[float, float]) -> bool:
    return span[0] > 0 or span[1] < 0


def _span(results: CallawaySantAnnaResults, near: Sequence[int], share: float) -> tuple[float, float]:
    """Interval of the mean of the near months when, each month, trends may part by `share` of the widest step before joining."""
    from diff_diff import HonestDiD

    later = [int(month) for month in results.event_study_vcov_index if month > BASE]
    weights = np.array([float(month in near) for month in later])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = HonestDiD(method="relative_magnitude", M=share, l_vec=weights / weights.sum()).fit(results)
    return float(found.ci_lb), float(found.ci_ub)
