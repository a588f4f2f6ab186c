"""Surveys, complaints, tickets and reviews, and how long the answers took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.programme import truth
from data.programme.baskets import Orders
from data.programme.causes import stream
from data.programme.people import People, pick
from data.programme.truth import Switches

NPS, CSAT, COMPLAINT, TICKET, REVIEW = range(5)
# Share of orders that are followed by each; complaints are far likelier after a late delivery.
SHARES = {NPS: 0.030, CSAT: 0.022, COMPLAINT: 0.006, TICKET: 0.026, REVIEW: 0.014}
LATE_COMPLAINT = 0.12
TOPICS = (0.30, 0.26, 0.20, 0.10, 0.14)  # delivery, product, points and rewards, billing, app
HOURS = np.array([9.0, 14.0, 20.0, 26.0, 11.0])  # median hours to the first answer, by topic
SPREAD = 0.75  # standard deviation of the log of hours
UNFAIR = 5  # a topic of complaints only: unequal treatment
UNFAIR_SHARE = 0.10
SILENT = (1.0, 0.6, 0.06, 0.06, 0.5)  # share that gets no answer, by kind
MOODS = 60  # stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """A value per piece of feedback, in order of time; moments in minutes since the window opened, -1 for none; `score` -1 for none."""

    customer: np.ndarray
    at: np.ndarray
    kind: np.ndarray
    score: np.ndarray
    expected: np.ndarray
    topic: np.ndarray
    sentence: np.ndarray
    answered: np.ndarray
    resolved: np.ndarray


def feedback(people: People, orders: Orders, switches: Switches, seed: int) -> Feedback:
    rng = stream(seed, MOODS, 0)
    place, kind = _written(rng, orders)
    at = (orders.day[place] * 1440 + orders.minute[place] + rng.integers(300, 9 * 1440, len(place))).astype(np.int64)
    order = np.lexsort((place, at))
    place, kind, at = place[order], kind[order], at[order]
    customer, late = orders.customer[place], is_late(orders)[place]
    topic = _topics(rng, kind, late)
    score = _scores(rng, people, customer, kind, late)
    answered, resolved = _times(rng, people, customer, at, kind, topic, switches)
    return Feedback(
        customer=customer,
        at=at,
        kind=kind,
        score=score,
        expected=np.where(kind == CSAT, rng.integers(3, 6, len(at)), -1),
        topic=topic,
        sentence=rng.integers(0, 1 << 30, len(at)),
        answered=answered,
        resolved=resolved,
    )


def is_late(orders: Orders) -> np.ndarray:
    return (orders.promised >= 0) & (orders.delivered > orders.promised)


def _written(rng: np.random.Generator, orders: Orders) -> tuple[np.ndarray, np.ndarray]:
    """Places of orders that are followed by feedback, and its kind."""
    late, places, kinds = is_late(orders), [], []
    for kind, share in SHARES.items():
        chance = np.where(late, LATE_COMPLAINT, share) if kind == COMPLAINT else share
        here = np.flatnonzero(rng.random(len(orders)) < chance)
        places.append(here)
        kinds.append(np.full(len(here), kind))
    return np.concatenate(places), np.concatenate(kinds)


def _topics(rng: np.random.Generator, kind: np.ndarray, late: np.ndarray) -> np.ndarray:
    n = len(kind)
    topic = np.where(late & (rng.random(n) < 0.7), 0, pick(rng, TOPICS, n))
    return np.where((kind == COMPLAINT) & ~late & (rng.random(n) < UNFAIR_SHARE), UNFAIR, topic)


def _scores(rng: np.random.Generator, people: People, customer: np.ndarray, kind: np.ndarray, late: np.ndarray) -> np.ndarray:
    """0-10 for NPS, 1-5 for satisfaction and reviews, none for complaints and tickets."""
    feeling = 0.7 * people.mood[customer] + rng.normal(0, 0.7, len(kind)) - 0.9 * late
    ten = np.clip(np.round(7.9 + 1.9 * feeling), 0, 10)
    five = np.clip(np.round(4.0 + 0.9 * feeling), 1, 5)
    return np.select([kind == NPS, (kind == CSAT) | (kind == REVIEW)], [ten, five], -1).astype(np.int64)


def _times(
    rng: np.random.Generator,
    people: People,
    customer: np.ndarray,
    at: np.ndarray,
    kind: np.ndarray,
    topic: np.ndarray,
    switches: Switches,
) -> tuple[np.ndarray, np.ndarray]:
    """First answer and solution. The gap: one gender in one region waits longer, whatever the topic."""
    n = len(at)
    group = (people.gender[customer] == truth.SERVICE_GAP_GENDER) & (people.region[customer] == truth.SERVICE_GAP_REGION)
    slower = np.where(group & switches.service_gap, truth.SERVICE_GAP, 1.0)
    hours = HOURS[np.minimum(topic, 4)]
    first = hours * slower * np.exp(SPREAD * rng.normal(0, 1, n))
    more = 1.6 * hours * slower * np.exp(SPREAD * rng.normal(0, 1, n))
    silent = rng.random(n) < np.array(SILENT)[kind]
    answered = np.where(silent, -1, at + first * 60).astype(np.int64)
    closes = ~silent & ((kind == COMPLAINT) | (kind == TICKET)) & (rng.random(n) > 0.05)
    return answered, np.where(closes, answered + more * 60, -1).astype(np.int64)
