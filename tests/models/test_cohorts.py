"""Cohorts against each other in worlds whose truth is known; waiting times against a textbook and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.models.cohorts import against_rest, compare, waiting


def cells(seed: int, *, better: frozenset[int] = frozenset(), season: float = 0.15, cohorts: int = 18) -> pd.DataFrame:
    """Complete cells of cohorts of which a share returns that falls with age and swings with the calendar; `better` ones return more."""
    rng, rows = np.random.default_rng(seed), []
    for cohort in range(cohorts):
        n = int(rng.integers(300, 700))
        for age in range(1, cohorts + 3 - cohort):
            share = 0.38 * np.exp(-0.05 * age) * (1 + season * np.sin(2 * np.pi * (cohort + age) / 12)) * (1.35 if cohort in better else 1)
            rows.append((cohort, age, n, rng.binomial(n, share)))
    return pd.DataFrame(rows, columns=["cohort", "age", "customers", "active"])


def test_cohorts_that_are_better_are_found_and_only_these() -> None:
    table = compare(cells(3, better=frozenset({7, 8})), 3)
    assert table.loc[table["standing"] != "alike", "cohort"].tolist() == [7, 8]
    found = table.set_index("cohort").loc[7]
    assert found["low"] < found["share"] - found["share"] / 1.35 < found["high"]


def test_a_strong_season_alone_makes_no_cohort_stand_out() -> None:
    strong = [compare(cells(seed, season=0.4), 3) for seed in range(8)]
    assert sum((table["standing"] != "alike").any() for table in strong) <= 1
    assert all((table["basis"] == "season").all() for table in strong)


def test_few_cohorts_are_compared_at_the_same_age() -> None:
    few = pd.DataFrame({"cohort": [0, 1, 2], "age": [1, 1, 1], "customers": [100, 100, 200], "active": [30, 10, 20]})
    table = compare(few, 1).set_index("cohort")
    assert table["basis"].tolist() == ["age"] * 3
    assert table["expected"].tolist() == pytest.approx([30 / 300, 50 / 300, 40 / 200])
    assert table["standing"].tolist() == ["better", "alike", "worse"]


def test_a_cohort_alone_is_compared_with_nothing() -> None:
    assert compare(pd.DataFrame({"cohort": [0], "age": [1], "customers": [9], "active": [3]}), 1).empty


def test_waiting_is_kaplan_meier_with_greenwoods_error() -> None:
    # 10 wait; 2 return at once, 1 on day 5 when 8 are at risk, one is lost on day 7, 3 return on day 9 when 6 are at risk
    days = np.array([0, 0, 5, 7, 9, 9, 9, 20, 20, 20], float)
    returned = np.array([1, 1, 1, 0, 1, 1, 1, 0, 0, 0], bool)
    found = waiting(days, returned, np.array([0.0, 4, 5, 8, 9, 20]))
    still = [0.8, 0.8, 0.7, 0.7, 0.35, 0.35]
    assert found.share.tolist() == pytest.approx([1 - value for value in still])
    assert found.at_risk.tolist() == [10, 8, 8, 6, 6, 3]
    se = np.sqrt(2 / (10 * 8) + 1 / (8 * 7))  # of the log, on day 5
    reach = 1.959964 * se / abs(np.log(0.7))
    assert found.low[2] == pytest.approx(1 - 0.7 ** np.exp(-reach))
    assert found.high[2] == pytest.approx(1 - 0.7 ** np.exp(reach))


def test_a_median_that_is_not_reached_is_not_told() -> None:
    assert waiting(np.array([3.0, 9, 9, 9]), np.array([True, False, False, False]), np.array([5.0])).median is None
    nobody = waiting(np.full(30, 9.0), np.zeros(30, bool), np.array([5.0]))
    assert nobody.share[0] == 0
    assert 0 < nobody.high[0] < 0.2


def test_one_group_that_differs_from_the_rest_is_told_apart_from_those_that_do_not() -> None:
    q = against_rest(np.array([60, 30, 31, 29]), np.array([100, 100, 100, 100]))
    assert (q <= 0.05).tolist() == [True, False, False, False]
    assert against_rest(np.array([5]), np.array([9])).tolist() == [1.0]


def test_a_median_that_one_day_leaps_over_is_reached() -> None:
    days, returned = np.array([30.0] * 80 + [60.0] * 20), np.array([True] * 80 + [False] * 20)
    found = waiting(days, returned, np.array([0.0, 30.0]))
    assert found.median is not None
    assert (found.median.value, found.median.low, found.median.high) == (30.0, 30.0, 30.0)
