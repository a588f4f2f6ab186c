"""The economics by hand: a shop whose programme causes two of margin a customer and month, against costs written out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import bookings, demo, studies
from analytics.access import Access
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.results import Note, Result
from analytics.studies import economics_tables as tables
from analytics.studies.economics import Params, parts
from analytics.studies.economics_case import found
from analytics.studies.economics_figures import draw, named
from analytics.warehouse import Warehouse
from tests.conftest import run_cli
from tests.studies.conftest import Shop
from tests.studies.test_effect import GAIN, buying, month

MONTHS, MEMBERS = 18, 200
COSTS = "month,cost category,supplier,cost amount\n"
LEDGER = COSTS + "\n".join(
    f"{month(at):%Y-%m},{category},X,{amount}"
    for at in range(MONTHS)
    for category, amount in (("Rewards", 40), ("Platform", 50), ("Staff", 10), ("Customer acquisition", 20), ("Other marketing", 80))
)  # fmt: skip
COST = MONTHS * 100.0
MEMBER_MONTHS = sum(MONTHS - (7 + who % 5) - 1 for who in range(0, 2 * MEMBERS, 2))  # from the month after joining
CAUSED = MEMBER_MONTHS * GAIN / 4


def economics(house: Warehouse, **params: Any) -> Result:
    return studies.answer(studies.CATALOGUE["economics"], house, Params(**params))


@pytest.fixture(scope="module")
def home_with_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("ledger")
    for name, text in zip(("orders", "customers", "costs"), (*buying(margin=True), LEDGER), strict=True):
        (home / f"{name}.csv").write_text(text + "\n", encoding="utf-8")
    run_cli(home, "import", *(home / f"{name}.csv" for name in ("orders", "customers", "costs")), "--workspace", "shop").done()
    return home


@pytest.fixture
def ours(home_with_ledger: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("LOYALTY_HOME", str(home_with_ledger))
    return open_current(Access(workspace="shop"))


def test_the_return_is_the_margin_caused_against_the_cost_written_down(ours: Warehouse) -> None:
    told = economics(ours).estimates
    assert told["cost"].value == COST
    margin, roi = told["incremental_margin"], told["roi"]
    assert margin.low <= CAUSED <= margin.high
    assert margin.value == pytest.approx(CAUSED, rel=0.1)
    assert roi.value == pytest.approx(margin.value / COST - 1)
    assert roi.low <= CAUSED / COST - 1 <= roi.high
    assert told["break_even"].value == pytest.approx(COST / MEMBER_MONTHS, rel=0.02)
    assert told["probability"].value > 0.5


def test_the_budget_is_parted_as_written_down(ours: Warehouse) -> None:
    result = economics(ours)
    assert result.tables["budget"].set_index("part")["amount"].to_dict() == {
        "programme": COST, "acquisition": MONTHS * 20.0, "other_marketing": MONTHS * 80.0,
    }  # fmt: skip
    assert result.estimates["programme_share"].value == pytest.approx(0.5)
    assert result.estimates["acquisition_ratio"].value == pytest.approx(0.2)


def test_what_is_left_is_the_margin_less_every_step(ours: Warehouse) -> None:
    steps = economics(ours).tables["waterfall"].set_index("step")["value"]
    assert steps["net"] == pytest.approx(steps.drop("net").sum())
    assert steps["rewards_caused"] + steps["rewards_anyway"] == pytest.approx(-MONTHS * 40)
    assert steps["rewards_anyway"] < steps["rewards_caused"] < 0


def test_carried_over_by_the_head_it_is_the_effect_times_members(ours: Warehouse) -> None:
    result = economics(ours, carry="head")
    effect = studies.answer(studies.CATALOGUE["effect"], ours, studies.CATALOGUE["effect"].params()).estimates["effect"]
    assert result.estimates["incremental_margin"].value == pytest.approx(effect.value * MEMBER_MONTHS)
    assert "economics.warnings.carried.head" in {note.key for note in result.warnings}


def test_the_last_months_alone_can_be_asked_for(ours: Warehouse) -> None:
    result = economics(ours, months=6)
    assert result.estimates["cost"].value == 600.0
    assert list(result.tables["months"]["members"]) == [MEMBERS] * 6


def test_money_paid_first_and_its_payback(ours: Warehouse) -> None:
    without, first = economics(ours), economics(ours, setup=500.0)
    assert first.estimates["npv"].value == pytest.approx(without.estimates["npv"].value - 500)
    assert first.verdict.facts["cost"].value == without.verdict.facts["cost"].value + 500
    never = economics(ours, setup=1e6)
    assert "payback" not in never.estimates


def test_a_seed_gives_the_same_figures_again(ours: Warehouse) -> None:
    assert economics(ours, seed=5).estimates == economics(ours, seed=5).estimates


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_is_worded_and_drawn(ours: Warehouse, language: str) -> None:
    result, words = economics(ours), Words(language, "GBP")
    assert words.note(result.verdict)
    assert all(words.note(note) for note in result.warnings)
    assert list(parts(result)) == ["pays", "costs", "budget"]  # nobody has a tier
    drawn = {figure.key for part in parts(result).values() for figure in draw(part, words)}
    assert drawn == {"npv", "months", "waterfall", "tornado", "costs", "per_active", "budget"}
    for table in result.tables.values():
        assert not set(named(table, words).columns) & {"month", "kind", "npv_low", "cost"}


RETURNS = {"roi", "npv", "probability", "payback", "incremental_margin", "break_even", "anyway"}


def test_without_margin_there_is_no_return_until_a_rate_is_assumed(shop: Shop) -> None:
    orders, customers = buying()
    house = shop(orders=orders, customers=customers, costs=LEDGER)
    refused, assumed = economics(house), economics(house, margin=0.25)
    assert not RETURNS & set(refused.estimates)
    assert refused.verdict.facts["reason"].key == "economics.lacking.margin"
    assert refused.estimates["cost"].value == COST
    margin = assumed.estimates["incremental_margin"]
    assert margin.low <= CAUSED <= margin.high
    assert "economics.warnings.assumed" in {note.key for note in assumed.warnings}


def test_a_ledger_without_platform_and_people_gives_no_return(shop: Shop) -> None:
    orders, customers = buying(margin=True)
    result = economics(shop(orders=orders, customers=customers, costs=COSTS + "2024-01,Rewards,X,40"))
    assert result.verdict.key == "economics.verdict.part_only"
    assert result.verdict.facts["reason"].key == "economics.lacking.ledger"
    assert not RETURNS & set(result.estimates)


@pytest.mark.parametrize("amount", [0, -40])
def test_a_ledger_that_adds_up_to_nothing_gives_no_return(amount: int, shop: Shop) -> None:
    orders, customers = buying(margin=True)
    result = economics(shop(orders=orders, customers=customers, costs=COSTS + f"2024-01,Platform,X,{amount}"))
    assert result.verdict.facts["reason"].key == "economics.lacking.nothing"
    assert not RETURNS & set(result.estimates)


def test_where_the_effect_cannot_be_told_costs_alone_are(shop: Shop) -> None:
    orders, _ = buying(n=40)
    result = economics(shop(orders=orders, costs=LEDGER))
    assert (result.grade, result.refused) == ("D", None)
    assert not RETURNS & set(result.estimates)
    assert result.verdict.key == "economics.verdict.costs_only"
    assert next(iter(parts(result))) == "costs"


@pytest.mark.parametrize(("name", "told"), [("programme-2024", True), ("pilot", False)])
def test_a_lot_over_the_programme_gives_its_return_and_a_lot_over_something_else_does_not(name: str, told: bool, shop: Shop) -> None:
    rng, rows = np.random.default_rng(5), []
    for who in range(300):
        for at in range(12):
            amount = 30 + 6 * (who % 2 == 0 and at >= 6) + rng.normal(0, 3)
            rows.append(f"{who}-{at},C{who:03d},{month(at) + timedelta(days=1 + who % 25)},{amount:.2f},{amount / 4:.4f}")
    arms = [f"{name},C{who:03d},{'treatment' if who % 2 == 0 else 'control'},2024-07-01,2024-07-01,2024-12-31" for who in range(300)]
    house = shop(
        orders="\n".join(["order id,customer id,order date,amount,margin", *rows]),
        experiments="\n".join(["experiment id,customer id,arm,assigned at,starts on,ends on", *arms]),
        costs=COSTS + "\n".join(f"2024-{at:02d},Platform,X,100" for at in range(7, 13)),
    )
    result = economics(house)
    if not told:
        assert result.verdict.facts["reason"].key == "economics.lacking.some_test"
        assert "pilot" in Words("en").note(result.verdict)
        assert not RETURNS & set(result.estimates)
        return
    margin = result.estimates["incremental_margin"]
    assert result.grade == "A"
    assert list(result.tables["months"]["members"]) == [150] * 5  # December is not over
    assert margin.low <= 150 * 5 * 1.5 <= margin.high
    assert margin.value == pytest.approx(150 * 5 * 1.5, rel=0.1)


def test_costs_without_any_sale_are_still_costs(shop: Shop) -> None:
    result = economics(shop(costs=LEDGER))
    assert result.estimates["cost"].value == COST
    assert result.verdict.facts["reason"].facts["reason"].key == "economics.lacking.no_sales"


def test_costs_typed_in_become_a_version_and_a_negative_one_takes_back(shop: Shop) -> None:
    shop(costs=COSTS + "2024-01,Platform,X,30")
    line = {"category": "平台", "supplier": None, "first": pd.Timestamp("2024-01-15"), "last": pd.Timestamp("2024-03-01"), "amount": 10.0}
    report = bookings.keep("shop", pd.DataFrame([line, {**line, "amount": -4.0, "last": line["first"]}, dict.fromkeys(line)]))
    assert report.files[0].rows_loaded == 4
    house = open_current(Access(workspace="shop"))
    assert house.version.number == 2
    assert economics(house).estimates["cost"].value == 30 + 3 * 10 - 4


def test_a_line_that_is_not_whole_keeps_nothing(shop: Shop) -> None:
    shop(costs=COSTS + "2024-01,Platform,X,30")
    line = {"category": "Platform", "supplier": "", "first": pd.Timestamp("2024-03-01"), "last": pd.Timestamp("2024-01-01"), "amount": 1.0}
    for lines, error in (([{**line, "amount": None}], "no_costs"), ([line], "costs_period")):
        with pytest.raises(UserError) as raised:
            bookings.keep("shop", pd.DataFrame(lines))
        assert raised.value.key == error
    assert open_current(Access(workspace="shop")).version.number == 1


def test_the_demo_s_true_return_lies_within_the_interval(demo_house: Warehouse) -> None:
    truth = demo.truth(demo_house.version)["realised"]
    true = truth["programme"]["total"]["margin"] / truth["programme_cost"]["total"] - 1
    result = economics(demo_house)
    assert result.estimates["cost"].value == pytest.approx(truth["programme_cost"]["total"])
    assert result.estimates["roi"].low <= true <= result.estimates["roi"].high
    assert result.grade == "B"
    tiers = result.tables["tiers"]
    assert list(tiers["tier"])[:5] == ["Bronze", "Silver", "Gold", "Platinum", "Diamond"]
    assert tiers["cost"].sum() == pytest.approx(result.estimates["cost"].value)


def test_the_programme_acts_on_members_from_the_month_after_joining_until_they_leave(shop: Shop) -> None:
    """A and C from before, C until March; B from the month after February; D never joined, E never bought."""
    orders = [
        f"{who}{at},{who},2024-0{at}-{day},10.00,2.50" for who in "ABCD" for at in range(1, 5) for day in ("01", "30" if at != 2 else "29")
    ]
    people = ["A,2023-05-01,,yes,Gold", "B,2024-02-10,,yes,Gold", "C,2023-05-01,2024-03-15,,Gold", "D,,,no,", "E,2023-05-01,,yes,Gold"]
    house = shop(
        orders="\n".join(["order id,customer id,order date,amount,margin", *orders]),
        customers="\n".join(["customer id,enrolled on,cancelled on,member,tier", *people]),
        costs=COSTS + "\n".join(f"2024-0{at},Platform,X,60" for at in range(1, 5)),
    )
    case = found(house, Params())
    assert not isinstance(case, Note)
    assert list(case.treated) == [2, 2, 3, 2]
    tiers = tables.tiers(house, case).set_index("tier")
    assert tiers.loc["Gold", "members"] == 3  # C has left; what C cost and brought stays
    assert tiers.loc["Gold", "active_months"] == 12
    assert tiers.loc["Gold", "cost"] == 240
