"""Stages of customers whose silence, rhythm and return are worked out by hand; deals counted by hand; what cannot be told is refused."""

import json
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analytics import jobs, studies
from analytics.access import Access
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.results import Result
from analytics.studies.base import Filters
from analytics.studies.lifecycle import ORDER, Params, hasty, members, parts
from analytics.warehouse import Warehouse, open_warehouse
from data.programme import truth
from data.programme.words import ENGLISH
from tests.conftest import Cli
from tests.intake import makers
from tests.studies.conftest import Shop

BEGAN, END = date(2024, 1, 1), date(2024, 12, 30)  # the last day with an order is that of G


def every(gap: int, *, first: date = BEGAN, until: date = END) -> list[date]:
    return [first + timedelta(days=day) for day in range(0, (until - first).days + 1, gap)]


# thirty regulars come every thirty days, so the typical gap is 30 days at every month end from February on
REGULARS = {f"R{number:02d}": every(30) for number in range(30)}
# silent since 1 September: 120 days. Ten orders over 244 days: rhythm (244 + 30) / 10 = 27.4 days, so 4.4 rhythms
DORMANT = [*every(30, until=date(2024, 8, 28)), date(2024, 9, 1)]
# weekly until 9 December, 50 orders over 343 days: rhythm (343 + 30) / 50 = 7.46 days; 21 days of silence are 2.8 rhythms
SLIPPING = every(7, until=date(2024, 12, 9))
# weekly until 26 August, 35 orders over 238 days: rhythm 268 / 35 = 7.66; silent for 126 days, 16.5 rhythms
LOST = every(7, until=date(2024, 8, 27))
# seven orders until 29 June, then nothing until 20 December: at the end of November 154 days, 5.1 rhythms; back since
WON_BACK = [*every(30, until=date(2024, 7, 24)), date(2024, 12, 20)]
NEW = [date(2024, 12, 1)]
# a day a month until September, then every third day: 31 days in three months against 9 in the nine before
GROWING = [*every(30, until=date(2024, 9, 27)), *every(3, first=date(2024, 10, 1))]
CAST = {"D": DORMANT, "S": SLIPPING, "L": LOST, "W": WON_BACK, "N": NEW, "G": GROWING}


def sales(people: dict[str, list[date]], *, amount: bool = True) -> str:
    rows = ["order id,customer id,order date" + (",amount" if amount else "")]
    rows += [f"{who}-{at},{who},{day}" + (",10.00" if amount else "") for who, days in people.items() for at, day in enumerate(days)]
    return "\n".join(rows)


def lifecycle(house: Warehouse, **params: object) -> Result:
    return studies.answer(studies.CATALOGUE["lifecycle"], house, Params(**params))


def stage_of(house: Warehouse, **params: object) -> dict[str, str]:
    found = members(house, Params(**params))
    return dict(zip(found["customer_id"], found["stage"], strict=True))


@pytest.fixture
def house(shop: Shop) -> Warehouse:
    return shop(orders=sales(REGULARS | CAST))


def test_each_customer_stands_where_silence_and_own_rhythm_put_it(house: Warehouse) -> None:
    found = stage_of(house)
    told = {who: found[who] for who in CAST}
    assert told == {"D": "dormant", "S": "slipping", "L": "lost", "W": "won_back", "N": "new", "G": "growing"}
    assert {found[who] for who in REGULARS} == {"active"}


def test_rhythm_is_the_mean_of_the_own_gaps_and_one_typical_gap(house: Warehouse) -> None:
    found = members(house, Params()).set_index("customer_id")
    assert found.loc["S", ["order_days", "silent_days", "rhythm_days", "silence"]].tolist() == [50, 21, 7.5, 2.82]
    assert found.loc["D", ["order_days", "silent_days", "rhythm_days", "silence"]].tolist() == [10, 120, 27.4, 4.38]
    assert found.loc["N", "rhythm_days"] == 30  # one order: the typical gap


def test_the_thresholds_are_multiples_that_can_be_set(house: Warehouse) -> None:
    assert stage_of(house, slipping=2.9)["S"] == "active"
    assert stage_of(house, dormant=2.5)["S"] == "dormant"
    assert stage_of(house, lost=4.0)["D"] == "lost"
    assert stage_of(house, new_days=20)["N"] == "active"
    with pytest.raises(UserError):
        lifecycle(house, slipping=4.0)


def test_a_month_end_knows_nothing_of_what_came_later(shop: Shop) -> None:
    once = {"O": [date(2024, 5, 20)]}  # 103 days silent at the end of August: 3.4 typical gaps of 30 days, 34 of 3
    later = {f"T{number}": every(3, first=date(2024, 10, 1)) for number in range(100)}  # they make the typical gap 3 days, later
    whole = lifecycle(shop(orders=sales(REGULARS | CAST | once | later))).tables["months"]
    jobs.change_settings("shop", {"as_of": "2024-09-30"})
    past = lifecycle(open_warehouse(Access(workspace="shop"))).tables["months"]

    def at(table: pd.DataFrame) -> dict[str, int]:
        rows = table[table["month"] == pd.Timestamp("2024-08-01")]
        return dict(zip(rows["stage"], rows["customers"], strict=True))

    assert at(whole) == at(past) != {}


def test_who_cancelled_is_lost_until_the_next_order(shop: Shop) -> None:
    people = "member id,tier,cancellation date\nR00,Gold,2024-12-30\nR01,Gold,2024-06-01\n"
    found = stage_of(shop(orders=sales(REGULARS | CAST), members=people))
    assert (found["R00"], found["R01"]) == ("lost", "active")  # R01 cancelled and went on ordering


def test_who_was_known_before_the_data_begins_is_not_new(shop: Shop) -> None:
    people = "member id,tier,enrolment date\nN,Gold,2019-05-05\n"
    assert stage_of(shop(orders=sales(REGULARS | CAST), members=people))["N"] == "active"


def test_stages_hold_every_customer_and_all_money_of_twelve_months_once(house: Warehouse) -> None:
    table = lifecycle(house).tables["stages"].set_index("stage")
    assert list(table.index) == list(ORDER)
    assert table["customers"].sum() == 36
    assert table["share"].sum() == pytest.approx(1)
    assert table["money"].sum() == 10 * sum(len(days) for days in (REGULARS | CAST).values())
    assert table.loc["slipping", "money"] == 500
    assert table.loc["slipping", "low"] < 1 / 36 < table.loc["slipping", "high"]


def test_money_at_risk_is_that_of_slipping_and_dormant_customers(house: Warehouse) -> None:
    found = lifecycle(house).estimates
    assert (found["money_at_risk"].value, found["money_at_risk"].n, found["money_at_risk"].level) == (500 + 100, 2, 1.0)
    assert (found["slipping_share"].value, found["slipping_share"].n) == (pytest.approx(1 / 35), 35)  # L is lost


def test_transitions_add_up_by_row_and_lead_from_one_month_end_to_the_next(house: Warehouse) -> None:
    moves = lifecycle(house).tables["transitions"]
    assert moves.groupby("from")["share"].sum().tolist() == pytest.approx([1.0] * moves["from"].nunique())
    ways = {(row["from"], row["to"]): row["n"] for _, row in moves[moves["n"] > 0].iterrows()}
    assert ways["dormant", "won_back"] == 1  # W
    assert moves["n"].sum() == 35  # N was no customer at the end of November
    assert (moves["start"].iloc[0], moves["end"].iloc[0]) == (pd.Timestamp("2024-11-30"), pd.Timestamp("2024-12-31"))
    assert lifecycle(house, step=3).tables["transitions"]["start"].iloc[0] == pd.Timestamp("2024-09-30")


def test_the_first_weeks_in_which_everybody_looks_new_are_not_shown(house: Warehouse) -> None:
    months = lifecycle(house).tables["months"]
    assert months["month"].min() == pd.Timestamp("2024-03-01")  # 90 days after 1 January
    assert months.groupby("month")["share"].sum().tolist() == pytest.approx([1.0] * 10)


def test_second_orders_are_told_of_months_seen_in_full(shop: Shop) -> None:
    once = {f"J{number}": [date(2024, 6, 10)] for number in range(3)} | {"J3": [date(2024, 6, 10), date(2024, 8, 1)]}
    late = {"O1": [date(2024, 10, 20), date(2024, 10, 25)]}
    newest = lifecycle(shop(orders=sales(REGULARS | once | late))).tables["newest"].set_index("month")
    assert newest.loc["2024-06-01", ["customers", "eligible", "second"]].tolist() == [4, 4, 1]
    assert pd.Timestamp("2024-10-01") not in newest.index  # 31 October and 90 days is after the end of the data
    assert newest.index.min() >= pd.Timestamp("2024-04-01")  # whoever comes in the first 90 days of the data may be an old customer


def test_some_silence_is_called_chance(house: Warehouse) -> None:
    """Exponential gaps: e^-1.5 - e^-3 = .2231 - .0498 = .1733 of everybody, .1738 of those not beyond six (e^-6 = .0025)."""
    (note,) = [note for note in lifecycle(house).warnings if note.key == "lifecycle.warnings.chance"]
    assert Words("en").note(note).startswith("Some silence is chance: of customers who order at random at a steady pace, 17.4%")


def test_two_channels_on_one_day_are_one_day_with_an_order(shop: Shop) -> None:
    rows = [f"{who}-{at}-{channel},{who},{day},5,{channel}" for who in REGULARS for at, day in enumerate(every(30)) for channel in "ab"]
    found = members(shop(orders="order id,customer id,order date,amount,channel\n" + "\n".join(rows)), Params())
    assert found["order_days"].unique().tolist() == [13]


def test_without_amounts_stages_are_told_by_customers(shop: Shop) -> None:
    result = lifecycle(shop(orders=sales(REGULARS | CAST, amount=False)))
    assert "money" not in result.tables["stages"]
    assert "money_at_risk" not in result.estimates
    assert result.verdict.key == "lifecycle.verdict.count"
    assert [note.key for note in result.warnings] == ["lifecycle.warnings.chance", "lifecycle.warnings.no_money"]


def test_data_that_knows_months_only_counts_silence_from_month_to_month(shop: Shop) -> None:
    months = [date(2024, month, 1) for month in range(1, 13)]
    people = {f"R{number:02d}": months for number in range(30)} | {"S": months[:10]}
    house = shop(orders=sales(people))
    assert "lifecycle.warnings.monthly" in [note.key for note in lifecycle(house).warnings]
    found = members(house, Params()).set_index("customer_id")
    assert found.loc["R00", ["silent_days", "stage"]].tolist() == [0, "active"]
    assert found.loc["S", ["silent_days", "stage"]].tolist() == [61, "slipping"]


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        ({"A": every(30)}, "few_customers"),
        ({f"C{number}": [date(2024, 1, 1 + number % 28)] for number in range(40)}, "no_return"),
        ({f"C{number}": [date(2024, 1, 1), date(2024, 2, 10)] for number in range(40)}, "short"),
    ],
)
def test_what_cannot_be_told_is_refused_with_what_to_load(people: dict[str, list[date]], reason: str, shop: Shop) -> None:
    result = lifecycle(shop(orders=sales(people)))
    assert result.refused is not None
    assert result.refused.key == f"lifecycle.refused.{reason}"
    assert result.estimates == {}
    for language in LANGUAGES:
        assert Words(language).note(result.refused)


def test_the_answer_lists_as_many_slipping_customers_as_asked(house: Warehouse) -> None:
    assert lifecycle(house).tables["customers"]["customer_id"].tolist() == ["S"]
    assert "customers" not in lifecycle(house, list_size=0).tables
    assert len(members(house, Params())) == 36


def test_a_filter_or_a_period_asks_about_a_part(shop: Shop) -> None:
    people = "member id,region\n" + "\n".join(f"R{number:02d},North" for number in range(30)) + "\nD,South\nS,South\n"
    house = shop(orders=sales(REGULARS | CAST), members=people)
    north = lifecycle(house, filters=Filters(region=("North",)))
    assert north.estimates["active_share"].n == 30
    autumn = lifecycle(house, filters=Filters(period=("2024-06", "2024-10")))
    assert autumn.estimates["active_share"].n == 34  # N has not come yet, L is lost
    assert autumn.tables["months"]["month"].agg(["min", "max"]).tolist() == [pd.Timestamp("2024-06-01"), pd.Timestamp("2024-10-01")]


def test_deals_of_a_crm_alone_give_win_rate_cycle_and_open_deals(cli: Cli, home: Path, tmp_path: Path) -> None:
    # opened on 7 October 2024; won on 14 March, 2 April, 5 May, 30 June 2025: after 158, 177, 210, 266 days; one lost, one open
    cli("import", makers.zoho_deals(tmp_path), "--workspace", "shop").done()
    result = lifecycle(open_warehouse(Access(workspace="shop")))
    rate, cycle = result.estimates["win_rate"], result.estimates["sales_cycle_days"]
    assert (rate.value, rate.n) == (0.8, 5)
    assert (cycle.value, cycle.low, cycle.high, cycle.n, cycle.level) == (193.5, 158, 266, 4, 0.875)
    assert result.estimates["open_deals"].value == 1
    assert result.verdict.key == "lifecycle.verdict.deals"
    assert list(parts(result)) == ["deals"]


DEALS = """
customer id,deal id,created time,closing date,stage,deal amount
A,1,2025-01-01,2025-03-01,Closed Lost,100
B,2,2025-02-01,2025-09-01,Negotiation,200
C,3,2025-02-01,,输单,50
"""
WON = """
order id,customer id,order date,amount,deal opened at
11,A,2025-01-31,10,2025-01-01
12,A,2025-04-10,10,2025-04-01
13,B,2025-05-01,10,2025-06-01
"""


def test_open_deals_are_never_counted_as_lost_and_late_entries_have_no_cycle(shop: Shop) -> None:
    result = lifecycle(shop(orders=WON, opportunities=DEALS))
    row = result.tables["deals"].iloc[0]
    assert row[["won", "lost", "open"]].tolist() == [3, 1, 1]
    assert result.estimates["win_rate"].value == 0.75
    assert "sales_cycle_days" not in result.estimates  # two are left: 30 and 9 days
    told = {note.key: note.facts.get("n") for note in result.warnings}
    assert told["lifecycle.warnings.entered_late"] == 1
    assert told["lifecycle.warnings.undated"] == 1


def test_open_and_lost_deals_alone_give_no_win_rate_and_say_what_is_missing(shop: Shop) -> None:
    result = lifecycle(shop(opportunities=DEALS))
    assert "win_rate" not in result.estimates
    assert result.estimates["open_deals"].value == 1
    assert "lifecycle.warnings.no_won" in [note.key for note in result.warnings]


def test_win_rates_by_industry_leave_small_groups_out(shop: Shop) -> None:
    firms = "customer id,industry\n" + "\n".join(f"F{n},{'Retail' if n < 10 else 'Energy' if n < 20 else 'Rare'}" for n in range(22))
    sold = [f"w{n},F{n},2025-03-{n + 1:02d},10,2025-02-01" for n in range(12)]
    gone = [f"F{n},l{n},2025-01-01,2025-03-01,Closed Lost" for n in range(8, 22)]
    won = "\n".join(["order id,customer id,order date,amount,deal opened at", *sold])
    lost = "\n".join(["customer id,deal id,created time,closing date,stage", *gone])
    table = lifecycle(shop(orders=won, opportunities=lost, customers=firms)).tables["deals"]
    industry = table[table["dimension"] == "industry"].set_index("value")
    assert industry[["won", "lost"]].to_dict("index") == {"Energy": {"won": 2, "lost": 10}, "Retail": {"won": 10, "lost": 2}}
    assert industry.loc["Retail", "win_rate"] == pytest.approx(10 / 12)
    assert industry.loc["Retail", "low"] > industry.loc["Energy", "high"]


def test_the_channel_that_slowed_down_in_the_demo_programme_stands_out(demo_house: Warehouse) -> None:
    source = ENGLISH.sources[truth.SLIPPING_SOURCE]
    groups = lifecycle(demo_house).tables["groups"].set_index(["dimension", "value"])
    slowed, others = groups.loc[("acquisition_channel", source)], groups.loc["acquisition_channel"].drop(index=source)
    assert slowed["clear"]
    assert slowed["low"] > others["high"].max()
    before = lifecycle(demo_house, filters=Filters(period=("2025-01", "2026-05"))).tables["groups"].set_index(["dimension", "value"])
    assert before.loc[("acquisition_channel", source), "difference"] < slowed["difference"] / 3  # it slows down on 1 June 2026


def test_win_rates_and_cycles_of_the_demo_programme_are_those_it_was_made_with(demo_house: Warehouse) -> None:
    deals = lifecycle(demo_house).tables["deals"]
    found = deals[deals["dimension"] == "industry"].set_index("value")
    made = dict(zip(ENGLISH.industries, zip(truth.WIN_RATE, truth.CYCLE_DAYS, strict=True), strict=True))
    told = [found.loc[name, "low"] <= rate <= found.loc[name, "high"] for name, (rate, _) in made.items()]
    assert sum(told) >= len(made) - 1  # 95 % intervals
    order = sorted(made, key=lambda name: made[name][1])
    assert found.loc[order[0], "cycle_high"] < found.loc[order[-1], "cycle_low"]


def test_the_answer_is_drawn_and_travels_in_both_languages(shop: Shop) -> None:
    result = lifecycle(shop(orders=sales(REGULARS | CAST | {"T": every(30, first=date(2024, 5, 1))}), opportunities=DEALS))
    assert list(parts(result)) == ["stages", "deals"]
    for language in LANGUAGES:
        words = Words(language, "EUR")
        drawn = [figure.key for figure in studies.CATALOGUE["lifecycle"].figures(result, words)]
        assert drawn == ["stages", "months", "transitions", "newest", "outcomes"]
        json.dumps(studies.result_json(result, words, params=Params()), allow_nan=False)


def test_one_cdnow_customer_by_hand(cli: Cli, cdnow: Path) -> None:
    # 00003: last of six days with an order on 28 May 1998, 33 days before the end; first on 2 January 1997, 511 days before that
    cli("import", cdnow, "--workspace", "shop").done()
    house = open_warehouse(Access(workspace="shop"))
    typical = float(house.frame("select typical_days from typical_rhythm order by month")["typical_days"].iloc[-1])
    raw = pd.read_csv(cdnow, sep=r"\s+", skiprows=1, names=["id", "date", "cds", "value"], dtype={"id": str})
    days = pd.to_datetime(raw["date"].astype(str)).groupby(raw["id"]).agg(["min", "max", "nunique"])
    several = days[days["nunique"] > 1]
    gaps = (several["max"] - several["min"]).dt.days / (several["nunique"] - 1)
    assert typical == pytest.approx(gaps.median())
    row = members(house, Params()).set_index("customer_id").loc["00003"]
    assert row["silence"] == pytest.approx(33 / ((511 + typical) / 6), abs=0.01)
    assert row["stage"] == "active"


def test_lost_customers_who_keep_coming_back_are_said_to_be_called_lost_too_early() -> None:
    days = {"start": pd.Timestamp("2024-01-31"), "end": pd.Timestamp("2024-02-29")}
    moves = pd.DataFrame({"from": ["lost", "lost"], "to": ["lost", "won_back"], "n": [70, 30], **days})
    (note,) = hasty(moves, 1)
    assert (note.key, note.facts["share"].value) == ("lifecycle.warnings.hasty", 0.3)
    assert hasty(moves.assign(n=[97, 3]), 1) == []
    assert hasty(moves, 12) == []  # in a year many come back
