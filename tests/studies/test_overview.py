"""The overview of a shop small enough to count by hand, of real data recounted with pandas, and of data without sales."""

from pathlib import Path

import pandas as pd
import pytest

from analytics import studies
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.results import Result
from analytics.studies.base import Filters
from analytics.studies.overview import Params
from analytics.warehouse import Warehouse, open_warehouse
from tests.conftest import Cli
from tests.studies.conftest import Shop

ORDERS = """
order id,customer id,order date,amount
1,A,2024-01-01,100
2,A,2024-01-20,50
3,B,2024-01-10,30
4,C,2024-02-05,20
5,C,2024-06-15,40
6,D,2024-05-20,60
7,E,2024-06-30,10
"""


def overview(house: Warehouse, **params: object) -> Result:
    return studies.answer(studies.CATALOGUE["overview"], house, Params(**params))


def value(result: Result, name: str) -> float:
    return result.estimates[name].value


def test_seven_orders_are_counted_by_hand(shop: Shop) -> None:
    result = overview(shop(orders=ORDERS))
    assert {name: value(result, name) for name in ("customers", "orders", "net_sales")} == {"customers": 5, "orders": 7, "net_sales": 310}
    assert value(result, "average_order_value") == pytest.approx(310 / 7)
    assert value(result, "median_gap") == 75  # A waits 19 days, C 131
    assert result.warnings == ()


def test_who_came_too_late_to_come_back_is_left_out_of_the_repeat_rate(shop: Shop) -> None:
    # the data ends on 30 June: A, B and C were first seen at least 90 days before; only A came back within 90 days
    rate = overview(shop(orders=ORDERS)).estimates["repeat_rate"]
    assert (rate.value, rate.n) == (pytest.approx(1 / 3), 3)
    assert overview(shop(orders=ORDERS), repeat_days=140).estimates["repeat_rate"].value == pytest.approx(2 / 3)


def test_active_are_those_seen_in_the_last_ninety_days(shop: Shop) -> None:
    rate = overview(shop(orders=ORDERS)).estimates["active_rate"]  # C, D and E of five
    assert (rate.value, rate.n) == (pytest.approx(3 / 5), 5)
    assert rate.low < 0.6 < rate.high


def test_months_without_a_sale_are_zero_and_the_last_three_stand_against_three_before(shop: Shop) -> None:
    tables = overview(shop(orders=ORDERS)).tables
    assert tables["months"]["net_sales"].tolist() == [180, 20, 0, 0, 60, 50]
    assert tables["months"]["complete"].all()
    change = tables["changes"].set_index("estimate").loc["net_sales"]
    assert (change["now"], change["before"], change["months"]) == (110, 200, 3)
    assert change["change"] == pytest.approx(-0.45)


def test_a_month_that_is_not_over_is_marked_and_kept_out_of_the_cards(shop: Shop) -> None:
    result = overview(shop(orders=ORDERS + "8,E,2024-07-04,1\n"))
    assert result.tables["months"]["complete"].tolist() == [True] * 6 + [False]
    assert len(result.tables["trend"]) == 6
    assert [note.key for note in result.warnings] == ["overview.warnings.partial"]


def test_a_refund_lowers_net_sales_but_is_no_order(shop: Shop) -> None:
    refund = "order id,customer id,order date,amount,transaction type\n1,A,2024-01-01,100,sale\n2,A,2024-01-03,-30,refund\n"
    result = overview(shop(orders=refund))
    assert (value(result, "net_sales"), value(result, "orders")) == (70, 1)


def test_a_period_stands_against_the_equal_one_before(shop: Shop) -> None:
    house = shop(orders=ORDERS)
    june = overview(house, filters=Filters(period=("2024-06", "2024-06")))
    assert (value(june, "customers"), value(june, "net_sales")) == (2, 50)
    change = june.tables["changes"].set_index("estimate").loc["net_sales"]
    assert (change["now"], change["before"], change["months"]) == (50, 60, 1)
    assert (
        "changes" not in overview(house, filters=Filters(period=("2024-05", "2024-06"))).tables
    )  # nothing to divide by in March and April


def test_a_customer_list_alone_gives_members_leavers_and_tiers(shop: Shop) -> None:
    people = """
    member id,tier,enrolment date,cancellation date
    A,Gold,2023-01-05,
    B,Silver,2023-02-05,2024-01-31
    C,Silver,2023-02-09,
    D,Bronze,2023-03-01,
    """
    result = overview(shop(members="\n".join(line.strip() for line in people.strip().splitlines())))
    assert {name: value(result, name) for name in ("customers", "members", "tiers")} == {"customers": 4, "members": 4, "tiers": 3}
    assert value(result, "cancelled_share") == pytest.approx(0.25)
    assert "net_sales" not in result.estimates


def test_points_alone_give_what_was_earned_and_redeemed(shop: Shop) -> None:
    ledger = "member id,date,event type,points\nA,2024-01-01,earn,100\nA,2024-02-01,redeem,40\nB,2024-02-03,earn,60\n"
    result = overview(shop(points=ledger))
    assert (value(result, "points_earned"), value(result, "points_redeemed")) == (160, 40)
    assert value(result, "ever_redeemed") == 0.5
    assert result.verdict.key == "overview.verdict.points"


def test_a_churn_snapshot_gives_its_share_with_an_interval(cli: Cli, shared_data: Path) -> None:
    result = overview(imported(cli, shared_data / "telco.csv"))
    churned = result.estimates["churned_share"]
    assert (churned.value, churned.n) == (pytest.approx(1869 / 7043), 7043)
    assert churned.low < churned.value < churned.high


def test_filters_that_match_nothing_say_so(shop: Shop) -> None:
    result = overview(shop(orders=ORDERS), filters=Filters(channel=("nowhere",)))
    assert "overview.warnings.nothing_in_filter" in [note.key for note in result.warnings]
    for language in LANGUAGES:
        assert Words(language).note(result.verdict)


def test_online_retail_is_what_pandas_counts(cli: Cli, shared_data: Path) -> None:
    raw = pd.read_parquet(shared_data / "online_retail.parquet")
    raw = raw.rename(columns={name: name.lower().replace(" ", "").replace("_", "") for name in raw.columns})
    customer, invoice, when = (next(name for name in raw if name.startswith(start)) for start in ("customer", "invoiceno", "invoicedate"))
    known = raw[raw[customer].notna()].assign(day=lambda x: pd.to_datetime(x[when]).dt.normalize())
    sales = known[~known[invoice].astype(str).str.startswith("C")]
    result = overview(imported(cli, shared_data / "online_retail.parquet"))
    assert value(result, "net_sales") == pytest.approx((known["quantity"] * known["unitprice"]).sum(), abs=0.01)
    assert value(result, "orders") == sales[invoice].nunique()
    assert value(result, "customers") == sales[customer].nunique()
    assert value(result, "repeat_rate") == pytest.approx(_repeat(_newcomers(known, sales, customer), customer, invoice, 90))
    last = sales.groupby(customer)["day"].max()
    assert value(result, "active_rate") == pytest.approx((last > known["day"].max() - pd.Timedelta(days=90)).mean())


def _newcomers(known: pd.DataFrame, sales: pd.DataFrame, customer: str) -> pd.DataFrame:
    """Sales of those who first bought 90 days after the data begins or later, and did not return goods in a month before that."""
    first, seen = (rows.groupby(customer)["day"].min() for rows in (sales, known))
    new = (first >= sales["day"].min() + pd.Timedelta(days=90)) & (seen[first.index].dt.to_period("M") == first.dt.to_period("M"))
    return sales[sales[customer].isin(first.index[new])]


def _repeat(sales: pd.DataFrame, customer: str, invoice: str, days: int) -> float:
    """Second order within so many days of the first, among customers whose first lies as far back."""
    orders = sales.groupby([customer, invoice])["day"].min().reset_index().sort_values([customer, "day"])
    first = orders.groupby(customer)["day"].nth(0).to_numpy()
    who = orders.groupby(customer)[customer].nth(0).to_numpy()
    second = orders.groupby(customer)["day"].nth(1)
    second = pd.Series(second.to_numpy(), index=orders.loc[second.index, customer]).reindex(who).to_numpy()
    frame = pd.DataFrame({"first": first, "second": second})
    seen = frame[frame["first"] <= sales["day"].max() - pd.Timedelta(days=days)]
    return float(((seen["second"] - seen["first"]).dt.days <= days).mean())


def test_complete_journey_is_what_pandas_counts(cli: Cli, complete_journey: Path) -> None:
    raw = pd.read_parquet(complete_journey)
    result = overview(imported(cli, complete_journey))
    assert value(result, "net_sales") == pytest.approx(raw["sales_value"].sum(), abs=0.01)
    assert value(result, "orders") == raw["basket_id"].nunique()
    assert value(result, "customers") == raw["household_id"].nunique()
    assert result.tables["months"]["complete"].tolist() == [True] * 12 + [False]  # 2018 is one night of a time zone
    top = raw.groupby("household_id")["sales_value"].sum().sort_values(ascending=False)
    assert result.tables["deciles"]["share"].iloc[0] == pytest.approx(top.head(247).sum() / top.sum())


def imported(cli: Cli, path: Path) -> Warehouse:
    cli("import", path, "--workspace", "shop").done()
    return open_warehouse(Access(workspace="shop"))


LEDGER = """
member id,date,event type,points
A,2024-01-01,earn,100
A,2024-02-01,redeem,40
B,2024-02-03,earn,60
"""

MEMBERS = """
member id,tier,enrolment date,cancellation date
A,Gold,2023-01-05,
B,Silver,2023-02-05,2024-01-31
C,Silver,2024-02-01,2024-09-01
D,Silver,2024-12-01,2024-12-24
"""


def test_a_period_leaves_out_what_only_the_whole_history_tells(shop: Shop) -> None:
    house = shop(orders=ORDERS, points=LEDGER, members=MEMBERS)
    spring = overview(house, filters=Filters(period=("2024-02", "2024-06")))
    assert not {"median_gap", "members", "tiers", "ever_redeemed"} & set(spring.estimates)
    assert (value(spring, "points_earned"), spring.estimates["points_earned"].n) == (60, 1)
    assert {"median_gap", "members", "tiers", "ever_redeemed"} <= set(overview(house).estimates)


def test_points_are_those_of_the_tier_asked_about(shop: Shop) -> None:
    house = shop(points=LEDGER, members=MEMBERS)
    gold, silver = (overview(house, filters=Filters(tier=(tier,))) for tier in ("Gold", "Silver"))
    assert (value(gold, "points_earned"), value(gold, "points_redeemed"), gold.estimates["points_earned"].n) == (100, 40, 1)
    assert (value(silver, "points_earned"), value(silver, "points_redeemed")) == (60, 0)
    assert silver.tables["points"]["earned"].tolist() == [60]


def test_a_channel_leaves_out_what_knows_no_channel(shop: Shop) -> None:
    sales = "order id,customer id,order date,amount,channel\n1,A,2024-01-01,10,web\n2,B,2024-05-01,5,shop\n"
    web = overview(shop(orders=sales, points=LEDGER, members=MEMBERS), filters=Filters(channel=("web",)))
    assert value(web, "net_sales") == 10
    assert not {"members", "cancelled_share", "tiers", "points_earned", "ever_redeemed"} & set(web.estimates)
    assert not {"members", "tiers", "points"} & set(web.tables)


def test_points_after_the_period_do_not_hide_those_in_it(shop: Shop) -> None:
    ledger = LEDGER + "A,2024-06-30,earn,5\nC,2024-06-30,earn,5\n"
    sales = "order id,customer id,order date,amount\n1,A,2023-06-01,10\n"
    february = overview(shop(orders=sales, points=ledger, members=MEMBERS), filters=Filters(period=("2023-06", "2024-02")), active_days=40)
    rate = february.estimates["active_rate"]  # on 29 February A and C are enrolled, B has left; only A had points since 20 January
    assert (rate.value, rate.n) == (0.5, 2)


def test_a_churn_snapshot_is_told_for_the_tier_asked_about(shop: Shop) -> None:
    house = shop(churn="customer id,tier,churn\nA,Gold,yes\nB,Gold,no\nC,Silver,no\n")
    churned = overview(house, filters=Filters(tier=("Gold",))).estimates["churned_share"]
    assert (churned.value, churned.n) == (0.5, 2)


def test_the_verdict_does_not_credit_buyers_with_what_only_refunds_took_off(shop: Shop) -> None:
    head = "order id,customer id,order date,amount,transaction type\n"
    sales = head + "1,A,2024-01-01,100,sale\n2,B,2024-01-02,50,sale\n3,C,2024-05-03,-30,refund\n"
    said = Words("en").note(overview(shop(orders=sales)).verdict)
    assert said.startswith("Net sales are 120.00 after refunds; 2 customers bought")


def test_the_monthly_repeat_rate_tells_only_months_seen_to_the_end(shop: Shop) -> None:
    # the data ends on 30 June: of those first seen in April only A had ninety days, B came too late
    sales = (
        "order id,customer id,order date,amount\n1,C,2024-03-01,1\n2,A,2024-04-01,1\n3,B,2024-04-20,1\n4,C,2024-06-30,1\n5,A,2024-06-29,1\n"
    )
    result = overview(shop(orders=sales))
    assert result.estimates["repeat_rate"].n == 2
    trend = result.tables["trend"].set_index("month")["repeat_rate"]
    assert trend.notna().tolist() == [True, False, False, False]
    assert trend.iloc[0] == 0  # 121 days


def test_leavers_are_counted_as_of_the_last_day_with_activity(shop: Shop) -> None:
    result = overview(shop(points=LEDGER + "A,2024-06-30,earn,1\n", members=MEMBERS))
    assert value(result, "members") == 4  # D joins later, but is on file
    left = result.estimates["cancelled_share"]  # A, B and C had joined by 30 June; B had left
    assert (left.value, left.n) == (pytest.approx(1 / 3), 3)


@pytest.mark.parametrize("files", [{"orders": ORDERS, "members": MEMBERS}, {"points": LEDGER, "members": MEMBERS}, {"members": MEMBERS}])
def test_a_tier_that_nobody_holds_gives_no_figures(shop: Shop, files: dict[str, str]) -> None:
    result = overview(shop(**files), filters=Filters(tier=("Diamond",)))
    assert result.estimates == {}
    assert result.verdict.key == "overview.verdict.nothing"


def test_members_who_never_bought_are_told_apart_from_nobody(shop: Shop) -> None:
    sales = "order id,customer id,order date,amount\n1,A,2024-01-01,10\n2,A,2024-05-01,5\n"
    result = overview(shop(orders=sales, members=MEMBERS.replace("cancellation date", "note")), filters=Filters(tier=("Silver",)))
    assert (value(result, "members"), result.verdict.key) == (3, "overview.verdict.no_sale")
    assert "customers" not in result.estimates


def test_who_was_a_customer_before_the_data_is_no_first_time_buyer(shop: Shop) -> None:
    members = "customer id,customer since\nA,2023-05-01\nB,2024-02-10\nC,2024-03-01\nD,2024-04-11\nE,2024-05-10\n"
    rate = overview(shop(orders=ORDERS, members=members)).estimates["repeat_rate"]
    assert (rate.value, rate.n) == (0, 2)  # B and C; A, who came back, had been there before


def test_tiers_are_told_as_shares_of_all_sales_also_of_those_without_a_tier(shop: Shop) -> None:
    members = "customer id,tier\nA,Gold\nB,Silver\nC,\nD,\nE,\n"
    table = overview(shop(orders=ORDERS, members=members)).tables["breakdown"]
    tiers = table[table["dimension"] == "tier"].set_index("value")
    assert tiers["share"].to_dict() == pytest.approx((tiers["net_sales"] / 310).to_dict())
    assert tiers["share_orders"].to_dict() == pytest.approx((tiers["orders"] / 7).to_dict())
    assert tiers["share"].sum() < 0.9
