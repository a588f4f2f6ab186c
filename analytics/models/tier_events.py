"""Spend before and after a member's tier changes, beside what members with the same past whose tier did not change go on to spend.

A rule that lifts those who bought much lately, and drops those who did not, selects on chance: both come back towards their usual
level without any effect of the tier. How far is told by those whose tier stayed: their later months are regressed on their own past
quarters, and what that foretells for those who moved is what regression to the mean alone would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from analytics.results import Estimate, Unit

SPAN = 6  # months before and after
MONTHS = np.arange(-SPAN, SPAN + 1)
PARTS = 40  # of the customers, one left out at a time
LEAST, LEAST_STILL = 30, 100  # members who moved, in all; members who did not, at one moment
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Members at one month in which tiers changed.

    customer  (n,) who
    past      (n, P) what is known of the months before, the latest quarter first: spend by quarter and in all, orders
    spend     (n, 13) spend of the months -6 .. 6
    tier      (n,) place of the tier before
    moved     (n,) 1 up, -1 down, 0 stayed
    """

    customer: NDArray[np.int64]
    past: Floats
    spend: Floats
    tier: NDArray[np.int64]
    moved: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Mean spend a member and month, (13,) each, with 95 % bounds; `expected` is nan before the change. The three changes are of the mean
    of months 1 to 6 against that of months -6 to -1."""

    n: int
    seen: Floats
    seen_low: Floats
    seen_high: Floats
    expected: Floats
    expected_low: Floats
    expected_high: Floats
    change: Estimate
    by_chance: Estimate
    beyond: Estimate


def course(moments: Sequence[Moment], way: int) -> Course | None:
    """Those who moved one way at all moments together; None where they are few, nobody like them stayed, or they brought nothing before.

    How     per moment, least squares of each month's spend on the past of those who stayed, piecewise linear in all that is known, with
            the tier before, apart for those who bought in the latest quarter (the others may be gone for good); foretold for those who
            moved, and averaged
    Interval  delete-a-group jackknife over customers, the regression included: a customer is in one group at all moments
    Source  Efron & Stein (1981), Annals of Statistics 9:586-596; Barnett et al. (2005), Int. J. Epidemiology 34:215-220
    """
    parts = [_sums(moment, way) for moment in moments if (moment.moved == 0).sum() >= LEAST_STILL and (moment.moved == way).any()]
    n = int(sum(part.n.sum() for part in parts))
    if n < LEAST:
        return None
    found = np.array([_told(parts, left_out) for left_out in (None, *range(PARTS))])
    value, spread = found[0], found[1:]
    if not value[:SPAN].sum() > 0:
        return None
    error = np.sqrt((PARTS - 1) / PARTS * ((spread - spread.mean(axis=0)) ** 2).sum(axis=0))
    half = t.ppf(0.975, PARTS - 1) * error
    seen, expected, changes = slice(0, 13), slice(13, 26), slice(26, 29)
    change, by_chance, beyond = (
        Estimate(value=float(v), low=float(v - h), high=float(v + h), n=n, unit=Unit.SHARE)
        for v, h in zip(value[changes], half[changes], strict=True)
    )
    return Course(
        n=n,
        seen=value[seen],
        seen_low=(value - half)[seen],
        seen_high=(value + half)[seen],
        expected=value[expected],
        expected_low=(value - half)[expected],
        expected_high=(value + half)[expected],
        change=change,
        by_chance=by_chance,
        beyond=beyond,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """By part of the customers: of those who stayed X'X and X'Y; of those who moved their number, sums of X and of Y."""

    xx: Floats
    xy: Floats
    n: Floats
    x: Floats
    y: Floats


def _sums(moment: Moment, way: int) -> _Sums:
    still, moved = moment.moved == 0, moment.moved == way
    design = _design(moment, still)
    part = np.random.default_rng(7).permutation(PARTS)[moment.customer % PARTS]
    groups = [(still & (part == at), moved & (part == at)) for at in range(PARTS)]
    return _Sums(
        xx=np.array([design[here].T @ design[here] for here, _ in groups]),
        xy=np.array([design[here].T @ moment.spend[here] for here, _ in groups]),
        n=np.array([float(there.sum()) for _, there in groups]),
        x=np.array([design[there].sum(axis=0) for _, there in groups]),
        y=np.array([moment.spend[there].sum(axis=0) for _, there in groups]),
    )


def _design(moment: Moment, still: NDArray[np.bool_]) -> Floats:
    """A column for each tier before, and four for what is known: whether there is any, how much, and what lies above two knots."""
    columns = [(moment.tier == tier).astype(float) for tier in np.unique(moment.tier)]
    for values in moment.past.T:
        some = values[still & (values > 0)]
        knots = np.quantile(some, (0.5, 0.9)) if len(some) else np.zeros(2)
        columns += [values, *(np.maximum(values - knot, 0) for knot in knots), (values > 0).astype(float)]
    design, lately = np.column_stack(columns), moment.past[:, :1] > 0
    return np.hstack([design * lately, design * ~lately])


def _slopes(xx: Floats, xy: Floats) -> Floats:
    """Least squares. A trace of a ridge settles columns that follow from others, as the sum of all quarters does."""
    ridge = np.where(np.diag(xx) > 0, 1e-8 * np.diag(xx), 1.0)
    return np.linalg.solve(xx + np.diag(ridge), xy)


def _told(parts: Sequence[_Sums], left_out: int | None) -> Floats:
    """Observed and expected means by month, and the three changes, without one part of the customers."""
    keep = np.arange(PARTS) != (-1 if left_out is None else left_out)
    n, seen, expected = 0.0, np.zeros(2 * SPAN + 1), np.zeros(2 * SPAN + 1)
    for part in parts:
        slopes = _slopes(part.xx[keep].sum(axis=0), part.xy[keep].sum(axis=0))
        n += part.n[keep].sum()
        seen += part.y[keep].sum(axis=0)
        expected += part.x[keep].sum(axis=0) @ slopes
    seen, expected = seen / n, np.where(MONTHS < 0, np.nan, expected / n)
    before, after, foretold = seen[MONTHS < 0].mean(), seen[MONTHS > 0].mean(), expected[MONTHS > 0].mean()
    return np.concatenate([seen, expected, [after / before - 1, foretold / before - 1, (after - foretold) / before]])
