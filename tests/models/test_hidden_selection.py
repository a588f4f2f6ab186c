"""How strong selection would have to be, by hand and by simulated worlds in which its strength is known."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import pytest

from analytics.models.hidden_selection import course, selection

NOTHING = np.empty((8, 0))
FOUR = np.array([1.0, 3.0, 5.0, 7.0])  # mean 4, sum of squared deviations 20


def test_the_strength_that_leaves_nothing_is_the_gap_in_standard_deviations() -> None:
    joined = np.array([True] * 4 + [False] * 4)
    found = selection(np.r_[FOUR + 3, FOUR], joined, NOTHING)
    sd = sqrt(40 / 6)
    assert (found.gap, found.sd, found.needed) == (3.0, pytest.approx(sd), pytest.approx(3 / sd))
    assert found.correlation == pytest.approx(3 / sd / (4 / sqrt(2 * pi)))  # half of all join: phi(0) / (1/2 x 1/2)
    assert (found.explained, found.times) == (pytest.approx(0, abs=1e-9), None)
    table = course(found)
    assert table.loc[table["effect_left"] == 0, "strength"].tolist() == [pytest.approx(3 / sd)]
    row = table[np.isclose(table["strength"], 0.2)].iloc[0]
    assert (row["gap_from_selection"], row["effect_left"]) == (pytest.approx(0.2 * sd), pytest.approx(3 - 0.2 * sd))
    assert table["effect_left"].is_monotonic_decreasing


def test_what_is_seen_of_both_sides_explains_its_part() -> None:
    rng = np.random.default_rng(1)
    seen = rng.normal(size=(20_000, 1))
    joined = seen[:, 0] + rng.normal(size=20_000) > 0
    money = 10 + 5 * seen[:, 0] + 2.0 * joined + rng.normal(size=20_000)
    found = selection(money, joined, seen)
    assert found.gap - found.explained == pytest.approx(2.0, abs=0.05)
    assert found.times == pytest.approx(2.0 / found.explained, rel=0.05)


def test_the_correlation_it_tells_makes_just_such_a_gap_without_any_effect() -> None:
    rng = np.random.default_rng(2)
    wish, chance = rng.normal(size=(2, 200_000))
    for hidden, share in ((0.2, 0.3), (0.6, 0.5)):
        money = 20 + 8 * (hidden * wish + sqrt(1 - hidden**2) * chance)
        found = selection(money, wish > np.quantile(wish, 1 - share), np.empty((200_000, 0)))
        whole = found.sd / money.std()  # selection itself takes some of the spread within the sides
        assert found.correlation * whole == pytest.approx(hidden, abs=0.01)


def test_the_robustness_value_is_that_of_its_authors() -> None:
    # Cinelli & Hazlett (2020), Darfur: t = 4.18 with 783 degrees of freedom gives 13.9 %
    f = 4.18 / sqrt(783)
    assert (sqrt(f**4 + 4 * f**2) - f**2) / 2 == pytest.approx(0.139, abs=0.001)
    rng = np.random.default_rng(3)
    joined = np.arange(785) % 2 == 0
    money = rng.normal(size=785)
    money -= np.where(joined, money[joined].mean(), money[~joined].mean())
    gap = 4.18 * sqrt((money**2).sum() / 783 * (1 / joined.sum() + 1 / (~joined).sum()))
    assert selection(money + gap * joined, joined, np.empty((785, 0))).robustness == pytest.approx(0.139, abs=0.001)


def test_a_gap_that_is_not_positive_leaves_nothing_to_explain_away() -> None:
    joined = np.array([True] * 4 + [False] * 4)
    assert course(selection(np.r_[FOUR, FOUR + 3], joined, NOTHING)).empty


def test_one_side_or_no_spread_is_refused() -> None:
    with pytest.raises(ValueError, match="sides"):
        selection(FOUR, np.ones(4, dtype=bool), np.empty((4, 0)))
    with pytest.raises(ValueError, match="spread"):
        selection(np.array([2.0, 2.0, 1.0, 1.0]), np.array([True, True, False, False]), np.empty((4, 0)))
