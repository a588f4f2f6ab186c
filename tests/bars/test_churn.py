"""A5 and A6: who leaves, foretold as well as the data allows on a real snapshot, and never better than it can be known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import studies
from analytics.access import Access
from analytics.models.calibration import quality
from analytics.models.churn import NAMES, best, crossed, folds
from analytics.results import Result
from analytics.studies import churn_data as data
from analytics.studies.churn import Params
from analytics.warehouse import Warehouse, open_warehouse
from tests.conftest import Cli


def imported(cli: Cli, *paths: Path) -> Warehouse:
    cli("import", *paths, "--workspace", "real").done()
    return open_warehouse(Access(workspace="real"))


def churn(house: Warehouse, **params: object) -> Result:
    return studies.answer(studies.CATALOGUE["churn"], house, Params(**params))


def meets_a5(auc: float, brier: float, ece: float, lift: float) -> bool:
    return auc >= 0.845 and brier <= 0.137 and ece <= 0.02 and lift >= 2.8


def test_the_telco_snapshot_is_foretold_as_well_as_it_can_be(cli: Cli, shared_data: Path) -> None:
    found = churn(imported(cli, shared_data / "telco.csv")).estimates
    assert meets_a5(*(found[name].value for name in ("auc", "brier", "ece", "lift")))
    assert found["brier_base"].value == pytest.approx(0.1949, abs=1e-4)
    assert found["churn_rate"].value == pytest.approx(1869 / 7043)


@pytest.mark.bars
@pytest.mark.timeout(1200)
def test_a5_three_times_five_folds(cli: Cli, shared_data: Path) -> None:
    _, every = data.snapshot(imported(cli, shared_data / "telco.csv"), frozenset())
    for seed in range(3):
        trials = [crossed(name, every, folds(name, every, seed=seed)) for name in NAMES]
        chosen = best(trials, every.churned)
        found = quality(chosen.risk, every.churned, draws=50)
        print(f"{chosen.name}: " + ", ".join(f"{name} {found[name].value:.4f}" for name in ("auc", "brier", "ece", "lift")))
        assert meets_a5(*(found[name].value for name in ("auc", "brier", "ece", "lift")))


def test_a6_an_honest_split_of_cdnow_foretells_no_more_than_can_be_known(cli: Cli, cdnow: Path) -> None:
    house = imported(cli, cdnow)
    found = churn(house, who="everyone").estimates
    assert 0.81 <= found["auc"].value <= 0.84
    assert churn(house).estimates["auc"].value < found["auc"].value  # those long gone are easily foretold


def test_a6_a_label_taken_at_the_end_with_recency_beside_it_is_blocked(cli: Cli, cdnow: Path, tmp_path: Path) -> None:
    rows = pd.read_csv(cdnow, sep=r"\s+", skiprows=1, names=["id", "date", "cds", "value"], dtype={"id": str})
    days = pd.to_datetime(rows["date"].astype(str))
    by = rows.assign(day=days).groupby("id").agg(last=("day", "max"), orders=("day", "size"), amount=("value", "sum"))
    recency = (pd.Timestamp("1998-06-30") - by["last"]).dt.days
    table = pd.DataFrame({"recency_days": recency, "orders": by["orders"], "amount": by["amount"].round(2)})
    table = table.assign(churned=np.where(recency > 90, "yes", "no")).rename_axis("customer id")
    table.to_csv(tmp_path / "leaky.csv")
    result = churn(imported(cli, tmp_path / "leaky.csv"))
    assert result.refused is not None and result.refused.key == "churn.refused.leak"
    assert result.refused.facts["columns"] == "recency_days"
    assert float(str(result.refused.facts["auc"])) > 0.999
