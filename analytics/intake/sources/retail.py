"""Public retail data: UCI Online Retail, CDNOW, dunnhumby."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from analytics.contract import Kind
from analytics.intake.sources.base import LOOKUP, NO_CUSTOMER, Context, Load, Rule, Source

_NOT_A_PRODUCT = "not regexp_matches(product_id, '^[0-9]{5}|^(DCGS|gift_)')"

# C-invoices are cancellations: negative lines of their own, so they stay in and lower sales. Postage and
# manual lines are money the customer paid: they stay in as a category of their own.
ONLINE_RETAIL = Source(
    id="online_retail",
    table="transactions",
    signature=(
        ("invoiceno", "stockcode", "quantity", "invoicedate", "unitprice", "customerid"),
        ("invoice", "stockcode", "quantity", "invoicedate", "price", "customerid"),
    ),
    mapping={
        "invoiceno": "transactions.transaction_id",
        "invoice": "transactions.transaction_id",
        "stockcode": "transactions.product_id",
        "quantity": "transactions.quantity",
        "invoicedate": "transactions.occurred_at",
        "unitprice": "transactions.unit_price",
        "price": "transactions.unit_price",
        "customerid": "transactions.customer_id",
        "country": "customers.region",
    },
    rules=(NO_CUSTOMER,),
    fixed={
        "kind": "case when transaction_id like 'C%' or quantity < 0 or unit_price < 0 then 'refund' else 'sale' end",
        "category": f"case when {_NOT_A_PRODUCT} then 'fees' else 'goods' end",
    },
    currency="GBP",
)


def _cdnow(ids: int, columns: Sequence[Sequence[str]]) -> bool:
    """One or (in the sample) two ids, yyyymmdd, items, dollars: the layout of Fader and Hardie's CDNOW files."""
    patterns = [r"\d+"] * ids + [r"199[78][01]\d[0-3]\d", r"\d+", r"\d+\.\d+"]
    return len(columns) == len(patterns) and all(
        column and all(re.fullmatch(pattern, value.strip()) for value in column) for column, pattern in zip(columns, patterns, strict=True)
    )


CDNOW = Source(
    id="cdnow",
    table="transactions",
    signature=(("customerid", "date", "numberofcds", "dollarvalue"),),
    headless=partial(_cdnow, 1),
    mapping={
        "customerid": "transactions.customer_id",
        "date": "transactions.occurred_at",
        "numberofcds": "transactions.quantity",
        "dollarvalue": "transactions.amount",
        "column1": "transactions.customer_id",
        "column2": "transactions.occurred_at",
        "column3": "transactions.quantity",
        "column4": "transactions.amount",
    },
    currency="USD",
)
CDNOW_SAMPLE = replace(
    CDNOW,
    id="cdnow_sample",
    signature=(),
    headless=partial(_cdnow, 2),
    mapping={
        "column1": "transactions.customer_id",
        "column3": "transactions.occurred_at",
        "column4": "transactions.quantity",
        "column5": "transactions.amount",
    },
)


def _with_products(source: Source, context: Context) -> Source:
    if "dunnhumby_products" not in context.here:
        return source
    return replace(
        source,
        fixed={
            **source.fixed,
            "category": "(select any_value(p.category) from {dunnhumby_products} p where p.product_id = t.product_id)",
        },
    )


DUNNHUMBY = Source(
    id="dunnhumby",
    table="transactions",
    signature=(("householdid", "basketid", "productid", "salesvalue", "transactiontimestamp"),),
    mapping={
        "householdid": "transactions.customer_id",
        "basketid": "transactions.transaction_id",
        "productid": "transactions.product_id",
        "quantity": "transactions.quantity",
        "salesvalue": "transactions.amount",
        "retaildisc": "transactions.discount",
        "transactiontimestamp": "transactions.occurred_at",
    },
    extra={"coupon": ("coupondisc", Kind.MONEY), "matched": ("couponmatchdisc", Kind.MONEY)},
    fixed={
        "discount": "abs(coalesce(discount, 0)) + abs(coalesce(coupon, 0)) + abs(coalesce(matched, 0))",
        "list_price": "amount + abs(coalesce(discount, 0)) + abs(coalesce(coupon, 0)) + abs(coalesce(matched, 0))",
    },
    currency="USD",
    adapt=_with_products,
)
DUNNHUMBY_PRODUCTS = Source(
    id="dunnhumby_products",
    table="transactions",
    signature=(("productid", "manufacturerid", "department", "productcategory"),),
    mapping={"productid": "transactions.product_id", "department": "transactions.category"},
    rules=(LOOKUP,),
    loads=(),
)
DUNNHUMBY_HOUSEHOLDS = Source(
    id="dunnhumby_households",
    table="customers",
    signature=(("householdid", "age", "income", "homeownership"),),
    mapping={"householdid": "customers.customer_id"},
)


def _with_companions(source: Source, context: Context) -> Source:
    """Campaign dates stand in one companion file, who redeemed a coupon of the campaign in another."""
    if "dunnhumby_campaign_descriptions" not in context.here:
        return replace(source, rules=(Rule(key="no_date", sql="true"),), loads=())
    if "dunnhumby_redemptions" not in context.here or source.loads is None:
        return source
    redeemed = "exists (select 1 from {dunnhumby_redemptions} r where r.customer_id = t.customer_id and r.campaign_id = t.campaign_id)"
    return replace(source, loads=tuple(replace(load, columns={**load.columns, "responded": redeemed}) for load in source.loads))


DUNNHUMBY_CAMPAIGNS = Source(
    id="dunnhumby_campaigns",
    table="contacts",
    signature=(("campaignid", "householdid"),),
    mapping={"householdid": "contacts.customer_id", "campaignid": "contacts.campaign_id"},
    loads=(
        Load(
            table="contacts",
            columns={"customer_id": "t.customer_id", "occurred_at": "d.starts_on", "channel": "d.kind", "campaign_id": "t.campaign_id"},
            join="join {dunnhumby_campaign_descriptions} d on d.campaign_id = t.campaign_id",
        ),
    ),
    adapt=_with_companions,
)
DUNNHUMBY_CAMPAIGN_DESCRIPTIONS = Source(
    id="dunnhumby_campaign_descriptions",
    table="contacts",
    signature=(("campaignid", "campaigntype", "startdate", "enddate"),),
    mapping={"campaignid": "contacts.campaign_id"},
    extra={"starts_on": ("startdate", Kind.TIME), "kind": ("campaigntype", Kind.TEXT)},
    rules=(LOOKUP,),
    loads=(),
)

DUNNHUMBY_REDEMPTIONS = Source(
    id="dunnhumby_redemptions",
    table="contacts",
    signature=(("householdid", "couponupc", "campaignid", "redemptiondate"),),
    mapping={"householdid": "contacts.customer_id", "campaignid": "contacts.campaign_id"},
    rules=(LOOKUP,),
    loads=(),
)

SOURCES = (
    ONLINE_RETAIL,
    CDNOW,
    CDNOW_SAMPLE,
    DUNNHUMBY,
    DUNNHUMBY_PRODUCTS,
    DUNNHUMBY_HOUSEHOLDS,
    DUNNHUMBY_CAMPAIGN_DESCRIPTIONS,
    DUNNHUMBY_REDEMPTIONS,
    DUNNHUMBY_CAMPAIGNS,
)
