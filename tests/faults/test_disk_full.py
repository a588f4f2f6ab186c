"""A full disk is told in words, loses nothing, and gives its room back: on a small tmpfs where mounting is allowed, else RLIMIT_FSIZE."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from analytics import deltas, duck, store
from analytics.erasure import delete_customer
from analytics.errors import UserError
from analytics.i18n import Words
from analytics.machine import limits_told
from tests.conftest import ROOT
from tests.faults.world import FIRST, SECOND, W, importing, load, of_others, orders, rows, state, strays

ROOMY = 64 << 20
SAYS = Words(language="en").error(UserError("disk_full"))


@dataclass(frozen=True)
class Disk:
    """A file system of 64 MB. `leave(n)` fills it but for n bytes, `free()` takes the filling away."""

    path: Path

    def leave(self, room: int) -> None:
        self.free()
        left = shutil.disk_usage(self.path).free - room
        with (self.path / "filler").open("wb") as file:
            for _ in range(left >> 16):
                file.write(bytes(1 << 16))
            file.write(bytes(left & 0xFFFF))

    def free(self) -> None:
        (self.path / "filler").unlink(missing_ok=True)

    @property
    def left(self) -> int:
        return shutil.disk_usage(self.path).free


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """A small disk that holds the workspaces' home."""
    path = tmp_path / "disk"
    path.mkdir()
    if not sys.platform.startswith("linux") or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOMY}", "tmpfs", path]).returncode:
        pytest.skip("mounting a tmpfs is not allowed here: RLIMIT_FSIZE stands for it in the other tests")
    (path / "home").mkdir()
    monkeypatch.setenv("LOYALTY_HOME", str(path / "home"))
    yield Disk(path)
    subprocess.run(["umount", "--lazy", path], check=True)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return orders(tmp_path / "two.csv", SECOND, seed=2, first=100_000)


def imports_on_a_full_disk(disk: Disk, second: Path, tmp_path: Path, rooms: list[int]) -> Counter[str]:
    """Imports with so many bytes left, each on a version that is there. Returns the steps in which the room ran out."""
    load(orders(tmp_path / "one.csv", FIRST, seed=1))
    old, root = state(), store.folder(W)
    steps: Counter[str] = Counter()
    for room in rooms:
        disk.leave(room)
        work = importing(disk.path / "home", second)
        answer = work.answer()
        assert answer == {"error": {"key": "disk_full", "facts": {}}}, (room, work.steps)
        assert state() == old and strays(root) == [], room  # the disk is still full
        assert disk.left >= room - (64 << 10), room
        steps[work.step] += 1
    disk.free()
    load(second)
    assert state()["summary"]["transactions"]["orders"] == old["summary"]["transactions"]["orders"] + SECOND * 999 // 1000
    assert strays(root) == []
    print(f"tmpfs: {steps.total()} imports stopped by a full disk: {dict(steps)}")
    return steps


def test_an_import_on_a_full_disk_is_refused_in_words_and_the_next_one_completes(disk, second, tmp_path) -> None:
    steps = imports_on_a_full_disk(disk, second, tmp_path, [0, 60_000, 250_000, 500_000, 900_000])
    assert steps["load"] >= 1 and steps["build"] >= 1


@pytest.mark.bars
@pytest.mark.timeout(1200)
def test_an_import_runs_out_of_room_in_forty_places(disk, second, tmp_path) -> None:
    assert imports_on_a_full_disk(disk, second, tmp_path, list(range(0, 1_000_000, 25_000))).total() == 40


@pytest.mark.parametrize("write", ["commit", "record", "_put_in_force"])
def test_a_disk_full_at_the_last_writes_leaves_the_old_version(disk, second, tmp_path, monkeypatch, write) -> None:
    load(orders(tmp_path / "one.csv", FIRST, seed=1))
    old = state()
    owner = deltas if write == "commit" else store
    real = getattr(owner, write)

    def when_full(*args: object, **words: object) -> object:
        disk.leave(0)
        return real(*args, **words)

    with monkeypatch.context() as patch, pytest.raises(UserError) as told, limits_told():
        patch.setattr(owner, write, when_full)
        load(second)
    assert told.value.key == "disk_full" and state() == old
    disk.free()
    load(second)
    assert state()["summary"]["transactions"]["rows"] > old["summary"]["transactions"]["rows"] and strays(store.folder(W)) == []


def test_a_deletion_on_a_full_disk_is_refused_in_words_and_the_next_one_finishes(disk, second, tmp_path) -> None:
    load(orders(tmp_path / "one.csv", FIRST, seed=1))
    load(second)
    old, others = state(), of_others(rows(store.current(W)), "C17")
    for room in (0, 20_000, 100_000):
        disk.leave(room)
        done = terminal(disk.path / "home", "delete-customer", "C17")
        assert (done.returncode, done.stderr.strip()) == (2, " ".join(SAYS)), room
        assert of_others(rows(store.current(W)), "C17") == others and state()["summary"] == old["summary"]
    disk.free()
    delete_customer(W, "C17")
    assert rows(store.current(W)) == others and state()["summary"] != old["summary"] and strays(store.folder(W)) == []


def test_a_sort_that_finds_no_room_for_its_temporary_files_is_told(disk, monkeypatch) -> None:
    monkeypatch.setattr(duck, "MEMORY", "60MB")
    connection = duck.connect(time_zone="UTC", spill=disk.path / "spill", folders=[])
    disk.leave(5_000_000)
    with pytest.raises(UserError) as told, limits_told():
        connection.execute("create temp table t as select random() as r, uuid()::varchar as u from range(3000000) order by r")
    assert told.value.key == "disk_full"


# --- without mounting


def terminal(home: Path, *words: str, largest: int | None = None) -> subprocess.CompletedProcess[str]:
    """A command that may write files of so many bytes at most."""

    def limit() -> None:
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    env = {**os.environ, "LOYALTY_HOME": str(home), "PYTHONUTF8": "1", "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "analytics", *words, "--workspace", W]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, preexec_fn=limit, timeout=120)


@pytest.mark.parametrize("largest", [300, 20_000, 120_000])
def test_a_file_that_may_not_grow_is_told_as_a_full_disk(home, second, tmp_path, largest) -> None:
    load(orders(tmp_path / "one.csv", FIRST, seed=1))
    old = state()
    done = terminal(home, "import", str(second), largest=largest)
    print("RLIMIT_FSIZE", largest, done.stderr)
    assert (done.returncode, done.stderr.strip()) == (2, " ".join(SAYS))
    assert state() == old and strays(store.folder(W)) == []


def test_a_deletion_that_may_not_write_is_told_as_a_full_disk(home, tmp_path) -> None:
    load(orders(tmp_path / "one.csv", FIRST, seed=1))
    old = state()
    done = terminal(home, "delete-customer", "C17", "--language", "zh-CN", largest=300)
    assert (done.returncode, done.stderr.strip()) == (2, " ".join(Words(language="zh-CN").error(UserError("disk_full"))))
    assert state() == old
    delete_customer(W, "C17")
    assert state() != old and strays(store.folder(W)) == []
