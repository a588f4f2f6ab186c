"""The interval of all customers' orders covers what they go on to order, though the model is chosen and fitted on the same data.

TIERWISE_SEEDS sets how many worlds (200 by default in `make bars`).
"""

from __future__ import annotations

import os

import numpy as np
import pytest

from analytics.models.customer_base import Base, fit_base, orders_of
from analytics.models.future import total, widest
from analytics.models.trial import trial
from analytics.results import Estimate, Unit
from tests.models.buyers import geometric, lasting

SEEDS = int(os.environ.get("TIERWISE_SEEDS", "200"))
FEW = 5
YEAR, HALF, CUSTOMERS = 52.0, 26.0, 800
WORLDS = {"mbg": (0.8, 5.0, 0.7, 2.5), "pareto": (0.8, 8.0, 0.8, 20.0)}


def covered(seed: int, story: str) -> bool:
    """Whether a year's orders of 800 customers, who came within the first half-year of one and a half, lie within the interval."""
    rng = np.random.default_rng(seed)
    came_at = np.floor(rng.uniform(0, HALF, CUSTOMERS) * 7) / 7
    state = rng.bit_generator.state
    makers = {
        "mbg": lambda T, ahead: geometric(rng, WORLDS["mbg"], T, ahead, at_first=True),
        "pareto": lambda T, ahead: lasting(rng, WORLDS["pareto"], T, ahead),
    }
    before = makers[story](YEAR - came_at, HALF)
    rng.bit_generator.state = state  # the same customers, half a year later
    now = makers[story](YEAR + HALF - came_at, YEAR)
    young = np.zeros(CUSTOMERS, bool)
    found = trial(Base(x=before.x, t_x=before.t_x, T=before.T, old=young), HALF, before.coming)
    today = Base(x=now.x, t_x=now.t_x, T=now.T, old=young)
    told = widest([_total(name, today, found.misfit) for name in (found.chosen, *found.rivals)])
    return bool(told.low <= now.coming.sum() <= told.high)


def _total(family: str, today: Base, miss: float) -> Estimate:
    model = fit_base(family, today)
    alive = model.alive(today)
    orders, variance = alive * model.given_alive(today, YEAR), model.variance(today, YEAR, alive)
    return total(orders, variance, model.wobble(today, orders_of(YEAR)), reach=miss, unit=Unit.COUNT)


@pytest.mark.parametrize("story", WORLDS)
def test_the_future_of_few_worlds_lies_within_the_interval(story: str) -> None:
    assert sum(covered(seed, story) for seed in range(FEW)) >= FEW - 1


@pytest.mark.bars
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("story", WORLDS)
def test_the_interval_of_all_orders_covers(story: str) -> None:
    share = np.mean([covered(seed, story) for seed in range(SEEDS)])
    print(f"{story}: {share:.3f} of {SEEDS} worlds within the 95 % interval")
    assert share >= 0.92
