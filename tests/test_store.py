"""Versions are whole or absent, earlier ones come back, and what a dead import left is never read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from analytics import jobs, store
from analytics.access import Access
from analytics.errors import UserError
from analytics.intake import known
from analytics.marts.build import build, open_current, recipe
from analytics.settings import Settings
from analytics.warehouse import Warehouse, open_warehouse

HEADER = "customer_id,order_id,date,amount,region\n"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path / "home"))
    return tmp_path


def load(home, text: str, name: str = "orders.csv", workspace: str = "w"):
    path = home / name
    path.write_text(HEADER + text, encoding="utf-8")
    return jobs.start_load(workspace, [path], {}).result()


def amount(workspace: str = "w") -> float:
    return float(store.current(workspace).summary["transactions"]["amount"])


def test_going_back_shows_the_earlier_data_and_the_next_import_builds_on_it(home) -> None:
    load(home, "a,1,2025-01-31,10.00,North\n", "one.csv")
    load(home, "b,2,2025-02-28,5.00,South\n", "two.csv")
    assert amount() == 15.00
    store.go_back("w", 1)
    assert amount() == 10.00
    load(home, "c,3,2025-03-31,2.50,East\n", "three.csv")
    assert amount() == 12.50
    assert [version.number for version in store.versions("w")] == [3, 2, 1]
    rows = open_warehouse(Access(workspace="w")).frame("select customer_id from transactions order by 1")
    assert list(rows.customer_id) == ["a", "c"]


def test_rows_of_an_import_that_died_before_publishing_are_gone_after_the_next_one(home) -> None:
    load(home, "a,1,2025-01-31,10.00,North\n", "one.csv")
    with store.drafting("w") as draft:
        files = store.parquet_files("w", draft.version, "transactions")
        rows = Warehouse(Access(workspace="w"), draft.version).frame("select * from transactions")
        assert len(files) == 1 and len(rows) == 1
        draft.append("transactions", [Path(shutil.copy(files[0], home / "again.parquet"))])
    assert amount() == 10.00
    load(home, "b,2,2025-02-28,5.00,South\n", "two.csv")
    assert amount() == 15.00


def test_a_second_import_at_the_same_time_is_refused_with_the_process_that_runs(home) -> None:
    import os

    with store.drafting("w"), pytest.raises(UserError) as refused, store.drafting("w"):
        pass
    assert refused.value.key == "import_running"
    assert refused.value.facts == {"pid": str(os.getpid())}


def test_overlapping_files_add_only_what_is_new_and_keep_equal_lines_of_one_file(home) -> None:
    first = load(home, "a,1,2025-01-31,10.00,North\na,1,2025-01-31,10.00,North\n", "jan.csv")
    assert first.tables["transactions"]["rows"] == 2
    second = load(home, "a,1,2025-01-31,10.00,North\nb,2,2025-02-28,5.00,South\n", "feb.csv")
    report = second.files[0]
    assert (report.rows_read, report.rows_loaded, dict(report.rows_excluded)) == (2, 1, {"already_loaded": 1})
    assert amount() == 25.00


def test_the_sample_is_never_mixed_with_own_data(home) -> None:
    path = home / "sample.csv"
    path.write_text(HEADER + "z,9,2025-01-31,99.00,North\n")
    jobs.start_load("w", [path], {}, demo="en", fresh=True).result()
    assert store.current("w").demo
    load(home, "a,1,2025-02-28,10.00,North\n")
    assert not store.current("w").demo
    assert amount() == 10.00


def test_own_data_of_a_time_when_the_demo_had_no_language_stays_own(home) -> None:
    load(home, "a,1,2025-01-31,10.00,North\n", "jan.csv")
    path = store.folder("w") / "versions" / "000001.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "demo": False}))
    load(home, "b,2,2025-02-28,5.00,South\n", "feb.csv")
    assert amount() == 15.00
    assert store.current("w").demo == ""


def test_a_workspace_name_cannot_leave_the_home_folder(home) -> None:
    for name in ("../evil", "a/b", "", ".hidden", "x" * 65):
        with pytest.raises(UserError):
            store.folder(name)


def test_the_as_of_date_leaves_later_days_out_of_the_marts(home) -> None:
    load(home, "a,1,2025-01-31,10.00,North\na,2,2025-03-31,4.00,North\n")
    jobs.change_settings("w", {"as_of": "2025-02-28"})
    warehouse = open_warehouse(Access(workspace="w"))
    assert warehouse.frame("select orders, amount from customer_features").to_dict("records") == [{"orders": 1, "amount": 10.0}]
    assert store.current("w").settings == Settings(as_of=warehouse.as_of)


def test_marts_add_up_to_the_rows(home) -> None:
    load(home, "a,1,2025-01-31,10.00,North\na,1,2025-01-31,-3.00,North\nb,2,2025-02-28,5.50,South\nb,,2025-02-28,1.00,South\n")
    warehouse = open_warehouse(Access(workspace="w"))
    total = warehouse.row("select sum(amount), count(*) from transactions")
    for mart in ("customer_features", "customer_months", "cube"):
        assert warehouse.row(f"select sum(amount), sum(lines) from {mart}") == total
    assert warehouse.row("select sum(orders), sum(refunds) from customer_features") == (3, pytest.approx(-3))
    assert warehouse.row("select sum(orders) from cube") == (3,)


def test_a_version_under_construction_is_described_before_it_is_published(home) -> None:
    load(home, "a,1,2025-01-31,10.00,North\n")
    with store.drafting("w") as draft:
        described = build("w", draft.version)
    assert described.summary["transactions"]["orders"] == 1
    assert "region" in described.columns["customers"]
    assert store.current("w").number == 1


def test_the_pseudonym_key_lies_outside_the_workspace_and_is_private(home) -> None:
    key = store.pseudonym_key("w")
    assert len(key) == 64 and store.pseudonym_key("w") == key
    path = store.folder("w").parent / ".keys" / "w"
    assert path.stat().st_mode & 0o077 == 0
    assert not any(path.name == "key" for path in store.folder("w").rglob("*"))


def test_marts_made_by_other_sql_are_built_again(home) -> None:
    load(home, "a,1,2025-01-31,10.00,North\n")
    folder = store.marts_folder("w", store.current("w"))
    (folder / "recipe").write_text("made by an older release")
    (folder / "cube.parquet").write_bytes(b"of another shape")
    assert open_current(Access(workspace="w")).row("select sum(amount) from cube") == (10,)
    assert (folder / "recipe").read_text() == recipe()


def test_neither_versions_nor_rejects_keep_where_a_file_lay(home) -> None:
    report = load(home, "a,1,2025-01-31,10.00,North\nb,2,2025-01-31,much,North\n", "orders.csv")
    assert report.files[0].path == str(home / "orders.csv")
    assert [file["path"] for file in store.current("w").files] == ["orders.csv"]
    rejects = store.rejects("w", store.current("w")).read_text(encoding="utf-8-sig")
    assert rejects.splitlines()[1] == "orders.csv,3,unreadable:amount,b,2,2025-01-31,much,North"


def test_a_second_equal_line_that_the_workspace_does_not_hold_yet_is_added(home) -> None:
    load(home, "a,1,2025-01-31,10.00,North\n", "jan.csv")
    report = load(home, "a,1,2025-01-31,10.00,North\na,1,2025-01-31,10.00,North\n", "again.csv").files[0]
    assert (report.rows_read, report.rows_loaded, dict(report.rows_excluded)) == (2, 1, {"already_loaded": 1})
    assert amount() == 20.00


def test_many_small_files_become_one_and_earlier_versions_keep_theirs(home, monkeypatch) -> None:
    monkeypatch.setattr(known, "MANY_FILES", 3)
    for month in range(1, 5):
        path = home / f"{month}.csv"
        path.write_text(HEADER + f"a,{month},2025-0{month}-05,{month}.00,North\n", encoding="utf-8")
        jobs._load({"workspace": "w", "paths": [str(path)], "answers": {}})
    held = [len(store.parquet_files("w", store.load("w", number), "transactions")) for number in range(1, 5)]
    assert held == [1, 2, 3, 1]
    assert [_total(number) for number in range(1, 5)] == [1.00, 3.00, 6.00, 10.00]


def _total(number: int) -> float:
    return float(Warehouse(Access(workspace="w"), store.load("w", number)).value("select sum(amount) from transactions"))
