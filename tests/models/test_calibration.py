"""Measures of predicted risks, worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from analytics.models.calibration import around, bins, quality

RISK = np.array([0.9, 0.8, 0.8, 0.4, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
LEFT = np.array([1, 1, 0, 1, 0, 0, 0, 0, 0, 0], bool)


def test_ten_customers_by_hand() -> None:
    found = quality(RISK, LEFT, draws=20)
    # 21 pairs: .9 beats 7; .8 beats 6 and ties once; .4 beats 6
    assert found["auc"].value == pytest.approx((7 + 6.5 + 6) / 21)
    # squares: .01 .04 .64 .36 .09 .04 .04 .01 .01 .01
    assert found["brier"].value == pytest.approx(0.125)
    assert found["brier_base"].value == pytest.approx(0.3 * 0.7)
    # bins: .1 x3 -> .3 off; .2 x2 -> .4; .3 -> .3; .4 -> .6; .8 x2 -> .6; .9 -> .1
    assert found["ece"].value == pytest.approx((0.3 + 0.4 + 0.3 + 0.6 + 0.6 + 0.1) / 10)
    assert found["lift"].value == pytest.approx(1 / 0.3)  # the first of ten left


def test_measures_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    risk = rng.random(500)
    left = rng.random(500) < risk
    found = quality(risk, left, draws=20)
    assert found["auc"].value == pytest.approx(roc_auc_score(left, risk))
    assert found["average_precision"].value == pytest.approx(average_precision_score(left, risk))


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    inside = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        risk = rng.beta(1, 3, 400)
        found = quality(risk, rng.random(400) < risk, draws=150)["brier"]
        inside.append(found.low <= 0.15 <= found.high)  # E p (1 - p) of Beta(1, 3) = 1/4 - 1/10
    assert 0.85 <= np.mean(inside) <= 1.0


def test_nothing_can_be_said_when_everybody_stayed() -> None:
    with pytest.raises(ValueError, match="left"):
        quality(RISK, np.zeros(10, bool))


def test_bins_say_what_was_said_and_what_was_seen() -> None:
    table = bins(RISK, LEFT)
    assert table["n"].tolist() == [3, 2, 1, 1, 2, 1]
    assert table["predicted"].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.8, 0.9])
    assert table["observed"].tolist() == [0, 0, 0, 1, 0.5, 1]
    assert isinstance(table, pd.DataFrame)


def test_an_interval_tells_what_became_of_those_who_were_given_about_the_same_risk() -> None:
    rng = np.random.default_rng(1)
    held = rng.random(20_000)
    low, high = around(np.array([0.125, 0.875]), held, rng.random(20_000) < held)
    assert (low < [0.125, 0.875]).all() and (high > [0.125, 0.875]).all()
    assert (high - low < 0.06).all()


def test_where_the_past_disagrees_the_interval_reaches_from_what_came_to_what_is_said() -> None:
    held = np.linspace(0, 1, 1_000)
    low, high = around(np.array([0.9]), held, np.zeros(1_000, bool))
    assert low[0] == 0.0 and high[0] == 0.9
