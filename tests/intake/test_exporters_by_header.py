"""Every known header list, by name: an export with it maps without a question, and its control totals are those worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from analytics import jobs, store
from analytics.access import Access
from analytics.errors import UserError
from analytics.warehouse import open_warehouse
from tests.conftest import assert_accounted
from tests.intake import makers, makers_chinese, makers_crm, makers_shops
from tests.intake.test_exporters import stored_text


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What an export loads to: rows loaded, rows left out by rule, and of each table the totals worked out in its maker."""

    make: Callable[[Path], Path]
    source: str
    loaded: int
    excluded: Mapping[str, int] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    encoding: str = "utf-8"


def _salesforce(place: int) -> Callable[[Path], Path]:
    return lambda folder: makers.salesforce(folder)[place]


def _sales(rows: int, orders: int, customers: int, amount: float) -> dict[str, dict[str, float]]:
    return {"transactions": {"rows": rows, "orders": orders, "customers": customers, "amount": amount}}


def _members(rows: int, members: int, **more: int) -> dict[str, dict[str, float]]:
    return {"customers": {"rows": rows, "members": members, **more}}


DEALS = {**_sales(4, 4, 2, 86_435.49), "opportunities": {"rows": 2}}
EXPORTS: dict[str, Expected] = {
    "zoho_contacts": Expected(make=makers.zoho_contacts, source="zoho_contacts", loaded=4, tables=_members(4, 0)),
    "zoho_accounts": Expected(make=makers.zoho_accounts, source="zoho_accounts", loaded=2, tables=_members(2, 0)),
    "zoho_accounts_newer": Expected(make=makers_crm.zoho_accounts_newer, source="zoho_accounts", loaded=2, tables=_members(2, 0)),
    "zoho_deals": Expected(make=makers.zoho_deals, source="zoho_deals", loaded=6, tables=DEALS),
    "zoho_joined": Expected(make=makers_crm.zoho_joined, source="zoho_deals", loaded=6, tables=DEALS),
    "bigin_contacts": Expected(make=makers_crm.bigin_contacts, source="zoho_contacts", loaded=3, tables=_members(3, 0)),
    "bigin_deals": Expected(
        make=makers_crm.bigin_deals, source="zoho_deals", loaded=4, tables={**_sales(2, 2, 1, 1_750.50), "opportunities": {"rows": 2}}
    ),
    "fxiaoke_customers": Expected(
        make=makers.fxiaoke_customers, source="fxiaoke_customers", loaded=3, tables=_members(3, 0, tiers=3), encoding="gb18030"
    ),
    "fxiaoke_orders": Expected(
        make=makers.fxiaoke_orders,
        source="fxiaoke_orders",
        loaded=4,
        excluded={"void": 1, "not_in_force": 1},
        tables=_sales(4, 4, 3, 36_000.00),
        encoding="gb18030",
    ),
    "fxiaoke_payments": Expected(
        make=makers.fxiaoke_payments, source="fxiaoke_payments", loaded=2, tables=_sales(2, 2, 2, 35_000.00), encoding="gb18030"
    ),
    "fxiaoke_payment_lines": Expected(
        make=makers_chinese.fxiaoke_payment_lines,
        source="fxiaoke_payment_lines",
        loaded=3,
        excluded={"void": 1},
        tables=_sales(3, 2, 2, 35_000.00),
        encoding="gb18030",
    ),
    "fxiaoke_customers_api": Expected(
        make=makers_chinese.fxiaoke_customers_api, source="fxiaoke_customers", loaded=2, excluded={"void": 1}, tables=_members(2, 0)
    ),
    "fxiaoke_orders_api": Expected(
        make=makers_chinese.fxiaoke_orders_api,
        source="fxiaoke_orders",
        loaded=2,
        excluded={"void": 1, "not_in_force": 1},
        tables=_sales(2, 2, 2, 35_000.00),
    ),
    "fxiaoke_payments_api": Expected(
        make=makers_chinese.fxiaoke_payments_api,
        source="fxiaoke_payments",
        loaded=2,
        excluded={"not_in_force": 1},
        tables=_sales(2, 2, 2, 35_000.00),
    ),
    "salesforce_members": Expected(make=_salesforce(0), source="salesforce_members", loaded=3, tables=_members(3, 3, cancelled=1)),
    "salesforce_tiers": Expected(make=_salesforce(1), source="salesforce_tiers", loaded=4, tables={"tiers": {"rows": 4}}),
    "salesforce_ledger": Expected(
        make=_salesforce(2), source="salesforce_ledger", loaded=4, tables={"points": {"rows": 4, "earned": 240, "redeemed": 100}}
    ),
    "salesforce_journal": Expected(
        make=_salesforce(3), source="salesforce_journal", loaded=3, excluded={"deleted": 1, "cancelled": 1}, tables=_sales(3, 3, 2, 240.00)
    ),
    "salesforce_tier_rules": Expected(
        make=makers_crm.salesforce_tier_rules, source="salesforce_tier_rules", loaded=3, tables={"tier_rules": {"rows": 3}}
    ),
    **{
        name: Expected(make=partial(makers_crm.salesforce_other, name=name), source="salesforce_others", loaded=0, excluded={"derived": 1})
        for name in ("salesforce_balances", "salesforce_programmes", "salesforce_vouchers", "salesforce_promotions")
    },
    "shopify_orders": Expected(
        make=makers.shopify_orders,
        source="shopify_orders",
        loaded=4,
        excluded={"further_line": 3, "cancelled": 1, "no_customer": 1},
        tables=_sales(4, 4, 3, 168.00),
    ),
    "shopify_customers": Expected(make=makers.shopify_customers, source="shopify_customers", loaded=4, tables=_members(4, 0)),
    "shopify_customers_older": Expected(
        make=makers_crm.shopify_customers_older, source="shopify_customers", loaded=2, tables=_members(2, 0)
    ),
    "woocommerce_orders": Expected(
        make=makers_shops.woocommerce_orders,
        source="woocommerce_orders",
        loaded=4,
        excluded={"cancelled": 2, "unpaid": 2, "refunded": 2, "no_customer": 1},
        tables=_sales(4, 3, 2, 1_399.50),
        encoding="utf-8-sig",
    ),
    "woocommerce_customers": Expected(
        make=makers_shops.woocommerce_customers,
        source="woocommerce_customers",
        loaded=3,
        excluded={"same_name": 1, "no_customer": 1},
        tables=_members(3, 0),
        encoding="utf-8-sig",
    ),
    "square_transactions": Expected(
        make=makers_shops.square_transactions,
        source="square_transactions",
        loaded=4,
        excluded={"no_customer": 1},
        tables=_sales(4, 3, 2, 1_264.50),
    ),
    "square_items": Expected(
        make=makers_shops.square_items, source="square_items", loaded=6, excluded={"no_customer": 1}, tables=_sales(6, 3, 2, 1_264.50)
    ),
    "taobao_orders": Expected(
        make=makers_shops.taobao_orders,
        source="taobao_orders",
        loaded=3,
        excluded={"cancelled": 1, "unpaid": 1},
        tables=_sales(3, 3, 2, 1_400.00),
        encoding="gb18030",
    ),
    "members_gbk": Expected(make=makers_chinese.members_gbk, source="plain", loaded=3, tables=_members(3, 3, tiers=3), encoding="gb18030"),
    "members_cards": Expected(make=makers_chinese.members_cards, source="plain", loaded=3, tables=_members(3, 3), encoding="gb18030"),
    "members_gb2312": Expected(
        make=makers_chinese.members_gb2312, source="plain", loaded=3, tables=_members(3, 3, tiers=3), encoding="gb18030"
    ),
    "members_bom": Expected(
        make=makers_chinese.members_bom, source="plain", loaded=3, tables=_members(3, 2, tiers=2), encoding="utf-8-sig"
    ),
}


@pytest.fixture(autouse=True)
def _private(home: Path) -> None:
    """Every test has its own home."""


def load(*paths: Path, workspace: str = "w") -> dict[str, Any]:
    """Import in this process: the report, every row of it accounted for."""
    report = jobs._load({"workspace": workspace, "paths": [str(path) for path in paths], "answers": {}})["report"]
    for file in report["files"]:
        assert_accounted(file)
    return report


def test_every_header_list_has_an_export_made_from_it() -> None:
    assert set(makers.HEADERS) - set(EXPORTS) == set()


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_maps_without_a_question_adds_up_and_names_nobody(name: str, home: Path, tmp_path: Path) -> None:
    expected = EXPORTS[name]
    report = load(expected.make(tmp_path))
    (file,) = report["files"]
    assert (file["source"], file["encoding"], file["questions"], file["rows_rejected"]) == (expected.source, expected.encoding, (), 0)
    assert (file["rows_loaded"], file["rows_excluded"]) == (expected.loaded, expected.excluded)
    held = {table: {key: report["tables"][table][key] for key in totals} for table, totals in expected.tables.items()}
    assert held == expected.tables
    assert set(report["tables"]) == set(expected.tables), "a table that nobody asked for"
    text = stored_text(home)
    assert Path(file["path"]).name in text, "the search itself sees nothing"
    assert [person for person in (*makers.PEOPLE, *makers_shops.NICKNAMES) if person in text] == []


def test_the_lines_and_the_totals_of_square_are_not_counted_twice(tmp_path: Path) -> None:
    lines, totals = makers_shops.square_items(tmp_path), makers_shops.square_transactions(tmp_path)
    both = load(lines, totals, workspace="both")
    assert (both["files"][0]["rows_loaded"], both["files"][1]["rows_excluded"]) == (6, {"total_beside_lines": 5})
    for order in ((lines, totals), (totals, lines)):
        load(order[0], workspace=order[0].stem)
        after = load(order[1], workspace=order[0].stem)
        assert after["tables"]["transactions"]["amount"] == both["tables"]["transactions"]["amount"] == 1_264.50
        assert after["files"][0]["rows_loaded"] == 0


def test_square_goes_on_with_the_kind_of_file_it_began_with(tmp_path: Path) -> None:
    load(makers_shops.square_transactions(tmp_path))
    load(makers_shops.square_items(tmp_path))
    more = makers.export(
        tmp_path / "april.csv",
        makers.HEADERS["square_transactions"],
        [makers_shops.square_row("T9", "04/20/2025", "$5.50", "Payment", "C3")],
    )
    line = makers_shops.square_row("T9", "04/20/2025", "$5.50", "Payment", "C3", Item="Beans", Qty="1")
    items = makers.export(tmp_path / "april_items.csv", makers.HEADERS["square_items"], [line])
    again = load(more, items)
    assert (again["files"][0]["rows_loaded"], again["tables"]["transactions"]["amount"]) == (1, 1_270.00)


def test_payments_that_came_after_their_orders_take_nothing_away(tmp_path: Path) -> None:
    orders, payments = makers.fxiaoke_orders(tmp_path), makers.fxiaoke_payments(tmp_path)
    load(orders)
    load(payments)
    payments.write_bytes(payments.read_bytes() + b"\r\n")
    assert load(payments)["tables"]["transactions"]["amount"] == 36_000.00


def test_woocommerce_orders_join_the_customers_of_the_same_name(tmp_path: Path) -> None:
    report = load(makers_shops.woocommerce_orders(tmp_path), makers_shops.woocommerce_customers(tmp_path))
    assert report["tables"]["transactions"]["amount"] == 1_399.50
    assert rows("select c.city, sum(t.amount)::double from transactions t join customers c using (customer_id) group by 1 order by 1") == [
        ("Lagos", 1234.5),
        ("Porto", 165.0),
    ]


def test_a_partial_refund_of_woocommerce_lowers_its_order(tmp_path: Path) -> None:
    load(makers_shops.woocommerce_orders(tmp_path))
    assert rows("select kind, amount::double from transactions where transaction_id = '5008' order by amount desc") == [
        ("sale", 60.0),
        ("refund", -15.0),
    ]


def test_taobao_numbers_lose_what_protects_them_from_spreadsheets(tmp_path: Path) -> None:
    load(makers_shops.taobao_orders(tmp_path))
    numbers = rows("select transaction_id from transactions order by 1")
    assert numbers == [("158219563422113456",), ("158219563422113457",), ("158219563422113460",)]


@pytest.mark.parametrize("written", ['="{}"', '"=""{}"""', "{}\t", "\t{}", "'{}"])
def test_a_number_of_taobao_is_the_same_however_it_is_protected(written: str, tmp_path: Path) -> None:
    lines = [f"{written.format(number)},tb_a,10.00,交易成功,2025-05-16 09:41:10" for number in ("158219563422113456", "158219563422113457")]
    path = tmp_path / "orders.csv"
    path.write_text("\r\n".join(["订单编号,买家会员名,买家实际支付金额,订单状态,订单付款时间", *lines, ""]), "gbk")
    load(path)
    assert rows("select transaction_id from transactions order by 1") == [("158219563422113456",), ("158219563422113457",)]


def test_members_enrol_when_they_register_and_their_balance_is_no_movement(tmp_path: Path) -> None:
    report = load(makers_chinese.members_bom(tmp_path))
    assert dict(report["files"][0]["notes"])["balance_left_out"] == {"columns": "积分"}
    assert "points" not in report["tables"]
    assert rows("select customer_id, enrolled_on::varchar, created_on::varchar, member from customers order by 1")[0] == (
        "101",
        "2024-01-20",
        None,
        True,
    )


TENANTS = {
    "shops": {
        "客户名称": "门店名称",
        "销售订单编号": "订单编号",
        "下单日期": "签单日期",
        "销售订单金额(元)": "合同金额",
        "状态": "单据状态",
    },
    "companies": {"客户名称": "公司名称", "下单日期": "订单日期", "销售订单金额(元)": "订单总额", "状态": "订单状态"},
    "full names": {
        "客户名称": "客户全称",
        "下单日期": "签约日期",
        "销售订单金额(元)": "订单金额（元）",
        "已退款金额(元)": "退款金额（元）",
    },
    "deals": {"下单日期": "成交日期", "销售订单金额(元)": "订单总额（元）", "已退款金额(元)": "已退款（元）"},
}


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_tenant_of_fxiaoke_may_call_the_columns_by_other_names(tenant: str, tmp_path: Path) -> None:
    customers = makers_chinese.renamed(makers.fxiaoke_customers(tmp_path), {**TENANTS[tenant], "客户级别": "客户等级"})
    orders = makers_chinese.renamed(makers.fxiaoke_orders(tmp_path), TENANTS[tenant])
    report = load(customers, orders)
    assert [file["source"] for file in report["files"]] == ["fxiaoke_customers", "fxiaoke_orders"]
    assert report["files"][1]["rows_excluded"] == {"void": 1, "not_in_force": 1}
    assert report["tables"]["transactions"]["amount"] == 36_000.00
    assert report["tables"]["customers"]["tiers"] == 3
    assert rows("select count(*) from transactions t join customers c using (customer_id)") == [(4,)]


def test_a_plain_list_of_orders_is_not_taken_for_fxiaoke(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("订单编号,客户名称,订单日期,订单金额,订单状态\nA1,张伟明,2025-03-01,10,已完成\n", "utf-8")
    (file,) = load(path)["files"]
    assert (file["source"], file["rows_loaded"]) == ("plain", 1)


def test_what_tells_of_cancelled_or_refunded_orders_is_used_or_named(tmp_path: Path) -> None:
    """A second status and a refund that are not understood leave the total too high: the user is told."""
    path = tmp_path / "orders.csv"
    header = "订单编号,客户编号,订单日期,订单金额,订单状态,生命状态,售后退款小计,备注"
    path.write_text(f"{header}\nA1,C1,2025-03-01,10,已完成,作废,0,x\nA2,C2,2025-03-02,20,已完成,正常,5.00,y\n", "utf-8")
    (file,) = load(path)["files"]
    assert (file["source"], file["rows_loaded"]) == ("plain", 2)
    assert dict(file["notes"])["reversals_left_out"] == {"columns": "生命状态, 售后退款小计"}


def rows(sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in open_warehouse(Access(workspace="w")).frame(sql).itertuples(index=False)]


LATE = {
    "contacts after deals": ((makers.zoho_deals,), makers.zoho_contacts, "deals_before_contacts"),
    "contacts after accounts": ((makers.zoho_accounts,), makers.zoho_contacts, "deals_before_contacts"),
    "orders after payments": ((makers.fxiaoke_payments,), makers.fxiaoke_orders, "payments_before_orders"),
    "orders after payment lines": ((makers_chinese.fxiaoke_payment_lines,), makers.fxiaoke_orders, "payments_before_orders"),
}


@pytest.mark.parametrize("late", LATE)
def test_a_file_that_changes_what_was_loaded_before_is_refused_and_says_where_to_go_back_to(late: str, tmp_path: Path) -> None:
    first, then, key = LATE[late]
    (tmp_path / "o.csv").write_text("customer_id,date,amount\na,2025-01-31,5\n")
    load(tmp_path / "o.csv")
    begun = [make(tmp_path) for make in first]
    load(*begun)
    with pytest.raises(UserError) as refused:
        load(then(tmp_path))
    assert (refused.value.key, refused.value.facts) == (key, {"version": 1})
    assert store.current("w").number == 2
    store.go_back("w", 1)
    assert load(*begun, then(tmp_path))["version"] == 3


def test_deals_that_follow_their_contacts_in_a_later_import_belong_to_them(tmp_path: Path) -> None:
    load(makers.zoho_contacts(tmp_path))
    load(makers.zoho_deals(tmp_path))
    more = load(makers_crm.bigin_contacts(tmp_path))
    assert more["tables"]["customers"]["rows"] == 7
    assert rows("select count(distinct customer_id) from transactions t join customers c using (customer_id)") == [(2,)]


def test_the_state_of_a_record_gives_fxiaoke_away_whatever_the_columns_are_called(tmp_path: Path) -> None:
    """100.00 + (50.00 - 20.00 given back) = 130.00; the order of 70.00 is void."""
    path = tmp_path / "orders.csv"
    path.write_text(
        "销售订单编号（必填）,客户名称（必填）,成交日期,订单总额（元）,已退款（元）,订单状态,生命状态\n"
        "S1,甲公司,2026年1月1日,100.00,,已确认,正常\nS2,甲公司,2026年1月2日,50.00,20.00,已收货,正常\nS3,乙公司,2026年1月3日,70.00,,已确认,作废\n",
        encoding="gb18030",
    )
    report = load(path)
    assert (report["files"][0]["source"], report["files"][0]["rows_excluded"]) == ("fxiaoke_orders", {"void": 1})
    assert report["tables"]["transactions"]["amount"] == 130.00
