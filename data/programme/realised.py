"""The truth, counted: what the orders that each effect added or took away came to. Money in pence, of lines net of refunds."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.programme import budget, truth
from data.programme.baskets import Lines, Orders
from data.programme.calendar import DAYS, MONTHS, REVIEWS, day_of, month_of, month_starts
from data.programme.causes import Cause
from data.programme.feedback import is_late
from data.programme.offices import LOST, OPEN, WON
from data.programme.people import in_better_months, is_young
from data.programme.simulate import History
from data.programme.state import is_member
from data.programme.words import Words
from data.programme.world import World

SEEN_BEFORE = (6, 3)  # what the design of staggered enrolment asks for


def realised(world: World, words: Words) -> dict[str, Any]:
    history = world.history
    scale = words.level / 100
    return {
        "totals": _totals(world, scale),
        "programme": _programme(history, words, scale),
        "programme_cost": _cost(world, words, scale),
        "naive_gap": _naive_gap(history, scale),
        "joining_month": _joining(history, scale),
        "campaign": _campaign(history, scale),
        "shock": _lost(history, Cause.SHOCK, scale),
        "slipping": _lost(history, Cause.SLIPPING, scale)
        | {"segment": words.sources[truth.SLIPPING_SOURCE], "customers": _count(history.people.source == truth.SLIPPING_SOURCE)},
        "better_cohort": {"customers": _count(in_better_months(history.people.created)), **_added(history, (Cause.COHORT,), scale)},
        "late_deliveries": _late(history, scale),
        "mistiered": {"members": _count(world.spells.wrong)},
        "dependency": {"segment": words.sources[truth.DEPENDENT_SOURCE], **_dependency(history)},
        "young": {"customers": _count(is_young(history.people))},
        "renewals": {"contracts": len(world.renewals.customer), "left": _count(world.renewals.churned)},
        "deals": _deals(world, words),
    }


def _count(mask: np.ndarray) -> int:
    return int(mask.sum())


def kept(lines: Lines) -> np.ndarray:
    """1 for a line that stays sold, 0 for one refunded within the window."""
    return 1 - ((lines.returned >= 0) & (lines.returned < DAYS))


def money(orders: Orders, lines: Lines, chosen: np.ndarray, values: np.ndarray) -> float:
    return float((values * kept(lines))[chosen[lines.order]].sum())


def _totals(world: World, scale: float) -> dict[str, Any]:
    orders, lines, won = world.history.orders, world.history.lines, world.deals.state == WON
    return {
        "orders": len(orders) + _count(won),
        "order_lines": len(lines.net) + _count(won),
        "refund_lines": _count(kept(lines) == 0),
        "net_sales": round((float((lines.net * kept(lines)).sum()) + float(world.deals.amount[won].sum())) * scale, 2),
        "members_enrolled": _count(world.history.people.enrols < DAYS),
        "enrolled_before": _count(world.history.people.enrols < 0),
    }


def _added(history: History, causes: tuple[Cause, ...], scale: float) -> dict[str, Any]:
    """Orders, net sales and margin that the causes brought."""
    mine = np.isin(history.orders.cause, causes)
    return {
        "orders": _count(mine),
        "net_sales": round(money(history.orders, history.lines, mine, history.lines.net) * scale, 2),
        "margin": round(money(history.orders, history.lines, mine, history.lines.margin) * scale, 2),
    }


def tier_months(history: History) -> np.ndarray:
    """The tier of every customer as each month begins, -1 for no member: months x customers."""
    people, rows = history.people, []
    for start in month_starts()[:-1]:
        past = [tiers for day, tiers in zip(REVIEWS, history.tiers, strict=True) if day <= start]
        tier = past[-1] if past else history.first_tiers
        rows.append(np.where(is_member(people, start), np.maximum(tier, 0), -1))
    return np.stack(rows)


def treated_months(history: History) -> np.ndarray:
    """Whether the programme works on a customer in a month: member, and the enrolment month over. Months x customers."""
    joined = month_of(np.minimum(history.people.enrols, DAYS + 31))
    return (tier_months(history) >= 0) & (np.arange(MONTHS)[:, None] > joined)


def _programme(history: History, words: Words, scale: float) -> dict[str, Any]:
    """Per treated member-month, months >= 1 after enrolment: all members, those who enrolled within the window, and of these the ones whose
    time before can be seen (SEEN_BEFORE: months in the window, and as a customer, before the month of joining)."""
    treated, tiers, n = treated_months(history), tier_months(history), len(history.people)
    inside = history.people.enrols >= 0
    causes = np.isin(history.orders.cause, (Cause.PROGRAMME, Cause.THRESHOLD))
    table = {name: _by_customer_month(history, causes, values, n) for name, values in _values(history).items()}
    groups = {"all": treated, "enrolled_in_window": treated & inside, "enrolled_with_history": treated & inside & _seen_before(history)}
    groups |= {f"tier:{words.tiers[t]}": treated & (tiers == t) for t in range(len(words.tiers))}
    return {
        "unit": "per treated member and month, months >= 1 after enrolment",
        "groups": {name: _per_month(table, mask, scale) for name, mask in groups.items()},
        "total": _added(history, (Cause.PROGRAMME, Cause.THRESHOLD), scale),
        "threshold_part": _added(history, (Cause.THRESHOLD,), scale),
    }


def _seen_before(history: History) -> np.ndarray:
    """Whether a customer joined so late in the window, and so long after coming, that what they did before can be seen."""
    people = history.people
    joined, came = (month_of(np.clip(days, 0, DAYS + 31)) for days in (people.enrols, people.created))
    window, customer = SEEN_BEFORE
    return (joined >= window) & ((people.created < 0) | (joined - came >= customer))


def _cost(world: World, words: Words, scale: float) -> dict[str, Any]:
    """What the programme cost in the two years, by category."""
    spent = budget.costs(world.history, world.ledger, world.benefits, world.contacts).sum(axis=0)[: budget.OF_THE_PROGRAMME]
    return {"total": round(float(spent.sum()) * scale, 2), **dict(zip(words.costs, np.round(spent * scale, 2).tolist(), strict=False))}


def _naive_gap(history: History, scale: float) -> dict[str, float]:
    """What a vendor would claim: margin per customer and month of the second year, of those who bought in it; members all through it
    less those who never joined."""
    people, start = history.people, int(month_starts()[12])
    values, every = _values(history), history.orders.customer >= 0
    year = {name: _by_customer_month(history, every, values[name], len(people))[12:].sum(axis=0) for name in ("orders", "margin")}
    bought = year["orders"] > 0
    members, others = (people.enrols < start) & (people.enrols + people.leaves >= DAYS), people.enrols >= DAYS
    means = [float(year["margin"][bought & side].mean()) / 12 * scale for side in (members, others)]
    return {"margin_per_month": round(means[0] - means[1], 4)}


def _values(history: History) -> dict[str, np.ndarray]:
    lines = history.lines
    first = np.r_[True, lines.order[1:] != lines.order[:-1]]
    return {"orders": first.astype(float), "net_sales": lines.net * kept(lines), "margin": lines.margin * kept(lines)}


def _by_customer_month(history: History, chosen: np.ndarray, values: np.ndarray, n: int) -> np.ndarray:
    """Sums of lines of the chosen orders: months x customers."""
    orders, order = history.orders, history.lines.order
    cell = month_of(orders.day) * n + orders.customer
    mine = chosen[order]
    return np.bincount(cell[order[mine]], values[mine], MONTHS * n).reshape(MONTHS, n)


def _per_month(table: dict[str, np.ndarray], mask: np.ndarray, scale: float) -> dict[str, float]:
    months = max(int(mask.sum()), 1)
    figures = {name: float(sums[mask].sum()) / months * (1 if name == "orders" else scale) for name, sums in table.items()}
    return {"member_months": int(mask.sum()), **{name: round(value, 5) for name, value in figures.items()}}


def _joining(history: History, scale: float) -> dict[str, Any]:
    enrolled = _count((history.people.enrols >= 0) & (history.people.enrols < DAYS))
    added = _added(history, (Cause.JOINING,), scale)
    return {"enrolled_in_window": enrolled, **added, "margin_per_enrolment": round(added["margin"] / max(enrolled, 1), 4)}


def _campaign(history: History, scale: float) -> dict[str, Any]:
    people = history.people
    treated = _count(people.in_test & people.treated)
    added = _added(history, (Cause.CAMPAIGN,), scale)
    per = {f"{name}_per_assigned": round(value / max(treated, 1), 5) for name, value in added.items()}
    start = day_of(truth.CAMPAIGN_FROM)
    window = [str(truth.CAMPAIGN_FROM), str(np.datetime64(truth.FIRST) + start + truth.CAMPAIGN_DAYS - 1)]
    return {"treated": treated, "withheld": _count(people.in_test & ~people.treated), "window": window, **added, **per}


def _lost(history: History, cause: Cause, scale: float) -> dict[str, Any]:
    """What an effect took away: drawn, but in no file."""
    mine = history.lost.lost == cause
    return {
        "orders_lost": _count(mine),
        "net_sales_lost": round(money(history.lost, history.lost_lines, mine, history.lost_lines.net) * scale, 2),
        "margin_lost": round(money(history.lost, history.lost_lines, mine, history.lost_lines.margin) * scale, 2),
    }


def _late(history: History, scale: float) -> dict[str, Any]:
    sent = history.orders.promised >= 0
    late = is_late(history.orders)
    share = round(float(late[sent].mean()), 5)
    return {"orders_sent": _count(sent), "late": _count(late), "share": share, **_lost(history, Cause.LATE, scale)}


def _dependency(history: History) -> dict[str, float]:
    """Share of orders with a general discount, in the dependent channel and elsewhere; personal discounts not counted."""
    mine = history.people.source[history.orders.customer] == truth.DEPENDENT_SOURCE
    cheap = history.orders.cut > 0
    return {"discounted_share": round(float(cheap[mine].mean()), 5), "discounted_share_elsewhere": round(float(cheap[~mine].mean()), 5)}


def _deals(world: World, words: Words) -> dict[str, Any]:
    deals = world.deals
    industry = world.history.people.industry[deals.customer]
    rows = {}
    for code, name in enumerate(words.industries):
        closed = (industry == code) & (deals.state != OPEN)
        days = (deals.closed - deals.opened)[closed & (deals.state == WON)]
        rows[name] = {
            "won": _count(closed & (deals.state == WON)),
            "lost": _count(closed & (deals.state == LOST)),
            "median_days_won": float(np.median(days)) if len(days) else None,
        }
    return rows
