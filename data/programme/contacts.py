"""Messages and calls to customers.

How often one is written to changes every eight weeks by lot, so that fatigue can be told from liking.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.programme import truth
from data.programme.calendar import DAYS, MONTH_OF, day_of
from data.programme.causes import stream
from data.programme.people import People, pick
from data.programme.truth import Switches

SLOT_DAYS = (4, 0)  # each week's mailings: Tuesday and Friday, counted from Friday
PRESSURE, PRESSURE_SHARES = np.array([0.03, 0.12, 0.35, 0.85]), (0.54, 0.30, 0.11, 0.05)  # chance of a contact in a slot
BLOCK_SLOTS = 16
LOOKBACK = 7  # slots in the 28 days before
PHONE = 3
MEDIA = (0.62, 0.22, 0.12, 0.04)
COSTS = (0.4, 0.2, 4.5, 210)  # pence a contact
NEWSLETTER, PRESSED, SENT = 50, 51, 52  # streams


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """A value per contact, in order of time.

    month   numbers the newsletter, -1 is the tested campaign
    before  contacts in the 28 days before
    """

    customer: np.ndarray
    day: np.ndarray
    minute: np.ndarray
    medium: np.ndarray
    month: np.ndarray
    responded: np.ndarray
    opted_out: np.ndarray
    minutes: np.ndarray
    before: np.ndarray


def contacts(people: People, switches: Switches, seed: int) -> Contacts:
    n = len(people)
    open_to, recent = people.consent & ~people.office, np.zeros((LOOKBACK, n), dtype=np.int8)
    slots = sorted(week * 7 + day for week in range(-(-DAYS // 7)) for day in SLOT_DAYS if week * 7 + day < DAYS)
    parts = []
    for slot, day in enumerate(slots):
        block, rng = slot // BLOCK_SLOTS, stream(seed, SENT, slot)
        if slot % BLOCK_SLOTS == 0:
            pressure = PRESSURE[pick(stream(seed, PRESSED, block), PRESSURE_SHARES, n)]
        tested = _in_campaign(people, day)
        chance = np.where(tested, np.maximum(pressure, 0.5), pressure)
        reached = np.flatnonzero(open_to & (people.created < day) & (rng.random(n) < chance))
        part = _answers(rng, reached, day, recent.sum(axis=0)[reached], tested[reached], switches)
        open_to[part.customer[part.opted_out]] = False
        recent[slot % LOOKBACK] = np.bincount(reached, minlength=n)
        parts.append(part)
    return Contacts(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in Contacts.__slots__})


def _in_campaign(people: People, day: int) -> np.ndarray:
    start = day_of(truth.CAMPAIGN_FROM)
    return people.in_test & people.treated & (start <= day < start + truth.CAMPAIGN_DAYS)


def _answers(
    rng: np.random.Generator, reached: np.ndarray, day: int, before: np.ndarray, tested: np.ndarray, switches: Switches
) -> Contacts:
    """Who responds and who opts out, given the contacts of the 28 days before."""
    n = len(reached)
    excess = np.maximum(before - truth.FREE_CONTACTS, 0) * switches.contact_fatigue
    medium = pick(rng, MEDIA, n)
    order = np.argsort(minute := (9 * 60 + rng.integers(0, 540, n)), kind="stable")
    return Contacts(
        customer=reached[order],
        day=np.full(n, day),
        minute=minute[order],
        medium=medium[order],
        month=np.where(tested, -1, MONTH_OF[day])[order],
        responded=(rng.random(n) < truth.RESPONSE * truth.CONTACT_FATIGUE**excess)[order],
        opted_out=(rng.random(n) < truth.OPT_OUT * truth.OPT_OUT_RISE**excess)[order],
        minutes=np.where(medium == PHONE, np.clip(rng.gamma(2.0, 2.5, n), 0.5, 40), 0.0)[order],
        before=before[order].astype(np.int64),
    )
