"""Workbooks: every sheet that holds a table is a file of the import; what is left aside is named, never lost silently."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import odswriter
import pytest
import xlsxwriter
import xlwt

from analytics import jobs
from analytics.access import Access
from analytics.errors import UserError
from analytics.intake.report import Answers
from analytics.warehouse import open_warehouse
from tests.conftest import Cli, assert_accounted
from tests.intake.importing import rejected

Cell = str | float | date | bool | None
Sheets = Mapping[str, Sequence[Sequence[Cell]]]

ORDERS: Sequence[Sequence[Cell]] = (
    ("Customer ID", "Order Date", "Amount"),
    ("00123", date(2025, 3, 14), 10.50),
    ("00123", date(2025, 4, 1), 1200.00),
    ("9007199254740993", date(2025, 12, 31), 0.25),
)
"""Three sales of two customers, 1,210.75 in all; the second id is no exact float."""
CUSTOMERS: Sequence[Sequence[Cell]] = (
    ("Customer ID", "Tier", "Region"),
    ("00123", "Gold", "North"),
    ("9007199254740993", "Silver", "South"),
)
PIVOT: Sequence[Sequence[Cell]] = (("Month", "Sales"), ("2025-03", 10.5), ("2025-04", 1200.0), ("2025-12", 0.25))
NOTES: Sequence[Sequence[Cell]] = (("Ask Maria before sending",), ("Second line",))


@pytest.fixture(autouse=True)
def _private(home: Path) -> None:
    """Every test has its own home."""


def xlsx(path: Path, sheets: Sheets, *, hidden: Sequence[str] = ()) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", "remove_timezone": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                for column, value in enumerate(row):
                    sheet.write(line, column, value)
            if name in hidden:
                sheet.hide()
    return path


def xls(path: Path, sheets: Sheets) -> Path:
    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(line, column, value, *([day] if isinstance(value, date) else []))
    book.save(str(path))
    return path


def ods(path: Path, sheets: Sheets) -> Path:
    sink = io.BytesIO()
    with odswriter.writer(sink) as book:
        for name, rows in sheets.items():
            book.new_sheet(name).writerows(rows)
    path.write_bytes(sink.getvalue())
    return path


WRITERS = {"xlsx": xlsx, "xls": xls, "ods": ods}


def load(path: Path, **answers: Any) -> dict[str, Any]:
    told = {"": asdict(Answers(**answers))} if answers else {}
    report = jobs._load({"workspace": "w", "paths": [str(path)], "answers": told})["report"]
    for file in report["files"]:
        assert_accounted(file)
    return report


def sales(report: Mapping[str, Any]) -> tuple[int, int, float]:
    table = report["tables"]["transactions"]
    return table["rows"], table["customers"], table["amount"]


@pytest.mark.parametrize("kind", WRITERS)
def test_a_workbook_of_any_kind_keeps_ids_days_and_sums(kind: str, tmp_path: Path) -> None:
    report = load(WRITERS[kind](tmp_path / f"sales.{kind}", {"Orders": ORDERS}))
    assert sales(report) == (3, 2, 1210.75)
    (file,) = report["files"]
    assert (Path(file["path"]).name, file["questions"], file["notes"]) == (f"sales.{kind}", (), ())
    held = open_warehouse(Access(workspace="w")).frame(
        "select customer_id, occurred_at::date::varchar as day from transactions order by day"
    )
    assert held.to_numpy().tolist() == [["00123", "2025-03-14"], ["00123", "2025-04-01"], ["9007199254740993", "2025-12-31"]]


@pytest.mark.parametrize("kind", WRITERS)
def test_every_sheet_that_is_a_table_is_a_file_of_the_import(kind: str, tmp_path: Path) -> None:
    report = load(WRITERS[kind](tmp_path / f"book.{kind}", {"Orders": ORDERS, "Customers": CUSTOMERS}))
    assert [(file["path"].split("/")[-2:], file["table"]) for file in report["files"]] == [
        ([f"book.{kind}", "Orders"], "transactions"),
        ([f"book.{kind}", "Customers"], "customers"),
    ]
    assert sales(report) == (3, 2, 1210.75)
    assert report["tables"]["customers"]["tiers"] == 2


def test_notes_pivots_empty_and_hidden_sheets_are_left_aside_and_named(tmp_path: Path) -> None:
    sheets = {
        "Read me": NOTES,
        "Orders": ORDERS,
        "By month": PIVOT,
        "Empty": (),
        "Header": (ORDERS[0],),
        "Customers": CUSTOMERS,
        "Old": ORDERS,
    }
    report = load(xlsx(tmp_path / "book.xlsx", sheets, hidden=["Old"]))
    assert [file["path"].split("/")[-1] for file in report["files"]] == ["Orders", "Customers"]
    assert sales(report) == (3, 2, 1210.75)
    assert dict(report["files"][0]["notes"]) == {
        "empty_sheets": {"sheets": "Read me, Empty, Header"},
        "hidden_sheets": {"sheets": "Old"},
        "unused_sheets": {"sheets": "By month (3)"},
    }
    assert report["files"][1]["notes"] == ()


def test_a_sheet_can_be_picked_even_a_hidden_one(tmp_path: Path) -> None:
    more = (*ORDERS, ("A", date(2026, 1, 1), 5.0))
    path = xlsx(tmp_path / "book.xlsx", {"Orders": ORDERS, "Customers": CUSTOMERS, "Old": more}, hidden=["Old"])
    assert sales(load(path, sheet="Old")) == (4, 3, 1215.75)


def test_picking_a_sheet_tells_that_others_stay_unread(tmp_path: Path) -> None:
    report = load(xlsx(tmp_path / "book.xlsx", {"Orders": ORDERS, "Customers": CUSTOMERS}), sheet="Orders")
    assert dict(report["files"][0]["notes"]) == {"other_sheets": {"sheet": "Orders", "n": 1}}
    assert "customers" not in report["tables"]


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        load(xlsx(tmp_path / "book.xlsx", {"Orders": ORDERS, "Customers": CUSTOMERS}), sheet="Nope")
    assert (refused.value.key, refused.value.facts["sheets"]) == ("no_such_sheet", "Orders, Customers")


def test_a_sheet_with_customers_that_cannot_be_loaded_is_asked_about_not_left_aside(tmp_path: Path) -> None:
    broken = (("Customer ID", "When", "zzz"), ("A", "soon", "x"), ("B", "later", "y"))
    with pytest.raises(UserError) as refused:
        load(xlsx(tmp_path / "book.xlsx", {"Orders": ORDERS, "Visits": broken}))
    assert refused.value.key == "question_columns"


def test_a_rejected_row_names_the_workbook_of_its_sheet(tmp_path: Path) -> None:
    total = ("Total", None, 1210.75)
    load(xlsx(tmp_path / "book.xlsx", {"All": (*ORDERS, total), "Others": ORDERS}))
    assert [row["file"] for row in rejected("w")] == ["book.xlsx/All"]


def test_two_sheets_with_the_same_orders_count_them_once(tmp_path: Path) -> None:
    report = load(xlsx(tmp_path / "book.xlsx", {"All": ORDERS, "March": ORDERS[:2]}))
    assert sales(report) == (3, 2, 1210.75)
    assert report["files"][1]["rows_excluded"] == {"already_loaded": 1}


def test_cells_in_error_are_empty_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("Customer ID", "Order Date", "Amount", "Category"))
        for line in (1, 2, 3):
            sheet.write_row(line, 0, (f"C{line}", f"2025-01-0{line}", line))
            sheet.write_formula(line, 3, "=NA()", None, "#N/A" if line > 1 else "tea")
    report = load(path)
    assert dict(report["files"][0]["notes"])["error_cells"] == {"n": 2}
    assert sales(report) == (3, 3, 6.0)
    held = open_warehouse(Access(workspace="w")).frame("select category from transactions order by amount")["category"]
    assert [value if isinstance(value, str) else None for value in held] == ["tea", None, None]


def test_a_formula_brings_the_value_it_was_saved_with(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("Customer ID", "Order Date", "Amount"))
        sheet.write_row(1, 0, ("A", "2025-01-01"))
        sheet.write_formula(1, 2, "=40+2", None, 42)
    assert sales(load(path)) == (1, 1, 42.0)


def test_lines_above_the_header_of_a_sheet_are_no_rows_and_rejects_name_the_sheet_s_line(tmp_path: Path) -> None:
    rows = ((), ("Sales 2025",), (), *ORDERS, ("B", "2025-05-05", "abc"))
    report = load(xlsx(tmp_path / "book.xlsx", {"Orders": rows}))
    assert (report["files"][0]["rows_read"], report["files"][0]["rows_rejected"]) == (4, 1)
    (rejects,) = (tmp_path / "home" / "w" / "rejects").glob("*.csv")
    assert rejects.read_text("utf-8-sig").splitlines()[1].split(",")[1] == "8"


def test_numbers_that_are_days_are_read_as_days(tmp_path: Path) -> None:
    rows = (("Customer ID", "Date", "Amount"), ("A", 45292, 1.0), ("B", 45351.5, 2.0))
    load(xlsx(tmp_path / "serial.xlsx", {"Orders": rows}))
    held = open_warehouse(Access(workspace="w")).frame("select occurred_at from transactions order by amount")["occurred_at"]
    assert [value.to_pydatetime() for value in held] == [datetime(2024, 1, 1), datetime(2024, 2, 29, 12)]


def test_the_same_workbook_again_tells_of_each_sheet_that_it_was_here(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "book.xlsx", {"Orders": ORDERS, "Customers": CUSTOMERS})
    load(path)
    again = load(path)
    assert again["unchanged"] is True
    assert [(file["path"].split("/")[-1], file["rows_excluded"]) for file in again["files"]] == [
        ("Orders", {"already_loaded": 3}),
        ("Customers", {"already_loaded": 2}),
    ]


def test_the_terminal_says_in_words_what_was_left_aside(cli: Cli, tmp_path: Path) -> None:
    path = xlsx(tmp_path / "book.xlsx", {"Orders": ORDERS, "Customers": CUSTOMERS, "By month": PIVOT})
    run = cli("import", path, "--language", "en", as_json=False).done()
    assert "Sheets that name no customer, not loaded (rows in brackets): By month (3)." in run.out


def test_the_terminal_takes_the_answer_whose_an_amount_is(cli: Cli, tmp_path: Path) -> None:
    rows = [("Order No", "Customer ID", "Date", "Amount", "Product")]
    rows += [(f"O{order}", "A", f"2025-01-0{order}", order, product) for order in (1, 2, 3) for product in ("tea", "cup")]
    asked = cli("import", xlsx(tmp_path / "book.xlsx", {"Orders": rows}))
    assert (asked.code, "--total" in asked.err) == (2, True)
    done = cli("import", tmp_path / "book.xlsx", "--total", "order").done()
    assert done.json["tables"]["transactions"]["amount"] == 6.0


def test_numbers_too_long_for_a_spreadsheet_are_told(tmp_path: Path) -> None:
    rows = (
        ("Order No", "Customer ID", "Date", "Amount"),
        (158219563422113456, "A", "2025-01-01", 1.0),
        (158219563422113457, "B", "2025-01-02", 2.0),
    )
    report = load(xlsx(tmp_path / "book.xlsx", {"Orders": rows}))
    assert dict(report["files"][0]["notes"]) == {"rounded_ids": {"columns": "Order No"}}
