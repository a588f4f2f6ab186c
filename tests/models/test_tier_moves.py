"""Tiers under other thresholds: who moves, what moves with them, and the benefit ratio with its interval."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.models.tier_moves import LEAST, Ladder, Members, Worth, by_rule, ladder, moved, ratios, standing
from analytics.results import Estimate, Unit

THRESHOLDS = np.array([0.0, 100.0, 300.0])
CERTAIN = Worth(face=0.02, redeemed=Estimate(value=0.5, low=0.5, high=0.5, n=100, unit=Unit.SHARE))


def six() -> Members:
    """Two in each tier. The second of the lowest has the spend of the next one, the second of the top only that of the middle."""
    return Members(
        tier=np.array([0, 0, 1, 1, 2, 2]),
        metric=np.array([50.0, 120.0, 100.0, 250.0, 400.0, 290.0]),
        points=np.array([50.0, 120.0, 150.0, 375.0, 800.0, 580.0]),
        benefits=np.array([2.0, 4.0, 6.0, 6.0, 20.0, 10.0]),
        margin=np.array([20.0, 50.0, 40.0, 100.0, 160.0, 120.0]),
    )


def rules(members: Members) -> Ladder:
    return ladder(members, np.array([170.0, 350.0, 690.0]), np.array([170.0, 525.0, 1380.0]), THRESHOLDS)


def test_a_threshold_that_is_just_reached_counts_as_reached() -> None:
    assert by_rule(np.array([-5.0, 0.0, 99.99, 100.0, 300.0]), THRESHOLDS).tolist() == [0, 0, 0, 1, 2]
    assert by_rule(np.array([-5.0, 3.0]), np.array([10.0, 20.0])).tolist() == [0, 0]


def test_at_present_thresholds_everybody_stays_where_the_file_says_even_wrongly() -> None:
    assert moved(six(), rules(six()), 1.0).tolist() == [0, 0, 1, 1, 2, 2]


def test_higher_thresholds_move_whom_the_rule_moves_by_as_many_steps() -> None:
    # x 1.3: 130 and 390. The rule takes 120 and 100 down a tier, keeps 250 and 400, and 290 stays in the rule's middle
    assert moved(six(), rules(six()), 1.3).tolist() == [0, 0, 0, 1, 2, 2]
    # x 0.8: 80 and 240. 250 and 290 come up to the rule's top; who is there by the file already has nowhere to go
    assert moved(six(), rules(six()), 0.8).tolist() == [0, 0, 1, 2, 2, 2]


def test_nobody_moves_where_the_rules_are_not_known() -> None:
    plain = ladder(six(), np.array([170.0, 350.0, 690.0]), np.array([170.0, 525.0, 1380.0]))
    assert moved(six(), plain, 3.0).tolist() == six().tier.tolist()


def test_who_moves_earns_by_the_new_rate_and_receives_what_the_new_tier_does() -> None:
    found = rules(six())
    assert found.earning.tolist() == [1.0, 1.5, 2.0]
    assert found.benefit.tolist() == [3.0, 6.0, 15.0]
    then = standing(six(), found, 1.3)
    assert then.points.tolist() == [50, 120, 100, 375, 800, 580]  # the third: 150 / 1.5
    assert then.benefits.tolist() == [2, 4, 3, 6, 20, 10]
    assert then.margin.tolist() == six().margin.tolist()


def test_a_tier_without_members_is_like_the_one_below_it() -> None:
    members = six()
    found = ladder(
        members, np.array([170.0, 350.0, 690.0, 0.0]), np.array([170.0, 525.0, 1380.0, 0.0]), np.array([0.0, 100.0, 300.0, 900.0])
    )
    assert found.earning[3] == 2.0
    assert found.benefit[3] == 15.0


def test_thresholds_that_do_not_ascend_are_no_ladder() -> None:
    with pytest.raises(ValueError, match="ascend"):
        ladder(six(), np.ones(3), np.ones(3), np.array([0.0, 300.0, 100.0]))


def crowd(seed: int, n: int = 400) -> Members:
    rng = np.random.default_rng(seed)
    margin = rng.gamma(2.0, 50.0, n)
    return Members(
        tier=np.zeros(n, dtype=int), metric=margin, points=margin * rng.uniform(1, 3, n), benefits=rng.exponential(5.0, n), margin=margin
    )


def test_the_ratio_is_what_is_given_over_what_is_brought() -> None:
    members = crowd(1)
    (ratio,) = ratios(members, CERTAIN, tiers=1)
    assert ratio is not None
    assert ratio.value == pytest.approx((members.points.sum() * 0.02 * 0.5 + members.benefits.sum()) / members.margin.sum())
    assert ratio.low < ratio.value < ratio.high


def test_the_interval_is_that_of_resampled_members() -> None:
    members, rng, drawn = crowd(2), np.random.default_rng(3), []
    for _ in range(600):
        who = rng.integers(0, len(members), len(members))
        drawn.append((members.points[who].sum() * 0.01 + members.benefits[who].sum()) / members.margin[who].sum())
    (ratio,) = ratios(members, CERTAIN, tiers=1)
    assert ratio is not None
    assert ratio.high - ratio.low == pytest.approx(np.quantile(drawn, 0.975) - np.quantile(drawn, 0.025), rel=0.1)


def test_doubt_of_what_is_redeemed_widens_the_interval() -> None:
    doubtful = Worth(face=0.02, redeemed=Estimate(value=0.5, low=0.3, high=0.7, n=100, unit=Unit.SHARE))
    sure, unsure = ratios(crowd(1), CERTAIN, tiers=1)[0], ratios(crowd(1), doubtful, tiers=1)[0]
    assert sure is not None
    assert unsure is not None
    points = crowd(1).points.sum() * 0.02 / crowd(1).margin.sum()
    assert unsure.value == sure.value
    assert (unsure.high - unsure.value) ** 2 == pytest.approx((sure.high - sure.value) ** 2 + (0.2 * points) ** 2)


def test_a_tier_of_a_few_or_without_margin_has_no_ratio() -> None:
    assert ratios(crowd(1, LEAST - 1), CERTAIN, tiers=2) == [None, None]
    losing = crowd(1)
    assert ratios(
        Members(**{**{name: getattr(losing, name) for name in Members.__slots__}, "margin": -losing.margin}), CERTAIN, tiers=1
    ) == [None]
