"""The study of value: what it reads of each customer, what it says of a world whose future is known, what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analytics.access import Access
from analytics.fits import fitted
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.models.customer_base import base
from analytics.results import Result
from analytics.studies import value, value_tables
from analytics.studies import value_totals as totals
from analytics.studies.base import Filters
from analytics.studies.value_data import now, span, split, then
from analytics.studies.value_fit import VALUE
from analytics.studies.value_predict import predict, terms
from analytics.warehouse import Warehouse
from tests.conftest import run_cli
from tests.models.buyers import MOST, _times
from tests.studies.conftest import Shop
from tests.studies.test_catalogue import _sound

BEGIN, END = date(2023, 1, 1), date(2024, 9, 30)  # 638 days
CUSTOMERS = 420
GOLD = "Gold <b>x</b>"


def orders_of_a_world() -> tuple[pd.DataFrame, float]:
    """Orders of a Pareto world up to END and the number of those of the year after, from customers who came in the first 400 days."""
    rng = np.random.default_rng(20)
    start = rng.integers(0, 400, CUSTOMERS)
    rate, ends = rng.gamma(1.2, 1 / 35.0, CUSTOMERS), rng.exponential(1 / rng.gamma(0.7, 1 / 150.0, CUSTOMERS))
    times = np.concatenate([np.zeros((CUSTOMERS, 1)), np.where((made := _times(rng, rate)) <= ends[:, None], made, np.inf)], axis=1)
    days = (start[:, None] + times).ravel()
    who = np.repeat(np.arange(CUSTOMERS), MOST + 1)
    last = (END - BEGIN).days
    known = days <= last
    table = pd.DataFrame({"customer_id": [f"C{n:03d}" for n in who[known]], "day": days[known].astype(int)})
    table["tier"] = np.where(who[known] % 3 == 0, GOLD, "Silver")
    spend = rng.gamma(5.0, 1 / rng.gamma(6.0, 1 / 100.0, CUSTOMERS))[who[known]]
    table["amount"] = (spend * rng.gamma(8.0, 1 / 8.0, len(table))).round(2)
    return table, float(((days > last) & (days <= last + 365)).sum())


@pytest.fixture(scope="module")
def world_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("value")
    table, _ = orders_of_a_world()
    table["date"] = [(BEGIN + timedelta(days=int(day))).isoformat() for day in table["day"]]
    table["order_id"] = [f"O{n}" for n in range(len(table))]
    table[["customer_id", "order_id", "date", "amount"]].to_csv(home / "orders.csv", index=False)
    table.drop_duplicates("customer_id")[["customer_id", "tier"]].to_csv(home / "customers.csv", index=False)
    run_cli(home, "import", home / "orders.csv", home / "customers.csv").done()
    return home


@pytest.fixture
def world(world_home: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("LOYALTY_HOME", str(world_home))
    return open_current(Access(workspace="default"))


def asked(house: Warehouse, **params: object) -> Result:
    return value.run(house, value.Params(**params))


TWO = """
customer id,order id,date,amount
A,1,2024-01-01,10
A,2,2024-01-01,20
A,3,2024-03-01,30
A,4,2024-03-31,5
B,5,2024-02-10,7
B,6,2024-04-02,9
C,7,2024-04-20,4
"""


def test_several_orders_of_a_day_count_each_and_time_runs_from_the_first_to_the_last(shop: Shop) -> None:
    house = shop(orders=TWO)
    people, covered = now(house), span(house)
    assert covered is not None
    assert (covered.begin.date(), covered.end.date(), covered.days) == (date(2024, 1, 1), date(2024, 4, 20), 110)
    found = base(people, covered.end, covered.begin)
    assert found.x.tolist() == [3, 1, 0]
    assert (7 * found.t_x).tolist() == [90, 52, 0]  # A: 1 January to 31 March of a leap year
    assert (7 * found.T).tolist() == [110, 70, 0]


def test_a_month_end_parts_what_was_known_from_what_came(shop: Shop) -> None:
    house = shop(orders=TWO)
    known = then(house, pd.Timestamp("2024-03-31"), pd.Timestamp("2024-04-20"))
    rows = known.people.set_index("customer_id")
    assert known.days == 20
    assert rows.index.tolist() == ["A", "B"]  # C came later
    assert rows[["orders", "came", "came_amount"]].to_numpy().tolist() == [[4, 0, 0], [1, 1, 9]]
    assert rows["last_on"].dt.date.tolist() == [date(2024, 3, 31), date(2024, 2, 10)]
    assert rows["latest"].tolist() == [2, 0]  # of March, the month nearest to the 20 days before


def test_the_holdout_is_a_year_at_most_and_half_of_the_data_at_most(world: Warehouse) -> None:
    covered = span(world)
    assert covered is not None
    assert split(covered) == pd.Timestamp("2023-11-30")  # 305 days: nearer to the half, 319, than the month end before
    assert split(covered, 60) == pd.Timestamp("2024-07-31")


def test_the_future_of_a_known_world_lies_within_the_interval(world: Warehouse) -> None:
    _, came = orders_of_a_world()
    told = asked(world).estimates["expected_orders"]
    assert told.low < came < told.high
    assert told.value == pytest.approx(came, rel=0.15)
    assert told.n == CUSTOMERS


def test_horizon_discount_and_margin_do_what_they_say(world: Warehouse) -> None:
    plain, far, cheap, half = (
        asked(world, **params).estimates
        for params in ({"discount": 0.0}, {"discount": 0.0, "horizon_days": 730}, {"discount": 0.3}, {"discount": 0.0, "margin": 0.5})
    )
    assert plain["expected_orders"].value < far["expected_orders"].value < 2 * plain["expected_orders"].value  # customers stop
    assert cheap["expected_orders"] == plain["expected_orders"]
    assert 1 / 1.3 < cheap["predicted_value"].value / plain["predicted_value"].value < 1  # a year away at most
    assert cheap["predicted_value"].value / plain["predicted_value"].value == pytest.approx(1.3**-0.47, rel=0.02)
    for name in ("predicted_value", "historic_value", "order_value"):
        assert half[name].value == pytest.approx(plain[name].value / 2)


def test_historic_value_is_what_was_sold(world: Warehouse) -> None:
    table, _ = orders_of_a_world()
    assert asked(world).estimates["historic_value"].value == pytest.approx(table["amount"].sum())


def test_customers_add_up_to_the_whole_and_tiers_to_the_customers(world: Warehouse) -> None:
    params = value.Params(list_size=0)
    result, everyone = value.run(world, params), value.members(world, params)
    assert len(everyone) == CUSTOMERS
    assert everyone["value"].is_monotonic_decreasing
    assert everyone["value"].sum() == pytest.approx(result.estimates["predicted_value"].value)
    assert everyone["p_alive"].sum() == pytest.approx(result.estimates["alive"].value)
    assert everyone["p_alive"].between(0, 1).all()
    assert result.estimates["alive"].high <= CUSTOMERS
    assert (everyone["orders_low"] <= everyone["orders_high"]).all()
    groups = result.tables["groups"]
    assert groups["n"].sum() == CUSTOMERS
    assert groups["value"].sum() == pytest.approx(result.estimates["predicted_value"].value)
    gold = value.run(world, value.Params(filters=Filters(tier=(GOLD,)))).estimates["expected_orders"]
    assert gold.value == pytest.approx(groups.loc[groups["group"] == GOLD, "expected_orders"].iloc[0])


def test_ranges_of_single_customers_go_with_the_horizon_and_the_margin(world: Warehouse) -> None:
    near, far, half = (
        value.members(world, value.Params(discount=0.0, **params)).set_index("customer_id").sort_index()
        for params in ({"horizon_days": 200}, {"horizon_days": 700}, {"horizon_days": 200, "margin": 0.5})
    )
    assert (near["value_low"] <= near["value_high"]).all()
    assert far["value_high"].to_numpy() == pytest.approx((near["value_high"] * far["value"] / near["value"]).to_numpy())
    assert half["value_high"].to_numpy() == pytest.approx(near["value_high"].to_numpy() / 2)
    inside = (near["value"] >= near["value_low"]) & (near["value"] <= near["value_high"])
    assert inside[near["p_alive"] > 0.5].mean() > 0.9  # nine in ten of those who have stopped bring nothing: less than their mean


def test_the_share_of_ranges_that_held_is_told_by_tier(world: Warehouse) -> None:
    result = asked(world)
    held = result.tables["coverage"].set_index("group")
    assert set(held.index) == {"", GOLD, "Silver"}
    assert held.loc["", "n"] == held["n"].drop("").sum()
    assert result.estimates["coverage"].value == held.loc["", "coverage"]
    assert 0.8 < held.loc["", "coverage"] < 0.98


def test_the_model_with_the_most_likely_holdout_predicts_and_is_named(world: Warehouse) -> None:
    result = asked(world)
    models = result.tables["models"]
    assert models.loc[models["chosen"], "loglik"].tolist() == [models["loglik"].max()]
    text = Words("en", "EUR").note(result.verdict)
    assert {"mbg": "MBG/NBD", "bg": "BG/NBD", "pareto": "Pareto/NBD"}[models.loc[models["chosen"], "method"].iloc[0]] in text


def test_families_that_the_holdout_cannot_tell_apart_share_the_interval(world: Warehouse) -> None:
    found = fitted(world, VALUE)
    on = terms(found.facts, days=365, discount=0.1, margin=0.0)
    told = predict(found, on, Filters())
    chosen = replace(told, rivals=())
    rival = replace(told, outlook=replace(told.outlook, orders=1.5 * told.outlook.orders), rivals=())
    alone, both = (totals.orders(one, totals.Missed(orders=0.0, money=0.0)) for one in (chosen, replace(chosen, rivals=(rival,))))
    assert (both.value, both.low) == (alone.value, alone.low)
    assert both.high > 1.4 * alone.high


def test_one_time_buyers_are_less_likely_customers_the_longer_they_are_silent(world: Warehouse) -> None:
    once = value.members(world, value.Params()).query("orders == 1").sort_values("last_on")
    assert len(once) > 30
    assert once["p_alive"].is_monotonic_increasing
    assert once["p_alive"].iloc[0] < once["p_alive"].iloc[-1] - 0.1


def test_the_parts_hold_every_estimate_and_table_once(world: Warehouse) -> None:
    result = asked(world)
    parts = value.parts(result)
    assert list(parts) == ["now", "trust", "groups"]
    assert sorted(name for part in parts.values() for name in part.estimates) == sorted(result.estimates)
    assert sorted(name for part in parts.values() for name in part.tables) == sorted(result.tables)
    for language in LANGUAGES:
        words = Words(language, "EUR")
        figures = [figure for part in parts.values() for figure in value.STUDY.figures(part, words)]
        for figure in figures:
            _sound(figure, words)
        assert [figure.key for figure in figures] == [
            "iso",
            "distribution",
            "concentration",
            "tracking",
            "calibration",
            "heuristics",
            "groups",
            "coverage",
        ]


def regulars(*, money: bool = True, known_since: str = "") -> dict[str, str]:
    """150 customers who order on their own fixed days, 2 to 15 times a half-year: the last period comes again."""
    rows, people = [], []
    for n in range(150):
        every = 180 // (2 + n % 14)
        days = [day for day in range(n % every, 540, every) if (n * 7 + day) % 29]
        rows += [f"K{n},{n}-{day},{(BEGIN + timedelta(days=day)).isoformat()}" + (f",{10 + n % 5}" if money else "") for day in days]
        people.append(f"K{n},{known_since}")
    head = "customer id,order id,date" + (",amount" if money else "")
    files = {"orders": "\n".join([head, *rows])}
    return {**files, "people": "\n".join(["customer id,created on", *people])} if known_since else files


def test_where_a_rule_of_thumb_errs_less_the_verdict_says_so(shop: Shop) -> None:
    result = asked(shop(**regulars()))
    best = result.tables["heuristics"].query("measure == 'orders' and method != 'model'").sort_values("mae").iloc[0]
    assert best["method"] == "last_period"
    assert result.estimates["skill"].high < 0
    assert result.verdict.key == "value.verdict.rule"
    assert "“The last period again” erred" in Words("en").note(result.verdict)


def told_of(result: Result) -> str:
    return " ".join(Words("en", "EUR").note(note) for note in result.warnings)


def test_one_customer_who_holds_most_of_the_money_is_told_of(shop: Shop) -> None:
    files = regulars()
    assert "One customer holds" not in told_of(asked(shop(**files)))
    first, rest = files["orders"].split("\n", 2)[1:]
    huge = first.rsplit(",", 1)[0] + ",999999999"
    assert "One customer holds 100.0% of the historic money" in told_of(
        asked(shop(orders="\n".join([files["orders"].split("\n")[0], huge, rest])))
    )


def test_money_that_the_holdout_missed_and_ranges_that_did_not_hold_are_told(world: Warehouse) -> None:
    found, on = fitted(world, VALUE), terms(fitted(world, VALUE).facts, days=365, discount=0.1, margin=0.0)
    told = predict(found, on, Filters())
    rules = found.tables["rules"].assign(total_error=-0.25)
    coverage = found.tables["coverage"].assign(coverage=0.8, coverage_low=0.7, coverage_high=0.85)
    worse = replace(
        found,
        facts={**found.facts, "misfit_value": {on.basis: 0.3}},
        tables={**found.tables, "rules": rules, "coverage": coverage[coverage["group"] == GOLD]},
    )
    notes = {note.key: Words("en", "EUR").note(note) for note in value._warnings(worse, told, value.Params())}
    assert ("value.warnings.money_missed.under" in notes) == (on.basis == "sales")
    assert "held for 80.0% of those in" in notes["value.warnings.covered.group"]


def test_without_amounts_orders_are_told_and_money_is_not(shop: Shop) -> None:
    result = asked(shop(**regulars(money=False)))
    assert result.refused is None
    assert not {"predicted_value", "mean_value", "historic_value", "order_value"} & set(result.estimates)
    assert "value.warnings.no_money" in [note.key for note in result.warnings]
    assert "value" not in result.tables["customers"]
    assert [figure.key for figure in value.STUDY.figures(result, Words("zh-CN"))][:2] == ["iso", "distribution"]


def test_customers_from_before_the_data_are_fitted_apart(shop: Shop) -> None:
    result = asked(shop(**regulars(known_since="2021-05-04")))
    assert result.refused is None
    old = next(note for note in result.warnings if note.key == "value.warnings.old")
    assert "100.0% of these customers were customers before the data begins (1 Jan 2023)" in Words("en").note(old)


def alike(customers: int = 400, days: int = 400) -> pd.DataFrame:
    """Orders of customers who do not differ: each buys with chance 1 in 25 a day, for amounts of one distribution."""
    rng = np.random.default_rng(8)
    bought = rng.random((customers, days)) < 0.04
    bought[np.arange(customers), rng.integers(0, 20, customers)] = True
    who, day = np.nonzero(bought)
    dates = [(BEGIN + timedelta(days=int(at))).isoformat() for at in day]
    amounts = rng.gamma(4.0, 5.0, len(who)).round(2)
    return pd.DataFrame({"customer id": [f"K{at}" for at in who], "order id": np.arange(len(who)), "date": dates, "amount": amounts})


def test_where_customers_do_not_differ_the_total_alone_is_to_be_trusted(shop: Shop) -> None:
    table = alike()
    result = asked(shop(orders=table.to_csv(index=False)))
    assert result.verdict.key == "value.verdict.blind"
    words, worth = Words("en", "EUR"), result.estimates["predicted_value"]
    assert all(words.money(end, compact=True) in words.note(result.verdict) for end in (worth.value, worth.low, worth.high))
    order = result.estimates["order_value"]
    error = table["amount"].std() / np.sqrt(len(table))  # everybody's mean is known no better than that
    assert (order.high - order.low) / (2 * 1.96) == pytest.approx(error, rel=0.15)


def test_refunds_alone_are_refused_as_such(shop: Shop) -> None:
    table = alike(150, 300)
    refunds = asked(shop(orders=table.assign(amount=-table["amount"]).to_csv(index=False)))
    assert refunds.refused is not None
    assert refunds.refused.key == "value.refused.no_orders"


def test_too_little_is_refused_with_what_is_missing(shop: Shop) -> None:
    few = asked(shop(orders=TWO))
    assert few.refused is not None
    assert few.refused.key == "value.refused.short"
    assert "110 days; 120 are needed" in Words("en").note(few.refused)
    assert value.members(open_current(Access(workspace="shop")), value.Params()).empty


def test_customers_without_a_second_order_are_refused(shop: Shop) -> None:
    rows = [f"K{n},{n},{(BEGIN + timedelta(days=n)).isoformat()},10" for n in range(300)]
    once = asked(shop(orders="\n".join(["customer id,order id,date,amount", *rows])))
    assert once.refused is not None
    assert once.refused.key == "value.refused.few_repeating"


def test_filters_that_leave_too_few_are_refused(world: Warehouse) -> None:
    none = asked(world, filters=Filters(tier=("Platinum",)))
    assert none.refused is not None
    assert none.refused.key == "value.refused.few_in_filter"


def test_of_equals_no_more_than_a_tenth_are_the_top_tenth_and_no_bands_are_drawn() -> None:
    alike = SimpleNamespace(ranked=np.full(200, 7.0))
    assert value_tables.top_share(alike).value == pytest.approx(0.1)
    assert value_tables.distribution(alike).empty
