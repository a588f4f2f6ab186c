"""Who joins, who drops out: what selection the demo has, and what it has not."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest

from data.programme import truth
from data.programme.calendar import DAYS
from data.programme.offices import renewals
from data.programme.people import LOT, in_better_months, is_young, people
from data.programme.truth import Switches
from tests.programme.conftest import SEED


def test_the_welcome_programme_halves_the_dropout_of_its_months_alone() -> None:
    usual, better = people(SEED, 2_000, Switches().but(without=["better_cohort"])), people(SEED, 2_000, Switches())
    mine = in_better_months(usual.created)
    assert np.allclose(better.dropout[mine], usual.dropout[mine] * truth.BETTER_DROPOUT)
    assert (better.dropout[~mine] == usual.dropout[~mine]).all()


def test_within_a_channel_joining_in_the_window_hangs_on_nothing() -> None:
    known = people(SEED, 40_000, Switches())
    there = (known.created < -20) & (known.enrols >= 0) & ~known.office
    for channel in range(3):
        rates = [np.log(known.rate[there & (known.channel == channel) & side]) for side in (known.enrols < DAYS, known.enrols >= DAYS)]
        error = math.sqrt(sum(side.var() / len(side) for side in rates))
        assert abs(rates[0].mean() - rates[1].mean()) < 3 * error


def test_before_the_window_heavy_buyers_joined() -> None:
    known = people(SEED, 5_000, Switches())
    there = (known.created < -20) & ~known.office
    assert known.rate[there & (known.enrols < 0)].mean() > 1.5 * known.rate[there & (known.enrols >= 0)].mean()


def test_without_selection_joining_hangs_on_neither_level_nor_channel_nor_age() -> None:
    known = people(SEED, 40_000, Switches().but(without=["selection"]))
    earlier = known.created < 0
    for there, side in ((earlier, known.enrols < 0), (earlier & (known.enrols >= 0), known.enrols < DAYS)):
        assert side[there].mean() == pytest.approx(LOT, abs=0.02)
        rates = [np.log(known.rate[there & half]) for half in (side, ~side)]
        assert abs(rates[0].mean() - rates[1].mean()) < 3 * math.sqrt(sum(rate.var() / len(rate) for rate in rates))
        assert all(abs(beyond(side[there], (known.channel == channel)[there])) < 3.5 for channel in range(4))
    late = known.created > 120
    assert (known.enrols[late] == known.created[late]).all()


def test_who_joins_changes_nothing_else_of_who_they_are() -> None:
    usual, by_lot = people(SEED, 2_000, Switches()), people(SEED, 2_000, Switches().but(without=["selection"]))
    different = {field.name for field in fields(usual) if not np.array_equal(getattr(usual, field.name), getattr(by_lot, field.name))}
    assert different == {"enrols"}


def test_the_young_are_likelier_to_be_gone_after_an_order_and_nobody_else_is() -> None:
    usual, young = people(SEED, 2_000, Switches().but(without=["young_leave"])), people(SEED, 2_000, Switches())
    mine, half = is_young(young), in_better_months(young.created)
    added = np.where(half, truth.BETTER_DROPOUT, 1.0) * truth.YOUNG_DROPOUT
    assert 0.1 < mine.mean() < 0.25
    assert np.allclose(young.dropout[mine], usual.dropout[mine] + added[mine])
    assert (young.dropout[~mine] == usual.dropout[~mine]).all()


def test_contracts_end_after_price_rises_and_late_deliveries_however_the_invoice_comes() -> None:
    known = people(SEED, 60_000, Switches())
    for switches, hangs in ((Switches(), True), (Switches().but(without=["renewal_drivers"]), False)):
        ended = renewals(known, switches, SEED)
        for driver in (ended.change > 3, ended.late > 0):
            assert bool(beyond(ended.churned, driver) > 3) == hangs
        assert abs(beyond(ended.churned, ended.invoice == 1)) < 3


def beyond(left: np.ndarray, side: np.ndarray) -> float:
    """Difference of two shares in standard errors."""
    shares = [left[where].mean() for where in (side, ~side)]
    error = math.sqrt(sum(share * (1 - share) / where.sum() for share, where in zip(shares, (side, ~side), strict=True)))
    return (shares[0] - shares[1]) / error
