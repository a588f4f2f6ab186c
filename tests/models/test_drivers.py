"""What risks hang on: the true column is found, noise is not named."""

import numpy as np
import pandas as pd
import pytest

from analytics.models.churn import Slice, fit
from analytics.models.drivers import dependence, importance, standing_out, typical


def customers(seed: int, n: int = 2_000) -> Slice:
    """Leaving hangs on silence and on the plan; age and colour drive nothing."""
    rng = np.random.default_rng(seed)
    silence, plan = rng.exponential(30, n), rng.choice(["month", "year"], n)
    odds = -2.5 + 1.1 * np.log1p(silence / 10) + 1.0 * (plan == "month")
    columns = {"silence": silence, "plan": plan, "age": rng.normal(40, 9, n), "colour": rng.choice(list("abcd"), n)}
    return Slice(features=pd.DataFrame(columns), churned=rng.random(n) < 1 / (1 + np.exp(-odds)))


def test_true_drivers_are_clear_and_null_columns_are_not_in_ten_worlds() -> None:
    named = {"silence": 0, "plan": 0, "age": 0, "colour": 0}
    for seed in range(10):
        found = importance([(fit("logistic", customers(seed)), customers(100 + seed))])
        for driver in found:
            named[driver.name] += driver.clear
    assert named["silence"] == 10
    assert named["plan"] >= 9
    assert named["age"] + named["colour"] == 0


def test_importance_is_the_share_by_which_the_error_grows() -> None:
    model, held = fit("logistic", customers(1)), customers(2)
    loss = np.mean((model.risk(held.features) - held.churned) ** 2)
    rng = np.random.default_rng(0)
    mixed = [held.features.assign(silence=rng.permutation(held.features["silence"])) for _ in range(20)]
    grown = np.mean([(model.risk(frame) - held.churned) ** 2 for frame in mixed]) / loss - 1
    first = importance([(model, held)])[0]
    assert first.name == "silence"
    assert first.importance.value == pytest.approx(grown, abs=0.01)
    assert first.importance.low < grown < first.importance.high


def test_a_model_without_skill_has_no_drivers() -> None:
    rng = np.random.default_rng(4)
    noise = Slice(features=pd.DataFrame({"x": rng.normal(size=300), "y": rng.normal(size=300)}), churned=rng.random(300) < 0.5)
    against = Slice(features=noise.features, churned=~noise.churned)
    assert importance([(fit("boosting", noise), against)]) == []


def test_the_course_along_a_column_stands_beside_what_was_seen() -> None:
    table = dependence(fit("logistic", customers(1)), customers(2), "plan").set_index("at")
    seen = customers(2)
    monthly = seen.churned[seen.features["plan"] == "month"]
    assert table.loc["month", "n"] == len(monthly)
    assert table.loc["month", "observed"] == pytest.approx(monthly.mean())
    assert table.loc["month", "predicted"] - table.loc["year", "predicted"] == pytest.approx(0.2, abs=0.05)


def test_the_course_of_a_number_runs_over_its_own_ranges() -> None:
    table = dependence(fit("logistic", customers(1)), customers(2), "silence")
    assert table["n"].tolist() == [250] * 8
    assert table["at"].is_monotonic_increasing
    assert table["predicted"].is_monotonic_increasing


def test_what_stands_out_is_what_raises_the_risk_most_against_those_who_stayed() -> None:
    held = customers(2)
    model = fit("logistic", customers(1))
    usual = typical(held.features[~held.churned])
    assert usual["plan"] == "year"
    three = pd.DataFrame({"silence": [150.0, 5.0, 5.0], "plan": ["year", "month", "year"], "age": [40.0] * 3, "colour": ["a"] * 3})
    assert standing_out(model, three, model.risk(three), ["silence", "plan"], usual).tolist() == ["silence", "plan", ""]
