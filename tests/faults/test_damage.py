"""A file the disk lost or changed is named, with what to do; what can be computed again is; a backup brings everything back."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from analytics import store, warehouse
from analytics.access import Access
from analytics.erasure import delete_customer
from analytics.errors import UserError
from analytics.marts.build import open_current
from tests.conftest import run_cli
from tests.faults.world import FIRST, W, load, orders, state, strays


@pytest.fixture(autouse=True)
def root(home, tmp_path) -> Path:
    """The folder of a workspace with two versions."""
    load(orders(tmp_path / "one.csv", FIRST, seed=1))
    load(orders(tmp_path / "two.csv", FIRST, seed=2, first=100_000))
    return home / W


def told() -> UserError:
    warehouse._open.clear()
    with pytest.raises(UserError) as error:
        state()
    return error.value


def test_a_version_whose_file_is_cut_off_is_named_with_those_one_can_go_back_to(root, home) -> None:
    path = root / "versions" / "000002.json"
    path.write_bytes(path.read_bytes()[:-40])
    assert (told().key, told().facts) == ("damaged_file", {"file": "versions/000002.json", "workspace": W, "versions": "1"})
    page = run_cli(home, "run", "overview", "--workspace", W, "--language", "en", as_json=False)
    assert page.code == 2 and "versions/000002.json" in page.err and "--go-back" in page.err and "Traceback" not in page.err
    rows = run_cli(home, "versions", "--workspace", W, "--go-back", "1").done().json["versions"]
    assert [(row["version"], row["in_force"]) for row in rows] == [(1, True)]
    assert state()["summary"]["transactions"]["orders"] == FIRST - 3


def test_rows_of_a_version_that_cannot_be_read_are_not_swept_since_a_backup_may_bring_it_back(root, tmp_path) -> None:
    expected, path = state(), root / "versions" / "000002.json"
    whole = path.read_bytes()
    path.write_bytes(b"{")
    store.go_back(W, 1)
    (root / "unpublished").touch()  # as an import leaves it that dies now
    load(orders(tmp_path / "three.csv", FIRST, seed=3, first=200_000))
    path.write_bytes(whole)
    store.go_back(W, 2)
    assert state() == expected


def test_a_lost_note_of_the_version_in_force_is_written_anew_by_going_back(root) -> None:
    expected = state()
    (root / "current.json").write_bytes(b"")
    assert told().facts == {"file": "current.json", "workspace": W, "versions": "2, 1"}
    store.go_back(W, 2)
    assert state() == expected


@pytest.mark.parametrize("how", ["gone", "cut", "garbled"])
def test_a_table_file_that_cannot_be_read_is_named_by_pages_imports_and_deletions(root, tmp_path, how) -> None:
    path = Path(store.parquet_files(W, store.current(W), "transactions")[0])
    raw = path.read_bytes()
    damaged = {"gone": None, "cut": raw[: len(raw) // 2], "garbled": raw[:4] + bytes(len(raw) - 400) + raw[-396:]}[how]
    path.unlink() if damaged is None else path.write_bytes(damaged)
    facts = {"file": str(path.relative_to(root)), "workspace": W, "versions": "2, 1"}
    assert (told().key, told().facts) == ("damaged_file", facts)
    before = sorted(path.name for path in root.glob("versions/*"))
    for change in (lambda: load(orders(tmp_path / "three.csv", FIRST, seed=3, first=1_000)), lambda: delete_customer(W, "C17")):
        with pytest.raises(UserError) as error:
            change()
        assert error.value.facts == facts
    assert sorted(path.name for path in root.glob("versions/*")) == before


def test_a_table_whose_log_is_lost_is_named(root) -> None:
    shutil.rmtree(root / "tables" / "customers" / "_delta_log")
    assert told().facts == {"file": "tables/customers", "workspace": W, "versions": "2, 1"}


def test_marts_that_are_missing_are_built_again_by_themselves(root) -> None:
    expected = state()
    for lost in ("marts/000002/cube.parquet", "marts/000002", "marts"):
        warehouse._open.clear()
        path = root / lost
        path.unlink() if path.is_file() else shutil.rmtree(path)
        assert state() == expected


def test_marts_that_cannot_be_read_are_named_once_and_then_built_again(root) -> None:
    expected = state()
    for mart in sorted((root / "marts" / "000002").glob("*.parquet"))[::4]:
        warehouse._open.clear()
        mart.write_bytes(mart.read_bytes()[:100])
        with pytest.raises(UserError) as error:
            open_current(Access(workspace=W)).frame(f"select * from {mart.stem}")
        assert (error.value.key, error.value.facts) == ("damaged_mart", {"file": mart.name})
        warehouse._open.clear()
        assert state() == expected


def flips(root: Path, times: int) -> Counter[str]:
    """Flip one bit in the table of sales, so many times. Returns how often it was told, harmless, or seen by nobody."""
    path = Path(store.parquet_files(W, store.current(W), "transactions")[0])
    draw, whole, found = random.Random(4711), path.read_bytes(), Counter[str]()
    sql = "select count(*), sum(hash(t)::hugeint)::varchar from transactions t"
    warehouse._open.clear()
    expected = open_current(Access(workspace=W)).row(sql)
    for _ in range(times):
        raw = bytearray(whole)
        raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
        path.write_bytes(raw)
        warehouse._open.clear()
        try:
            found["harmless" if open_current(Access(workspace=W)).row(sql) == expected else "not noticed"] += 1
        except UserError as error:
            assert error.key == "damaged_file"
            found["told"] += 1
    print(f"{times} single bits flipped in a table file: {dict(found)}")
    return found


def test_a_flipped_bit_is_told_wherever_the_file_cannot_be_read_any_more(root) -> None:
    assert flips(root, 40)["told"] >= 1


@pytest.mark.bars
def test_three_hundred_flipped_bits_never_end_in_a_crash(root) -> None:
    assert flips(root, 300).total() == 300


def test_a_backup_is_a_copy_of_the_folder_and_putting_it_back_restores_everything(root, tmp_path) -> None:
    expected = state()
    backup = Path(shutil.copytree(root, tmp_path / "backup"))
    load(orders(tmp_path / "three.csv", FIRST, seed=3, first=200_000))
    delete_customer(W, "C17")
    for path in root.glob("tables/*/*.parquet"):
        path.write_bytes(b"lost")
    assert told().key == "damaged_file"
    shutil.rmtree(root)
    shutil.copytree(backup, root)
    warehouse._open.clear()
    assert state() == expected
    load(orders(tmp_path / "four.csv", FIRST, seed=4, first=300_000))
    assert state()["summary"]["transactions"]["orders"] == 3 * (FIRST - 3) and strays(root) == []
