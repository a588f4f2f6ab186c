"""Worlds of customers around a threshold whose step is known, who crowd above it or do not: for the design `threshold`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.models.discontinuity import Near

STEP = 3.0


def around(seed: int, n: int = 3_000, *, step: float = STEP, crowding: float = 0.0, follows: float = 1.0) -> Near:
    """Customers by what they spent less 300; `crowding` is the share of those up to 30 below who spend just enough more to pass, and buy
    more than others; `follows` the share whose tier the threshold decides."""
    rng = np.random.default_rng(seed)
    spent = rng.gamma(4, 75, n)
    active = rng.normal(0, 2, n)
    just_below = (spent >= 270) & (spent < 300)
    lifted = just_below & (rng.random(n) < crowding)
    spent = np.where(lifted, 300 + rng.random(n) * 20, spent)
    x = spent - 300
    treated = np.where(rng.random(n) < follows, x >= 0, rng.random(n) < 0.5)
    outcome = 8 + 0.02 * x + 0.00002 * x**2 + np.sin(x / 90) + step * treated + active + 2.0 * lifted + rng.normal(0, 3, n)
    known = pd.DataFrame({"tenure": 400 + 0.5 * x + rng.normal(0, 100, n), "before": 9 + 0.02 * x + active + 2.0 * lifted})
    return Near(x=x, outcome=outcome, treated=treated, customer=np.arange(n), covariates=known)
