"""Conformal intervals: the arithmetic by hand, and what the correction is for."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.models.conformal import Seen, corrected, coverage, quantile, ranges, scores


def test_a_score_counts_widths_outside_and_a_lower_bound_of_zero_cannot_be_missed() -> None:
    low, high = np.array([10.0, 10.0, 10.0, 0.0, 0.0]), np.array([20.0, 20.0, 20.0, 20.0, 20.0])
    came = np.array([5.0, 25.0, 12.0, 0.0, 30.0])
    assert scores(low, high, came) == pytest.approx([0.5, 0.5, -0.2, -1.0, 0.5])


def test_the_correction_is_the_score_that_nine_in_ten_stay_under() -> None:
    assert quantile(np.arange(1.0, 20.0), 0.9) == 18  # ceil(20 x 0.9) = the 18th of 19
    assert quantile(np.arange(1.0, 6.0), 0.9) == 5  # ceil(6 x 0.9) = 6 of 5: the largest


def test_intervals_are_moved_by_their_own_width_and_never_below_zero() -> None:
    low, high = corrected(np.array([10.0, 1.0, 0.0]), np.array([20.0, 11.0, 8.0]), np.array([0.5, 0.5, -0.25]))
    assert low == pytest.approx([5, 0, 0])
    assert high == pytest.approx([25, 16, 6])
    low, high = corrected(np.array([10.0]), np.array([20.0]), np.array([-0.9]))
    assert (low[0], high[0]) == (15, 15)  # made narrower than nothing: the middle


def test_coverage_is_told_of_all_and_of_groups_that_are_large_enough() -> None:
    groups = np.array(["a"] * 4 + ["b"] * 2, dtype=object)
    came = np.array([1.0, 2.0, -3.0, 9.0, 5.0, 50.0])
    table = coverage(np.zeros(6), np.full(6, 5.0), came, groups, least=3).set_index("group")
    assert table["n"].to_dict() == {"": 6, "a": 4}
    assert table["coverage"].to_dict() == pytest.approx({"": 4 / 6, "a": 3 / 4})  # a refund counts as nothing, and lies inside


def uneven(rng: np.random.Generator, n: int) -> tuple[Seen, np.ndarray]:
    """Two groups that look alike, one with four times the spread that is expected."""
    group = rng.integers(0, 2, n)
    came = 100 + rng.normal(0, np.where(group == 1, 20.0, 5.0))
    features = rng.normal(size=(n, 2))
    return Seen(
        features=features, centre=np.full(n, 100.0), spread=np.full(n, 5.0), groups=np.array(["even", "wild"], dtype=object)[group]
    ), came


def test_a_correction_of_its_own_covers_a_group_that_a_common_one_does_not() -> None:
    rng = np.random.default_rng(1)
    seen, came = uneven(rng, 4_000)
    later, brought = uneven(rng, 8_000)
    blind = Seen(features=seen.features, centre=seen.centre, spread=seen.spread, groups=np.full(len(came), "", dtype=object))
    inside = {}
    for name, found in (("own", ranges(seen, came)), ("common", ranges(blind, came))):
        low, high = found.between(later)
        held = (brought >= low) & (brought <= high)
        inside[name] = [held[later.groups == group].mean() for group in ("even", "wild")]
    assert inside["own"] == pytest.approx([0.9, 0.9], abs=0.03)
    assert inside["common"][1] < 0.86
    assert inside["common"][0] > 0.95


def test_intervals_reach_as_far_for_a_customer_larger_than_any_seen() -> None:
    rng = np.random.default_rng(2)
    size = rng.uniform(10, 100, 2_000)
    names = np.full(2_000, "", dtype=object)
    seen = Seen(features=size[:, None], centre=size, spread=0.1 * size, groups=names)
    giant = Seen(features=np.array([[5_000.0]]), centre=np.array([5_000.0]), spread=np.array([500.0]), groups=names[:1])
    low, high = ranges(seen, size * rng.normal(1, 0.1, 2_000)).between(giant)
    assert 3_500 < low[0] < 4_600 < 5_400 < high[0] < 6_500
