"""Spend around a change of tier in worlds whose truth is known: with no effect at all it moves as regression to the mean foretells."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.models.tier_events import LEAST, MONTHS, Moment, course

THRESHOLDS = np.array([0.0, 120.0, 400.0, 900.0])


def world(seed: int, *, lift: float = 0.0, n: int = 4_000) -> list[Moment]:
    """Members who buy at a rate of their own, reviewed every quarter by the last year; `lift` is what a rise truly adds to later orders."""
    rng = np.random.default_rng(seed)
    orders = rng.poisson(rng.gamma(0.8, 1.0, n)[:, None], (n, 25))
    spend = orders * rng.gamma(6, 5, (n, 25))
    moments = []
    for at in (15, 18):
        before, after = (np.searchsorted(THRESHOLDS, spend[:, day - 12 : day].sum(axis=1), side="right") - 1 for day in (at - 3, at))
        moved = np.sign(after - before)
        later = spend[:, at - 6 : at + 7].copy()
        later[:, 6:] *= np.where(moved > 0, 1 + lift, 1.0)[:, None]
        quarters = [spend[:, at - 3 * (part + 1) : at - 3 * part].sum(axis=1) for part in range(at // 3)]
        known = [*quarters, spend[:, :at].sum(axis=1), orders[:, at - 3 : at].sum(axis=1), orders[:, :at].sum(axis=1)]
        moments.append(Moment(customer=np.arange(n), past=np.column_stack(known), spend=later, tier=before, moved=moved))
    return moments


def test_where_a_rise_does_nothing_the_fall_in_spend_is_what_was_expected() -> None:
    found = course(world(1), 1)
    assert found is not None
    assert found.change.high < -0.15  # what a reader would take for the harm of being lifted
    assert found.beyond.low <= 0 <= found.beyond.high
    assert found.by_chance.value == pytest.approx(found.change.value, abs=0.06)
    assert np.isnan(found.expected[MONTHS < 0]).all() and not np.isnan(found.expected[MONTHS >= 0]).any()


def test_where_a_fall_does_nothing_spend_comes_back_as_expected() -> None:
    found = course(world(2), -1)
    assert found is not None
    assert found.change.value > 0.1
    assert found.beyond.low <= 0 <= found.beyond.high


def test_what_a_rise_truly_adds_stands_beyond_what_was_expected() -> None:
    found = course(world(3, lift=0.4), 1)
    assert found is not None
    added = 0.4 * (1 + found.by_chance.value)  # a share of spend before the rise
    assert found.beyond.low > 0.1
    assert found.beyond.low <= added <= found.beyond.high


def test_the_mean_is_that_of_the_members_who_moved() -> None:
    moments = world(4, n=1_500)
    found = course(moments, 1)
    rose = np.concatenate([one.spend[one.moved == 1] for one in moments])
    assert found is not None
    assert found.n == len(rose)
    assert found.seen == pytest.approx(rose.mean(axis=0))
    before, after = rose[:, :6].mean(), rose[:, 7:].mean()
    assert found.change.value == pytest.approx(after / before - 1)


def test_few_who_moved_tell_nothing() -> None:
    moment = world(5, n=LEAST)[0]
    assert course([moment], 1) is None
