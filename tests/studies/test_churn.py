"""Churn by hand: what is known on a day and what is not, three kinds of leaving, refusals, money, the planted drivers of the demo."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import studies
from analytics.access import Access
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.results import Result
from analytics.studies import churn_data as data
from analytics.studies.churn import Params, members, parts
from analytics.studies.churn_figures import draw, named
from analytics.warehouse import Warehouse, open_warehouse
from data.programme import make
from data.programme.truth import Switches
from tests.conftest import Cli, run_cli
from tests.studies.conftest import Shop
from tests.studies.test_catalogue import _sound

END = date(2024, 12, 30)


def churn(house: Warehouse, **params: Any) -> Result:
    return studies.answer(studies.CATALOGUE["churn"], house, Params(**params))


def orders(*rows: tuple[str, date, float]) -> str:
    lines = [f"{at},{customer},{day},{amount:.2f}" for at, (customer, day, amount) in enumerate(rows)]
    return "\n".join(["order id,customer id,order date,amount", *lines])


def back(days: int) -> date:
    return END - timedelta(days=days)


def regulars(n: int = 1_000, seed: int = 2) -> str:
    """Two years of customers with a rhythm of their own; after each order one in twelve is gone for good."""
    rng, rows = np.random.default_rng(seed), []
    for number in range(n):
        day, rhythm = float(rng.uniform(0, 500)), float(rng.choice([12, 30, 60]))
        while day < 730:
            rows.append((f"C{number:04d}", back(730 - int(day)), 10.0 + number % 7))
            if rng.random() < 1 / 12:
                break
            day += rng.exponential(rhythm) + 1
    return orders(*rows, ("C0000", END, 10.0))


@pytest.fixture(scope="module")
def home_of_regulars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the regulars in it, made and fitted once."""
    folder = tmp_path_factory.mktemp("regulars")
    (folder / "orders.csv").write_text(regulars() + "\n")
    run_cli(folder / "home", "import", folder / "orders.csv", "--workspace", "shop").done()
    return folder / "home"


@pytest.fixture
def house(home_of_regulars: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("LOYALTY_HOME", str(home_of_regulars))
    return open_warehouse(Access(workspace="shop"))


def test_what_comes_after_the_day_is_not_known_on_it(shop: Shop) -> None:
    rows = [("A", back(200), 10.0), ("A", back(60), 20.0), ("A", back(59), 40.0), ("B", back(100), 5.0), ("B", END, 5.0)]
    house = shop(orders=orders(*rows, ("C", back(90), 7.0)))
    moment = data.Moment(at=back(60), since=back(120), before=back(180), until=END)
    world = data.World(kind="purchases", horizon=60, moments=(moment,), active=True, window=365)
    known, left = data.slice_at(house, world, moment, data.Part())
    assert known.index.tolist() == ["A", "B", "C"]
    assert known.loc["A", ["recency_days", "orders", "orders_recent", "orders_before", "money", "gap_days"]].tolist() == [
        0,
        2,
        1,
        0,
        30,
        140,
    ]
    assert left.tolist() == [False, False, True]  # A came on the next day, B on the last of the horizon


def test_only_those_who_bought_within_the_last_horizon_can_still_be_lost(shop: Shop) -> None:
    house = shop(orders=orders(("A", back(120), 1.0), ("B", back(119), 1.0), ("B", END, 1.0)))
    moment = data.Moment(at=back(60), since=back(120), before=back(180), until=END)
    for active, customers in ((True, ["B"]), (False, ["A", "B"])):
        world = data.World(kind="purchases", horizon=60, moments=(moment,), active=active, window=365)
        assert data.slice_at(house, world, moment, data.Part())[0].index.tolist() == customers


def test_the_horizon_is_the_days_within_which_nine_in_ten_are_back_each_customer_counting_once(shop: Shop) -> None:
    """One customer with 90 gaps of a day weighs no more than each of nine with a gap of 20, 30 ... 100 days."""
    rows = [("often", back(800 - at), 1.0) for at in range(91)]
    for at in range(9):
        rows += [(f"C{at}", back(400), 1.0), (f"C{at}", back(400 - 20 - 10 * at), 1.0)]
    house = shop(orders=orders(*rows, ("last", END, 1.0)))
    world = data.purchases(house, 0, "active")
    # weights: .1 at 1 day, then .1 each at 20 ... 100: nine tenths are reached at 90 days, thirteen weeks
    assert (world.horizon, world.bounded) == (91, "")
    assert world.moments[-1].at == END
    assert [(END - moment.at).days for moment in world.moments[:-1]] == [637, 546, 455, 364, 273, 182, 91][-len(world.moments) + 1 :]
    assert all(later.at == sooner.until for sooner, later in zip(world.moments, world.moments[1:], strict=False))


def test_the_horizon_takes_at_most_a_fifth_of_the_data(shop: Shop) -> None:
    house = shop(orders=orders(("A", back(350), 1.0), ("A", back(50), 1.0), ("A", END, 1.0)))
    assert (data.purchases(house, 0, "active").horizon, data.purchases(house, 0, "active").bounded) == (70, "short")
    assert data.purchases(house, 28, "active").bounded == "asked"


def test_active_customers_are_told_apart_and_the_answer_travels(house: Warehouse) -> None:
    result = churn(house)
    assert result.refused is None
    assert result.estimates["auc"].low > 0.6
    assert result.estimates["brier"].value < result.estimates["brier_base"].value
    leavers = result.estimates["expected_churners"]
    assert leavers.value == pytest.approx(members(house, Params())["risk"].sum())
    assert leavers.low < leavers.value < leavers.high <= leavers.n
    assert "churn.warnings.response" in [note.key for note in result.warnings]
    for language in LANGUAGES:
        words = Words(language, "EUR")
        for figure in draw(result, words):
            _sound(figure, words)
        for name, table in result.tables.items():
            assert len(named(table, words).columns) > 0, name
        assert json.loads(json.dumps(studies.result_json(result, words, params=Params()), allow_nan=False))["verdict"]["text"]


def test_money_is_counted_with_the_costs_given_and_fits_nothing_anew(house: Warehouse) -> None:
    plain, dear = churn(house), churn(house, offer_cost=1e6)
    assert dear.estimates["profit"].value == 0 <= plain.estimates["profit"].value
    assert dear.estimates["auc"] == plain.estimates["auc"]
    worth = churn(house, customer_value=100.0)
    assert worth.estimates["value_at_risk"].value == pytest.approx(100 * worth.estimates["expected_churners"].value, rel=1e-4)
    table = worth.tables["thresholds"].set_index("threshold")
    people = members(house, Params())
    assert table.loc[0.0, "contacted"] == len(people)
    assert table.loc[0.5, "contacted"] == (people["risk"] >= 0.5).sum()
    assert table.loc[0.5, "leavers"] == pytest.approx(people.loc[people["risk"] >= 0.5, "risk"].sum())
    kept = 0.1 * table.loc[0.0, "leavers"]
    assert table.loc[0.0, "cost"] == pytest.approx(len(people) * 1.0 + 5.0 * (len(people) - table.loc[0.0, "leavers"] + kept))


def test_the_list_begins_with_the_most_at_stake_and_says_what_to_do(house: Warehouse) -> None:
    everyone = members(house, Params())
    assert everyone["value_at_risk"].is_monotonic_decreasing
    assert len(churn(house, list_size=5).tables["customers"]) == 5
    quiet = everyone[everyone["driver"] == ""]
    low = quiet["risk"] < everyone["risk"].mean() / 2  # whom nothing sets apart is left alone only where the risk is low
    assert set(quiet.loc[low, "action"]) == {"leave"} and set(quiet.loc[~low, "action"]) <= {"listen"}
    assert "leave" not in set(everyone.loc[everyone["risk"] >= everyone["risk"].mean(), "action"])
    assert not set(everyone["action"]) - {key.rsplit(".", 1)[1] for key in _keys("churn.actions.")}


def test_where_no_money_is_known_nothing_is_told_to_be_at_stake(shop: Shop) -> None:
    bare = "\n".join(line.rsplit(",", 1)[0] for line in regulars().splitlines())
    result = churn(shop(orders=bare))
    assert "churn.warnings.no_value" in [note.key for note in result.warnings]
    assert not {"value_at_risk", "profit"} & set(result.estimates)
    assert not {"worth", "value_at_risk"} & set(result.tables["customers"])
    assert result.tables["customers"]["risk"].is_monotonic_decreasing


def _keys(prefix: str) -> list[str]:
    from analytics.i18n import catalogue

    return [key for key in catalogue("en") if key.startswith(prefix)]


def test_the_parts_hold_every_table_once(house: Warehouse) -> None:
    result = churn(house)
    found = [name for part in parts(result).values() for name in part.tables]
    assert sorted(found) == sorted(result.tables)
    assert {note.key for part in parts(result).values() for note in part.warnings} == {note.key for note in result.warnings}


def test_a_tier_of_today_is_not_held_against_who_has_left(shop: Shop) -> None:
    """Who leaves loses the tier: in groups of today's tiers the past would look foretold."""
    tiers = "customer id,tier\n" + "\n".join(f"C{at:04d},{'Gold' if at % 2 else 'Silver'}" for at in range(1_000))
    result = churn(shop(orders=regulars(), people=tiers))
    assert "tier" not in set(result.tables.get("groups", pd.DataFrame({"dimension": []}))["dimension"])
    assert "tier" not in set(result.tables["drivers"]["driver"])


def test_an_unknown_group_is_answered_with_the_known_ones(house: Warehouse) -> None:
    with pytest.raises(UserError, match="bad_param"):
        churn(house, group="shoe size")


# --- memberships


def memberships(n: int = 1_500, seed: int = 4) -> str:
    """Monthly plans are cancelled at 12 % a quarter, yearly ones at 3 %; members joined over three years."""
    rng, rows = np.random.default_rng(seed), ["customer id,enrolment date,cancellation date,acquisition channel"]
    for number in range(n):
        joined, plan = int(rng.integers(0, 1_000)), "partner" if number % 3 == 0 else "shop"
        stays = rng.exponential(91 / -np.log(0.88 if plan == "partner" else 0.97))
        left = joined + int(stays)
        rows.append(f"M{number:04d},{back(1_095 - joined)},{back(1_095 - left) if left <= 1_095 else ''},{plan}")
    return "\n".join(rows)


def test_memberships_are_looked_at_by_their_ends(shop: Shop) -> None:
    house = shop(people=memberships())
    result = churn(house)
    assert result.verdict.key.startswith("churn.verdict.contract.")
    survival = result.tables["survival"]
    whole = survival[survival["dimension"] == "all"]
    assert whole["survival"].is_monotonic_decreasing and whole["survival"].iloc[0] == 1
    year = whole[whole["days"] <= 365].iloc[-1]["survival"]
    assert year == pytest.approx((0.88**4 + 2 * 0.97**4) / 3, abs=0.05)
    assert result.tables["hazard"]["at_risk"].is_monotonic_decreasing
    assert next(row for row in result.tables["drivers"].itertuples()).driver == "acquisition_channel"
    groups = result.tables["groups"].query("dimension == 'acquisition_channel'").set_index("value")
    assert groups.loc["partner", "low"] > groups.loc["shop", "high"]
    for language in LANGUAGES:
        for figure in draw(result, Words(language)):
            _sound(figure, Words(language))


def test_memberships_that_end_before_they_begin_are_left_out_and_counted(shop: Shop) -> None:
    house = shop(people=memberships() + f"\nX,{back(100)},{back(200)},shop")
    result = churn(house)
    (note,) = [note for note in result.warnings if note.key == "churn.warnings.skipped"]
    assert note.facts["n"] == 1


def test_a_few_cancellations_do_not_make_a_shop_a_contract(shop: Shop) -> None:
    few = "customer id,enrolment date,cancellation date\n" + "\n".join(
        f"C{at:04d},{back(900)},{back(30) if at < 14 else ''}" for at in range(300)
    )
    house = shop(orders=regulars(), people=few)
    assert data.kind_of(house, "auto") == "purchases"
    assert data.kind_of(house, "contract") == "contract"
    assert data.kind_of(house, "snapshot") is None


# --- snapshots


def snapshot(n: int = 600, *, reason: bool = False) -> str:
    rng = np.random.default_rng(6)
    rows = ["customer id,plan,months,colour,churn" + (",churn reason" if reason else "")]
    for number in range(n):
        plan, months = rng.choice(["month", "year"]), int(rng.integers(1, 60))
        left = rng.random() < (0.5 if plan == "month" else 0.1) * (1.3 if months < 20 else 0.7)
        why = f",{rng.choice(['price', 'moved']) if left else ''}" if reason else ""
        rows.append(f"K{number:03d},{plan},{months},{rng.choice(['red', 'blue', 'green'])},{'yes' if left else 'no'}{why}")
    return "\n".join(rows)


def test_a_snapshot_is_judged_out_of_fold_and_lists_those_who_are_still_there(shop: Shop) -> None:
    house = shop(rows=snapshot())
    result = churn(house)
    assert result.verdict.key == "churn.verdict.snapshot.useful"
    stayed = house.value("select count(*) from outcomes where not churned")
    assert len(members(house, Params())) == stayed
    drivers = result.tables["drivers"].set_index("driver")
    assert drivers.index[0] == "plan" and drivers.loc["plan", "clear"]
    assert not drivers.loc["colour", "clear"]
    assert "profit" not in result.estimates and "churn.warnings.no_value" in [note.key for note in result.warnings]
    assert churn(house, customer_value=50.0).estimates["profit"].value > 0


def test_a_column_that_gives_the_answer_away_blocks_it_and_is_named(shop: Shop) -> None:
    house = shop(rows=snapshot(reason=True))
    result = churn(house)
    assert result.refused is not None and result.refused.key == "churn.refused.leak"
    assert result.estimates == {} and result.tables == {}
    assert result.refused.facts["columns"] == "churn reason"
    assert "churn reason" in Words("zh-CN").note(result.refused)
    assert churn(house, without="churn reason").refused is None


# --- what cannot be answered


def refusal(house: Warehouse, **params: Any) -> str:
    result = churn(house, **params)
    assert result.refused is not None
    assert Words("en").note(result.refused) and Words("zh-CN").note(result.refused)
    return result.refused.key


def test_data_that_cannot_tell_is_refused_with_what_is_missing(shop: Shop) -> None:
    few = shop(orders=orders(*((f"C{at}", back(7 * at), 5.0) for at in range(60))))
    assert refusal(few) == "churn.refused.few_customers"
    assert refusal(few, kind="contract") == "churn.refused.kind"


def test_refunds_alone_are_refused_as_such(shop: Shop) -> None:
    assert refusal(shop(orders=orders(*((f"C{at}", back(at), -5.0) for at in range(300))))) == "churn.refused.nothing.purchases"


def test_members_who_begin_after_the_last_day_known_are_refused_as_such(shop: Shop) -> None:
    rows = "customer id,enrolment date,cancellation date\n" + "\n".join(f"M{at},2190-01-{1 + at % 28:02d},2191-01-01" for at in range(200))
    assert refusal(shop(members=rows), kind="contract") == "churn.refused.nothing.contract"


def test_a_month_of_orders_is_too_short(shop: Shop) -> None:
    short = shop(orders=orders(*((f"C{at % 300}", back(at % 30), 5.0) for at in range(600))))
    assert refusal(short) == "churn.refused.short"


def test_where_everybody_comes_back_nobody_can_be_told_apart(shop: Shop) -> None:
    loyal = shop(orders=orders(*((f"C{at}", back(7 * week), 5.0) for at in range(150) for week in range(30))))
    assert refusal(loyal) == "churn.refused.few_events.purchases"


def test_a_snapshot_of_those_who_left_alone_is_refused(shop: Shop) -> None:
    rows = "customer id,plan,churn\n" + "\n".join(f"K{at},{'ab'[at % 2]},yes" for at in range(200))
    assert refusal(shop(rows=rows)) == "churn.refused.few_events.snapshot"


# --- the demo programme


def test_the_planted_drivers_of_the_demo_are_found_and_null_columns_are_not_named(demo_house: Warehouse) -> None:
    drivers = churn(demo_house).tables["drivers"].set_index("driver")
    assert drivers.loc["age", "clear"]  # YOUNG_DROPOUT
    assert not drivers.loc[["gender", "region"], "clear"].any()
    offices = churn(demo_house, kind="snapshot").tables["drivers"].set_index("driver")
    assert offices.loc["Late deliveries", "clear"]  # RENEWAL_LATE, RENEWAL_PRICE
    assert offices.loc["Price change", "clear"]
    assert not offices.loc["Invoice by", "clear"]


def test_without_the_planted_driver_age_is_not_named(cli: Cli, tmp_path: Path) -> None:
    make(tmp_path / "made", switches=Switches().but(without=["young_leave"]), customers=7_000, seed=5)
    cli("import", *(tmp_path / "made" / f"{name}.csv" for name in ("customers", "transactions")), "--workspace", "shop").done()
    drivers = churn(open_warehouse(Access(workspace="shop"))).tables["drivers"].set_index("driver")
    assert not drivers.loc[["age", "gender", "region"], "clear"].any()
