"""kill -9 at any moment of an import, a build, a change of settings or a deletion: old or new, whole, and a retry completes.

A moment is drawn at random within a phase, as long as the phase lasted undisturbed; the phases take turns, so that short ones are hit too.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from analytics import jobs, store
from analytics.erasure import delete_customer
from analytics.errors import UserError
from tests.faults.world import FIRST, SECOND, W, Work, importing, load, of_others, orders, rows, size, state, strays

Phases = Mapping[str, Callable[[Work], bool]]


def step(name: str) -> Callable[[Work], bool]:
    return lambda work: name in work.steps


def there(name: str) -> Callable[[Work], bool]:
    return lambda work: (work.home / W / name).exists()


def in_force(number: int) -> Callable[[Work], bool]:
    """Whether the version is the one that readers get."""
    return lambda work: there("current.json")(work) and f'"version": {number}' in (work.home / W / "current.json").read_text()


def publishing(number: int) -> Phases:
    """The end of a run: marts in their place, the version written (or what must come after it, were the order wrong), in force."""
    written, new = there(f"versions/{number:06d}.json"), in_force(number)
    return {"publish": there(f"marts/{number:06d}"), "record": lambda work: written(work) or new(work), "exit": new}


def importing_as(number: int) -> Phases:
    """The phases of an import that makes a version of this number."""
    steps = {name: step(name) for name in ("read", "map", "check", "load")}
    return {"start": lambda _: True, **steps, "commit": there("unpublished"), "build": step("build"), **publishing(number)}


SETTINGS: Phases = {"build": lambda work: work.at_work, **publishing(2)}
DELETION: Phases = {"search": lambda work: work.at_work, "rewrite": there("erasing.json")}


@dataclass
class Kills:
    """Where the kills fell, and what was in force after them."""

    phases: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return f"{self.phases.total()} killed: {dict(self.phases)}; in force afterwards: {dict(self.found)}"


def durations(work: Work, phases: Phases) -> dict[str, float]:
    """How long each phase of an undisturbed run takes, in seconds."""
    begun: dict[str, float] = {}
    for name, begins in phases.items():
        work.until(lambda begins=begins: begins(work))
        begun[name] = time.monotonic()
    assert work.process.wait(60) == 0
    ends = [*list(begun.values())[1:], time.monotonic()]
    return {name: end - at for (name, at), end in zip(begun.items(), ends, strict=True)}


def killed(work: Work, phases: Phases, phase: str, seconds: float) -> str | None:
    """Kill so many seconds after a phase began. Returns the phase it was in, None when it was done before."""
    work.until(lambda: phases[phase](work))
    time.sleep(seconds)
    if not work.kill():
        return None
    return [name for name, begins in phases.items() if name == "start" or begins(work) or name == phase][-1]


def kill_often(tmp_path: Path, base: Path, patch: pytest.MonkeyPatch, start: Callable[[Path], Work], phases: Phases, times: int) -> Any:
    """Homes after a kill, one for each of `times` moments, with the phase that was hit. The first yield is the undisturbed home."""
    draw = random.Random(4711)

    def home(name: str) -> Path:
        folder = Path(shutil.copytree(base, tmp_path / name))
        patch.setenv("LOYALTY_HOME", str(folder))
        return folder

    lasts = durations(start(home("undisturbed")), phases)
    yield "undisturbed"
    hits = tries = 0
    while hits < times:
        assert tries < times * 3, "most runs ended before they were killed"
        phase = list(phases)[tries % len(phases)]
        folder = home(f"killed_{tries}")
        if hit := killed(start(folder), phases, phase, draw.random() * lasts[phase]):
            hits += 1
            yield hit
        tries += 1
        shutil.rmtree(folder)


@pytest.fixture
def made(home: Path, tmp_path: Path) -> Path:
    """A home whose workspace has one version."""
    load(orders(tmp_path / "one.csv", FIRST, seed=1))
    return Path(shutil.copytree(home, tmp_path / "made"))


def imports_killed(tmp_path: Path, base: Path, patch: pytest.MonkeyPatch, times: int) -> Kills:
    file, versions = orders(tmp_path / "two.csv", SECOND, seed=2, first=100_000), len(store.versions(W))
    old = state()
    moments = kill_often(tmp_path, base, patch, lambda home: importing(home, file), importing_as(versions + 1), times)
    next(moments)
    new, full = state(), size(store.folder(W))
    assert new != old and strays(store.folder(W)) == []
    kills = Kills()
    for phase in moments:
        after = state()
        assert after in (old, new), phase
        load(file)
        assert state() == new, phase
        assert strays(store.folder(W)) == [], phase
        unused = len(store.versions(W)) - versions - 1  # killed between the version's file and putting it in force: a whole version more
        assert unused in (0, 1) and size(store.folder(W)) < full * (1 + unused) + 200_000, phase
        kills.phases[phase] += 1
        kills.found["old" if after == old else "new"] += 1
    print(f"imports: {kills}")
    return kills


def test_an_import_killed_in_any_phase_leaves_the_old_or_the_new_version_whole_and_the_retry_completes(made, tmp_path, monkeypatch) -> None:
    kills = imports_killed(tmp_path, made, monkeypatch, 10)
    assert kills.phases.total() == 10 and len(kills.phases) >= 4  # which of the nine phases are met is chance; all are in `make bars`


@pytest.mark.bars
@pytest.mark.timeout(3600)
def test_an_import_killed_a_hundred_times(made, tmp_path, monkeypatch) -> None:
    kills = imports_killed(tmp_path, made, monkeypatch, 100)
    assert kills.phases.total() == 100 and set(kills.phases) == set(importing_as(2))


@pytest.mark.bars
@pytest.mark.timeout(3600)
def test_the_first_import_of_a_workspace_killed_forty_times(home, tmp_path, monkeypatch) -> None:
    base = Path(shutil.copytree(home, tmp_path / "empty"))
    assert imports_killed(tmp_path, base, monkeypatch, 40).phases.total() == 40


def settings_killed(tmp_path: Path, base: Path, patch: pytest.MonkeyPatch, times: int) -> Kills:
    change = ["analytics", "settings", "--workspace", W, "--set", "as_of=2025-06-30"]
    old = state()
    moments = kill_often(tmp_path, base, patch, lambda home: Work(home, change), SETTINGS, times)
    next(moments)
    new = state()
    assert new["overview"] != old["overview"]
    kills = Kills()
    for phase in moments:
        after = state()
        assert after in (old, new), phase
        jobs.change_settings(W, {"as_of": "2025-06-30"})
        assert state() == new and strays(store.folder(W)) == [], phase
        kills.phases[phase] += 1
        kills.found["old" if after == old else "new"] += 1
    print(f"changes of settings: {kills}")
    return kills


def test_a_change_of_settings_killed_leaves_the_old_answers_or_the_new_ones(made, tmp_path, monkeypatch) -> None:
    assert settings_killed(tmp_path, made, monkeypatch, 4).phases.total() == 4


@pytest.mark.bars
@pytest.mark.timeout(3600)
def test_a_change_of_settings_killed_twenty_times(made, tmp_path, monkeypatch) -> None:
    assert set(settings_killed(tmp_path, made, monkeypatch, 20).phases) == set(SETTINGS)


def deletions_killed(tmp_path: Path, base: Path, patch: pytest.MonkeyPatch, times: int) -> Kills:
    customer = "C17"
    before = {version.number: rows(version) for version in store.versions(W)}
    expected = {number: of_others(counted, customer) for number, counted in before.items()}
    assert all(before[number] != expected[number] for number in before)
    command = ["analytics", "delete-customer", customer, "--workspace", W]
    moments = kill_often(tmp_path, base, patch, lambda home: Work(home, command), DELETION, times)
    next(moments)
    without = state()
    kills = Kills()
    for phase in moments:
        for version in store.versions(W):
            now = rows(version)
            assert of_others(now, customer) == expected[version.number] and not now - before[version.number], phase
        kills.phases[phase] += 1
        kills.found["rows of the person left" if rows(store.current(W)) != expected[store.current(W).number] else "none left"] += 1
        try:
            delete_customer(W, customer)
        except UserError as error:
            assert error.key == "no_such_customer"  # it had come to its end but for its last words
        assert {version.number: rows(version) for version in store.versions(W)} == expected, phase
        assert state() == without and strays(store.folder(W)) == [], phase
    print(f"deletions: {kills}")
    return kills


@pytest.fixture
def twice(made: Path, home: Path, tmp_path: Path) -> Path:
    """A home whose workspace has two versions."""
    load(orders(tmp_path / "more.csv", FIRST, seed=3, first=50_000))
    return Path(shutil.copytree(home, tmp_path / "twice"))


def test_a_deletion_killed_leaves_everybody_else_in_every_version_and_the_retry_finishes(twice, tmp_path, monkeypatch) -> None:
    assert deletions_killed(tmp_path, twice, monkeypatch, 3).phases.total() == 3


@pytest.mark.bars
@pytest.mark.timeout(3600)
def test_a_deletion_killed_twenty_times(twice, tmp_path, monkeypatch) -> None:
    assert set(deletions_killed(tmp_path, twice, monkeypatch, 20).phases) == set(DELETION)
