"""Who the customers are before anything happens: where from, how often they buy, when they would join."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.programme import truth
from data.programme.calendar import DAYS, WEIGHT, month_end, month_starts
from data.programme.truth import Switches

NEVER = 10_000  # a day that does not come
OFFICES = 0.06  # share of customers that are companies
EARLIER = 0.45  # share of customers who came before the window
REGIONS, CITIES = (0.30, 0.24, 0.19, 0.15, 0.12), 3
SOURCES = (0.36, 0.22, 0.17, 0.10, 0.15)  # the fifth is recommended by a friend
GENDERS = (0.53, 0.40, 0.07)
INDUSTRIES = (0.26, 0.20, 0.14, 0.14, 0.12, 0.14)
CATEGORIES = (0.34, 0.22, 0.12, 0.12, 0.09, 0.11)
CHANNELS = (0.48, 0.30, 0.22)  # store, online, app
OFFICE_SALES = 3
FLIGHTY, FLIGHTY_EARLIER = 0.38, 0.15  # share of customers who soon look elsewhere; fewer among those still on file from before
RATE_SHAPE, RATE_MEAN = 1.1, 0.225  # orders a week of one who has not dropped out
JOINS_EARLY, JOINS_BY_LEVEL = 0.56, 1.2  # of the earlier customers: enrolled before the window, heavy buyers far likelier
# Of the others, by preferred channel (store, online, app, office): how likely they are to join, how long they wait, how often they buy. So
# heavy buyers join more and sooner, through something the data shows; within a channel joining hangs on nothing.
JOINS_LATER, WAITS, BUYS = (0.66, 0.78, 0.92, 0.0), (1.15, 0.95, 0.75, 1.0), (0.82, 1.02, 1.42, 1.0)
ENROLS_FROM, ENROLS_UNTIL = 4, 22  # months of the window in which people enrol
LOT = 0.5  # without the switch `selection`: of the earlier customers, enrolled before the window; of the others of them, within it


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One array each, a value per customer. Days count from the window's first; `enrols` is NEVER for those who do not.

    rate     orders a week in an average week, while still a customer
    dropout  chance to be gone after an order
    starts   whether they are still customers when the window opens, or come in it
    in_test  whether drawn for the campaign, if active then; treated or withheld by lot
    leaves   days of membership after which it is cancelled; NEVER for nearly all
    """

    office: np.ndarray
    created: np.ndarray
    rate: np.ndarray
    dropout: np.ndarray
    starts: np.ndarray
    enrols: np.ndarray
    leaves: np.ndarray
    category: np.ndarray
    channel: np.ndarray
    region: np.ndarray
    city: np.ndarray
    source: np.ndarray
    gender: np.ndarray
    birth_year: np.ndarray
    birth_month: np.ndarray
    industry: np.ndarray
    consent: np.ndarray
    friend: np.ndarray
    mood: np.ndarray
    in_test: np.ndarray
    treated: np.ndarray

    def __len__(self) -> int:
        return len(self.office)


def pick(rng: np.random.Generator, shares: tuple[float, ...], n: int) -> np.ndarray:
    """Indices drawn with these shares."""
    return np.minimum(np.searchsorted(np.cumsum(shares), rng.random(n), side="right"), len(shares) - 1)


def people(seed: int, n: int, switches: Switches) -> People:
    rng = np.random.default_rng([seed, 1])
    office = np.arange(n) % round(1 / OFFICES) == 7
    created = _created(rng, n)
    flighty = (rng.random(n) < np.where(created < 0, FLIGHTY_EARLIER, FLIGHTY)) & ~office
    dropout = np.where(flighty, rng.beta(2.0, 3.5, n), np.where(office, 0.002, 0.006))
    channel = np.where(office, OFFICE_SALES, pick(rng, CHANNELS, n))
    rate = np.where(office, rng.gamma(2.0, 0.04, n), rng.gamma(RATE_SHAPE, RATE_MEAN / RATE_SHAPE, n)) * np.array(BUYS)[channel] + 0.004
    starts = (created >= 0) | (rng.random(n) < np.where(flighty, 0.10, 0.92))
    source = pick(rng, SOURCES, n)
    chosen = np.where(office, NEVER, _enrols(rng, rate, created, channel))  # drawn in any case: nothing after it is drawn otherwise
    found = People(
        office=office,
        created=created,
        rate=rate,
        dropout=dropout,
        starts=starts,
        enrols=chosen if switches.selection else _by_lot(seed, created),
        leaves=np.where(rng.random(n) < 0.04, rng.integers(120, 480, n), NEVER),
        category=pick(rng, CATEGORIES, n),
        channel=channel,
        region=pick(rng, REGIONS, n),
        city=pick(rng, (0.5, 0.3, 0.2), n),
        source=source,
        gender=np.where(office, 2, pick(rng, GENDERS, n)),
        birth_year=np.clip(rng.normal(1985, 12, n), 1942, 2007).astype(np.int64),
        birth_month=rng.integers(1, 13, n),
        industry=np.where(office, pick(rng, INDUSTRIES, n), -1),
        consent=rng.random(n) < 0.78,
        friend=_friends(rng, source, n),
        mood=rng.normal(0, 1, n),
        in_test=(rng.random(n) < truth.CAMPAIGN_SHARE) & ~office,
        treated=rng.random(n) < 0.5,
    )
    return replace(found, dropout=_dropout(found, switches))


def _dropout(people: People, switches: Switches) -> np.ndarray:
    """The chance to be gone after an order, with what drives leaving."""
    young = truth.YOUNG_DROPOUT * (is_young(people) & switches.young_leave)
    better = in_better_months(people.created) & switches.better_cohort
    return np.minimum(people.dropout + young, 1.0) * np.where(better, truth.BETTER_DROPOUT, 1.0)


def is_young(people: People) -> np.ndarray:
    return (people.birth_year > truth.YOUNG_BORN_AFTER) & ~people.office


def in_better_months(created: np.ndarray) -> np.ndarray:
    starts = month_starts()
    first = [(year - 2024) * 12 + month - 11 for year, month in truth.BETTER_MONTHS]
    return np.any([(created >= starts[m]) & (created < starts[m + 1]) for m in first], axis=0)


def _created(rng: np.random.Generator, n: int) -> np.ndarray:
    """Sorted days of the first purchase: three years before the window, then along the season, a little more each month."""
    earlier = rng.random(n) < EARLIER
    days = WEIGHT * np.linspace(1.0, 1.25, DAYS)
    inside = np.searchsorted(np.cumsum(days / days.sum()), rng.random(n), side="right")
    return np.sort(np.where(earlier, -1 - (rng.random(n) ** 1.3 * 1095).astype(np.int64), np.minimum(inside, DAYS - 1)))


def _enrols(rng: np.random.Generator, rate: np.ndarray, created: np.ndarray, channel: np.ndarray) -> np.ndarray:
    """The day of joining. Before the window selection was on the level itself; within it, on what the preferred channel says of it."""
    n = len(rate)
    level = np.argsort(np.argsort(rate)) / n - 0.5
    before = (created < -20) & (rng.random(n) < JOINS_EARLY + JOINS_BY_LEVEL * level)
    early_day = (created * rng.random(n)).astype(np.int64)
    starts = month_starts()
    first, last = starts[ENROLS_FROM - 1], starts[ENROLS_UNTIL] - 1
    wait = np.where(rng.random(n) < 0.2, 0, rng.gamma(1.5, 140, n)) * np.array(WAITS)[channel]
    from_start = first + rng.beta(1.0, 1.25, n) * np.array(WAITS)[channel] * (last - first)
    day = np.where(created < 0, from_start, created + wait).astype(np.int64)
    joins = (rng.random(n) < np.array(JOINS_LATER)[channel]) & (day >= first) & (day <= last)
    return np.where(before, np.minimum(early_day, -1), np.where(joins, day, NEVER))


def _by_lot(seed: int, created: np.ndarray) -> np.ndarray:
    """The day of joining when it hangs on nothing: a lot for the earlier customers, offices too; the others join at their first purchase.

    A newcomer who never joined would bring less than a member for being there for less of the window: that would be selection, too.
    """
    rng, n, starts = np.random.default_rng([seed, 1, 1]), len(created), month_starts()
    first, last = starts[ENROLS_FROM - 1], starts[ENROLS_UNTIL] - 1
    before, within = rng.random(n) < LOT, rng.random(n) < LOT
    early, day = (created * rng.random(n)).astype(np.int64), rng.integers(first, last + 1, n)
    earlier = np.where(before, np.minimum(early, -1), np.where(within, day, NEVER))
    return np.where(created < 0, earlier, np.maximum(created, first))


def _friends(rng: np.random.Generator, source: np.ndarray, n: int) -> np.ndarray:
    """Who recommended: an earlier customer, for those who came that way; else -1."""
    earlier = (np.arange(n) * rng.random(n) ** 0.7).astype(np.int64)
    return np.where((source == 4) & (np.arange(n) > 0), earlier, -1)


def months_after(enrolled: np.ndarray) -> np.ndarray:
    """The first day of the calendar month after enrolment."""
    return month_end(np.minimum(enrolled, NEVER)) + 1
