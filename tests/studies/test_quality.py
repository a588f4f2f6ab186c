"""Every check of the data's quality finds what was planted, and says when it could not look."""

import pytest

from analytics import studies
from analytics.results import Result
from analytics.studies.quality import Params
from tests.studies.conftest import Shop

ORDERS = """
order id,line no,customer id,order date,amount,quantity,category,transaction type
1,1,A,2024-01-01,100,2,tea,sale
1,1,A,2024-01-01,100,2,tea,sale
2,1,B,2024-01-02,0,1,,sale
3,1,B,2024-01-03,30,-1,,sale
4,1,C,2024-01-10,30,1,tea,sale
"""

PEOPLE = """
customer id,birth year,enrolment date,cancellation date
A,1980,2023-01-01,
B,2099,2023-01-01,2022-06-01
"""


def quality(shop: Shop, **files: str) -> Result:
    return studies.answer(studies.CATALOGUE["quality"], shop(**files), Params())


def hits(result: Result, check: str, table: str) -> tuple[float, float, str]:
    row = result.tables["checks"].set_index(["check", "table"]).loc[(check, table)]
    return float(row["hits"]), float(row["rows"]), str(row["status"])


def test_what_was_planted_is_found(shop: Shop) -> None:
    result = quality(shop, orders=ORDERS, people=PEOPLE)
    assert hits(result, "duplicate_rows", "transactions") == (1, 5, "act")
    assert hits(result, "zero_price", "transactions") == (1, 5, "act")
    assert hits(result, "negative_quantity", "transactions") == (1, 5, "act")
    assert hits(result, "unknown_customer", "transactions") == (1, 3, "act")  # C of A, B and C
    assert hits(result, "birth_year", "customers") == (1, 2, "act")
    assert hits(result, "cancelled_before_enrolled", "customers") == (1, 1, "act")
    assert hits(result, "future_date", "transactions") == (0, 5, "good")


def test_a_check_without_its_column_is_not_measured_and_not_good(shop: Shop) -> None:
    result = quality(shop, orders=ORDERS)
    assert hits(result, "delivered_before_order", "transactions") == (0, 0, "not_measured")
    assert "quality.warnings.not_measured" in [note.key for note in result.warnings]


def test_orphans_are_not_measured_without_a_customer_list(shop: Shop) -> None:
    result = quality(shop, orders=ORDERS)
    assert "orphans" not in result.estimates
    assert "orphans" not in set(result.tables["score"]["component"])


def test_the_score_is_the_mean_of_the_parts_that_were_measured(shop: Shop) -> None:
    result = quality(shop, orders=ORDERS)
    parts = dict(zip(result.tables["score"]["component"], result.tables["score"]["value"], strict=True))
    assert parts["duplicates"] == pytest.approx(4 / 5)
    assert parts["impossible"] == pytest.approx(4 / 5)  # the negative quantity; free lines do not count
    assert parts["readable"] == 1
    assert result.estimates["score"].value == pytest.approx(sum(parts.values()) / len(parts))


def test_a_column_half_filled_is_half_complete(shop: Shop) -> None:
    table = quality(shop, orders=ORDERS).tables["completeness"].set_index(["table", "column"])
    assert table.loc[("transactions", "category"), "share"] == pytest.approx(3 / 5)


def test_days_without_rows_are_a_gap(shop: Shop) -> None:
    row = quality(shop, orders=ORDERS).tables["coverage"].set_index("table").loc["transactions"]
    assert (row["days"], row["days_between"], row["longest_gap"]) == (4, 10, 6)
    assert str(row["gap_from"])[:10] == "2024-01-03"


def test_data_by_the_month_has_no_gap_between_neighbouring_months(shop: Shop) -> None:
    monthly = "customer id,order date,amount\nA,2024-01-01,5\nA,2024-02-01,5\nA,2024-04-01,5\n"
    row = quality(shop, orders=monthly).tables["coverage"].set_index("table").loc["transactions"]
    assert (row["days"], row["days_between"], row["longest_gap"]) == (3, 4, 31)  # March


def test_every_row_of_every_file_is_accounted_for(shop: Shop) -> None:
    files = quality(shop, orders=ORDERS + "5,1,C,not a day,30,1,tea,sale\n").tables["files"]
    assert files[["rows_read", "rows_loaded", "rows_excluded", "rows_rejected"]].iloc[0].tolist() == [6, 5, 0, 1]
    assert files["accounted"].all()
