from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import t as student

from analytics.models.price_gap import Lines, both_sides, compared, many, parts, within
from tests.models.prices import price_world


def lines(price: list[float], cell: list[int], customer: list[int], size: list[float] | None = None) -> Lines:
    return Lines(
        price=np.log(price), size=np.zeros(len(price)) if size is None else np.log(size), cell=np.array(cell), customer=np.array(customer)
    )


def column(values: list[int]) -> np.ndarray:
    return np.array(values, float)[:, None]


def test_the_estimate_is_that_of_statsmodels_with_a_dummy_for_each_cell() -> None:
    """Coefficients, clustered errors, p and intervals, for two columns and quantity."""
    world = price_world(5, customers=60)
    rng = np.random.default_rng(2)
    asked = np.column_stack([world.regular, rng.random(len(world.regular)) < 0.3]).astype(float)
    rows = np.flatnonzero(compared(world.lines.cell, asked))[:400]
    some, asked = world.lines.at(rows), asked[rows]
    keep = compared(some.cell, asked)
    some, asked = some.at(keep), asked[keep]
    dummies = pd.get_dummies(some.cell).to_numpy(float)
    ols = sm.OLS(some.price, np.column_stack([asked, some.size, dummies]))
    told = ols.fit(cov_type="cluster", cov_kwds={"groups": some.customer}, use_t=True)
    found = within(some, asked)
    assert found is not None and found.n == len(some.price)
    assert found.value == pytest.approx(told.params[:2], abs=1e-8)
    assert found.se == pytest.approx(told.bse[:2], abs=1e-8)
    for at in (0, 1):
        one = found.plain(at)
        assert (one.low, one.high) == pytest.approx(tuple(told.conf_int()[at]), abs=1e-8)
        assert found.p(at) == pytest.approx(student.sf(told.tvalues[at], some.customer.max()), abs=1e-8)


def test_only_what_is_bought_by_both_at_the_same_place_and_time_counts() -> None:
    """Regulars pay 4 % more in the first cell; the second holds regulars only, at a price of their own."""
    found = within(lines([104, 100, 104, 100, 900], [0, 0, 0, 0, 1], [1, 2, 3, 4, 5]), column([1, 0, 1, 0, 1]))
    assert found is not None and (found.n, found.cells, found.customers) == (4, 1, 4)
    assert found.relative().value == pytest.approx(0.04)
    assert compared(np.array([0, 0, 1, 1]), column([1, 0, 1, 1])).tolist() == [True, True, False, False]


def test_a_lower_price_for_a_dozen_is_not_one_for_a_person() -> None:
    """Everybody pays 10 for one and 8 each for twelve; regulars buy dozens more often."""
    price, size = [10.0, 8.0, 8.0, 10.0, 10.0, 8.0], [1.0, 12.0, 12.0, 1.0, 1.0, 12.0]
    asked = column([1, 1, 1, 0, 0, 0])
    found = within(lines(price, [0] * 6, list(range(6)), size), asked)
    naive = within(lines(price, [0] * 6, list(range(6))), asked)
    assert found is not None and naive is not None
    assert found.value[0] == pytest.approx(0, abs=1e-12)
    assert naive.relative().value < -0.05
    assert found.p() == 1.0


def test_a_planted_gap_is_found_and_no_other() -> None:
    world = price_world(3, gap=0.04)
    gaps = []
    for category in range(6):
        here = world.category == category
        found = within(world.lines.at(here), world.regular[here][:, None].astype(float))
        assert found is not None
        gaps.append(found)
    first = gaps[0].relative()
    assert first.low < 0.04 < first.high and first.low > 0.01
    q = many(np.array([one.p() for one in gaps]))
    assert q[0] < 0.001 and (q[1:] > 0.05).all()


def test_where_nothing_varies_or_nothing_is_left_to_judge_chance_by_there_is_no_answer() -> None:
    assert within(lines([10, 11], [0, 1], [0, 1]), column([1, 0])) is None
    assert within(lines([10, 11], [0, 0], [0, 1]), column([1, 0])) is None
    assert within(lines([10, 11, 12], [0, 0, 0], [7, 7, 7]), column([1, 0, 1])) is None


def test_customers_are_counted_on_the_smaller_side_of_cells_where_both_buy() -> None:
    some = lines([1, 1, 1, 1, 1], [0, 0, 0, 1, 1], [1, 2, 3, 4, 5])
    assert both_sides(some, np.array([True, False, False, True, True])) == 1


def test_parts_come_by_weight() -> None:
    codes, weight = np.array([0, 1, 0, 2, -1]), np.array([1.0, 5.0, 1.0, 3.0, 9.0])
    assert [(code, rows.tolist()) for code, rows in parts(codes, most=2, weight=weight)] == [(1, [1]), (2, [3])]
