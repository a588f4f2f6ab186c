"""The answer beside the truth: what hits, what misses, what its grade warned of, and to what a miss is laid."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics.i18n import LANGUAGES, Words
from analytics.results import Estimate, Note, Result, Unit
from analytics.studies.effect_truth import SWITCHES, beside, campaign, switched
from analytics.warehouse import Warehouse
from data.programme.truth import Switches


def money(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=100, unit=Unit.MONEY)


def known(**switches: bool) -> dict[str, object]:
    planted = {name: getattr(Switches(), name) for name in SWITCHES} | switches
    effects = {"enrolled_in_window": {"margin": 1.0, "net_sales": 2.0}, "enrolled_with_history": {"margin": 0.9, "net_sales": 1.8}}
    joining = {"enrolled_in_window": 10, "margin": 130.0, "net_sales": 260.0}
    lot = {"window": ["2026-05-15", "2026-07-09"], "margin_per_assigned": 1.8, "net_sales_per_assigned": 4.0}
    return {"switches": planted, "realised": {"programme": {"groups": effects}, "joining_month": joining, "campaign": lot}}


NAN = float("nan")
DESIGNS = pd.DataFrame(
    [
        {"design": "experiment", "grade": "D", "effect": NAN, "low": NAN, "high": NAN, "treated": 0},
        {"design": "staggered", "grade": "B", "effect": 1.2, "low": 0.8, "high": 1.6, "treated": 50},
        {"design": "adjusted", "grade": "C", "effect": 2.0, "low": 1.5, "high": 2.5, "treated": 60},
        {"design": "launch", "grade": "D", "effect": NAN, "low": NAN, "high": NAN, "treated": 70},
        {"design": "threshold", "grade": "B", "effect": 3.0, "low": 2.0, "high": 4.0, "treated": 80},
    ]
)
ANSWER = Result(
    study="effect",
    verdict=Note(key="x"),
    estimates={"effect": money(1.2, 0.8, 1.6), "joining_month": money(14, 12, 16), "naive_gap": money(5, 4, 6)},
    tables={"designs": DESIGNS, "gap": pd.DataFrame({"measure": ["margin", "margin"]})},
)


def outcomes(table: pd.DataFrame) -> dict[str, tuple[str, str]]:
    return {row["method"]: (row["outcome"], row["why"]) for row in table.to_dict("records")}


def test_each_method_is_held_against_the_truth_it_asks_for() -> None:
    table = beside(ANSWER, known())
    assert outcomes(table) == {
        "naive_gap": ("miss", "naive_gap.selection"),
        "staggered": ("hit", "staggered.hit"),
        "adjusted": ("warned", "chance"),
        "launch": ("refused", "refused"),
        "threshold": ("other", "threshold.other"),
        "joining_month": ("hit", "joining_month.hit"),
    }
    truths = table.set_index("method")["truth"]
    assert (truths["staggered"], truths["adjusted"], truths["joining_month"]) == (0.9, 1.0, 13.0)
    assert pd.isna(truths["threshold"])


def test_a_truth_of_an_earlier_release_is_read_by_what_it_tells() -> None:
    told = known()
    del told["realised"]["programme"]["groups"]["enrolled_with_history"]  # type: ignore[index]
    assert beside(ANSWER, told).set_index("method")["truth"]["staggered"] == 1.0


def test_a_miss_is_laid_to_what_is_switched_on() -> None:
    far = DESIGNS.assign(low=DESIGNS["low"] + 1, high=DESIGNS["high"] + 1)
    missed = Result(study="effect", verdict=Note(key="x"), estimates=ANSWER.estimates, tables={**ANSWER.tables, "designs": far})
    told = outcomes(beside(missed, known(hidden_confounding=True, selection=False)))
    assert told["staggered"] == ("miss", "staggered.hidden")
    assert told["adjusted"] == ("warned", "adjusted.hidden")
    assert told["naive_gap"] == ("miss", "chance")


def test_the_campaign_is_held_against_what_it_brought_those_drawn_for_it() -> None:
    row = beside(ANSWER, known(hidden_confounding=True), drawn=money(1.5, 1.0, 2.0)).iloc[-1]
    assert (row["method"], row["truth"], row["outcome"]) == ("campaign", 1.8, "hit")
    missed = beside(ANSWER, known(hidden_confounding=True), drawn=money(3, 2, 4)).iloc[-1]
    assert (missed["outcome"], missed["why"]) == ("miss", "chance")  # nothing is hidden from a lot


def test_the_campaign_of_the_demo_is_read_as_it_went(demo_house: Warehouse) -> None:
    truth = demo_house.version.truth
    told = campaign(demo_house, truth, "margin")
    assert told is not None
    assert told.low < truth["realised"]["campaign"]["margin_per_assigned"] < told.high


def test_an_assumed_margin_scales_the_truth_as_it_does_the_answer() -> None:
    sales = Result(
        study="effect",
        verdict=Note(key="x"),
        estimates={"naive_gap": money(5, 4, 6)},
        tables={"gap": pd.DataFrame({"measure": ["net_sales"]})},
    )
    assert beside(sales, known(), rate=0.4)["truth"].tolist() == [pytest.approx(0.8)]


def test_a_world_is_named_after_what_is_not_as_usual_in_it() -> None:
    assert switched(known()) == ()
    assert switched(known(hidden_confounding=True, joining_burst=False)) == ("hidden_confounding", "joining_burst")


def test_every_switch_is_one_of_the_generator_and_every_outcome_is_worded() -> None:
    assert set(SWITCHES) <= set(Switches.names())
    for language in LANGUAGES:
        say = Words(language)
        for world in (known(), known(hidden_confounding=True), known(selection=False)):
            for row in beside(ANSWER, world, drawn=money(1.5, 1.0, 2.0)).to_dict("records"):
                assert say(f"workshop.methods.{row['method']}")
                assert say(f"workshop.outcomes.{row['outcome']}")
                assert say(f"workshop.why.{row['why']}")
