"""Costs against margin, by hand: ten months, a hundred customers, an effect of two a month."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.models.economics import Case, evaluate, tornado
from analytics.results import Estimate, Unit

TEN, HUNDRED = 10, 100.0
CASE = Case(
    treated=np.full(TEN, HUNDRED),
    costs={"rewards": np.full(TEN, 60.0), "platform": np.full(TEN, 40.0)},
    effect=Estimate(value=2.0, low=1.0, high=3.0, n=500, unit=Unit.MONEY),
    strength=np.ones(TEN),
    own_margin=8000.0,
    discount=0.0,
)


def test_return_margin_and_break_even_are_those_of_a_pocket_calculator() -> None:
    found = evaluate(CASE)
    assert found.margin[0] == 2000  # 100 customers x 10 months x 2
    assert found.cost[0] == 1000
    assert found.roi[0] == 1.0
    assert found.npv[0] == 1000
    assert found.break_even[0] == 1.0


def test_the_interval_of_the_return_is_that_of_the_effect() -> None:
    roi = evaluate(CASE).estimate("roi", Unit.SHARE)
    assert (roi.low, roi.high) == (pytest.approx(0.0, abs=0.005), pytest.approx(2.0, abs=0.005))  # effects of 1 and 3
    assert (roi.n, roi.level) == (500, 0.95)


def test_the_chance_that_it_pays_is_that_of_an_effect_above_break_even() -> None:
    assert evaluate(CASE).pays == pytest.approx(0.975, abs=0.002)  # break-even is the interval's lower end
    even = replace(CASE, effect=replace(CASE.effect, value=1.0, low=0.0, high=2.0))
    assert evaluate(even).pays == pytest.approx(0.5, abs=0.005)


def test_rewards_for_purchases_made_anyway_follow_the_part_that_was_not_caused() -> None:
    found = evaluate(CASE)
    assert found.anyway[0] == pytest.approx(600 * (1 - 2000 / 8000))
    harm = evaluate(replace(CASE, effect=replace(CASE.effect, value=-2.0, low=-3.0, high=-1.0)))
    assert harm.anyway[0] == 600  # an effect below zero caused no purchase
    assert np.isnan(evaluate(replace(CASE, own_margin=None)).anyway[0])


def test_payback_is_the_first_month_in_which_margin_covers_cost() -> None:
    assert evaluate(replace(CASE, setup=450.0)).payback[0] == 5  # 100 left a month against 450
    assert evaluate(replace(CASE, setup=5000.0)).payback[0] == np.inf
    assert evaluate(CASE).payback[0] == 1
    late = evaluate(replace(CASE, setup=450.0)).estimate("payback", Unit.MONTHS)
    assert late.low == 3  # an effect of 3 leaves 200 a month
    assert late.high == np.inf  # one of 1 leaves nothing


def test_what_falls_behind_again_is_not_paid_back() -> None:
    """A hundred is left in each of five months, then two hundred are lost in each of five."""
    dearer = replace(CASE, costs={"platform": np.array([100.0] * 5 + [400.0] * 5)})
    assert list(evaluate(dearer).cumulative[0]) == [100, 200, 300, 400, 500, 300, 100, -100, -300, -500]
    assert evaluate(dearer).payback[0] == np.inf


def test_money_later_is_worth_less() -> None:
    found = evaluate(replace(CASE, discount=0.12))
    assert found.npv[0] == pytest.approx(sum(100 / 1.12 ** (month / 12) for month in range(1, 11)))


def test_an_effect_that_fades_brings_less_in_later_months() -> None:
    halved = evaluate(replace(CASE, strength=0.5 ** np.arange(TEN)))
    assert halved.margin[0] == pytest.approx(200 * (2 - 0.5**9))


def test_doubt_about_the_answer_to_richer_rewards_widens_the_interval() -> None:
    found = evaluate(replace(CASE, responses=np.full(TEN, 4.0), spread=(0.0, 1.0)))
    assert found.margin[0] == pytest.approx(2000 * 2)  # 4 ** .5
    width = np.ptp(np.quantile(found.margin[1:], [0.025, 0.975]))
    assert width > np.ptp(np.quantile(evaluate(CASE).margin[1:], [0.025, 0.975])) * 2


def test_costs_that_are_not_sure_widen_it_too_and_the_seed_fixes_the_draws() -> None:
    sure, unsure = evaluate(CASE), evaluate(replace(CASE, cost_error=0.2))
    assert sure.estimate("cost", Unit.MONEY).level == 1.0
    cost = unsure.estimate("cost", Unit.MONEY)
    assert (cost.low, cost.high) == (pytest.approx(664.6, rel=0.01), pytest.approx(1446.8, rel=0.01))  # e ** (-.0196 -+ 1.96 * .198)
    assert float(unsure.cost[1:].mean()) == pytest.approx(1000, rel=0.001)
    assert np.array_equal(evaluate(CASE, seed=3).roi, evaluate(CASE, seed=3).roi)
    assert not np.array_equal(evaluate(CASE, seed=3).roi, evaluate(CASE, seed=4).roi)


def test_however_unsure_the_costs_the_return_has_an_end() -> None:
    roi = evaluate(replace(CASE, cost_error=1.0)).estimate("roi", Unit.SHARE)
    assert -1 < roi.low < roi.value < roi.high < float("inf")


def test_the_widest_swing_comes_first() -> None:
    swings = tornado(CASE)
    assert [swing.what for swing in swings] == ["effect", "rewards", "platform", "discount"]
    first = swings[0]
    assert (first.npv_low, first.npv_high) == (0, 2000)
    assert (swings[1].npv_low, swings[1].npv_high) == (1060, 940)


def test_nothing_is_told_without_a_cost_or_without_anybody() -> None:
    for empty in (replace(CASE, costs={}), replace(CASE, treated=np.zeros(TEN))):
        with pytest.raises(ValueError, match="treated customers and a cost"):
            evaluate(empty)
