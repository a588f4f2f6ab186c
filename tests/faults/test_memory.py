"""Too little memory, or too little room for temporary files, is told in words and loses nothing."""

from __future__ import annotations

import os
import signal
import time

import pytest

from analytics import duck, jobs, store
from analytics.errors import UserError
from analytics.machine import limits_told
from tests.faults.world import FIRST, SECOND, W, load, orders, state, strays


@pytest.fixture(autouse=True)
def made(home, tmp_path) -> None:
    """A workspace with one version."""
    load(orders(tmp_path / "one.csv", FIRST, seed=1))


@pytest.fixture
def second(tmp_path):
    return orders(tmp_path / "two.csv", SECOND, seed=2, first=100_000)


def refused(second, home) -> str:
    """Import in its process, which has to fail. Returns what the user is told."""
    old = state()
    with pytest.raises(UserError) as told:
        jobs.start_load(W, [second], {}).result()
    assert state() == old
    return told.value.key


@pytest.mark.parametrize("memory", ["1MB", "6MB"])
def test_a_memory_limit_that_is_too_small_is_named(home, second, monkeypatch, memory) -> None:
    monkeypatch.setenv("TIERWISE_MEMORY", memory)
    assert refused(second, home) == "out_of_memory"
    monkeypatch.delenv("TIERWISE_MEMORY")
    jobs.start_load(W, [second], {}).result()
    assert strays(store.folder(W)) == []


@pytest.mark.parametrize("megabytes", [150, 450, 800, 1000])
def test_an_address_space_that_is_too_small_is_told_whatever_library_meets_it_first(home, second, monkeypatch, megabytes) -> None:
    """Libraries die in their own ways: by an exception, a message and exit, a signal, or not at all until the watch ends them."""
    monkeypatch.setenv("TIERWISE_ADDRESS_SPACE", str(megabytes << 20))
    monkeypatch.setattr(jobs, "SECONDS", 20)
    assert refused(second, home) in ("import_limits", "out_of_memory")


def test_an_importer_that_the_system_kills_for_its_memory_is_told(home, second) -> None:
    job = jobs.start_load(W, [second], {})
    while job.progress().step != "load" and not job.progress().done:
        time.sleep(0.005)
    os.kill(job._process.pid, signal.SIGKILL)
    with pytest.raises(UserError) as told:
        job.result()
    assert told.value.key == "import_limits"


def test_the_cap_on_temporary_files_is_told(home, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(duck, "MEMORY", "60MB")
    monkeypatch.setattr(duck, "SPILL", "5MB")
    connection = duck.connect(time_zone="UTC", spill=tmp_path / "spill", folders=[])
    with pytest.raises(UserError) as told, limits_told():
        connection.execute("create temp table t as select random() as r, uuid()::varchar as u from range(3000000) order by r")
    assert told.value.key == "spill_full"


def test_a_bug_stays_a_bug() -> None:
    with pytest.raises(KeyError), limits_told():
        {}["customer"]
