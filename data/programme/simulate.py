"""The two years, week by week. Every order that an effect adds is drawn apart and tagged with its cause; every order that
an effect takes away is drawn too and tagged with what it was lost to. So the truth is counted, not estimated.

Each draw has a stream of its own, by cause and week: switching an effect on orders off leaves what customers do by habit as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.programme import truth
from data.programme.baskets import Lines, Orders, joined, taken
from data.programme.calendar import REVIEWS, WEEKS, day_of, week
from data.programme.causes import Cause, stream
from data.programme.people import People
from data.programme.state import State, opening, review
from data.programme.truth import Switches
from data.programme.wanted import filled, wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that happened.

    people      as they turned out: who had dropped out by the day of joining never enrols
    lost        orders that an effect took away; no file holds them
    tiers       at each review, the rightful tier of every customer; -1 for no member
    spend       at each review, the net sales of the 365 days before, in pence
    first_tiers the tiers with which the window opens
    """

    people: People
    orders: Orders
    lines: Lines
    lost: Orders
    lost_lines: Lines
    tiers: tuple[np.ndarray, ...]
    spend: tuple[np.ndarray, ...]
    first_tiers: np.ndarray


def simulate(people: People, switches: Switches, seed: int) -> History:
    people = replace(people, enrols=people.enrols.copy(), in_test=people.in_test.copy())
    state = opening(people, seed)
    first_tiers = state.tier.copy()
    for number in range(WEEKS):
        start, _ = week(number)
        if state.reviewed < len(REVIEWS) and start >= REVIEWS[state.reviewed]:
            review(state, people, switches)
        _settle(people, state, start)
        orders = wanted(state, people, switches, seed, number)
        lines = filled(orders, people, switches, seed, number)
        _lose(orders, state, people, switches, seed, number)
        _advance(state, people, orders, switches, seed, number)
        state.weeks.append((orders, lines))
    return _history(people, state, first_tiers)


def _settle(people: People, state: State, start: int) -> None:
    """The campaign is tested on customers who bought in the half year before."""
    assigned = day_of(truth.CAMPAIGN_ASSIGNED)
    if start <= assigned < start + 7:
        people.in_test[:] &= state.last >= assigned - truth.CAMPAIGN_ACTIVE_DAYS


def _lose(orders: Orders, state: State, people: People, switches: Switches, seed: int, number: int) -> None:
    """Mark the orders that a shock, a slipping segment or a late delivery takes away; each under the first that does."""
    customer, day = orders.customer, orders.day
    since_late = day - state.late_from[customer]
    shock = (day >= day_of(truth.SHOCK_FROM)) & (day < day_of(truth.SHOCK_FROM) + truth.SHOCK_DAYS)
    slipping = (people.source[customer] == truth.SLIPPING_SOURCE) & (day >= day_of(truth.SLIPPING_FROM)) & ~people.office[customer]
    after_late = (since_late > 0) & (since_late <= truth.AFTER_LATE_DAYS)
    losses = (
        (Cause.SHOCK, shock & switches.shock, truth.SHOCK),
        (Cause.SLIPPING, slipping & switches.slipping, 1 - truth.SLIPPING),
        (Cause.LATE, after_late & switches.broken_promises, 1 - truth.AFTER_LATE),
    )
    keep = (people.created[customer] == day) | (orders.cause == Cause.JOINING)
    for cause, here, share in losses:
        gone = here & ~keep & (stream(seed, cause, number).random(len(orders)) < share)
        orders.lost = np.where(gone & (orders.lost == 0), cause, orders.lost)


def _advance(state: State, people: People, orders: Orders, switches: Switches, seed: int, number: int) -> None:
    """Who drops out after this week's orders, who was served late, who has joined."""
    kept = orders.lost == 0
    n = len(people)
    state.bought += np.bincount(orders.customer[kept], minlength=n)
    np.maximum.at(state.last, orders.customer[kept], orders.day[kept])
    habit = np.bincount(orders.customer[orders.cause == Cause.BASE], minlength=n)
    u = stream(seed, Cause.DROPOUT, number).random(n)
    state.alive &= u < (1 - people.dropout) ** habit
    late = kept & (orders.promised >= 0) & (orders.delivered > orders.promised)
    np.maximum.at(state.late_from, orders.customer[late], orders.delivered[late] // 1440)
    start, _ = week(number)
    joins = (people.enrols >= start) & (people.enrols < start + 7)
    state.tier = np.where(joins, 0, state.tier)


def _history(people: People, state: State, first_tiers: np.ndarray) -> History:
    """The weeks in one: orders in order of time, lines with them."""
    counts = np.cumsum([0, *(len(orders) for orders, _ in state.weeks)])
    for (_, lines), offset in zip(state.weeks, counts, strict=False):
        lines.order = lines.order + offset
    orders, lines = joined([o for o, _ in state.weeks]), joined([part for _, part in state.weeks])
    kept = orders.lost == 0
    return History(
        people=people,
        orders=taken(orders, in_time(orders, kept)),
        lines=_of(orders, lines, kept),
        lost=taken(orders, in_time(orders, ~kept)),
        lost_lines=_of(orders, lines, ~kept),
        tiers=tuple(state.tiers),
        spend=tuple(state.spend),
        first_tiers=first_tiers,
    )


def in_time(orders: Orders, chosen: np.ndarray) -> np.ndarray:
    place = np.flatnonzero(chosen)
    return place[np.lexsort((orders.customer[place], orders.minute[place], orders.day[place]))]


def _of(orders: Orders, lines: Lines, chosen: np.ndarray) -> Lines:
    """The chosen orders' lines, renumbered and sorted as those are."""
    new = np.full(len(orders), -1)
    place = in_time(orders, chosen)
    new[place] = np.arange(len(place))
    mine = taken(lines, chosen[lines.order])
    mine.order = new[mine.order]
    return taken(mine, np.argsort(mine.order, kind="stable"))
