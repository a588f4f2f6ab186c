"""Text into values: every reading is hand-computed, and what cannot be read is null, never something else."""

from __future__ import annotations

import hmac
from datetime import datetime
from decimal import Decimal

import duckdb
import pytest

from analytics.contract import POINTS, TRANSACTIONS, Column, Kind
from analytics.intake import checks
from analytics.intake.checks import Locale


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create temp table secret (inner_pad blob, outer_pad blob)")
    for macro in checks.MACROS:
        connection.execute(macro)
    connection.execute("insert into secret values (?, ?)", list(checks.secret_pads("ab" * 32)))
    return connection


def read(con: duckdb.DuckDBPyConnection, column: Column, text: str, locale: Locale | None = None, samples: tuple[str, ...] = ()) -> object:
    sql = checks.cast(column, "v", samples or (text,), locale or Locale(), {})
    return con.execute(f"select {sql} from (select ?::varchar as v)", [text]).fetchall()[0][0]


MONEY = TRANSACTIONS["amount"]
MOMENT = TRANSACTIONS["occurred_at"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"),
        ("-0.5", "-0.5"),
        ("1,234.50", "1234.5"),
        ("$84,835.00", "84835"),
        ("(120.00)", "-120"),
        ("120.00-", "-120"),
        ("¥1,000", "1000"),
        ("1 234.50", "1234.5"),
        ("USD 7.25", "7.25"),
        ("12.5元", "12.5"),
        ("1.776357e-15", "0"),
    ],
)
def test_amounts_written_with_a_decimal_point_are_read(con, text: str, value: str) -> None:
    assert read(con, MONEY, text) == Decimal(value)


@pytest.mark.parametrize("text", ["1e400", "Infinity", "NaN", "12,34.5", "1.2.3", "abc", "1.234,50", "--5", "1,23"])
def test_amounts_that_cannot_be_read_are_null_not_something_else(con, text: str) -> None:
    assert read(con, MONEY, text) is None


@pytest.mark.parametrize(("text", "value"), [("1.234,50", "1234.5"), ("€ 1.234,50", "1234.5"), ("12,5", "12.5"), ("-3", "-3")])
def test_amounts_written_with_a_decimal_comma_are_read(con, text: str, value: str) -> None:
    assert read(con, MONEY, text, Locale(decimal=",")) == Decimal(value)


def test_a_point_amount_in_a_comma_file_is_refused(con) -> None:
    assert read(con, MONEY, "1,234.50", Locale(decimal=",")) is None


@pytest.mark.parametrize(
    ("text", "order", "moment"),
    [
        ("2024-07-08 14:56:28", "dmy", datetime(2024, 7, 8, 14, 56, 28)),
        ("2018/5/16 9:41", "dmy", datetime(2018, 5, 16, 9, 41)),
        ("19970102", "dmy", datetime(1997, 1, 2)),
        ("Oct 7, 2025 6:55 PM", "dmy", datetime(2025, 10, 7, 18, 55)),
        ("7 October 2025", "dmy", datetime(2025, 10, 7)),
        ("2025年3月4日", "dmy", datetime(2025, 3, 4)),
        ("01/02/2025", "dmy", datetime(2025, 2, 1)),
        ("01/02/2025", "mdy", datetime(2025, 1, 2)),
        ("12/31/25 08:05", "mdy", datetime(2025, 12, 31, 8, 5)),
        ("31.12.2025", "dmy", datetime(2025, 12, 31)),
        ("45658", "dmy", datetime(2025, 1, 1)),
        ("45658.5", "dmy", datetime(2025, 1, 1, 12)),
        ("1735689600", "dmy", datetime(2025, 1, 1)),
        ("2025-03", "dmy", datetime(2025, 3, 1)),
    ],
)
def test_dates_in_many_formats_are_read(con, text: str, order: str, moment: datetime) -> None:
    assert read(con, MOMENT, text, Locale(date_order=order)) == moment


@pytest.mark.parametrize("text", ["2025-02-30", "31/31/2025", "soon", "2025-13-01"])
def test_impossible_dates_are_null(con, text: str) -> None:
    assert read(con, MOMENT, text) is None


@pytest.mark.parametrize(
    "text", ["2025-01-01T00:30:00+02:00", "2024-12-31 22:30:00 UTC", "2024-12-31T22:30:00Z", "2024-12-31 22:30:00 +0000"]
)
def test_an_offset_is_turned_into_the_workspaces_time_zone(con, text: str) -> None:
    assert read(con, MOMENT, text, Locale(time_zone="Asia/Shanghai")) == datetime(2025, 1, 1, 6, 30)


def test_ids_are_exact_text_without_what_a_spreadsheet_added(con) -> None:
    identifier = TRANSACTIONS["customer_id"]
    assert read(con, identifier, "00123") == "00123"
    assert read(con, identifier, "9007199254740993") == "9007199254740993"
    assert read(con, identifier, "'7210448301122") == "7210448301122"
    assert read(con, identifier, "17850.0", samples=("17850.0", "13047.0")) == "17850"
    assert read(con, identifier, "17850.0", samples=("17850.0", "A1")) == "17850.0"


def test_words_for_movements_of_points_are_understood_in_both_languages(con) -> None:
    kind = POINTS["kind"]
    assert [read(con, kind, word) for word in ("Credit", "Debit", "积分兑换", "兑换", "Expired", "nonsense")] == [
        "earn", "redeem", "redeem", "redeem", "expire", None,
    ]  # fmt: skip


def test_holdout_words_mean_withheld_and_a_treatment_is_not(con) -> None:
    holdout = Column(name="holdout", kind=Kind.FLAG)
    assert [read(con, holdout, word) for word in ("control", "对照", "treated", "实验", "perhaps")] == [True, True, False, False, None]


def test_a_pseudonym_is_the_hmac_of_the_folded_value(con) -> None:
    made = con.execute("select pseudonym(' Ada@Example.com ')").fetchall()[0][0]
    expected = hmac.new(bytes.fromhex("ab" * 32), b"ada@example.com", "sha256").hexdigest()[:32]
    assert made == f"p_{expected}"


@pytest.mark.parametrize("value", [" Ada@Example.com ", "王小明（上海）", "A　B", "ÄÖ  ü"])
def test_a_pseudonym_made_without_a_database_is_the_same(value: str, con) -> None:
    assert con.execute("select pseudonym(?)", [value]).fetchall()[0][0] == checks.pseudonym(value, "ab" * 32)


def test_the_decimal_mark_shows_in_values_that_read_one_way_only() -> None:
    assert checks.decimal_evidence(["1,234", "2,500"]) == {"?": 2}
    assert checks.decimal_evidence(["1,234.50"]) == {".": 1}
    assert checks.decimal_evidence(["12,50"]) == {",": 1}
    assert checks.decimal_evidence(["1.234.567"]) == {",": 1}
    assert checks.decimal_evidence(["0.125", "1234.567"]) == {".": 2}


def test_the_order_of_day_and_month_shows_beyond_twelve() -> None:
    assert checks.order_evidence(["01/02/2025", "05/05/2025"]) == {"?": 1}
    assert checks.order_evidence(["13/02/2025"]) == {"dmy": 1}
    assert checks.order_evidence(["02/13/2025"]) == {"mdy": 1}
