"""Members around a tier's threshold: what its words mean, which days are reviews, who is compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.studies.effect_threshold import attempt
from analytics.studies.effect_threshold_data import Rule, looks_back, near, reviews, rules
from analytics.warehouse import Warehouse
from data.programme import truth
from tests.studies.conftest import Shop


@pytest.mark.parametrize(
    ("metric", "back"),
    [
        ("net sales of the last 12 months", pd.DateOffset(months=12)),
        ("近12个月净销售额", pd.DateOffset(months=12)),
        ("Spend in 365 days", pd.DateOffset(days=365)),
        ("年度消费金额", pd.DateOffset(years=1)),
        ("annual spend", pd.DateOffset(years=1)),
        ("nights stayed in 12 months", None),
        ("spend", None),
    ],
)
def test_a_metric_is_money_of_a_span_or_not_understood(metric: str, back: pd.DateOffset | None) -> None:
    assert looks_back(metric) == back


def test_reviews_are_days_on_which_far_more_spells_begin() -> None:
    days = pd.date_range("2025-01-01", periods=40, freq="D")
    spells = [5] * 40
    spells[0], spells[31] = 400, 300
    assert reviews(pd.DataFrame({"day": days, "spells": spells})) == [days[0], days[31]]
    assert reviews(pd.DataFrame({"day": days, "spells": [5] * 40})) == []


RULES = pd.DataFrame({"tier": ["Gold", "Base", "Silver"], "rank": [3, 1, 2], "threshold": [300.0, 0.0, 120.0]})


def test_each_tier_lies_between_its_neighbours() -> None:
    assert rules(RULES) == [
        Rule(tier="Silver", rank=2, threshold=120.0, below=0.0, above=300.0),
        Rule(tier="Gold", rank=3, threshold=300.0, below=120.0, above=np.inf),
    ]


def test_only_those_who_were_below_the_tier_are_compared() -> None:
    rows = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d", "a"],
            "rank_before": [1, 2, 3, 2, 2],
            "rank": [2, 3, 3, 2, 3],
            "spend": [290.0, 310.0, 320.0, 100.0, 305.0],
            "money": [1.0, 2.0, 3.0, 4.0, 5.0],
            **{name: np.arange(5.0) for name in ("money_before", "orders_before", "discount_before", "tenure", "membership")},
        }
    )
    found = near(rows, rules(RULES)[1])
    assert found.x.tolist() == [-10.0, 10.0, 5.0]  # c was Gold already, d is beyond Silver's threshold
    assert found.treated.tolist() == [False, True, True]
    assert found.customer.tolist() == [0, 1, 0]  # a was there at two reviews


def test_without_rules_it_declines(shop: Shop) -> None:
    assert attempt(shop(orders="customer id,order id,date,amount\na,1,2024-01-10,5"), "net_sales").lacking == "no_rules"


def test_the_demo_s_step_at_gold_is_inside_the_interval(demo_house: Warehouse) -> None:
    """Just above Gold: the welcome quarter, and the programme's own step from Silver to Gold, of what those just below bring."""
    found = attempt(demo_house, "margin")
    assert found.claim is not None and found.facts["tier"] == "Gold"
    planted = truth.THRESHOLD_JUMP + truth.PROGRAMME_EFFECT[2] - truth.PROGRAMME_EFFECT[1]
    assert found.claim.effect.low < planted * found.facts["usual"] < found.claim.effect.high
    assert found.facts["share"] == pytest.approx(1 - truth.MISTIERED_SHARE, abs=0.08)
    assert found.tables["rd_thresholds"]["tier"].tolist() == ["Silver", "Gold", "Platinum"]
