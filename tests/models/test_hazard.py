"""Purchases around rewards: quick where planted, none where rewards move nobody, and the common drawing's spike in any case."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from analytics.models import hazard as model
from analytics.models.hazard import Hazard, Visits, hazard
from tests.models.rewards import DAYS, rewards_world


@cache
def found(pressure: float = 1.0, dip: float = 1.0) -> Hazard:
    return hazard(rewards_world(3, pressure=pressure, dip=dip, n=400), 0, DAYS - 1)


def test_rewards_that_move_nobody_show_nothing_although_the_common_drawing_has_a_spike() -> None:
    null = found()
    assert not null.pressure and not null.dip
    assert all(one.low <= 0 <= one.high for one in null.pooled.values())
    naive = null.naive.set_index("week")["change"]
    assert naive[0] > 1
    assert naive.drop(0).abs().max() < 0.5


def test_purchases_that_come_faster_towards_a_reward_are_found() -> None:
    pressed = found(pressure=1.6)
    assert pressed.pressure and not pressed.dip
    weeks = pressed.weeks[pressed.weeks["state"] == "near"].set_index("week")["change"]
    assert weeks[1] > 0.15 > abs(weeks[8])


def test_fewer_purchases_after_a_reward_are_found_and_not_read_as_pressure() -> None:
    dipped = found(dip=0.6)
    assert dipped.dip and not dipped.pressure
    weeks = dipped.weeks[dipped.weeks["state"] == "rewarded"].set_index("week")["change"]
    assert weeks[1] < -0.2 and abs(weeks[8]) < 0.15


def test_what_does_not_pass_is_no_answer_to_a_reward() -> None:
    pressed = found(pressure=1.6)
    drifting = {"near": replace(pressed.later["near"], value=pressed.pooled["near"].value)}
    assert not replace(pressed, later=drifting).pressure


def visits(*rows: tuple[int, int, bool, float, float], need: float = 100.0) -> Visits:
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return Visits(customer=columns[0], day=columns[1], rewarded=columns[2], balance=columns[3].astype(float), earned=columns[4], need=need)


def test_a_reward_is_close_when_no_more_is_missing_than_four_weeks_or_one_purchase_earn() -> None:
    slow = [(0, 0, False, 30.0, 30.0), (0, 200, False, 60.0, 30.0), (0, 400, False, 80.0, 20.0), (0, 600, True, 0.0, 20.0)]
    fast = [(1, day, False, 10.0 * (day + 1), 10.0) for day in range(9)]  # 90 points in nine days: all of them within 28
    near = model.near(visits(*slow, *fast))
    # slow: 25 a purchase, 4.7 in 28 days: close from 75 on; fast: 90 in 28 days: close at 10 and more, 100 away never
    assert near.tolist() == [False, False, True, False, *[True] * 9]


def test_a_balance_that_allows_a_reward_is_not_close_to_one() -> None:
    assert model.near(visits((0, 0, False, 100.0, 50.0), (0, 30, False, 150.0, 50.0))).tolist() == [False, False]


def test_windows_hold_their_days_and_no_other_customers_purchases() -> None:
    both = visits(*[(0, day, False, 0.0, 1.0) for day in (0, 7, 8, 15)], *[(1, day, False, 0.0, 1.0) for day in (16, 17)])
    place = np.arange(4)
    assert model._counts(both, place, (1, 7)).tolist() == [1, 1, 1, 0]
    assert model._counts(both, place, (-7, -1)).tolist() == [0, 1, 1, 1]
    assert model._counts(both, place, (0, 14)).tolist() == [3, 3, 2, 1]


def test_a_purchase_counts_only_where_the_weeks_after_it_are_known() -> None:
    times = [0, 60, 100, 200, 240, 290]
    inside = model._inside(visits(*[(0, day, False, 0.0, 1.0) for day in times]), 0, 300)
    # the first 56 days are joining; 240's eight weeks end at 296, but the customer was not seen after them
    assert inside.tolist() == [False, True, True, True, False, False]


def test_too_few_rewards_say_nothing() -> None:
    world = rewards_world(1, n=60)
    kept = world.rewarded & (np.cumsum(world.rewarded) <= model.LEAST - 1)
    few = hazard(replace(world, rewarded=kept), 0, DAYS - 1)
    assert "rewarded" not in few.pooled
    assert not few.dip


def test_the_season_is_not_taken_for_an_answer_to_rewards() -> None:
    """All buy twice as often in one half of the year and take every reward then: their own season explains it."""
    rng, rows = np.random.default_rng(4), []
    for customer in range(300):
        days = np.flatnonzero(rng.random(DAYS) < np.where(np.arange(DAYS) % 365 < 182, 0.12, 0.06))
        rows += [(customer, int(day), bool(day % 365 < 120 and rng.random() < 0.3), 500.0, 10.0) for day in days]
    seasonal = hazard(visits(*rows), 0, DAYS - 1)
    assert seasonal.pooled["rewarded"].value == pytest.approx(0, abs=0.05)
