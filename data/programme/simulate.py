"""The two years, week by week. Every order that an effect adds is drawn apart and tagged with its cause; every order that
an effect takes away is drawn too and tagged with what it was lost to. So the truth is counted, not estimated.

Each draw has a stream of its own, by cause and week: switching one effect off leaves the draws of the others as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np

from data.programme import truth
from data.programme.baskets import Lines, Orders, fill, joined, taken
from data.programme.calendar import DAYS, REVIEWS, WEEKS, day_of, month_end, week
from data.programme.people import CHANNELS, NEVER, OFFICE_SALES, People, in_better_months, months_after, pick
from data.programme.truth import Switches

THRESHOLDS = (0, 12_000, 30_000, 60_000, 110_000)  # pence of net sales in the 365 days before a review
GOLD = 2
MISSED_WEEKS = 52  # spend before the window that the first reviews look back on


class Cause(IntEnum):
    """What brought an order about, and what took one away (0: nothing but the customer's own habit)."""

    BASE = 0
    JOINING = 1
    PROGRAMME = 2
    THRESHOLD = 3
    CAMPAIGN = 4
    COHORT = 5
    HIDDEN = 6
    SHOCK = 7
    SLIPPING = 8
    LATE = 9
    BASKETS = 10
    EXTRAS = 11
    DROPOUT = 12
    PAST = 13


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


@dataclass(slots=True, kw_only=True)
class State:
    """Where every customer stands as a week begins."""

    alive: np.ndarray
    tier: np.ndarray
    bought: np.ndarray
    jump_until: np.ndarray
    late_from: np.ndarray
    last: np.ndarray
    past: np.ndarray
    weeks: list[tuple[Orders, Lines]] = field(default_factory=list)
    reviewed: int = 0
    tiers: list[np.ndarray] = field(default_factory=list)
    spend: list[np.ndarray] = field(default_factory=list)


def simulate(people: People, switches: Switches, seed: int) -> History:
    people = replace(people, enrols=people.enrols.copy(), in_test=people.in_test.copy())
    state = _opening(people, seed)
    first_tiers = state.tier.copy()
    for number in range(WEEKS):
        start, _ = week(number)
        if state.reviewed < len(REVIEWS) and start >= REVIEWS[state.reviewed]:
            _review(state, people, switches)
        _settle(people, state, start)
        orders = _wanted(state, people, switches, seed, number)
        lines = _filled(orders, people, switches, seed, number)
        _lose(orders, state, people, switches, seed, number)
        _advance(state, people, orders, switches, seed, number)
        state.weeks.append((orders, lines))
    return _history(people, state, first_tiers)


def _settle(people: People, state: State, start: int) -> None:
    """Who has dropped out cannot enrol; the campaign is tested on customers who bought in the half year before."""
    people.enrols[~state.alive & (people.enrols >= start) & (people.enrols < start + 7)] = NEVER
    assigned = day_of(truth.CAMPAIGN_ASSIGNED)
    if start <= assigned < start + 7:
        people.in_test[:] &= state.last >= assigned - truth.CAMPAIGN_ACTIVE_DAYS


def stream(seed: int, cause: int, number: int) -> np.random.Generator:
    return np.random.default_rng([seed, 2, cause, number])


# --- before the window, and reviews


def _opening(people: People, seed: int) -> State:
    n, rng = len(people), stream(seed, Cause.PAST, 0)
    weeks_there = np.clip(-people.created / 7, 0, MISSED_WEEKS)
    orders = rng.poisson(people.rate * weeks_there * people.starts)
    past = (orders * 2_150 * rng.gamma(12, 1 / 12, n)).astype(np.int64)
    member = people.enrols < 0
    return State(
        alive=people.starts.copy(),
        tier=np.where(member, tier_of(past), -1),
        bought=np.zeros(n, dtype=np.int64),
        jump_until=np.full(n, -1),
        late_from=np.full(n, -NEVER),
        last=np.full(n, -NEVER),
        past=past,
    )


def tier_of(spend: np.ndarray) -> np.ndarray:
    return np.searchsorted(THRESHOLDS, spend, side="right") - 1


def _review(state: State, people: People, switches: Switches) -> None:
    """Every member's tier by the spend of the last 365 days; those who first reach Gold get the welcome quarter."""
    day = REVIEWS[state.reviewed]
    spend = trailing(state, day, len(people))
    member = is_member(people, day)
    tier = np.where(member, np.maximum(tier_of(spend), 0), -1)
    reaches = member & (tier == GOLD) & (state.tier < GOLD)
    if switches.threshold_jump:
        state.jump_until = np.where(reaches, day + 92, state.jump_until)
    state.tier = tier
    state.tiers.append(tier)
    state.spend.append(spend)
    state.reviewed += 1


def trailing(state: State, day: int, n: int) -> np.ndarray:
    """Net sales of the 365 days before a day, refunds taken off, pence per customer; the time before the window in equal parts."""
    total = state.past * max(0, 365 - day) / 365
    for orders, lines in state.weeks[max(0, (day - 365) // 7 - 4) :]:
        customer, on, kept = orders.customer[lines.order], orders.day[lines.order], orders.lost[lines.order] == 0
        total += np.bincount(customer, lines.net * (kept & (on >= day - 365) & (on < day)), n)
        total -= np.bincount(customer, lines.net * (kept & (lines.returned >= max(0, day - 365)) & (lines.returned < day)), n)
    return np.round(total).astype(np.int64)


def is_member(people: People, day: int | np.ndarray) -> np.ndarray:
    return (people.enrols <= day) & (day < people.enrols + people.leaves)


# --- the orders of a week


def _wanted(state: State, people: People, switches: Switches, seed: int, number: int) -> Orders:
    """Orders by cause, of customers who have come by now."""
    start, weights = week(number)
    usual = people.rate * (weights.sum() / 7) * state.alive * (people.created < start)
    parts = [
        _newcomers(people, start, len(weights)),
        *(_drawn(rate, cause, seed, number) for cause, rate in _rates(state, people, switches, usual, start).items()),
        _joining(state, people, switches, seed, number),
    ]
    customer, day, cause = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return _placed(customer, day, cause, state, people, switches, seed, number)


def _rates(state: State, people: People, switches: Switches, usual: np.ndarray, start: int) -> dict[Cause, np.ndarray]:
    """Expected orders of the week, by cause and customer."""
    effect = np.array([*truth.PROGRAMME_EFFECT, 0.0])[state.tier]
    working = is_member(people, start) & (start >= months_after(people.enrols))
    campaign_from = day_of(truth.CAMPAIGN_FROM)
    campaign = people.in_test & people.treated & (campaign_from <= start + 3 < campaign_from + truth.CAMPAIGN_DAYS)
    rising = np.clip((start - people.enrols + 120) / 120, 0, 1) * (people.enrols > 0) * (people.enrols < NEVER)
    return {
        Cause.BASE: usual,
        Cause.PROGRAMME: usual * effect * working * switches.programme_effect,
        Cause.THRESHOLD: usual * truth.THRESHOLD_JUMP * (start < state.jump_until) * is_member(people, start),
        Cause.CAMPAIGN: usual * truth.CAMPAIGN_EFFECT * campaign * switches.campaign_effect,
        Cause.COHORT: usual * truth.BETTER_COHORT * in_better_months(people.created) * switches.better_cohort,
        Cause.HIDDEN: usual * truth.HIDDEN_RISE * rising * switches.hidden_confounding,
    }


Part = tuple[np.ndarray, np.ndarray, np.ndarray]


def _drawn(rate: np.ndarray, cause: Cause, seed: int, number: int) -> Part:
    """Poisson orders, each on a day of the week by its weight."""
    rng, (start, weights) = stream(seed, cause, number), week(number)
    customer = np.repeat(np.arange(len(rate)), rng.poisson(rate))
    day = start + pick(rng, tuple(weights / weights.sum()), len(customer))
    return customer, day, np.full(len(customer), cause)


def _newcomers(people: People, start: int, days: int) -> Part:
    """The first order of those who come this week."""
    customer = np.flatnonzero((people.created >= start) & (people.created < start + days))
    return customer, people.created[customer], np.full(len(customer), Cause.BASE)


def _joining(state: State, people: People, switches: Switches, seed: int, number: int) -> Part:
    """The order with which one joins, and more of them until the month ends."""
    rng, (start, weights) = stream(seed, Cause.JOINING, number), week(number)
    here = (people.enrols >= start) & (people.enrols < start + len(weights)) & state.alive & switches.joining_burst
    member = np.flatnonzero(here)
    more = np.repeat(member, rng.poisson(truth.JOINING_BURST - 1, len(member)))
    first = people.enrols[more]
    later = first + (rng.random(len(more)) * (np.minimum(month_end(first), DAYS - 1) - first + 1)).astype(np.int64)
    customer = np.concatenate([member, more])
    return customer, np.concatenate([people.enrols[member], later]), np.full(len(customer), Cause.JOINING)


def _placed(
    customer: np.ndarray, day: np.ndarray, cause: np.ndarray, state: State, people: People, switches: Switches, seed: int, number: int
) -> Orders:
    """Time of day, channel, discount, delivery: drawn for usual orders first, so that added ones change none of them."""
    usual = cause == Cause.BASE
    parts = [
        _details(stream(seed, which, number), customer[mask], day[mask], cause[mask], state, people, switches)
        for which, mask in ((Cause.BASKETS, usual), (Cause.EXTRAS, ~usual))
    ]
    return joined(parts)


def _details(
    rng: np.random.Generator, customer: np.ndarray, day: np.ndarray, cause: np.ndarray, state: State, people: People, switches: Switches
) -> Orders:
    n = len(customer)
    own = (rng.random(n) < 0.8) | people.office[customer]
    channel = np.where(own, people.channel[customer], pick(rng, CHANNELS, n))
    dependent = (people.source[customer] == truth.DEPENDENT_SOURCE) & switches.reward_dependency
    cheap = rng.random(n) < np.where(dependent, truth.REWARD_DEPENDENCY, truth.USUAL_DISCOUNT)
    minute = np.clip(rng.normal(14.5 * 60, 190, n), 7 * 60, 22 * 60 - 1).astype(np.int64)
    promised, delivered = _delivery(rng, day, minute, (channel != 0) & (channel != OFFICE_SALES), switches)
    return Orders(
        customer=customer,
        day=day,
        minute=minute,
        cause=cause,
        lost=np.zeros(n, dtype=np.int64),
        channel=channel,
        cut=np.where(cheap, np.array([10, 15, 20])[rng.integers(0, 3, n)], 0),
        regular=(day - people.created[customer] > truth.REGULAR_DAYS) & (state.bought[customer] >= truth.REGULAR_ORDERS),
        tier=np.where(is_member_at(people, customer, day), np.maximum(state.tier[customer], 0), -1),
        redeems=rng.random(n) < np.where(dependent, truth.DEPENDENT_REDEEMS, truth.REDEEMS),
        promised=promised,
        delivered=delivered,
    )


def is_member_at(people: People, customer: np.ndarray, day: np.ndarray) -> np.ndarray:
    enrols = people.enrols[customer]
    return (enrols <= day) & (day < enrols + people.leaves[customer])


def _delivery(
    rng: np.random.Generator, day: np.ndarray, minute: np.ndarray, sent: np.ndarray, switches: Switches
) -> tuple[np.ndarray, np.ndarray]:
    """Promised and delivered, in minutes since the window opened; -1 for what is taken along in the shop."""
    n = len(day)
    promised = (day + rng.integers(2, 5, n)) * 1440 + 18 * 60
    early = rng.random(n) * 34 * 60
    late = (0.4 + rng.exponential(2.0, n)) * 1440
    broken = (rng.random(n) < truth.BROKEN_PROMISES) & switches.broken_promises
    delivered = np.maximum(promised + np.where(broken, late, -early), day * 1440 + minute + 360).astype(np.int64)
    return np.where(sent, promised, -1), np.where(sent, delivered, -1)


def _filled(orders: Orders, people: People, switches: Switches, seed: int, number: int) -> Lines:
    usual = int((orders.cause == Cause.BASE).sum())
    places = (np.arange(usual), np.arange(usual, len(orders)))
    parts = []
    for which, place in zip((Cause.BASKETS, Cause.EXTRAS), places, strict=True):
        lines = fill(stream(seed, which, number + WEEKS), people, taken(orders, place), switches)
        lines.order += place[0] if len(place) else 0
        parts.append(lines)
    return joined(parts)


# --- what a week takes away, and what it leaves behind


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
