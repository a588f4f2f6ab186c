"""How sure a tier is under errors, and what a grouping tells of later value: cases with a known answer."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.models.tier_errors import chance_correct
from analytics.models.tier_value import captured, tree

THRESHOLDS = np.array([0.0, 100.0])


def test_a_tier_that_hangs_on_one_order_is_right_as_often_as_the_order_is_there() -> None:
    # the first just reaches 100 by one order, the second by two, the third is far above, the fourth far below, the fifth has none
    customer, value = np.array([0, 1, 1, 2, 2, 3]), np.array([100.0, 50.0, 50.0, 400.0, 400.0, 10.0])
    sure = chance_correct(customer, value, THRESHOLDS, n=5, missing=0.2, noise=0.0, draws=4_000)
    assert sure == pytest.approx([0.8, 0.64, 0.96, 1, 1], abs=0.025)


def test_an_amount_that_is_off_moves_who_stands_at_a_threshold_half_of_the_time() -> None:
    sure = chance_correct(np.array([0, 1]), np.array([100.0, 150.0]), THRESHOLDS, n=2, missing=0.0, noise=0.1, draws=4_000)
    assert sure == pytest.approx([0.5, 1], abs=0.025)


def test_without_errors_every_tier_is_sure_and_a_share_of_one_is_refused() -> None:
    assert chance_correct(np.array([0]), np.array([100.0]), THRESHOLDS, n=1, missing=0.0, noise=0.0).tolist() == [1.0]
    with pytest.raises(ValueError, match="shares below 1"):
        chance_correct(np.array([0]), np.array([100.0]), THRESHOLDS, n=1, missing=1.0, noise=0.0)


def test_groups_that_hold_all_of_the_difference_capture_it_and_random_ones_none() -> None:
    rng = np.random.default_rng(3)
    group = rng.integers(0, 4, 4_000)
    value = 10.0 * group + rng.normal(0, 10, 4_000)  # variance between 125, within 100
    found = captured(value, {"tiers": group, "two": (group > 1).astype(np.int64), "random": rng.integers(0, 4, 4_000)})
    assert found.shares["tiers"].value == pytest.approx(125 / 225, abs=0.02)
    assert found.shares["two"].value == pytest.approx(100 / 225, abs=0.02)
    assert found.shares["random"].low <= 0 <= found.shares["random"].high
    assert found.beyond["two"].value == pytest.approx(found.shares["tiers"].value - found.shares["two"].value)
    assert found.beyond["two"].low > 0.05
    exact = captured(np.array([1.0, 1.0, 5.0, 5.0]), {"tiers": np.array([0, 0, 1, 1])})
    assert exact.shares["tiers"].value == 1


def test_epsilon_squared_is_the_adjusted_r_squared_of_the_group_means() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(4)
    group = rng.integers(0, 3, 300)
    value = group + rng.normal(0, 2, 300)
    fitted = sm.OLS(value, (group[:, None] == np.arange(3)).astype(float)).fit()
    assert captured(value, {"tiers": group}).shares["tiers"].value == pytest.approx(fitted.rsquared_adj)


def test_a_tree_of_depth_one_cuts_later_customers_where_earlier_ones_differed() -> None:
    metric = np.arange(400, dtype=float)[:, None]
    groups = tree(metric, np.where(metric[:, 0] >= 200, 50.0, 10.0), np.array([[10.0], [199.0], [200.0], [390.0]]), depth=1)
    assert groups[0] == groups[1] != groups[2] == groups[3]
