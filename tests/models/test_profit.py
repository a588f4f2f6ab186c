"""What an offer brings, worked out by hand."""

import numpy as np
import pytest

from analytics.models.profit import Costs, expected_maximum, thresholds

RISK = np.array([0.9, 0.7, 0.5, 0.3])
LEFT = np.array([True, False, True, False])
COSTS = Costs(value=100.0, offer=10.0, contact=2.0, success=0.5)


def test_profit_by_threshold_by_hand() -> None:
    # a leaver brings .5 x 90 - 2 = 43, a stayer takes 10 + 2
    table = thresholds(RISK, LEFT, COSTS, draws=20).set_index("threshold")
    assert table.loc[[0.0, 0.4, 0.6, 0.8, 1.0], "profit"].tolist() == pytest.approx([(86 - 24) / 4, (86 - 12) / 4, 31 / 4, 43 / 4, 0.0])
    assert table.loc[[0.0, 0.6, 1.0], "contacted"].tolist() == [1.0, 0.5, 0.0]
    assert table.loc[[0.0, 0.6], "leavers"].tolist() == [0.5, 0.25]


def test_with_a_certain_success_rate_the_expected_maximum_is_the_best_threshold() -> None:
    certain = Costs(value=100.0, offer=10.0, contact=2.0, success=1.0)
    best = thresholds(RISK, LEFT, certain, draws=20)["profit"].max()
    assert expected_maximum(RISK, LEFT, certain, draws=20).value == pytest.approx(best)
    assert best == pytest.approx((2 * 88 - 12) / 4)


def test_an_uncertain_rate_is_worth_at_least_the_profit_at_its_mean() -> None:
    """The maximum of a mean is at most the mean of maxima: the threshold may follow what the rate turns out to be."""
    rng = np.random.default_rng(1)
    risk = rng.beta(1, 3, 4_000)
    left = rng.random(4_000) < risk
    costs = Costs(value=60.0, offer=10.0, contact=1.0, success=0.3)
    assert expected_maximum(risk, left, costs, draws=20).value >= thresholds(risk, left, costs, draws=20)["profit"].max()


def test_where_the_best_threshold_does_not_hang_on_the_rate_an_uncertain_one_is_worth_its_mean() -> None:
    free = Costs(value=100.0, offer=10.0, contact=0.0, success=0.1)
    assert expected_maximum(RISK, np.ones(4, bool), free, draws=20).value == pytest.approx(0.1 * 90)


def test_an_offer_that_costs_more_than_a_customer_is_worth_is_never_made() -> None:
    dear = Costs(value=5.0, offer=10.0, contact=2.0, success=0.5)
    found = expected_maximum(RISK, LEFT, dear, draws=20)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)
    assert thresholds(RISK, LEFT, dear, draws=20)["profit"].max() == 0.0


def test_the_band_holds_the_profit_and_narrows_with_customers() -> None:
    rng = np.random.default_rng(2)
    widths = []
    for n in (400, 40_000):
        risk = rng.beta(1, 3, n)
        table = thresholds(risk, rng.random(n) < risk, COSTS)
        assert ((table["low"] <= table["profit"] + 1e-9) & (table["profit"] <= table["high"] + 1e-9)).all()
        widths.append((table["high"] - table["low"]).max())
    assert widths[1] == pytest.approx(widths[0] / 10, rel=0.3)
