"""How long members stay, worked out by hand."""

import numpy as np
import pytest

from analytics.models.survival import apart, curve, hazard

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
