"""The months ahead of small shops, of the demo programme with its planted shock, and of data that cannot be carried forward."""

import json
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analytics import studies
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.models.forecast import structural, weeks_ahead, whole_months
from analytics.results import Result
from analytics.settings import DEFAULT_WORKSPACE
from analytics.studies.forecast import Params
from analytics.studies.histories import histories
from analytics.studies.plan import plan_table
from analytics.warehouse import Warehouse
from tests.studies.conftest import Shop


def orders(first: date, last: date, *, amount: bool = True) -> str:
    """One order a day of 90 to 110, the same course every 13 days; customers 1 to 40 in turn."""
    rows = ["order id,customer id,order date" + (",amount" if amount else "")]
    for at in range((last - first).days + 1):
        day = first + timedelta(days=at)
        rows.append(f"{at},{at % 40:02d},{day}" + (f",{90 + 5 * at % 13 * 20 / 12:.2f}" if amount else ""))
    return "\n".join(rows)


def forecast(house: Warehouse, **params: object) -> Result:
    return studies.answer(studies.CATALOGUE["forecast"], house, Params(**params))


@pytest.fixture
def year(shop: Shop) -> Warehouse:
    """2024 as a whole and ten days of January 2025, with plans for two of our figures and one that is none."""
    plans = (
        "kpi,month,target\nNet sales,2024-12,3000\nNet sales,2025-01,2000\nnet_sales,2025-02,4000\nNPS,2025-01,50\n活跃客户数,2025-02,10"
    )
    return shop(orders=orders(date(2024, 1, 1), date(2025, 1, 10)), plans=plans)


def test_the_months_ahead_of_a_steady_shop_are_as_those_behind(year: Warehouse) -> None:
    result = forecast(year)
    # one order a day of 100 on average
    assert result.estimates["next_month"].value == pytest.approx(2800, rel=0.03)  # February 2025
    assert result.estimates["next_quarter"].value == pytest.approx(100 * (28 + 31 + 30), rel=0.03)
    for name in ("this_month", "next_month", "next_quarter"):
        estimate = result.estimates[name]
        assert estimate.low < estimate.value < estimate.high
        assert estimate.n == 53  # weeks
    assert result.estimates["skill"].n == 15


def test_the_month_that_has_begun_is_what_came_and_what_is_to_come(year: Warehouse) -> None:
    result = forecast(year)
    rows = result.tables["forecast"].query("series == 'net_sales'")
    assert [str(month.date()) for month in rows["month"]] == ["2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01"]
    so_far = rows["actual_so_far"].iloc[0]
    assert so_far == pytest.approx(whole(year, "2025-01-01", "2025-01-10"))
    assert rows["low95"].iloc[0] > so_far
    assert rows["value"].iloc[0] == pytest.approx(3100, rel=0.03)
    assert result.tables["history"].query("series == 'net_sales'")["complete"].tolist() == [True] * 12 + [False]


@pytest.fixture(scope="module")
def demo(demo_home: Path) -> Result:
    """The answer over the demo programme, asked once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_HOME", str(demo_home))
        return forecast(open_current(Access(workspace=DEFAULT_WORKSPACE)))


def whole(house: Warehouse, first: str, last: str) -> float:
    return float(
        house.frame("select sum(amount) as x from transactions where occurred_at::date between $a::date and $b::date", a=first, b=last)[
            "x"
        ][0]
    )


def test_plans_are_held_against_what_came_and_what_is_expected(year: Warehouse) -> None:
    plan = forecast(year).tables["plan"].set_index(["series", "month"])
    december = plan.loc[("net_sales", pd.Timestamp("2024-12-01"))]
    assert december["actual"] == pytest.approx(whole(year, "2024-12-01", "2024-12-31"))
    assert december["on_plan"] == "yes"
    assert december["gap"] == pytest.approx(december["actual"] / 3000 - 1)
    january, february = (plan.loc[("net_sales", pd.Timestamp(month))] for month in ("2025-01-01", "2025-02-01"))
    assert (january["on_plan"], january["probability"]) == ("yes", 1.0)
    assert (february["on_plan"], february["probability"]) == ("no", 0.0)
    assert february["gap"] == pytest.approx(february["value"] / 4000 - 1)
    assert plan.loc[("active_customers", pd.Timestamp("2025-02-01"))]["on_plan"] == "yes"


def test_the_chance_concerns_the_planned_months_taken_together(year: Warehouse) -> None:
    chance = forecast(year).estimates["plan_probability"]
    assert chance.value < 0.1  # 3,100 and 2,800 against 2,000 and 4,000
    assert chance.high > chance.value


def test_a_target_that_is_none_of_our_figures_is_named(year: Warehouse) -> None:
    (note,) = (note for note in forecast(year).warnings if note.key == "forecast.warnings.plan.unknown")
    assert note.facts["names"] == "NPS"


def test_months_planned_in_two_ways_have_no_plan(shop: Shop) -> None:
    plans = "kpi,month,target\nsales,2024-10,1\nsales,2024-10,2\nrevenue,2024-11,5\nnet sales,2024-11,6\nsales,2024-12,3200"
    house = shop(orders=orders(date(2024, 1, 1), date(2024, 12, 31)), plans=plans)
    (note,) = (note for note in forecast(house).warnings if note.key == "forecast.warnings.plan.contradictory")
    assert note.facts["names"] == "net_sales, sales"
    assert plan_table(house)["month"].tolist() == [pd.Timestamp("2024-12-01")]


def test_a_fiscal_year_that_is_planned_in_full_is_told(shop: Shop) -> None:
    plans = "kpi,month,target\n" + "\n".join(f"sales,2024-{month:02d},3000" for month in range(1, 13))
    result = forecast(shop(orders=orders(date(2023, 10, 1), date(2024, 10, 31)), plans=plans))
    (year,) = result.tables["year"].to_dict("records")
    assert (year["first"], year["last"], year["plan"]) == (pd.Timestamp("2024-01-01"), pd.Timestamp("2024-12-01"), 36_000)
    assert year["actual"] == pytest.approx(30_500, rel=0.01)
    assert result.estimates["full_year"].value == pytest.approx(36_600, rel=0.01)
    assert result.estimates["full_year"].low > year["actual"]


def test_a_last_day_that_ends_in_the_middle_is_left_out(shop: Shop) -> None:
    busy = orders(date(2024, 1, 1), date(2024, 11, 20)).replace("order id", "order id", 1).split("\n")
    many = [busy[0], *(f"{line.split(',', 1)[0]}-{part},{line.split(',', 1)[1]}" for line in busy[1:] for part in range(4))]
    house = shop(orders="\n".join([*many, "x,01,2024-11-21,100.00"]))
    result = forecast(house)
    (note,) = (note for note in result.warnings if note.key == "forecast.warnings.left_out")
    assert note.facts["day"] == date(2024, 11, 21)
    assert result.tables["forecast"]["actual_so_far"].iloc[0] == pytest.approx(whole(house, "2024-11-01", "2024-11-20"))


def test_a_short_history_is_refused_with_what_is_needed(shop: Shop) -> None:
    house = shop(orders=orders(date(2024, 1, 1), date(2024, 8, 31)))
    result = forecast(house)
    assert result.refused is not None
    assert result.refused.facts == {"months": 8, "least": 9, "horizon": 3}
    assert result.estimates == {}
    assert forecast(house, horizon=2).refused is None


def test_a_series_that_is_not_in_the_data_is_refused_by_name(year: Warehouse) -> None:
    result = forecast(year, series="points_redeemed")
    assert result.refused is not None
    assert result.refused.key == "forecast.refused.absent.points_redeemed"


def test_without_amounts_orders_are_forecast_and_it_is_said(shop: Shop) -> None:
    result = forecast(shop(orders=orders(date(2024, 1, 1), date(2024, 12, 31), amount=False)))
    assert result.verdict.key.endswith(".orders")
    assert result.warnings[0].key == "forecast.warnings.no_money"
    assert result.estimates["next_month"].value == pytest.approx(31, rel=0.02)


def test_a_year_of_history_is_said_to_know_no_season(year: Warehouse) -> None:
    assert "forecast.warnings.season.unknown" in [note.key for note in forecast(year).warnings]


def test_months_alone_are_forecast_by_months(shop: Shop) -> None:
    rows = [f"{at},{at % 12:02d},{2022 + at // 12}-{1 + at % 12:02d}-01,{100 + at % 3}" for at in range(30)]
    result = forecast(shop(orders="\n".join(["order id,customer id,order date,amount", *rows])))
    assert set(result.tables["forecast"]["grain"]) == {"months"}
    assert result.estimates["next_month"].value == pytest.approx(101, rel=0.02)
    assert "this_month" not in result.estimates


def test_the_model_is_shown_only_where_it_beats_the_naive_forecasts(year: Warehouse, demo: Result) -> None:
    for result in (forecast(year), demo):
        whole = result.tables["holdout"].query("step == 0 and series == 'net_sales'").set_index("method")
        shown = result.tables["forecast"].query("series == 'net_sales'")["method"].iloc[0]
        assert whole["mae"].idxmin() == shown
        assert whole.loc[shown, "chosen"]
        assert (".baseline." in result.verdict.key) == (shown != "structural")
        assert (result.estimates["skill"].value > 0) == (shown == "structural")


def test_the_demo_beats_the_seasonal_naive_forecast(demo: Result) -> None:
    whole = demo.tables["holdout"].query("step == 0 and series == 'net_sales'").set_index("method")
    assert whole.loc["structural", "mae"] < 0.8 * whole.loc["last_year", "mae"]
    assert whole.loc["structural", "mae"] < whole.loc["latest", "mae"]
    assert whole.loc["structural", "n"] == 33
    assert whole.loc["structural", "coverage80"] == pytest.approx(0.8, abs=0.12)
    assert whole.loc["structural", "coverage95"] >= 0.85


def test_the_planted_shock_is_found_with_its_five_weeks(demo: Result) -> None:
    (shock,) = demo.tables["shocks"].to_dict("records")
    assert (shock["first"], shock["last"]) == (pd.Timestamp("2026-03-02"), pd.Timestamp("2026-04-05"))
    assert shock["low"] < -0.30 < shock["high"] < 0  # thirty in a hundred orders were taken away


def test_the_weeks_of_the_shock_lie_outside_a_forecast_made_before_them(demo_house: Warehouse) -> None:
    sales = histories(demo_house).series["net_sales"]
    low, _, _ = weeks_ahead(sales[:"2026-03-01"], 2, 0.95)
    weeks = sales["2026-03-02":"2026-03-15"].to_numpy().reshape(2, 7).sum(axis=1)
    assert (weeks < low).all()


def test_a_shock_left_in_would_pull_the_next_months_down(demo_house: Warehouse) -> None:
    sales = histories(demo_house).series["net_sales"][:"2026-04-05"]
    months = pd.date_range("2026-04-01", periods=2, freq="MS")
    plain, aware = (
        structural(sales, months, pulses).median[1] for pulses in ((), [(pd.Timestamp("2026-03-02"), pd.Timestamp("2026-04-05"))])
    )
    came = whole_months(histories(demo_house).series["net_sales"])["2026-05-01"]
    assert plain < aware
    assert abs(aware - came) < abs(plain - came)


def test_the_answer_is_drawn_and_travels_in_both_languages(year: Warehouse) -> None:
    result = forecast(year)
    for language in LANGUAGES:
        words = Words(language, "EUR")
        figures = studies.CATALOGUE["forecast"].figures(result, words)
        keys = ["months_net_sales", "plan_net_sales", "plan_active_customers", "holdout_net_sales", "months_active_customers"]
        assert [figure.key for figure in figures] == keys
        json.dumps(studies.result_json(result, words, params=Params()), allow_nan=False)


def test_the_figure_shows_the_begun_month_hollow_and_the_bands_from_the_last_whole_one(year: Warehouse) -> None:
    spec = studies.CATALOGUE["forecast"].figures(forecast(year), Words("en"))[0].spec
    traces = {trace["name"]: trace for trace in spec["data"] if "name" in trace}
    assert traces["So far"]["marker"]["symbol"] == "circle-open"
    assert traces["So far"]["x"] == ["2025-01-01"]
    assert traces["Actual"]["x"][-1] == "2024-12-01"
    assert traces["95%"]["x"][0] == "2024-12-01"
    assert len(traces["Forecast"]["x"]) == 5
