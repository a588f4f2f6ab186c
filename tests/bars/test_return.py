"""The demo's true margin lies in the interval that `economics` carries over to all members. TIERWISE_SEEDS / 4 seeds."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.models.staggered import staggered
from analytics.studies.effect_staggered import _late_enough
from data.programme.truth import SEED, Switches
from data.programme.world import world
from tests.bars.test_staggered import SEEDS
from tests.models.joiners import members_of_the_demo, of_the_demo


def apart(seed: int) -> tuple[float, float, float]:
    """How far the margin carried over is from the truth, and the two ends of its interval less the truth: shares of the truth."""
    history = world(Switches(), 20_000, seed).history
    panel, _ = of_the_demo(history)
    told = staggered(_late_enough(panel), list(panel.covariates()))
    assert told is not None
    own, caused = members_of_the_demo(history)
    return tuple(end * own / told.brought / caused - 1 for end in (told.effect.value, told.effect.low, told.effect.high))


@pytest.mark.bars
@pytest.mark.timeout(7200)
def test_the_demos_true_return_lies_in_the_interval() -> None:
    values, lows, highs = np.array([apart(SEED + seed) for seed in range(SEEDS // 4)]).T
    covered = np.mean((lows <= 0) & (highs >= 0))
    print(f"demo return: covered {covered:.3f} of {len(values)} seeds, off by {values.mean():+.3f} on average")
    assert covered >= 0.9
    assert abs(values.mean()) < 0.15


def test_the_demos_true_return_of_one_seed() -> None:
    _, low, high = apart(SEED)
    assert low <= 0 <= high
