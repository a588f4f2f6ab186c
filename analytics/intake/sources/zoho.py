"""Zoho CRM and Zoho Bigin. A deal that was won is a sale; the customer is the contact where contacts are known, else the account.

A joined report names a column of another module `Created Time(Created Time)`; `plain` drops what stands in brackets.
"""

from __future__ import annotations

from dataclasses import replace

from analytics.contract import Kind
from analytics.intake.sources.base import NO_CUSTOMER, Context, Load, Rule, Source, left_out

# what Bigin calls differently, or an older export
_BIGIN = {"accountnameid": ("companynameid",), "accountname": ("companyname",)}

ZOHO_CONTACTS = Source(
    id="zoho_contacts",
    table="customers",
    also={"recordid": ("contactid",), **_BIGIN},
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
    not_after=("zoho_deals", "zoho_accounts"),
    refusal="deals_before_contacts",
)


def _beside_contacts(source: Source, context: Context) -> Source:
    """With Contacts, the contact is the customer: an account lends its industry to its contacts."""
    if not context.knows("zoho_contacts"):
        return source
    if "zoho_contacts" not in context.here:
        return left_out(source, "account_beside_contacts")
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
    also={"recordid": ("accountid", "companyid"), "accountowner": ("companyowner",), **_BIGIN},
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
    also={"recordid": ("dealid",), **_BIGIN},
    signature=(("recordid", "dealname", "stage", "closingdate"),),
    mapping={
        "recordid": "transactions.transaction_id",
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

SOURCES = (ZOHO_DEALS, ZOHO_CONTACTS, ZOHO_ACCOUNTS)
