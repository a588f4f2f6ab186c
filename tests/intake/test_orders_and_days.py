"""Plain files: an order's total that stands on each of its lines is counted once, and days are found however they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from analytics import jobs
from analytics.access import Access
from analytics.errors import UserError
from analytics.intake.report import Answers
from analytics.warehouse import open_warehouse
from tests.conftest import assert_accounted


@pytest.fixture(autouse=True)
def _private(home: Path) -> None:
    """Every test has its own home."""


def load(folder: Path, header: str, *lines: str, **answers: Any) -> dict[str, Any]:
    path = folder / "file.csv"
    path.write_text("\n".join([header, *lines, ""]), "utf-8")
    told = {"": asdict(Answers(**answers))} if answers else {}
    report = jobs._load({"workspace": "w", "paths": [str(path)], "answers": told})["report"]
    assert_accounted(report["files"][0])
    return report


def outcome(report: dict[str, Any]) -> tuple[int, float, dict[str, int]]:
    """Orders, amount, and what was left out."""
    sales = report["tables"]["transactions"]
    return sales["orders"], sales["amount"], report["files"][0]["rows_excluded"]


def days(table: str = "transactions") -> list[str]:
    queries = {name: f"select distinct occurred_at::date::varchar as day from {name} order by day" for name in ("transactions", "points")}
    return list(open_warehouse(Access(workspace="w")).frame(queries[table])["day"])


LINES = ("1,A,2025-01-14,{0},tea", "1,A,2025-01-14,{0},cup", "1,A,2025-01-14,{0},pot", "2,B,2025-01-15,{1},tea")


@pytest.mark.parametrize("name", ["order total", "Grand Total", "订单金额", "实付金额"])
def test_a_total_on_every_line_of_its_order_is_counted_once(name: str, tmp_path: Path) -> None:
    report = load(tmp_path, f"order id,customer id,order date,{name},product", *(line.format("60.00", "12.50") for line in LINES))
    assert outcome(report) == (2, 72.5, {"further_line": 2})


def test_a_total_on_the_first_line_only_is_counted_once(tmp_path: Path) -> None:
    lines = ("1,A,2025-01-14,60.00,tea", "1,A,2025-01-14,,cup", "2,B,2025-01-15,12.50,tea")
    assert outcome(load(tmp_path, "order id,customer id,order date,order total,product", *lines)) == (2, 72.5, {})


def test_the_line_s_own_money_goes_before_the_order_s(tmp_path: Path) -> None:
    lines = ("1,A,2025-01-14,60.00,40.00,tea", "1,A,2025-01-14,60.00,20.00,cup")
    report = load(tmp_path, "order id,customer id,order date,order total,item total,product", *lines)
    assert outcome(report) == (1, 60.0, {})
    assert report["files"][0]["rows_loaded"] == 2


@pytest.mark.parametrize("name", ["line total", "sales value", "小计"])
def test_lines_that_cost_the_same_are_all_counted_when_the_name_says_so(name: str, tmp_path: Path) -> None:
    report = load(tmp_path, f"order id,customer id,order date,{name},product", *(line.format("5.00", "5.00") for line in LINES))
    assert outcome(report) == (2, 20.0, {})


def test_one_order_with_unequal_lines_shows_that_amounts_are_the_lines_own(tmp_path: Path) -> None:
    lines = (*(line.format("5.00", "5.00") for line in LINES), "2,B,2025-01-15,7.00,cup")
    assert outcome(load(tmp_path, "order id,customer id,order date,order total,product", *lines)) == (2, 27.0, {})


def test_one_unequal_order_late_in_a_long_file_shows_it_too(tmp_path: Path) -> None:
    lines = [f"{order},C,2025-01-14,1.00,{product}" for order in range(2_600) for product in ("tea", "cup")]
    report = load(tmp_path, "order id,customer id,order date,order total,product", *lines, "2599,C,2025-01-14,7.00,pot")
    assert outcome(report) == (2_600, 5_207.0, {})


SAME = tuple(f"{order},C{order},2025-01-1{order},{order}0.00,{product}" for order in (1, 2, 3) for product in ("tea", "cup"))
"""Three orders of two products; both lines of an order have the same amount: 10, 20 and 30."""


def test_an_amount_that_may_be_either_is_asked(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        load(tmp_path, "order id,customer id,order date,amount,product", *SAME)
    assert (refused.value.key, refused.value.facts["flag"], refused.value.facts["options"]) == ("question_total", "--total", "order, line")


@pytest.mark.parametrize(("answer", "expected"), [("order", (3, 60.0, {"further_line": 3})), ("line", (3, 120.0, {}))])
def test_the_answer_decides_whose_the_amount_is(answer: str, expected: tuple[int, float, dict[str, int]], tmp_path: Path) -> None:
    assert outcome(load(tmp_path, "order id,customer id,order date,amount,product", *SAME, total=answer)) == expected


def test_price_times_quantity_tells_a_line_s_amount(tmp_path: Path) -> None:
    lines = tuple(f"{line},1,{line.split(',')[3]}" for line in SAME)
    assert outcome(load(tmp_path, "order id,customer id,order date,amount,product,quantity,price", *lines)) == (3, 120.0, {})


def test_price_times_quantity_of_all_lines_tells_an_order_s_amount(tmp_path: Path) -> None:
    lines = tuple(f"{line},2,{float(line.split(',')[3]) / 4}" for line in SAME)
    assert outcome(load(tmp_path, "order id,customer id,order date,amount,product,quantity,price", *lines)) == (
        3,
        60.0,
        {"further_line": 3},
    )


def test_lines_that_are_equal_in_everything_are_lines(tmp_path: Path) -> None:
    lines = ("1,A,2025-01-14,5.00,tea", "1,A,2025-01-14,5.00,tea", "2,B,2025-01-15,7.00,cup")
    assert outcome(load(tmp_path, "order id,customer id,order date,order total,product", *lines)) == (2, 17.0, {})


YEAR_AND_MONTH = {
    "numbers": ("customer id,year,month,amount", ("A,2024,3,1.00", "B,2024,11,2.00"), ["2024-03-01", "2024-11-01"]),
    "short names": ("customer id,Year,Month,amount", ("A,2024,Mar,1.00", "B,2024,Nov,2.00"), ["2024-03-01", "2024-11-01"]),
    "long names": ("customer id,Year,Month,amount", ("A,2024,March,1.00", "B,2024,November,2.00"), ["2024-03-01", "2024-11-01"]),
    "中文": ("客户编号,年份,月份,金额", ("A,2024年,3月,1.00", "B,2024年,11月,2.00"), ["2024-03-01", "2024-11-01"]),
    "年 and 月": ("客户编号,年,月,金额", ("A,2024,3,1.00", "B,2024,11,2.00"), ["2024-03-01", "2024-11-01"]),
    "one column": ("customer id,month,amount", ("A,2024-03,1.00", "B,2024-11,2.00"), ["2024-03-01", "2024-11-01"]),
    "一列": ("客户编号,月份,金额", ("A,2024年3月,1.00", "B,2024年11月,2.00"), ["2024-03-01", "2024-11-01"]),
    "integers": ("customer id,date,amount", ("A,19970101,1.00", "B,19980630,2.00"), ["1997-01-01", "1998-06-30"]),
    "serials": ("customer id,date,amount", ("A,45292,1.00", "B,45351,2.00"), ["2024-01-01", "2024-02-29"]),
}


@pytest.mark.parametrize("written", YEAR_AND_MONTH)
def test_sales_find_their_day(written: str, tmp_path: Path) -> None:
    header, lines, expected = YEAR_AND_MONTH[written]
    report = load(tmp_path, header, *lines)
    assert (report["files"][0]["table"], report["files"][0]["rows_rejected"]) == ("transactions", 0)
    assert (report["tables"]["transactions"]["amount"], days()) == (3.0, expected)


POINTS: dict[str, tuple[str, Sequence[str]]] = {
    "movements": ("member id,year,month,type,points", ("A,2024,3,earn,100", "A,2024,11,redeem,40")),
    "columns": ("member id,Year,Month,Points Earned,Points Redeemed", ("A,2024,Mar,100,0", "A,2024,Nov,0,40")),
    "中文": ("会员编号,年份,月份,变动类型,变动积分", ("A,2024,3,消费获得,100", "A,2024,11,积分兑换,40")),
    "integers": ("member id,date,type,points", ("A,20240301,earn,100", "A,20241101,redeem,40")),
}


@pytest.mark.parametrize("written", POINTS)
def test_points_find_their_day(written: str, tmp_path: Path) -> None:
    header, lines = POINTS[written]
    points = load(tmp_path, header, *lines)["tables"]["points"]
    assert (points["earned"], points["redeemed"], days("points")) == (100, 40, ["2024-03-01", "2024-11-01"])


def test_a_month_that_cannot_be_read_rejects_its_row(tmp_path: Path) -> None:
    report = load(tmp_path, "customer id,year,month,amount", "A,2024,3,1.00", "B,2024,13,2.00", "C,2024,Smarch,4.00")
    assert (report["files"][0]["rows_loaded"], report["files"][0]["rows_rejected"]) == (1, 2)


def test_statuses_of_a_plug_in_of_woocommerce_are_understood_and_its_buyers_known_by_a_pseudonym(tmp_path: Path) -> None:
    lines = ("1,a@x.io,2025-01-14,5.00,wc-completed", "2,a@x.io,2025-01-15,7.00,wc-on-hold", "3,b@x.io,2025-01-16,9.00,wc-cancelled")
    report = load(tmp_path, "order_number,billing_email,order_date,order_total,status", *lines)
    assert outcome(report) == (1, 5.0, {"cancelled": 2})
    assert report["files"][0]["personal"] == {"billing_email": "email"}
