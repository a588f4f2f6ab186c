"""What the audit of models reads: held-out customers as the kept fits have them, judged by tier and group."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from analytics.fits import Fitted, fitted
from analytics.i18n import LANGUAGES, Words
from analytics.studies import fairness, fairness_models
from analytics.studies.fairness_figures import named
from analytics.studies.fairness_models import MODELS, audited, held_out
from analytics.warehouse import Warehouse

N = 40
IDS = [f"{at:02d}" for at in range(2 * N)]
CHURN = Fitted(tables={"held": pd.DataFrame({"customer_id": IDS, "risk": [0.25] * 2 * N, "churned": [at % 4 == 0 for at in range(2 * N)]})})
VALUE = Fitted(
    facts={"money": {"margin": {}, "sales": {}}},
    tables={"held": pd.DataFrame({"customer_id": IDS, "tier": ["Gold"] * N + ["Silver"] * N, "said_margin": 10.0, "came_margin": 8.0})},
)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Both fits are kept; the data knows the tiers of today."""
    found = {"churn": CHURN, "value": VALUE}
    monkeypatch.setattr(fairness_models, "kept", lambda warehouse, fit, **asked: fit.id in found)
    monkeypatch.setattr(fairness_models, "fitted", lambda warehouse, fit, **asked: found[fit.id])
    today = pd.DataFrame({"customer_id": IDS, "tier": ["Silver"] * 2 * N})
    return SimpleNamespace(frame=lambda sql: today, found=found)


def test_what_is_not_kept_or_was_refused_takes_no_part(house: Any) -> None:
    house.found.pop("churn")
    house.found["value"] = Fitted(facts={"refused": {"key": "value.refused.short", "facts": {}}})
    assert held_out(house) == {} and audited(house).empty


def test_money_is_audited_in_margin_by_the_tier_of_then(house: Any) -> None:
    rows = audited(house).query("model == 'value' and measure == 'calibration'").set_index("tier")
    assert rows["value"].to_dict() == {"Gold": 2.0, "Silver": 2.0} and rows["n"].tolist() == [N, N]


def test_a_model_without_the_tier_of_then_is_audited_by_that_of_today(house: Any) -> None:
    rows = audited(house).query("model == 'churn' and measure == 'calibration'")
    assert rows["tier"].tolist() == ["Silver"] and rows["value"].iloc[0] == pytest.approx(0)


def test_groups_are_told_within_their_tier_beside_the_rest_of_it(house: Any) -> None:
    group = pd.Series(["f" if at % 4 else "m" for at in range(2 * N)], index=IDS)
    group[IDS[:N]] = "f"
    rows = audited(house, group).query("model == 'churn' and measure == 'calibration'").dropna(subset="group").set_index("group")
    assert set(rows.index) == {"f"}  # ten men: too few
    assert rows.loc["f", "n"] == 2 * N - 10
    assert rows.loc["f", "value"] == pytest.approx(0.25 - 10 / 70)


def test_the_page_tells_each_measure_of_the_group_and_of_the_rest(house: Any) -> None:
    rows = fairness.measures(house, fairness.Params())
    assert list(rows) == ["model", "measure", "tier", "mine", "low", "high", "rest", "n"]
    assert set(rows["measure"]) == {"calibration", "ece", "brier", "auc", "missed", "mae"}
    for language in LANGUAGES:
        assert len(set(named(rows, Words(language)).columns)) == 8


def test_the_fits_keep_what_was_said_and_came_of_everybody_held_out(demo_house: Warehouse) -> None:
    found = held_out(demo_house)
    facts = {name: fitted(demo_house, fit, **asked).facts for name, (fit, asked) in MODELS.items()}
    churn, value = found["churn"], found["value"]
    assert (len(churn), churn["came"].sum()) == (facts["churn"]["n"], facts["churn"]["churned"])
    assert churn["said"].sum() == pytest.approx(facts["churn"]["said"])
    assert len(value) == facts["value"]["n_holdout"] and value["tier"].nunique() == 5
    assert value["said"].sum() == pytest.approx(value["came"].sum(), rel=0.1)
