"""The next need of a shop worked out by hand: 130 customers with a favourite each, and what is refused."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analytics import studies
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.results import Result
from analytics.studies import next_need, next_need_fit
from analytics.warehouse import Warehouse, open_warehouse
from tests.conftest import run_cli
from tests.studies.conftest import Shop
from tests.studies.test_catalogue import _sound

SIZES = {"Tea": 40, "Coffee": 30, "Cups": 30, "Gear": 30}
END = date(2024, 12, 31)
EARLIER, LATEST = (320, 260, 200), 120  # days before the end; the last quarter of 321 days is kept apart


def favourites(*, apart: str = "Tea", category: bool = True) -> str:
    """Customers buy their favourite three times, then something else, and in the days kept apart their favourite again."""
    rows = ["order id,customer id,order date,amount,region" + (",category" if category else "")]
    for favourite, size in SIZES.items():
        for i in range(size):
            other = "Coffee" if favourite == apart else apart
            days = [(back, favourite) for back in EARLIER] + [(LATEST, other), (30 if i else 0, favourite)]
            for at, (back, bought) in enumerate(days):
                who, day = f"{favourite[:2]}{i:02d}", END - timedelta(days=back)
                region = "north" if favourite == "Tea" else "south"
                rows.append(f"{who}-{at},{who},{day},10.00,{region}" + (f",{bought}" if category else ""))
    return "\n".join(rows)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("favourites")
    (folder / "orders.csv").write_text(favourites())
    run_cli(folder, "import", folder / "orders.csv", "--workspace", "shop").done()
    return folder


@pytest.fixture
def house(made: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("LOYALTY_HOME", str(made))
    return open_warehouse(Access(workspace="shop"))


def asked(house: Warehouse, **params: object) -> Result:
    return studies.answer(studies.CATALOGUE["next_need"], house, next_need.Params(**params))


def test_where_everybody_has_a_favourite_the_favourite_is_named(house: Warehouse) -> None:
    result = asked(house)
    assert result.verdict.key == "next_need.verdict.most"
    assert result.estimates["hit_first"].value == 1  # all 130 bought their favourite again
    assert (result.estimates["popular_first"].value, result.estimates["popular_first"].n) == (pytest.approx(40 / 130), 130)
    assert result.estimates["gain"].value == pytest.approx(90 / 130)
    named = next_need.members(house).set_index("customer_id")["first"]
    assert {who[:2]: str(category)[:2] for who, category in named.items()} == {name[:2]: name[:2] for name in SIZES}
    rates = result.tables["rates"].set_index(["method", "within"])["value"]
    assert rates["last", 1] == 0


def test_a_group_is_told_from_the_others_by_what_it_will_buy(house: Warehouse) -> None:
    needs = asked(house, by="region").tables["needs"].set_index(["group", "category"])
    assert needs.loc[("north", "Tea"), "customers"] == 40
    assert needs.loc[("north", "Tea"), "share"] > 0.5 > 0.4 > needs.loc[("south", "Tea"), "share"]
    assert bool(needs.loc[("north", "Tea"), "clear"])
    # everybody in the north bought tea four times of five; the probability is pulled towards everybody's share, (4 x 40 + 90) / 650
    assert 250 / 650 < needs.loc[("north", "Tea"), "share"] < 4 / 5


def test_in_batches_the_same_scores_come_out(house: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = next_need_fit.make(house, {}, lambda *_: None).tables["scores"]
    monkeypatch.setattr(next_need_fit, "BATCH", 40)
    parts = next_need_fit.make(house, {}, lambda *_: None).tables["scores"].sort_values("customer_id", ignore_index=True)
    pd.testing.assert_frame_equal(parts, whole, check_categorical=False)


def test_a_sample_is_stated_and_everybody_is_scored(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(next_need_fit, "MOST_LEARNT", 110)
    result = asked(shop(orders=favourites()))
    told = next(note for note in result.warnings if note.key == "next_need.warnings.sampled")
    assert 100 <= int(str(told.facts["n"])) < 130 == told.facts["total"]
    assert result.estimates["customers"].value == 130


def test_refunds_and_lines_without_a_category_are_not_purchases(house: Warehouse, shop: Shop, home: Path) -> None:
    more = "".join(
        f"R{i},Te{i:02d},{END - timedelta(days=125)},-10.00,north,Gear\nN{i},Te{i:02d},{END - timedelta(days=126)},5,north,\n"
        for i in range(40)
    )
    plain = next_need_fit.make(house, {}, lambda *_: None).tables["scores"]
    scores = next_need_fit.make(shop(orders=favourites() + "\n" + more.strip()), {}, lambda *_: None).tables["scores"]
    pd.testing.assert_frame_equal(scores, plain, check_categorical=False)


def test_too_few_categories_are_refused_in_words(shop: Shop) -> None:
    result = asked(shop(orders=favourites().replace("Gear", "Cups")))
    assert result.refused is not None
    assert result.refused.key == "next_need.refused.few_categories"
    assert "3" in Words("en").note(result.refused)


def test_too_few_who_came_back_are_refused(shop: Shop) -> None:
    kept = [line for at, line in enumerate(favourites().splitlines()) if ",2024-12-01," not in line or at % 2]
    result = asked(shop(orders="\n".join(kept)))
    assert result.refused is not None
    assert result.refused.key == "next_need.refused.few_returns"


def test_sales_without_categories_lock_the_study(shop: Shop) -> None:
    result = asked(shop(orders=favourites(category=False)))
    assert result.refused is not None
    assert "transactions.category" in str(result.refused.facts["columns"])


@pytest.mark.parametrize("by", ["", "region"])
def test_the_answer_is_drawn_and_travels_in_both_languages(by: str, shop: Shop) -> None:
    result = asked(shop(orders=favourites().replace("Tea", "<b>Tea</b> & more")), by=by)
    for language in LANGUAGES:
        words = Words(language, "EUR")
        assert words.note(result.verdict)
        assert [words.note(note) for note in result.warnings]
        for figure in studies.CATALOGUE["next_need"].figures(result, words):
            _sound(figure, words)
        json.dumps(studies.result_json(result, words, params=next_need.Params(by=by)), allow_nan=False)
