"""Cohorts of a shop small enough to count by hand, of real data recounted with pandas, and of worlds whose truth is known."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import studies
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.results import Result
from analytics.studies.base import Filters
from analytics.studies.cohorts import Params, retention_table
from analytics.studies.cohorts_figures import cohort_heat
from analytics.warehouse import Warehouse, open_warehouse
from data.programme.truth import BETTER_MONTHS
from tests.conftest import Cli
from tests.studies.conftest import Shop

START = date(2024, 1, 1)


def cohorts(house: Warehouse, **params: object) -> Result:
    return studies.answer(studies.CATALOGUE["cohorts"], house, Params(**params))


def value(result: Result, name: str) -> float:
    return result.estimates[name].value


def cell(table: pd.DataFrame, month: str, age: int) -> pd.Series:
    found = table[(table["cohort"] == f"{month}-01") & (table["age"] == age)]
    assert len(found) == 1
    return found.iloc[0]


def forty(*, ends: str = "2024-12-31") -> str:
    """Forty customers a month from April to July, ten of whom buy again 31 days later, in the shop; 30 regulars buy on each 2nd.

    First orders of 10.00 on the 10th, those of the last ten on the web; second ones of 20.00; a regular buys on the last day
    """
    rows = [f"R{i},2024-{month:02d}-02,1,shop" for i in range(1, 31) for month in range(1, 13)]
    for month in range(4, 8):
        day = date(2024, month, 10)
        rows += [f"N{month}-{i},{day},10,{'web' if i >= 30 else 'shop'}" for i in range(40)]
        rows += [f"N{month}-{i},{day + timedelta(days=31)},20,shop" for i in range(10)]
    kept = [row for row in [*rows, f"R1,{ends},1,shop"] if row.split(",")[1] <= ends]
    return "\n".join(["customer id,order date,amount,channel", *kept])


def test_forty_customers_a_month_are_followed_by_hand(shop: Shop) -> None:
    table = cohorts(shop(orders=forty())).tables["retention"]
    may = cell(table, "2024-05", 1)  # ten of forty came back on 10 June
    assert (may["customers"], may["active"], may["share"]) == (40, 10, 0.25)
    assert may["low"] < 0.25 < may["high"]
    assert may["money"] == 200
    assert may["money_per_customer"] == pytest.approx((40 * 10 + 10 * 20) / 40)
    assert cell(table, "2024-05", 2)["active"] == 0
    assert cell(table, "2024-05", 2)["money_per_customer"] == may["money_per_customer"]


def test_months_that_have_not_come_are_absent_and_those_not_over_are_marked(shop: Shop) -> None:
    table = cohorts(shop(orders=forty(ends="2024-09-12"))).tables["retention"]
    july = table[table["cohort"] == "2024-07-01"]
    assert july["age"].tolist() == [0, 1, 2]
    assert july["complete"].tolist() == [True, True, False]
    assert 2 not in set(table[table["complete"] & (table["cohort"] == "2024-07-01")]["age"])


def test_a_month_not_over_enters_no_estimate(shop: Shop) -> None:
    result = cohorts(shop(orders=forty(ends="2024-08-05")))
    # month 1 is over for April, May and June; July's ends on 31 August
    assert result.estimates["retention_1"].n == 120
    assert value(result, "retention_1") == pytest.approx(30 / 120)


def test_who_was_there_from_the_start_may_be_old_and_is_set_aside(shop: Shop) -> None:
    result = cohorts(shop(orders=forty()))
    table = result.tables["retention"]
    assert set(table.loc[table["truncated"], "cohort"]) == {pd.Timestamp("2024-01-01")}
    assert not cell(table, "2024-01", 1)["counted"]
    assert value(result, "customers") == 160
    assert "cohorts.warnings.truncated" in [note.key for note in result.warnings]
    assert value(result, "repeat_rate") == pytest.approx(0.25)
    assert value(result, "value_6") == pytest.approx(15)  # 10.00 each, and 20.00 of every fourth
    assert result.estimates["value_6"].n == 120  # July has not reached month 6


def test_known_starts_tell_old_customers_from_new(shop: Shop) -> None:
    joined = [f"R{i},2020-05-01" for i in range(1, 31)] + [f"N{m}-{i},2024-0{m}-10" for m in range(4, 8) for i in range(40)]
    people = "customer id,customer since\n" + "\n".join(joined)
    result = cohorts(shop(orders=forty(), people=people))
    assert "2024-01-01" not in set(result.tables["retention"]["cohort"].astype(str))
    assert not result.tables["retention"]["truncated"].any()
    assert [(note.key, note.facts) for note in result.warnings] == [("cohorts.warnings.old", {"n": 30})]


def test_data_that_starts_with_everyone_says_that_they_are_hardly_new(shop: Shop) -> None:
    rows = ["customer id,order date,amount"]
    rows += [f"C{i},{START + timedelta(days=i % 20 + 28 * k)},5" for i in range(200) for k in range(10)]
    rows += [f"L{i},2024-0{5 + i % 4}-03,5" for i in range(48)]
    result = cohorts(shop(orders="\n".join(rows)))
    assert result.verdict.key == "cohorts.verdict.start.old"
    assert result.verdict.facts["share"].value == pytest.approx(200 / 248)


def test_second_orders_within_the_window_count_only_who_was_observed_for_it(shop: Shop) -> None:
    house = shop(orders=forty(ends="2024-10-01"))
    # 83 days from 10 July to the end: July is not eligible for 90 days, but for 31
    assert cohorts(house).estimates["repeat_rate"].n == 120
    assert cohorts(house, repeat_days=31).estimates["repeat_rate"].n == 160
    assert value(cohorts(house, repeat_days=30), "repeat_rate") == 0


def test_the_wait_for_the_second_order_keeps_those_still_waiting(shop: Shop) -> None:
    result = cohorts(shop(orders=forty(ends="2024-08-05")))
    # at 31 days July's forty, seen for 26, are no longer at risk: 30 of 120 came back
    table = result.tables["second"]
    everyone = table[table["group"] == "all"].set_index("days")
    assert everyone.loc[30, "share"] == 0
    assert everyone.loc[35, "share"] == pytest.approx(30 / 120)
    assert "median_days_to_second" not in result.estimates


def test_the_median_wait_is_told_when_half_have_come_back(shop: Shop) -> None:
    rows = ["customer id,order date,amount", "Z,2024-01-01,1", "Z,2024-12-31,1"]
    for i in range(100):
        rows += [f"C{i},2024-05-01,1", f"C{i},{date(2024, 5, 1) + timedelta(days=1 + i)},1"]
    result = cohorts(shop(orders="\n".join(rows)), repeat_days=30)
    median = result.estimates["median_days_to_second"]
    assert median.value == 51  # fifty have come back by day 50, more than half by day 51
    assert median.low < 50 < median.high


def test_quarters_are_cohorts_of_three_months(shop: Shop) -> None:
    table = cohorts(shop(orders=forty()), grain="quarter").tables["retention"]
    assert set(table["grain"]) == {"quarter"}
    second = cell(table, "2024-04", 1)  # of April, May and June only June's ten came back in the third quarter
    assert (second["customers"], second["active"]) == (120, 10)


def test_the_period_chooses_cohorts_and_follows_them_beyond_it(shop: Shop) -> None:
    house = shop(orders=forty())
    table = cohorts(house, filters=Filters(period=("2024-05", "2024-05"))).tables["retention"]
    assert set(table["cohort"].astype(str)) == {"2024-05-01"}
    assert table["age"].max() == 7


def test_a_channel_is_that_of_the_first_order(shop: Shop) -> None:
    house = shop(orders=forty())
    table = cohorts(house, by="channel").tables["repeat"]
    found = table[table["dimension"] == "channel"].set_index("value")
    assert found["eligible"].to_dict() == {"shop": 120, "web": 40}
    assert found["returned"].to_dict() == {"shop": 40, "web": 0}
    assert found["standing"].to_dict() == {"shop": "better", "web": "worse"}
    web = cohorts(house, filters=Filters(channel=("web",)))
    assert (value(web, "customers"), value(web, "repeat_rate")) == (40, 0)


def test_without_money_customers_are_still_followed(shop: Shop) -> None:
    _head, *rows = forty().splitlines()
    plain = "\n".join(["customer id,order date,quantity", *(",".join([*row.split(",")[:2], "1"]) for row in rows)])
    result = cohorts(shop(orders=plain))
    assert "money_per_customer" not in result.tables["retention"]
    assert not {name for name in result.estimates if name.startswith(("value", "margin"))}
    assert "cohorts.warnings.no_money" in [note.key for note in result.warnings]


def test_data_of_months_is_told_in_months(shop: Shop) -> None:
    rows = ["customer id,order date,amount"]
    rows += [f"R{i},2024-{m:02d}-01,1" for i in range(30) for m in range(1, 13)]
    rows += [f"N{i},2024-{m:02d}-01,1" for i in range(40) for m in ((5, 5, 7) if i < 8 else (5, 5))]
    result = cohorts(shop(orders="\n".join(rows)), filters=Filters(period=("2024-05", "2024-05")))
    assert "cohorts.warnings.monthly" in [note.key for note in result.warnings]
    rate = result.estimates["repeat_rate"]  # two rows of May are one month of activity, not a return; eight came in July
    assert (rate.value, rate.n) == (pytest.approx(8 / 40), 40)


def test_too_few_new_customers_are_refused_with_the_reason(shop: Shop) -> None:
    people = "customer id,enrolment date\n" + "\n".join(f"R{i},2020-01-01" for i in range(1, 41))
    orders = "customer id,order date,amount\n" + "\n".join(f"R{i},2024-0{1 + i % 9}-02,1" for i in range(1, 41))
    refused = cohorts(shop(orders=orders, people=people)).refused
    assert refused is not None
    assert (refused.key, refused.facts["old"]) == ("cohorts.refused.all_old", 40)


def test_a_group_too_small_to_be_shown_is_not(shop: Shop) -> None:
    lone = forty() + "\n" + "\n".join(f"S{i},2024-08-10,1,shop" for i in range(4))
    table = cohorts(shop(orders=lone)).tables["retention"]
    assert "2024-08-01" not in set(table["cohort"].astype(str))


def test_a_heat_map_is_drawn_from_the_table_alone(shop: Shop) -> None:
    table = retention_table(shop(orders=forty()))
    for language in LANGUAGES:
        figure = cohort_heat(table, Words(language))
        drawn = figure.spec["data"][0]
        assert drawn["y"][0].endswith("*")  # January, from the start
        assert drawn["x"][0] == "1"
        assert drawn["z"][-1][-1] is None  # the youngest cohort has not reached the highest age


def world(better: frozenset[int], *, seed: int) -> str:
    """Twenty-four months of new customers who order each month with a chance that falls with age and swings with the season."""
    rng, rows = np.random.default_rng(seed), ["customer id,order date,amount"]
    for cohort in range(24):
        stay = 0.93 if cohort in better else 0.86
        for i in range(int(rng.integers(150, 220))):
            for age in range(24 - cohort):
                month = cohort + age
                season = 1 + 0.35 * np.sin(2 * np.pi * month / 12)
                if age == 0 or rng.random() < 0.45 * season * stay**age * (1.25 if cohort in better else 1):
                    rows.append(f"K{cohort}-{i},{2023 + month // 12}-{month % 12 + 1:02d}-{int(rng.integers(1, 29)):02d},1")
    return "\n".join([*rows, "K0-0,2024-12-31,1"])


def test_the_two_planted_better_cohorts_stand_out_and_the_season_does_not(shop: Shop) -> None:
    result = cohorts(shop(orders=world(frozenset({14, 15}), seed=5)))
    table = result.tables["cohorts"]
    assert set(table["basis"]) == {"season"}
    out = table[table["standing"] != "alike"]
    assert {"2024-03-01", "2024-04-01"} == set(out["cohort"].astype(str))
    assert set(out["standing"]) == {"better"}
    assert result.verdict.key == "cohorts.verdict.better.season.month"


def test_online_retail_is_what_pandas_counts(cli: Cli, shared_data: Path) -> None:
    raw = pd.read_parquet(shared_data / "online_retail.parquet")
    raw = raw.rename(columns={name: name.lower().replace(" ", "").replace("_", "") for name in raw.columns})
    customer, invoice, when = (next(name for name in raw if name.startswith(start)) for start in ("customer", "invoiceno", "invoicedate"))
    known = raw[raw[customer].notna()].assign(month=lambda x: pd.to_datetime(x[when]).dt.to_period("M"))
    sale = ~known[invoice].astype(str).str.startswith("C")
    first = known[sale].groupby(customer)["month"].min()
    earlier = known[~sale].groupby(customer)["month"].min().reindex(first.index)
    first = first[~(earlier < first)]  # a cancellation before the first sale: a customer of before
    sales = known[sale & known[customer].isin(first.index)]
    march = first[first == pd.Period("2011-03", "M")].index
    back = sales[sales[customer].isin(march) & (sales["month"] == pd.Period("2011-06", "M"))][customer].nunique()
    money = known[known[customer].isin(march) & (known["month"] <= pd.Period("2011-06", "M"))]
    result = cohorts(imported(cli, shared_data / "online_retail.parquet"))
    found = cell(result.tables["retention"], "2011-03", 3)
    assert (found["customers"], found["active"]) == (len(march), back)
    assert found["money_per_customer"] == pytest.approx((money["quantity"] * money["unitprice"]).sum() / len(march))
    assert not result.tables["retention"].query("cohort == '2011-03-01' and age == 9")["complete"].any()  # December ends on the 9th


def test_complete_journey_says_that_its_households_are_not_new(cli: Cli, complete_journey: Path) -> None:
    warehouse = imported(cli, complete_journey)
    result = cohorts(warehouse)
    assert result.verdict.key == "cohorts.verdict.start.old"
    assert value(result, "customers") == 2469
    assert cohorts(warehouse, repeat_days=7).verdict.key == "cohorts.verdict.start.old"  # whatever the window


def test_cdnow_is_followed_as_it_was_selected(cli: Cli, cdnow: Path) -> None:
    result = cohorts(imported(cli, cdnow))
    table = result.tables["retention"]
    assert sorted(set(table["cohort"].astype(str))) == ["1997-01-01", "1997-02-01", "1997-03-01"]
    assert value(result, "customers") == 23570
    assert result.verdict.key == "cohorts.verdict.start.unclear"


def imported(cli: Cli, path: Path) -> Warehouse:
    cli("import", path, "--workspace", "shop").done()
    return open_warehouse(Access(workspace="shop"))


def test_the_welcome_programme_planted_in_the_demo_is_found_and_nothing_else(demo_house: Warehouse) -> None:
    table = cohorts(demo_house).tables["cohorts"]
    out = table[table["standing"] != "alike"]
    assert [(day.year, day.month) for day in out["cohort"]] == list(BETTER_MONTHS)
    assert set(out["standing"]) == {"better"}


def test_a_known_wait_is_told_although_nobody_was_observed_for_the_whole_window(shop: Shop) -> None:
    """Half a year of data and a window of a year: all forty newcomers of April came back after 20 days. No rate, but a wait."""
    people = "customer id,customer since\n" + "\n".join([f"R{i},2020-01-01" for i in range(30)] + [f"N{i},2024-04-10" for i in range(40)])
    rows = [f"R{i},2024-{month:02d}-02,5" for i in range(30) for month in range(1, 7)]
    rows += [f"N{i},2024-{day},9" for i in range(40) for day in ("04-10", "04-30")] + ["R1,2024-06-30,5"]
    result = cohorts(shop(people=people, orders="\n".join(["customer id,order date,amount", *rows])), repeat_days=365, grain="quarter")
    assert "repeat_rate" not in result.estimates
    assert value(result, "median_days_to_second") == 20
    assert result.verdict.key == "cohorts.verdict.median"
    assert "20 days" in Words("en").note(result.verdict)
