"""Shop systems: Shopify, WooCommerce, Square, Taobao and Tmall. What each calls an order, and which orders are sales."""

from __future__ import annotations

from analytics.contract import Kind
from analytics.intake.sources.base import NO_CUSTOMER, Context, Rule, Source, left_out

# Shopify writes an order's totals on its first line; the further lines name products only.
SHOPIFY_ORDERS = Source(
    id="shopify_orders",
    replaces=True,
    table="transactions",
    signature=(("name", "financialstatus", "total", "createdat", "lineitemname"),),
    mapping={
        "name": "transactions.transaction_id",
        "email": "transactions.customer_id",
        "createdat": "transactions.occurred_at",
        "total": "transactions.amount",
        "taxes": "transactions.tax",
        "refundedamount": "transactions.refunded",
        "discountamount": "transactions.discount",
        "currency": "transactions.currency",
        "financialstatus": "transactions.status",
        "cancelledat": "transactions.cancelled_at",
        "source": "transactions.channel",
        "fulfilledat": "transactions.delivered_at",
    },
    extra={"place": ("shippingprovince", Kind.TEXT), "town": ("shippingcity", Kind.TEXT), "land": ("shippingcountry", Kind.TEXT)},
    keys=("customer_id",),
    rules=(
        Rule(key="further_line", sql="amount is null and status is null"),
        Rule(key="cancelled", sql="cancelled_at is not null"),
        Rule(key="void", sql="lower(status) in ('voided', 'expired')"),
        NO_CUSTOMER,
    ),
)

SHOPIFY_CUSTOMERS = Source(
    id="shopify_customers",
    table="customers",
    signature=(("email", "acceptsemailmarketing", "totalspent", "totalorders"),),
    mapping={
        "email": "customers.customer_id",
        "acceptsemailmarketing": "customers.consent",
        "defaultaddressprovincecode": "customers.region",
        "province": "customers.region",
        "defaultaddresscity": "customers.city",
        "city": "customers.city",
    },
    keys=("customer_id",),
    rules=(NO_CUSTOMER,),
)

# Net sales leave out tax and shipping. A refund is a row of its own, negative, under the order's number, so a partial
# refund lowers the order; of an order refunded in full both rows are out.
_WOO_STATUS = "replace(regexp_replace(lower(status), '^wc-', ''), '-', ' ')"
WOOCOMMERCE_ORDERS = Source(
    id="woocommerce_orders",
    replaces=True,
    table="transactions",
    signature=(("order", "customertype", "itemssold", "netsales"), ("order", "customertype", "itemssold", "nrevenue")),
    mapping={
        "order": "transactions.transaction_id",
        "customer": "transactions.customer_id",
        "date": "transactions.occurred_at",
        "netsales": "transactions.amount",
        "nrevenue": "transactions.amount",
        "status": "transactions.status",
        "itemssold": "transactions.quantity",
        "attribution": "transactions.channel",
    },
    keys=("customer_id",),
    rules=(
        Rule(key="cancelled", sql=f"{_WOO_STATUS} in ('cancelled', 'failed', 'trash', 'draft', 'checkout draft')"),
        Rule(key="unpaid", sql=f"{_WOO_STATUS} in ('pending', 'pending payment', 'on hold')"),
        Rule(
            key="refunded",
            sql=f"{_WOO_STATUS} = 'refunded' or transaction_id in (select transaction_id from {{self}} where {_WOO_STATUS} = 'refunded')",
        ),
        NO_CUSTOMER,
    ),
)

# The orders name their customer and nothing else, so the name (as a pseudonym) is the key here, too.
WOOCOMMERCE_CUSTOMERS = Source(
    id="woocommerce_customers",
    table="customers",
    signature=(("name", "username", "signup", "totalspend", "aov"),),
    mapping={
        "name": "customers.customer_id",
        "signup": "customers.created_on",
        "region": "customers.region",
        "countryregion": "customers.region",
        "city": "customers.city",
    },
    keys=("customer_id",),
    rules=(NO_CUSTOMER, Rule(key="same_name", sql="row_number() over (partition by customer_id order by _row) > 1")),
)


def _items_first(source: Source, context: Context) -> Source:
    """Items are the lines of the transactions: whichever was loaded before counts, and in one import the items do."""
    items, totals = "square_items", "square_transactions"
    if source.id == totals and (items in context.before or (items in context.here and totals not in context.before)):
        return left_out(source, "total_beside_lines")
    if source.id == items and totals in context.before and items not in context.before:
        return left_out(source, "line_beside_totals")
    return source


# Net sales leave out tax and tips. Refunds are events of their own; partial ones stand in the payment's row.
_SQUARE = {
    "transactionid": "transactions.transaction_id",
    "customerid": "transactions.customer_id",
    "date": "transactions.occurred_at",
    "time": "transactions.time",
    "netsales": "transactions.amount",
    "discounts": "transactions.discount",
    "eventtype": "transactions.kind",
    "location": "transactions.channel",
}
SQUARE_TRANSACTIONS = Source(
    id="square_transactions",
    replaces=True,
    table="transactions",
    signature=(("transactionid", "paymentid", "netsales", "totalcollected", "eventtype"),),
    mapping={**_SQUARE, "partialrefunds": "transactions.refunded"},
    rules=(NO_CUSTOMER,),
    adapt=_items_first,
)
SQUARE_ITEMS = Source(
    id="square_items",
    replaces=True,
    table="transactions",
    signature=(("transactionid", "paymentid", "netsales", "item", "qty", "eventtype"),),
    mapping={**_SQUARE, "qty": "transactions.quantity", "item": "transactions.product_id", "category": "transactions.category"},
    rules=(NO_CUSTOMER,),
    adapt=_items_first,
)

# What the buyer really paid, postage included. Paid orders on their way count; closed ones gave the money back.
TAOBAO_ORDERS = Source(
    id="taobao_orders",
    replaces=True,
    table="transactions",
    signature=(("买家会员名", "买家实际支付金额"),),
    mapping={
        "订单编号": "transactions.transaction_id",
        "买家会员名": "transactions.customer_id",
        "订单付款时间": "transactions.occurred_at",
        "买家实际支付金额": "transactions.amount",
        "退款金额": "transactions.refunded",
        "订单状态": "transactions.status",
        "宝贝总数量": "transactions.quantity",
        "宝贝标题": "transactions.product_id",
        "店铺名称": "transactions.channel",
    },
    extra={"created": ("订单创建时间", Kind.TIME)},
    keys=("customer_id",),
    rules=(
        Rule(key="cancelled", sql="status like '%关闭%' or status like '%取消%'"),
        Rule(key="unpaid", sql="status like '%等待买家付款%' or status like '%未付款%'"),
        NO_CUSTOMER,
    ),
    fixed={"occurred_at": "coalesce(occurred_at, created)"},
    currency="CNY",
)

SOURCES = (
    SHOPIFY_ORDERS,
    SHOPIFY_CUSTOMERS,
    WOOCOMMERCE_ORDERS,
    WOOCOMMERCE_CUSTOMERS,
    SQUARE_TRANSACTIONS,
    SQUARE_ITEMS,
    TAOBAO_ORDERS,
)
