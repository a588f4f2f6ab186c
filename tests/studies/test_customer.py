"""One customer's history by hand, where the customer stands among forty, who may see what, and who is found by what is typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analytics import jobs, studies
from analytics.access import MASK, Access
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.results import Result
from analytics.studies import customer_predictions, lifecycle, segments
from analytics.studies.base import defaults
from analytics.studies.customer import Params
from analytics.studies.customer_search import beginning, resolve
from analytics.studies.customer_words import named, profile, suggestion
from analytics.warehouse import Warehouse, open_warehouse
from tests.studies.test_catalogue import HOSTILE, _sound
from tests.studies.test_segments import forty

QUOTED = HOSTILE.replace('"', '""')
ORDERS = "\n".join(line + (",category" if at == 0 else f",{'Tea' if at % 3 else 'Coffee'}") for at, line in enumerate(forty().splitlines()))
FILES = {
    "orders.csv": ORDERS + "\nR1,40,2024-12-30,north,-4.00,Tea",
    "people.csv": "customer id,tier,city,gender,birth year,referred by,enrolment date\n"
    + f'40,Gold,Zanzibar,Female,1961,39,2023-02-01\n39,Silver,Oslo,Male,,,2023-03-01\n"{QUOTED}",Gold,Rome,,,,\n',
    "tiers.csv": "customer id,tier,valid from,valid to\n40,Silver,2023-02-01,2024-05-31\n40,Gold,2024-06-01,\n",
    "rules.csv": "tier,rank,metric,threshold\nSilver,1,net sales of a year,50\nGold,2,net sales of a year,100\n",
    "points.csv": "member id,date,event type,points\n40,2024-01-05,earn,100\n40,2024-02-05,redeem,-30\n40,2024-03-05,expire,-20\n"
    "40,2024-04-05,adjust,-5\n40,2024-05-05,earn,10\n39,2024-05-05,earn,7\n",
    "contacts.csv": "customer id,contact date,contact channel,responded,opted out,handled by\n40,2024-07-01,E-mail,yes,no,Ann Lee\n"
    "40,2024-08-01,Phone,no,no,Bob Ray\n",
    "feedback.csv": "customer id,feedback date,feedback type,score,topic,comment\n"
    f'40,2024-09-01,complaint,,Delivery,"{QUOTED} **late** again"\n40,2024-09-20,nps,9,,\n',
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("customer")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_HOME", str(folder))
        for name, text in FILES.items():
            (folder / name).write_text(text + "\n", encoding="utf-8")
        jobs.start_load("shop", [folder / name for name in FILES], {}).result()
    yield folder


@pytest.fixture
def house(made: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("LOYALTY_HOME", str(made))
    return open_warehouse(Access(workspace="shop"))


def asked(house: Warehouse, customer: str = "") -> Result:
    return studies.answer(studies.CATALOGUE["customer"], house, Params(customer=customer))


def test_one_history_by_hand(house: Warehouse) -> None:
    # customer 40 of `forty`: 40 orders of 10.00 every ten days, the last on 22 November 2024, and 4.00 taken back on 30 December
    result = asked(house, "40")
    told = {name: estimate.value for name, estimate in result.estimates.items()}
    assert told == {"orders": 40, "net_sales": 396, "silent_days": 39, "points_balance": 100 - 30 - 20 - 5 + 10}
    assert result.estimates["points_balance"].n == 5
    assert {"history", "segment", "stage"} <= set(result.verdict.facts)
    assert (result.tables["orders"]["day"].iloc[0], result.tables["orders"]["kind"].iloc[0]) == (pd.Timestamp("2024-12-30"), "refund")
    assert len(result.tables["orders"]) == 41
    assert result.tables["points"]["balance"].tolist() == [55, 45, 50, 70, 100]


def test_months_without_an_order_are_there_up_to_the_last_day(house: Warehouse) -> None:
    months = asked(house, "40").tables["months"]
    assert months["month"].iloc[[0, -1]].tolist() == [
        pd.Timestamp("2023-10-01"),
        pd.Timestamp("2024-12-01"),
    ]  # 390 days before 22 November 2024
    assert months["orders"].iloc[-1] == 0
    assert months["amount"].iloc[-1] == -4
    assert months["orders"].sum() == 40


def test_a_tier_is_told_with_its_beginning_and_its_rule(house: Warehouse) -> None:
    result = asked(house, "40")
    tier = result.tables["standing"].set_index("kind").loc["tier"]
    assert (tier["value"], tier["since"], tier["threshold"]) == ("Gold", pd.Timestamp("2024-06-01"), 100)
    assert result.tables["tiers"]["tier"].tolist() == ["Gold", "Silver"]


def test_everybody_stands_where_the_pages_of_segments_and_stages_put_them(house: Warehouse) -> None:
    settings = house.settings
    segment = segments.members(house, defaults(segments.STUDY, settings)).set_index("customer_id")["segment"]
    stage = lifecycle.members(house, defaults(lifecycle.STUDY, settings)).set_index("customer_id")["stage"]
    assert len(segment) == len(stage) == 40
    for customer in segment.index[::3]:
        where = asked(house, customer).tables["standing"].set_index("kind")["value"]
        assert (where["segment"], where["stage"]) == (segment[customer], stage[customer])


def test_who_never_ordered_is_told_as_far_as_known(house: Warehouse) -> None:
    result = asked(house, HOSTILE)
    assert result.verdict.key == "customer.verdict.no_orders"
    assert result.estimates == {}
    assert result.tables["profile"]["city"].iloc[0] == "Rome"
    assert studies.CATALOGUE["customer"].figures(result, Words("en")) == ()


@pytest.mark.parametrize("typed", ["nobody", "4", "' or 1=1 --", "%", "   4 0 ", "040"])
def test_an_id_that_is_not_there_is_a_mistake_the_user_can_mend(typed: str, house: Warehouse) -> None:
    with pytest.raises(UserError) as error:
        asked(house, typed)
    assert error.value.key == "unknown_customer"
    assert typed not in str(error.value.facts)


def test_an_id_is_found_by_how_it_begins_and_nothing_in_it_is_a_wildcard(house: Warehouse) -> None:
    assert beginning(house, "4")["customer_id"].tolist() == ["40"]
    assert len(beginning(house, "0")) == 9  # 01 to 09
    assert all(beginning(house, typed).empty for typed in ("%", "_0", "", "'", "4%"))


def test_the_original_of_a_pseudonym_is_found(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("E-mail,order id,order date,amount\nAda@Example.com,1,2024-01-02,5\nbob@example.com,2,2024-01-03,6\n")
    jobs.start_load("mail", [path], {}).result()
    house = open_warehouse(Access(workspace="mail"))
    stored = house.frame("select customer_id from transactions where amount = 5")["customer_id"][0]
    assert stored.startswith("p_")
    assert resolve(house, " ada@example.COM ") == resolve(house, stored) == stored


def test_a_role_without_the_right_sees_that_there_is_something_but_not_what(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOYALTY_HOME", str(made))
    hidden = asked(open_warehouse(Access(workspace="shop", role="analyst")), "40")
    who = hidden.tables["profile"].iloc[0]
    assert {name: who[name] for name in ("city", "gender", "birth_year", "referred_by")} == dict.fromkeys(
        ("city", "gender", "birth_year", "referred_by"), MASK
    )
    assert (who["customer_id"], who["tier"]) == ("40", "Gold")
    assert hidden.tables["feedback"]["text"].dropna().tolist() == [MASK]  # one of two has a text
    assert hidden.tables["contacts"]["handled_by"].tolist() == [MASK, MASK]
    assert [note.key for note in hidden.warnings] == ["customer.warnings.masked"]
    told = json.dumps(studies.result_json(hidden, Words("en")))
    assert not any(secret in told for secret in ("Zanzibar", "1961", "late", "Ann Lee"))


def test_the_owner_sees_it_and_what_is_unknown_is_not_masked(house: Warehouse) -> None:
    open_ = asked(house, "40")
    assert (open_.tables["profile"]["city"].iloc[0], open_.tables["profile"]["birth_year"].iloc[0]) == ("Zanzibar", 1961)
    assert open_.warnings == ()
    analyst = house.seen_by(Access(workspace="shop", role="analyst"))
    assert "birth_year" not in asked(analyst, "39").tables["profile"]
    assert analyst.frame("select count(*) as n from customers where city = 'Oslo'")["n"][0] == 1  # groups may still be counted


def test_without_a_customer_three_are_worth_a_look(house: Warehouse) -> None:
    result = asked(house)
    assert result.verdict.key == "customer.verdict.offered"
    assert result.estimates["customers"].value == 41
    found = result.tables["suggestions"].set_index("reason")
    assert found.loc["newest", "customer_id"] == "01"  # its only order is on the last day
    assert found.loc["largest", "customer_id"] == "40"
    assert found.loc["at_risk", "customer_id"] not in ("01", "40")  # nobody is named twice
    assert all(suggestion(row, Words(language)) for language in LANGUAGES for _, row in result.tables["suggestions"].iterrows())


def test_nothing_is_fitted_for_one_customer_and_what_is_missing_is_named(house: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    def fitted(*args: object, **more: object) -> None:
        raise AssertionError("a fit was asked for")

    monkeypatch.setattr(customer_predictions, "kept", lambda *args, **more: False)
    monkeypatch.setattr(customer_predictions, "fitted", fitted)
    result = asked(house, "40")
    assert "next_need" in result.tables["unfitted"]["study"].tolist()
    assert {"needs", "predictions"} & set(result.tables) == set()


def test_lines_without_an_order_number_or_money_are_orders_by_themselves(tmp_path: Path, home: Path) -> None:
    path, alike = tmp_path / "visits.csv", "C1,2025-03-01,1\n" * 2
    path.write_text(
        "customer id,date,quantity\n" + "".join(f"C{n % 9},2025-{1 + n // 28:02d}-{1 + n % 28:02d},1\n" for n in range(80)) + alike
    )
    jobs.start_load("visits", [path], {}).result()
    house = open_warehouse(Access(workspace="visits"))
    result = asked(house, "C1")
    assert result.estimates["orders"].value == len(result.tables["orders"]) == 11  # nine of the 80 lines, and two alike
    assert "net_sales" not in result.estimates
    assert result.verdict.key == "customer.history.count"  # nine customers make no segments
    assert asked(house).tables["suggestions"]["reason"].tolist() == ["newest", "largest"]
    assert [figure.key for figure in studies.CATALOGUE["customer"].figures(result, Words("en"))] == ["timeline"]


def test_a_snapshot_tells_what_it_holds(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "snapshot.csv"
    path.write_text(
        "customerID,Contract,Charges,Churn\n" + "".join(f"C{n},Monthly,{n},{'Yes' if n % 4 == 0 else 'No'}\n" for n in range(40))
    )
    jobs.start_load("telco", [path], {}).result()
    house = open_warehouse(Access(workspace="telco"))
    assert asked(house).verdict.key == "customer.verdict.nobody"
    result = asked(house, "C8")
    assert dict(result.tables["attributes"].to_numpy().tolist()) == {"Contract": "Monthly", "Charges": "8"}
    assert bool(result.tables["profile"]["churned"].iloc[0])
    assert "attributes" not in asked(house.seen_by(Access(workspace="telco", role="analyst")), "C8").tables
    assert result.verdict.key == "customer.verdict.no_orders"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_is_drawn_and_travels_with_hostile_text_inert(language: str, house: Warehouse) -> None:
    result, words = asked(house, "40"), Words(language, "EUR")
    assert words.note(result.verdict)
    figures = studies.CATALOGUE["customer"].figures(result, words)
    assert [figure.key for figure in figures] == ["timeline", "balance", "categories"]
    for figure in figures:
        _sound(figure, words)
    assert not named(result.tables["feedback"], words).empty
    assert date(2023, 2, 1).isoformat()[:4] in profile(result.tables["profile"], words).to_string()
    json.dumps(studies.result_json(result, words, params=Params(customer="40")), allow_nan=False)
