"""A19: inequality of distributions whose indices are known; TIERWISE_SEEDS sets how many worlds the intervals are tried in."""

from __future__ import annotations

import os

import numpy as np
import pytest
from scipy.stats import expon, lognorm, norm

from analytics.models.inequality import gini, lorenz, theil

SEEDS = int(os.environ.get("TIERWISE_SEEDS", "200"))
LEVELS = (np.arange(1_000_000) + 0.5) / 1_000_000  # quantiles: a sample without the luck of the draw
TRUTH = {"exponential": (0.5, 1 - np.euler_gamma), "lognormal": (2 * norm.cdf(1 / np.sqrt(2)) - 1, 0.5)}
MADE = {"exponential": expon(), "lognormal": lognorm(1)}


@pytest.mark.parametrize("kind", TRUTH)
def test_a19_known_distributions(kind: str) -> None:
    held = MADE[kind].ppf(LEVELS)
    asked = TRUTH[kind]
    assert gini(held).value == pytest.approx(asked[0], abs=0.003)
    assert theil(held).value == pytest.approx(asked[1], abs=0.003)
    assert 1 - 2 * np.trapezoid(lorenz(held)["share"], dx=0.01) == pytest.approx(asked[0], abs=0.003)


@pytest.mark.bars
@pytest.mark.parametrize("kind", TRUTH)
def test_a19_intervals_cover_and_samples_come_out_right_on_average(kind: str) -> None:
    drawn = [MADE[kind].rvs(2_000, random_state=seed) for seed in range(SEEDS)]
    for index, asked, at_least in ((gini, TRUTH[kind][0], 0.91), (theil, TRUTH[kind][1], 0.84)):
        found = [index(held) for held in drawn]
        covered = np.mean([one.low <= asked <= one.high for one in found])
        mean = np.mean([one.value for one in found])
        print(f"A19 {kind} {index.__name__}: mean {mean:.4f} for {asked:.4f}, covered {covered:.1%} of {SEEDS}")
        assert covered >= at_least
        assert mean == pytest.approx(asked, abs=0.01)
