"""Members and others and nothing more: no effect, the strength of selection by hand, and the test that would tell."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from pathlib import Path

import pytest

from analytics import jobs
from analytics.access import Access
from analytics.marts.build import open_current
from analytics.studies.effect_flag import flag
from analytics.warehouse import Warehouse

# forty members bring 10 or 30 a month, forty others 0.01 or 20; three whole months
ORDERS = "customer id,order id,date,amount\n" + "\n".join(
    f"C{i:02d},{i}-{month},2025-0{month}-{day},{(10, 30)[i % 2] if i < 40 else (0.01, 20)[i % 2]}"
    for i in range(80)
    for month, day in ((1, "01"), (2, "11"), (3, "31"))
)
MEMBERS = "customer id,member\n" + "".join(f"C{i:02d},{'yes' if i < 40 else 'no'}\n" for i in range(80))


def loaded(write: Callable[..., Path], **files: str) -> Warehouse:
    jobs._load({"workspace": "w", "paths": [str(write(f"{name}.csv", text)) for name, text in files.items()], "answers": {}})
    return open_current(Access(workspace="w"))


def test_the_gap_is_told_with_the_selection_that_would_explain_it(home: Path, write: Callable[..., Path]) -> None:
    facts, tables = flag(loaded(write, orders=ORDERS, people=MEMBERS), "net_sales")
    sd = sqrt((40 * 10**2 + 40 * 9.995**2) / 78)
    assert facts["gap"] == pytest.approx(20 - 10.005)
    assert facts["strength"] == pytest.approx(9.995 / sd)
    assert (facts["n"], facts["gap_months"]) == (80, 3)
    left = tables["hidden_selection"]
    assert left.loc[left["effect_left"].abs() < 1e-9, "strength"].item() == pytest.approx(9.995 / sd)
    assert "effect" not in facts or facts["effect"] > 0  # of the test to run: never that of the programme


def test_data_without_two_sides_tells_of_no_gap(home: Path, write: Callable[..., Path]) -> None:
    facts, tables = flag(loaded(write, orders=ORDERS, people=MEMBERS.replace("no\n", "yes\n")), "net_sales")
    assert "gap" not in facts
    assert tables == {}


def test_the_demo_names_a_test_that_would_show_its_effect(demo_house: Warehouse) -> None:
    facts, _ = flag(demo_house, "margin")
    assert facts["months"] == 6
    assert facts["withheld"] == pytest.approx(facts["share"] * facts["customers"], abs=1)
    assert 0 < facts["share"] <= 0.5
    assert 3 < facts["gap"] < 6
    assert facts["correlation"] < 0.5  # it takes no strong selection to make such a gap
