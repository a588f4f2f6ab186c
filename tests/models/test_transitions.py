"""Movements between ordered states by hand: the matrix, its denominators, who could go nowhere."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.models.transitions import OUTSIDE, matrix, rates, way
from analytics.results import wilson

# three states: seven low (two rise, one leaves), five middle (one rises, two fall), two high (one falls); three come in between
START = np.array([0] * 7 + [1] * 5 + [2] * 2 + [OUTSIDE] * 3)
END = np.array([0, 0, 0, 0, 1, 2, OUTSIDE, 1, 1, 2, 0, 0, 2, 1, 0, 0, 1])


def test_every_row_of_the_matrix_adds_up_to_those_who_were_there() -> None:
    table = matrix(START, END, 3)
    sums = table.groupby("from")["n"].sum().to_dict()
    assert sums == {0: 7, 1: 5, 2: 2, OUTSIDE: 3}
    assert (table["of"] == table["from"].map(sums)).all()
    cell = table.set_index(["from", "to"]).loc[(1, 0)]
    share = wilson(2, 5)
    assert (cell["n"], cell["share"], cell["low"], cell["high"]) == (2, share.value, share.low, share.high)
    assert table.set_index(["from", "to"]).loc[(0, OUTSIDE), "n"] == 1


def test_rates_count_only_who_could_go_that_way_and_leavers_among_them() -> None:
    found = rates(START, END, 3)
    assert (found["up"].value, found["up"].n) == (3 / 12, 12)
    assert (found["down"].value, found["down"].n) == (3 / 7, 7)
    assert (found["out"].value, found["same"].value) == (1 / 14, 7 / 14)


def test_a_way_nobody_could_go_has_no_rate() -> None:
    assert "down" not in rates(np.array([0, 0]), np.array([0, 1]), 2)
    assert "up" not in rates(np.array([1, 1]), np.array([0, 1]), 2)


def test_who_was_outside_is_new_whatever_comes_after() -> None:
    assert way(np.array([OUTSIDE, 0, 0, 1, 1]), np.array([1, OUTSIDE, 0, 0, 1])).tolist() == ["new", "out", "same", "down", "same"]


@pytest.mark.parametrize("states", [2, 5])
def test_states_nobody_was_in_have_no_row(states: int) -> None:
    assert set(matrix(np.array([1, 1]), np.array([0, 1]), states)["from"]) == {1}
