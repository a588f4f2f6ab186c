"""Tiers as they are on file: spells from the quarterly reviews, a few of them wrong; and the benefits that go with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.programme import truth
from data.programme.calendar import DAYS, MONTHS, REVIEWS, first_of
from data.programme.causes import stream
from data.programme.people import NEVER
from data.programme.simulate import History
from data.programme.state import is_member
from data.programme.truth import Switches

TOP = 4
MISTAKES, PROMISES = 80, 81  # streams
BENEFIT_COSTS = (180, 220, 600, 350, 600)  # pence: welcome gift, birthday gift, tasting evening, express delivery, personal roast
LOWEST = (0, 0, 2, 3, 4)  # the lowest tier that has each benefit


@dataclass(frozen=True, slots=True, kw_only=True)
class Spells:
    """A value per spell; `until` is the last day, -1 while it lasts. `wrong` marks members filed one tier off, per customer."""

    customer: np.ndarray
    tier: np.ndarray
    since: np.ndarray
    until: np.ndarray
    wrong: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefits:
    """A value per benefit; moments in minutes since the window opened, -1 for what never came."""

    customer: np.ndarray
    benefit: np.ndarray
    promised: np.ndarray
    delivered: np.ndarray


def spells(history: History, switches: Switches, seed: int) -> Spells:
    people, n = history.people, len(history.people)
    rng = stream(seed, MISTAKES, 0)
    wrong = (rng.random(n) < truth.MISTIERED_SHARE) & (people.enrols < DAYS) & switches.mistiered
    step = np.where(rng.random(n) < 0.5, -1, 1)
    reviews = zip(REVIEWS, history.tiers, strict=True)
    steps = [_openings(history), *((day, np.where(is_member(people, day), tier, -1)) for day, tier in reviews)]
    customer, since, tier = (np.concatenate(columns) for columns in zip(*(_rows(day, tiers) for day, tiers in steps), strict=True))
    order = np.lexsort((since, customer))
    customer, since, tier = customer[order], since[order], tier[order]
    tier = np.where(wrong[customer], _off(tier, step[customer]), tier)
    first = np.r_[True, (customer[1:] != customer[:-1]) | (tier[1:] != tier[:-1])]
    customer, since, tier = customer[first], since[first], tier[first]
    return Spells(customer=customer, tier=tier, since=since, until=_ends(history, customer, since), wrong=wrong)


def _openings(history: History) -> tuple[np.ndarray, np.ndarray]:
    """The day the window opens for earlier members, else the day of joining, which is in the lowest tier."""
    enrols = history.people.enrols
    return np.maximum(enrols, 0), np.where(enrols < 0, history.first_tiers, np.where(enrols < DAYS, 0, -1))


def _rows(day: int | np.ndarray, tiers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    member = np.flatnonzero(tiers >= 0)
    return member, np.broadcast_to(day, tiers.shape)[member], tiers[member]


def _off(tier: np.ndarray, step: np.ndarray) -> np.ndarray:
    """One tier off, inwards at the ends."""
    return np.where(tier == 0, 1, np.where(tier == TOP, TOP - 1, tier + step))


def _ends(history: History, customer: np.ndarray, since: np.ndarray) -> np.ndarray:
    following = np.r_[np.where(customer[1:] == customer[:-1], since[1:] - 1, NEVER), NEVER]
    leaves = (history.people.enrols + history.people.leaves)[customer] - 1
    end = np.minimum(following, leaves)
    return np.where(end < DAYS, np.maximum(end, since), -1)


def benefits(history: History, filed: Spells, switches: Switches, seed: int) -> Benefits:
    """Welcome and birthday gifts for all; what the higher tiers add, once a spell."""
    people, rng = history.people, stream(seed, PROMISES, 0)
    joiners = np.flatnonzero((people.enrols >= 0) & (people.enrols < DAYS - 14))
    parts = [(joiners, np.zeros_like(joiners), people.enrols[joiners] + 7), *_birthdays(history)]
    for benefit in (2, 3, 4):
        mine = np.flatnonzero((filed.tier >= LOWEST[benefit]) & (filed.since < DAYS - 40))
        parts.append((filed.customer[mine], np.full(len(mine), benefit), filed.since[mine] + 30))
    customer, benefit, day = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((benefit, customer, day))
    promised = day[order] * 1440 + 18 * 60
    broken = (rng.random(len(day)) < truth.BROKEN_PROMISES) & switches.broken_promises
    late, early = promised + (1 + rng.exponential(8, len(day))) * 1440, promised - rng.random(len(day)) * 4 * 1440
    never = broken & (rng.random(len(day)) < 0.25)
    delivered = np.where(never, -1, np.where(broken, late, early)).astype(np.int64)
    return Benefits(customer=customer[order], benefit=benefit[order], promised=promised, delivered=delivered)


def _birthdays(history: History) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """A gift by the tenth of the birthday month."""
    people, parts = history.people, []
    for month in range(MONTHS):
        tenth = int(first_of(np.array(month))) + 9
        mine = np.flatnonzero(is_member(people, tenth) & (people.birth_month == (month + 10) % 12 + 1))
        parts.append((mine, np.full(len(mine), 1), np.full(len(mine), tenth)))
    return parts
