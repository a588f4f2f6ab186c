"""Budgets of two or three segments split anew: optima worked out by hand and by trying every split, floors, prices, intervals."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.models.allocation import Cells, Doubt, best, frontier, gains, highest_ratio
from analytics.results import Unit

ONE, TWO = np.array([100.0, 100.0]), np.array([1.0, 2.0])


def world(budget: object, brought: object, group: object, elasticity: object = 0.5) -> Cells:
    held = np.asarray(brought, float)
    return Cells(
        budget=np.asarray(budget, float),
        brought=held,
        group=np.asarray(group, np.int64),
        elasticity=np.broadcast_to(np.asarray(elasticity, float), held.shape).copy(),
    )


def test_with_an_elasticity_of_a_half_the_best_split_goes_with_the_square_of_what_is_brought() -> None:
    """max 1 sqrt(x) + 2 sqrt(200 - x): x = 40."""
    found = best(world(ONE, TWO, [0, 1]), 0.0, 0.9)
    assert found == pytest.approx([40.0, 160.0], abs=1.8)  # a piece is 1.8 wide


def test_what_a_split_brings_follows_from_the_elasticity() -> None:
    cells = world([100, 100, 100], [1, 2, 3], [0, 1, 2], [0.5, 0.5, 1.0])
    assert cells.gain(np.array([144.0, 25.0, 90.0])) == pytest.approx([1 * 0.2, 2 * -0.5, 3 * -0.1])


def test_equal_rates_are_asked_for_by_a_rho_of_one() -> None:
    """Two thirds of 200 for who brings two thirds; without rho it would be 160."""
    found = best(world(ONE, TWO, [0, 1]), 1.0, 0.9)
    assert found == pytest.approx([66.67, 133.33], abs=0.01)


def test_the_best_split_of_three_segments_is_the_one_that_trying_them_all_finds() -> None:
    cells = world([100, 100, 50], [1000, 3000, 200], [0, 1, 1], [0.1, 0.1, 0.4])
    first, second = np.meshgrid(np.linspace(50, 150, 401), np.linspace(50, 150, 401))
    third = 250 - first - second
    for rho in (0.0, 0.9, 0.99):
        floor = rho * 250 / 4200
        kept = (third >= 25) & (third <= 75) & (first >= floor * 1000) & (second + third >= floor * 3200)
        tried = sum(
            brought * ((np.maximum(x, 0) / budget) ** elasticity - 1)
            for elasticity, brought, budget, x in ((0.1, 1000, 100, first), (0.1, 3000, 100, second), (0.4, 200, 50, third))
        )
        found = best(cells, rho, 0.5)
        assert found is not None
        most = np.where(kept, tried, -np.inf).max()
        assert most * (1 - 2e-4) <= cells.gain(found).sum() <= most * (1 + 1e-3)  # the grid misses the bound by up to a quarter
        assert found.sum() == pytest.approx(250)
        assert cells.ratio(found) >= rho - 1e-6
        assert (found >= 0.5 * cells.budget - 1e-9).all() and (found <= 1.5 * cells.budget + 1e-9).all()


def test_the_highest_rho_follows_from_how_far_budgets_may_move() -> None:
    """Rates 1 and 1/3 around 1/2: the second can be raised by a fifth to .4, which is .8 of the average."""
    cells = world(ONE, [100, 300], [0, 1])
    assert cells.ratio(cells.budget) == pytest.approx(2 / 3)
    assert highest_ratio(cells, 0.2) == pytest.approx(0.8)
    assert best(cells, 0.81, 0.2) is None
    kept = best(cells, 0.8, 0.2)
    assert kept == pytest.approx([80.0, 120.0], abs=1e-3)


def test_a_frontier_never_rises_and_says_where_there_is_no_split() -> None:
    cells = world([100, 100, 100], [100, 300, 200], [0, 1, 2], [0.4, 0.1, 0.1])
    found = frontier(cells, [0.0, 0.6, 0.7, 0.75, 0.9, 1.0], 0.2)
    known = found[found["feasible"]]
    assert known["rho"].tolist() == [0.0, 0.6, 0.7, 0.75]
    assert (known["gain"].diff().dropna() <= 1e-9).all()
    assert known["price"].to_numpy() == pytest.approx(known["gain"].iloc[0] - known["gain"].to_numpy())
    assert known["price"].iloc[-1] > 0  # who responds most is the one that is paid too much already
    assert found.loc[~found["feasible"], "gain"].isna().all()


def test_who_brings_nothing_or_has_no_budget_is_left_out_of_floors_and_gains() -> None:
    cells = world([100, 100, 0], [100, -5, 50], [0, 1, 2])
    found = best(cells, 0.0, 0.5)
    assert found is not None
    assert found == pytest.approx([150, 50, 0])
    assert cells.gain(found)[1:].tolist() == [0.0, 0.0]


def test_the_price_is_drawn_with_what_both_splits_have_in_common() -> None:
    cells = world(ONE, TWO * 500, [0, 1])
    doubt = Doubt(brought=np.repeat([5.0, 10.0], 100), cell=np.repeat([0, 1], 100), factor=1.0)
    free, even = best(cells, 0.0, 0.9), best(cells, 1.0, 0.9)
    assert free is not None and even is not None
    gain, held, price = gains(cells, [free, even], doubt, unit=Unit.MONEY)
    assert (gain.value, held.value) == pytest.approx((cells.gain(free).sum(), cells.gain(even).sum()))
    assert price.value == pytest.approx(gain.value - held.value)
    assert gain.low < gain.value < gain.high
    same = gains(cells, [free, free], doubt, unit=Unit.MONEY)[-1]
    assert (same.low, same.value, same.high) == (0.0, 0.0, 0.0)


def test_more_doubt_about_the_response_widens_the_interval() -> None:
    cells = world(ONE, TWO * 500, [0, 1])
    split = best(cells, 0.0, 0.9)
    assert split is not None
    width = []
    for factor in (1.0, 2.0, 4.0):
        doubt = Doubt(brought=np.repeat([5.0, 10.0], 100), cell=np.repeat([0, 1], 100), factor=factor)
        one = gains(cells, [split], doubt, unit=Unit.MONEY)[0]
        width.append(one.high - one.low)
    assert width[0] < width[1] < width[2]


def test_without_a_budget_there_is_nothing_to_split() -> None:
    with pytest.raises(ValueError, match="budget"):
        best(world([0, 0], [1, 1], [0, 1]), 0.0, 0.5)
