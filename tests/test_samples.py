"""The sample files are what their script makes, load as they are, and add up."""

from __future__ import annotations

import runpy
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import ROOT, Cli, assert_accounted, rows_of

SAMPLES = ROOT / "data" / "samples"
FILES = ("customers.csv", "orders.csv", "points.csv")
LANGUAGES = {
    "en": {
        "order": "Order ID",
        "customer": "Customer ID",
        "amount": "Amount",
        "type": "Type",
        "sale": "sale",
        "points": "Points",
        "move": "Event type",
        "earn": "earn",
    },
    "zh-CN": {
        "order": "订单编号",
        "customer": "客户编号",
        "amount": "实付金额",
        "type": "类型",
        "sale": "销售",
        "points": "变动积分",
        "move": "变动类型",
        "earn": "获得",
    },
}


def test_the_script_makes_the_very_files_that_are_shipped(tmp_path: Path) -> None:
    runpy.run_path(str(ROOT / "data" / "make_samples.py"))["make"](tmp_path)
    for language in LANGUAGES:
        for name in FILES:
            assert (tmp_path / language / "shop" / name).read_bytes() == (SAMPLES / language / "shop" / name).read_bytes(), (
                f"{language}/{name}"
            )


def test_the_samples_are_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*.csv")) < 4_000_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sample_loads_without_a_correction_and_adds_up(language: str, cli: Cli) -> None:
    run = cli("import", *(SAMPLES / language / "shop" / name for name in FILES), "--workspace", "shop").done().json
    for report in run["files"]:
        assert_accounted(report)
        assert (report["rows_rejected"], report["questions"]) == (0, [])
    assert [report["table"] for report in run["files"]] == ["customers", "transactions", "points"]
    words, tables = LANGUAGES[language], run["tables"]
    orders = list(rows_of(SAMPLES / language / "shop" / "orders.csv"))
    sold = [row for row in orders if row[words["type"]] == words["sale"]]
    assert tables["transactions"]["rows"] == len(orders)
    assert tables["transactions"]["orders"] == len({row[words["order"]] for row in sold})
    assert tables["transactions"]["customers"] == len({row[words["customer"]] for row in sold})
    assert Decimal(str(tables["transactions"]["amount"])) == sum(Decimal(row[words["amount"]]) for row in orders)
    assert (tables["customers"]["rows"], tables["customers"]["tiers"]) == (1_200, 3)
    points = [row for row in rows_of(SAMPLES / language / "shop" / "points.csv") if row[words["move"]] == words["earn"]]
    assert tables["points"]["earned"] == sum(int(row[words["points"]]) for row in points)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_shop_is_the_sample_in_the_chosen_language(language: str, cli: Cli) -> None:
    tables = cli("example", "shop", "--language", language).done().json["tables"]
    paid = sum(Decimal(row[LANGUAGES[language]["amount"]]) for row in rows_of(SAMPLES / language / "shop" / "orders.csv"))
    assert (tables["customers"]["rows"], Decimal(str(tables["transactions"]["amount"]))) == (1_200, paid)
