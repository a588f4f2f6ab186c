"""Customers who come and go in equilibrium: whoever looks at any month end sees the same kind of crowd."""

import numpy as np
import pandas as pd

MONTHS, WINDOW = 48.0, 12.0


def steady_world(seed: int, *, n: int = 3_000, slowed: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The customers at the ends of months 36 and 48, by their orders of the twelve months before.

    slowed  share of the customers who from month 36 on buy a third as often; 0 is a world without drift
    """
    rng = np.random.default_rng(seed)
    born = rng.uniform(-36, MONTHS, n)
    until = born + rng.exponential(20, n)
    rate = rng.gamma(1.2, 0.5, n)
    slow = rng.random(n) < slowed
    orders = []
    for who in range(n):
        start, end = max(born[who], 0.0), max(min(until[who], MONTHS), born[who], 0.0)
        times = np.sort(rng.uniform(start, end, rng.poisson(rate[who] * (end - start))))
        kept = (times < 36) | ~slow[who] | (rng.random(len(times)) < 1 / 3)
        orders.append(times[kept])
    basket = rng.lognormal(3.0, 0.5, n)
    return _seen(orders, born, basket, 36.0), _seen(orders, born, basket, 48.0)


def _seen(orders: list[np.ndarray], born: np.ndarray, basket: np.ndarray, at: float) -> pd.DataFrame:
    rows = []
    for times, start, money in zip(orders, born, basket, strict=True):
        inside = times[(times <= at) & (times > at - WINDOW)]
        if len(inside):
            days = round(30.4 * (at - inside[-1])), round(30.4 * (at - max(start, 0.0)))
            rows.append((days[0], len(inside), len(inside) * money, days[1]))
    return pd.DataFrame(rows, columns=["recency_days", "orders", "amount", "tenure_days"]).astype(float)
