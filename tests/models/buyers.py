"""Worlds of buyers whose future is known, made order by order from the stories that the models tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST = 400  # orders that are drawn for each customer: more than any of these worlds needs


@dataclass(frozen=True, kw_only=True)
class World:
    """(n,) each, in weeks: repeat orders, first to last order, first order to today; still a customer or not; orders of the weeks ahead."""

    x: np.ndarray
    t_x: np.ndarray
    T: np.ndarray
    alive: np.ndarray
    coming: np.ndarray


def geometric(rng: np.random.Generator, at: tuple[float, ...], T: np.ndarray, ahead: float, *, at_first: bool) -> World:
    """Orders at a personal rate; after each one (the first included or not) the customer stops with a personal probability."""
    r, alpha, a, b = at
    rate, stop = rng.gamma(r, 1 / alpha, len(T)), rng.beta(a, b, len(T)).clip(1e-9)
    made = np.arange(MOST) < (rng.geometric(stop) - at_first)[:, None]
    return _seen(_times(rng, rate), made, T, ahead)


def lasting(rng: np.random.Generator, at: tuple[float, ...], T: np.ndarray, ahead: float) -> World:
    """Orders at a personal rate until a personal, exponential end."""
    r, alpha, s, beta = at
    rate, ends = rng.gamma(r, 1 / alpha, len(T)), rng.exponential(1 / rng.gamma(s, 1 / beta, len(T)))
    times = _times(rng, rate)
    return _seen(times, times <= ends[:, None], T, ahead, alive=ends > T)


def _times(rng: np.random.Generator, rate: np.ndarray) -> np.ndarray:
    return rng.exponential(1 / rate.clip(1e-12)[:, None], (len(rate), MOST)).cumsum(axis=1)


def _seen(times: np.ndarray, made: np.ndarray, T: np.ndarray, ahead: float, *, alive: np.ndarray | None = None) -> World:
    known = made & (times <= T[:, None])
    x = known.sum(axis=1)
    return World(
        x=x.astype(float),
        t_x=np.where(known, times, 0.0).max(axis=1),
        T=T,
        alive=made.sum(axis=1) > x if alive is None else alive,  # who stops, stops right after an order
        coming=(made & (times > T[:, None]) & (times <= T[:, None] + ahead)).sum(axis=1).astype(float),
    )
