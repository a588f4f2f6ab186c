"""Worlds of members and others whose effect is known, with a hidden cause or without: for the design `adjusted`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.models.adjusted import Comparison

EFFECT = 2.0
GROUPS = {"money": ("early", "late"), "channel": ("online", "app"), "age": ("age",)}


def halves(seed: int, n: int = 1_500, *, effect: float = EFFECT, hidden: float = 0.0) -> tuple[Comparison, Comparison]:
    """What came after joining, and the months before as if they were what came after, each against what was known then.

    Who joins hangs on the channel and on early buying; `hidden` adds a cause of joining and of buying, half as strong before
    joining as after it, that no column tells.
    """
    rng = np.random.default_rng(seed)
    channel, age, unseen = rng.integers(0, 3, n), rng.normal(size=n), rng.normal(size=n)
    usual = 10 + np.array([-1.0, 0.0, 1.5])[channel] + 0.5 * age
    early = usual + rng.normal(0, 2, n)
    push = -0.4 + np.array([-0.6, 0.0, 0.6])[channel] + 0.15 * (early - 10) + hidden * unseen
    treated = rng.random(n) < 1 / (1 + np.exp(-push))
    late = usual + 0.5 * hidden * unseen + rng.normal(0, 2, n)
    outcome = usual + 0.3 * (early - usual) + 0.1 * np.maximum(early - 10, 0) + hidden * unseen + effect * treated + rng.normal(0, 2, n)
    known = {"early": early, "online": (channel == 1) * 1.0, "app": (channel == 2) * 1.0, "age": age}
    after = Comparison(outcome=outcome, treated=treated, covariates=pd.DataFrame({**known, "late": late}), groups=GROUPS)
    before = {**GROUPS, "money": ("early",)}
    return after, Comparison(outcome=late, treated=treated, covariates=pd.DataFrame(known), groups=before)
