"""Bad input in values and orders, rows 6 to 9 and 21 of the table of bad inputs: numbers, ids, dates, repeats, refunds."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from analytics import jobs
from analytics.errors import UserError
from tests.intake.importing import Outcome, load, load_path

HEADER = "customer id,order date,amount,category"


@pytest.fixture(autouse=True)
def _private(home: Path) -> None:
    """Every test has its own home."""


def write(folder: Path, kind: str, columns: dict[str, list]) -> Path:
    """The same columns as CSV, JSON lines, a workbook or Parquet; numbers stay numbers where the format has them."""
    path = folder / f"s.{kind}"
    rows = list(zip(*columns.values(), strict=True))
    if kind == "csv":
        path.write_text("\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n")
    elif kind == "jsonl":
        path.write_text("\n".join(json.dumps(dict(zip(columns, row, strict=True))) for row in rows))
    elif kind == "parquet":
        pq.write_table(pa.table({name: pa.array(values, from_pandas=False) for name, values in columns.items()}), path)
    else:
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate([tuple(columns), *rows]):
                sheet.write_row(number, 0, [str(cell) if isinstance(cell, float) and not np.isfinite(cell) else cell for cell in row])
    return path


# --- 6 numbers that are none, ids that look like numbers, words that look like nothing

NO_MONEY = {
    "6 1e400": "1e400",
    "6 -1e400": "-1e400",
    "6 Infinity": "Infinity",
    "6 -inf": "-inf",
    "6 NaN": "NaN",
    "6 nan": "nan",
    "6 beyond the decimals": "123456789012345678",
    "6 hexadecimal": "0x1F",
    "6 Excel error": "#N/A",
    "6 Excel division by zero": "#DIV/0!",
}


@pytest.mark.parametrize("case", NO_MONEY)
def test_what_is_no_money_is_refused_with_its_row(case: str, tmp_path: Path) -> None:
    done = load(tmp_path, f"{HEADER}\nA,2025-01-14,5.00,tea\nB,2025-01-15,{NO_MONEY[case]},tea\nC,2025-01-16,6.00,tea\n")
    assert (done.counts, done.sums) == ((3, 2, 1), (2, 2, 11.0))
    assert [(row["line"], row["reason"]) for row in done.rejects] == [("3", "unreadable:amount")]


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "xlsx"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300], ids=["6 NaN", "6 Infinity", "6 1e300"])
def test_numbers_that_are_no_money_are_refused_from_typed_files_too(value: float, kind: str, tmp_path: Path) -> None:
    columns = {"customer id": ["A", "B", "C"], "order date": ["2025-01-14"] * 3, "amount": [5.0, value, 6.0]}
    done = load_path(write(tmp_path, kind, columns))
    assert (done.counts, done.sums) == ((3, 2, 1), (2, 2, 11.0))


IDS = {
    "6 leading zeros": "00123",
    "6 23 digits": "12345678901234567890123",
    "6 2^53+1": "9007199254740993",
    "6 exponent": "1E5",
    "6 a date": "2025-01-02",
    "6 a point": "17850.10",
    "6 a plus": "+49123",
}


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx"])
@pytest.mark.parametrize("case", IDS)
def test_ids_stay_the_text_they_are(case: str, kind: str, tmp_path: Path) -> None:
    columns = {"customer id": [IDS[case], "A"], "order id": ["A", IDS[case]], "order date": ["2025-01-14"] * 2, "amount": [1.0, 2.0]}
    done = load_path(write(tmp_path, kind, columns))
    assert sorted(done.column("customer_id")) == sorted([IDS[case], "A"]) == sorted(done.column("transaction_id"))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_6_whole_numbers_as_ids_are_exact(kind: str, tmp_path: Path) -> None:
    ids = [2**53 + 1, 2**53 + 3]
    done = load_path(write(tmp_path, kind, {"customer id": ids, "order date": ["2025-01-14"] * 2, "amount": [1.0, 2.0]}))
    assert done.column("customer_id") == ["9007199254740993", "9007199254740995"]


def test_6_ids_of_23_digits_as_json_numbers_are_exact(tmp_path: Path) -> None:
    done = load(tmp_path, '[{"customer id": 12345678901234567890123, "order date": "2025-01-14", "amount": 1}]', "s.json")
    assert done.column("customer_id") == ["12345678901234567890123"]


def test_6_a_customer_number_that_is_no_number_is_no_customer(tmp_path: Path) -> None:
    columns = {"customer id": [17850.0, float("nan")], "order date": ["2025-01-14"] * 2, "amount": [1.0, 2.0]}
    done = load_path(write(tmp_path, "parquet", columns))
    assert (done.column("customer_id"), done.file["rows_excluded"]) == (["17850"], {"no_customer": 1})


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx"])
@pytest.mark.parametrize("word", ["6 NA", "6 null", "6 None", "6 nan"])
def test_words_for_nothing_are_kept_where_they_are_text(word: str, kind: str, tmp_path: Path) -> None:
    word = word.removeprefix("6 ")
    columns = {"customer id": [word, "B"], "order date": ["2025-01-14"] * 2, "amount": [1.0, 2.0], "category": [word, "tea"]}
    done = load_path(write(tmp_path, kind, columns))
    assert done.frame("select customer_id, category from transactions order by amount").iloc[0].tolist() == [word, word]


# --- 7 dates

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
DAYS = [date(2025, 1, 1) + timedelta(days=3 * number) for number in range(120)]
FORMATS = {
    "7 ISO": "%Y-%m-%d",
    "7 ISO with a clock": "%Y-%m-%d 13:45:10",
    "7 slashes, year first": "%Y/%m/%d",
    "7 slashes, day first": "%d/%m/%Y",
    "7 slashes, month first": "%m/%d/%Y",
    "7 points": "%d.%m.%Y",
    "7 two digits of the year": "%m/%d/%y",
    "7 month in words": "%b %d, %Y",
    "7 day and month in words": "%d %B %Y",
    "7 Chinese": "%Y年%m月%d日",
    "7 integers": "%Y%m%d",
}


def days_of(done: Outcome) -> dict[str, float]:
    """Amount by day as it was stored."""
    frame = done.frame("select cast(occurred_at as date)::varchar as day, sum(amount)::double as amount from transactions group by 1")
    return dict(zip(frame["day"], frame["amount"], strict=True))


def lines(values: list[str]) -> str:
    """Sale number n is worth n + 1."""
    return "\n".join(["customer id;order date;amount", *(f"C{n % 9};{value};{n + 1}" for n, value in enumerate(values))])


def oracle(days: list[date]) -> dict[str, float]:
    """Amount by day, worked out here."""
    totals: Counter[str] = Counter()
    for number, day in enumerate(days):
        totals[day.isoformat()] += number + 1
    return dict(totals)


@pytest.mark.parametrize("case", FORMATS)
def test_daily_totals_equal_those_worked_out_here(case: str, tmp_path: Path) -> None:
    done = load(tmp_path, lines([day.strftime(FORMATS[case]) for day in DAYS]))
    assert days_of(done) == oracle(DAYS)


def test_7_six_formats_in_one_column(tmp_path: Path) -> None:
    formats = ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%b %d, %Y", "%Y年%m月%d日", "%Y%m%d"]
    done = load(tmp_path, lines([day.strftime(formats[number % 6]) for number, day in enumerate(DAYS)]))
    assert (done.counts, days_of(done)) == ((120, 120, 0), oracle(DAYS))


def test_7_a_format_that_begins_behind_the_sample_is_rejected_and_never_misread(tmp_path: Path) -> None:
    late = ["2025-01-14"] * 6_000 + ["14 January 2025"] * 5
    done = load(tmp_path, lines(late))
    assert done.counts == (6_005, 6_000, 5) and {row["reason"] for row in done.rejects} == {"unreadable:order date"}


@pytest.mark.parametrize("order", ["dmy", "mdy"])
def test_7_ambiguous_dates_are_asked_and_the_answer_is_followed(order: str, tmp_path: Path) -> None:
    days = [date(2025, month, day) for month in range(1, 13) for day in range(1, 13) if day != month]
    written = lines([day.strftime("%d/%m/%Y" if order == "dmy" else "%m/%d/%Y") for day in days])
    with pytest.raises(UserError) as asked:
        load(tmp_path, written)
    assert (asked.value.key, asked.value.facts["flag"]) == ("question_date_order", "--date-order")
    assert days_of(load(tmp_path, written, date_order=order)) == oracle(days)


def test_7_dates_that_contradict_each_other_are_asked_and_those_that_do_not_fit_rejected(tmp_path: Path) -> None:
    written = lines(["13/02/2025", "02/14/2025", "01/02/2025"])
    with pytest.raises(UserError) as asked:
        load(tmp_path, written)
    assert asked.value.key == "question_date_order"
    done = load(tmp_path, written, date_order="dmy")
    assert (done.counts, days_of(done)) == ((3, 2, 1), {"2025-02-13": 1.0, "2025-02-01": 3.0})


@pytest.mark.parametrize("clock", [0.0, 0.5], ids=["7 Excel serials", "7 Excel serials with a clock"])
def test_excel_serials_are_days_since_the_thirtieth_of_december_1899(clock: float, tmp_path: Path) -> None:
    done = load(tmp_path, lines([f"{(day - date(1899, 12, 30)).days + clock:g}" for day in DAYS]))
    assert days_of(done) == oracle(DAYS)


@pytest.mark.parametrize("month", ["%m", "%B", "%b"], ids=["7 year and month", "7 year and month's name", "7 year and its short name"])
def test_year_and_month_in_two_columns_are_the_first_of_the_month(month: str, tmp_path: Path) -> None:
    rows = [f"C{n},{day.year},{day.strftime(month)},{n + 1}" for n, day in enumerate(DAYS)]
    done = load(tmp_path, "\n".join(["customer id,year,month,amount", *rows]))
    assert days_of(done) == oracle([day.replace(day=1) for day in DAYS])


@pytest.mark.parametrize(
    "value", ["2025-02-31", "2025-02-29", "2025-13-01", "2025-00-10", "2025-04-31 10:00:00", "0000-00-00", "2025-01-14 25:00:00"]
)
def test_7_impossible_dates_are_rejected(value: str, tmp_path: Path) -> None:
    done = load(tmp_path, lines(["2025-01-14", value, "2025-01-16"]))
    assert (done.counts, days_of(done)) == ((3, 2, 1), {"2025-01-14": 1.0, "2025-01-16": 3.0})


@pytest.mark.parametrize(("value", "order"), [("31/02/2025", "dmy"), ("02/31/2025", "mdy"), ("20250231", None), ("2025年2月31日", None)])
def test_7_impossible_dates_of_other_formats_are_rejected(value: str, order: str | None, tmp_path: Path) -> None:
    good = {"31/02/2025": "14/01/2025", "02/31/2025": "01/14/2025", "20250231": "20250114"}.get(value, "2025年1月14日")
    done = load(tmp_path, lines([good, value]), date_order=order)
    assert (done.counts, days_of(done)) == ((2, 1, 1), {"2025-01-14": 1.0})


def zone(name: str) -> None:
    """The workspace's time zone, agreed before anything is loaded."""
    jobs.change_settings("w", {"time_zone": name})


def test_7_a_local_time_that_the_clocks_leapt_over_keeps_its_day(tmp_path: Path) -> None:
    zone("Europe/Berlin")
    hours = [datetime(2025, 3, 30, hour, 30) for hour in range(24)]
    done = load(tmp_path, lines([f"{moment:%Y-%m-%d %H:%M:%S}" for moment in hours]))
    assert (done.counts, days_of(done)) == ((24, 24, 0), oracle([moment.date() for moment in hours]))


@pytest.mark.parametrize("day", [date(2025, 3, 30), date(2025, 10, 26)], ids=["7 gap of summer time", "7 doubled hour of summer time"])
def test_moments_with_an_offset_are_counted_on_the_workspaces_day(day: date, tmp_path: Path) -> None:
    zone("Europe/Berlin")
    first = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=4)
    moments = [first + timedelta(minutes=30 * step) for step in range(60)]
    done = load(tmp_path, lines([moment.isoformat() for moment in moments]))
    assert days_of(done) == oracle([moment.astimezone(BERLIN).date() for moment in moments])


def test_7_mixed_offsets_and_local_times_become_one_zone(tmp_path: Path) -> None:
    zone("Asia/Shanghai")
    first = datetime(2025, 1, 1, tzinfo=UTC)
    moments = [first + timedelta(hours=5 * step) for step in range(60)]
    offsets = [UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9)), timezone(timedelta(hours=5, minutes=30)), None]
    written = [
        f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if (offset := offsets[n % 5]) is None else moment.astimezone(offset).isoformat()
        for n, moment in enumerate(moments)
    ]
    done = load(tmp_path, lines(written))
    assert (done.counts, days_of(done)) == ((60, 60, 0), oracle([moment.astimezone(SHANGHAI).date() for moment in moments]))


def test_7_a_typed_moment_of_parquet_is_counted_on_the_workspaces_day(tmp_path: Path) -> None:
    zone("Asia/Shanghai")
    moments = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=5 * step) for step in range(60)]
    columns = {"customer id": ["A"] * 60, "order date": pa.array(moments, pa.timestamp("us", "UTC")), "amount": [n + 1 for n in range(60)]}
    pq.write_table(pa.table(columns), tmp_path / "s.parquet")
    assert days_of(load_path(tmp_path / "s.parquet")) == oracle([moment.astimezone(SHANGHAI).date() for moment in moments])


def test_7_dates_of_the_future_and_of_1900_are_kept_and_flagged(tmp_path: Path) -> None:
    from analytics.access import Access
    from analytics.marts.build import open_current
    from analytics.studies import CATALOGUE, answer
    from analytics.studies.quality import Params

    done = load(tmp_path, lines(["2025-01-14", "1900-01-01", "2999-12-31", "1970-01-01"]))
    assert days_of(done) == {"2025-01-14": 1.0, "1900-01-01": 2.0, "2999-12-31": 3.0, "1970-01-01": 4.0}
    checks = answer(CATALOGUE["quality"], open_current(Access(workspace="w")), Params()).tables["checks"]
    found = checks[checks["table"] == "transactions"].set_index("check")["hits"]
    assert (found["future_date"], found["early_date"]) == (1, 2)


# --- 8 a bad value late in the file

LATE = {
    "8 amount": ("C9,2025-03-14,abc,tea", "unreadable:amount"),
    "8 date": ("C9,the day after,1.00,tea", "unreadable:order date"),
    "8 empty customer": (",2025-03-14,1.00,tea", None),
    "8 empty date": ("C9,,1.00,tea", "missing:occurred_at"),
}


@pytest.mark.parametrize("case", LATE)
def test_a_bad_value_late_in_the_file_costs_its_row_and_nothing_else(case: str, tmp_path: Path) -> None:
    bad, reason = LATE[case]
    rows = [f"C{n % 50},2025-03-{n % 28 + 1:02d},1.00,tea" for n in range(30_000)]
    rows[29_000] = bad
    done = load(tmp_path, "\n".join([HEADER, *rows]))
    assert done.sums == (29_999, 50, 29_999.0)
    assert done.frame("select typeof(amount) as kind, typeof(occurred_at) as moment from transactions limit 1").iloc[0].tolist() == [
        "DECIMAL(18,4)",
        "TIMESTAMP",
    ]
    if reason:
        assert [(row["line"], row["reason"]) for row in done.rejects] == [("29002", reason)]
    else:
        assert done.file["rows_excluded"] == {"no_customer": 1}


# --- 9 the same again

ROWS = ["A,2025-01-14,5.00,tea", "B,2025-01-15,6.00,tea", "A,2025-01-16,7.00,coffee"]


def text(*rows: str) -> str:
    return "\n".join([HEADER, *rows, ""])


def test_9_the_same_file_twice_changes_nothing_and_the_user_is_told(tmp_path: Path) -> None:
    first = load(tmp_path, text(*ROWS))
    again = jobs._load({"workspace": "w", "paths": [str(tmp_path / "s.csv")], "answers": {}})["report"]
    assert (again["unchanged"], again["tables"]) == (True, first.tables)
    assert again["files"][0]["rows_excluded"] == {"already_loaded": 3}


def test_9_the_same_file_twice_in_one_import_counts_once_and_is_told(tmp_path: Path) -> None:
    paths = [tmp_path / "s.csv", tmp_path / "copy.csv"]
    for path in paths:
        path.write_text(text(*ROWS), "utf-8")
    report = jobs._load({"workspace": "w", "paths": [str(path) for path in paths], "answers": {}})["report"]
    assert [(file["path"], file["rows_loaded"], file["rows_excluded"]) for file in report["files"]] == [
        (str(paths[0]), 3, {}),
        (str(paths[1]), 0, {"already_loaded": 3}),
    ]


def test_9_the_same_file_under_another_name_changes_nothing(tmp_path: Path) -> None:
    first = load(tmp_path, text(*ROWS))
    assert load(tmp_path, text(*ROWS), "copy.csv").tables == first.tables


def test_9_the_same_rows_in_another_format_are_loaded_once(tmp_path: Path) -> None:
    load(tmp_path, text(*ROWS))
    done = load(tmp_path, text(*ROWS).replace(",", ";"), "copy.csv")
    assert (done.sums, done.file["rows_excluded"]) == ((3, 2, 18.0), {"already_loaded": 3})


def test_9_of_overlapping_files_only_what_is_new_is_added(tmp_path: Path) -> None:
    load(tmp_path, text(*ROWS))
    done = load(tmp_path, text(*ROWS[1:], "C,2025-01-17,8.00,tea"), "next.csv")
    assert (done.sums, done.file["rows_excluded"], done.file["rows_loaded"]) == ((4, 3, 26.0), {"already_loaded": 2}, 1)


def test_9_equal_lines_of_one_file_are_all_kept_and_not_doubled_by_an_overlap(tmp_path: Path) -> None:
    first = load(tmp_path, text(*ROWS, ROWS[0], ROWS[0]))
    assert first.sums == (5, 2, 28.0)
    again = load(tmp_path, text(*ROWS, ROWS[0], ROWS[0], ROWS[0]), "next.csv")
    assert (again.sums, again.file["rows_excluded"]) == ((6, 2, 33.0), {"already_loaded": 5})


# --- 21 orders that are no plain sales

ORDERS = "order id,customer id,order date,amount,status,product"


def orders(folder: Path, *rows: str, **answers: object) -> Outcome:
    return load(folder, "\n".join([ORDERS, *rows, ""]), **answers)


def test_21_refunds_are_lines_of_their_own_that_lower_sales(tmp_path: Path) -> None:
    done = orders(tmp_path, "1,A,2025-01-14,50.00,paid,tea", "2,A,2025-01-20,-20.00,paid,tea")
    assert done.sums == (2, 1, 30.0)
    assert done.column("kind") == ["refund", "sale"]


def test_21_cancellations_are_left_out_and_counted(tmp_path: Path) -> None:
    done = orders(tmp_path, "1,A,2025-01-14,50.00,paid,tea", "2,A,2025-01-20,20.00,Cancelled,tea", "3,B,2025-01-20,9.00,已取消,tea")
    assert (done.sums, done.file["rows_excluded"]) == ((1, 1, 50.0), {"cancelled": 2})


def test_21_orders_refunded_in_full_are_left_out_and_counted(tmp_path: Path) -> None:
    done = orders(tmp_path, "1,A,2025-01-14,50.00,paid,tea", "2,A,2025-01-20,20.00,refunded,tea")
    assert (done.sums, done.file["rows_excluded"]) == ((1, 1, 50.0), {"refunded": 1})


def test_21_lines_without_a_customer_are_left_out_and_counted(tmp_path: Path) -> None:
    done = orders(tmp_path, "1,A,2025-01-14,50.00,paid,tea", "2,,2025-01-20,20.00,paid,tea")
    assert (done.sums, done.file["rows_excluded"]) == ((1, 1, 50.0), {"no_customer": 1})


def test_21_fees_booked_as_products_are_a_category_of_their_own(tmp_path: Path) -> None:
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    rows = ["1,85123A,HOLDER,2,2011-01-04 10:00:00,2.50,1,UK", "1,POST,POSTAGE,1,2011-01-04 10:00:00,18.00,1,UK",
            "C2,M,Manual,-1,2011-01-05 10:00:00,3.00,1,UK", "3,AMAZONFEE,AMAZON FEE,-1,2011-01-05 10:00:00,90.00,,UK"]  # fmt: skip
    done = load(tmp_path, "\n".join([header, *rows]))
    frame = done.frame("select category, count(*) as lines, sum(amount)::double as amount from transactions group by 1 order by 1")
    assert frame.to_numpy().tolist() == [["fees", 2, 15.0], ["goods", 1, 5.0]]
    assert done.file["rows_excluded"] == {"no_customer": 1}


REPEATED = [
    "1,A,2025-01-14,30.00,paid,tea",
    "1,A,2025-01-14,30.00,paid,coffee",
    "2,B,2025-01-15,12.00,paid,tea",
    "2,B,2025-01-15,12.00,paid,cups",
    "3,C,2025-01-16,8.00,paid,tea",
    "3,C,2025-01-16,8.00,paid,cake",
]


@pytest.mark.parametrize(("total", "amount", "further"), [("order", 50.0, 3), ("line", 100.0, 0)])
def test_21_a_total_on_every_line_of_its_order_is_asked_and_counted_as_told(total, amount, further, tmp_path: Path) -> None:
    with pytest.raises(UserError) as asked:
        orders(tmp_path, *REPEATED)
    assert asked.value.key == "question_total"
    done = orders(tmp_path, *REPEATED, total=total)
    assert (done.sums[2], done.file["rows_excluded"].get("further_line", 0)) == (amount, further)


def test_21_a_total_that_its_name_tells_is_counted_once_an_order(tmp_path: Path) -> None:
    rows = "\n".join([ORDERS.replace("amount", "order total"), *REPEATED])
    done = load(tmp_path, rows)
    assert (done.sums[2], done.file["rows_excluded"]) == (50.0, {"further_line": 3})


def test_21_a_total_on_the_first_line_only_is_counted_once(tmp_path: Path) -> None:
    rows = ["1,A,2025-01-14,30.00,paid,tea", "1,A,2025-01-14,,paid,coffee", "2,B,2025-01-15,12.00,paid,tea", "2,B,2025-01-15,,paid,cups"]
    done = orders(tmp_path, *rows)
    assert done.sums[1:] == (2, 42.0)
    assert done.tables["transactions"]["orders"] == 2
