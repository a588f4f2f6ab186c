"""Who joins, who drops out: what selection the demo has, and what it has not."""

from __future__ import annotations

import math

import numpy as np

from data.programme import truth
from data.programme.calendar import DAYS
from data.programme.people import in_better_months, people
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
