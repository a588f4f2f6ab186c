"""Sales to offices: deals won, lost and open; contracts and whether they were renewed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.programme import truth
from data.programme.calendar import DAYS
from data.programme.causes import stream
from data.programme.people import People
from data.programme.truth import Switches

DEALS_A_YEAR = 1.3
SPREAD = 0.45  # standard deviation of the log of a deal's length
AMOUNT = 36_000  # median pence of a deal
MARGIN = 0.38
LOST, OPEN, WON = range(3)
DEALS, RENEWALS, INVOICES = 70, 71, 72  # streams


@dataclass(frozen=True, slots=True, kw_only=True)
class Deals:
    """A value per deal. `closed` is -1 while open; `stage` counts the open stages, -1 where it is closed."""

    customer: np.ndarray
    opened: np.ndarray
    closed: np.ndarray
    state: np.ndarray
    stage: np.ndarray
    amount: np.ndarray
    category: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewals:
    """A value per office with a contract that came up for renewal. `change`: of price, per cent; `invoice` drives nothing."""

    customer: np.ndarray
    months: np.ndarray
    deliveries: np.ndarray
    change: np.ndarray
    late: np.ndarray
    invoice: np.ndarray
    churned: np.ndarray


def deals(people: People, switches: Switches, seed: int) -> Deals:
    """Won or lost and how long it takes are drawn apart, so that open deals hide neither."""
    rng = stream(seed, DEALS, 0)
    offices = np.flatnonzero(people.office)
    customer = np.repeat(offices, rng.poisson(DEALS_A_YEAR * (DAYS - np.maximum(people.created[offices], 0)) / 365))
    n, industry = len(customer), people.industry[customer]
    since = np.maximum(people.created[customer], 0)
    opened = (since + rng.random(n) * (DAYS - since)).astype(np.int64)
    win, days = _by_industry(industry, switches)
    closed = opened + np.maximum(1, np.round(days * np.exp(SPREAD * rng.normal(0, 1, n)))).astype(np.int64)
    won, done = rng.random(n) < win, closed < DAYS
    age = np.clip((DAYS - opened) / days, 0, 2.99)
    return Deals(
        customer=customer,
        opened=opened,
        closed=np.where(done, closed, -1),
        state=np.where(done, np.where(won, WON, LOST), OPEN),
        stage=np.where(done, -1, np.floor(age).astype(np.int64)),
        amount=np.round(AMOUNT * np.exp(0.55 * rng.normal(0, 1, n)), -2).astype(np.int64),
        category=people.category[customer],
    )


def _by_industry(industry: np.ndarray, switches: Switches) -> tuple[np.ndarray, np.ndarray]:
    if switches.win_rate:
        return np.array(truth.WIN_RATE)[industry], np.array(truth.CYCLE_DAYS)[industry]
    return np.full(len(industry), truth.USUAL_WIN_RATE), np.full(len(industry), truth.USUAL_CYCLE_DAYS)


def renewals(people: People, switches: Switches, seed: int) -> Renewals:
    """Offices that had been customers for a year: one row each, without dates."""
    rng = stream(seed, RENEWALS, 0)
    customer = np.flatnonzero(people.office & (people.created < DAYS - 365))
    n = len(customer)
    months, deliveries = np.array([12, 24, 36])[rng.integers(0, 3, n)], 1 + rng.poisson(2.0, n)
    change, late = np.round(rng.normal(3.0, 3.0, n), 1), rng.poisson(0.9, n)
    contract = truth.RENEWAL_MONTH * (months - 12) + truth.RENEWAL_DELIVERY * deliveries
    added = contract + truth.RENEWAL_PRICE * change + truth.RENEWAL_LATE * late
    logit = truth.RENEWAL_ODDS + (added if switches.renewal_drivers else added.mean())
    return Renewals(
        customer=customer,
        months=months,
        deliveries=deliveries,
        change=change,
        late=late,
        invoice=(stream(seed, INVOICES, 0).random(n) < 0.6).astype(np.int64),
        churned=rng.random(n) < 1 / (1 + np.exp(-logit)),
    )
