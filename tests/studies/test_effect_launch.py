"""What a launch brought the regions it reached, in shops written out in full."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from analytics.studies.effect_launch import attempt
from tests.studies.conftest import Shop

FIRST, LAUNCHED = date(2024, 1, 1), date(2024, 12, 30)  # Mondays, 52 weeks apart
REGIONS = ("North", "South", "East", "West")
EACH = 5  # customers a region


def sales(*, extra: float) -> str:
    """Every customer buys every week for 80 weeks: 20, more or less by the week, and those of the North `extra` more from the launch on."""
    rows = ["customer id,order id,date,amount"]
    for week in range(80):
        day = FIRST + timedelta(days=7 * week + 2)
        for at, region in enumerate(REGIONS):
            for customer in range(EACH):
                wobble = (week * 7 % 11) / 5 + ((week * 3 + at * 5 + customer) % 7) / 10
                amount = 20 + wobble + (extra if region == "North" and day >= LAUNCHED else 0)
                rows.append(f"{region[0]}{customer},{region[0]}{customer}-{week},{day},{amount:.2f}")
    return "\n".join(rows)


def customers(*reached: str) -> str:
    rows = ["customer id,region,enrolled on"]
    for region in REGIONS:
        rows += [f"{region[0]}{customer},{region},{LAUNCHED if region in reached else ''}" for customer in range(EACH)]
    return "\n".join(rows)


def test_the_effect_is_money_per_member_and_month(shop: Shop) -> None:
    """3 more a week for each of five members: 3 x 30.4375 / 7 = 13.04 a month."""
    found = attempt(shop(orders=sales(extra=3.0), customers=customers("North")), "net_sales")
    assert found.claim is not None
    assert found.claim.effect.value == pytest.approx(3 * 30.4375 / 7, abs=0.6)
    assert found.claim.effect.low < 3 * 30.4375 / 7 < found.claim.effect.high
    assert found.claim.first == LAUNCHED
    assert (found.claim.treated, found.facts["reached"], found.facts["controls"]) == (5, ["North"], ["East", "South", "West"])
    assert found.facts["before"] == 51  # the first week begins before the data does


def test_without_extra_nothing_is_found(shop: Shop) -> None:
    found = attempt(shop(orders=sales(extra=0.0), customers=customers("North")), "net_sales")
    assert found.claim is not None
    assert found.claim.effect.low < 0 < found.claim.effect.high


def test_a_launch_that_reached_everybody_has_nothing_to_be_compared_with(shop: Shop) -> None:
    found = attempt(shop(orders=sales(extra=3.0), customers=customers(*REGIONS)), "net_sales")
    assert (found.claim, found.lacking, found.facts["groups"]) == (None, "all_reached", 4)


def test_without_regions_and_channels_there_is_no_group_to_compare_with(shop: Shop) -> None:
    lines = [line.split(",") for line in customers("North").splitlines()]
    at = lines[0].index("region")
    placeless = "\n".join(",".join(cell for k, cell in enumerate(line) if k != at) for line in lines)
    found = attempt(shop(orders=sales(extra=3.0), customers=placeless), "net_sales")
    assert (found.claim, found.lacking) == (None, "no_groups")


def test_a_launch_at_the_beginning_of_the_data_has_no_before(shop: Shop) -> None:
    early = customers("North").replace(str(LAUNCHED), "2024-02-05")
    found = attempt(shop(orders=sales(extra=3.0), customers=early), "net_sales")
    assert (found.lacking, found.facts["launched"]) == ("no_before", "2024-02-05")


def test_members_from_before_the_told_launch_contradict_it(shop: Shop) -> None:
    told = f"date,kind,text\n{LAUNCHED},programme,Loyalty programme launch"
    early = customers("North").replace(str(LAUNCHED), "2024-06-03", 1)
    found = attempt(shop(orders=sales(extra=3.0), customers=early, events=told), "net_sales")
    assert (found.lacking, found.facts["launched"]) == ("no_before", LAUNCHED.isoformat())
