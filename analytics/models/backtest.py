"""What foretelling customers was worth: said at an earlier day, held against what came, beside the rules of thumb that managers use."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.resample import ratio_of_sums
from analytics.results import Estimate, Unit

Floats = NDArray[np.float64]

TOP = 0.1  # share of customers among whom the best are looked for
BINS = 8
FEWEST = 20  # customers in a bin
RULES = ("last_period", "own_rate", "recency")
_NOTHING = 1e-6  # what a rule that never errs is taken to err
_SILENT = 0.9  # quantile of customers' own mean gaps after which one counts as gone


def rules(x: Floats, t_x: Floats, T: Floats, latest: Floats, weeks: float) -> dict[str, Floats]:
    """Orders of the `weeks` ahead as rules of thumb have them.

    Shapes      (n,) repeat orders, first to last order, first order to today (weeks), what the last `weeks` brought
    last_period  the same as in the last period
    own_rate     orders a week so far, carried on
    recency      who has not been silent longer than nine in ten customers' usual gap orders as often as all of those do; nobody else
                 does (the hiatus rule)
    Source      Wübben & Wangenheim (2008), Journal of Marketing 72:82-93
    """
    repeats = x > 0
    silent = float(np.quantile(t_x[repeats] / x[repeats], _SILENT)) if repeats.any() else 0.0
    active = T - t_x <= silent
    return {
        "last_period": latest,
        "own_rate": x / T.clip(1) * weeks,
        "recency": np.where(active, latest[active].mean() if active.any() else 0.0, 0.0),
    }


def errors(said: Floats, came: Floats) -> dict[str, float]:
    """Error of the total, mean absolute and root mean square error, correlation, share of the best customers found."""
    best = max(1, round(TOP * len(came)))
    true, told = (set(np.argsort(-values, kind="stable")[:best].tolist()) for values in (came, said))
    varies = np.ptp(said) > 0 and np.ptp(came) > 0
    return {
        "total_error": float(said.sum() / came.sum() - 1) if came.sum() > 0 else np.nan,
        "mae": float(np.abs(said - came).mean()),
        "rmse": float(np.sqrt(((said - came) ** 2).mean())),
        "correlation": float(np.corrcoef(said, came)[0, 1]) if varies else np.nan,
        "top_found": len(true & told) / best,
    }


def table(tried: Mapping[str, Floats], came: Floats) -> pd.DataFrame:
    """One row a method: `errors` of each."""
    return pd.DataFrame([{"method": name, **errors(said, came)} for name, said in tried.items()])


def skill(said: Floats, rule: Floats, came: Floats) -> Estimate:
    """1 - mean absolute error of the model / of the rule: above 0 the model errs less. The interval resamples customers."""
    ratio = ratio_of_sums(np.abs(said - came), np.abs(rule - came) + _NOTHING, unit=Unit.SHARE)
    return Estimate(value=1 - ratio.value, low=1 - ratio.high, high=1 - ratio.low, n=ratio.n, unit=Unit.SHARE)


def reversed_skill(skill: float) -> float:
    """By what share the rule errs less than the model, from by what share the model errs less than the rule."""
    return 1 - 1 / (1 - skill)


def calibration(orders: Floats, said: Floats, came: Floats) -> pd.DataFrame:
    """By number of orders so far: low, high (orders), n, expected and actual a customer, the 95 % interval of the actual mean.

    Shapes  (n,) each; 1, 2, 3 ... have a bin each and the rest one, or bins of as many customers where most ordered more often
    """
    place = np.searchsorted(_edges(orders), orders, side="right") - 1
    grouped = pd.DataFrame({"bin": place, "orders": orders, "said": said, "came": came}).groupby("bin")
    found = grouped.agg(
        low=("orders", "min"), high=("orders", "max"), n=("came", "size"), expected=("said", "mean"), actual=("came", "mean")
    )
    error = 1.96 * grouped["came"].std(ddof=1).fillna(0.0) / np.sqrt(found["n"])
    return found.assign(actual_low=(found["actual"] - error).clip(lower=0), actual_high=found["actual"] + error).reset_index(drop=True)


def _edges(orders: Floats) -> Floats:
    """Where bins begin; one with too few customers goes together with the one below."""
    if (orders < BINS).mean() >= 0.5:
        starts = np.arange(1.0, BINS + 1)
    else:
        starts = np.unique(np.quantile(orders, np.arange(BINS) / BINS, method="higher"))
    edges = [float(min(starts[0], orders.min()))]
    for start in starts[1:]:
        if ((orders >= edges[-1]) & (orders < start)).sum() >= FEWEST and (orders >= start).sum() >= FEWEST:
            edges.append(float(start))
    return np.array(edges)
