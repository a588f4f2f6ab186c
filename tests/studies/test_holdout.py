"""The next test by lot, sized by hand on eighty customers: who can be drawn, what it shows, its list there and back, running tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from math import sqrt
from pathlib import Path

import pandas as pd
import pytest

from analytics import assign, jobs, store
from analytics.__main__ import main
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.reports.tables import csv_bytes
from analytics.results import Estimate, Unit
from analytics.studies import holdout, holdout_plan
from analytics.studies.holdout import Params
from analytics.studies.holdout_data import as_file
from analytics.warehouse import Warehouse

Shop = Callable[..., Warehouse]

# two whole months; half of the customers bring 10 and half 30, and the first month says nothing of the second
EIGHTY = "customer id,order id,date,amount\n" + "\n".join(
    f"C{i:02d},{i}-{month},2025-0{month}-{day},{30 if i >> (month - 1) & 1 else 10}"
    for i in range(80)
    for month, day in ((1, "01" if i % 4 == 0 else "20"), (2, "03" if i == 7 else "28"))
)
SD = 10 * sqrt(80 / 79)
HALF = Params(share=0.5, months=1, effect=7.0)


@pytest.fixture
def shop(home: Path, write: Callable[..., Path]) -> Shop:
    """`shop(orders="...csv...", people="...csv...")` imports the files, in this process, and opens the warehouse over them."""

    def load(**files: str) -> Warehouse:
        paths = [str(write(f"{name}.csv", text.strip() + "\n")) for name, text in files.items()]
        jobs._load({"workspace": "shop", "paths": paths, "answers": {}})
        return open_current(Access(workspace="shop"))

    return load


def test_what_a_test_shows_follows_from_the_spread_of_the_past(shop: Shop) -> None:
    result = holdout.run(shop(orders=EIGHTY), HALF)
    told = result.estimates
    assert result.refused is None
    assert result.verdict.key == "holdout.verdict.enough"
    assert told["eligible"].value == 80
    assert told["detectable"].value == pytest.approx((1.95996 + 0.84162) * SD * 2 / sqrt(80), rel=1e-4)  # 6.31
    assert told["needed"].value == 65  # (2.80158 x 10.0631 x 2 / 7) squared is 64.9, of both arms
    assert 0.85 < told["power"].value < 0.9
    (row,) = result.tables["durations"].query("months == 1").to_dict("records")
    assert (row["mean"], row["sd"], row["explained"], row["measured"]) == (20.0, pytest.approx(SD), pytest.approx(0, abs=1e-9), True)
    assert not result.tables["durations"].query("months > 1")["measured"].any()  # two months are one window and the one before it
    assert set(result.tables["design"]["measure"]) == {"net_sales"}


def test_the_list_holds_everybody_once_in_arms_of_the_share_asked_for(shop: Shop) -> None:
    house = shop(orders=EIGHTY)
    rows = holdout.members(house, replace(HALF, share=0.25))
    assert sorted(rows["customer_id"]) == [f"C{i:02d}" for i in range(80)]
    assert rows["arm"].value_counts().to_dict() == {"treatment": 60, "control": 20}
    days = {name: set(rows[name].dt.date.astype(str)) for name in ("assigned_at", "starts_on", "ends_on")}
    assert days == {"assigned_at": {"2025-02-28"}, "starts_on": {"2025-03-01"}, "ends_on": {"2025-03-31"}}
    assert set(rows["experiment_id"]) == {"programme-2025-03-01"}
    assert rows.equals(holdout.members(house, replace(HALF, share=0.25)))
    assert not rows["arm"].equals(holdout.members(house, replace(HALF, share=0.25, seed=2))["arm"])
    assert len(holdout.run(house, replace(HALF, list_size=7)).tables["customers"]) == 7
    later = holdout.members(house, replace(HALF, plan="campaign", starts_on="2025-05-15"))
    assert set(later["experiment_id"]) == {"campaign-2025-05-15"}
    assert set(later["ends_on"].dt.date.astype(str)) == {"2025-06-14"}


def test_who_can_be_drawn_hangs_on_the_plan_and_on_the_last_purchase(shop: Shop) -> None:
    people = "customer id,enrolment date,region\n" + "".join(
        f"C{i:02d},{'2025-01-05' if i < 10 else ''},{'North' if i % 2 else 'South'}\n" for i in range(80)
    )
    house = shop(orders=EIGHTY, people=people)

    def drawn(**asked: object) -> set[str]:
        return set(holdout.members(house, replace(HALF, **asked))["customer_id"])  # type: ignore[arg-type]

    everyone = {f"C{i:02d}" for i in range(80)}
    members = {f"C{i:02d}" for i in range(10)}
    assert drawn() == everyone - members  # a programme is withheld from those who could still join
    assert drawn(plan="campaign") == everyone
    assert drawn(plan="campaign", active_days=20) == everyone - {"C07"}  # whose last purchase was on the 3rd
    assert holdout.run(house, replace(HALF, who="members")).refused is not None  # ten are no test


def test_customers_of_a_running_test_are_left_out_and_it_is_said(shop: Shop) -> None:
    other = "experiment id,customer id,arm,starts on,ends on\n" + "".join(
        f"spring,C{i:02d},{'control' if i % 2 else 'treatment'},2025-02-01,{'2025-04-30' if i < 15 else '2025-02-20'}\n" for i in range(20)
    )
    house = shop(orders=EIGHTY, tests=other)
    result = holdout.run(house, HALF)
    assert result.estimates["eligible"].value == 65
    (note,) = [note for note in result.warnings if note.key == "holdout.warnings.running.leave_out"]
    assert (note.facts["n"], note.facts["tests"]) == (15, "spring")
    kept = holdout.run(house, replace(HALF, running="keep"))
    assert kept.estimates["eligible"].value == 80
    assert "holdout.warnings.running.keep" in [note.key for note in kept.warnings]
    assert holdout.run(house, replace(HALF, starts_on="2025-05-01")).estimates["eligible"].value == 80  # it is over by then


def test_a_test_that_no_size_of_the_data_can_carry_is_refused_with_what_it_would_show(shop: Shop) -> None:
    house = shop(orders=EIGHTY)
    refused = holdout.run(house, replace(HALF, effect=6.0)).refused
    assert refused is not None and refused.key == "holdout.refused.too_small.money"
    assert refused.facts["n"] == 80
    assert refused.facts["least"].value == pytest.approx(6.31, abs=0.01)  # type: ignore[attr-defined]
    assert holdout.members(house, replace(HALF, effect=6.0)).empty
    for language in LANGUAGES:
        assert "80" in Words(language, "EUR").note(refused)


def test_what_withholding_costs_is_reckoned_only_once_an_effect_is_known(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    house = shop(orders=EIGHTY)
    unknown = holdout.run(house, HALF)
    assert "foregone" not in unknown.estimates
    (note,) = [note for note in unknown.warnings if note.key == "holdout.warnings.foregone"]
    assert note.facts["money"].value == 40 * 7.0  # type: ignore[attr-defined]  # an assumption, and said to be one
    effect = Estimate(value=2.0, low=1.0, high=3.0, n=500, unit=Unit.MONEY)
    monkeypatch.setattr(holdout_plan, "_known_effect", lambda warehouse: effect)
    known = holdout.run(house, HALF)
    assert (known.estimates["foregone"].value, known.estimates["foregone"].low, known.estimates["foregone"].high) == (80, 40, 120)
    (row,) = known.tables["shares"].query("share == 0.2").to_dict("records")
    assert (row["withheld"], row["foregone"]) == (16, 32)
    for language in LANGUAGES:
        assert "foregone" in {figure.key for figure in holdout.STUDY.figures(known, Words(language, "EUR"))}
    campaign = holdout.run(house, replace(HALF, plan="campaign"))
    assert "foregone" not in campaign.estimates  # the programme's effect says nothing of a campaign's


def test_one_month_is_no_window_and_the_one_before_it(shop: Shop) -> None:
    january = "\n".join(line for line in EIGHTY.splitlines() if "2025-02" not in line)
    assert holdout.run(shop(orders=january), HALF).refused == holdout.Note(key="holdout.refused.short")


def test_without_amounts_the_test_is_sized_on_who_buys(shop: Shop) -> None:
    bought = "customer id,order date,quantity\n" + "\n".join(
        f"C{i:02d},2025-0{month}-{day},1"
        for i in range(80)
        for month, day in ((1, "01"), (2, "01" if i % 5 else "28"))
        if not (month == 2 and i % 4 == 0 and i != 0)
    )
    result = holdout.run(shop(orders=bought), replace(HALF, effect=0.5, active_days=60))
    (row,) = result.tables["durations"].query("months == 1").to_dict("records")
    assert row["mean"] == pytest.approx(61 / 80)  # nineteen did not come back in the second month
    assert "holdout.warnings.no_money" in [note.key for note in result.warnings]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_downloaded_list_is_read_back_without_a_hand_on_the_mapping(language: str, shop: Shop, write: Callable[..., Path]) -> None:
    rows = holdout.members(shop(orders=EIGHTY), HALF)
    path = write("list.csv", csv_bytes(as_file(rows, language)))
    report = jobs._load({"workspace": "shop", "paths": [str(path)], "answers": {}})["report"]["files"][0]
    assert (report["table"], report["rows_loaded"], report["rows_rejected"]) == ("experiments", 80, 0)
    held = open_current(Access(workspace="shop")).frame("select * from experiments order by customer_id")
    assert held["customer_id"].tolist() == rows["customer_id"].tolist()
    assert held["arm"].tolist() == rows["arm"].tolist()
    assert set(held["ends_on"].dt.date.astype(str)) == {"2025-03-31"}


def test_the_terminal_keeps_what_the_study_only_shows(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--workspace", "shop", "--json", *(word for name in ("share=0.5", "months=1", "effect=7") for word in ("--set", name))]
    shop(orders=EIGHTY)
    capsys.readouterr()
    assert main(["run", "holdout", *asked]) == 0
    assert json.loads(capsys.readouterr().out)["tables"]["design"][0]["experiment_id"] == "programme-2025-03-01"
    assert "experiments" not in store.current("shop").tables
    assert main(["assign", *asked]) == 0
    kept = json.loads(capsys.readouterr().out)
    assert kept["experiment_id"] == "programme-2025-03-01"
    assert kept["tables"]["experiments"] == {"rows": 80, "customers": 80, "experiments": 1}
    assert main(["assign", *asked]) == 2  # everybody stands in the first one
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    second = holdout.run(open_current(Access(workspace="shop")), replace(HALF, running="keep"))
    assert second.tables["design"]["experiment_id"].item() == "programme-2025-03-01-2"
    assert main(["run", "holdout", *asked, "--set", "starts_on=soon"]) == 2


def test_the_assignment_of_a_demo_leaves_it_a_demo(shop: Shop, home: Path) -> None:
    shop(orders=EIGHTY)
    version = store.current("shop")
    store.record("shop", replace(version, demo="en", truth={"realised": {}}))
    name, report = assign.keep("shop", HALF)
    now = store.current("shop")
    assert (now.demo, now.truth, now.summary["transactions"]["rows"]) == ("en", {"realised": {}}, 160)
    assert report.version == now.number == version.number + 1
    assert name == "programme-2025-03-01"


def test_the_design_of_the_demo_is_drawn_alike_and_worded(demo_house: Warehouse) -> None:
    result = holdout.run(demo_house, Params(share=0.5, months=9))
    assert result.verdict.key == "holdout.verdict.enough"
    assert result.tables["balance"]["difference"].abs().max() < 0.1
    durations = result.tables["durations"]
    assert durations["measured"].all()
    assert pd.Series(durations["detectable"]).is_monotonic_decreasing
    assert durations["explained"].iloc[-1] > 0.2
    for language in LANGUAGES:
        figures = holdout.STUDY.figures(result, Words(language, "GBP"))
        assert {figure.key for figure in figures} >= {"durations", "shares", "balance"}
