"""What a customer's spells are when the file has overlaps, gaps, ends and repetitions."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.studies.conftest import Shop
from tests.studies.conftest import shop as shop

FILED = """customer id,tier,valid from,valid to
a,Silver,2025-01-01,2025-06-30
a,Gold,2025-04-01,
b,Silver,2025-01-01,2025-01-31
b,Silver,2025-02-01,2025-03-31
b,Silver,2025-05-01,2025-05-31
c,Gold,2025-01-01,
d,Silver,2025-02-01,2025-02-10
d,Gold,2025-02-01,2025-12-31
e,Gold,2025-03-01,2025-02-01
"""
LEFT = {"c": "2025-03-15"}
PEOPLE = "customer id,enrolment date,cancellation date\n" + "".join(f"{who},2024-12-01,{LEFT.get(who, '')}\n" for who in "abcde")
ORDERS = "order id,customer id,date,amount\n1,a,2025-01-05,10\n2,b,2025-06-30,10\n"


@pytest.mark.parametrize(
    ("customer", "spells"),
    [
        ("a", [("Silver", date(2025, 1, 1), date(2025, 4, 1), "moved"), ("Gold", date(2025, 4, 1), None, "lasts")]),
        ("b", [("Silver", date(2025, 1, 1), date(2025, 4, 1), "left"), ("Silver", date(2025, 5, 1), date(2025, 6, 1), "left")]),
        ("c", [("Gold", date(2025, 1, 1), date(2025, 3, 15), "left")]),
        ("d", [("Gold", date(2025, 2, 1), None, "lasts")]),
        ("e", []),
    ],
)
def test_a_spell_ends_with_the_next_one_its_own_last_day_or_the_membership(customer: str, spells: list[object], shop: Shop) -> None:
    house = shop(orders=ORDERS, people=PEOPLE, tiers=FILED)
    told = "select tier, since, until, follows from tier_spells where customer_id = $customer order by since"
    rows = house.frame(told, customer=customer).itertuples(index=False)
    assert [(row.tier, row.since.date(), None if pd.isna(row.until) else row.until.date(), row.follows) for row in rows] == spells
