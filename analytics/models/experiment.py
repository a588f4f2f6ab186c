"""What a lot tells: arms against a control arm by intention to treat, whether the lot was one, what it could have seen.

Everybody counts in the arm they were drawn for, whatever became of them: that is the comparison that the lot made fair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.threads import one_thread
from analytics.results import Estimate, Unit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

STOP = 0.001  # probability of arms so uneven under the plan, below which nothing is estimated
LEAST, LEAST_GROUP = 30, 100  # customers an arm; of a group, where many are looked through and tails of skewed spending would be named
UNLIKE = 0.1  # standardised difference up to which two arms are called alike, where chance alone is smaller
POWER = 0.8
# Shares withheld that people plan. Between a third and a half none is usual: arms of 40 and 60 are rather equal ones that went wrong.
USUAL = (*(at / 100 for at in range(1, 11)), 0.15, 0.2, 0.25, 0.3, 1 / 3, 0.5, 2 / 3, 0.7, 0.75, 0.8, 0.85, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """An arm less the control.

    effect  with its interval; plain: the same without adjustment
    p       two-sided probability of an effect at least this large if there were none
    error   standard error of the effect
    treated, controls   customers; mean: of the controls' outcome
    """

    effect: Estimate
    plain: Estimate
    p: float
    error: float
    treated: int
    controls: int
    mean: float

    @property
    def detectable(self) -> float:
        return detectable(self.error, level=self.effect.level)


def contrast(outcome: Floats, treated: Bools, before: Floats | None = None, *, unit: Unit, level: float = 0.95) -> Contrast:
    """Treated less controls, adjusted for what was known before the lot.

    Shapes  outcome (n,) money, or 0 and 1; treated (n,); before (n, k), columns that do not vary are left out
    How     least squares on the treatment, the centred columns and their products with the treatment: what a column foretells goes
            out of the noise, and the lot keeps the estimate right even where no line holds. One column is CUPED. HC3 errors;
            without columns HC2, which is the difference of means with Neyman's variance; Welch's degrees of freedom
    Raises  ValueError when an arm has fewer than two customers
    Source  Lin (2013), Annals of Applied Statistics 7:295-318; Deng et al. (2013), WSDM 123-132
    """
    if min(treated.sum(), (~treated).sum()) < 2:
        raise ValueError("an arm needs two customers at least")
    columns = _varying(before, treated)
    raw = _least_squares(outcome, treated, None, level)
    fit = raw if columns is None else _least_squares(outcome, treated, columns, level)
    told = [_estimate(one, len(outcome), unit, level) for one in (fit, raw)]
    sizes = {"treated": int(treated.sum()), "controls": int((~treated).sum())}
    return Contrast(effect=told[0], plain=told[1], p=fit.p, error=fit.error, mean=float(outcome[~treated].mean()), **sizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    value: float
    error: float
    p: float
    low: float
    high: float


def _least_squares(outcome: Floats, treated: Bools, columns: Floats | None, level: float) -> _Fit:
    from scipy.stats import t
    from statsmodels.regression.linear_model import OLS

    side = treated.astype(float)[:, None]
    parts = [np.ones_like(side), side] if columns is None else [np.ones_like(side), side, columns, side * columns]
    with one_thread("statsmodels.regression.linear_model"):  # many small regressions
        found = OLS(outcome, np.hstack(parts)).fit(cov_type="HC2" if columns is None else "HC3")
        value, error = float(found.params[1]), float(found.bse[1])
        free = _degrees(np.asarray(found.resid), treated, 1 if columns is None else 1 + columns.shape[1])
    half = float(t.ppf(0.5 + level / 2, free)) * error
    p = float(2 * t.sf(abs(value) / error, free)) if error > 0 else float(value == 0)  # nobody bought anything: no error to measure by
    return _Fit(value=value, error=error, p=p, low=value - half, high=value + half)


def _degrees(residuals: Floats, treated: Bools, used: int) -> float:
    """Welch's degrees of freedom: those of the arm that brings the noise, often the small one, not of everybody.

    used  coefficients an arm
    """
    sizes = [int(side.sum()) for side in (treated, ~treated)]
    noise = [float((residuals[side] ** 2).sum()) / max(n - used, 1) / n for side, n in zip((treated, ~treated), sizes, strict=True)]
    if not sum(noise) > 0:
        return float(sum(sizes) - 2 * used)
    return sum(noise) ** 2 / sum(one**2 / max(n - used, 1) for one, n in zip(noise, sizes, strict=True))


def _estimate(fit: _Fit, n: int, unit: Unit, level: float) -> Estimate:
    return Estimate(value=fit.value, low=fit.low, high=fit.high, n=n, unit=unit, level=level)


def _varying(before: Floats | None, treated: Bools) -> Floats | None:
    """The columns, centred and of one scale, that vary in both arms and repeat no other; None without any."""
    if before is None or before.shape[1] == 0:
        return None
    spread = np.minimum(before[treated].std(axis=0), before[~treated].std(axis=0))
    kept = before[:, spread > 0]
    if kept.shape[1] == 0 or len(treated) < 10 * kept.shape[1]:
        return None
    centred = (kept - kept.mean(axis=0)) / kept.std(axis=0)
    new = [at for at in range(centred.shape[1]) if np.linalg.matrix_rank(centred[:, : at + 1]) > np.linalg.matrix_rank(centred[:, :at])]
    return np.asarray(centred[:, new])


def detectable(error: float, *, power: float = POWER, level: float = 0.95) -> float:
    """The smallest true effect that such a test finds with this power, from its standard error."""
    from scipy.stats import norm

    return float((norm.ppf(0.5 + level / 2) + norm.ppf(power)) * error)


def sample_ratio(counts: Sequence[int], shares: Sequence[float]) -> float:
    """Probability of arms at least as uneven as these if everybody was drawn with the planned shares (chi-square).

    Shapes  counts, shares (k,), k >= 2; shares sum to 1
    Source  Fabijan et al. (2019), KDD 2156-2164: an uneven lot is one that somebody or something sorted afterwards
    """
    from scipy.stats import chisquare

    return float(chisquare(counts, np.asarray(shares) * sum(counts)).pvalue)


def planned(controls: int, others: Sequence[int], told: float = 0.0) -> list[float]:
    """Shares of the plan, the control's first: as told, else equal, or the usual share withheld that lies nearest.

    Why     a list that comes back seldom says its plan, and one in ten withheld must not fail a test against one in two. The price:
            arms that went wrong towards another usual plan are taken for it
    """
    k, seen = len(others), controls / (controls + sum(others))
    usual = (*USUAL, 1 / (k + 1))
    share = told or min(usual, key=lambda one: abs(one - seen))
    return [share, *[(1 - share) / k] * k]


def balance(before: pd.DataFrame, treated: Bools) -> pd.DataFrame:
    """What was before the lot, by arm: covariate, treated, controls (means), difference (in standard deviations)."""
    rows = []
    for name in before:
        one, other = (before[name].to_numpy(float)[side] for side in (treated, ~treated))
        spread = float(np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / 2)) or float(before[name].std())
        apart = float(one.mean() - other.mean())
        rows.append((str(name), float(one.mean()), float(other.mean()), apart / spread if spread > 0 else 0.0))
    return pd.DataFrame(rows, columns=["covariate", "treated", "controls", "difference"])


def alike(treated: int, controls: int, covariates: int) -> float:
    """The standardised difference up to which arms are alike: .1, or what a fair lot of this size exceeds once in a thousand times."""
    from scipy.stats import norm

    chance = norm.ppf(1 - STOP / (2 * max(covariates, 1))) * np.sqrt(1 / treated + 1 / controls)
    return float(max(UNLIKE, chance))


def homogeneous(effects: Sequence[Contrast]) -> float:
    """Probability of effects at least as far apart as these if all groups had the same one (Cochran's Q); 1 for a single group."""
    from scipy.stats import chi2

    known = [one for one in effects if one.error > 0]
    if len(known) < 2:
        return 1.0
    weight = np.array([1 / one.error**2 for one in known])
    value = np.array([one.effect.value for one in known])
    q = float((weight * (value - (weight @ value) / weight.sum()) ** 2).sum())
    return float(chi2.sf(q, len(known) - 1))


def holm(p: Sequence[float]) -> list[float]:
    """Adjusted p of a few questions that were all asked beforehand: arms and outcomes. Holds the chance of any false one.

    Source  Holm (1979), Scandinavian Journal of Statistics 6:65-70
    """
    from statsmodels.stats.multitest import multipletests

    return [float(one) for one in multipletests(p, method="holm")[1]] if len(p) else []


def discoveries(p: Sequence[float]) -> list[float]:
    """q of many questions that are looked through: groups. Holds the share of false ones among those named.

    Source  Benjamini & Hochberg (1995), JRSS B 57:289-300
    """
    from scipy.stats import false_discovery_control

    return [float(one) for one in false_discovery_control(p)] if len(p) else []


def by_group(
    outcome: Floats, treated: Bools, before: Floats | None, groups: Mapping[str, Sequence[str | None]], *, unit: Unit
) -> pd.DataFrame:
    """The effect in each group of each dimension: dimension, group, n, effect, low, high, q, apart.

    Shapes  groups: dimension -> a value a customer, known before the lot, None for unknown
    How     groups with fewer than 100 customers in an arm are left out; q over all groups (Benjamini-Hochberg); apart: probability of
            groups so far apart if the effect were the same in all, over all dimensions (Holm)
    """
    found = {
        dimension: {
            str(value): contrast(outcome[here], treated[here], None if before is None else before[here], unit=unit)
            for value in pd.Series(list(values), dtype=object).dropna().unique()
            if min((here := np.asarray(values, dtype=object) == value)[treated].sum(), here[~treated].sum()) >= LEAST_GROUP
        }
        for dimension, values in groups.items()
    }
    split = {dimension: parts for dimension, parts in found.items() if len(parts) > 1}
    apart = dict(zip(split, holm([homogeneous(list(parts.values())) for parts in split.values()]), strict=True))
    rows = [(dimension, name, one) for dimension, parts in split.items() for name, one in parts.items()]
    told = [
        (dimension, name, one.effect.n, one.effect.value, one.effect.low, one.effect.high, q, apart[dimension])
        for (dimension, name, one), q in zip(rows, discoveries([one.p for _, _, one in rows]), strict=True)
    ]
    return pd.DataFrame(told, columns=["dimension", "group", "n", "effect", "low", "high", "q", "apart"])
