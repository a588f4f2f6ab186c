"""CRM exports: Zoho CRM and 纷享销客 (Fxiaoke). A status decides what is a sale."""

from __future__ import annotations

from dataclasses import replace

from analytics.contract import Kind
from analytics.intake.sources.base import NO_CUSTOMER, Context, Load, Rule, Source

ZOHO_CONTACTS = Source(
    id="zoho_contacts",
    table="customers",
    signature=(("recordid", "contactowner", "lastname"), ("recordid", "accountname", "lastname", "leadsource")),
    mapping={
        "recordid": "customers.customer_id",
        "createdtime": "customers.created_on",
        "leadsource": "customers.acquisition_channel",
        "mailingstate": "customers.region",
        "mailingcity": "customers.city",
        "dateofbirth": "customers.birth_year",
        "emailoptout": "customers.opted_out",
    },
    extra={"account_id": ("accountnameid", Kind.ID)},
    rules=(NO_CUSTOMER,),
)


def _beside_contacts(source: Source, context: Context) -> Source:
    """With Contacts, the contact is the customer: an account lends its industry to its contacts."""
    if not context.knows("zoho_contacts"):
        return source
    if "zoho_contacts" not in context.here:
        return replace(source, rules=(Rule(key="account_beside_contacts", sql="true"),), loads=())
    linked = "(select c.account_id from {zoho_contacts} c where c.account_id is not null)"
    return replace(
        source,
        rules=(NO_CUSTOMER, Rule(key="account_without_contact", sql=f"customer_id not in {linked}")),
        loads=(
            Load(
                table="customers",
                columns={"customer_id": "c.customer_id", "industry": "t.industry"},
                join="join {zoho_contacts} c on c.account_id = t.customer_id",
            ),
        ),
    )


ZOHO_ACCOUNTS = Source(
    id="zoho_accounts",
    table="customers",
    signature=(("recordid", "accountowner", "accountname"), ("recordid", "accountname", "accounttype", "industry")),
    mapping={
        "recordid": "customers.customer_id",
        "createdtime": "customers.created_on",
        "industry": "customers.industry",
        "billingstate": "customers.region",
        "billingaddressstateprovince": "customers.region",
        "billingcity": "customers.city",
        "billingaddresscity": "customers.city",
    },
    rules=(NO_CUSTOMER,),
    adapt=_beside_contacts,
)

_WON = r"regexp_matches(lower(coalesce(stage, '')), '^closed[ _-]*won$|^won$|^已?成交$|^赢单$')"


def _deal_customer(source: Source, context: Context) -> Source:
    """The customer of a deal is its contact when Contacts are known, else its account."""
    order = ("contact_id", "account_id") if context.knows("zoho_contacts") else ("account_id", "contact_id")
    customer = f"coalesce({order[0]}, {order[1]}, account_name)"
    won = {
        "transaction_id": "transaction_id",
        "customer_id": customer,
        "occurred_at": "occurred_at",
        "opened_at": "opened_at",
        "amount": "amount",
        "currency": "currency",
        "kind": "case when amount < 0 then 'refund' else 'sale' end",
    }
    other = {
        "opportunity_id": "transaction_id",
        "customer_id": customer,
        "created_at": "opened_at",
        "closed_at": "occurred_at",
        "stage": "stage",
        "amount": "amount",
    }
    return replace(
        source,
        rules=(Rule(key="no_customer", sql=f"{customer} is null"),),
        loads=(
            Load(table="transactions", columns=won, where=_WON),
            Load(table="opportunities", columns=other, where=f"not {_WON}"),
        ),
    )


ZOHO_DEALS = Source(
    id="zoho_deals",
    replaces=True,
    table="transactions",
    signature=(("recordid", "dealname", "stage", "closingdate"), ("dealid", "dealname", "stage", "closingdate")),
    mapping={
        "recordid": "transactions.transaction_id",
        "dealid": "transactions.transaction_id",
        "amount": "transactions.amount",
        "closingdate": "transactions.occurred_at",
        "currency": "transactions.currency",
        "exchangerate": "transactions.rate",
        "stage": "opportunities.stage",
        "createdtime": "transactions.opened_at",
    },
    extra={
        "stage": ("stage", Kind.TEXT),
        "contact_id": ("contactnameid", Kind.ID),
        "account_id": ("accountnameid", Kind.ID),
        "account_name": ("accountname", Kind.ID),
    },
    keys=("account_name",),
    adapt=_deal_customer,
)

FXIAOKE_CUSTOMERS = Source(
    id="fxiaoke_customers",
    table="customers",
    signature=(("客户名称", "客户级别"), ("客户名称", "成交状态"), ("客户名称", "客户状态"), ("客户名称", "所属公海")),
    mapping={
        "客户名称": "customers.customer_id",
        "客户级别": "customers.tier",
        "来源": "customers.acquisition_channel",
        "省": "customers.region",
        "市": "customers.city",
        "1级行业": "customers.industry",
        "创建时间": "customers.created_on",
    },
    keys=("customer_id",),
    rules=(NO_CUSTOMER,),
)

_NOT_IN_FORCE = (
    Rule(key="void", sql="status in ('已作废', '作废')"),
    Rule(key="rejected_order", sql="status in ('已驳回', '驳回', '已撤回', '撤回')"),
    Rule(key="not_in_force", sql="status in ('未生效', '审核中')"),
)

FXIAOKE_ORDERS = Source(
    id="fxiaoke_orders",
    replaces=True,
    table="transactions",
    signature=(("销售订单编号", "客户名称", "销售订单金额"), ("销售订单编号", "客户名称", "下单日期")),
    mapping={
        "销售订单编号": "transactions.transaction_id",
        "客户名称": "transactions.customer_id",
        "下单日期": "transactions.occurred_at",
        "销售订单金额": "transactions.amount",
        "已退款金额": "transactions.refunded",
        "状态": "transactions.status",
        "交货日期": "transactions.promised_at",
        "收货时间": "transactions.delivered_at",
    },
    keys=("customer_id",),
    rules=(*_NOT_IN_FORCE, NO_CUSTOMER),
    currency="CNY",
)


def _beside_orders(source: Source, context: Context) -> Source:
    """A payment settles an order: it is a sale of its own only where no orders are known."""
    if context.knows("fxiaoke_orders"):
        return replace(source, rules=(Rule(key="payment_beside_orders", sql="true"),), loads=())
    if source.id == "fxiaoke_payment_lines" and context.knows("fxiaoke_payments"):
        return replace(source, rules=(Rule(key="line_beside_payments", sql="true"),), loads=())
    return source


FXIAOKE_PAYMENTS = Source(
    id="fxiaoke_payments",
    replaces=True,
    table="transactions",
    signature=(("回款编号", "客户名称", "本次回款总金额"),),
    mapping={
        "订单编号": "transactions.transaction_id",
        "客户名称": "transactions.customer_id",
        "回款日期": "transactions.occurred_at",
        "本次回款总金额": "transactions.amount",
        "状态": "transactions.status",
    },
    keys=("customer_id",),
    rules=(*_NOT_IN_FORCE, NO_CUSTOMER),
    currency="CNY",
    adapt=_beside_orders,
)
FXIAOKE_PAYMENT_LINES = replace(
    FXIAOKE_PAYMENTS,
    id="fxiaoke_payment_lines",
    signature=(("回款明细编号", "客户名称", "本次回款金额"),),
    mapping={
        "销售订单编号": "transactions.transaction_id",
        "客户名称": "transactions.customer_id",
        "回款日期": "transactions.occurred_at",
        "本次回款金额": "transactions.amount",
        "状态": "transactions.status",
    },
)

SOURCES = (
    ZOHO_DEALS,
    ZOHO_CONTACTS,
    ZOHO_ACCOUNTS,
    FXIAOKE_PAYMENT_LINES,
    FXIAOKE_PAYMENTS,
    FXIAOKE_ORDERS,
    FXIAOKE_CUSTOMERS,
)
