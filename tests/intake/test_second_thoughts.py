"""What an export said before and says now, what a file means that could mean something else, and what is asked."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from analytics import jobs, store
from analytics.errors import UserError
from analytics.intake.mapping import guess
from analytics.intake.report import Answers

SHOPIFY = (
    "Name", "Email", "Financial Status", "Currency", "Taxes", "Total", "Created at", "Lineitem name", "Cancelled at", "Refunded Amount",
)  # fmt: skip
DEALS = ("Record Id", "Deal Name", "Stage", "Closing Date", "Amount", "Account Name.id", "Created Time")


@pytest.fixture(autouse=True)
def _private(home: Path) -> None:
    """Every test has its own home."""


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([header, *rows])
    return path


def load(path: Path, **answers: object):
    return jobs.start_load("w", [path], {"": Answers(**answers)} if answers else {}).result()


def amount() -> float:
    return float(store.current("w").summary["transactions"]["amount"])


def test_a_later_export_replaces_what_an_earlier_one_said_of_the_same_orders(tmp_path: Path) -> None:
    first = ["#1", "a@x.io", "paid", "EUR", "0", "100.00", "2025-01-05 10:00:00 +0000", "Tea", "", "0"]
    other = ["#2", "b@x.io", "paid", "EUR", "0", "50.00", "2025-01-06 10:00:00 +0000", "Tea", "", "0"]
    load(write_csv(tmp_path / "one.csv", SHOPIFY, [first, other]))
    assert amount() == 150
    refunded = [*first[:2], "refunded", *first[3:9], "100.00"]
    cancelled = [*other[:8], "2025-01-07 10:00:00 +0000", "0"]
    report = load(write_csv(tmp_path / "two.csv", SHOPIFY, [refunded, cancelled]))
    assert amount() == 0
    assert store.current("w").summary["transactions"]["rows"] == 1
    assert ("replaced_rows", {"n": 2}) in report.files[0].notes


def test_a_deal_that_was_won_is_no_longer_open(tmp_path: Path) -> None:
    deal = ["zcrm_1", "Deal", "Qualification", "2025-03-01", "900", "zcrm_9", "2025-01-01 09:00:00"]
    load(write_csv(tmp_path / "one.csv", DEALS, [deal]))
    assert store.current("w").summary["opportunities"]["rows"] == 1
    load(write_csv(tmp_path / "two.csv", DEALS, [[*deal[:2], "Closed Won", *deal[3:]]]))
    assert store.current("w").summary["opportunities"]["rows"] == 0
    assert amount() == 900


def test_the_same_file_read_in_another_way_is_not_silently_ignored(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "o.csv", ("customer_id", "date", "amount"), [["a", "2025-01-31", "1,234"], ["b", "2025-01-31", "2,500"]])
    load(path, decimal=",")
    with pytest.raises(UserError) as refused:
        load(path, decimal=".")
    assert refused.value.key == "loaded_differently"
    store.go_back("w", refused.value.facts["version"])
    load(path, decimal=".")
    assert amount() == 3734


def test_amounts_with_different_currency_signs_are_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "o.csv", ("customer_id", "date", "amount"), [["a", "2025-01-31", "€12.50"], ["b", "2025-01-31", "$12.50"]])
    with pytest.raises(UserError) as refused:
        load(path)
    assert (refused.value.key, refused.value.facts) == ("mixed_currencies", {"column": "amount", "signs": "$ €"})


def test_one_mistyped_year_does_not_move_the_as_of_date(tmp_path: Path) -> None:
    rows = [["a", "2025-01-31", "5"], ["b", "2025-02-28", "5"], ["c", "2099-01-01", "5"]]
    load(write_csv(tmp_path / "o.csv", ("customer_id", "date", "amount"), rows))
    assert store.current("w").last_day == "2025-02-28"


def test_a_ledger_with_signs_keeps_clawbacks_and_reversals(tmp_path: Path) -> None:
    rows = [
        ["m", "2025-01-01", "earn", "500"],
        ["m", "2025-01-02", "earn", "-100"],  # taken back
        ["m", "2025-01-03", "redeem", "-200"],
        ["m", "2025-01-04", "redeem", "-60"],
        ["m", "2025-01-05", "redeem", "60"],  # cancelled redemption
    ]
    load(write_csv(tmp_path / "p.csv", ("member_id", "date", "type", "points"), rows))
    points = store.current("w").summary["points"]
    assert (points["earned"], points["redeemed"]) == (400, 200)


def test_a_ledger_without_kinds_tells_them_by_sign(tmp_path: Path) -> None:
    rows = [["m", "2025-01-01", "500", "shop"], ["m", "2025-01-03", "-200", "gift"]]
    load(write_csv(tmp_path / "p.csv", ("member_id", "date", "points", "description"), rows))
    points = store.current("w").summary["points"]
    assert (points["rows"], points["earned"], points["redeemed"]) == (2, 500, 200)


def test_chinese_movements_are_told_by_their_last_word(tmp_path: Path) -> None:
    words = ["消费获得", "签到赠送", "积分兑换", "积分过期", "手动调整"]
    rows = [["m", f"2025-01-0{day}", word, "10"] for day, word in enumerate(words, start=1)]
    load(write_csv(tmp_path / "p.csv", ("会员编号", "变动时间", "变动类型", "变动积分"), rows))
    points = store.current("w").summary["points"]
    assert (points["rows"], points["earned"], points["redeemed"], points["expired"]) == (5, 20, 10, 10)


def test_dotted_dates_follow_the_file_when_it_shows_the_month_first(tmp_path: Path) -> None:
    rows = [["a", "01.02.2024", "5"], ["b", "01.13.2024", "5"]]
    load(write_csv(tmp_path / "o.csv", ("customer_id", "date", "amount"), rows))
    summary = store.current("w").summary["transactions"]
    assert (summary["first"][:10], summary["last"][:10]) == ("2024-01-02", "2024-01-13")


def test_western_letters_are_not_read_as_central_european(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    lines = [f"k{i},2025-01-31,5,{name}" for i, name in enumerate(["España", "São Paulo", "Skåne", "Köln"])]
    path.write_bytes("\n".join(["customer_id,date,amount,category", *lines]).encode("latin-1"))
    report = load(path)
    assert report.files[0].encoding == "cp1252"
    from analytics.access import Access
    from analytics.warehouse import open_warehouse

    seen = open_warehouse(Access(workspace="w")).frame("select category from transactions order by customer_id")
    assert list(seen["category"]) == ["España", "São Paulo", "Skåne", "Köln"]


def test_lines_and_blank_lines_above_the_header_are_not_rows(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("Sales report 2025\n\ncustomer_id,date,amount\na,2025-01-31,5\nb,2025-02-28,6\n")
    report = load(path).files[0]
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (2, 2, 0)


@pytest.mark.parametrize(
    ("header", "table"),
    [
        (("customer_id", "date", "amount", "description"), "transactions"),
        (("Customer ID", "Date", "Amount", "Note"), "transactions"),
        (("member_id", "date", "type", "points", "note"), "points"),
        (("id", "name", "email", "city", "signup_date"), "customers"),
        (("id", "customer_id", "date", "total"), "transactions"),
        (("event_date", "event_type", "description"), "events"),
    ],
)
def test_a_header_is_one_table_without_a_question(header: tuple[str, ...], table: str) -> None:
    values = {
        "date": "2025-01-31", "event_date": "2025-01-31", "signup_date": "2025-01-31", "amount": "5.20", "total": "5.20", "points": "10",
        "type": "earn", "name": "Ada Lovelace", "email": "ada@x.io",
    }  # fmt: skip
    samples = {name: [values.get(name.lower(), f"{name}{i}") for i in range(3)] for name in header}
    found = guess(header, samples)
    assert found.table is not None
    assert (found.table.name, found.rivals) == (table, ())


def test_unknown_holdout_words_are_asked_and_can_be_told(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "h.csv", ("customer_id", "holdout"), [["a", "A"], ["b", "B"]])
    with pytest.raises(UserError) as refused:
        load(path)
    assert refused.value.key == "question_holdout"
    load(path, holdout={"A": True, "B": False})
    from analytics.access import Access
    from analytics.warehouse import open_warehouse

    frame = open_warehouse(Access(workspace="w")).frame("select customer_id, holdout from customers order by 1")
    assert frame.to_dict("records") == [{"customer_id": "a", "holdout": True}, {"customer_id": "b", "holdout": False}]


def test_a_mapping_of_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "o.csv", ("customer_id", "date", "amount"), [["a", "2025-01-31", "5"]])
    with pytest.raises(UserError) as refused:
        load(path, mapping={"Nope": "transactions.amount"})
    assert refused.value.key == "no_such_column"


def test_an_encrypted_archive_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "orders.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("orders.csv", "customer_id,date,amount\na,2025-01-31,5\n")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(UserError) as refused:
        load(path)
    assert refused.value.key == "locked_file"
