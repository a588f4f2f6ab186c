"""Worlds of customers who earn points at purchases and take a reward at one of those they can: with and without pressure."""

from __future__ import annotations

import numpy as np

from analytics.models.hazard import Visits

DAYS = 728
NEEDED, EARNED = 100, 20  # points for a reward, and on average for a purchase
LEAVES = 0.02  # chance to be gone for good after a purchase
TAKES = 0.5  # chance to take it at a purchase, once the balance allows


def rewards_world(seed: int, *, pressure: float = 1.0, dip: float = 1.0, n: int = 1_000) -> Visits:
    """Days bought and rewards taken. Rates differ by customer and by season, customers come, and leave after a purchase.

    pressure  the rate is multiplied by it while a reward is about three weeks of usual buying away
    dip       the rate is multiplied by it for three weeks after a reward
    """
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.5, 0.3 / 7, n)
    comes = np.where(rng.random(n) < 0.5, 0, rng.integers(0, DAYS // 2, n))
    stays = np.full(n, True)
    day = np.arange(DAYS)
    season = 1 + 0.3 * np.sin(2 * np.pi * day / 365) + 0.6 * (day % 365 > 330)
    balance, taken, rows = np.zeros(n), np.full(n, -99), []
    for now in range(DAYS):
        near = (balance < NEEDED) & (NEEDED - balance <= 21 * rate * EARNED)
        at = rate * season[now] * np.where(near, pressure, 1.0) * np.where(now - taken <= 21, dip, 1.0)
        buys = (rng.random(n) < 1 - np.exp(-at)) & (comes <= now) & stays
        takes = buys & (balance >= NEEDED) & (rng.random(n) < TAKES)
        balance[takes] -= balance[takes] // 50 * 50
        taken[takes] = now
        stays &= ~(buys & (rng.random(n) < LEAVES))
        points = rng.lognormal(np.log(EARNED) - 0.125, 0.5, int(buys.sum()))
        balance[buys] += points
        rows.append((np.flatnonzero(buys), takes[buys], balance[buys], points))
    customer, takes, held, earned = (np.concatenate([row[at] for row in rows]) for at in range(4))
    when = np.repeat(day, [len(row[0]) for row in rows])
    order = np.lexsort((when, customer))
    columns = {"customer": customer, "day": when, "rewarded": takes, "balance": held, "earned": earned}
    return Visits(**{name: values[order] for name, values in columns.items()}, need=NEEDED)
