"""The orders of a week, by cause: who orders, when, where, at what discount, and what is in the basket."""

from __future__ import annotations

import numpy as np

from data.programme import truth
from data.programme.baskets import CUTS, Lines, Orders, fill, joined, taken
from data.programme.calendar import DAYS, WEEKS, day_of, month_end, week
from data.programme.causes import Cause, stream
from data.programme.people import CHANNELS, NEVER, OFFICE_SALES, People, in_better_months, months_after, pick
from data.programme.state import State, is_member
from data.programme.truth import Switches


def wanted(state: State, people: People, switches: Switches, seed: int, number: int) -> Orders:
    """Orders by cause, of customers who have come by now."""
    start, weights = week(number)
    usual = people.rate * (weights.sum() / 7) * state.alive * (people.created < start)
    parts = [
        _newcomers(people, start, len(weights)),
        *(_drawn(rate, cause, seed, number) for cause, rate in _rates(state, people, switches, usual, start).items()),
        _joining(people, switches, seed, number),
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


def _joining(people: People, switches: Switches, seed: int, number: int) -> Part:
    """The order with which one joins, and more of them until the month ends; those who had lapsed come too, for the gift, and go again."""
    rng, (start, weights) = stream(seed, Cause.JOINING, number), week(number)
    here = (people.enrols >= start) & (people.enrols < start + len(weights)) & switches.joining_burst
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
        cut=np.where(cheap, CUTS[rng.integers(0, len(CUTS), n)], 0),
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


def filled(orders: Orders, people: People, switches: Switches, seed: int, number: int) -> Lines:
    usual = int((orders.cause == Cause.BASE).sum())
    places = (np.arange(usual), np.arange(usual, len(orders)))
    parts = []
    for which, place in zip((Cause.BASKETS, Cause.EXTRAS), places, strict=True):
        lines = fill(stream(seed, which, number + WEEKS), people, taken(orders, place), switches)
        lines.order += place[0] if len(place) else 0
        parts.append(lines)
    return joined(parts)
