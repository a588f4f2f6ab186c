"""The seven readings over whole programmes: what was planted is found, what was not is not, what is not on file is not measured."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import jobs, studies
from analytics.access import Access
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.models.fairness import rate_apart
from analytics.results import Note, Result
from analytics.studies.fairness import STUDY, Params, parts, told
from analytics.studies.fairness_figures import draw
from analytics.studies.fairness_fit import compared
from analytics.studies.fairness_lenses import Lens
from analytics.warehouse import Warehouse
from data.programme import truth
from tests.studies.conftest import Shop
from tests.studies.fair_worlds import programme

READINGS = ["proportionality", "conditional", "opportunity", "service", "inequality", "envy", "model"]


@pytest.fixture(scope="module")
def unfair(made_once: Callable[[str, Callable[[], object]], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose programme lets one region wait 1.7 times as long."""
    files = tmp_path_factory.mktemp("unfair")

    def fill() -> None:
        for name, text in programme(5, slow=1.7).items():
            (files / f"{name}.csv").write_text(text)
        jobs._load({"workspace": "w", "paths": [str(path) for path in sorted(files.glob("*.csv"))], "answers": {}})

    return made_once("unfair", fill)


@pytest.fixture
def slow_east(unfair: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("LOYALTY_HOME", str(unfair))
    return open_current(Access(workspace="w"))


def flagged(result: Result) -> pd.DataFrame:
    gaps = result.tables["gaps"]
    return gaps[gaps["flagged"]]


def test_a_region_that_waits_longer_is_found_and_nothing_else(slow_east: Warehouse) -> None:
    result = studies.answer(STUDY, slow_east, Params(group="region"))
    found = flagged(result)
    assert set(found["measure"]) == {"answer_hours"}
    assert set(found["group"]) == {"East"}
    assert all(found["low"] < 0.7) and all(found["high"] > 0.7)
    assert (result.verdict.key, result.estimates["flagged"].value) == ("fairness.verdict.overlapping", len(found))
    assert result.estimates["clearest"].value == pytest.approx(found.sort_values("q")["value"].iloc[0])


def test_every_group_of_every_tier_has_a_row_and_every_tier_its_own(slow_east: Warehouse) -> None:
    gaps = studies.answer(STUDY, slow_east, Params(group="region")).tables["gaps"]
    benefit = gaps[gaps["measure"] == "benefit_rate"]
    assert sorted(benefit["group"].dropna()) == sorted(["North", "South", "East", "West"] * 3)
    own = benefit[benefit["group"].isna()]
    assert sorted(own["tier"]) == ["Bronze", "Gold", "Silver"]
    assert own["q"].isna().all() and not own["flagged"].any()
    assert set(gaps["reference"]) == {"rest"}


def test_a_column_crossed_with_another_makes_their_pairs(slow_east: Warehouse) -> None:
    gaps = studies.answer(STUDY, slow_east, Params(group="region", crossed="gender")).tables["gaps"]
    assert "East · Female" in set(gaps["group"])
    assert set(gaps.loc[gaps["group"].notna(), "column"]) == {"region × gender"}


def test_a_wider_margin_flags_less(slow_east: Warehouse) -> None:
    """1.7 times lies 70 % above: it stands out beyond 10 %, and not beyond 100 %."""
    assert len(flagged(studies.answer(STUDY, slow_east, Params(group="region", margin=1.0)))) == 0


def test_an_attribute_that_is_not_on_file_is_not_measured_and_never_fair(slow_east: Warehouse) -> None:
    result = studies.answer(STUDY, slow_east, Params(group="industry"))
    assert result.verdict.key == "fairness.verdict.not_measured"
    assert "flagged" not in result.estimates
    assert result.tables["gaps"]["group"].isna().all()


def test_what_is_no_column_of_customers_is_refused(slow_east: Warehouse) -> None:
    with pytest.raises(UserError, match="bad_param"):
        studies.answer(STUDY, slow_east, Params(group="shoe_size"))


@pytest.mark.parametrize(
    ("asked", "why"), [("industry", "absent"), ("enrolled_on", "single"), ("customer_id", "many"), ("tier", "tier"), ("gender", None)]
)
def test_why_a_column_makes_no_groups_is_told(asked: str, why: str | None, slow_east: Warehouse) -> None:
    result = studies.answer(STUDY, slow_east, Params(group=asked))
    reasons = [note.facts["why"] for note in result.warnings if note.key == "fairness.warnings.not_measured"]
    assert [one.key for one in reasons if isinstance(one, Note)] == ([f"fairness.why.{why}"] if why else [])
    assert (result.verdict.key == "fairness.verdict.not_measured") == (why is not None)


def test_gaps_told_by_groups_that_overlap_are_said_to_be_of_the_same_customers(slow_east: Warehouse) -> None:
    result = studies.answer(STUDY, slow_east, Params())
    found = flagged(result)
    assert len(found) > 3
    assert found["group"].str.contains("East").all()
    assert (result.verdict.key, result.verdict.facts["same"]) == ("fairness.verdict.overlapping", len(found))


def test_the_readings_that_the_data_cannot_tell_are_named(slow_east: Warehouse) -> None:
    result = studies.answer(STUDY, slow_east, Params(group="region"))
    readings = result.tables["readings"].set_index("reading")["measured"]
    assert list(readings.index) == READINGS
    assert [name for name in READINGS if not readings[name]] == ["opportunity", "envy", "model"]
    assert {f"fairness.warnings.absent.{name}" for name in ("opportunity", "envy", "model")} <= {note.key for note in result.warnings}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_is_drawn_and_worded(language: str, slow_east: Warehouse) -> None:
    result, words = studies.answer(STUDY, slow_east, Params()), Words(language, "EUR")
    assert list(parts(result)) == ["gaps", "benefits", "service", "spread"]
    figures = [figure.key for part in parts(result).values() for figure in draw(part, words)]
    assert figures == ["standing", "tiers", "conditional", "waits", "served", "lorenz"]
    assert words.note(result.verdict)


SMALL = 35


def small_shop(shop: Shop, **more: str) -> Warehouse:
    """Two tiers; in each, 35 women who bought for 100 and redeemed 300 points at 1 cent, and 35 men who redeemed 200."""
    people, orders, points = (
        ["customer id,tier,gender"],
        ["order id,customer id,date,amount,margin"],
        ["customer id,date,event type,points,cost"],
    )
    for tier, spent in (("Silver", 100), ("Gold", 200)):
        for gender, used in (("F", 300), ("M", 200)):
            for at in range(SMALL):
                who = f"{tier}{gender}{at:02d}"
                people.append(f"{who},{tier},{gender}")
                orders.append(f"{who},{who},2025-0{1 + at % 6}-11,{spent + at % 5},{spent // 2 + at % 5}")
                points.append(f"{who},2025-07-01,redeem,{used + 10 * (at % 5)},{used // 100 + at % 5 / 10}")
    files = {"people": people, "orders": orders, "points": points}
    return shop(**{name: "\n".join(lines) for name, lines in files.items()}, **more)


def test_benefits_for_what_is_brought_are_counted_by_hand(shop: Shop) -> None:
    """Silver women: 35 x 3.20 / (35 x 52); men 35 x 2.20 / (35 x 52): 45 % more. In Gold they bring 102 each."""
    result = studies.answer(STUDY, small_shop(shop), Params(group="gender", bands=1))
    gaps: Any = result.tables["gaps"].set_index(["measure", "tier", "group"])
    row = gaps.loc[("benefit_rate", "Silver", "F")]
    assert (row["mine"], row["rest"]) == (pytest.approx(3.2 / 52), pytest.approx(2.2 / 52))
    assert row["value"] == pytest.approx(3.2 / 2.2 - 1)
    assert (row["n"], row["others"], row["flagged"], row["state"]) == (35, 35, True, "warned")
    shares = result.tables["tiers"].set_index("tier")
    assert list(shares["brought_share"]) == [pytest.approx(52 / 154), pytest.approx(102 / 154)]
    assert list(shares["benefit_share"]) == [0.5, 0.5]


def test_a_welcome_gift_does_not_favour_a_group_of_which_many_just_joined(shop: Shop) -> None:
    """30 of 60 women and 30 of 120 men joined this year and got a gift of 2; all bring 50."""
    joined = [(f"{gender}{at:03d}", gender, at < 30) for gender, size in (("F", 60), ("M", 120)) for at in range(size)]
    files = {
        "people": [
            "customer id,tier,gender,enrolment date",
            *(f"{who},One,{g},{'2025-03-01' if new else '2023-01-01'}" for who, g, new in joined),
        ],
        "orders": ["order id,customer id,date,amount,margin", *(f"{who},{who},2025-07-11,100,50" for who, _, _ in joined)],
        "benefits": ["customer id,benefit,delivered at,cost", *(f"{who},Welcome gift,2025-03-08,2" for who, _, new in joined if new)],
    }
    house = shop(**{name: "\n".join(lines) for name, lines in files.items()})
    gaps: Any = studies.answer(STUDY, house, Params(group="gender", bands=1)).tables["gaps"].set_index(["measure", "group"])
    assert (gaps.loc[("benefit", "F"), "mine"], gaps.loc[("benefit", "F"), "rest"]) == (pytest.approx(1.0), pytest.approx(1.0))


def test_who_rose_who_came_late_and_who_is_a_member_still_are_counted_by_hand(shop: Shop) -> None:
    """Of 35 women 20 rose and 10 orders came late; of 35 men 5 and 2. One more man has left: he is in no reading."""
    rose, late = {"F": 20, "M": 5}, {"F": 10, "M": 2}
    all_ = [(f"{gender}{at:02d}", gender, at) for gender in "FM" for at in range(35)]
    files = {
        "people": [
            "customer id,gender,enrolment date,cancellation date",
            *(f"{who},{g},2023-01-01," for who, g, _ in all_),
            "X,M,2023-01-01,2024-12-31",
        ],
        "tiers": [
            "customer id,tier,valid from,valid to",
            *(f"{who},Bronze,2023-01-01,{'2025-02-28' if at < rose[g] else ''}" for who, g, at in all_),
            *(f"{who},Silver,2025-03-01," for who, g, at in all_ if at < rose[g]),
            "X,Bronze,2023-01-01,",
        ],
        "rules": ["tier,rank,metric,threshold", "Bronze,1,points,0", "Silver,2,points,100"],
        "orders": [
            "order id,customer id,date,amount,margin,promised at,delivered at",
            *(f"{who}-1,{who},2024-03-11,100,50,," for who, _, _ in all_),
            *(f"{who}-2,{who},2025-01-11,100,50,2025-01-15,2025-01-{16 if at < late[g] else 14}" for who, g, at in all_),
            "X-1,X,2024-03-11,100,50,,",
            "end,F00,2025-06-30,100,50,,",
        ],
        "benefits": ["customer id,benefit,delivered at,cost", *(f"{who},Gift,2025-01-08,2" for who, _, _ in all_), "X,Gift,2024-08-08,2"],
    }
    house = shop(**{name: "\n".join(lines) for name, lines in files.items()})
    gaps: Any = studies.answer(STUDY, house, Params(group="gender", bands=1)).tables["gaps"].set_index(["measure", "tier", "group"])
    assert gaps.loc[("moved_up", "Bronze", "F"), ["mine", "rest", "n", "others"]].tolist() == [20 / 35, 5 / 35, 35, 35]
    assert gaps.loc[("late", "Bronze", "F"), ["mine", "rest", "n", "others"]].tolist() == [10 / 35, 2 / 35, 35, 35]
    assert gaps.loc[("benefit", "Bronze", "F"), ["n", "others"]].tolist() == [15, 30]


def test_customers_whose_group_is_not_on_file_are_no_part_of_the_rest() -> None:
    customers = pd.Series([f"{group}{at}" for group in "ABU" for at in range(40)])
    tiers = pd.Series("Gold", index=customers.index)
    value = np.repeat([3.0, 2.0, 9.0], 40)

    def apart(at: Any) -> Any:
        return partial(rate_apart, value[at], np.ones(len(at)))

    lens = Lens(reading="conditional", measure="benefit", customers=customers, tiers=tiers, apart=apart, across=apart)
    known = pd.Series({who: who[0] for who in customers if who[0] != "U"})
    rows = compared(lens, {"letter": known}).set_index("group")
    assert sorted(rows.index) == ["A", "B"]
    assert rows.loc["A", ["mine", "rest", "n", "others"]].tolist() == [3.0, 2.0, 40, 40]


def test_groups_under_thirty_keep_their_row_without_numbers() -> None:
    rows = pd.DataFrame(
        [("service", "late", "region", "Gold", "North", None, None, None, None, None, None, 12, 90, True)],
        columns=["reading", "measure", "column", "tier", "group", "mine", "rest", "value", "low", "high", "p", "n", "others", "points"],
    )
    found = told(rows, 0.1).iloc[0]
    assert (found["state"], found["flagged"], found["n"]) == ("suppressed", False, 12)
    assert pd.isna(found["q"])


def test_the_demos_service_gap_is_found_where_it_was_planted(demo_house: Warehouse) -> None:
    """Women of one region wait 1.7 times as long; of them all four large tiers hold it in their interval, but for one in twenty."""
    gaps = studies.answer(STUDY, demo_house, Params()).tables["gaps"]
    service = gaps[(gaps["reading"] == "service") & gaps["flagged"]]
    assert service["group"].str.contains("North West|Female|Male|London").all()
    group = gaps[(gaps["group"] == "Female · North West") & gaps["measure"].isin(["answer_hours", "resolution_hours"]) & (gaps["n"] >= 60)]
    assert len(group) == 8
    assert group["flagged"].all()
    held = (group["low"] < truth.SERVICE_GAP - 1) & (group["high"] > truth.SERVICE_GAP - 1)
    assert held.sum() >= 7
    benefits = gaps[gaps["reading"].isin(["proportionality", "conditional", "opportunity", "inequality", "envy"])]
    assert not benefits["flagged"].any()


def test_benefits_in_proportion_are_fair_to_those_who_bring_more(home: Path, tmp_path: Path) -> None:
    """Two groups without tiers: one orders 2.7 times as much, and all get the same for it. Some years of birth are wrong."""
    rng = np.random.default_rng(301)
    rate = np.exp(rng.normal(1.4, 1.0, 3_000) + (np.arange(3_000) % 2))
    who = np.repeat(np.arange(3_000), rng.poisson(rate))
    amount = np.round(rng.gamma(4, 8, len(who)), 2)
    day = np.datetime64("2025-01-01") + rng.integers(0, 360, len(who))
    used = rng.random(len(who)) < 0.3
    cost = np.round((amount * rng.gamma(2, 0.07, len(who)))[used], 2)
    people = {"Customer ID": np.arange(3_000), "Gender": np.where(np.arange(3_000) % 2, "M", "F"), "Enrolment date": "2024-06-01"}
    years = np.where(np.arange(3_000) % 3 == 0, 2091, 1970)
    tables = {
        "people": pd.DataFrame({**people, "Birth year": years}),
        "orders": pd.DataFrame({"Order ID": np.arange(len(who)), "Customer ID": who, "Date": day, "Amount": amount}),
        "points": pd.DataFrame({"Customer ID": who[used], "Date": day[used], "Event type": "redeem", "Points": cost * 100, "Cost": cost}),
    }
    for name, rows in tables.items():
        rows.to_csv(tmp_path / f"{name}.csv", index=False)
    jobs._load({"workspace": "w", "paths": [str(tmp_path / f"{name}.csv") for name in tables], "answers": {}})
    result = studies.answer(STUDY, open_current(Access(workspace="w")), Params())
    gaps = result.tables["gaps"]
    assert {"benefit_rate", "benefit", "gini"} <= set(gaps.loc[gaps["group"] == "M", "measure"])
    assert len(flagged(result)) == 0
    assert set(gaps["column"]) == {"gender"}  # one age is left, and it makes no groups


def test_a_wait_that_is_known_by_the_day_is_not_taken_for_shorter(home: Path, tmp_path: Path) -> None:
    """Answers of the same day are some of the waiting: without them a region that waits 1.7 times as long would seem to wait 1.2 times."""
    for name, text in programme(5, n=4_000, slow=1.7).items():
        (tmp_path / f"{name}.csv").write_text(text)
    tickets = pd.read_csv(tmp_path / "tickets.csv", parse_dates=["Feedback date", "Answered at"])
    tickets.assign(**{name: tickets[name].dt.date for name in ("Feedback date", "Answered at")}).to_csv(
        tmp_path / "tickets.csv", index=False
    )
    jobs._load({"workspace": "w", "paths": [str(path) for path in sorted(tmp_path.glob("*.csv"))], "answers": {}})
    gaps = studies.answer(STUDY, open_current(Access(workspace="w")), Params(group="region")).tables["gaps"]
    east = gaps[(gaps["measure"] == "answer_hours") & (gaps["group"] == "East")]
    assert len(east) == 3
    assert all(east["low"] < 0.7) and all(east["high"] > 0.7)
