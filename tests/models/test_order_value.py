"""Gamma-Gamma against worlds whose spend is known, and what is done where spend goes together with frequency."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad

from analytics.models import order_value
from analytics.models.order_value import OrderValue, dependence, fit


def spenders(n: int = 6_000, seed: int = 2, tilt: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Orders, mean of them, and the true mean: p = 4, q = 5, gamma = 60; `tilt` lets frequent customers spend more an order."""
    rng = np.random.default_rng(seed)
    orders = 1.0 + rng.poisson(rng.gamma(1.0, 3.0, n))
    nu = rng.gamma(5.0, 1 / 60, n) / orders**tilt
    return orders, rng.gamma(4.0 * orders, 1 / nu) / orders, 4.0 / nu


def test_a_customer_of_one_order_is_drawn_further_towards_everybody_than_one_of_twenty() -> None:
    model = OrderValue(starts=np.zeros(1), at=np.array([[4.0, 5.0, 60.0]]))
    # p (gamma + x m) / (p x + q - 1): 4 (60 + 200) / 8 = 130 after one order of 200; 4 (60 + 4000) / 84 after twenty
    assert model.expected(np.array([1.0, 20.0]), np.array([200.0, 200.0])) == pytest.approx([130.0, 16240 / 84])
    assert model.expected(np.array([3.0]), np.array([-50.0])) == pytest.approx([4 * 60 / 16])  # refunds beyond sales count as nothing


def test_parameters_and_means_of_a_known_world_are_found() -> None:
    orders, mean, true = spenders()
    model = fit(orders, mean)
    assert model.at[0] == pytest.approx([4.0, 5.0, 60.0], rel=0.12)
    said = model.expected(orders, mean)
    assert said.sum() == pytest.approx(true.sum(), rel=0.02)
    assert np.abs(said - true).mean() < 0.9 * np.abs(mean - true).mean()


def test_gradients_are_those_of_small_differences() -> None:
    orders, mean, _ = spenders(200)
    at = np.log([3.0, 4.0, 2.0])
    scaled = mean / np.median(mean)
    assert check_grad(lambda t: order_value._loss(t, orders, scaled)[0], lambda t: order_value._loss(t, orders, scaled)[1], at) < 1e-6


def test_what_is_not_known_of_a_mean_is_as_wide_as_the_truth_lies_around_it() -> None:
    orders, mean, true = spenders(20_000)
    model = OrderValue(starts=np.zeros(1), at=np.array([[4.0, 5.0, 60.0]]))
    unknown, _ = model.spread(orders, mean)
    assert ((true - model.expected(orders, mean)) ** 2).mean() == pytest.approx(unknown.mean(), rel=0.1)
    drawn = model.draws(orders, mean, np.random.default_rng(4))
    assert drawn.mean() == pytest.approx(true.mean(), rel=0.02)


def test_independent_spend_is_found_independent_and_tilted_spend_is_not() -> None:
    independent, tilted = dependence(*spenders()[:2]), dependence(*spenders(tilt=0.6)[:2])
    assert independent is not None and tilted is not None
    assert not independent.fails
    assert independent.spearman.low < 0 < independent.spearman.high or abs(independent.spearman.value) < 0.1
    assert tilted.fails
    assert tilted.spearman.low > 0.3


def test_bands_of_orders_mend_most_of_what_dependence_breaks() -> None:
    orders, mean, true = spenders(8_000, tilt=0.6)
    few = orders <= 2
    pooled, banded = (fit(orders, mean, bands=bands).expected(orders, mean) for bands in (False, True))
    gap = [abs(said[few].sum() / true[few].sum() - 1) for said in (pooled, banded)]
    assert gap[0] > 0.1
    assert gap[1] < gap[0] / 2


def test_too_few_to_tell() -> None:
    orders, mean, _ = spenders(20)
    assert dependence(orders, mean) is None
    with pytest.raises(ValueError, match="30 are needed"):
        fit(orders, mean)
