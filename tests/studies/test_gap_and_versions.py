"""The gap that is sold as uplift, counted by hand and never called an effect; and what changed since the last version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scipy.stats import t

from analytics import studies
from analytics.access import Access
from analytics.studies.base import Filters
from analytics.studies.overview import Params
from analytics.warehouse import Warehouse, open_warehouse
from tests.conftest import Cli
from tests.studies.conftest import Shop


def people(others: int = 40) -> str:
    """40 members since 2023 (M01 ... M40) and others; M01 left in March 2024, M02 joined in February 2024."""
    rows = [f"M{i:02d},yes,{'2024-02-10' if i == 2 else '2023-05-01'},{'2024-03-05' if i == 1 else ''}" for i in range(1, 41)]
    return "customer id,member,enrolment date,cancellation date\n" + "\n".join([*rows, *(f"N{i:02d},no,," for i in range(1, others + 1))])


def orders(others: int = 40) -> str:
    """January to April 2024: each month a member buys for 30 and another customer for 10 (N01: 50); the last order is on 30 April."""
    who = [(f"M{i:02d}", 30) for i in range(1, 41)] + [(f"N{i:02d}", 50 if i == 1 else 10) for i in range(1, others + 1)]
    days = ("2024-01-01", "2024-02-15", "2024-03-15", "2024-04-30")
    rows = [f"{name}-{day},{name},{day},{paid}" for name, paid in who for day in days]
    return "order id,customer id,order date,amount\n" + "\n".join(rows)


def answer(house: Warehouse, **params: Any) -> Any:
    return studies.answer(studies.CATALOGUE["overview"], house, Params(**params))


@pytest.mark.filterwarnings("ignore:Precision loss")  # members who all spend the same, so that the interval can be worked out by hand
def test_the_gap_is_members_minus_others_who_bought_and_were_what_they_are_all_the_time(shop: Shop) -> None:
    """M01 left and M02 joined within the window, so 38 members at 30 a month stand against 40 others at 10 (one at 50): 30 - 11."""
    result = answer(shop(orders=orders(), people=people()))
    gap = result.estimates["naive_gap"]
    assert (gap.value, gap.n) == (pytest.approx(19), 78)
    half = t.ppf(0.975, 39) * 40 / 40  # members do not vary; the others' deviation is 40 * sqrt(39/40) / sqrt(39) = 40 / sqrt(40)
    assert gap.value - gap.low == pytest.approx(half * (40 / 40**0.5) / 40**0.5, rel=1e-6)
    assert result.tables["gap"].set_index("group")["customers"].to_dict() == {"members": 38, "others": 40}
    assert "effect" not in result.estimates


@pytest.mark.filterwarnings("ignore:Precision loss")
def test_contribution_margin_is_preferred_where_it_is_known(shop: Shop) -> None:
    with_margin = "\n".join(
        line + (",margin" if at == 0 else f",{float(line.rsplit(',', 1)[1]) / 2}") for at, line in enumerate(orders().split("\n"))
    )
    result = answer(shop(orders=with_margin, people=people()))
    assert result.estimates["naive_gap"].value == pytest.approx(9.5)
    assert set(result.tables["gap"]["measure"]) == {"margin"}


def test_no_gap_is_told_of_fewer_than_thirty_or_of_one_tier(shop: Shop) -> None:
    house = shop(orders=orders(others=29), people=people(others=29))
    assert "naive_gap" not in answer(house).estimates
    assert "naive_gap" not in answer(house, filters=Filters(tier=("Gold",))).estimates


def test_a_second_file_shows_what_changed_and_a_changed_setting_does_not(cli: Cli, write: Any, home: Path) -> None:
    first = "order id,customer id,order date,amount\n1,A,2024-01-05,100\n2,B,2024-02-05,50\n"
    second = "order id,customer id,order date,amount\n3,C,2024-03-05,30\n"
    cli("import", write("first.csv", first)).done()
    assert "versions" not in cli("run", "overview").done().json["tables"]
    cli("import", write("second.csv", second)).done()
    cli("settings", "--set", "min_cell=7").done()
    rows = {row["estimate"]: row for row in cli("run", "overview").done().json["tables"]["versions"]}
    assert (rows["customers"]["before"], rows["customers"]["now"], rows["customers"]["change"]) == (2, 3, 0.5)
    assert (rows["net_sales"]["before"], rows["net_sales"]["now"], rows["net_sales"]["version"]) == (150, 180, 1)


def test_other_data_is_not_compared_with_what_was_there_before(cli: Cli, write: Any) -> None:
    cli("example", "shop").done()
    cli("import", write("own.csv", "order id,customer id,order date,amount\n1,A,2024-01-05,100\n")).done()
    house = open_warehouse(Access(workspace="default"))
    assert "versions" not in answer(house).tables
