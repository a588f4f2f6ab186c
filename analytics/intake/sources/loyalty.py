"""Loyalty systems: Salesforce Loyalty Management and the Northern Lights Air sample."""

from __future__ import annotations

from analytics.contract import Kind
from analytics.intake.sources.base import NO_CUSTOMER, Load, Rule, Source

_DELETED = Rule(key="deleted", sql="lower(coalesce(is_deleted, 'false')) in ('true', '1', 'yes')")
_IS_DELETED = {"is_deleted": ("isdeleted", Kind.TEXT)}

SALESFORCE_MEMBERS = Source(
    id="salesforce_members",
    table="customers",
    signature=(("membershipnumber", "enrollmentdate", "memberstatus"),),
    mapping={
        "id": "customers.customer_id",
        "enrollmentdate": "customers.enrolled_on",
        "membershipenddate": "customers.cancelled_on",
        "enrollmentchannel": "customers.acquisition_channel",
        "referredbyid": "customers.referred_by",
        "canreceivepromotions": "customers.consent",
    },
    extra={**_IS_DELETED, "state": ("memberstatus", Kind.TEXT)},
    rules=(_DELETED, NO_CUSTOMER),
    fixed={
        "member": "true",
        # an active member's end date is when the membership would run out, not a cancellation
        "cancelled_on": "case when lower(coalesce(state, 'active')) <> 'active' then cancelled_on end",
    },
)
SALESFORCE_TIERS = Source(
    id="salesforce_tiers",
    table="tiers",
    signature=(("loyaltymemberid", "loyaltytierid", "effectivedate"),),
    mapping={
        "loyaltymemberid": "tiers.customer_id",
        "name": "tiers.tier",
        "effectivedate": "tiers.valid_from",
        "tierexpirationdate": "tiers.valid_to",
    },
    extra={**_IS_DELETED, "tier_key": ("loyaltytierid", Kind.TEXT)},
    rules=(_DELETED, NO_CUSTOMER),
    fixed={"tier": "coalesce(tier, tier_key)"},
)
SALESFORCE_LEDGER = Source(
    id="salesforce_ledger",
    table="points",
    signature=(("loyaltyprogrammemberid", "eventtype", "points", "activitydate"),),
    mapping={
        "loyaltyprogrammemberid": "points.customer_id",
        "activitydate": "points.occurred_at",
        "eventtype": "points.kind",
        "points": "points.points",
        "expirydate": "points.expires_on",
    },
    extra=_IS_DELETED,
    rules=(_DELETED, NO_CUSTOMER),
)
SALESFORCE_JOURNAL = Source(
    id="salesforce_journal",
    replaces=True,
    table="transactions",
    signature=(("memberid", "journaltypeid", "transactionamount", "activitydate"),),
    mapping={
        "id": "transactions.transaction_id",
        "memberid": "transactions.customer_id",
        "activitydate": "transactions.occurred_at",
        "transactionamount": "transactions.amount",
        "currencyisocode": "transactions.currency",
        "quantity": "transactions.quantity",
        "productid": "transactions.product_id",
        "productcategoryid": "transactions.category",
        "channel": "transactions.channel",
        "status": "transactions.status",
    },
    extra={**_IS_DELETED, "journal_type": ("journaltypeid", Kind.TEXT), "debit": ("debitamount", Kind.NUMBER)},
    rules=(
        _DELETED,
        Rule(key="cancelled", sql="lower(status) in ('cancelled', 'canceled', 'error', 'failed', 'rejected')"),
        # spending points is in the ledger already; the journal's redemption is not a sale
        Rule(key="redemption", sql="lower(coalesce(journal_type, '')) like '%redemption%' or (amount is null and debit > 0)"),
        NO_CUSTOMER,
    ),
)

SALESFORCE_TIER_RULES = Source(
    id="salesforce_tier_rules",
    table="tier_rules",
    signature=(("loyaltytiergroupid", "sequencenumber", "minimumeligiblebalance"),),
    mapping={"name": "tier_rules.tier", "sequencenumber": "tier_rules.rank", "minimumeligiblebalance": "tier_rules.threshold"},
    extra=_IS_DELETED,
    rules=(_DELETED,),
)
# balances, programmes, vouchers and enrolments in promotions repeat or frame what the ledger and the journal say
SALESFORCE_OTHERS = Source(
    id="salesforce_others",
    table="points",
    signature=(
        ("loyaltymemberid", "loyaltyprogramcurrencyid", "pointsbalance"),
        ("escrowperiod", "isprimary", "ownerid"),
        ("vouchercode", "facevalue", "redeemedvalue"),
        ("loyaltyprogrammemberid", "promotionid", "isenrollmentactive"),
    ),
    rules=(Rule(key="derived", sql="true"),),
    loads=(),
)

AIRLINE_MEMBERS = Source(
    id="airline_members",
    table="customers",
    signature=(("loyaltynumber", "loyaltycard", "enrollmenttype", "enrollmentyear", "enrollmentmonth"),),
    mapping={
        "loyaltynumber": "customers.customer_id",
        "province": "customers.region",
        "city": "customers.city",
        "gender": "customers.gender",
        "loyaltycard": "customers.tier",
        "enrollmenttype": "customers.acquisition_channel",
        "enrollmentyear": "customers.enrolled_year",
        "enrollmentmonth": "customers.enrolled_month",
        "cancellationyear": "customers.cancelled_year",
        "cancellationmonth": "customers.cancelled_month",
    },
    fixed={"member": "true"},
)

_MONTH = "make_timestamp(year, month, 1, 0, 0, 0)"
AIRLINE_ACTIVITY = Source(
    id="airline_activity",
    table="transactions",
    signature=(("loyaltynumber", "year", "month", "totalflights", "pointsaccumulated", "pointsredeemed"),),
    mapping={
        "loyaltynumber": "transactions.customer_id",
        "year": "transactions.year",
        "month": "transactions.month",
        "totalflights": "transactions.quantity",
        "pointsaccumulated": "points.earned",
        "pointsredeemed": "points.redeemed",
        "dollarcostpointsredeemed": "points.cost",
    },
    rules=(
        NO_CUSTOMER,
        Rule(
            key="no_activity",
            sql="coalesce(quantity, 0) = 0 and coalesce(points_earned, 0) = 0 and coalesce(points_redeemed, 0) = 0",
        ),
    ),
    loads=(
        Load(
            table="transactions",
            columns={"customer_id": "customer_id", "occurred_at": _MONTH, "quantity": "quantity", "kind": "'sale'"},
            where="quantity > 0",
        ),
        Load(
            table="points",
            columns={"customer_id": "customer_id", "occurred_at": _MONTH, "kind": "'earn'", "points": "points_earned"},
            where="points_earned > 0",
        ),
        Load(
            table="points",
            columns={
                "customer_id": "customer_id",
                "occurred_at": _MONTH,
                "kind": "'redeem'",
                "points": "points_redeemed",
                "cost": "points_cost",
            },
            where="points_redeemed > 0",
        ),
    ),
    currency="CAD",
)
DICTIONARY = Source(
    id="dictionary",
    table="transactions",
    signature=(("table", "field", "description"),),
    rules=(Rule(key="documentation", sql="true"),),
    loads=(),
)

SOURCES = (
    SALESFORCE_MEMBERS,
    SALESFORCE_TIERS,
    SALESFORCE_LEDGER,
    SALESFORCE_TIER_RULES,
    SALESFORCE_OTHERS,
    SALESFORCE_JOURNAL,
    AIRLINE_MEMBERS,
    AIRLINE_ACTIVITY,
    DICTIONARY,
)
