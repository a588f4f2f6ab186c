"""Grades by hand: the best a design can reach, lowered by what failed or could not be checked; nothing raises one."""

from __future__ import annotations

from datetime import date

import pytest

from analytics.models.evidence import CEILING, CHECKS, Check, Claim, Design, best, crossed, grade, lowering
from analytics.results import Estimate, Unit

ALL = [(design, key) for design, rules in CHECKS.items() for key in rules]


def checks(design: Design, **outcomes: bool | None) -> list[Check]:
    """Every check of the design passed, but for those named."""
    return [Check(key=key, passed=outcomes.get(key, True)) for key in CHECKS[design]]


def claim(design: Design, **outcomes: bool | None) -> Claim:
    effect = Estimate(value=5, low=4, high=6, n=100, unit=Unit.MONEY)
    made = tuple(checks(design, **outcomes))
    return Claim(design=design, effect=effect, checks=made, treated=50, controls=50, first=date(2025, 1, 1), last=date(2025, 12, 31))


def test_only_a_lot_is_graded_a() -> None:
    assert {design: grade(design, checks(design)) for design in CHECKS} == {
        "experiment": "A", "staggered": "B", "adjusted": "B", "threshold": "B", "launch": "B",
    }  # fmt: skip


@pytest.mark.parametrize(("design", "key"), ALL)
def test_every_check_that_fails_lowers_the_grade(design: Design, key: str) -> None:
    assert grade(design, checks(design, **{key: False})) > CEILING[design]
    assert lowering(design, checks(design, **{key: False})) == (key,)


@pytest.mark.parametrize(("design", "key"), [(design, key) for design, key in ALL if CHECKS[design][key].unknown])
def test_a_check_that_could_not_be_made_is_not_passed(design: Design, key: str) -> None:
    assert grade(design, checks(design, **{key: None})) > CEILING[design]
    assert grade(design, [check for check in checks(design) if check.key != key]) > CEILING[design]


def test_a_failed_placebo_caps_the_grade_at_c() -> None:
    for design in ("staggered", "adjusted", "threshold"):
        assert grade(design, checks(design, placebo=False)) == "C"


def test_a_lot_that_something_sorted_afterwards_says_nothing() -> None:
    assert grade("experiment", checks("experiment", sample_ratio=False)) == "D"


def test_a_lot_without_a_history_stays_a_lot() -> None:
    assert grade("experiment", checks("experiment", balance=None)) == "A"


def test_arms_that_differ_beyond_what_a_fair_lot_does_say_nothing() -> None:
    assert grade("experiment", checks("experiment", balance=False)) == "D"


def test_more_before_joining_than_after_it_says_nothing() -> None:
    assert grade("staggered", checks("staggered", placebo=False, drift=False)) == "D"
    assert grade("staggered", checks("staggered", placebo=False)) == "C"


def test_nobody_alike_and_bunching_and_a_blind_forecast_refuse() -> None:
    assert grade("adjusted", checks("adjusted", overlap=False, balance=True)) == "D"
    assert grade("threshold", checks("threshold", density=False)) == "D"
    assert grade("launch", checks("launch", fit=None)) == "D"


def test_the_gravest_failure_comes_first() -> None:
    assert lowering("staggered", checks("staggered", placebo=False, overlap=False)) == ("overlap", "placebo")


def test_a_check_of_another_design_is_a_bug() -> None:
    with pytest.raises(KeyError, match="density"):
        grade("staggered", [Check(key="density", passed=True)])


def test_the_best_grade_is_stood_on_and_of_equal_ones_the_earlier_design() -> None:
    staggered, adjusted, threshold = claim("staggered"), claim("adjusted"), claim("threshold")
    assert best([threshold, adjusted, staggered]) is staggered
    assert best([claim("staggered", placebo=False), adjusted]) is adjusted
    assert best([claim("experiment", sample_ratio=False), threshold]) is threshold


def test_a_threshold_never_stands_in_place_of_the_whole_programme() -> None:
    sensitive, threshold = claim("staggered", placebo=False), claim("threshold")
    assert (sensitive.grade, threshold.grade) == ("C", "B")
    assert best([threshold, sensitive]) is sensitive


@pytest.mark.parametrize("seen", ["pre_trend", "placebo"])
def test_a_drift_that_the_dates_show_lowers_the_comparison_of_the_same_people(seen: str) -> None:
    alone = claim("adjusted")
    assert alone.grade == "B"
    assert crossed(alone, claim("staggered")).grade == "B"
    drifted = crossed(alone, claim("staggered", **{seen: False}))
    assert drifted.grade == "C"
    assert lowering("adjusted", drifted.checks) == ("trend",)


def test_dates_that_show_nothing_do_not_lower_it() -> None:
    assert crossed(claim("adjusted"), claim("staggered", pre_trend=None, placebo=None)).grade == "B"


def test_where_every_design_is_refused_none_is_stood_on() -> None:
    assert best([claim("experiment", sample_ratio=False), claim("adjusted", overlap=False)]) is None
