"""The step at a threshold: its size, and what would betray that it is not the threshold's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analytics.models import discontinuity as rd
from analytics.results import Estimate, Unit
from tests.models.thresholds import STEP, around


@pytest.fixture(scope="module")
def found() -> rd.Discontinuity:
    return rd.discontinuity(around(5, n=6_000))


def passed(found: rd.Discontinuity) -> dict[str, bool | None]:
    return {check.key: check.passed for check in rd.checks(found)}


def test_the_step_is_found_and_nothing_speaks_against_it(found: rd.Discontinuity) -> None:
    assert found.effect.size.low < STEP < found.effect.size.high
    assert found.first == Estimate(value=1.0, low=1.0, high=1.0, n=6_000, unit=Unit.SHARE, level=1.0)
    assert passed(found) == {"density": True, "balance": True, "donut": True, "placebo": True}


def test_the_step_of_those_whom_the_threshold_moves_is_larger_than_that_of_all() -> None:
    """Where it decides for six in ten only, the step of all is six tenths of theirs."""
    near = around(2, n=12_000, follows=0.6)
    assert rd.first_stage(near).value == pytest.approx(0.6, abs=0.1)
    of_all = rd.step(near.x, near.outcome).size.value
    assert of_all == pytest.approx(0.6 * STEP, abs=0.8)
    assert rd.effect(near).size.value == pytest.approx(of_all / 0.6, rel=0.25)


def test_those_who_crowd_above_are_seen() -> None:
    crowded = rd.discontinuity(around(4, n=6_000, crowding=0.8))
    assert passed(crowded)["density"] is False


def test_a_step_in_what_was_known_before_is_seen(found: rd.Discontinuity) -> None:
    near = around(5, n=6_000)
    moved = replace(near, covariates=near.covariates.assign(before=near.covariates["before"] + 5.0 * (near.x >= 0)))
    assert passed(rd.discontinuity(moved))["balance"] is False


def test_steps_elsewhere_are_counted_for_many_questions_at_once(found: rd.Discontinuity) -> None:
    steps = pd.DataFrame({"placebo": [-1.0, -2.0, 1.0, 2.0], "value": 0.0, "low": 0.0, "high": 0.0, "p": [0.03, 0.4, 0.5, 0.6]})
    assert passed(replace(found, placebos=steps))["placebo"] is True  # 0.03 of four is 0.12
    assert passed(replace(found, placebos=steps.assign(p=[0.001, 0.4, 0.5, 0.6])))["placebo"] is False
    assert passed(replace(found, placebos=steps.iloc[:0]))["placebo"] is None


def test_a_donut_far_off_fails(found: rd.Discontinuity) -> None:
    off = Estimate(value=9.0, low=8.5, high=9.5, n=100, unit=Unit.MONEY)
    assert passed(replace(found, donut=off))["donut"] is False
    assert passed(replace(found, donut=None))["donut"] is None


def test_bins_do_not_cross_the_threshold_and_lines_end_where_nobody_is_looked_at(found: rd.Discontinuity) -> None:
    assert (found.rd.loc[found.rd["side"] == "below", "at"] < 0).all()
    assert (found.rd.loc[found.rd["side"] == "above", "at"] > 0).all()
    assert (found.rd["fit"].notna() == (found.rd["at"].abs() <= found.effect.bandwidth)).all()


def test_the_clearest_threshold_is_the_one_known_best_against_the_money_usual_there() -> None:
    def size(half: float) -> rd.Step:
        return rd.Step(size=Estimate(value=0.0, low=-half, high=half, n=9, unit=Unit.MONEY), bandwidth=1.0, p=1.0)

    assert rd.clearest([(size(1.0), 2.0), (size(2.0), 10.0)]) == 1


def test_customers_of_several_reviews_count_once() -> None:
    near = around(6, n=2_000)
    twice = [np.concatenate([part, part]) for part in (near.x, near.outcome, near.customer)]
    once = rd.step(near.x, near.outcome).size
    both = rd.step(twice[0], twice[1], customer=twice[2]).size
    assert (both.high - both.low) > 0.9 * (once.high - once.low)
