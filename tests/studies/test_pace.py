"""The overview beside its plan and its cohorts, counted by hand; and what the demo programme has to show first."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analytics import studies
from analytics.i18n import LANGUAGES, Words
from analytics.studies.base import Filters
from analytics.studies.overview import Params
from analytics.warehouse import Warehouse
from tests.studies.conftest import Shop

# thirty customers come in January; ten of them again in February and five in March, which ends with the data
ORDERS = "order id,customer id,order date,amount\n" + "\n".join(
    [f"1{i:02d},C{i:02d},2024-01-{1 + i % 28:02d},10" for i in range(30)]
    + [f"2{i:02d},C{i:02d},2024-02-10,20" for i in range(10)]
    + [f"3{i:02d},C{i:02d},2024-03-31,20" for i in range(5)]
)
TARGETS = "kpi,target month,target\nNet sales,2024-01-01,250\nnet_sales,2024-02-01,250\n净销售额,2024-03-01,100\nnet sales,2024-04-01,300\n"


def overview(house: Warehouse, **params: Any) -> Any:
    return studies.answer(studies.CATALOGUE["overview"], house, Params(**params))


def test_whole_months_stand_beside_their_targets_and_a_month_to_come_does_not(shop: Shop) -> None:
    plan = overview(shop(orders=ORDERS, targets=TARGETS)).tables["plan"]
    rows = plan[["plan", "actual", "reached"]].to_dict("records")
    assert rows == [
        {"plan": 250, "actual": 300, "reached": True},
        {"plan": 250, "actual": 200, "reached": False},
        {"plan": 100, "actual": 100, "reached": True},
    ]


def test_a_filtered_page_is_not_held_against_the_plan_of_all(shop: Shop) -> None:
    assert "plan" not in overview(shop(orders=ORDERS, targets=TARGETS), filters=Filters(period=("2024-01", "2024-02"))).tables


def test_the_january_cohort_comes_back_by_a_third_and_a_sixth(shop: Shop) -> None:
    kept = overview(shop(orders=ORDERS)).tables["retention"]
    assert kept.set_index("age")["share"].to_dict() == {0: 1, 1: pytest.approx(1 / 3), 2: pytest.approx(1 / 6)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_demo_opens_with_the_gap_its_months_with_events_its_cohorts_and_its_plan(demo_house: Warehouse, language: str) -> None:
    result = overview(demo_house)
    assert {"customers", "active_rate", "repeat_rate", "net_sales", "margin_rate", "median_gap", "naive_gap"} <= set(result.estimates)
    assert result.estimates["naive_gap"].low > 2
    figures = studies.CATALOGUE["overview"].figures(result, Words(language, "GBP"))
    assert {"months", "cohort_heat", "plan"} <= {figure.key for figure in figures}
    months = next(figure for figure in figures if figure.key == "months")
    assert len(months.spec["layout"]["shapes"]) == len(result.tables["events"])
    json.dumps([figure.spec for figure in figures], allow_nan=False)
