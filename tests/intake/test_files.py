"""Whatever shape a file has, its totals are right, or the user is asked; nothing is guessed and nothing half-loaded."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

from analytics import store
from analytics.access import Access
from analytics.warehouse import open_warehouse
from tests.conftest import Cli, assert_accounted

Write = Callable[..., Path]

ROWS = (("00123", "2025-03-14", "10.50"), ("00123", "2025-04-01", "1200.00"), ("9007199254740993", "2025-12-31", "0.25"))
"""Three sales of two customers, 1,210.75 in all. The second id does not survive a trip through a float."""

PLAIN = "customer id,order date,amount\n" + "\n".join(",".join(row) for row in ROWS) + "\n"
CHINESE = "客户编号,下单日期,实付金额,地区\n" + "\n".join((*row, "上海")[0] + "," + row[1] + "," + row[2] + ",上海" for row in ROWS) + "\n"
AMBIGUOUS_DATES = "customer id,order date,amount\nA,01/02/2025,10.00\nB,03/04/2025,20.00\nA,05/06/2025,30.00\n"
AMBIGUOUS_DECIMALS = "customer id;order date;amount\nA;2025-01-14;1,250\nB;2025-02-15;2,500\n"


def sales(run: object) -> tuple[int, int, float]:
    table = run.done().json["tables"]["transactions"]  # type: ignore[attr-defined]
    return table["rows"], table["customers"], table["amount"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_the_encoding_is_found(encoding: str, cli: Cli, write: Write) -> None:
    run = cli("import", write("sales.csv", CHINESE, encoding))
    assert sales(run) == (3, 2, 1210.75)
    assert set(run.file["mapping"]) == {"客户编号", "下单日期", "实付金额", "地区"}


def test_latin_1_is_found(cli: Cli, home: Path, write: Write) -> None:
    cli("import", write("clients.csv", "customer id,city\nA,Besançon\nB,Orléans\nC,Mâcon\n", "latin-1"), "--as", "customers").done()
    frame = open_warehouse(Access(workspace="default")).frame("select city from customers order by customer_id")
    assert list(frame["city"]) == ["Besançon", "Orléans", "Mâcon"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str, cli: Cli, write: Write) -> None:
    run = cli("import", write("sales.txt", PLAIN.replace(",", delimiter)))
    assert sales(run) == (3, 2, 1210.75)
    assert run.file["delimiter"] == delimiter


def test_a_decimal_comma_is_found_when_some_value_tells(cli: Cli, write: Write) -> None:
    text = "customer id;order date;amount\nA;2025-01-14;1.234,50\nB;2025-02-15;2.500,00\nA;2025-02-16;12,5\n"
    assert sales(cli("import", write("umsatz.csv", text))) == (3, 2, 3747.0)


def test_money_as_people_write_it(cli: Cli, write: Write) -> None:
    text = 'customer id,order date,amount\nA,2025-01-14,"$84,835.00 "\nA,2025-02-15,(120.00)\nB,2025-02-16,"1,234.50"\n'
    assert sales(cli("import", write("sales.csv", text))) == (3, 2, 85_949.5)


def test_dates_that_may_be_either_are_asked_and_nothing_is_loaded(cli: Cli, home: Path, write: Write) -> None:
    run = cli("import", write("sales.csv", AMBIGUOUS_DATES))
    assert run.code == 2
    assert "--date-order" in run.err
    assert store.current("default").number == 0 or store.current("default").demo


@pytest.mark.parametrize(("order", "last"), [("dmy", "2025-06-05"), ("mdy", "2025-05-06")])
def test_the_answer_decides_what_the_dates_mean(order: str, last: str, cli: Cli, write: Write) -> None:
    run = cli("import", write("sales.csv", AMBIGUOUS_DATES), "--date-order", order).done()
    assert run.json["tables"]["transactions"]["last"][:10] == last


def test_one_day_above_twelve_settles_the_date_order(cli: Cli, write: Write) -> None:
    run = cli("import", write("sales.csv", AMBIGUOUS_DATES + "B,28/06/2025,1.00\n")).done()
    assert run.json["tables"]["transactions"]["last"][:10] == "2025-06-28"
    assert run.json["tables"]["transactions"]["first"][:10] == "2025-02-01"


def test_a_comma_that_may_be_either_is_asked_and_nothing_is_loaded(cli: Cli, home: Path, write: Write) -> None:
    run = cli("import", write("sales.csv", AMBIGUOUS_DECIMALS))
    assert run.code == 2
    assert "--decimal" in run.err
    assert store.current("default").number == 0 or store.current("default").demo


@pytest.mark.parametrize(("decimal", "amount"), [(",", 3.75), (".", 3750.0)])
def test_the_answer_decides_what_the_comma_means(decimal: str, amount: float, cli: Cli, write: Write) -> None:
    assert sales(cli("import", write("sales.csv", AMBIGUOUS_DECIMALS), "--decimal", decimal)) == (2, 2, amount)


def test_a_workbook(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "sales.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, style = book.add_worksheet("Sales"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ("customer id", "order date", "amount"))
        for line, (customer, day, amount) in enumerate(ROWS, start=1):
            sheet.write_string(line, 0, customer)
            sheet.write_datetime(line, 1, pd.Timestamp(date.fromisoformat(day)).to_pydatetime(), style)
            sheet.write_number(line, 2, float(amount))
    run = cli("import", path)
    assert sales(run) == (3, 2, 1210.75)
    assert run.json["tables"]["transactions"]["last"][:10] == "2025-12-31"


def test_parquet(cli: Cli, tmp_path: Path) -> None:
    frame = pd.DataFrame(ROWS, columns=["customer id", "order date", "amount"])
    frame = frame.assign(**{"order date": pd.to_datetime(frame["order date"]), "amount": frame["amount"].astype(float)})
    frame.to_parquet(tmp_path / "sales.parquet")
    assert sales(cli("import", tmp_path / "sales.parquet")) == (3, 2, 1210.75)


def test_json_lines(cli: Cli, write: Write) -> None:
    text = "".join(
        json.dumps({"customer id": customer, "order date": day, "amount": float(amount)}) + "\n" for customer, day, amount in ROWS
    )
    assert sales(cli("import", write("sales.jsonl", text))) == (3, 2, 1210.75)


def test_a_zip_of_two_files_that_belong_together(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("sales.csv", PLAIN)
        archive.writestr("customers.csv", "customer id,tier,region\n00123,Gold,North\n9007199254740993,Silver,South\n")
    run = cli("import", path)
    assert sales(run) == (3, 2, 1210.75)
    assert run.json["tables"]["customers"]["rows"] == 2
    assert {report["table"] for report in run.json["files"]} == {"transactions", "customers"}


def test_the_same_file_twice_changes_nothing_and_says_so(cli: Cli, write: Write) -> None:
    path = write("sales.csv", PLAIN)
    first, again = cli("import", path).done().json, cli("import", path).done().json
    assert (again["version"], again["tables"], again["unchanged"]) == (first["version"], first["tables"], True)


def test_a_second_file_adds_to_the_first(cli: Cli, write: Write) -> None:
    cli("import", write("first.csv", PLAIN)).done()
    more = write("second.csv", "customer id,order date,amount\n00123,2026-01-02,4.25\n")
    assert sales(cli("import", more)) == (4, 2, 1215.0)


def test_exact_duplicate_lines_of_one_file_are_kept(cli: Cli, write: Write) -> None:
    assert sales(cli("import", write("sales.csv", PLAIN + "00123,2025-03-14,10.50\n"))) == (4, 2, 1221.25)


@pytest.mark.parametrize("described", ["region", "region,city", "tier,region,gender"])
def test_an_order_file_that_also_describes_its_customers_is_still_an_order_file(described: str, cli: Cli, write: Write) -> None:
    words = {"region": ("North", "South"), "city": ("York", "Bath"), "tier": ("Gold", "Silver"), "gender": ("f", "m")}
    first, second = (",".join(words[name][which] for name in described.split(",")) for which in (0, 1))
    header = f"order id,customer id,order date,amount,{described}\n"
    lines = f"1,A,2025-01-14,5.00,{first}\n2,B,2025-01-15,6.00,{second}\n3,A,2025-01-16,7.00,{first}\n"
    run = cli("import", write("orders.csv", header + lines))
    assert sales(run) == (3, 2, 18.0)
    assert run.json["tables"]["customers"]["rows"] == 2


def test_as_says_which_table_a_file_is(cli: Cli, write: Write) -> None:
    run = cli(
        "import", write("log.csv", "customer id,date,type,points\nA,2025-01-14,earn,40\nA,2025-02-14,redeem,15\n"), "--as", "points"
    ).done()
    points = run.json["tables"]["points"]
    assert (points["rows"], points["earned"], points["redeemed"]) == (2, 40, 15)


def test_map_says_which_column_is_which(cli: Cli, write: Write) -> None:
    path = write(
        "sales.csv",
        PLAIN.replace("amount", "zzz,amount")
        .replace("10.50", "1.00,10.50")
        .replace("1200.00", "2.00,1200.00")
        .replace("0.25", "3.00,0.25"),
    )
    run = cli("import", path, "--map", "zzz=transactions.amount", "--map", "amount=")
    assert sales(run) == (3, 2, 6.0)
    assert run.file["mapping"]["zzz"] == "transactions.amount"


def test_a_correction_is_remembered_for_files_with_the_same_header(cli: Cli, write: Write) -> None:
    header = "customer id,order date,qqq\n"
    cli("import", write("a.csv", header + "A,2025-01-14,5.00\n"), "--map", "qqq=transactions.amount").done()
    assert sales(cli("import", write("b.csv", header + "B,2025-01-15,7.00\n"))) == (2, 2, 12.0)


def test_a_bad_value_late_in_a_file_rejects_that_row_only(cli: Cli, home: Path, write: Write) -> None:
    lines = [f"C{number % 50},2025-03-{number % 28 + 1:02d},1.00" for number in range(30_000)]
    lines[29_000] = "C9,2025-03-14,abc"
    run = cli("import", write("sales.csv", "customer id,order date,amount\n" + "\n".join(lines) + "\n")).done()
    assert_accounted(run.file)
    assert sales(run) == (29_999, 50, 29_999.0)
    (reject,) = rejected(run.json["version"])
    assert (Path(reject["file"]).name, reject["line"]) == ("sales.csv", "29002")
    assert "amount" in reject["reason"]
    assert [reject["fields"], *reject["further"]] == ["C9", "2025-03-14", "abc"]


def test_a_ragged_row_is_rejected_and_its_neighbours_stay(cli: Cli, home: Path, write: Write) -> None:
    run = cli("import", write("sales.csv", PLAIN + "X,2025-01-01,5.00,6.00,7.00\nA,2025-01-02,1.00\n"))
    assert_accounted(run.done().file)
    assert sales(run) == (4, 3, 1211.75)
    assert [row["line"] for row in rejected(run.json["version"])] == ["5"]


@pytest.mark.parametrize("value", ["1e400", "Infinity", "NaN", "12.3.4"])
def test_what_is_no_amount_of_money_is_rejected(value: str, cli: Cli, write: Write) -> None:
    run = cli("import", write("sales.csv", PLAIN + f"A,2025-01-02,{value}\n"))
    assert sales(run) == (3, 2, 1210.75)
    assert run.file["rows_rejected"] == 1


def test_na_null_and_none_are_customers_when_they_are_ids(cli: Cli, write: Write) -> None:
    text = "customer id,order date,amount\nNA,2025-01-02,1.00\nnull,2025-01-03,2.00\nNone,2025-01-04,4.00\n"
    assert sales(cli("import", write("sales.csv", text))) == (3, 3, 7.0)


def test_mixed_currencies_without_rates_are_asked(cli: Cli, write: Write) -> None:
    text = "customer id,order date,amount,currency\nA,2025-01-14,10.00,EUR\nB,2025-01-15,10.00,USD\n"
    run = cli("import", write("sales.csv", text))
    assert run.code == 2
    assert "rate" in run.err.lower()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("header.csv", b"customer id,order date,amount\n"),
        ("noise.csv", bytes(range(256)) * 8),
        ("sales.xlsx", b"this is no workbook"),
        ("sales.parquet", b"PAR1 and then nothing"),
        ("sales.zip", b"PK\x03\x04 broken"),
        ("letter.txt", b"Dear customer,\n\nthank you for your letter.\n"),
    ],
)
def test_what_holds_no_table_is_refused_in_one_line(name: str, content: bytes, cli: Cli, write: Write) -> None:
    run = cli("import", write(name, content))
    assert run.code == 2, run.err
    assert len(run.err.strip().splitlines()) == 1, run.err
    assert "Traceback" not in run.err


def test_a_refused_file_does_not_take_a_good_one_with_it_half_way(cli: Cli, home: Path, write: Write) -> None:
    run = cli("import", write("good.csv", PLAIN), write("dates.csv", AMBIGUOUS_DATES), "--workspace", "pair")
    assert run.code == 2
    assert store.current("pair").number == 0 if "pair" in store.workspaces() else True


def rejected(number: int) -> list[dict[str, Any]]:
    """The rejects file of the default workspace, as its user downloads it."""
    version = store.load("default", number)
    path = store.rejects("default", version)
    assert path is not None
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, restkey="further"))
