"""Dependency of a shop worked out by hand: what counts as an offer, who never buys without one, groups, rewards, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from analytics import jobs, studies
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.results import Result
from analytics.studies import dependency
from analytics.studies.dependency import Params
from analytics.studies.dependency_figures import named
from analytics.warehouse import Warehouse
from tests.studies.test_catalogue import HOSTILE, _sound

Shop = Callable[..., Warehouse]
STUDY = studies.CATALOGUE["dependency"]
START, ORDERS = date(2024, 1, 3), 4
CHEAP, FULL = (80, 20), (100, 0)  # paid, and taken off the price


def line(customer: int, at: int, paid: int, off: int, *, more: str = "") -> str:
    """Order `at` of a customer, a month after the other; half of what is paid is margin."""
    return f"{customer}-{at},{customer:03d},{START + timedelta(days=30 * at)},{paid},{off},{paid / 2},Tea,sale{more}"


HEAD = "order id,customer id,order date,amount,discount,margin,category,type"


def orders(*more: str) -> str:
    """Forty customers with four orders each: ten buy at a discount of 20 % only, thirty in one of four orders."""
    rows = [line(who, at, *(CHEAP if who < 10 or at == 1 else FULL)) for who in range(40) for at in range(ORDERS)]
    return "\n".join([HEAD, *rows, *more, "last,099,2024-04-30,100,0,50,Tea,sale"])


def customers() -> str:
    """The ten came by the voucher site, the thirty by one with an evil name."""
    evil = '"' + HOSTILE.replace('"', '""') + '"'
    rows = [f"{who:03d},{'Voucher site' if who < 10 else evil},{'north' if who % 2 else 'south'}" for who in range(40)]
    return "\n".join(["customer id,acquisition channel,region", *rows])


def loaded(folder: Path, **files: str) -> Warehouse:
    """The files in a workspace of their own, loaded without a process of its own."""
    workspace = f"shop{len(list(folder.glob('*.csv')))}"
    paths = [folder / f"{workspace}_{name}.csv" for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text + "\n")
    jobs._load({"workspace": workspace, "paths": [str(path) for path in paths], "answers": {}})
    return open_current(Access(workspace=workspace))


@pytest.fixture
def shop(home: Path, tmp_path: Path) -> Callable[..., Warehouse]:
    return partial(loaded, tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dependency")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_HOME", str(folder))
        loaded(folder, orders=orders(), customers=customers())
    return folder


@pytest.fixture
def house(made: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("LOYALTY_HOME", str(made))
    return open_current(Access(workspace="shop0"))


def asked(house: Warehouse, **params: object) -> Result:
    return studies.answer(STUDY, house, Params(**params))


def test_the_share_of_margin_is_that_of_the_orders_on_offer(house: Warehouse) -> None:
    found = asked(house).estimates["with_offer"]
    # on offer: 40 orders of ten customers and 30 of the others, 40 margin each; not: 90 and one of 50 each
    assert found.value == pytest.approx(70 * 40 / (70 * 40 + 91 * 50))
    assert found.n == 41 and found.low < found.value < found.high


def test_who_never_buys_without_an_offer_is_set_against_chance(house: Warehouse) -> None:
    found = asked(house).estimates
    assert (found["never_without"].value, found["never_without"].n) == (10 / 40, 40)
    assert found["expected_never"].value == pytest.approx((70 / 160) ** 4)
    assert found["repeat_dependent"].value == pytest.approx(0.25, abs=0.03)
    listed = asked(house).tables["customers"]
    assert set(listed["customer_id"]) == {f"{who:03d}" for who in range(10)}
    assert (listed["on_offer"] == 4).all() and (listed["margin"] == 160).all()


def test_customers_with_fewer_orders_are_not_judged(house: Warehouse) -> None:
    assert asked(house, orders=5).estimates.keys().isdisjoint({"never_without", "expected_never"})


def test_months_and_levels_of_discount_are_counted(house: Warehouse) -> None:
    tables = asked(house).tables
    months = tables["months"].set_index(tables["months"]["month"].dt.month)
    assert months["orders"].tolist() == [40, 40, 40, 41]
    assert months.loc[2, "share_orders"] == 1 and months.loc[1, "share_orders"] == 0.25
    bands = tables["bands"].set_index("least")["share_orders"]
    assert bands[0.20] == pytest.approx(70 / 161) and bands[0.30] == 0


def test_a_discount_smaller_than_asked_for_is_no_offer(house: Warehouse) -> None:
    assert asked(house, least=0.20).estimates["with_offer"].value > 0
    assert asked(house, least=0.25).refused.key == "dependency.refused.no_offers"  # type: ignore[union-attr]


def test_a_group_of_thirty_that_stands_out_is_named_and_tiers_are_not_tested(shop: Shop) -> None:
    rows = [line(who, at, *(CHEAP if who < 30 or at == 1 else FULL)) for who in range(80) for at in range(ORDERS)]
    north = {*range(20), *range(30, 50)}
    named = (("Search", "Voucher site"), ("Basic", "Gold"), ("south", "north"))
    kinds = [[pair[one] for pair, one in zip(named, (who < 30, who < 40, who in north), strict=True)] for who in range(80)]
    people = [",".join([f"{who:03d}", *kind]) for who, kind in enumerate(kinds)]
    text = "\n".join([HEAD, *rows, "last,099,2024-04-30,100,0,50,Tea,sale"])
    house = shop(orders=text, customers="\n".join(["customer id,acquisition channel,tier,region", *people]))
    result = asked(house)
    groups = result.tables["groups"].set_index(["dimension", "group"])
    voucher = groups.loc[("acquisition_channel", "Voucher site")]
    assert (voucher["share"], voucher["difference"]) == (1, 0.75)
    assert groups["flagged"].sum() == 1 and voucher["flagged"]
    assert groups.loc["tier"]["q"].isna().all() and groups.loc[("tier", "Gold"), "difference"] > 0.5
    assert result.verdict.key == "dependency.verdict.group"
    assert result.verdict.facts["group"] == "Voucher site"
    northern = groups.loc[("region", "north")]  # beyond chance, but by how much is not: (20 + 20 / 4) / 40 against (10 + 30 / 4) / 40
    assert northern["difference"] == pytest.approx(0.1875)
    assert northern["q"] < 0.05 and 0 < northern["difference_low"] < 0.1
    assert asked(house, margin=0.0).tables["groups"]["flagged"].sum() == 2
    assert asked(house, group="tier").tables["groups"]["dimension"].iloc[0] == "tier"
    assert [figure.title for figure in STUDY.figures(result, Words("en")) if figure.key == "groups"] == [
        "Voucher site buys 100.0% of its orders on offer, 75.0 percentage points more than all others"
    ]


def test_a_refund_reduces_the_order_it_names(shop: Shop) -> None:
    refund = f"0-0,000,{START + timedelta(days=9)},-80,20,-40,Tea,refund"
    found = asked(shop(orders=orders(refund))).estimates["with_offer"]
    assert found.value == pytest.approx((70 * 40 - 40) / (70 * 40 - 40 + 91 * 50))
    stray = f"r-1,000,{START + timedelta(days=9)},-80,20,-40,Tea,refund"
    assert asked(shop(orders=orders(stray))).estimates["with_offer"].value == pytest.approx(70 * 40 / (70 * 40 + 91 * 50))


def points(day: Callable[[int], date], *, category: str) -> str:
    rows = [f"{who:03d},{day(who)},redeem,50,{category if who % 4 else 'Voucher'}" for who in range(40)]
    return "\n".join(["member id,points date,event type,points,reward category", *rows])


def full_price(category: str = "Tea") -> str:
    rows = [f"{who}-{at},{who:03d},{START + timedelta(days=30 * at)},100,{category}" for who in range(40) for at in range(ORDERS)]
    return "\n".join(["order id,customer id,order date,amount,category", *rows, "last,099,2024-04-30,100,Gear"])


def test_without_discounts_redemptions_of_the_day_count(shop: Shop) -> None:
    days = [START, START + timedelta(days=1)]
    house = shop(orders=full_price(), points=points(lambda who: days[who % 2], category="Tea"))
    result = asked(house)
    assert result.estimates["with_offer"].value == pytest.approx(20 / 161)  # those who redeemed a day later did so without an order
    assert "dependency.warnings.no_discounts" in {note.key for note in result.warnings}
    assert "dependency.warnings.net_sales" in {note.key for note in result.warnings}
    assert "bands" not in result.tables


def test_rewards_in_categories_that_are_sold_are_set_against_what_customers_buy(shop: Shop) -> None:
    bought = asked(shop(orders=full_price(), points=points(lambda who: START, category="tea")))
    assert (bought.estimates["redeemed_in_bought"].value, bought.estimates["redeemed_in_bought"].n) == (1, 30)
    other = asked(shop(orders=full_price(), points=points(lambda who: START, category="Gear")))
    assert other.estimates["redeemed_in_bought"].value == 0
    assert other.tables["own"]["chance_own"].iloc[0] == pytest.approx(1 / 41)  # the last customer alone bought gear
    vouchers = asked(shop(orders=full_price(), points=points(lambda who: START, category="Gift card")))
    assert "redeemed_in_bought" not in vouchers.estimates
    assert "dependency.warnings.rewards.not_sold" in {note.key for note in vouchers.warnings}
    assert vouchers.tables["rewards"].set_index("category")["redemptions"].to_dict() == {"Gift card": 30, "Voucher": 10}


def test_a_pause_of_offers_is_a_candidate_only(shop: Shop) -> None:
    busy = [line(who, at, *(FULL if at == 2 else CHEAP)) for who in range(110) for at in range(ORDERS)]
    found = asked(shop(orders="\n".join([HEAD, *busy, "last,999,2024-04-30,100,0,50,Tea,sale"]))).tables["removals"]
    assert found.set_index("source")["found"].to_dict() == {"experiments": 0, "withheld": 0, "paused": 1}
    assert found["last"].dropna().dt.month.tolist() == [3]


def test_where_nearly_all_is_on_offer_the_answer_says_what_that_means(shop: Shop) -> None:
    text = "\n".join([HEAD, *[line(who, at, *CHEAP) for who in range(40) for at in range(ORDERS)], "last,099,2024-04-30,100,0,50,Tea,sale"])
    result = asked(shop(orders=text))
    assert "dependency.warnings.nearly_all" in {note.key for note in result.warnings}
    assert result.verdict.facts["groups"].key == "dependency.groups.unknown"  # type: ignore[attr-defined]


def test_months_only_are_refused_without_discounts(shop: Shop) -> None:
    rows = [f"{who}-{at},{who:03d},2024-0{at + 1}-01,10" for who in range(40) for at in range(ORDERS)]
    redeemed = points(lambda who: date(2024, 2, 1), category="Tea")
    result = asked(shop(orders="\n".join(["order id,customer id,order date,amount", *rows]), points=redeemed))
    assert result.refused is not None
    assert result.refused.key == "dependency.refused.monthly"
    assert all(Words(language).note(result.refused) for language in LANGUAGES)


def test_sales_without_discounts_and_points_lock_the_study(shop: Shop) -> None:
    result = asked(shop(orders=full_price()))
    assert result.refused is not None
    assert "discount" in str(result.refused.facts["columns"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_is_worded_drawn_and_travels(language: str, house: Warehouse) -> None:
    words, result = Words(language, "EUR"), asked(house)
    figures = STUDY.figures(result, words)
    assert [figure.key for figure in figures] == ["months", "groups", "bands", "shares"]
    for figure in figures:
        _sound(figure, words)
    for name, table in result.tables.items():
        assert not any("_" in str(column) for column in named(table, words).columns), name
    json.dumps(studies.result_json(result, words, params=Params()), allow_nan=False)


def test_the_parts_hold_every_table_and_estimate_once_or_more(house: Warehouse) -> None:
    result = asked(house)
    parts = dependency.parts(result)
    assert set().union(*(part.tables for part in parts.values())) == set(result.tables)
    assert set().union(*(part.estimates for part in parts.values())) == set(result.estimates)
    assert all(len(part.estimates) <= 7 for part in parts.values())


def test_the_planted_group_of_the_demo_is_found_and_no_pressure_is_where_none_was_planted(demo_house: Warehouse) -> None:
    result = asked(demo_house)
    truth = demo_house.version.truth["realised"]["dependency"]
    groups = result.tables["groups"]
    flagged = groups[groups["flagged"]]
    assert flagged[["dimension", "group"]].to_numpy().tolist() == [["acquisition_channel", truth["segment"]]]
    people = dependency._found(demo_house, Params()).tables["people"].set_index("customer_id")
    source = demo_house.frame("select customer_id, acquisition_channel from customers").set_index("customer_id")["acquisition_channel"]
    mine = people.index.map(source) == truth["segment"]
    shares = [people.loc[side, "cheap"].sum() / people.loc[side, "orders"].sum() for side in (mine, ~mine)]
    assert shares == pytest.approx([truth["discounted_share"], truth["discounted_share_elsewhere"]], abs=0.01)
    assert not result.tables["moved"]["found"].any()
    assert result.tables["naive"].set_index("week").loc[0, "change"] > 1
    assert result.estimates["never_without"].low > 5 * result.estimates["expected_never"].high
