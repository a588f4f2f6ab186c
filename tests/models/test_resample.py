"""Intervals: against closed forms, and by covering what they promise to cover."""

import numpy as np
import pytest

from analytics.models.resample import median, ratio_of_sums
from analytics.results import Unit


def test_a_ratio_is_the_ratio_of_the_sums() -> None:
    share = ratio_of_sums(np.array([10.0, 0.0, 30.0]), np.array([10.0, 20.0, 30.0]), unit=Unit.SHARE)
    assert share.value == pytest.approx(40 / 60)
    assert share.low <= share.value <= share.high
    assert share.n == 3


def test_the_interval_of_a_mean_is_that_of_the_normal_theory() -> None:
    values = np.random.default_rng(3).exponential(10, 4_000)
    estimate = ratio_of_sums(values, np.ones(4_000), unit=Unit.MONEY, draws=2_000)
    half = 1.96 * values.std() / np.sqrt(4_000)
    assert (estimate.high - estimate.low) / 2 == pytest.approx(half, rel=0.08)


def test_dealing_customers_into_buckets_leaves_the_interval_as_wide() -> None:
    values = np.random.default_rng(4).exponential(10, 100_000)  # 20 customers a bucket
    estimate = ratio_of_sums(values, np.ones(100_000), unit=Unit.MONEY, draws=2_000)
    half = 1.96 * values.std() / np.sqrt(100_000)
    assert (estimate.high - estimate.low) / 2 == pytest.approx(half, rel=0.08)


def test_there_is_no_ratio_of_nothing() -> None:
    with pytest.raises(ValueError, match="positive"):
        ratio_of_sums(np.array([1.0]), np.array([0.0]), unit=Unit.SHARE)


def test_the_median_of_nine_values_lies_between_the_second_and_the_eighth() -> None:
    # Conover's table: with n = 9 the 2nd and 8th order statistics enclose the median at 96.1 %
    estimate = median(np.arange(1.0, 10.0), unit=Unit.DAYS)
    assert (estimate.value, estimate.low, estimate.high) == (5.0, 2.0, 8.0)


def test_the_median_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    hits = [e.low <= np.log(2) <= e.high for e in (median(rng.exponential(1, 51), unit=Unit.DAYS) for _ in range(4_000))]
    assert np.mean(hits) == pytest.approx(0.951, abs=0.012)  # exactly 1 - 2 P(Binomial(51, 1/2) <= 18)


def test_the_interval_does_not_depend_on_the_order_of_the_rows() -> None:
    rng = np.random.default_rng(5)
    top, bottom = rng.exponential(10, 300), rng.integers(1, 9, 300).astype(float)
    shuffled = rng.permutation(300)
    assert ratio_of_sums(top, bottom, unit=Unit.MONEY) == ratio_of_sums(top[shuffled], bottom[shuffled], unit=Unit.MONEY)
