"""Tier quality of shops counted by hand: stale and misfiled members, lag, other thresholds; the demo's planted mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from analytics import demo, studies
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.results import Result
from analytics.studies import tier_quality_now as now
from analytics.studies.tier_quality import STUDY, Params, members, parts
from analytics.studies.tier_quality_figures import named
from analytics.studies.tier_rules import Rules, due, rules
from analytics.warehouse import Warehouse
from tests.studies.test_catalogue import _sound
from tests.studies.test_dependency import loaded
from tests.studies.tiers import RULES, orders, reviewed, spells

Shop = Callable[..., Warehouse]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """shop0: members between two days; shop3: those of one review."""
    folder = tmp_path_factory.mktemp("quality")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_HOME", str(folder))
        loaded(folder, orders=orders(), tiers=spells(), rules=RULES)
        tiers, bought = reviewed()
        loaded(folder, orders=bought, tiers=tiers, rules=RULES)
    return folder


@pytest.fixture
def shop(home: Path, tmp_path: Path) -> Shop:
    return partial(loaded, tmp_path)


def asked(made: Path, monkeypatch: pytest.MonkeyPatch, workspace: str, **params: object) -> tuple[Warehouse, Result]:
    monkeypatch.setenv("LOYALTY_HOME", str(made))
    house = open_current(Access(workspace=workspace))
    return house, studies.answer(STUDY, house, Params(**params))  # type: ignore[arg-type]


def test_who_behaves_as_in_another_tier_is_stale_by_direction(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, result = asked(made, monkeypatch, "shop0")
    assert (result.estimates["stale"].value, result.estimates["stale"].n) == (2 / 15, 15)
    table = result.tables["stale"].set_index("tier")
    assert table.loc["Bronze", ["members", "too_low", "too_high"]].tolist() == [8, 1, 0]
    assert table.loc["Silver", ["members", "too_low", "too_high"]].tolist() == [6, 0, 1]
    assert (result.estimates["rules_age"].value, result.estimates["rules_age"].level) == (365, 1)


def test_who_has_what_a_higher_tier_asks_for_is_due_on_the_day_itself(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house, _ = asked(made, monkeypatch, "shop0")
    assert due(house, pd.Timestamp("2024-12-31")) == {"b3"}
    assert due(house, pd.Timestamp("2024-05-31")) == {"b3", "u1", "u2", "u3"}  # three of them rose a month later
    assert due(house, pd.Timestamp("2024-03-01")) == set()  # nobody had bought


def test_without_a_review_nobody_is_called_misfiled(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, result = asked(made, monkeypatch, "shop0")
    assert not {"misfiled", "drifted"} & result.estimates.keys()
    assert "tier_quality.warnings.right.no_review" in {note.key for note in result.warnings}
    assert result.verdict.key == "tier_quality.verdict.plain"


def test_misfiled_is_told_from_stale(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, result = asked(made, monkeypatch, "shop3")
    assert (result.estimates["misfiled"].value, result.estimates["misfiled"].n) == (4 / 14, 14)
    table = result.tables["misfiled"].set_index("tier")
    assert table.loc["Bronze", ["members", "too_low", "too_high"]].tolist() == [2, 2, 0]
    assert table.loc["Silver", ["members", "too_low", "too_high"]].tolist() == [12, 0, 2]
    assert (result.estimates["drifted"].value, result.estimates["drifted"].n) == (1 / 10, 10)  # filed rightly, bought more since
    assert result.estimates["stale"].value == 5 / 14


def test_lag_counts_from_the_day_the_threshold_was_reached(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, result = asked(made, monkeypatch, "shop3")
    found = result.estimates["lag"]
    assert (found.value, found.low, found.high, found.n) == (11, 11, 11, 10)  # 20 June to 1 July, for the ten whom it lifted rightly


def test_whose_tier_hangs_on_one_order_is_uncertain_when_orders_may_be_missing(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house, result = asked(made, monkeypatch, "shop0", missing=0.3, noise=0.0)
    sure = result.tables["sure"].set_index("tier")
    # of those the rule puts in Silver every one has one order of 100 and more: right in 70 %; in Bronze nothing can be lost
    assert (sure.loc["Bronze", "correct"], sure.loc["Bronze", "uncertain"]) == (1, 0)
    assert sure.loc["Silver", "correct"] == pytest.approx(0.7, abs=0.04)
    unsure = sure.loc[["Silver", "Gold"], "members"].sum()
    assert (result.estimates["uncertain"].value, result.estimates["uncertain"].n) == (unsure / 15, 15)
    listed = members(house, Params(missing=0.3, noise=0.0))
    assert set(listed["customer_id"]) == {"b3", "u1", "u2", "u3", "s1", "s3", "g1"}
    assert listed["probability"].is_monotonic_increasing
    assert asked(made, monkeypatch, "shop0", missing=0.0, noise=0.0)[1].estimates["correct_tier"].value == 1


def test_other_thresholds_move_members_by_as_many_steps_as_the_rule(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, result = asked(made, monkeypatch, "shop0", threshold_change=0.25)
    # 125 and 375: s3 with 120 falls by the rule, and nobody else changes side; l1 and x1 are no members
    assert (result.estimates["moves_down"].value, result.estimates["moves_up"].value) == (1, 0)
    moves = result.tables["moves"].set_index("tier")
    assert (moves.loc["Silver", "before"], moves.loc["Silver", "after"], moves.loc["Silver", "down"]) == (6, 5, 1)
    assert not {"benefits_change", "points_change"} & result.estimates.keys()  # there are none to change
    _, lower = asked(made, monkeypatch, "shop0", threshold_change=-0.1)
    assert (lower.estimates["moves_up"].value, lower.estimates["moves_down"].value) == (2, 0)  # 95 reaches 90, 280 reaches 270


def test_who_loses_is_told_by_groups_of_thirty(shop: Shop) -> None:
    people = [f"c{at:02d},Silver,{'north' if at < 40 else 'south'}" for at in range(80)] + [f"e{at},Silver,east" for at in range(5)]
    bought = [f"o{at},c{at:02d},2024-03-01,{105 if at < 30 else 200}" for at in range(80)]
    house = shop(
        orders="\n".join(["order id,customer id,order date,amount", *bought, "last,zz,2024-12-31,1"]),
        customers="\n".join(["customer id,tier,region", *people]),
        rules=RULES,
    )
    result = studies.answer(STUDY, house, Params(threshold_change=0.1))
    losers = result.tables["losers"].set_index("group")
    assert losers[["n", "losing"]].to_numpy().tolist() == [[40, 30], [40, 0]]
    assert losers["apart"].all()
    assert {"misfiled", "captured_tiers"}.isdisjoint(result.estimates)  # no history of tiers
    figures = {figure.key: figure for figure in STUDY.figures(result, Words("en"))}
    assert figures["losers"].title == "north would lose most: 75.0% would fall, against 35.3% of all"


def test_rules_that_cannot_be_counted_are_refused_with_the_reason(shop: Shop) -> None:
    house = shop(orders=orders(), tiers=spells(), rules=RULES.replace("net sales of the last 12 months", "mood of the owner"))
    result = studies.answer(STUDY, house, Params())
    assert result.refused is not None
    assert result.refused.key == "tier_quality.refused.rules"
    assert "mood of the owner" in Words("en").note(result.refused)


@pytest.mark.parametrize("workspace", ["shop0", "shop3"])
def test_figures_and_words_say_what_was_counted(workspace: str, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, result = asked(made, monkeypatch, workspace)
    for language in LANGUAGES:
        words = Words(language)
        json.dumps(studies.result_json(result, words), allow_nan=False)
        for figure in STUDY.figures(result, words):
            _sound(figure, words)
        assert all(len(named(table, words).columns) for table in result.tables.values())
    assert {"right", "data", "worth", "thresholds"} == set(parts(result))


def test_the_demo_holds_as_many_misfiled_members_as_were_planted(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOYALTY_HOME", str(demo_home))
    house = open_current(Access(workspace="default"))
    known, by = demo.truth(house.version), rules(house)
    assert known is not None and isinstance(by, Rules)
    found = now.at_review(house, by)
    assert found is not None
    planted = known["realised"]["mistiered"]["members"] / known["realised"]["totals"]["members_enrolled"]
    share = now.share_off(found[1])
    assert share.low <= planted <= share.high
    lag = now.lag(house, by)
    assert lag is not None
    assert 30 < lag.low < lag.high < 62  # reviews are a quarter apart: half a quarter on average
