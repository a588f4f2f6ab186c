"""Differences between groups: against published examples, and quiet where there is none."""

import numpy as np
import pytest

from analytics.models.differences import beyond_chance, like_for_like, newcombe, recovered
from analytics.models.resample import ratios_apart
from analytics.results import Estimate, Unit


def share(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=100, unit=Unit.SHARE)


def test_newcombes_own_example() -> None:
    # Newcombe (1998), table II, case a: 56/70 - 48/80, method 10: 0.0524 to 0.3339
    found = newcombe((56, 48), (70, 80))
    assert (found.value, found.n) == (pytest.approx(0.2), 150)
    assert (found.low, found.high) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))


def test_a_recovered_interval_takes_each_side_where_it_counts() -> None:
    # 10 (8 to 15) less 4 (3 to 8): 6 - sqrt(2^2 + 4^2) = 1.53, 6 + sqrt(5^2 + 1^2) = 11.10
    found = recovered(share(10, 8, 15), share(4, 3, 8))
    assert (found.low, found.high) == (pytest.approx(1.528, abs=1e-3), pytest.approx(11.099, abs=1e-3))


def test_like_is_compared_with_like() -> None:
    # stratum 0: 1 of 2 against 1 of 4 (weight 8/6); stratum 1: 2 of 2 against 1 of 2 (weight 1)
    group = np.array([1, 1, 0, 0, 0, 0, 1, 1, 0, 0], bool)
    hit = np.array([1, 0, 1, 0, 0, 0, 1, 1, 1, 0], bool)
    stratum = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    found = like_for_like(group, hit, stratum)
    assert found is not None
    assert found.value == pytest.approx((8 / 6 * 0.25 + 1 * 0.5) / (8 / 6 + 1))
    assert found.n == 4


def test_a_group_alone_in_its_segments_has_no_one_to_compare_with() -> None:
    assert like_for_like(np.array([True, False]), np.array([True, True]), np.array([0, 1])) is None


def test_one_small_finding_among_many_is_not_named() -> None:
    lone = share(0.10, 0.001, 0.199)  # p = .048 by itself
    nothing = [share(0.01, -0.09, 0.11)] * 9
    assert beyond_chance([lone]) == [True]
    assert beyond_chance([lone, *nothing]) == [False] * 10
    assert beyond_chance([share(0.10, 0.05, 0.15), *nothing])[0] is True
    assert beyond_chance([]) == []


def test_groups_without_a_difference_are_rarely_named() -> None:
    rng = np.random.default_rng(2)
    named = 0
    for _ in range(200):
        stratum, group = rng.integers(0, 4, 800), rng.integers(0, 6, 800)
        hit = rng.random(800) < 0.1 + 0.15 * stratum
        found = [like_for_like(group == at, hit, stratum) for at in range(6)]
        named += any(beyond_chance([one for one in found if one is not None]))
    assert named <= 20  # 5 % of 200 is 10; more than 20 has a probability under 0.1 %


def test_what_both_periods_share_cancels_out() -> None:
    rng = np.random.default_rng(3)
    size = rng.exponential(100, 500)
    once = np.ones(500)
    one, other, apart = ratios_apart((size + 5, once), (size, once), unit=Unit.MONEY, n=(500, 500))
    assert one.high - one.low > 10
    assert (apart.value, apart.low, apart.high) == (pytest.approx(5), pytest.approx(5), pytest.approx(5))
    assert other.value == pytest.approx(size.mean())


def test_nothing_is_divided_by_nothing() -> None:
    with pytest.raises(ValueError, match="positive"):
        ratios_apart((np.ones(3), np.zeros(3)), (np.ones(3), np.ones(3)), unit=Unit.SHARE, n=(3, 3))
