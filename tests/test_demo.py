"""The demo programme knows its truth as long as the data is its own, and can be stopped on its way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from analytics import demo, jobs, store
from analytics.errors import UserError
from analytics.warehouse import Warehouse
from data.programme import make


def test_the_truth_of_the_demo_is_kept_with_its_version(demo_house: Warehouse) -> None:
    known = demo.truth(demo_house.version)
    assert known is not None
    assert known["switches"]["programme_effect"] and not known["switches"]["hidden_confounding"]
    read = sum(file["rows_read"] for file in demo_house.version.files)
    assert sum(known["realised"]["rows"].values()) == read  # of the very files that were read
    assert known["realised"]["programme"]["groups"]["enrolled_in_window"]["margin"] > 0


def small(folder: Path) -> tuple[list[Path], dict[str, object]]:
    make(folder, "en", customers=60, seed=3)
    return sorted(folder.glob("*.csv")), json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def test_own_data_takes_the_place_of_the_demo_and_of_its_truth(home: Path, tmp_path: Path, write: Callable[..., Path]) -> None:
    paths, known = small(tmp_path / "demo")
    jobs.start_load("w", paths, {}, demo="en", fresh=True, truth=known).result()
    assert demo.truth(store.current("w")) == known
    jobs.change_settings("w", {"currency": "EUR"})
    assert demo.truth(store.current("w")) == known  # the same rows
    jobs.start_load("w", [write("own.csv", "customer id,order date,amount\nA,2025-01-14,10.00\n")], {}).result()
    assert demo.truth(store.current("w")) is None
    store.go_back("w", 1)
    assert demo.truth(store.current("w")) == known


def test_a_demo_that_is_cancelled_leaves_nothing(home: Path) -> None:
    making = demo.Making("w", "en")
    assert making.progress().step == "make"
    making.cancel()
    with pytest.raises(UserError) as told:
        making.result()
    assert told.value.key == "cancelled"
    assert store.current("w").number == 0
    assert list((home / "w" / "work").glob("*")) == []


def test_an_effect_that_does_not_exist_is_named_beside_those_that_do(home: Path) -> None:
    making = demo.Making("w", "en", off=["gravity"])
    with pytest.raises(UserError) as told:
        making.result()
    assert told.value.key == "unknown_effect"
    assert "selection" in str(told.value.facts["known"])
    assert making.progress().done
