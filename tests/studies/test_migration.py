"""Tier movement of a shop counted by hand: the matrix with leavers and newcomers, rates, who is near a threshold, time in a tier."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analytics import demo, studies
from analytics.access import Access
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.results import Result, wilson
from analytics.studies.migration import STUDY, Params, members, parts
from analytics.studies.migration_figures import named
from analytics.studies.tier_rules import next_review
from analytics.warehouse import Warehouse
from tests.studies.test_catalogue import _sound
from tests.studies.test_dependency import loaded
from tests.studies.tiers import RULES, orders, spells


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migration")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_HOME", str(folder))
        loaded(folder, orders=orders(), tiers=spells(), rules=RULES)
    return folder


@pytest.fixture
def house(made: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("LOYALTY_HOME", str(made))
    return open_current(Access(workspace="shop0"))


def asked(house: Warehouse, **params: object) -> Result:
    return studies.answer(STUDY, house, Params(**{"start": "2024-01-31", **params}))  # type: ignore[arg-type]


def cell(table: pd.DataFrame, start: str, end: str) -> pd.Series:
    return table.set_index(["from", "to"]).loc[(start, end)]


def test_the_matrix_holds_leavers_newcomers_and_all_members_of_the_first_day(house: Warehouse) -> None:
    matrix = asked(house).tables["matrix"]
    assert matrix.groupby("from")["n"].sum().to_dict() == {"Bronze": 7, "Silver": 5, "Gold": 2, "new": 2}
    assert [cell(matrix, "Bronze", end)["n"] for end in ("Bronze", "Silver", "Gold", "left")] == [4, 3, 0, 0]
    assert [cell(matrix, "Silver", end)["n"] for end in ("Bronze", "Silver", "left")] == [2, 3, 0]
    assert (cell(matrix, "Gold", "left")["n"], cell(matrix, "Gold", "left")["of"]) == (1, 2)
    assert cell(matrix, "new", "Bronze")["share"] == 1
    assert cell(matrix, "Silver", "Bronze")["low"] == wilson(2, 5).low
    assert not cell(matrix, "Bronze", "Silver")["shown"] and cell(matrix, "Bronze", "Gold")["shown"]  # three are too few, none are not


def test_rates_have_the_denominators_they_name(house: Warehouse) -> None:
    result = asked(house)
    found = {name: (one.value, one.n) for name, one in result.estimates.items()}
    assert found["upgrade_rate"] == (3 / 12, 12)  # all but the two in the highest tier
    assert found["downgrade_rate"] == (2 / 7, 7)  # all but the seven in the lowest
    assert found["stayed"] == (8 / 14, 14)
    assert found["leave_rate"] == (1 / 14, 14)
    assert found["joined"][0] == 2
    assert [note.facts["n"] for note in result.warnings if note.key == "migration.warnings.moves.between"] == [1]
    assert result.verdict.key == "migration.verdict.even"


def test_any_two_days_can_be_compared_and_others_are_refused(house: Warehouse) -> None:
    june = asked(house, start="2024-06-30", end="2024-07-01").tables["matrix"]
    assert june.groupby("from")["n"].sum().to_dict() == {"Bronze": 10, "Silver": 5, "Gold": 2}  # n1, n2 and x1 too
    assert cell(june, "Bronze", "left")["n"] == 1
    assert asked(house, start="").verdict.facts["start"] == date(2023, 12, 31)
    for wrong in ({"start": "2022-12-31"}, {"end": "2025-01-01"}, {"end": "July"}, {"end": "2024-01-31"}):
        with pytest.raises(UserError, match="bad_param"):
            asked(house, **wrong)


def test_who_is_near_the_next_tier_or_below_the_own_one_is_listed_with_what_lacks(house: Warehouse) -> None:
    result = asked(house)
    assert (result.estimates["near"].value, result.estimates["near"].n) == (2 / 14, 14)
    assert (result.estimates["below"].value, result.estimates["below"].n) == (1 / 7, 7)
    near, below = (result.tables[name].set_index("tier") for name in ("near", "below"))
    assert (near.loc["Bronze", "n"], near.loc["Bronze", "members"], near.loc["Bronze", "lacks"]) == (1, 8, 5)
    assert (near.loc["Silver", "next"], near.loc["Silver", "lacks"]) == ("Gold", 20)
    assert (below.loc["Silver", "n"], below.loc["Silver", "members"], below.loc["Silver", "lacks"]) == (1, 6, 40)
    rows = members(house, Params()).set_index("customer_id")
    assert rows["position"].to_dict() == {"b1": "near", "s1": "near", "s2": "below"}
    assert rows["last_on"].dt.date.unique().tolist() == [date(2024, 3, 15)]
    assert asked(house, within=0.25).estimates["near"].value == 3 / 14  # 80 of 100 as well


def test_without_regular_reviews_no_chance_to_rise_is_told(house: Warehouse) -> None:
    result = asked(house)
    assert not {"rose_from_near", "fell_from_below"} & result.estimates.keys()
    assert "migration.warnings.thresholds.no_review" in {note.key for note in result.warnings}
    assert "migration.warnings.spend.short" in {note.key for note in result.warnings}


def test_the_next_review_follows_the_calendar_of_the_others() -> None:
    quarters = [pd.Timestamp(2024, month, 1) for month in (1, 4, 7, 10)]
    assert next_review(quarters, pd.Timestamp(2024, 11, 30)) == pd.Timestamp(2025, 1, 1)
    assert next_review(quarters, pd.Timestamp(2025, 2, 1)) is None  # it was due already
    assert next_review([*quarters, pd.Timestamp(2024, 10, 20)], pd.Timestamp(2024, 11, 30)) is None
    assert next_review(quarters[:1], pd.Timestamp(2024, 1, 30)) is None


def test_figures_and_words_say_what_was_counted(house: Warehouse) -> None:
    result = asked(house)
    for language in LANGUAGES:
        words = Words(language)
        json.dumps(studies.result_json(result, words), allow_nan=False)
        for figure in STUDY.figures(result, words):
            _sound(figure, words)
        assert all(len(named(table, words).columns) for table in result.tables.values())
    assert [figure.key for figure in STUDY.figures(result, Words("en"))] == ["flows", "heat", "rates", "near", "below"]
    assert list(parts(result)) == ["moves", "time", "thresholds", "spend"]


def test_a_history_of_tiers_without_anything_dated_is_refused_in_words(tmp_path: Path, home: Path) -> None:
    result = studies.answer(STUDY, loaded(tmp_path, tiers=spells()), Params())
    assert result.refused is not None
    assert result.refused.key == "migration.refused.undated"


def test_the_demo_programme_moves_by_its_reviews(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOYALTY_HOME", str(demo_home))
    house = open_current(Access(workspace="default"))
    assert demo.truth(house.version) is not None
    result = studies.answer(STUDY, house, Params())
    sums = result.tables["matrix"].groupby("from").agg(n=("n", "sum"), of=("of", "first"))
    assert (sums["n"] == sums["of"]).all()
    for name in ("expected_by_mean_reversion", "after_upgrade"):
        assert result.estimates[name].high < -0.2  # both fall, and not by the tier
    assert result.estimates["beyond_upgrade"].low < 0.06  # of which a welcome quarter in Gold is planted, an eighth more for three months
    assert result.estimates["beyond_upgrade"].high > 0
    assert result.estimates["fell_from_below"].low > 0.2
    assert set(result.tables["times"]["tier"]) == {"Bronze", "Silver", "Gold", "Platinum", "Diamond"}
