"""The share of points redeemed, worked out by hand: points still held are censored, those watched late are no survivors of before."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.models.redemption import Fates, redemption
from analytics.results import Unit


def fates(redeemed: list[float], expired: list[float], watched: list[float], entered: list[float] | None = None) -> Fates:
    """One group of customers, and a second of the same: resampling then moves nothing."""
    ends = [np.array([row, row], float) for row in (redeemed, expired, watched)]
    late = None if entered is None else np.array([entered, entered], float)
    return Fates(redeemed=ends[0], expired=ends[1], watched=ends[2], entered=late, customers=2)


# of 100 points 20 go at once, 10 of the remaining 80 a month later; 40 are still held then, the other 30 expire
HELD = fates([20, 10, 0], [0, 0, 30], [0, 40, 0])


def test_points_still_held_count_as_long_as_they_were_watched():
    found = redemption(HELD)
    assert found.curve.redeemed == pytest.approx([0.2, 0.3, 0.3])
    assert found.curve.held == pytest.approx([0.8, 0.7, 0.0])
    assert found.rate is not None
    assert found.rate.value == pytest.approx(0.3)  # not the 30 of 100 of every point: 40 were not over
    assert (found.rate.low, found.rate.high, found.rate.n) == (pytest.approx(0.3), pytest.approx(0.3), 2)


def test_what_is_owed_follows_from_the_age_of_the_points():
    found = redemption(HELD)
    assert found.curve.still(0.3) == pytest.approx([0.1 / 0.8, 0.0, 0.0])
    owed = found.ahead(np.array([1_000.0, 500.0, 7.0]), 0.5, Unit.MONEY, 2)
    assert owed.value == pytest.approx(62.5)
    assert owed.unit is Unit.MONEY


def test_points_watched_from_an_age_on_say_nothing_of_the_ages_before():
    # 100 from the start, of which 50 go in the first month and 50 are held; 200 come under watch at age 1, and 100 of them go then
    found = redemption(fates([50, 100, 0], [0, 0, 100], [50, 0, 0], [100, 200, 0]))
    assert found.curve.redeemed == pytest.approx([0.5, 0.75, 0.75])
    unaware = redemption(fates([50, 100, 0], [0, 0, 100], [50, 0, 0]))
    assert unaware.curve.redeemed[0] == pytest.approx(50 / 300)


def test_a_curve_that_does_not_end_gives_a_range_and_no_rate():
    seen = fates([10, 10], [0, 0], [0, 80])
    forever, a_month_more = redemption(seen), redemption(seen, life=2)
    assert forever.rate is None
    assert forever.between == (pytest.approx(0.2), pytest.approx(1.0))
    assert a_month_more.between == (pytest.approx(0.2), pytest.approx(0.2 + 0.8 * 20 / 190))
    assert redemption(seen, life=1).between == (pytest.approx(0.2), pytest.approx(0.2))
    assert redemption(fates([0, 0], [0, 0], [0, 80])).between == (0, 1)  # nobody has redeemed yet: that is no forecast of nought
    with pytest.raises(ValueError, match="only where the curve ends"):
        forever.ahead(np.array([1.0, 1.0]), 1.0, Unit.POINTS, 1)


def test_points_that_never_expire_have_a_rate_once_redemption_has_levelled_off():
    early = [30.0, 20.0, 10.0] + [0.0] * 15
    held = [0.0] * 17 + [40.0]
    found = redemption(fates(early, [0.0] * 18, held))
    assert found.rate is not None
    assert (found.rate.value, found.rate.low, found.rate.high) == (pytest.approx(0.6),) * 3
    assert found.levelled == 6
    late = redemption(fates([*early[:-1], 1.0], [0.0] * 18, [0.0] * 17 + [39.0]))  # 1 of 100 in the last month: still going
    assert (late.rate, late.levelled) == (None, 0)
    short = redemption(fates(early[:17], [0.0] * 17, held[1:]))  # seventeen months are too few to call the end of it
    assert short.rate is None
    unseen = redemption(fates(early, [0.0] * 18, [0.0] * 12 + [39.5, 0, 0, 0, 0, 0.5]))  # nearly nobody was watched that long
    assert unseen.rate is None
    bound = redemption(fates(early, [0.0] * 18, held), life=24)  # points that will expire are not done before they do
    assert bound.rate is None


def test_what_is_open_at_the_end_belongs_to_the_interval():
    rate = redemption(fates([500, 0], [0, 495], [0, 5])).rate
    assert rate is not None
    assert (rate.value, rate.low, rate.high) == (pytest.approx(0.5), pytest.approx(0.5), pytest.approx(0.505))


def test_customers_are_resampled_and_not_points():
    spread = np.random.default_rng(1).integers(0, 2, 50)
    few = Fates(redeemed=100.0 * spread[:, None], expired=100.0 * (1 - spread)[:, None], watched=np.zeros((50, 1)), customers=50)
    rate = redemption(few).rate
    assert rate is not None
    assert rate.high - rate.low == pytest.approx(2 * 1.96 * 0.5 / np.sqrt(50), rel=0.2)


def test_the_same_ledger_gives_the_same_interval():
    some = Fates(redeemed=np.eye(3)[:, :2], expired=np.ones((3, 2)), watched=np.zeros((3, 2)), customers=3)
    assert redemption(some).rate == redemption(some).rate


def test_without_points_there_is_no_rate():
    with pytest.raises(ValueError, match="needs points"):
        redemption(fates([0.0], [0.0], [0.0]))
