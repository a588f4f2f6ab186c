"""Totals over customers, the ranges of single ones, and what a holdout says of rules of thumb, by arithmetic that can be followed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.models import backtest
from analytics.models.buying import Buying
from analytics.models.customer_base import Base, BaseModel, base, fit_base, kept, orders_of, restored
from analytics.models.future import Outlook, misfit, orders_between, total, widest
from analytics.models.trial import Trial
from analytics.results import Unit
from tests.models.buyers import lasting

AT = np.array([0.6, 8.0, 0.6, 12.0])


def model(family: str = "pareto", spread: float = 0.0) -> BaseModel:
    part = Buying(family=family, at=AT, covariance=spread**2 * np.eye(4), loglik=0.0, customers=1)
    return BaseModel(family=family, parts={"new": part})


def some(n: int = 300) -> Base:
    world = lasting(np.random.default_rng(5), tuple(AT), np.full(n, 40.0), 26.0)
    return Base(x=world.x, t_x=world.t_x, T=world.T, old=np.zeros(n, bool))


def test_a_total_spreads_by_chance_by_what_is_not_known_and_reaches_a_past_miss() -> None:
    values, variance = np.full(100, 2.0), np.full(100, 4.0)  # 200, standard deviation 20, a tenth
    plain = total(values, variance, unit=Unit.COUNT)
    assert (plain.value, plain.n) == (200.0, 100)
    assert np.log(plain.high / 200) == pytest.approx(1.96 * 0.1, rel=1e-3)
    assert np.log(200 / plain.low) == pytest.approx(1.96 * 0.1, rel=1e-3)
    wide = total(values, variance, 0.1, reach=0.3, unit=Unit.COUNT)
    assert np.log(wide.high / 200) == pytest.approx(np.sqrt(1.96**2 * 0.02 + 0.09), rel=1e-3)


def test_a_miss_that_chance_explains_widens_nothing() -> None:
    said = np.full(100, 2.0)
    assert misfit(said, np.full(100, 2.2), np.full(100, 4.0), 0.0) == 0  # 220 of 200 within one standard deviation of 20
    log = np.log(400 / 200)
    assert misfit(said, np.full(100, 4.0), np.full(100, 4.0), 0.2) == pytest.approx(np.sqrt(log**2 - 0.01 - 0.04))


def test_models_that_cannot_be_told_apart_share_one_interval() -> None:
    one, other = (total(np.full(100, value), np.full(100, 1.0), unit=Unit.COUNT) for value in (2.0, 3.0))
    both = widest([one, other])
    assert (both.value, both.low, both.high) == (200.0, one.low, other.high)


def test_rivals_are_the_families_that_the_holdout_cannot_tell_apart() -> None:
    logs = {"bg": -120.0, "mbg": -101.5, "pareto": -100.0}
    found = Trial(models={}, logs=logs, table=pd.DataFrame(), said=np.zeros(1), misfit=0.0)
    assert (found.chosen, found.shown, found.rivals) == ("pareto", "pareto", ("mbg",))
    sure = Trial(models={}, logs={"bg": -90.0, "mbg": -100.0, "pareto": -101.0}, table=pd.DataFrame(), said=np.zeros(1), misfit=0.0)
    assert (sure.chosen, sure.shown, sure.rivals) == ("bg", "mbg", ())  # the chance to be a customer is never shown from BG/NBD


def test_ranges_of_orders_hold_as_many_customers_as_they_say() -> None:
    world = lasting(np.random.default_rng(6), tuple(AT), np.full(20_000, 40.0), 26.0)
    found, customers = model(), Base(x=world.x, t_x=world.t_x, T=world.T, old=np.zeros(20_000, bool))
    alive = found.alive(customers)
    orders = alive * found.given_alive(customers, 26.0)
    told = Outlook(alive=alive, orders=orders, variance=found.variance(customers, 26.0, alive), kept=np.ones(20_000))
    low, high = orders_between(told)
    inside = (world.coming >= low) & (world.coming <= high)
    assert inside.mean() >= 0.9
    assert inside[orders > 4].mean() == pytest.approx(0.93, abs=0.03)  # whole numbers cover a little more than they say


def test_a_customer_who_has_surely_stopped_orders_nothing() -> None:
    gone = Outlook(alive=np.array([0.02]), orders=np.array([0.1]), variance=np.array([1.0]), kept=np.ones(1))
    assert [bound[0] for bound in orders_between(gone)] == [0, 0]


def test_a_discount_of_a_constant_stream_is_that_of_the_textbook() -> None:
    eager = BaseModel(
        family="pareto",
        parts={"new": Buying(family="pareto", at=np.array([100.0, 100.0, 1e-4, 1e4]), covariance=np.eye(4), loglik=0, customers=1)},
    )
    one = Base(x=np.zeros(1), t_x=np.zeros(1), T=np.zeros(1), old=np.zeros(1, bool))
    years, rate = 2.0, np.log(1.2)
    weeks = years * 365.25 / 7
    plain, discounted = eager.given_alive(one, weeks)[0], eager.discounted(one, weeks, 0.2)[0]
    assert plain == pytest.approx(weeks, rel=1e-3)  # one order a week, nobody stops
    assert discounted / plain == pytest.approx((1 - np.exp(-rate * years)) / (rate * years), rel=1e-6)
    assert eager.discounted(one, weeks, 0.0)[0] == plain


def test_the_wobble_of_a_total_is_that_of_drawn_parameters() -> None:
    found, customers = model(spread=0.05), some()
    rng = np.random.default_rng(7)
    family = found.parts["new"].model
    drawn = [
        (family.alive(at, customers.x, customers.t_x, customers.T) * family.orders(at, customers.x, customers.T, 26.0)).sum()
        for at in np.exp(np.log(AT) + rng.normal(0, 0.05, (400, 4)))
    ]
    assert found.wobble(customers, orders_of(26.0)) == pytest.approx(np.std(drawn) / np.mean(drawn), rel=0.12)


def test_what_is_kept_of_a_model_says_the_same_again() -> None:
    customers = some()
    found = fit_base("mbg", customers)
    again = restored(kept(found))
    assert again.expected(customers, 26.0) == pytest.approx(found.expected(customers, 26.0))
    assert again.wobble(customers, orders_of(26.0)) == pytest.approx(found.wobble(customers, orders_of(26.0)))


def test_expected_orders_since_the_beginning_are_those_of_newcomers_added_up() -> None:
    customers = Base(x=np.zeros(3), t_x=np.zeros(3), T=np.array([20.0, 20.0, 5.0]), old=np.zeros(3, bool))
    family, zero = model().parts["new"].model, np.zeros(1)
    each = {weeks: family.orders(AT, zero, zero, weeks)[0] for weeks in (10.0, 20.0, 5.0)}
    found = model().since_begin(customers, np.array([10.0, 20.0]))
    assert found == pytest.approx([2 * each[10.0], 2 * each[20.0] + each[5.0]])


def people(old: list[bool], orders: list[int]) -> pd.DataFrame:
    days = pd.to_datetime(["2024-02-01"] * len(old))
    return pd.DataFrame({"orders": orders, "first_on": days, "last_on": days + pd.Timedelta(days=14), "old": old})


def test_an_old_customers_clock_starts_with_the_data_and_all_orders_count() -> None:
    many = people([True] * 200 + [False] * 200, [3] * 400)
    found = base(many, pd.Timestamp("2024-03-11"), pd.Timestamp("2024-01-01"))
    assert (found.x[0], 7 * found.t_x[0], 7 * found.T[0]) == (3, 45, 70)
    assert (found.x[-1], 7 * found.t_x[-1], 7 * found.T[-1]) == (2, 14, 39)


def test_too_few_old_customers_are_not_a_population_of_their_own() -> None:
    found = base(people([True] * 20 + [False] * 200, [3] * 220), pd.Timestamp("2024-03-11"), pd.Timestamp("2024-01-01"))
    assert not found.old.any()
    assert (found.x == 2).all()


def test_rules_of_thumb_by_hand() -> None:
    x, t_x, end = np.array([4.0, 1.0, 0.0]), np.array([40.0, 2.0, 0.0]), np.array([44.0, 52.0, 3.0])
    told = backtest.rules(x, t_x, end, np.array([2.0, 0.0, 1.0]), 26.0)
    assert told["last_period"].tolist() == [2, 0, 1]
    assert told["own_rate"] == pytest.approx([4 / 44 * 26, 26 / 52, 0])
    # nine in ten gaps (10 and 2 weeks) are under 9.2: the second customer, silent for 50, is gone; the others order 1.5 on average
    assert told["recency"].tolist() == [1.5, 0, 1.5]


def test_errors_by_hand() -> None:
    said, came = np.array([2.0, 1.0, 0.0, 1.0]), np.array([3.0, 0.0, 0.0, 1.0])
    found = backtest.errors(said, came)
    assert (found["total_error"], found["mae"], found["rmse"], found["top_found"]) == (0.0, 0.5, pytest.approx(np.sqrt(0.5)), 1.0)
    skill = backtest.skill(said, np.array([3.0, 2.0, 2.0, 1.0]), came)
    assert skill.value == pytest.approx(1 - 2 / 4, abs=1e-5)
    assert backtest.reversed_skill(-1.0) == 0.5  # twice the error of the rule: the rule errs half as much


def test_bins_of_the_calibration_follow_how_often_most_customers_ordered() -> None:
    rare = np.repeat([1.0, 2.0, 3.0, 9.0], [100, 50, 30, 15])
    table = backtest.calibration(rare, rare, 2 * rare)
    assert list(zip(table["low"], table["high"], table["n"], strict=True)) == [(1, 1, 100), (2, 2, 50), (3, 9, 45)]
    assert table["actual"].tolist() == (2 * table["expected"]).tolist()
    often = backtest.calibration(np.arange(1.0, 401.0), np.ones(400), np.ones(400))
    assert often["n"].tolist() == [50] * 8
