"""What is planted can be found in the files, near its constant; what is switched off cannot."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from data.programme import truth
from tests.programme.conftest import Made

Ratio = tuple[float, float]  # a log ratio and its standard error


def near(found: Ratio, factor: float) -> bool:
    """Whether a log ratio is within three standard errors of a factor's."""
    return abs(found[0] - math.log(factor)) < 3 * found[1]


def of_means(a: pd.Series, b: pd.Series) -> Ratio:
    error = math.sqrt((a.std() / a.mean()) ** 2 / len(a) + (b.std() / b.mean()) ** 2 / len(b))
    return math.log(a.mean() / b.mean()), error


def of_counts(a: int, b: int) -> Ratio:
    return math.log(a / b), math.sqrt(1 / a + 1 / b)


def with_customers(frame: pd.DataFrame, made: Made) -> pd.DataFrame:
    return frame.merge(made.frame("customers"), on="Customer ID")


def service_gap(made: Made, gender: str = "Female") -> Ratio:
    """Log hours to the first answer of one gender in the North West against everybody outside it, the same topics compared."""
    said = with_customers(made.frame("feedback").dropna(subset=["First response at", "Topic"]), made)
    hours = np.log((said["First response at"] - said["Submitted at"]).dt.total_seconds() / 3600)
    hours -= hours.groupby(said["Topic"]).transform("mean")
    outside = said["Region"] != "North West"
    group = (said["Gender"] == gender) & ~outside
    error = math.sqrt(hours[group].var() / group.sum() + hours[outside].var() / outside.sum())
    return hours[group].mean() - hours[outside].mean(), error


def test_women_in_one_region_wait_longer_for_the_same_kind_of_answer(planted: Made, null: Made) -> None:
    assert near(service_gap(planted), 1.7)
    assert near(service_gap(planted, "Male"), 1.0)
    assert near(service_gap(null), 1.0)


def price_ratio(made: Made, category: str) -> float:
    """Median net price per list price of regulars against others, among lines at no more than the personal discount."""
    lines = made.sales.assign(paid=lambda f: f["Amount"] / (f["Quantity"] * f["List price"]))
    lines = with_customers(lines[(lines["Category"] == category) & (lines["paid"] > 0.915)], made)
    first = made.orders.assign(before=made.orders.groupby("Customer ID").cumcount())[["Order ID", "before"]]
    lines = lines.merge(first, on="Order ID")
    regular = (lines["before"] >= 15) & ((lines["Order date"] - lines["Customer since"]).dt.days > 400)
    return float(lines.loc[regular, "paid"].median() / lines.loc[lines["before"] < 8, "paid"].median())


def test_regulars_pay_four_per_cent_more_in_one_category(planted: Made, null: Made) -> None:
    assert price_ratio(planted, "Gift boxes") == pytest.approx(1.04, abs=0.001)
    assert price_ratio(null, "Gift boxes") == pytest.approx(1.0, abs=0.001)
    assert price_ratio(planted, "Tea") == pytest.approx(1.0, abs=0.001)


def discounted(made: Made) -> pd.Series:
    """Share of orders with a tenth or more off, by acquisition channel."""
    lines = with_customers(made.sales[made.sales["Category"] != "Gift boxes"], made)
    cheap = lines["Discount"] > 0.09 * lines["Quantity"] * lines["List price"]
    return cheap.groupby([lines["Acquisition channel"], lines["Order ID"]]).max().groupby(level=0).mean()


def test_customers_of_the_voucher_site_buy_with_a_discount(planted: Made, null: Made) -> None:
    shares = discounted(planted)
    assert shares["Voucher site"] == pytest.approx(0.90, abs=0.02)
    assert shares.drop("Voucher site").max() < 0.14
    assert discounted(null).max() < 0.16


def test_one_order_in_eleven_comes_late(planted: Made, null: Made) -> None:
    for made, share in ((planted, 0.09), (null, 0.0)):
        sent = made.orders.dropna(subset=["Delivered at"])
        assert (sent["Delivered at"] > sent["Promised at"]).mean() == pytest.approx(share, abs=0.006)


def test_customers_buy_less_after_a_late_delivery(planted: Made) -> None:
    lost = planted.truth.realised["late_deliveries"]["orders_lost"]
    assert lost > 1_000
    assert planted.truth.realised["late_deliveries"]["late"] > 2_000


def fatigue(made: Made) -> Ratio:
    """Response with seven contacts in the 28 days before against four or fewer."""
    sent = made.frame("contacts").sort_values(["Customer ID", "Sent at"])
    days = (sent["Sent at"].dt.normalize() - pd.Timestamp("2024-11-01")).dt.days.to_numpy()
    key = sent["Customer ID"].str[1:].astype(int).to_numpy() * 10_000 + days
    before = np.arange(len(key)) - np.searchsorted(key, key - 27)
    yes = sent["Responded"].to_numpy() == "yes"
    many, few = before == 7, before <= truth.FREE_CONTACTS
    a, b = yes[many].mean(), yes[few].mean()
    return math.log(a / b), math.sqrt((1 - a) / (a * many.sum()) + (1 - b) / (b * few.sum()))


def test_too_many_contacts_tire(planted: Made, null: Made) -> None:
    assert near(fatigue(planted), 0.75**3)
    assert near(fatigue(null), 1.0)


def opt_out_share(made: Made) -> float:
    return float((made.frame("contacts")["Unsubscribed"] == "yes").mean())


def test_too_many_contacts_drive_customers_off_the_list(planted: Made, null: Made) -> None:
    assert opt_out_share(planted) > 1.15 * opt_out_share(null)
    assert opt_out_share(null) == pytest.approx(truth.OPT_OUT, rel=0.2)


def campaign(made: Made) -> Ratio:
    """Orders in the eight weeks, treated against withheld."""
    orders = made.orders[made.orders["Order date"].between("2026-05-15", "2026-07-10")]
    tested = made.frame("experiments").set_index("Customer ID")["Arm"]
    counts = orders["Customer ID"].value_counts().reindex(tested.index, fill_value=0)
    return of_means(counts[tested == "treated"], counts[tested == "control"])


def test_the_campaign_moves_those_who_were_drawn_for_it(planted: Made, null: Made) -> None:
    assert near(campaign(planted), 1.15)
    assert near(campaign(null), 1.0)
    arms = planted.truth.realised["campaign"]
    assert abs(arms["treated"] - arms["withheld"]) < 3 * math.sqrt(arms["treated"] + arms["withheld"])


def cohort(made: Made) -> Ratio:
    """Orders in the first half year of those first seen in May and June 2025 against the months around."""
    people = made.frame("customers")
    people = people[people["Industry"].isna() & people["Customer since"].between("2025-03-01", "2025-08-31")]
    orders = made.orders.merge(people, on="Customer ID")
    early = orders[(orders["Order date"] - orders["Customer since"]).dt.days < 180]
    counts = early["Customer ID"].value_counts().reindex(people["Customer ID"], fill_value=0)
    better = people["Customer since"].dt.month.isin([5, 6]).to_numpy()
    return of_means(counts[better], counts[~better])


def test_the_cohort_of_the_welcome_programme_is_better(planted: Made, null: Made) -> None:
    better, usual = cohort(planted), cohort(null)  # the same people, but for the effects
    assert 1.2 < math.exp(better[0] - usual[0]) < 1.8
    assert near(usual, 1.0)


def weeks(made: Made) -> pd.Series:
    return made.orders.set_index("Order date").resample("W-MON", label="left", closed="left")["Order ID"].count()


def shock(made: Made) -> Ratio:
    """Orders of the five weeks from 2 March 2026 against the same weeks around them."""
    counts = weeks(made)
    inside = counts["2026-03-02":"2026-03-30"]
    around = pd.concat([counts["2026-01-26":"2026-02-23"], counts["2026-04-06":"2026-05-04"]])
    return of_counts(inside.sum(), around.sum() / 2)


def test_orders_fall_while_supply_fails(planted: Made, null: Made) -> None:
    fallen, usual = shock(planted), shock(null)
    assert near((fallen[0] - usual[0], math.hypot(fallen[1], usual[1])), 0.7)


def slipping(made: Made) -> Ratio:
    """Orders from June 2026 on against the months before, of customers who were there before; social media against the others."""
    people = made.frame("customers")
    old = people[(people["Customer since"] < "2025-11-01") & people["Industry"].isna()]
    orders = made.orders[made.orders["Order date"] >= "2025-11-01"].merge(old, on="Customer ID")
    late, social = orders["Order date"] >= "2026-06-01", orders["Acquisition channel"] == "Social media"
    mine, others = of_counts((late & social).sum(), (~late & social).sum()), of_counts((late & ~social).sum(), (~late & ~social).sum())
    return mine[0] - others[0], 2 * math.hypot(mine[1], others[1])  # orders of one customer are not independent


def test_customers_from_social_media_slip_away(planted: Made, null: Made) -> None:
    assert near(slipping(planted), 0.5)
    assert near(slipping(null), 1.0)


def win_rates(made: Made) -> pd.DataFrame:
    """Deals won and closed, by industry."""
    won = made.frame("transactions").dropna(subset=["Deal opened at"])
    lost = made.frame("opportunities")
    counts = [with_customers(deals, made)["Industry"].value_counts() for deals in (won, lost[lost["Stage"] == "Closed Lost"])]
    table = pd.concat(counts, axis=1, keys=["won", "lost"])
    return table.assign(share=table["won"] / table.sum(axis=1), closed=table.sum(axis=1))


def test_industries_differ_in_deals_won(planted: Made, null: Made) -> None:
    industries = ("Professional services", "Technology", "Education", "Healthcare", "Public sector", "Hospitality")
    for made, rates in ((planted, truth.WIN_RATE), (null, (truth.USUAL_WIN_RATE,) * 6)):
        found = win_rates(made)
        for industry, rate in zip(industries, rates, strict=True):
            row = found.loc[industry]
            assert abs(row["share"] - rate) < 3 * math.sqrt(rate * (1 - rate) / row["closed"]), industry


def test_some_members_are_filed_one_tier_off(planted: Made, null: Made) -> None:
    members = planted.truth.realised["totals"]["members_enrolled"]
    assert planted.truth.realised["mistiered"]["members"] / members == pytest.approx(truth.MISTIERED_SHARE, rel=0.2)
    assert null.truth.realised["mistiered"]["members"] == 0
