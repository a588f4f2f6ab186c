"""Fits: made once per version, kept whole or not at all, shared by all who ask, gone with a person who is erased."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics import jobs, store, studies
from analytics.access import Access
from analytics.erasure import delete_customer
from analytics.errors import UserError
from analytics.fits import Fit, Fitted, Tell, fitted, kept
from analytics.marts.build import open_current
from analytics.warehouse import Warehouse

SALES = "customer_id,order_id,date,amount\nC1,1,2025-03-01,9.50\nC2,2,2025-03-02,3.00\n"


class Counted:
    """A fit that counts how often it was made: the customers, and their number times a factor."""

    def __init__(self) -> None:
        self.times = 0
        self.before: Callable[[], object] = lambda: None
        self.fit = Fit(id="counted", steps=("count",), make=self.make)

    def make(self, warehouse: Warehouse, params: Mapping[str, Any], tell: Tell) -> Fitted:
        self.times += 1
        tell("count", 1, 1)
        people = warehouse.frame("select customer_id from customer_features order by customer_id")
        self.before()
        return Fitted(facts={"n": len(people) * params["factor"]}, tables={"people": people})


@pytest.fixture
def load(home: Path, write: Callable[..., Path]) -> Callable[[str], Warehouse]:
    def loaded(text: str) -> Warehouse:
        jobs.start_load("w", [write(f"{len(text)}.csv", text)], {}).result()
        return open_current(Access(workspace="w"))

    return loaded


def files(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "w" / "cache").rglob("*") if path.is_file())


def test_a_fit_is_made_once_and_read_from_the_disk_afterwards(load, home) -> None:
    counted, house = Counted(), load(SALES)
    assert not kept(house, counted.fit, factor=3)
    first = fitted(house, counted.fit, factor=3)
    again = fitted(house, counted.fit, factor=3)
    assert counted.times == 1
    assert (first.facts, again.facts) == ({"n": 6}, {"n": 6})
    pd.testing.assert_frame_equal(again.tables["people"], pd.DataFrame({"customer_id": ["C1", "C2"]}), check_dtype=False)
    assert kept(house, counted.fit, factor=3)
    assert files(home) == ["facts.json", "people.parquet"]


def test_other_parameters_and_other_rows_are_another_fit(load) -> None:
    counted, house = Counted(), load(SALES)
    fitted(house, counted.fit, factor=1)
    assert fitted(house, counted.fit, factor=2).facts == {"n": 4}
    later = load("customer_id,order_id,date,amount\nC3,3,2025-03-05,1.00\n")
    assert fitted(later, counted.fit, factor=1).facts == {"n": 3}
    assert counted.times == 3


def test_fits_of_versions_no_longer_in_force_go_when_another_is_kept(load, home) -> None:
    counted, house = Counted(), load(SALES)
    fitted(house, counted.fit, factor=1)
    fitted(load("customer_id,order_id,date,amount\nC3,3,2025-03-05,1.00\n"), counted.fit, factor=1)
    assert [path.name[:6] for path in (home / "w" / "cache").iterdir()] == ["000002"]


def test_a_fit_that_is_given_up_leaves_nothing(load, home) -> None:
    counted, house = Counted(), load(SALES)

    def give_up() -> None:
        raise KeyboardInterrupt

    counted.before = give_up
    with pytest.raises(KeyboardInterrupt):
        fitted(house, counted.fit, factor=1)
    assert not kept(house, counted.fit, factor=1)
    assert files(home) == []


def test_two_who_ask_at_once_wait_for_one_making(load) -> None:
    counted, house = Counted(), load(SALES)
    both = threading.Barrier(2)
    found: list[Fitted] = []

    def ask() -> None:
        both.wait()
        found.append(fitted(house, counted.fit, factor=1))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [one.facts for one in found] == [{"n": 2}, {"n": 2}]
    assert counted.times == 1


def test_a_kept_fit_that_cannot_be_read_is_made_again(load, home) -> None:
    counted, house = Counted(), load(SALES)
    fitted(house, counted.fit, factor=7)
    next((home / "w" / "cache").rglob("facts.json")).write_text("{")
    assert fitted(house, counted.fit, factor=7).facts == {"n": 14}
    assert counted.times == 2


def test_a_fit_made_while_a_person_was_erased_is_not_kept(load, home) -> None:
    counted, house = Counted(), load(SALES)
    counted.before = lambda: delete_customer("w", "C1")
    fitted(house, counted.fit, factor=1)
    assert files(home) == []
    counted.before = lambda: None
    assert fitted(open_current(Access(workspace="w")), counted.fit, factor=1).facts == {"n": 1}


def test_an_erasure_takes_the_kept_fits_away(load, home) -> None:
    counted, house = Counted(), load(SALES)
    fitted(house, counted.fit, factor=1)
    delete_customer("w", "C1")
    assert files(home) == []


# --- every fit of the product, in its subprocess


@pytest.fixture
def shop(load) -> Warehouse:
    return load(SALES)


@pytest.fixture
def asked(shop: Warehouse) -> Iterator[tuple[Fit, Mapping[str, Any]]]:
    study = next(study for study in studies.CATALOGUE.values() if study.fits(study.params()))
    return iter(study.fits(study.params()))


def test_a_fit_made_in_a_subprocess_is_found_by_the_server(shop: Warehouse, asked) -> None:
    fit, params = next(asked)
    job = jobs.start_fit("w", fit, params)
    assert job.result() is None
    assert kept(shop, fit, **params)
    assert job.progress().done


def test_a_cancelled_fit_says_so_and_keeps_nothing(shop: Warehouse, asked, home) -> None:
    fit, params = next(asked)
    job = jobs.start_fit("w", fit, params)
    job.cancel()
    with pytest.raises(UserError) as cancelled:
        job.result()
    assert cancelled.value.key == "cancelled"
    assert not kept(shop, fit, **params)


def test_a_server_that_runs_other_code_than_lies_on_the_disk_is_told_once(shop: Warehouse, asked, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "fingerprint", lambda: "of yesterday")
    with pytest.raises(UserError) as told:
        jobs.start_fit("w", *next(asked)).result()
    assert told.value.key == "code_changed"


def test_the_names_of_fits_and_their_parameters_are_plain(shop: Warehouse) -> None:
    for study in studies.CATALOGUE.values():
        for fit, params in study.fits(study.params()):
            assert studies.FITS[fit.id] is fit
            assert json.loads(json.dumps(params)) == params


def test_the_state_of_a_version_is_part_of_the_place(shop: Warehouse) -> None:
    counted = Counted()
    fitted(shop, counted.fit, factor=1)
    version = store.current("w")
    assert not kept(Warehouse(shop.access, replace(version, erased=version.erased + 1)), counted.fit, factor=1)
