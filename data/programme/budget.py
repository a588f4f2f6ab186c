"""What the programme costs month by month, and what was planned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.programme import points as ledgers
from data.programme.calendar import DAYS, MONTHS, dates, month_of
from data.programme.contacts import COSTS, Contacts
from data.programme.offices import WON, Deals
from data.programme.points import Ledger
from data.programme.simulate import History
from data.programme.tiers import BENEFIT_COSTS, Benefits

PLATFORM, PLATFORM_GROWTH = 110_000, 1.012  # pence a month, and its growth each month
STAFF, OTHER = 180_000, 650_000
PER_NEW_CUSTOMER = 420
OF_THE_PROGRAMME = 5  # the first categories: rewards, benefits, platform, staff, communication
GROWTH, GROWTH_AHEAD = 1.28, 1.10  # planned over the year before: in the second year, and after the window
REDEEMED_SHARE = 0.7  # planned: of the points earned a year before
PLANNED_AHEAD = 6  # months after the window


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """What the months brought: pence, customers with an order, points earned. One value per month of the window."""

    sales: np.ndarray
    active: np.ndarray
    earned: np.ndarray


def per_month(day: np.ndarray, values: np.ndarray) -> np.ndarray:
    inside = (day >= 0) & (day < DAYS)
    return np.bincount(month_of(day[inside]), values[inside], MONTHS)


def months(history: History, sold: Deals, moves: Ledger) -> Months:
    orders, lines = history.orders, history.lines
    won = sold.state == WON
    sales = per_month(orders.day[lines.order], lines.net) - per_month(lines.returned, lines.net)
    day, customer = np.r_[orders.day, sold.closed[won]], np.r_[orders.customer, sold.customer[won]]
    pairs = np.unique(month_of(day) * len(history.people) + customer)
    earned = moves.kind == ledgers.EARN
    return Months(
        sales=sales + per_month(sold.closed[won], sold.amount[won]),
        active=np.bincount(pairs // len(history.people), minlength=MONTHS),
        earned=per_month(moves.day[earned], moves.points[earned]),
    )


def costs(history: History, moves: Ledger, promised: Benefits, sent: Contacts) -> np.ndarray:
    """Pence by month and category, in the order of the categories' words."""
    redeemed, came = moves.kind == ledgers.REDEEM, promised.delivered >= 0
    created = history.people.created
    steady = np.ones(MONTHS)
    columns = (
        per_month(moves.day[redeemed], moves.points[redeemed] * ledgers.COST),
        per_month(promised.delivered[came] // 1440, np.array(BENEFIT_COSTS)[promised.benefit[came]]),
        PLATFORM * PLATFORM_GROWTH ** np.arange(MONTHS),
        STAFF * steady,
        per_month(sent.day, np.array(COSTS)[sent.medium]),
        per_month(created, np.full(len(created), PER_NEW_CUSTOMER)),
        OTHER * steady,
    )
    return np.round(np.column_stack(columns)).astype(np.int64)


def targets(brought: Months) -> list[tuple[int, int, float]]:
    """(figure, month, value): the second year of the window and some months beyond, from the year before; sales in pounds."""
    bases = ((brought.sales / 100, -3), (brought.active, -1), (brought.earned * REDEEMED_SHARE, -2))
    return [
        (kpi, month, float(np.round(base[month - 12] * (GROWTH if month < MONTHS else GROWTH_AHEAD), digits)))
        for kpi, (base, digits) in enumerate(bases)
        for month in range(12, MONTHS + PLANNED_AHEAD)
    ]


def month_dates(count: int) -> np.ndarray:
    return dates(np.zeros(1)).astype("datetime64[M]")[0] + np.arange(count)
