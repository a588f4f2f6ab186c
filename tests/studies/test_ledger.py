"""The cost ledger by hand: how categories are read, and that each cost is counted once."""

from __future__ import annotations

import pytest

from analytics.i18n import LANGUAGES, Words
from analytics.studies.ledger import BUDGET, LUMP, PROGRAMME, kind_of, ledger
from tests.studies.conftest import Shop

POINTS = """
member id,date,event type,points,points cost
A,2024-01-05,earn,100,
A,2024-02-06,redeem,50,5.00
B,2024-02-07,redeem,20,2.00
"""
COSTS = "month,cost category,supplier,cost amount\n"


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("Loyalty software licence", "platform"), ("IT", "platform"), ("Partner gifts", "benefits"), ("Programme staff", "people"),
        ("Email marketing", "communication"), ("Points platform", "platform"), ("Reward programme team", "people"),
        ("Training", "people"), ("Points redemption", "rewards"), ("Member communication", "communication"), ("SMS", "communication"),
        ("Customer acquisition", "acquisition"), ("Brand advertising", "other_marketing"), ("Product development", "product"),
        ("Loyalty programme", LUMP), ("programme", LUMP), ("积分兑换", "rewards"), ("会员权益", "benefits"), ("技术平台", "platform"),
        ("人工成本", "people"), ("短信费", "communication"), ("拉新费用", "acquisition"), ("品牌广告", "other_marketing"),
        ("产品研发", "product"), ("会员计划", LUMP), ("Rent", None), ("Benefits", "benefits"),
    ],
)  # fmt: skip
def test_a_category_is_read_as_what_it_says(category: str, kind: str | None) -> None:
    assert kind_of(category) == kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_names_are_read_as_what_they_are(language: str) -> None:
    words = Words(language)
    assert {kind: kind_of(words(f"economics.kinds.{kind}")) for kind in (*PROGRAMME, *BUDGET)} == {
        kind: kind for kind in (*PROGRAMME, *BUDGET)
    }


def test_rewards_that_the_ledger_does_not_name_are_taken_from_the_points(shop: Shop) -> None:
    found = ledger(shop(costs=COSTS + "2024-01,Platform,X,30.00\n2024-02,Platform,X,40.00", points=POINTS))
    assert found.complete
    amounts = found.rows.groupby("kind")["amount"].sum().to_dict()
    assert amounts == {"platform": 70.0, "rewards": 7.0}
    assert found.rows.set_index("kind")["told"].to_dict() == {"platform": True, "rewards": False}


def test_rewards_that_it_names_are_not_counted_twice(shop: Shop) -> None:
    found = ledger(shop(costs=COSTS + "2024-01,Rewards,X,9.00\n2024-01,Staff,Y,5.00", points=POINTS))
    assert found.rows.groupby("kind")["amount"].sum().to_dict() == {"rewards": 9.0, "people": 5.0}


def test_to_one_line_for_the_whole_programme_nothing_is_added(shop: Shop) -> None:
    found = ledger(shop(costs=COSTS + "2024-01,Loyalty programme,X,100.00", points=POINTS))
    assert found.rows.groupby("kind")["amount"].sum().to_dict() == {"other": 100.0}
    assert found.complete


def test_what_cannot_be_classed_is_a_cost_of_the_programme_and_told(shop: Shop) -> None:
    found = ledger(shop(costs=COSTS + "2024-01,Zzz,X,3.00\n2024-01,Customer acquisition,Y,50.00"))
    assert found.unknown == ("Zzz",)
    assert found.programme()["amount"].sum() == 3.0


def test_acquisition_alone_does_not_make_a_programme_s_ledger_complete(shop: Shop) -> None:
    found = ledger(shop(costs=COSTS + "2024-01,Customer acquisition,Y,50.00", points=POINTS))
    assert not found.complete
    assert found.programme()["amount"].sum() == 7.0
