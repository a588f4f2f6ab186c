"""Every check of the data's quality finds what was planted, and says when it could not look."""

import pytest

from analytics import studies
from analytics.i18n import LANGUAGES, Words
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
    assert hits(result, "zero_price", "transactions") == (1, 5, "watch")  # one in five, but a sale refunded in full looks the same
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


def test_a_line_with_a_list_price_is_not_one_at_no_price(shop: Shop) -> None:
    sales = (
        "order id,customer id,order date,amount,quantity,list price\n1,A,2024-01-01,0,1,30\n2,B,2024-01-02,0,1,0\n3,C,2024-01-03,9,1,9\n"
    )
    assert hits(quality(shop, orders=sales), "zero_price", "transactions") == (1, 3, "watch")


def test_what_is_unusual_is_shown_and_not_scored(shop: Shop) -> None:
    result = quality(shop, orders="order id,customer id,order date,amount\n1,A,2024-01-01,0\n2,B,2024-01-02,0\n")
    assert result.tables["checks"].set_index("check").loc["zero_price", "area"] == "unusual"
    assert result.estimates["impossible"].value == 0
    assert result.verdict.key == "quality.verdict.good"


def test_activity_before_joining_is_counted_by_line_and_by_customer(shop: Shop) -> None:
    people = "customer id,enrolment date\nA,2024-01-02\nB,2024-01-02\nC,\n"  # A bought twice the day before, B on the day; C: not known
    result = quality(shop, orders=ORDERS, people=people)
    assert hits(result, "before_enrolment", "transactions") == (2, 4, "watch")
    assert hits(result, "before_enrolment", "customers") == (1, 2, "watch")


def test_activity_before_joining_is_not_measured_without_enrolment_dates(shop: Shop) -> None:
    result = quality(shop, orders=ORDERS, people="customer id,birth year\nA,1980\nB,1990\n")
    assert hits(result, "before_enrolment", "transactions") == (0, 0, "not_measured")


def test_the_verdict_reads_right_for_one_check_and_for_many(shop: Shop) -> None:
    said = Words("en").note(quality(shop, orders=ORDERS).verdict)
    assert said.endswith("Checks that ask for action: 2 of 6.")


def test_data_that_no_check_can_look_at_says_so(shop: Shop) -> None:
    result = quality(shop, churn="customer id,churn\nA,yes\nB,no\n")
    assert "checks" not in result.tables
    assert result.verdict.key == "quality.verdict.unchecked"
    assert all("0" not in Words(language).note(result.verdict).replace("100.0", "") for language in LANGUAGES)
