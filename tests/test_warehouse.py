"""The warehouse gives each caller its own rows and lets no query out of its folders."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from analytics import jobs, store
from analytics.access import Access
from analytics.warehouse import open_warehouse


@pytest.fixture
def warehouse(tmp_path, monkeypatch):
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path / "home"))
    path = tmp_path / "orders.csv"
    lines = "".join(f"c{i},{i},2025-01-{1 + i % 28:02d},{i}.00\n" for i in range(1000))
    path.write_text("customer_id,order_id,date,amount\n" + lines)
    jobs.start_load("w", [path], {}).result()
    return open_warehouse(Access(workspace="w"))


def test_eight_threads_read_their_own_rows_only(warehouse) -> None:
    def ask(number: int) -> bool:
        frame = warehouse.frame("select customer_id, amount from transactions where customer_id = $id", id=f"c{number}")
        return frame.to_dict("records") == [{"customer_id": f"c{number}", "amount": float(number)}]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, [i % 1000 for i in range(1600)]))


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('/etc/passwd')",
        "copy (select 1) to '/etc/tierwise-test'",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '100GB'",
        "set enable_external_access = true",
        "attach '/etc/tierwise.db'",
    ],
)
def test_sql_cannot_read_or_write_elsewhere_nor_loosen_its_limits(warehouse, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        warehouse.frame(sql)


def test_a_table_that_was_never_loaded_is_an_empty_view(warehouse) -> None:
    assert warehouse.row("select count(*) from points") == (0,)
    assert "points" not in warehouse.present()
    assert {"customer_id", "amount", "occurred_at", "transaction_id", "kind"} <= warehouse.present()["transactions"]


def test_a_table_written_before_a_column_was_known_reads_it_as_null_and_takes_rows_that_have_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path / "home"))
    path = tmp_path / "old.csv"
    path.write_text("customer_id,order_id,date,amount\na,1,2025-01-31,10.00\n")
    jobs.start_load("w", [path], {}).result()
    known = open_warehouse(Access(workspace="w")).frame("select * exclude (opened_at) from transactions")
    place = store.folder("w") / "tables" / "transactions"
    shutil.rmtree(place)
    write_deltalake(place, pa.Table.from_pandas(known, preserve_index=False))  # as an earlier release wrote it
    assert open_warehouse(Access(workspace="w")).row("select amount, opened_at from transactions") == (10, None)
    path.write_text("customer_id,order_id,date,amount,deal opened at\nb,2,2025-02-28,5.00,2025-01-02\n")
    jobs.start_load("w", [path], {}).result()
    rows = open_warehouse(Access(workspace="w")).frame("select customer_id, opened_at::date as day from transactions order by 1")
    assert rows["customer_id"].tolist() == ["a", "b"]
    assert rows["day"].isna().tolist() == [True, False]
