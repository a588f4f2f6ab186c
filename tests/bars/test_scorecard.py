"""A20: where groups do not differ, the audit of a selection flags none; TIERWISE_SEEDS sets in how many worlds it is tried."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest

from analytics.models.scorecard import selected

WORLDS = int(os.environ.get("TIERWISE_SEEDS", "200"))
CUSTOMERS = 2_000
SIZES = {"region": 5, "gender": 2, "industry": 6, "acquisition_channel": 5, "tier": 4}


def flags(seed: int, margin: float) -> int:
    """One world in which the best fifth has nothing to do with any group."""
    rng = np.random.default_rng(seed)
    inside = rng.permutation(CUSTOMERS) < CUSTOMERS // 5
    groups = {name: pd.Series(rng.integers(0, size, CUSTOMERS).astype(str)) for name, size in SIZES.items()}
    return int(selected(inside, groups, described=("tier",), margin=margin)["flagged"].sum())


@pytest.mark.parametrize("margin", [0.0, 0.1])
def test_a_selection_by_chance_is_flagged_in_at_most_eight_of_a_hundred_worlds(margin: float) -> None:
    assert np.mean([flags(seed, margin) > 0 for seed in range(WORLDS)]) <= 0.08
