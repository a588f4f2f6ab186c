"""Where every customer stands as a week begins, and the quarterly review of tiers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from data.programme.baskets import Lines, Orders
from data.programme.calendar import REVIEWS
from data.programme.causes import Cause, stream
from data.programme.people import NEVER, People
from data.programme.truth import Switches

THRESHOLDS = (0, 12_000, 30_000, 60_000, 110_000)  # pence of net sales in the 365 days before a review
GOLD = 2
WELCOME_DAYS = 92  # the quarter after reaching Gold
PAST_WEEKS, PAST_ORDER = 52, 2_150  # before the window: weeks the first reviews look back on, mean pence of an order


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


def opening(people: People, seed: int) -> State:
    n, rng = len(people), stream(seed, Cause.PAST, 0)
    weeks_there = np.clip(-people.created / 7, 0, PAST_WEEKS)
    orders = rng.poisson(people.rate * weeks_there * people.starts)
    past = (orders * PAST_ORDER * rng.gamma(12, 1 / 12, n)).astype(np.int64)
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


def review(state: State, people: People, switches: Switches) -> None:
    """Every member's tier by the spend of the last 365 days; those who first reach Gold get the welcome quarter."""
    day = REVIEWS[state.reviewed]
    spend = trailing(state, day, len(people))
    member = is_member(people, day)
    tier = np.where(member, np.maximum(tier_of(spend), 0), -1)
    reaches = member & (tier == GOLD) & (state.tier < GOLD)
    if switches.threshold_jump:
        state.jump_until = np.where(reaches, day + WELCOME_DAYS, state.jump_until)
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
