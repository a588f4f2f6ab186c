from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, false_negative_rate
from sklearn.metrics import brier_score_loss, mean_absolute_error, roc_auc_score

from analytics.models.model_audit import audit


def held(n: int = 600) -> pd.DataFrame:
    """Risks that are right for all but the women of Gold, who leave a quarter less often than said."""
    rng = np.random.default_rng(4)
    rows = pd.DataFrame({"said": rng.uniform(0.1, 0.9, n), "tier": rng.choice(["Silver", "Gold"], n), "group": rng.choice(["f", "m"], n)})
    off = 0.25 * ((rows["tier"] == "Gold") & (rows["group"] == "f"))
    return rows.assign(came=(rng.random(n) < rows["said"] - off).astype(float))


def asked(rows: pd.DataFrame, cut: float | None = 0.5) -> pd.DataFrame:
    return audit(rows["said"].to_numpy(), rows["came"].to_numpy(), rows["tier"].to_numpy(object), rows["group"].to_numpy(object), cut=cut)


def test_the_numbers_are_those_of_fairlearn_on_the_same_customers() -> None:
    rows = held()
    frame = MetricFrame(
        metrics={
            "brier": brier_score_loss,
            "auc": roc_auc_score,
            "missed": lambda came, said: false_negative_rate(came, (said >= 0.5).astype(float)),
        },
        y_true=rows["came"],
        y_pred=rows["said"],
        sensitive_features=rows["group"],
        control_features=rows["tier"],
    )
    found = asked(rows).dropna(subset="group").pivot_table(index=["tier", "group"], columns="measure", values="value")
    for name in ("brier", "auc", "missed"):
        assert found[name].to_dict() == pytest.approx(frame.by_group[name].to_dict(), abs=1e-12)


def test_intervals_are_as_wide_as_those_of_fairlearns_bootstrap() -> None:
    rows = held(300)
    frame = MetricFrame(
        metrics=mean_absolute_error,
        y_true=rows["came"],
        y_pred=rows["said"],
        sensitive_features=rows["tier"],
        n_boot=120,
        ci_quantiles=[0.025, 0.975],
        random_state=1,
    )
    low, high = frame.by_group_ci
    found = asked(rows, None).query("measure == 'mae' and group.isna()").set_index("tier")
    assert found["value"].to_dict() == pytest.approx(frame.by_group.to_dict())
    assert (found["high"] - found["low"]).to_dict() == pytest.approx((high - low).to_dict(), rel=0.25)


def test_calibration_comes_first_and_names_those_of_whom_too_much_is_feared() -> None:
    found = asked(held())
    assert found["measure"].iloc[0] == "calibration"
    assert ((found["low"] <= found["value"]) & (found["value"] <= found["high"])).all()
    rows = found.query("measure == 'calibration' and group.notna()").set_index(["tier", "group"])
    women = rows.loc[("Gold", "f")]
    assert women["low"] > 0.1
    assert women["reference"] == pytest.approx(rows.loc[("Gold", "m"), "value"])
    assert rows.drop(("Gold", "f"))["low"].max() < 0.05


def test_what_cannot_be_told_is_left_out() -> None:
    """29 customers, unknown groups, and a group in which nobody left."""
    rows = held()
    rows.loc[rows.index[:29], "group"] = "x"
    rows.loc[rows["group"] == "m", "came"] = 0.0
    rows.loc[rows.index[100:140], "tier"] = None
    found = asked(rows)
    assert "x" not in set(found["group"].dropna())
    assert set(found.query("group == 'm'")["measure"]) == {"calibration"}
    told = int(found.query("measure == 'calibration' and group.isna()")["n"].sum())
    assert told == len(rows) - 40
