"""A15: intervals for what customers will bring cover 88 to 92 % in every tier, in worlds where tiers differ in everything.

TIERWISE_SEEDS sets how many worlds (200 by default in `make bars`).
"""

from __future__ import annotations

import os

import numpy as np
import pytest

from analytics.models.conformal import Seen, ranges

SEEDS = int(os.environ.get("TIERWISE_SEEDS", "200"))
FEW = 8
TIERS = ("Bronze", "Silver", "Gold")


def world(rng: np.random.Generator, n: int) -> tuple[Seen, np.ndarray]:
    """What is seen of customers, and what they bring: tiers differ in how often they order (many of Bronze never), how much and how
    unevenly."""
    tier = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    rate = rng.gamma(np.array([0.8, 2.0, 4.0])[tier], 1.0)
    basket = rng.lognormal(np.array([3.0, 3.5, 4.0])[tier], 0.4)
    orders = rng.poisson(rate)
    spread = np.array([0.2, 0.5, 1.2])[tier]
    value = np.array([rng.lognormal(np.log(basket[i]) - spread[i] ** 2 / 2, spread[i], orders[i]).sum() for i in range(n)])
    said = np.column_stack([rate * rng.lognormal(0, 0.3, n), basket, rng.normal(size=n)])
    centre = said[:, 0] * basket
    return Seen(features=said, centre=centre, spread=centre, groups=np.array(TIERS, dtype=object)[tier]), value


def covered(seed: int) -> list[float]:
    """Share of new customers of each tier inside their interval."""
    rng = np.random.default_rng(seed)
    found = ranges(*world(rng, 4_000), seed=seed)
    later, came = world(rng, 6_000)
    low, high = found.between(later)
    inside = (came >= low) & (came <= high)
    return [float(inside[later.groups == name].mean()) for name in TIERS]


def test_a15_few_worlds() -> None:
    mean = np.mean([covered(seed) for seed in range(FEW)], axis=0)
    assert (mean > 0.87).all() and (mean < 0.93).all(), mean


@pytest.mark.bars
@pytest.mark.timeout(3600)
def test_a15_every_tier_is_covered() -> None:
    found = np.array([covered(seed) for seed in range(SEEDS)])
    mean = found.mean(axis=0)
    print(f"covered by tier over {SEEDS} worlds: " + ", ".join(f"{name} {share:.3f}" for name, share in zip(TIERS, mean, strict=True)))
    assert (mean >= 0.88).all() and (mean <= 0.92).all(), mean
