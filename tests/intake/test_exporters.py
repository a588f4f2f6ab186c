"""Exports of known systems map without a correction, add up to the cent, and leave nobody's name behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from analytics.access import Access
from analytics.warehouse import open_warehouse
from tests.conftest import Cli, assert_accounted
from tests.intake import makers

Maker = Callable[[Path], tuple[Path, ...]]

FAMILIES: dict[str, Maker] = {
    "zoho": lambda folder: (makers.zoho_contacts(folder), makers.zoho_accounts(folder), makers.zoho_deals(folder)),
    "zoho, dates written out": lambda folder: (makers.zoho_contacts(folder, written_out=True), makers.zoho_deals(folder, written_out=True)),
    "fxiaoke": lambda folder: (makers.fxiaoke_customers(folder), makers.fxiaoke_orders(folder), makers.fxiaoke_payments(folder)),
    "fxiaoke, full-width brackets": lambda folder: (makers.fxiaoke_customers(folder), makers.fxiaoke_orders(folder, full_width=True)),
    "shopify": lambda folder: (makers.shopify_orders(folder), makers.shopify_customers(folder)),
    "salesforce": makers.salesforce,
}


def stored_text(home: Path) -> str:
    """Everything the workspaces hold: the values inside Parquet files, every other file as it lies on disk."""
    return "\n".join(_parquet_text(path) if path.suffix == ".parquet" else _raw(path) for path in sorted(home.rglob("*")) if path.is_file())


def _parquet_text(path: Path) -> str:
    table = pq.read_table(path, partitioning=None)
    return "\n".join(str(value) for column in table.columns for value in column.unique().to_pylist())


def _raw(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def targets(report: dict[str, Any]) -> dict[str, str]:
    """Source column -> canonical column, of those in use."""
    return {source: target for source, target in report["mapping"].items() if target}


@pytest.mark.parametrize("family", FAMILIES)
def test_an_export_loads_without_a_question_and_every_row_is_accounted_for(family: str, cli: Cli, tmp_path: Path) -> None:
    files = cli("import", *FAMILIES[family](tmp_path)).done().json["files"]
    for report in files:
        assert_accounted(report)
        assert not report["questions"], report
        assert report["rows_rejected"] == 0, report


@pytest.mark.parametrize("family", FAMILIES)
def test_the_order_in_which_files_are_given_does_not_matter(family: str, cli: Cli, tmp_path: Path) -> None:
    files = FAMILIES[family](tmp_path)
    forward = cli("import", *files, "--workspace", "forward").done().json["tables"]
    backward = cli("import", *reversed(files), "--workspace", "backward").done().json["tables"]
    assert forward == backward


@pytest.mark.parametrize("family", FAMILIES)
def test_no_name_mail_phone_or_street_is_stored(family: str, cli: Cli, home: Path, tmp_path: Path) -> None:
    cli("import", *FAMILIES[family](tmp_path)).done()
    text = stored_text(home)
    assert any(stored in text for stored in ("zcrm_", "SO20250301-001", "#1001", "0lM5g")), "the search itself sees nothing"
    assert [person for person in makers.PEOPLE if person in text] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_export_again_changes_nothing_and_says_so(family: str, cli: Cli, tmp_path: Path) -> None:
    files = FAMILIES[family](tmp_path)
    first = cli("import", *files).done().json
    again = cli("import", *files).done().json
    assert again["unchanged"] is True
    assert (again["version"], again["tables"]) == (first["version"], first["tables"])


@pytest.mark.parametrize("written_out", [False, True])
def test_zoho_deals_that_were_won_are_sales_and_the_rest_opportunities(written_out: bool, cli: Cli, tmp_path: Path) -> None:
    files = makers.zoho_contacts(tmp_path, written_out=written_out), makers.zoho_deals(tmp_path, written_out=written_out)
    run = cli("import", *files).done().json
    sales = run["tables"]["transactions"]
    assert (sales["orders"], sales["customers"], sales["amount"]) == (4, 3, 86_435.49)
    assert (sales["first"][:10], sales["last"][:10]) == ("2025-03-14", "2025-06-30")
    assert run["tables"]["opportunities"]["rows"] == 2
    assert run["tables"]["customers"]["rows"] == 4
    assert all(report["source"].startswith("zoho") for report in run["files"])


@pytest.mark.parametrize("written_out", [False, True])
def test_zoho_deals_that_were_won_keep_the_day_on_which_they_were_opened(written_out: bool, cli: Cli, home: Path, tmp_path: Path) -> None:
    run = cli("import", makers.zoho_deals(tmp_path, written_out=written_out)).done()
    assert not run.file["questions"]
    days = open_warehouse(Access(workspace="default")).frame("select distinct opened_at::date as day from transactions")["day"]
    assert [str(day.date()) for day in days] == ["2024-10-07"]


def test_zoho_deals_belong_to_accounts_when_there_are_no_contacts(cli: Cli, home: Path, tmp_path: Path) -> None:
    run = cli("import", makers.zoho_accounts(tmp_path), makers.zoho_deals(tmp_path)).done().json
    assert run["tables"]["customers"]["rows"] == 2
    assert run["tables"]["transactions"]["customers"] == 2
    assert spend_by_customer() == [1_300.49, 85_135.00]


def test_zoho_contact_ids_stay_exact_text_and_join_the_deals(cli: Cli, home: Path, tmp_path: Path) -> None:
    cli("import", makers.zoho_contacts(tmp_path), makers.zoho_deals(tmp_path)).done()
    assert ids("customers") == {f"zcrm_415086800000110{number}" for number in (1, 2, 3, 4)}
    assert ids("transactions") == {"zcrm_4150868000001101", "zcrm_4150868000001102", "zcrm_4150868000001202"}


@pytest.mark.parametrize("full_width", [False, True])
def test_fxiaoke_orders_are_net_of_refunds_and_those_that_never_came_to_be_are_out(full_width: bool, cli: Cli, tmp_path: Path) -> None:
    run = cli("import", makers.fxiaoke_orders(tmp_path, full_width=full_width)).done()
    sales = run.json["tables"]["transactions"]
    assert (sales["orders"], sales["customers"], sales["amount"]) == (4, 3, 36_000.00)
    assert (sales["first"][:10], sales["last"][:10]) == ("2025-03-01", "2025-08-08")
    assert run.file["table"] == "transactions"
    assert run.file["encoding"].lower() in {"gb18030", "gbk"}
    assert sum(run.file["rows_excluded"].values()) == 2
    assert set(targets(run.file)) >= {"销售订单编号", "客户名称", "下单日期"}


def test_fxiaoke_payments_are_not_counted_beside_the_orders_they_pay(cli: Cli, tmp_path: Path) -> None:
    files = makers.fxiaoke_orders(tmp_path), makers.fxiaoke_payments(tmp_path)
    run = cli("import", *files).done().json
    assert run["tables"]["transactions"]["amount"] == 36_000.00
    payments = next(report for report in run["files"] if "回款" in report["path"])
    assert (payments["rows_read"], payments["rows_loaded"], sum(payments["rows_excluded"].values())) == (2, 0, 2)


def test_fxiaoke_customers_are_joined_by_their_pseudonymised_name(cli: Cli, home: Path, tmp_path: Path) -> None:
    cli("import", makers.fxiaoke_customers(tmp_path), makers.fxiaoke_orders(tmp_path)).done()
    assert len(ids("customers")) == 3
    assert ids("transactions") == ids("customers")
    assert spend_by_customer() == [0.00, 11_000.00, 25_000.00]


def test_fxiaoke_files_imported_one_after_the_other_still_join(cli: Cli, home: Path, tmp_path: Path) -> None:
    cli("import", makers.fxiaoke_customers(tmp_path)).done()
    cli("import", makers.fxiaoke_orders(tmp_path)).done()
    assert ids("transactions") == ids("customers")


def test_shopify_totals_are_read_once_an_order_net_of_tax_and_refunds(cli: Cli, tmp_path: Path) -> None:
    run = cli("import", makers.shopify_orders(tmp_path)).done()
    sales = run.json["tables"]["transactions"]
    assert (sales["orders"], sales["customers"], sales["amount"]) == (4, 3, 168.00)
    assert (sales["first"][:10], sales["last"][:10]) == ("2025-03-14", "2025-06-09")
    assert (run.file["rows_read"], run.file["rows_loaded"]) == (9, 4)
    assert sorted(run.file["rows_excluded"].values()) == [1, 1, 3]  # cancelled; nobody's; further lines, which carry no money


def test_shopify_orders_join_the_customers_file(cli: Cli, home: Path, tmp_path: Path) -> None:
    run = cli("import", makers.shopify_orders(tmp_path), makers.shopify_customers(tmp_path)).done()
    assert run.json["tables"]["customers"]["rows"] == 4
    assert ids("transactions") < ids("customers")
    assert spend_by_customer() == [0.00, 38.00, 130.00]


def test_shopify_customers_alone_are_customers(cli: Cli, home: Path, tmp_path: Path) -> None:
    run = cli("import", makers.shopify_customers(tmp_path)).done()
    assert run.file["table"] == "customers"
    assert len(ids("customers")) == 4
    assert not [key for key in ids("customers") if key.startswith("'")]


def test_salesforce_members_tiers_ledger_and_journal_are_four_tables_of_one_programme(cli: Cli, home: Path, tmp_path: Path) -> None:
    run = cli("import", *makers.salesforce(tmp_path)).done().json
    assert [report["table"] for report in run["files"]] == ["customers", "tiers", "points", "transactions"]
    tables = run["tables"]
    assert (tables["customers"]["rows"], tables["customers"]["members"], tables["customers"]["cancelled"]) == (3, 3, 1)
    assert tables["tiers"]["rows"] == 4
    assert (tables["points"]["rows"], tables["points"]["earned"], tables["points"]["redeemed"]) == (4, 240, 100)
    sales = tables["transactions"]
    assert (sales["rows"], sales["orders"], sales["customers"], sales["amount"]) == (3, 3, 2, 240.00)
    assert ids("transactions") | ids("points") | ids("tiers") == ids("customers")


def ids(table: str) -> set[str]:
    """Customer ids a table of the default workspace holds."""
    warehouse = open_warehouse(Access(workspace="default"))
    queries = {name: f"select distinct customer_id from {name}" for name in ("customers", "transactions", "points", "tiers")}
    return set(warehouse.frame(queries[table])["customer_id"])


def spend_by_customer() -> list[float]:
    """Net spend of every buyer, smallest first."""
    query = "select sum(amount) as spend from transactions group by customer_id order by spend"
    frame = open_warehouse(Access(workspace="default")).frame(query)
    return [round(value, 2) for value in frame["spend"]]
