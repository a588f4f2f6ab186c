"""A18: breakage within a point of its truth where unredeemed / issued is ten points off; A21: the arithmetic of IFRS 15.

TIERWISE_SEEDS sets how many worlds (200 by default in `make bars`).
"""

from __future__ import annotations

import os

import numpy as np
import pytest

from analytics.models.redemption import redemption
from analytics.models.revenue import recognised
from tests.models.points import observed, truth

SEEDS = int(os.environ.get("TIERWISE_SEEDS", "200"))
FEW = 6


def told(seed: int) -> tuple[float, float, float, float]:
    """Breakage, its interval, and unredeemed / issued."""
    fates, naive = observed(seed)
    rate = redemption(fates, life=12, draws=300).rate
    assert rate is not None
    return 1 - rate.value, 1 - rate.high, 1 - rate.low, naive


def test_a18_few_worlds() -> None:
    found = np.array([told(seed) for seed in range(FEW)])
    assert (abs(found[:, 0] - (1 - truth())) < 0.01).all()
    assert (found[:, 3] - (1 - truth()) >= 0.1).all()


@pytest.mark.bars
@pytest.mark.timeout(3600)
def test_a18_breakage_is_found_and_its_interval_covers() -> None:
    found, breakage = np.array([told(seed) for seed in range(SEEDS)]), 1 - truth()
    covered = ((found[:, 1] <= breakage) & (breakage <= found[:, 2])).mean()
    off = np.abs(found[:, 0] - breakage)
    print(f"breakage {breakage:.4f}: mean {found[:, 0].mean():.4f}, off by {off.mean():.4f}, within a point in {(off < 0.01).mean():.3f}")
    print(f"the 95 % interval covers in {covered:.3f} of {SEEDS} worlds")
    print(f"unredeemed / issued {found[:, 3].mean():.4f}, at least {found[:, 3].min():.4f}")
    assert (off < 0.01).mean() >= 0.95
    assert (found[:, 3] - breakage >= 0.1).all()
    assert 0.92 <= covered <= 0.98


@pytest.mark.parametrize(("expected", "third_year"), [(9_900, 3_552), (9_200, 4_140)])
def test_a21_recognised_in_proportion_and_a_change_of_estimate_caught_up(expected: float, third_year: int) -> None:
    allocated = np.array(9_000.0)
    second = recognised(allocated, np.array(4_500.0), np.array(0.97 * 10_000))
    third = recognised(allocated, np.array(8_500.0), np.array(float(expected)))
    assert round(float(second)) == 4_175
    assert round(float(third - second)) == third_year
