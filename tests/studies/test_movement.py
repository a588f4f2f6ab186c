"""Movement between segments: forty customers whose ways are known, the demo programme's slipping group, data that is too short."""

from datetime import date

import pytest

from analytics import studies
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.results import Result
from analytics.studies.base import Filters
from analytics.studies.movement import Params
from analytics.warehouse import Warehouse
from tests.studies.conftest import Shop


def monthly(*, amount: bool = True) -> str:
    """Eight months of 2024. Customers 1-40 order on the tenth of each month; 31-40 stop after April; 41-46 begin in July."""
    rows = ["order id,customer id,order date,region" + (",amount" if amount else "")]
    for i in range(1, 47):
        months = range(7, 9) if i > 40 else range(1, 5) if i > 30 else range(1, 9)
        rows += [f"{i}-{m},{i:02d},2024-{m:02d}-10,{'north' if i <= 20 else 'south'}" + (",10.00" if amount else "") for m in months]
    ends = [f"{day},01,2024-{day},north{',10.00' if amount else ''}" for day in ("01-01", "08-31")]  # so that all eight months are whole
    return "\n".join([*rows, *ends])


def movement(house: Warehouse, **params: object) -> Result:
    return studies.answer(studies.CATALOGUE["movement"], house, Params(**params))


def test_who_goes_on_as_before_stays_where_he_was(shop: Shop) -> None:
    # the ends of July and August look alike for customers 2-30; 01 orders once more on the last day and rises; the six of July
    # are new no longer (30 days, a quarter of the reference's history) and fall; ten have stopped
    shares = {name: round(46 * one.value, 6) for name, one in movement(shop(orders=monthly()), window=4).estimates.items()}
    assert (shares["stayed_share"], shares["upgraded_share"], shares["downgraded_share"], shares["left_share"]) == (29, 1, 6, 10)


def test_who_has_no_order_in_the_window_has_lapsed(shop: Shop) -> None:
    # at the end of July the window still holds April; at the end of August it begins in May
    result = movement(shop(orders=monthly()), window=4)
    left = result.estimates["left_share"]
    assert (left.value, left.n) == (pytest.approx(10 / 46), 46)
    assert left.low < 10 / 46 < left.high


def test_newcomers_are_a_state_of_their_own(shop: Shop) -> None:
    table = movement(shop(orders=monthly()), window=4, step="3").tables["transitions"]
    new = table[table["from"] == "newcomer"]
    assert new["n"].sum() == 6
    assert "newcomer" not in set(table["to"])


def test_the_shares_of_a_row_add_up_to_one_and_carry_their_intervals(shop: Shop) -> None:
    table = movement(shop(orders=monthly()), window=4).tables["transitions"]
    assert table.groupby("from")["share"].sum().tolist() == pytest.approx([1.0] * table["from"].nunique())
    assert ((table["low"] <= table["share"]) & (table["share"] <= table["high"])).all()
    assert table.groupby("from")["of"].nunique().eq(1).all()


def test_a_cell_of_few_customers_is_not_shown(shop: Shop) -> None:
    house = shop(orders=monthly())
    result = movement(house, window=4)
    table = result.tables["transitions"]
    one = table[table["n"] == 1]
    assert len(one) == 1  # customer 01
    assert not one["shown"].any()
    assert table.loc[(table["n"] >= 5) | (table["n"] == 0), "shown"].all()
    flows = next(figure for figure in studies.CATALOGUE["movement"].figures(result, Words("en")) if figure.key == "flows")
    assert 1 not in flows.table["Customers"].tolist()


def test_the_months_hold_every_customer_of_the_window_once(shop: Shop) -> None:
    table = movement(shop(orders=monthly()), window=4).tables["months"]
    # April to July: forty; from July the six new ones too; in August the ten who stopped are out of the window
    assert table.groupby("month")["customers"].sum().tolist() == [40, 40, 40, 46, 36]
    assert table.groupby("month")["share"].sum().tolist() == pytest.approx([1.0] * 5)
    assert table.groupby("month")["money"].sum().iloc[0] == 40 * 4 * 10 + 10


def test_the_reference_can_be_chosen_and_must_be_in_the_data(shop: Shop) -> None:
    house = shop(orders=monthly())
    months = movement(house, window=4, reference="2024-06").tables["months"]["month"]
    assert months.min().date() == date(2024, 6, 1)
    with pytest.raises(UserError) as raised:
        movement(house, window=4, reference="2031-01")
    assert raised.value.facts["allowed"] == "2024-04 ... 2024-07"


def test_filters_narrow_who_is_followed(shop: Shop) -> None:
    result = movement(shop(orders=monthly()), window=4, reference="2024-04", filters=Filters(region=("north", "south")))
    assert result.estimates["customers"].value == 46


def test_a_short_history_is_refused_with_what_is_needed(shop: Shop) -> None:
    rows = [f"{i}-{m},{i:02d},2024-{m:02d}-01,1.00" for i in range(1, 41) for m in (1, 2, 3)]
    result = movement(shop(orders="\n".join(["order id,customer id,order date,amount", *rows])))
    assert result.refused is not None
    assert result.refused.facts == {"months": 3, "least": 4}
    assert result.estimates == {}


def test_a_step_longer_than_the_history_is_refused(shop: Shop) -> None:
    result = movement(shop(orders=monthly()), step="12")
    assert result.refused is not None
    assert result.refused.facts["least"] == 24


def test_too_few_customers_are_refused(shop: Shop) -> None:
    rows = [f"{i}-{m},{i:02d},2024-{m:02d}-28,1.00" for i in range(1, 11) for m in range(1, 7)]
    result = movement(shop(orders="\n".join(["order id,customer id,order date,amount", *rows])))
    assert result.refused is not None
    assert result.refused.key == "movement.refused.few_customers"


def test_a_short_window_is_told(shop: Shop) -> None:
    result = movement(shop(orders=monthly()))
    note = next(note for note in result.warnings if note.key == "movement.warnings.short_window")
    assert note.facts == {"window": 4, "asked": 12}


def test_without_amounts_movement_is_measured_all_the_same(shop: Shop) -> None:
    result = movement(shop(orders=monthly(amount=False)), window=4)
    assert "money" not in result.tables["months"]
    assert result.estimates["left_share"].value == pytest.approx(10 / 46)


def by_month(last: int) -> str:
    """Forty customers once a month, dated on the first; customers 1-20 only until May."""
    rows = [f"{i}-{m},{i:02d},2024-{m:02d}-01,1" for i in range(1, 41) for m in range(1, last + 1) if m < 6 or i > 20]
    return "\n".join(["order id,customer id,order date,amount", *rows])


def test_months_of_different_length_are_no_movement(shop: Shop) -> None:
    """Of a source that knows months only: 30 days to the end of January are not a longer silence than 29 to the end of April."""
    result = movement(shop(orders=by_month(5)), reference="2024-03")
    assert result.estimates["stayed_share"].value == 1.0


def test_a_month_without_an_order_is_a_step_down_in_data_of_months(shop: Shop) -> None:
    result = movement(shop(orders=by_month(6)), reference="2024-03")
    assert result.estimates["downgraded_share"].value == pytest.approx(20 / 40)


def test_the_slipping_group_of_the_demo_is_found(demo_house: Warehouse) -> None:
    result = movement(demo_house, step="3")
    clear = result.tables["groups"].query("clear and difference > 0")
    assert clear.sort_values("difference")["value"].iloc[-1] == "Social media"
    words = Words("en")
    titles = [figure.title for figure in studies.CATALOGUE["movement"].figures(result, words)]
    assert any("Social media" in title for title in titles)


def test_clusters_of_the_demo_can_be_followed_too(demo_house: Warehouse) -> None:
    result = movement(demo_house, method="clusters")
    assert {"inertia_ratio", "psi", "threshold"} <= set(result.tables["drift"])
    shares = [result.estimates[f"{way}_share"].value for way in ("stayed", "upgraded", "downgraded", "left")]
    assert sum(shares) == pytest.approx(1.0)


def test_a_cut_close_to_its_alarm_is_called_unclear_in_verdict_and_title(demo_house: Warehouse) -> None:
    """The interval of the share that a refit would move reaches beyond the threshold, but not two month ends in a row lie above it."""
    result = studies.answer(studies.CATALOGUE["movement"], demo_house, studies.CATALOGUE["movement"].params())
    drift, threshold = result.tables["drift"], result.tables["drift"]["threshold"].iloc[-1]
    alarmed = bool((drift["drift"].tail(2) > threshold).all())
    wanted = "drifted" if alarmed else "unclear" if result.estimates["drift"].high > threshold else "fits"
    assert result.verdict.key == f"movement.verdict.{wanted}"
    for language in LANGUAGES:
        words = Words(language, "GBP")
        title = next(figure.title for figure in studies.CATALOGUE["movement"].figures(result, words) if figure.key == "drift")
        shares = {"drift": words.share(drift["drift"].iloc[-1], digits=0), "threshold": words.share(threshold, digits=0)}
        assert title == words(f"figures.drift.title.{wanted}", month=words.month(drift["month"].iloc[-1]), **shares)
