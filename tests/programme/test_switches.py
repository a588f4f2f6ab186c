"""The same arguments give the same bytes; a switch changes its own part and nothing else; languages differ in words and money only."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.programme import TABLES, make
from data.programme.causes import Cause
from data.programme.simulate import History
from data.programme.truth import Switches
from tests.conftest import ROOT
from tests.programme.conftest import simulated

CUSTOMERS = 600


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("usual"), Switches())


def written(folder: Path, switches: Switches, language: str = "en") -> Path:
    make(folder, language, switches=switches, customers=CUSTOMERS, seed=3)
    return folder


def digests(folder: Path) -> dict[str, str]:
    return {name: sha256((folder / f"{name}.csv").read_bytes()).hexdigest() for name in TABLES}


def test_the_same_seed_gives_the_same_bytes(usual: Path, tmp_path: Path) -> None:
    again = written(tmp_path, Switches())
    assert digests(again) == digests(usual)
    assert (again / "truth.json").read_bytes() == (usual / "truth.json").read_bytes()


@pytest.mark.parametrize(
    ("switch", "changed"),
    [
        ("service_gap", {"feedback"}),
        ("win_rate", {"opportunities", "transactions", "targets"}),
        ("mistiered", {"customers", "tiers", "benefits", "costs"}),
        ("contact_fatigue", {"contacts", "customers", "costs"}),
        ("data_errors", {"customers", "transactions", "points", "tiers"}),
    ],
)
def test_a_switch_changes_only_its_tables(switch: str, changed: set[str], usual: Path, tmp_path: Path) -> None:
    without = digests(written(tmp_path, Switches().but(without=[switch])))
    assert {name for name, digest in digests(usual).items() if without[name] != digest} <= changed
    assert without != digests(usual)


def habits(history: History) -> set[tuple[int, int, int]]:
    """Who would have ordered when, were there no effects: usual orders, kept or taken away."""
    found = set()
    for orders in (history.orders, history.lost):
        mine = orders.cause == Cause.BASE
        found |= set(zip(orders.customer[mine].tolist(), orders.day[mine].tolist(), orders.minute[mine].tolist(), strict=True))
    return found


@pytest.mark.parametrize(
    "switch", ["programme_effect", "joining_burst", "threshold_jump", "price_penalty", "campaign_effect", "slipping", "shock", "selection"]
)
def test_what_customers_do_by_habit_stays_as_it_is(switch: str) -> None:
    assert habits(simulated(Switches().but(without=[switch])).history) == habits(simulated(Switches()).history)


def test_with_all_effects_off_no_order_has_a_cause() -> None:
    history = simulated(Switches().but(without=["all"])).history
    assert (history.orders.cause == Cause.BASE).all()
    assert len(history.lost) == 0


def test_both_languages_tell_of_the_same_people_and_orders(usual: Path, tmp_path: Path) -> None:
    chinese = written(tmp_path, Switches(), "zh-CN")
    for name in TABLES:
        english, other = pd.read_csv(usual / f"{name}.csv"), pd.read_csv(chinese / f"{name}.csv", encoding="utf-8-sig")
        assert english.shape == other.shape, name
    lines, rows = pd.read_csv(usual / "transactions.csv"), pd.read_csv(chinese / "transactions.csv", encoding="utf-8-sig")
    readable = slice(0, -33)  # the planted rows that no importer reads
    assert (lines["Customer ID"].fillna("") == rows["客户编号"].fillna("")).all()
    assert np.allclose(lines["Amount"][readable].astype(float) * 8, rows["实付金额"][readable].astype(float))
    assert (chinese / "transactions.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_generator_knows_nothing_of_the_product() -> None:
    code = "import sys, data.programme.__main__; print(any(name.split('.')[0] in ('analytics', 'pages') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip() == "False"
