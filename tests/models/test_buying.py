"""Buy-till-you-die models against arithmetic by hand, against each other and against worlds whose future is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import check_grad
from scipy.special import gammaln

from analytics.models import buying
from analytics.models.buying import FAMILIES, Histories, fit, histories
from tests.models.buyers import World, geometric, lasting

AT = {"bg": (0.6, 4.0, 0.8, 2.4), "mbg": (0.6, 4.0, 0.8, 2.4), "pareto": (0.6, 8.0, 0.6, 12.0)}
X, T_X, T = np.array([0.0, 1.0, 4.0, 60.0, 0.0]), np.array([0.0, 3.0, 30.0, 51.0, 0.0]), np.array([40.0, 40.0, 40.0, 52.0, 0.0])


def world(family: str, n: int = 4_000, seed: int = 3) -> World:
    rng = np.random.default_rng(seed)
    since = rng.uniform(5, 60, n)
    return (
        lasting(rng, AT["pareto"], since, 26.0) if family == "pareto" else geometric(rng, AT[family], since, 26.0, at_first=family == "mbg")
    )


def test_one_order_after_another_has_the_likelihood_of_the_paper() -> None:
    # BG/NBD with r = a = b = 1, alpha = 1: x = 1, t_x = 1, T = 3 gives B(1,2)/B(1,1) / (1+3)^2 + B(2,1)/B(1,1) / (1+1)^2
    logs, _ = FAMILIES["bg"].logs(np.ones(4), np.array([1.0]), np.array([1.0]), np.array([3.0]))
    assert np.exp(logs[0]) == pytest.approx(0.5 / 16 + 0.5 / 4)
    # MBG/NBD: the customer has twice not stopped, B(1,3)/B(1,1), or stopped the second time, B(2,2)/B(1,1)
    logs, _ = FAMILIES["mbg"].logs(np.ones(4), np.array([1.0]), np.array([1.0]), np.array([3.0]))
    assert np.exp(logs[0]) == pytest.approx((1 / 3) / 16 + (1 / 6) / 4)


def test_the_integral_of_pareto_nbd_is_that_of_adaptive_quadrature() -> None:
    r, alpha, s, beta = at = np.array(AT["pareto"])
    for x, t_x, end in zip(X[:4], T_X[:4], T[:4], strict=True):
        stays = (alpha + end) ** -(r + x) * (beta + end) ** -s
        stopped = quad(lambda y, k=r + x: s * (alpha + y) ** -k * (beta + y) ** -(s + 1), t_x, end, epsabs=0, epsrel=1e-11)[0]
        logs, _ = FAMILIES["pareto"].logs(at, *(np.array([value]) for value in (x, t_x, end)))
        assert logs[0] == pytest.approx(
            gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.log(stays + stopped), abs=1e-9
        )


@pytest.mark.parametrize("family", FAMILIES)
def test_gradients_are_those_of_small_differences(family: str) -> None:
    model = FAMILIES[family]
    cells = Histories(x=X, t_x=T_X, T=T, n=np.array([5.0, 2.0, 1.0, 1.0, 3.0]))
    for found in (cells, Histories(x=X[1:4], t_x=T_X[1:4], T=T[1:4], n=np.ones(3), since=52.0)):
        gap = check_grad(
            lambda theta, f=found: buying._loss(theta, model, f)[0],
            lambda theta, f=found: buying._loss(theta, model, f)[1],
            np.log(AT[family]),
        )
        assert gap < 2e-6


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("x", "span"), [(0.0, 30.0), (3.0, 38.0), (120.0, 104.0)])
def test_chances_add_up_to_one_and_have_the_mean_and_the_pairs_that_the_formulas_say(family: str, x: float, span: float) -> None:
    model, at, k = FAMILIES[family], np.array(AT[family]), np.arange(600)
    past, end = np.full(600, x), np.full(600, span)
    chance = model.chance(at, past, end, 26.0, k)
    assert chance.sum() == pytest.approx(1, abs=1e-6)
    assert chance @ k == pytest.approx(model.orders(at, past, end, 26.0)[0], rel=1e-5)
    assert chance @ (k * (k - 1)) == pytest.approx(model.pairs(at, past, end, 26.0)[0], rel=1e-4)


def test_expected_orders_are_continuous_where_their_formula_is_not() -> None:
    near = [FAMILIES["bg"].orders(np.array([0.6, 4.0, a, 2.4]), X, T, 26.0) for a in (0.999, 1.0, 1.001)]
    assert near[1] == pytest.approx((near[0] + near[2]) / 2, rel=1e-5)
    near = [FAMILIES["pareto"].orders(np.array([0.6, 4.0, s, 2.4]), X, T, 26.0) for s in (0.999, 1.0, 1.001)]
    assert near[1] == pytest.approx((near[0] + near[2]) / 2, rel=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_future_of_a_known_world_is_foretold(family: str) -> None:
    data = world(family, 20_000)
    model, at = FAMILIES[family], np.array(AT[family])
    alive = model.alive(at, data.x, data.t_x, data.T)
    said = alive * model.orders(at, data.x, data.T, 26.0)
    spread = alive * (model.pairs(at, data.x, data.T, 26.0) + said / alive) - said**2
    for low, high in ((0, 0), (1, 1), (2, 4), (5, 400)):
        part = (data.x >= low) & (data.x <= high)
        assert data.alive[part].mean() == pytest.approx(alive[part].mean(), abs=4 * np.sqrt(0.25 / part.sum()))
        assert data.coming[part].sum() == pytest.approx(said[part].sum(), abs=4 * np.sqrt(spread[part].sum()))
    assert ((data.coming - said) ** 2).sum() == pytest.approx(spread.sum(), rel=0.1)


@pytest.mark.parametrize("family", FAMILIES)
def test_parameters_of_a_known_world_are_found(family: str) -> None:
    data = world(family, 12_000)
    found = fit(family, histories(data.x, data.t_x, data.T))
    gap = np.log(found.at) - np.log(AT[family])
    assert gap @ np.linalg.solve(found.covariance, gap) < 18.5  # chi-square with 4 degrees of freedom, 99.9 %
    assert (np.sqrt(np.diag(found.covariance)) < 0.5).all()


def test_old_customers_seen_only_if_they_ordered_are_not_taken_for_frequent_ones() -> None:
    rng = np.random.default_rng(8)
    at = (0.8, 20.0, 0.5, 40.0)
    data = lasting(rng, at, np.full(8_000, 40.0), 26.0)
    seen = data.x > 0
    right = fit("pareto", histories(data.x[seen], data.t_x[seen], data.T[seen], since=40.0, most=10))
    wrong = fit("pareto", histories(data.x[seen], data.t_x[seen], data.T[seen], most=10))
    assert right.at[0] / right.at[1] == pytest.approx(at[0] / at[1], rel=0.15)
    assert wrong.at[0] / wrong.at[1] > 1.3 * at[0] / at[1]


def test_days_are_rounded_to_weeks_only_where_there_are_too_many_histories() -> None:
    x, t_x, end = np.array([1.0, 1.0, 2.0]), np.array([3.2, 3.4, 8.0]), np.array([10.0, 10.0, 10.4])
    assert len(histories(x, t_x, end).n) == 3
    coarse = histories(x, t_x, end, most=2)
    assert sorted(zip(coarse.x, coarse.t_x, coarse.T, coarse.n, strict=True)) == [(1, 3, 10, 2), (2, 8, 10, 1)]


def test_rounding_to_weeks_moves_no_parameter_by_more_than_its_own_uncertainty() -> None:
    data = world("mbg", 5_000)
    exact, coarse = (fit("mbg", histories(data.x, data.t_x, data.T, most=most)) for most in (10**9, 10))
    assert np.abs(np.log(coarse.at / exact.at)).max() < np.sqrt(np.diag(exact.covariance)).max()


def test_nobody_who_ordered_twice_is_nothing_to_fit() -> None:
    with pytest.raises(ValueError, match="nobody ordered twice"):
        fit("mbg", histories(np.zeros(50), np.zeros(50), np.full(50, 20.0)))


def test_a_fit_is_the_same_every_time_and_in_any_order_of_the_customers() -> None:
    data = world("mbg", 1_000)
    order = np.random.default_rng(1).permutation(1_000)
    one, other = (fit("mbg", histories(data.x[i], data.t_x[i], data.T[i])) for i in (slice(None), order))
    assert one.at == pytest.approx(other.at, rel=1e-9)
