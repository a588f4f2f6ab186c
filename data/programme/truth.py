"""Every true effect of the demo programme: what was planted, where it acts, which page should find it.

A page that reports one of these must come out near the constant (or near the realised figure in truth.json, which counts the very
orders an effect added or took away). `Switches` turns each off; with all of them off there is nothing of that kind to find.

Tiers are numbered 0 (lowest) to 4 (highest); days count from 1 November 2024 (day 0) to 31 October 2026 (day 729).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

SEED = 20261031
FIRST, LAST = date(2024, 11, 1), date(2026, 10, 31)

# --- the programme (pages: effect, economics)

# Relative increase of the order rate while a member, by tier; from the calendar month after enrolment until the membership ends
# (page: effect, by tier).
PROGRAMME_EFFECT = (0.20, 0.24, 0.28, 0.18, 0.10)
# Orders on top of the usual ones in the enrolment month: the visit in which one joins, and more in the days after
# (page: effect, the joining month).
JOINING_BURST = 1.4
# Rate factor minus one in the quarter after a member reaches Gold from below at a review, against one who stays just below
# (pages: effect, migration). At the threshold the programme's own step from Silver to Gold, 0.04, comes on top.
THRESHOLD_JUMP = 0.12
# Share of orders with a discount, of customers of the acquisition channel DEPENDENT_SOURCE; of others USUAL_DISCOUNT
# (page: dependency).
REWARD_DEPENDENCY = 0.90
DEPENDENT_SOURCE = 3
USUAL_DISCOUNT = 0.12
REDEEMS, DEPENDENT_REDEEMS = 0.18, 0.55  # probability that an order also redeems, when the balance allows
# Only with the switch `hidden_confounding`: those who will enrol come to buy this much more, rising over the four months before they do,
# for a reason that no column tells. Not caused by the programme: an honest page grades its estimate C or D.
HIDDEN_RISE = 0.50

# --- fairness (pages: fairness, price_fairness, tier_quality)

# Answer and resolution times of feedback are this many times longer for one gender in one region, for the same issue.
SERVICE_GAP = 1.7
SERVICE_GAP_GENDER, SERVICE_GAP_REGION = 0, 2
# Regulars (customer for over a year, at least REGULAR_ORDERS orders before) pay this much more per unit in one category, through a
# smaller discount (page: price_fairness).
PRICE_PENALTY = 0.04
PENALTY_CATEGORY, REGULAR_ORDERS, REGULAR_DAYS = 4, 8, 365
PERSONAL_DISCOUNT = 0.08  # what everybody else gets in that category
# Share of members whose recorded tier is one off from what the rules say (page: tier_quality).
MISTIERED_SHARE = 0.04

# --- service and communication (pages: promises, contact)

# Share of delivered orders, and of benefits, that come later than promised.
BROKEN_PROMISES = 0.09
# Order rate in the 8 weeks after a late delivery, relative to the usual one.
AFTER_LATE, AFTER_LATE_DAYS = 0.75, 56
# For each contact beyond FREE_CONTACTS in the 28 days before, the chance to respond is multiplied by CONTACT_FATIGUE, that to opt
# out by OPT_OUT_RISE.
CONTACT_FATIGUE, OPT_OUT_RISE, FREE_CONTACTS = 0.75, 1.5, 4
RESPONSE, OPT_OUT = 0.11, 0.0015

# --- campaign with a randomised holdout (pages: campaigns, holdout)

# Relative increase of the order rate of those assigned to the treatment, for eight weeks. CAMPAIGN_SHARE of the consumers who
# bought in the CAMPAIGN_ACTIVE_DAYS before are in the test; half of them, by lot, are withheld.
CAMPAIGN_EFFECT = 0.15
CAMPAIGN_SHARE, CAMPAIGN_ACTIVE_DAYS = 0.56, 180
CAMPAIGN_FROM, CAMPAIGN_DAYS, CAMPAIGN_ASSIGNED = date(2026, 5, 15), 56, date(2026, 5, 12)

# --- movements of groups (pages: lifecycle, cohorts, movement, forecast)

# Customers of one acquisition channel fall to this share of their order rate from a day on.
SLIPPING = 0.5
SLIPPING_SOURCE, SLIPPING_FROM = 2, date(2026, 6, 1)
# Customers first seen in these months buy this much more often and drop out half as often (a welcome programme).
BETTER_COHORT = 0.40
BETTER_DROPOUT = 0.5
BETTER_MONTHS = ((2025, 5), (2025, 6))
# A supply failure: orders fall by this share, everywhere, for five weeks.
SHOCK = 0.30
SHOCK_FROM, SHOCK_DAYS = date(2026, 3, 2), 35

# --- leaving (page: churn). What drives nothing: the gender and the region of a consumer, how an office is invoiced.

# Chance to be gone for good after an order, on top of the usual one, of consumers born after a year.
YOUNG_DROPOUT, YOUNG_BORN_AFTER = 0.04, 1996
# Log odds that a contract of an office is not renewed, and what each unit adds to them: a price rise in per cent, a late delivery, a
# month of contract beyond twelve, a delivery a month. Without the switch `renewal_drivers` all have those of the average contract.
RENEWAL_ODDS, RENEWAL_PRICE, RENEWAL_LATE, RENEWAL_MONTH, RENEWAL_DELIVERY = -1.9, 0.16, 0.45, -0.03, -0.12

# --- sales to offices (page: lifecycle): share of deals won and median days from opening to closing, by industry
WIN_RATE = (0.46, 0.38, 0.30, 0.34, 0.24, 0.52)
CYCLE_DAYS = (28, 35, 62, 48, 55, 21)
USUAL_WIN_RATE, USUAL_CYCLE_DAYS = 0.38, 40  # of every industry, with the switch `win_rate` off

# --- errors in the data (page: quality): shares of rows, by kind; rows that cannot be read, and rows without a customer, are counts
DATA_ERRORS = {
    "duplicate_lines": 0.0015,
    "unknown_customer": 0.0010,
    "delivered_before_order": 0.0020,
    "birth_year": 0.0010,
    "cancelled_before_enrolled": 0.00015,
    "unreadable": 15,
    "no_customer": 24,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """One effect each, and who joins: with `selection` heavy buyers do; without it joining hangs on nothing, and even a naive gap is
    nearly right. All on but the last, which plants what no data can show."""

    programme_effect: bool = True
    joining_burst: bool = True
    threshold_jump: bool = True
    reward_dependency: bool = True
    service_gap: bool = True
    price_penalty: bool = True
    data_errors: bool = True
    mistiered: bool = True
    broken_promises: bool = True
    contact_fatigue: bool = True
    campaign_effect: bool = True
    slipping: bool = True
    better_cohort: bool = True
    shock: bool = True
    win_rate: bool = True
    young_leave: bool = True
    renewal_drivers: bool = True
    selection: bool = True
    hidden_confounding: bool = False

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(item.name for item in fields(cls))

    def but(self, *, without: Iterable[str] = (), including: Iterable[str] = ()) -> Switches:
        """Itself with some effects off and others on; `all` names every effect that is on by default, and leaves who joins as it is."""
        effects = set(self.names()) - {"hidden_confounding", "selection"} if "all" in without else set()
        off = effects | set(without) - {"all"}
        return replace(self, **dict.fromkeys(off, False), **dict.fromkeys(including, True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What truth.json holds: `planted` constants, and `realised` figures counted from the very orders and rows that were written."""

    language: str
    currency: str
    customers: int
    seed: int
    switches: dict[str, bool]
    planted: dict[str, Any]
    realised: dict[str, Any]
