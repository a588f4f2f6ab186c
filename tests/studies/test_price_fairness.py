"""Price fairness of a shop worked out by hand: who is a regular, what is compared, what is flagged, what it costs, refusals; the demo."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from analytics import studies
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.results import Result
from analytics.studies.price_fairness import LINES, Params, every_product, parts
from analytics.studies.price_fairness_figures import named
from analytics.warehouse import Warehouse
from data.programme import truth
from tests.studies.test_catalogue import HOSTILE, _sound
from tests.studies.test_dependency import loaded

STUDY = studies.CATALOGUE["price_fairness"]
HEAD = "order id,customer id,order date,product id,category,channel,quantity,list price,discount,amount"
OLD, SIDE = 31, 31  # regulars, and customers who are new
DAY = date(2024, 3, 10)  # all buy tea and coffee; regulars had bought coffee on two days before
TEA = {True: (6, 104), False: (10, 100)}  # off the list price of 110, and paid


def line(order: str, customer: int, day: date, product: str, paid: float, *, off: float = 0, quantity: int = 1) -> str:
    evil = '"' + HOSTILE.replace('"', '""') + '"'
    name = {"T1": evil, "C1": "Coffee"}[product]
    return f"{order},{customer:03d},{day},{product},{name},App,{quantity},{(paid + off) / quantity},{off},{paid}"


def sales() -> str:
    before = [line(f"b{who}-{at}", who, DAY - timedelta(days=60 - 5 * at), "C1", 50) for who in range(OLD) for at in (0, 1)]
    tea = [line(f"d{who}", who, DAY, "T1", TEA[who < OLD][1], off=TEA[who < OLD][0]) for who in range(OLD + SIDE)]
    coffee = [line(f"d{who}", who, DAY, "C1", 50) for who in range(OLD + SIDE)]
    return "\n".join([HEAD, *before, *tea, *coffee])


def people() -> str:
    rows = [f"{who:03d},{'Gold' if who < OLD else 'Silver'}" for who in range(OLD + SIDE)]
    return "\n".join(["customer id,tier", *rows])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prices")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_HOME", str(folder))
        loaded(folder, sales=sales(), people=people())
    return folder


@pytest.fixture
def house(made: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("LOYALTY_HOME", str(made))
    return open_current(Access(workspace="shop0"))


@pytest.fixture
def shop(home: Path, tmp_path: Path) -> Callable[..., Warehouse]:
    return partial(loaded, tmp_path)


def asked(house: Warehouse, **params: object) -> Result:
    return studies.answer(STUDY, house, Params(**{"orders": 2, "days": 50, **params}))


def test_regulars_who_get_a_smaller_discount_are_flagged_in_that_category_only(house: Warehouse) -> None:
    result = asked(house)
    table = result.tables["categories"].set_index("category")
    tea, coffee = table.loc[HOSTILE], table.loc["Coffee"]
    assert tea["gap"] == pytest.approx(0.04) and tea["flagged"] and tea["customers"] == 31
    assert coffee["gap"] == 0 and not coffee["flagged"] and coffee["q"] == 1
    assert result.verdict.key == "price_fairness.verdict.flagged"
    assert result.verdict.facts["category"] == HOSTILE
    assert result.estimates["worst_gap"].value == tea["gap"]
    assert result.estimates["regular_gap"].value == pytest.approx(1.04**0.5 - 1)  # both cells weigh the same


def test_what_regulars_paid_too_much_is_told_in_money(house: Warehouse) -> None:
    result = asked(house)
    assert result.estimates["at_stake"].value == pytest.approx(31 * 4)
    products = every_product(house, Params(orders=2, days=50)).set_index("product")
    assert products.loc["T1", "at_stake"] == pytest.approx(31 * 4) and products.loc["T1", "drives"]
    assert products.loc["C1", "at_stake"] == 0 and not products.loc["C1", "drives"]


def test_lines_before_one_is_a_regular_have_nobody_to_be_compared_with(house: Warehouse) -> None:
    """62 lines of regulars on the day, each with one of somebody else beside it; the coffee of before was bought by no regular yet."""
    found = asked(house).estimates
    assert (found["identified"].value, found["identified"].n) == (1.0, 62)
    assert (found["regulars"].value, found["regulars"].n) == (31, 62)
    assert found["regular_gap"].n == 124


def test_the_gap_is_divided_into_list_prices_and_discounts(house: Warehouse) -> None:
    table = asked(house).tables["split"]
    tea = table[table["category"] == HOSTILE].set_index("part")["gap"]
    assert tea.to_dict() == pytest.approx({"net": 0.04, "list": 0.0, "discount": 0.04})
    coupons = asked(house).tables["coupons"].set_index("who")
    assert coupons["share"].to_dict() == {"regulars": 0.5, "others": 0.5}
    assert coupons["depth"].to_dict() == pytest.approx({"regulars": 6 / 110, "others": 10 / 110})


def test_a_margin_above_the_gap_flags_nothing_and_bands_tell_since_when(house: Warehouse) -> None:
    result = asked(house, margin=0.05)
    assert not result.tables["categories"]["flagged"].any() and "at_stake" not in result.estimates
    assert result.verdict.key == "price_fairness.verdict.none"
    tenure = result.tables["tenure"].dropna(subset="category").query("dimension == 'days'")
    assert tenure["from"].tolist() == [0, 51] and tenure["gap"].tolist() == pytest.approx([0, 0.04])


def test_tiers_are_described_against_the_lowest(house: Warehouse) -> None:
    table = asked(house).tables["tiers"]
    assert set(table["tier"]) == {"Gold", "Silver"} and "flagged" not in table
    assert abs(table["gap"].iloc[1]) == pytest.approx(abs(1.04 ** (0.5 if table["tier"].iloc[0] == "Silver" else -0.5) - 1))


def test_nobody_a_regular_or_too_few_of_them_is_refused_with_what_to_change(house: Warehouse) -> None:
    nobody = asked(house, orders=9).refused
    assert nobody is not None and nobody.key == "price_fairness.refused.nobody"
    assert (nobody.facts["days"], nobody.facts["orders"]) == (60, 3)
    assert asked(house, days=60).refused is not None  # on the day itself they are not customers for longer than 60 days
    assert asked(house, days=59).refused is None
    assert asked(house, orders=3).refused is not None  # only two orders came before


def test_a_sample_keeps_all_lines_of_a_product_a_month_and_a_channel(house: Warehouse) -> None:
    cells = ["product", "channel", "month"]
    every, some = (house.frame(LINES, months=24, part=part).groupby(cells).size() for part in (1_000, 500))
    assert every.sum() == 186 and 0 < len(some) < len(every)
    assert some.to_dict().items() <= every.to_dict().items()


def test_without_products_and_channels_the_answer_says_so(shop: Callable[..., Warehouse]) -> None:
    """Quantity, amount and category only; without two of the 31 regulars there are too few."""
    rows = [row.split(",") for row in sales().replace(HOSTILE.replace('"', '""'), "Tea").replace('"', "").splitlines()]
    thin = "\n".join(",".join([*row[:3], row[4], row[6], row[9]]) for row in rows)
    result = asked(shop(sales=thin))
    keys = {note.key.rsplit(".", 1)[1] for note in result.warnings}
    assert keys == {"no_cause", "no_products", "no_channels", "no_list"}
    assert result.tables.keys().isdisjoint({"split", "coupons", "tiers"})
    few = asked(shop(sales="\n".join(row for row in thin.splitlines() if row.split(",")[1] not in ("000", "001"))))
    assert few.refused is not None and few.refused.key == "price_fairness.refused.few"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_is_drawn_and_worded(house: Warehouse, language: str) -> None:
    words, result = Words(language, "GBP"), asked(house)
    assert sorted(name for part in parts(result).values() for name in part.tables) == sorted(result.tables)
    figures = STUDY.figures(result, words)
    assert [figure.key for figure in figures] == ["categories", "split", "products", "tenure_days", "tenure_orders", "tiers"]
    for figure in figures:
        _sound(figure, words)
    for table in result.tables.values():
        assert not any("price_fairness" in str(column) for column in named(table, words))
    json.dumps(studies.result_json(result, words), allow_nan=False)
    assert words.note(result.verdict)


def test_the_planted_penalty_of_the_demo_is_found_and_no_other(demo_house: Warehouse) -> None:
    result = studies.answer(STUDY, demo_house, Params())
    table = result.tables["categories"]
    flagged = table[table["flagged"]]
    assert flagged["category"].tolist() == ["Gift boxes"]
    row = flagged.iloc[0]
    assert row["low"] < truth.PRICE_PENALTY < row["high"] and row["low"] > 0.03
    assert set(result.tables["products"].query("drives")["category"]) == {"Gift boxes"}
    assert result.warnings[0].key == "price_fairness.warnings.no_cause" and len(result.warnings) == 1
