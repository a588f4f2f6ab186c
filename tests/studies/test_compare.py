"""Two sides of forty customers worked out by hand, worlds without a difference, and what cannot be compared."""

import numpy as np
import pandas as pd
import pytest

from analytics import studies
from analytics.errors import UserError
from analytics.i18n import Words
from analytics.results import Result
from analytics.studies.base import Filters
from analytics.studies.compare import Params
from analytics.studies.compare_measures import Side, measured
from analytics.warehouse import Warehouse
from tests.studies.conftest import Shop


def half_year(*, first: str = "2024-01", months: int = 6) -> str:
    """Customer i of 1..40 spends i.00 in each of the first months and 2 i.00 in each of the last three; even ones from the south."""
    begin = pd.Period(first, "M")
    rows = ["order id,customer id,order date,region,amount"]
    for i in range(1, 41):
        for m in range(months):
            money = i * (2 if m >= months - 3 else 1)
            rows += [f"{i}-{m},{i:02d},{begin + m}-01,{'south' if i % 2 == 0 else 'north'},{money}.00"]
    return "\n".join(rows)


def compare(house: Warehouse, **params: object) -> Result:
    return studies.answer(studies.CATALOGUE["compare"], house, Params(**params))


def rows(result: Result) -> pd.DataFrame:
    return result.tables["measures"].set_index("measure")


def test_the_last_three_months_stand_against_the_three_before(shop: Shop) -> None:
    table = rows(compare(shop(orders=half_year())))
    # 820 a month before and 1,640 after; forty customers with three orders each
    assert table.loc["net_sales", ["a", "b", "difference"]].tolist() == [4920, 2460, 2460]
    assert table.loc["sales_per_customer", ["a", "b", "difference"]].tolist() == [123, 61.5, 61.5]
    assert table.loc["average_order_value", ["a", "b"]].tolist() == [41, 20.5]
    assert table.loc["sales_per_customer", ["n_a", "n_b"]].tolist() == [40, 40]
    assert table.loc["sales_per_customer", "clear"]
    assert table.loc["net_sales", "clear"] is None


def test_what_is_the_same_for_everyone_is_no_difference(shop: Shop) -> None:
    table = rows(compare(shop(orders=half_year())))
    assert table.loc["orders_per_customer", ["difference", "low", "high", "clear"]].tolist() == [0, 0, 0, False]  # three each
    assert "active_share" not in table.index  # all forty on both sides


def test_the_season_and_the_missing_year_are_told(shop: Shop) -> None:
    keys = [note.key for note in compare(shop(orders=half_year())).warnings]
    assert keys == ["compare.warnings.season", "compare.warnings.no_year_before"]


def test_with_a_year_of_history_the_same_months_a_year_before_are_taken(shop: Shop) -> None:
    house = shop(orders=half_year(first="2023-04", months=15))
    result = compare(house)
    sides = result.tables["sides"].set_index("side")
    assert [sides.loc[side, "first"].date().isoformat() for side in ("a", "b")] == ["2024-04-01", "2023-04-01"]
    assert result.warnings == ()
    just = compare(house, against="just_before").tables["sides"].set_index("side")
    assert just.loc["b", "first"].date().isoformat() == "2024-01-01"


def test_a_period_of_the_filters_is_side_a(shop: Shop) -> None:
    house = shop(orders=half_year(first="2023-04", months=15))
    result = compare(house, filters=Filters(period=("2024-01", "2024-01")))
    assert rows(result).loc["net_sales", ["a", "b"]].tolist() == [820, 820]
    assert result.verdict.key == "compare.verdict.periods.sales.chance"
    assert result.tables["sides"]["first"].dt.strftime("%Y-%m").tolist() == ["2024-01", "2023-12"]


def test_two_regions_stand_side_by_side(shop: Shop) -> None:
    house = shop(orders=half_year().replace("\n1-0,01,", "\n0-0,99,2024-01-01,north,1.00\n1-0,01,", 1))
    result = compare(house, what="segments", by="region")
    assert result.refused is not None  # 21 and 20 customers
    assert result.refused.facts == {"n": 20, "least": 30}


def test_groups_large_enough_are_measured_apart(shop: Shop) -> None:
    other = half_year().replace("order id,customer id,order date,region,amount\n", "")
    more = "\n".join(line.replace(",", ",x", 1).replace("-", "x-", 1) for line in other.splitlines())
    result = compare(shop(orders=f"{half_year()}\n{more}"), what="segments", by="region", a="south", b="north")
    table = rows(result)
    # south: 2 + 4 + ... + 40 = 420, twice; six months of which three double: 9 times
    assert table.loc["net_sales", ["a", "b"]].tolist() == [2 * 420 * 9, 2 * 400 * 9]
    assert table.loc["sales_per_customer", ["a", "b", "n_a", "n_b"]].tolist() == [189, 180, 40, 40]
    assert not table.loc["sales_per_customer", "clear"]
    assert result.tables["months"].groupby("side")["net_sales"].sum().to_dict() == {"a": 7560.0, "b": 7200.0}


def test_a_value_that_is_not_there_is_an_error_with_those_that_are(shop: Shop) -> None:
    with pytest.raises(UserError) as raised:
        compare(shop(orders=half_year()), what="segments", by="region", a="west")
    assert raised.value.facts["allowed"] == "north | south"


def test_the_same_group_twice_is_refused(shop: Shop) -> None:
    result = compare(shop(orders=half_year()), what="segments", by="region", a="south", b="south")
    assert result.refused is not None
    assert result.refused.key == "compare.refused.same"


def test_a_dimension_that_is_not_there_is_refused_by_name(shop: Shop) -> None:
    result = compare(shop(orders=half_year()), what="segments", by="tier")
    assert result.refused is not None
    assert Words("en").note(result.refused).startswith("The data has fewer than two groups by tier.")


def test_one_month_is_too_short_for_two_periods(shop: Shop) -> None:
    lines = [f"{i}-{d},{i:02d},2024-01-{d:02d},5.00" for i in range(1, 41) for d in (1, 31)]
    result = compare(shop(orders="\n".join(["order id,customer id,order date,amount", *lines])))
    assert result.refused is not None
    assert result.refused.key == "compare.refused.short"


def side(rng: np.random.Generator, prefix: str, *, rate: float = 3.0, paired: bool = False) -> Side:
    orders = rng.poisson(rng.gamma(1.0, rate, 400))
    amount = orders * rng.lognormal(3, 0.6, 400)
    frame = pd.DataFrame({"customer_id": [f"{prefix}{n}" for n in range(400)], "known": True, "orders": orders, "amount": amount})
    extra = {"margin": 0.4 * amount * rng.uniform(0.8, 1.2, 400), "discount": 0.1 * amount * rng.random(400), "refunds": -0.02 * amount}
    eligible = rng.random(400) < 0.5
    returns = {"eligible": eligible, "returned": eligible & (rng.random(400) < 0.4), "earned": amount, "redeemed": amount * rng.random(400)}
    return Side(frame.assign(**extra, **returns, gap_days=rng.exponential(20, 400)), paired)


def any_clear(a: Side, b: Side) -> bool:
    from analytics.models.differences import beyond_chance

    return any(beyond_chance([three[2] for three in measured(a, b).values() if three[2].level < 1]))


def test_groups_alike_are_rarely_called_different() -> None:
    rng = np.random.default_rng(11)
    named = sum(any_clear(side(rng, "a"), side(rng, "b")) for _ in range(30))
    assert named <= 6  # 5 % of 30 is 1.5; more than 6 has a probability under 0.1 %


def test_a_group_that_orders_half_as_often_is_called_different() -> None:
    rng = np.random.default_rng(12)
    found = measured(side(rng, "a", rate=2.0), side(rng, "b", rate=4.0))
    assert found["orders_per_customer"][2].high < 0
    assert found["active_share"][2].high < 0


def test_a_customer_of_both_periods_counts_on_both_sides_at_once() -> None:
    rng = np.random.default_rng(13)
    now = side(rng, "c", paired=True)
    richer = Side(now.rows.assign(amount=now.rows["amount"] * 1.1), paired=True)
    apart = measured(richer, now)["sales_per_customer"][2]
    strangers = measured(Side(richer.rows.assign(customer_id=[f"d{n}" for n in range(400)])), Side(now.rows))["sales_per_customer"][2]
    assert apart.low > 0 > strangers.low
    assert apart.high - apart.low < 0.2 * (strangers.high - strangers.low)


def test_a_share_of_the_same_customers_is_compared_customer_by_customer() -> None:
    rng = np.random.default_rng(14)
    now = side(rng, "c", paired=True)
    gone = now.rows["orders"].where(np.arange(400) >= 20, 0)  # twenty customers stop, no one comes
    paired = measured(Side(now.rows.assign(orders=gone), paired=True), now)["active_share"][2]
    strangers = measured(Side(now.rows.assign(orders=gone)), Side(now.rows))["active_share"][2]
    assert paired.value == strangers.value < 0
    assert paired.high < 0 < strangers.high


def test_the_answer_is_worded_and_drawn_for_groups_too(demo_house: Warehouse) -> None:
    for by in ("segment", "tier", "acquisition_channel"):
        result = compare(demo_house, what="segments", by=by)
        for language in ("en", "zh-CN"):
            words = Words(language, "GBP")
            assert words.note(result.verdict)
            assert len(studies.CATALOGUE["compare"].figures(result, words)) == 2
