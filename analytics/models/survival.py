"""How long customers stay where leaving is told: survival curves, hazard by tenure, whether groups differ."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from analytics.results import Estimate, Unit, wilson

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MONTH = 365.25 / 12
LEAST = 10  # customers still watched, below which a curve ends


def curve(days: Floats, left: Bools, *, level: float = 0.95) -> pd.DataFrame:
    """Kaplan-Meier: days, survival, low, high, at_risk; starts at day 0 and ends where fewer than ten customers are watched.

    Shapes  days (n,) from joining to leaving, or to the last day known; left (n,)
    How     Greenwood's error on the log-log scale, so that a band stays between 0 and 1
    Source  Kaplan & Meier (1958), JASA 53:457-481; Kalbfleisch & Prentice (2002), 1.4
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    start = pd.DataFrame({"days": [0.0], "survival": [1.0], "low": [1.0], "high": [1.0], "at_risk": [float(len(days))]})
    if not left.any():
        return start
    found = SurvfuncRight(days, left.astype(int))
    survival = np.clip(np.asarray(found.surv_prob), 1e-12, 1 - 1e-12)
    half = norm.ppf(0.5 + level / 2) * np.asarray(found.surv_prob_se) / np.abs(survival * np.log(survival))
    low, high = (survival ** np.exp(sign * half) for sign in (1, -1))
    table = pd.DataFrame({"days": found.surv_times, "survival": found.surv_prob, "low": low, "high": high, "at_risk": found.n_risk})
    return pd.concat([start, table[table["at_risk"] >= LEAST]], ignore_index=True)


def hazard(days: Floats, left: Bools, *, months: int = 12) -> pd.DataFrame:
    """Share of those watched who leave in each span of tenure: first_month, last_month, at_risk, events, rate, low, high (Wilson).

    How     actuarial: who was watched for a part of the span only counts half
    Source  Cutler & Ederer (1958), Journal of Chronic Diseases 8:699-712
    """
    place = np.floor(days / MONTH / months).astype(np.int64)
    rows = []
    for at in range(int(place.max()) + 1):
        entered, here = int((place >= at).sum()), place == at
        events, censored = int((here & left).sum()), int((here & ~left).sum())
        watched = round(entered - censored / 2)
        if watched >= max(LEAST, events):
            rate = wilson(events, watched)
            span = {"first_month": at * months + 1, "last_month": (at + 1) * months}
            rows.append({**span, "at_risk": watched, "events": events, "rate": rate.value, "low": rate.low, "high": rate.high})
    return pd.DataFrame(rows)


def apart(days: Floats, left: Bools, group: NDArray[np.object_]) -> float:
    """P value of the log-rank test that all groups leave alike.

    Source  Mantel (1966), Cancer Chemotherapy Reports 50:163-170
    """
    from statsmodels.duration.survfunc import survdiff

    return float(survdiff(days, left.astype(int), group)[1])


def median_stay(days: Floats, left: Bools, *, level: float = 0.95) -> Estimate | None:
    """The day by which half have left, with its interval; None while half or more stay, or where the interval has no end yet.

    Shapes  days (n,), left (n,), as for `curve`
    Source  Brookmeyer & Crowley (1982), Biometrics 38:29-41, on the log-log scale
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    if not left.any():
        return None
    found = SurvfuncRight(days, left.astype(int))
    with np.errstate(divide="ignore", invalid="ignore"):  # the last step, where nobody is left, has no log
        value, bounds = found.quantile(0.5), found.quantile_ci(0.5, alpha=1 - level)
    if not np.isfinite(value) or np.isinf(bounds).any():
        return None
    low, high = np.nanmin([value, *bounds]), np.nanmax([value, *bounds])  # no bounds: so many leave on one day that it is surely the median
    return Estimate(value=float(value), low=float(low), high=float(high), n=len(days), unit=Unit.DAYS, level=level)


def left_by(days: Floats, left: Bools, by: float, *, level: float = 0.95) -> Estimate | None:
    """Share that has left by a day; None where fewer than ten are watched so long."""
    known = curve(days, left, level=level)
    if known["days"].iloc[-1] < by and not (days >= by).sum() >= LEAST:
        return None
    at = known[known["days"] <= by].iloc[-1]
    value, low, high = (1 - float(at[name]) for name in ("survival", "high", "low"))
    return Estimate(value=value, low=low, high=high, n=len(days), unit=Unit.SHARE, level=level)
