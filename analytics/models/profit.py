"""What a retention offer brings in money, for every threshold of risk above which customers are contacted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.results import Estimate, Unit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

STEPS = 100  # thresholds from 0 to 1
DRAWS = 500
SPREAD = 20.0  # alpha + beta of the success rate's distribution, as Verbraken et al. set it


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Money a customer: value of one who is kept, offer taken up, contact made; success: share of leavers whom the offer keeps."""

    value: float
    offer: float
    contact: float
    success: float

    @property
    def kept(self) -> float:
        """What contacting one who was about to leave brings."""
        return self.success * (self.value - self.offer) - self.contact

    @property
    def wasted(self) -> float:
        """What contacting one who stays anyway costs: they take the offer, too."""
        return self.offer + self.contact


def thresholds(risk: Floats, churned: Bools, costs: Costs, *, draws: int = DRAWS, seed: int = 7, level: float = 0.95) -> pd.DataFrame:
    """One row a threshold: threshold, contacted and leavers (shares of all customers), profit a customer with its interval low, high.

    Shapes  risk (n,) of customers whose end is known, churned (n,)
    Unit    money a customer, contacted or not
    """
    counts = _cells(risk, churned)
    gone, stayed = _from_above(counts[0]), _from_above(counts[1])
    n = len(risk)
    profit = (gone * costs.kept - stayed * costs.wasted) / n
    drawn = np.array([_drawn(resample, costs, n) for resample in _resamples(counts, draws, seed)])
    low, high = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    at = np.arange(STEPS + 1) / STEPS
    contacted, leavers = (gone + stayed) / n, gone / n
    return pd.DataFrame({"threshold": at, "contacted": contacted, "leavers": leavers, "profit": profit, "low": low, "high": high})


def expected_maximum(risk: Floats, churned: Bools, costs: Costs, *, draws: int = DRAWS, seed: int = 7, level: float = 0.95) -> Estimate:
    """Expected maximum profit a customer: the best threshold's profit, averaged over what the success rate may be.

    How     the success rate is Beta with mean `costs.success` and alpha + beta = 20, taken as 40 equally likely parts, each at its
            mean, so that their mean is exactly `costs.success`; bootstrap over customers
    Source  Verbraken, Verbeke & Baesens (2013), IEEE Transactions on Knowledge and Data Engineering 25:961-973
    """
    counts, n = _cells(risk, churned), len(risk)
    rates = _rates(costs.success)
    value = _expected(counts, costs, rates, n)
    drawn = [_expected(resample, costs, rates, n) for resample in _resamples(counts, draws, seed)]
    low, high = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2])
    return Estimate(value=value, low=float(low), high=float(high), n=n, unit=Unit.MONEY, level=level)


def _rates(mean: float, points: int = 40) -> Floats:
    from scipy.stats import beta

    if not 0 < mean < 1:
        return np.array([mean])
    edges = beta.ppf(np.arange(points + 1) / points, mean * SPREAD, (1 - mean) * SPREAD)
    return np.asarray(points * mean * np.diff(beta.cdf(edges, mean * SPREAD + 1, (1 - mean) * SPREAD)))


def _cells(risk: Floats, churned: Bools) -> NDArray[np.int64]:
    """Customers who left and who stayed by step of risk, (2, steps + 1)."""
    step = np.floor(np.clip(risk, 0, 1) * STEPS + 1e-9).astype(np.int64)
    return np.array([np.bincount(step[side], minlength=STEPS + 1) for side in (churned, ~churned)])


def _resamples(counts: NDArray[np.int64], draws: int, seed: int) -> NDArray[np.int64]:
    """Resamples of customers, as counts by cell: (draws, 2, steps + 1)."""
    n = int(counts.sum())
    drawn = np.random.default_rng(seed).multinomial(n, counts.ravel() / n, size=draws)
    return drawn.reshape(draws, *counts.shape)


def _from_above(counts: NDArray[np.int64]) -> Floats:
    """Customers at or above each threshold."""
    return counts[::-1].cumsum()[::-1].astype(float)


def _drawn(counts: NDArray[np.int64], costs: Costs, n: int) -> Floats:
    return (_from_above(counts[0]) * costs.kept - _from_above(counts[1]) * costs.wasted) / n


def _expected(counts: NDArray[np.int64], costs: Costs, rates: Floats, n: int) -> float:
    """Mean over the success rates of the highest profit over all thresholds; contacting nobody brings nothing."""
    gone, stayed = _from_above(counts[0]), _from_above(counts[1])
    kept = rates * (costs.value - costs.offer) - costs.contact
    profit = np.outer(kept, gone) - stayed * costs.wasted
    return float(np.maximum(profit.max(axis=1), 0).mean() / n)
