"""A programme under other settings: what each lever moves, by hand, and that nothing moves when none is touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.models.economics import Case, evaluate
from analytics.models.levers import Given, Levers, Moved, applied, cost_factors, generosity, points_factor
from analytics.results import Estimate, Unit

GIVEN = Given(points=60.0, benefits=40.0)
HERE = Moved()


@pytest.fixture
def case() -> Case:
    """Four months of a hundred treated members, two pounds of margin each, for 150 a month: 100 of rewards, 30 of staff, 20 of platform."""
    return Case(
        treated=np.full(4, 100.0),
        costs={"rewards": np.full(4, 100.0), "people": np.full(4, 30.0), "platform": np.full(4, 20.0)},
        effect=Estimate(value=2.0, low=1.0, high=3.0, n=400, unit=Unit.MONEY),
        strength=np.ones(4),
        own_margin=4_000.0,
        cost_error=0.05,
    )


def same(one: Case, other: Case) -> bool:
    return all(np.array_equal(getattr(evaluate(one), part), getattr(evaluate(other), part)) for part in ("margins", "costs", "anyway"))


def test_levers_that_nobody_touched_change_no_digit_of_any_draw(case: Case) -> None:
    levers = Levers()
    assert generosity(GIVEN, levers, HERE) == 1
    assert same(applied(case, levers, HERE, generosity(GIVEN, levers, HERE)), case)


def test_each_kind_of_cost_follows_its_own_levers() -> None:
    levers = Levers(earn=1.5, reward_cost=0.5, benefits=2.0, budget=0.8, platform=3.0, enrolment=1.1)
    factors = cost_factors(levers, Moved(points=1.2, benefits=0.9))
    wanted = {
        "rewards": 1.5 * 1.2 * 1.1 * 0.5,
        "benefits": 2.0 * 0.9 * 1.1,
        "communication": 0.8 * 1.1,
        "people": 0.8,
        "other": 0.8,
        "platform": 3.0,
    }
    assert factors == pytest.approx(wanted)
    assert points_factor(levers, Moved(points=1.2)) == pytest.approx(1.5 * 1.2 * 1.1)


def test_cheaper_rewards_save_money_and_take_nothing_from_the_members(case: Case) -> None:
    levers = Levers(reward_cost=0.5)
    assert generosity(GIVEN, levers, HERE) == 1
    cheaper = evaluate(applied(case, levers, HERE, 1.0))
    assert cheaper.costs[0].sum() == pytest.approx(4 * (50 + 30 + 20))
    assert cheaper.margin[0] == evaluate(case).margin[0] == 800


def test_generosity_weighs_points_and_benefits_by_what_they_are_worth() -> None:
    assert generosity(GIVEN, Levers(earn=1.5), HERE) == pytest.approx((60 * 1.5 + 40) / 100)
    assert generosity(GIVEN, Levers(benefits=0.5), HERE) == pytest.approx((60 + 40 * 0.5) / 100)
    assert generosity(GIVEN, Levers(enrolment=2.0), HERE) == 1
    assert generosity(GIVEN, Levers(), Moved(points=1.1, benefits=0.8)) == pytest.approx((66 + 32) / 100)
    assert generosity(Given(points=0.0, benefits=0.0), Levers(earn=2.0), HERE) == 1


def test_the_effect_of_a_richer_programme_lies_anywhere_between_unmoved_and_in_proportion(case: Case) -> None:
    richer = evaluate(applied(case, Levers(), HERE, 1.44))
    assert richer.margin[0] == pytest.approx(800 * 1.2)  # the middle exponent, one half
    certain = replace(case, effect=replace(case.effect, low=2.0, high=2.0))
    drawn = evaluate(applied(certain, Levers(), HERE, 1.44)).margin[1:]
    assert drawn.min() == pytest.approx(800, rel=1e-3)
    assert drawn.max() == pytest.approx(800 * 1.44, rel=1e-3)
    assert np.median(drawn) == pytest.approx(800 * 1.2, rel=1e-3)


def test_a_known_response_is_taken_as_told(case: Case) -> None:
    assert evaluate(applied(case, Levers(response=(1.0, 1.0)), HERE, 0.5)).margin[0] == pytest.approx(400)


def test_a_competitor_who_matches_in_full_leaves_no_effect_and_all_the_cost(case: Case) -> None:
    outcome = evaluate(applied(case, Levers(match=1.0), HERE, 1.0))
    assert np.abs(outcome.margins).max() == 0
    assert outcome.roi[0] == -1


def test_imitation_halves_the_effect_every_so_many_months(case: Case) -> None:
    outcome = evaluate(applied(case, Levers(half_life=2.0), HERE, 1.0))
    assert outcome.margins[0] == pytest.approx([200, 200 * 0.5**0.5, 100, 100 * 0.5**0.5])


def test_more_members_bring_and_cost_more_but_the_staff_stays(case: Case) -> None:
    outcome = evaluate(applied(case, Levers(enrolment=1.5), HERE, 1.0))
    assert outcome.margin[0] == pytest.approx(1_200)
    assert outcome.costs[0].sum() == pytest.approx(4 * (150 + 30 + 20))
    assert outcome.own_margin == 6_000
