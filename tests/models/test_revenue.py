"""Deferred revenue, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.models.revenue import Books, Estimates, cents, points_share, recognised, schedule


def test_cents_round_halves_away_from_zero_as_a_spreadsheet_does():
    assert cents(np.array([1.005, -1.005, 2.675, 0.004, -0.0])).tolist() == [1.01, -1.01, 2.68, 0.0, 0.0]


def test_the_points_share_of_the_price_is_by_stand_alone_selling_prices():
    goods = np.array([100_000.0, 50.0, 0.0])
    share = points_share(goods, np.array([10_000.0, 0.0, 100.0]), 1.0, np.array([0.97, 0.97, 0.97]))
    assert share.tolist() == [pytest.approx(9_700 / 109_700), 0.0, 0.0]


def test_all_is_recognised_when_nothing_more_is_expected():
    assert recognised(np.array([90.0, 90.0]), np.array([0.0, 40.0]), np.array([0.0, 30.0])).tolist() == [90.0, 90.0]


# 100 points sold with goods for 1,000; a month later 25 are redeemed and 5 have expired
BOOKS = Books(
    sales=np.array([1_000.0, 0.0]),
    issued=np.array([100.0, 0.0]),
    redeemed=np.array([[0.0, 25.0], [0.0, 0.0]]),
    held=np.array([[100.0, 70.0], [0.0, 0.0]]),
)
HALF = [0.5, 25 / 70]  # of all, and of the 70 held: 50 in the end


def test_the_balance_rolls_from_month_to_month():
    made = schedule(BOOKS, Estimates(rate=np.array([0.5, 0.5]), still=np.array([HALF, HALF])), 1.0)
    assert made.allocated.tolist() == [47.62, 0.0]  # 1,000 x 50 / 1,050
    assert made.expected[0].tolist() == [50.0, 50.0]
    assert made.recognised[0].tolist() == [0.0, 23.81]
    assert made.opening.tolist() == [0.0, 47.62]
    assert made.deferred.tolist() == [47.62, 0.0]
    assert made.earned.tolist() == [0.0, 23.81]
    assert made.caught_up.tolist() == [0.0, 0.0]
    assert made.closing.tolist() == [47.62, 23.81]


def test_a_change_of_estimate_is_caught_up_in_the_last_month_and_moves_no_allocation():
    made = schedule(BOOKS, Estimates(rate=np.array([0.5, 0.25]), still=np.array([HALF, [0.25, 0.0]])), 1.0)
    assert made.allocated.tolist() == [47.62, 0.0]
    assert made.earned.tolist() == [0.0, 47.62]  # nothing more is expected of the 70 held
    assert made.caught_up.tolist() == [0.0, 23.81]
    assert made.closing.tolist() == [47.62, 0.0]


def test_points_sold_in_the_last_month_are_allocated_at_the_estimate_of_now():
    books = Books(sales=np.array([1_000.0]), issued=np.array([100.0]), redeemed=np.array([[0.0]]), held=np.array([[100.0]]))
    made = schedule(books, Estimates(rate=np.array([0.9, 0.5]), still=np.array([[0.9], [0.5]])), 1.0)
    assert made.allocated.tolist() == [47.62]
    assert made.caught_up.tolist() == [0.0]
