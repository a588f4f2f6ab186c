"""How long members stay, worked out by hand."""

import numpy as np
import pytest

from analytics.models.survival import apart, curve, hazard, left_by, median_stay

DAYS = np.repeat([100.0, 200.0, 300.0, 400.0], 10)


def test_a_curve_by_hand() -> None:
    left = np.repeat([True, False, True, False], 10)
    table = curve(DAYS, left)
    # 40 watched, 10 leave: 3/4; at 300 days 20 watched, 10 leave: 3/8
    assert table["days"].tolist() == [0.0, 100.0, 300.0]
    assert table["survival"].tolist() == pytest.approx([1.0, 0.75, 0.375])
    assert table["at_risk"].tolist() == [40, 40, 20]
    assert ((table["low"] <= table["survival"]) & (table["survival"] <= table["high"])).all()
    assert table["low"].min() > 0


def test_a_curve_ends_where_too_few_are_watched() -> None:
    left = np.ones(40, bool)
    days = np.r_[np.full(31, 100.0), np.arange(201.0, 210.0)]
    assert curve(days, left)["days"].max() == 100.0


def test_a_group_that_nobody_left_stays_whole() -> None:
    assert curve(DAYS, np.zeros(40, bool))["survival"].tolist() == [1.0]


def test_hazard_counts_those_watched_for_a_part_of_the_year_half() -> None:
    days = np.r_[np.full(20, 100.0), np.full(40, 200.0), np.full(40, 500.0)]
    left = np.r_[np.ones(20, bool), np.zeros(40, bool), np.r_[np.ones(10, bool), np.zeros(30, bool)]]
    table = hazard(days, left)
    # first year: 100 enter, 40 watched in part: 80; 20 leave. second: 40 enter, 30 in part: 25; 10 leave
    assert table["at_risk"].tolist() == [80, 25]
    assert table["rate"].tolist() == pytest.approx([0.25, 0.4])


def test_groups_that_leave_alike_are_not_told_apart() -> None:
    rng = np.random.default_rng(3)
    group = np.where(np.arange(2_000) % 2 == 0, "a", "b").astype(object)
    same = rng.exponential(400, 2_000)
    assert apart(same, np.ones(2_000, bool), group) > 0.01
    assert apart(np.where(group == "a", same, same * 1.5), np.ones(2_000, bool), group) < 1e-6


def test_the_median_stay_is_the_day_by_which_half_have_left() -> None:
    days = np.arange(1.0, 102.0)
    found = median_stay(days, np.ones(101, bool))
    assert found is not None
    assert (found.value, found.n) == (51, 101)
    assert 40 <= found.low < 51 < found.high <= 62
    assert median_stay(days, np.zeros(101, bool)) is None
    assert median_stay(days, days < 30) is None  # most are still there


def test_where_most_leave_on_one_day_the_median_is_that_day_for_sure() -> None:
    days = np.r_[np.full(90, 100.0), np.full(10, 200.0)]
    found = median_stay(days, np.ones(100, bool))
    assert found is not None
    assert (found.value, found.low) == (100, 100)


def test_who_left_by_a_day_is_one_less_who_are_still_there() -> None:
    days = np.r_[np.full(25, 10.0), np.full(75, 400.0)]
    found = left_by(days, days < 100, 365.0)
    assert found is not None
    assert found.value == pytest.approx(0.25)
    assert found.low < 0.25 < found.high
    assert left_by(np.full(50, 30.0), np.r_[np.ones(5, bool), np.zeros(45, bool)], 365.0) is None  # nobody is watched so long
