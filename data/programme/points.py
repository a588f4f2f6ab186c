"""The points ledger. Points earned in a month can be spent from the next month on and are gone a year after the month has ended;
they are spent oldest first. So a month is one step, for all members at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.programme.baskets import Lines, Orders
from data.programme.calendar import DAYS, MONTHS, first_of, month_of
from data.programme.causes import stream
from data.programme.people import pick
from data.programme.simulate import History

MULTIPLIERS = (1.0, 1.1, 1.25, 1.5, 2.0)  # points per pound, by tier
BLOCK = 50  # points are redeemed in blocks of this size
VALUE, COST = 2.0, 1.2  # pence per point: what it is worth to the member, what it costs the firm
LIFE = 12  # months
GOODWILL, GOODWILL_SHARE = 100, 0.0015  # points given by hand, and to what share of the orders
EARN, REDEEM, EXPIRE, ADJUST = range(4)
GIFTS, REWARD = 40, 41  # streams
REWARDS = (0.55, 0.20, 0.15, 0.10)  # voucher, product, gift, donation


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A value per movement, in order of time. `points` is positive but for corrections; `expires` is a day, -1 where there is none."""

    customer: np.ndarray
    day: np.ndarray
    minute: np.ndarray
    kind: np.ndarray
    points: np.ndarray
    reward: np.ndarray
    expires: np.ndarray


Move = tuple[np.ndarray, np.ndarray, np.ndarray, int, np.ndarray]  # customer, day, minute, kind, points


def earned(orders: Orders, lines: Lines) -> np.ndarray:
    """Points of each order: by the pound, times the tier's multiplier; none for orders of non-members."""
    net = np.bincount(lines.order, lines.net, len(orders))
    by_tier = np.array([*MULTIPLIERS, 0.0])[orders.tier]
    return np.floor(net / 100 * by_tier + 1e-9).astype(np.int64)


def ledger(history: History, seed: int) -> Ledger:
    """All movements. Held points are a matrix: month earned x customer."""
    orders, n = history.orders, len(history.people)
    points = earned(orders, history.lines)
    month, held = month_of(orders.day), np.zeros((MONTHS, n), dtype=np.int64)
    refunds = _refunded(history, points)
    moves: list[Move] = []
    for now in range(MONTHS):
        here = np.flatnonzero(month == now)
        moves += _expired(held, now)
        moves += _redeemed(held, orders, here[orders.redeems[here] & (orders.tier[here] >= 0)])
        moves += _earned(held, orders, here[points[here] > 0], points, now)
        moves += _given(held, orders, here[orders.tier[here] >= 0], now, stream(seed, GIFTS, now))
        moves += _taken_back(held, refunds, now)
    return _sorted(moves, stream(seed, REWARD, 0))


def _expired(held: np.ndarray, now: int) -> list[Move]:
    """What was earned a year and a month ago goes on the first of the month."""
    old = now - LIFE - 1
    if old < 0:
        return []
    customer = np.flatnonzero(held[old])
    gone = held[old, customer].copy()
    held[old] = 0
    day = np.full(len(customer), first_of(np.array(now)))
    return [(customer, day, np.zeros_like(day), EXPIRE, gone)]


def _redeemed(held: np.ndarray, orders: Orders, wanting: np.ndarray) -> list[Move]:
    """The month's first order that asks for it spends what whole blocks there are."""
    customer, first = np.unique(orders.customer[wanting], return_index=True)
    place, balance = wanting[first], held[:, customer].sum(axis=0)
    spent = balance // BLOCK * BLOCK
    can = spent > 0
    held[:, customer[can]] = oldest_first(held[:, customer[can]], spent[can])
    return [(customer[can], orders.day[place[can]], orders.minute[place[can]], REDEEM, spent[can])]


def oldest_first(held: np.ndarray, spent: np.ndarray) -> np.ndarray:
    """What is left of the points held (month earned x customer, oldest first) after so many are spent (per customer)."""
    before = np.cumsum(held, axis=0) - held
    return held - np.clip(spent - before, 0, held)


def _earned(held: np.ndarray, orders: Orders, here: np.ndarray, points: np.ndarray, now: int) -> list[Move]:
    np.add.at(held[now], orders.customer[here], points[here])
    return [(orders.customer[here], orders.day[here], orders.minute[here], EARN, points[here])]


def _given(held: np.ndarray, orders: Orders, here: np.ndarray, now: int, rng: np.random.Generator) -> list[Move]:
    """Goodwill, given by hand."""
    lucky = here[rng.random(len(here)) < GOODWILL_SHARE]
    amount = np.full(len(lucky), GOODWILL)
    np.add.at(held[now], orders.customer[lucky], amount)
    return [(orders.customer[lucky], orders.day[lucky], np.minimum(orders.minute[lucky] + 30, 1439), ADJUST, amount)]


def _refunded(history: History, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Customer, day and points of each refunded line of a member, its share of the order's points."""
    lines, orders = history.lines, history.orders
    net = np.bincount(lines.order, lines.net, len(orders))
    back = np.flatnonzero((lines.returned >= 0) & (lines.returned < DAYS) & (points[lines.order] > 0))
    order = lines.order[back]
    share = np.floor(points[order] * lines.net[back] / np.maximum(net[order], 1)).astype(np.int64)
    return orders.customer[order], lines.returned[back], share


def _taken_back(held: np.ndarray, refunds: tuple[np.ndarray, np.ndarray, np.ndarray], now: int) -> list[Move]:
    """A refund takes points back as far as the month's own reach; a balance never falls below zero."""
    customer, day, points = refunds
    here = np.flatnonzero((month_of(day) == now) & (points > 0))
    _, first = np.unique(customer[here], return_index=True)
    mine = here[first]
    back = np.minimum(points[mine], held[now, customer[mine]])
    mine, back = mine[back > 0], back[back > 0]
    held[now, customer[mine]] -= back
    return [(customer[mine], _last_of_month(day[mine], now), np.full(len(mine), 1380), ADJUST, -back)]


def _last_of_month(day: np.ndarray, now: int) -> np.ndarray:
    """Corrections are booked at the month's close, when everything it brought is there."""
    return np.full(len(day), first_of(np.array(now + 1)) - 1)


def _sorted(moves: list[Move], rng: np.random.Generator) -> Ledger:
    customer, day, minute, points = (np.concatenate([move[i] for move in moves]) for i in (0, 1, 2, 4))
    kind = np.concatenate([np.full(len(move[0]), move[3]) for move in moves])
    order = np.lexsort((kind, customer, minute, day))
    customer, day, minute, kind, points = (column[order] for column in (customer, day, minute, kind, points))
    return Ledger(
        customer=customer,
        day=day,
        minute=minute,
        kind=kind,
        points=points,
        reward=np.where(kind == REDEEM, pick(rng, REWARDS, len(kind)), -1),
        expires=np.where(kind == EARN, first_of(month_of(day) + LIFE + 1) - 1, -1),
    )
