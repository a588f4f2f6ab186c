"""Adjusting for what was known before: what it finds, what it is checked by, what would undo it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analytics.models.adjusted import Adjusted, Sensitivity, adjusted, checks, estimate, sampled
from analytics.results import Estimate, Unit
from tests.models.halves import EFFECT, halves


@pytest.fixture(scope="module")
def clean() -> tuple[Adjusted, Sensitivity]:
    return adjusted(halves(3)[0])


def told(value: float, half: float) -> Estimate:
    return Estimate(value=value, low=value - half, high=value + half, n=400, unit=Unit.MONEY)


def passed(found: Adjusted, sensitivity: Sensitivity, placebo: Estimate | None) -> dict[str, bool | None]:
    return {check.key: check.passed for check in checks(found, sensitivity, placebo)}


def test_the_effect_is_found_although_heavy_buyers_join_more(clean: tuple[Adjusted, Sensitivity]) -> None:
    found, _ = clean
    data = halves(3)[0]
    naive = data.outcome[data.treated].mean() - data.outcome[~data.treated].mean()
    assert naive > EFFECT + 0.5
    assert found.effect.low < EFFECT < found.effect.high < naive


def test_weighting_makes_the_sides_alike_that_were_not(clean: tuple[Adjusted, Sensitivity]) -> None:
    found, _ = clean
    assert found.balance["before"].abs().max() > 0.3
    assert found.balance["after"].abs().max() < 0.1
    assert found.overlap["treated"].sum() + found.overlap["controls"].sum() == 1_500


def test_a_stronger_confounder_leaves_less_of_the_effect(clean: tuple[Adjusted, Sensitivity]) -> None:
    found, sensitivity = clean
    grid = sensitivity.grid.pivot(index="cf_y", columns="cf_d", values="bound").to_numpy()
    assert grid[0, 0] == pytest.approx(found.effect.low, abs=0.02)  # nothing hidden: the interval itself
    assert (np.diff(np.diag(grid)) < 0).all()
    assert sensitivity.under[0] < found.effect.low


def test_a_hidden_cause_shows_in_the_months_before() -> None:
    _, before = halves(3, hidden=2.0)
    assert estimate(before).low > 0


def test_a_placebo_that_sees_too_little_counts_as_not_made(clean: tuple[Adjusted, Sensitivity]) -> None:
    """The effect is about 2: a third of it must lie outside the placebo's interval on both sides."""
    assert passed(*clean, told(0.1, half=0.4))["placebo"] is True
    assert passed(*clean, told(-0.4, half=0.5))["placebo"] is None
    assert passed(*clean, told(0.1, half=5.0))["placebo"] is None
    assert passed(*clean, told(0.9, half=0.5))["placebo"] is False
    assert passed(*clean, None)["placebo"] is None


def test_overlap_fails_where_nobody_alike_is_left(clean: tuple[Adjusted, Sensitivity]) -> None:
    found, sensitivity = clean
    assert passed(found, sensitivity, None)["overlap"] is True
    assert passed(replace(found, alone=0.06), sensitivity, None)["overlap"] is False
    assert passed(replace(found, effective=49.0), sensitivity, None)["overlap"] is False


def test_an_interval_with_zero_in_it_cannot_withstand_anything(clean: tuple[Adjusted, Sensitivity]) -> None:
    found, sensitivity = clean
    assert passed(replace(found, effect=told(0.2, half=0.5)), replace(sensitivity, under=(0.1, 0.9)), None)["sensitivity"] is False
    assert passed(replace(found, effect=told(-2.0, half=0.5)), replace(sensitivity, under=(-3.0, -0.2)), None)["sensitivity"] is True


def test_a_sample_keeps_the_treated_and_its_size() -> None:
    data = halves(1, n=400)[0]
    few = sampled(data, 7, 300)
    assert len(few.outcome) == len(few.covariates) == 300
    assert few.treated.sum() == min(int(data.treated.sum()), 150)
    assert isinstance(few.covariates, pd.DataFrame)
