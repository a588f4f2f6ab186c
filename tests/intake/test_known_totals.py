"""Real data sets load to the totals their publishers and our own oracles give. Skipped where the data is not at hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from analytics.access import Access
from analytics.warehouse import open_warehouse
from tests.conftest import Cli, assert_accounted, rows_of


def test_cdnow_is_read_from_its_aligned_text(cli: Cli, cdnow: Path) -> None:
    run = cli("import", cdnow).done()
    assert_accounted(run.file)
    sales = run.json["tables"]["transactions"]
    assert (run.file["rows_read"], run.file["rows_loaded"]) == (69_659, 69_659)
    assert (sales["rows"], sales["customers"], sales["amount"]) == (69_659, 23_570, 2_500_315.63)
    assert (sales["first"][:10], sales["last"][:10]) == ("1997-01-01", "1998-06-30")


def test_a_cdnow_customer_recomputed_by_hand(cli: Cli, home: Path, cdnow: Path) -> None:
    """Customer 00002 bought on 12 January 1997 for 12.00 (1 CD) and 77.00 (5 CDs), then never again."""
    cli("import", cdnow).done()
    frame = open_warehouse(Access(workspace="default")).frame(
        "select amount, lines, first_on, last_on, quantity from customer_features where customer_id = $id", id="00002"
    )
    (row,) = frame.to_dict("records")
    assert (row["amount"], row["lines"], row["quantity"]) == (89.00, 2, 6)
    assert {str(row["first_on"])[:10], str(row["last_on"])[:10]} == {"1997-01-12"}


def test_the_complete_journey_counts_baskets_and_households(cli: Cli, complete_journey: Path) -> None:
    run = cli("import", complete_journey).done()
    assert_accounted(run.file)
    sales = run.json["tables"]["transactions"]
    assert run.file["rows_read"] == 1_469_307
    assert (sales["orders"], sales["customers"], sales["amount"]) == (155_848, 2_469, 4_596_039.58)


def test_online_retail_every_line_is_accounted_for(cli: Cli, shared_data: Path) -> None:
    run = cli("import", shared_data / "online_retail.parquet").done()
    assert_accounted(run.file)
    assert (run.file["rows_read"], run.file["rows_loaded"], run.file["rows_rejected"]) == (541_909, 406_829, 0)
    assert sum(run.file["rows_excluded"].values()) == 135_080
    sales = run.json["tables"]["transactions"]
    assert (sales["orders"], sales["customers"], sales["amount"]) == (18_536, 4_339, 8_300_065.81)
    assert (sales["first"][:10], sales["last"][:10]) == ("2010-12-01", "2011-12-09")


def test_online_retail_ids_are_whole_numbers_again(cli: Cli, home: Path, shared_data: Path) -> None:
    cli("import", shared_data / "online_retail.parquet").done()
    frame = open_warehouse(Access(workspace="default")).frame("select count(*) as n from transactions where customer_id = '17850'")
    assert frame["n"][0] == 312


@pytest.fixture
def airline(shared_data: Path) -> tuple[Path, Path]:
    return shared_data / "Customer Loyalty History.csv", shared_data / "Customer Flight Activity 2017H1.csv"


def test_the_airline_programme_has_its_members_tiers_and_leavers(cli: Cli, airline: tuple[Path, Path]) -> None:
    run = cli("import", *airline).done().json
    for report in run["files"]:
        assert_accounted(report)
    customers = run["tables"]["customers"]
    assert (customers["rows"], customers["members"], customers["cancelled"], customers["tiers"]) == (16_737, 16_737, 2_067, 3)
    assert run["files"][1]["rows_read"] == 101_406


def test_the_airline_points_are_all_there(cli: Cli, airline: tuple[Path, Path]) -> None:
    earned = sum(Decimal(row["Points Accumulated"]) for row in rows_of(airline[1]))
    redeemed = sum(Decimal(row["Points Redeemed"]) for row in rows_of(airline[1]))
    points = cli("import", *airline).done().json["tables"]["points"]
    assert (Decimal(str(points["earned"])), Decimal(str(points["redeemed"]))) == (earned, redeemed)


def test_the_airline_file_has_activity_but_no_money(cli: Cli, airline: tuple[Path, Path]) -> None:
    sales = cli("import", *airline).done().json["tables"]["transactions"]
    assert sales.get("amount") is None
    assert sales["customers"] > 0


def test_telco_is_a_snapshot_with_a_churn_column(cli: Cli, shared_data: Path) -> None:
    run = cli("import", shared_data / "telco.csv").done()
    assert_accounted(run.file)
    assert run.file["table"] == "outcomes"
    assert (run.json["tables"]["outcomes"]["rows"], run.json["tables"]["outcomes"]["churned"]) == (7_043, 1_869)


def test_telco_keeps_the_other_columns_of_the_snapshot(cli: Cli, home: Path, shared_data: Path) -> None:
    cli("import", shared_data / "telco.csv").done()
    frame = open_warehouse(Access(workspace="default")).frame("select attributes from outcomes where customer_id = '7590-VHVEG'")
    assert '"Contract"' in frame["attributes"][0]
    assert "Month-to-month" in frame["attributes"][0]


def test_a_gbk_file_is_read_without_mojibake(cli: Cli, home: Path, shared_data: Path) -> None:
    path = shared_data / "taobao_50_gbk.csv"
    run = cli("import", path).done()
    assert_accounted(run.file)
    assert (run.file["rows_read"], run.file["rows_loaded"]) == (50, 50)
    assert run.file["encoding"].lower() in {"gb18030", "gbk"}
    assert "买家会员名" in run.file["mapping"]
    paid = sum(Decimal(row["买家实际支付金额"]) for row in rows_of(path, "gb18030"))
    assert Decimal(str(run.json["tables"]["transactions"]["amount"])) == paid
    frame = open_warehouse(Access(workspace="default")).frame("select distinct product_id from transactions")
    assert "零基础学Python" in set(frame["product_id"])


def test_online_retail_keeps_postage_and_manual_lines_apart_from_goods(cli: Cli, shared_data: Path, home: Path) -> None:
    cli("import", shared_data / "online_retail.parquet").done()
    codes = pd.read_parquet(shared_data / "online_retail.parquet", columns=["StockCode", "CustomerID"]).dropna()["StockCode"].astype(str)
    fees = int((~codes.str.match(r"^[0-9]{5}|^(DCGS|gift_)")).sum())
    held = open_warehouse(Access(workspace="default")).frame("select category, count(*) as lines from transactions group by 1 order by 1")
    assert held.to_dict("records") == [{"category": "fees", "lines": fees}, {"category": "goods", "lines": 406829 - fees}]
