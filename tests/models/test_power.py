"""Sample sizes by hand, by statsmodels' own solver, and by what comes of them in a world of many who buy nothing and a few who buy much."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower

from analytics.models.power import Plan, Spread, chance, detectable, needed, smallest_share, spread

TEN = Spread(mean=20.0, sd=10.0, explained=0.0, left=10.0, wobble=0.01, n=500)


def test_half_against_half_takes_the_textbook_number() -> None:
    # 2 * (1.95996 + 0.84162)^2 * (10 / 2)^2 = 392.4 in each arm
    assert needed(TEN, 2.0, Plan(share=0.5)) == 785


def test_a_small_control_arm_needs_more_customers_in_all() -> None:
    solved = NormalIndPower().solve_power(effect_size=0.2, alpha=0.05, power=0.8, ratio=9.0)  # nobs1 of the smaller arm
    assert needed(TEN, 2.0, Plan(share=0.1)) == pytest.approx(10 * solved, abs=1)


def test_what_is_detectable_is_what_so_many_customers_are_needed_for() -> None:
    plan = Plan(share=0.2, power=0.9, level=0.01)
    customers = needed(TEN, 1.7, plan)
    assert detectable(TEN, customers, plan) == pytest.approx(1.7, rel=1e-3)
    assert chance(TEN, 1.7, customers, plan) == pytest.approx(0.9, abs=1e-3)


def test_what_the_period_before_explains_saves_customers() -> None:
    rng = np.random.default_rng(1)
    before = rng.normal(size=40_000)
    known = spread(0.6 * before + 0.8 * rng.normal(size=40_000), before)
    assert known.explained == pytest.approx(0.36, abs=0.01)
    plain = Spread(mean=0.0, sd=known.sd, explained=0.0, left=known.sd, wobble=0.0, n=known.n)
    assert needed(known, 0.1, Plan()) / needed(plain, 0.1, Plan()) == pytest.approx(1 - 0.36, abs=0.01)


def test_a_period_before_in_which_nobody_bought_explains_nothing() -> None:
    known = spread(np.array([0.0, 3.0, 6.0]), np.zeros(3))
    assert (known.mean, known.sd, known.left, known.explained) == (3.0, 3.0, 3.0, 0.0)


def test_the_smallest_share_that_suffices_suffices_just_so() -> None:
    share = smallest_share(TEN, 2.0, 2_000, Plan())
    assert share is not None and share < 0.5
    assert detectable(TEN, 2_000, Plan(share=share)) == pytest.approx(2.0)
    assert smallest_share(TEN, 2.0, 700, Plan()) is None  # 785 are needed with half of them withheld


def test_the_wobble_is_that_of_resampling() -> None:
    rng = np.random.default_rng(2)
    spend = rng.exponential(size=20_000)
    drawn = [rng.choice(spend, len(spend)).std() for _ in range(200)]
    assert spread(spend, np.zeros(len(spend))).wobble == pytest.approx(np.std(drawn) / spend.std(), rel=0.2)


def test_what_cannot_be_planned_is_refused() -> None:
    for effect, share in ((0.0, 0.1), (-1.0, 0.1), (1.0, 0.0), (1.0, 1.0)):
        with pytest.raises(ValueError, match="need"):
            needed(TEN, effect, Plan(share=share))
    with pytest.raises(ValueError, match="need"):
        detectable(TEN, 0, Plan())
    with pytest.raises(ValueError, match="need"):
        spread(np.ones(2), np.ones(2))


def shoppers(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Money before and after of customers of whom most buy nothing and a few buy much, the same ones in both."""
    rate = rng.gamma(0.5, 1.0, n)
    return tuple(rng.poisson(rate) * rng.lognormal(3.0, 0.6, n) for _ in range(2))


def test_a_planned_test_shows_its_effect_as_often_as_planned() -> None:
    rng, plan = np.random.default_rng(3), Plan(share=0.2)
    before, after = shoppers(rng, 50_000)
    assert (after == 0).mean() > 0.5
    known = spread(after, before)
    effect = 0.15 * known.mean
    n, shown, runs = needed(known, effect, plan), 0, 500
    for _ in range(runs):
        before, after = shoppers(rng, n)
        control = np.arange(n) < plan.share * n
        after = after + np.where(control, 0.0, effect * (after > 0) / (after > 0).mean())
        shown += abs(adjusted_t(after, before, control)) > 1.96
    assert shown / runs == pytest.approx(0.8, abs=0.05)


def adjusted_t(after: np.ndarray, before: np.ndarray, control: np.ndarray) -> float:
    """Difference of the arms over its error, what came before taken off: an independent few lines of CUPED."""
    rest = after - np.cov(before, after)[0, 1] / before.var(ddof=1) * before
    sides = rest[~control], rest[control]
    return float((sides[0].mean() - sides[1].mean()) / sqrt(sum(side.var(ddof=1) / len(side) for side in sides)))
