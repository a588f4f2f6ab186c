"""How one group fares against the rest of its tier: rates, shares, times and errors, each with its interval and its p-value.

Every comparison puts the rest on the group's own footing: cases of the rest are weighted so that they fall into strata (spend bands,
kinds of issue) as often as those of the group do. Strata that one side lacks say nothing and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, norm
from scipy.stats import t as student

from analytics.results import Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

LEAST = 30  # customers of a group, and of the rest, below whom nothing is said
FEW = 100  # below which it is said with a warning
RATE = 0.05  # false discoveries among the flags
LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A group against the rest.

    value, low, high   relative difference (0.1 is 10 % more), or difference of shares where `points`; 95 %
    p            of no difference, two-sided
    mine, rest   the level of each, the rest on the group's footing
    n, others    customers on each side
    points       whether value is in points of a share
    """

    value: float
    low: float
    high: float
    p: float
    mine: float
    rest: float
    n: int
    others: int
    points: bool = False


def rate_apart(top: Floats, bottom: Floats, mine: Mask, stratum: Ints | None = None, customer: Ints | None = None) -> Apart | None:
    """Ratio of sums in the group against that of the rest: the relative difference.

    Shapes   top, bottom (n,) a row a customer; mine (n,); stratum (n,) codes; customer (n,) codes where a row is a case of one
    How      linearised; the larger of the error found and that of a group drawn from both sides: where few have anything, a group of which
             nobody does would seem known for sure by itself
    Returns  None where a side has nothing to divide by, or the rest nothing at all
    """
    weight = footing(mine, stratum)
    if weight is None or min((weight * bottom)[mine].sum(), (weight * bottom)[~mine].sum()) <= 0:
        return None
    who = np.arange(len(mine)) if customer is None else customer
    (ours, error), (theirs, other) = (_ratio(top, bottom, weight, side, who) for side in (mine, ~mine))
    if theirs <= 0:
        return None
    common = float((weight * top).sum() / (weight * bottom).sum())
    spread = float(np.sqrt(weight @ (top - common * bottom) ** 2 / weight.sum()))
    alike = [spread * float(np.linalg.norm(weight[side])) / float((weight * bottom)[side].sum()) for side in (mine, ~mine)]
    found = max(hypot(error, ours / theirs * other), hypot(*alike)) / theirs
    return _student(ours / theirs - 1, found, ours, theirs, _sizes(weight, mine, who), least=-1.0)


def _ratio(top: Floats, bottom: Floats, weight: Floats, side: Mask, who: Ints) -> tuple[float, float]:
    """Ratio of sums, and its standard error: customers are independent, their cases are not."""
    level = float((weight * top)[side].sum() / (weight * bottom)[side].sum())
    left = np.bincount(who[side], (weight * (top - level * bottom))[side])
    used = _people(who[side & (weight > 0)])
    return level, float(np.sqrt(left @ left * used / max(used - 1, 1)) / (weight * bottom)[side].sum())


def share_apart(hit: Mask, mine: Mask, customer: Ints, stratum: Ints | None = None) -> Apart | None:
    """Share of cases that are hits in the group less that of the rest, with Newcombe's interval.

    Shapes   hit, mine (n,) a row a case; customer (n,) codes: cases of one customer are alike, which lowers the effective number
    Source   Newcombe (1998), Stat. Med. 17:873-890; effective numbers as Korn & Graubard (1998), Surv. Methodol. 24:193-201
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    weight = footing(mine, stratum)
    if weight is None:
        return None
    sides = [_share(hit, weight, customer, side) for side in (mine, ~mine)]
    (ours, size), (theirs, other) = sides
    low, high = confint_proportions_2indep(ours * size, size, theirs * other, other, compare="diff", method="newcomb")
    pooled = min((ours * size + theirs * other) / (size + other), 1.0)
    error = float(np.sqrt(pooled * (1 - pooled) * (1 / size + 1 / other)))
    n = tuple(_people(customer[side & (weight > 0)]) for side in (mine, ~mine))
    p = float(2 * norm.sf(abs(ours - theirs) / error)) if error > 0 else 1.0
    return Apart(value=ours - theirs, low=float(low), high=float(high), p=p, mine=ours, rest=theirs, n=n[0], others=n[1], points=True)


def _share(hit: Mask, weight: Floats, customer: Ints, side: Mask) -> tuple[float, float]:
    """Weighted share, and how many independent cases would know it as well; never more than there are."""
    weights, hits = weight[side], hit[side].astype(float)
    share, cases = float(weights @ hits / weights.sum()), float((weights > 0).sum())
    left = np.bincount(customer[side], weights * (hits - share))
    error = float(left @ left) / weights.sum() ** 2
    return share, min(cases, share * (1 - share) / error) if error > 0 else float(weights.sum() ** 2 / (weights @ weights))


def time_apart(hours: Floats, mine: Mask, customer: Ints, stratum: Ints) -> Apart | None:
    """How much longer the group waits than the rest for the same kind of issue: relative difference of geometric means.

    Shapes   hours (n,) > 0, a row a case; stratum (n,) the kind of issue, absorbed; errors clustered by customer
    Returns  None where too few customers have kinds of issue that both sides have
    """
    from statsmodels.api import OLS

    both = _both(mine, stratum)[stratum]
    n, others = (_people(customer[both & side]) for side in (mine, ~mine))
    if min(n, others) < LEAST:
        return None
    y, ours = (_inside(values[both], stratum[both]) for values in (np.log(hours), mine.astype(float)))
    fit = OLS(y, ours).fit(cov_type="cluster", cov_kwds={"groups": customer[both]})
    found, error, df = float(fit.params[0]), float(fit.bse[0]), min(n, others) - 1
    value, low, high = (float(np.expm1(found + side * student.isf((1 - LEVEL) / 2, df) * error)) for side in (0, -1, 1))
    usual = float(np.exp(np.log(hours[both & mine]).mean()))
    return Apart(
        value=value,
        low=low,
        high=high,
        p=float(2 * student.sf(abs(found) / error, df)),
        mine=usual,
        rest=usual / (1 + value),
        n=n,
        others=others,
    )


def _inside(values: Floats, stratum: Ints) -> Floats:
    """Values less the mean of their stratum."""
    sums, sizes = np.bincount(stratum, values), np.bincount(stratum)
    return np.asarray(values - (sums / np.maximum(sizes, 1))[stratum])


def _both(mine: Mask, stratum: Ints) -> Mask:
    """The strata that hold cases of both sides."""
    size = int(stratum.max(initial=0)) + 1
    return np.asarray((np.bincount(stratum[mine], minlength=size) > 0) & (np.bincount(stratum[~mine], minlength=size) > 0))


def _people(customer: Ints) -> int:
    return int(np.count_nonzero(np.bincount(customer)))


def error_apart(said: Floats, came: Floats, mine: Mask, *, risk: bool) -> Apart | None:
    """How much more a model says than came, in the group against the rest, relative to what came among the rest: calibration.

    risk     whether came is yes or no and said its probability: then the error is no smaller than probabilities themselves imply
    Returns  None where nothing came among the rest
    """
    over, base, sizes = said - came, float(came[~mine].mean()), (int(mine.sum()), int((~mine).sum()))
    if base <= 0:
        return None
    ours, theirs = (float(over[side].mean()) / base for side in (mine, ~mine))
    own = hypot(*(float(over[side].std(ddof=1)) / size**0.5 for side, size in zip((mine, ~mine), sizes, strict=True)))
    alike = float(over.std(ddof=1)) * (1 / sizes[0] + 1 / sizes[1]) ** 0.5 if not risk else 0.0
    implied = hypot(*(float(np.sum((said * (1 - said))[side])) ** 0.5 / side.sum() for side in (mine, ~mine))) if risk else 0.0
    return _student(ours - theirs, max(own, alike, implied) / base, ours, theirs, sizes)


def spread_apart(mine: Estimate, rest: Estimate, every: Estimate) -> Apart:
    """An index of the group against that of the rest: the relative difference.

    every  the index over both sides; a small group without its share of extreme values would seem known too well by itself
    """
    ours, theirs, common = ((one.high - one.low) / (2 * float(norm.isf((1 - one.level) / 2))) for one in (mine, rest, every))
    equal = common * np.sqrt(every.n) * np.sqrt(1 / mine.n + 1 / rest.n)
    error = max(float(hypot(ours, mine.value / rest.value * theirs)), float(equal)) / rest.value
    return _student(mine.value / rest.value - 1, error, mine.value, rest.value, (mine.n, rest.n))


def jump_apart(x: Floats, y: Floats, mine: Mask | None = None) -> Apart | None:
    """What lies just above a threshold against what lies just below it, of near-identical customers; in the group against the rest.

    Shapes  x (n,) distance to the threshold as a share of it, y (n,) what was received; a common slope on each side
    Unit    relative to what is received just below; of a group, the difference of the two jumps
    """
    from statsmodels.api import OLS, add_constant

    above = (x >= 0).astype(float)
    columns = [above, x, above * x]
    if mine is not None:
        ours = mine.astype(float)
        columns = [above * ours, ours, *columns]
    cells = [above > 0, above == 0] if mine is None else [(above == side) & (mine == who) for side in (0, 1) for who in (False, True)]
    if min(int(cell.sum()) for cell in cells) < LEAST:
        return None
    fit = OLS(y, add_constant(np.column_stack(columns), has_constant="add")).fit(cov_type="HC1")
    below = float(fit.params[0])
    if below <= 0:
        return None
    jump, error = float(fit.params[1]) / below, float(fit.bse[1]) / below
    sides = (above > 0) if mine is None else mine
    return _student(jump, error, below * (1 + jump), below, (int(sides.sum()), int((~sides).sum())))


def _student(value: float, error: float, mine: float, rest: float, sizes: tuple[int, int], *, least: float = -np.inf) -> Apart:
    """Interval and p by Student's t, with the degrees of freedom of the smaller side: its error is the one known least."""
    df = max(min(sizes) - 1, 1)
    reach = float(student.isf((1 - LEVEL) / 2, df)) * error
    p = float(2 * student.sf(abs(value) / error, df)) if error > 0 else float(value == 0)
    return Apart(
        value=float(value), low=max(value - reach, least), high=value + reach, p=p, mine=mine, rest=rest, n=sizes[0], others=sizes[1]
    )


def footing(mine: Mask, stratum: Ints | None) -> Floats | None:
    """A weight a case: 1 in the group; the rest as often in each stratum as the group; 0 where a stratum has one side only."""
    if stratum is None:
        return np.ones(len(mine)) if mine.any() and not mine.all() else None
    size = int(stratum.max(initial=0)) + 1
    ours, theirs = (np.bincount(stratum[side], minlength=size).astype(float) for side in (mine, ~mine))
    both = (ours > 0) & (theirs > 0)
    if not both.any():
        return None
    lift = np.divide(ours * theirs[both].sum(), theirs * ours[both].sum(), out=np.zeros(size), where=both)
    return np.where(mine, both[stratum].astype(float), lift[stratum])


def _sizes(weight: Floats, mine: Mask, who: Ints) -> tuple[int, int]:
    return _people(who[mine & (weight > 0)]), _people(who[~mine & (weight > 0)])


def bands(values: Floats, tier: Ints, most: int) -> Ints:
    """Spend bands within each tier: equal parts of twice LEAST customers or more, `most` at the most; nothing is a band of its own.

    Shapes  values (n,), tier (n,) codes -> (n,) codes that no two tiers share
    """
    frame = pd.DataFrame({"tier": tier, "value": values, "some": values > 0})
    rank = frame.groupby(["tier", "some"])["value"].rank(method="average", pct=True)
    size = frame.groupby(["tier", "some"])["value"].transform("size")
    parts = np.where(frame["some"], np.clip(size // (2 * LEAST), 1, most), 1)
    band = np.minimum((rank * parts).to_numpy(float) - 1e-9, parts - 1).astype(np.int64) + frame["some"].to_numpy(np.int64)
    return np.asarray(pd.factorize(pd.MultiIndex.from_arrays([tier, band]))[0], np.int64)


def flags(p: Floats, low: Floats, high: Floats, reach: Floats) -> tuple[Floats, Mask]:
    """q of one family (Benjamini-Hochberg), and what is flagged: q <= .05 and the whole interval beyond the margin.

    Shapes  p (n,) nan for what is described only; low, high, and the margin `reach` in the unit of each (n,)
    """
    q, tested = np.full(len(p), np.nan), ~np.isnan(p)
    if tested.any():
        q[tested] = false_discovery_control(p[tested])
    return q, tested & (np.nan_to_num(q, nan=1.0) <= RATE) & ((low > reach) | (high < -reach))
