"""Order lines of customers who come, stay and buy, at prices that hang on product, day and channel, on quantity and on luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.models.price_gap import Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceWorld:
    """lines; regular: (n,) of customers who were regulars by then; category (n,)"""

    lines: Lines
    regular: np.ndarray
    category: np.ndarray


def price_world(seed: int, *, customers: int = 2_000, gap: float = 0.0, categories: int = 6) -> PriceWorld:
    """gap: what regulars pay more in category 0.

    Everybody has habits that make lines of a customer alike (some always have a coupon), regulars buy larger quantities, which cost
    less a unit, and later, when prices are higher.
    """
    rng = np.random.default_rng(seed)
    n = customers * 12
    customer = rng.integers(0, customers, n)
    regular_from, day = rng.integers(0, 400, customers), np.sort(rng.integers(0, 200, n))
    regular = day > regular_from[customer]
    category = rng.integers(0, categories, n)
    product = category * 4 + rng.integers(0, 4, n)
    quantity = 1 + rng.poisson(0.4 + 0.4 * regular)
    coupons = rng.random(customers) < 0.2
    cut = np.where(rng.random(n) < np.where(coupons, 0.8, 0.1)[customer], rng.choice([0.10, 0.15, 0.20], n), 0.0)
    price = np.log(10.0 + product) + 0.001 * day - 0.03 * np.log(quantity) + np.log1p(-cut) + 0.01 * rng.normal(size=n)
    price += np.log1p(gap) * (regular & (category == 0))
    lines = Lines(price=price, size=np.log(quantity), cell=product * 200 + day // 2, customer=customer)
    return PriceWorld(lines=lines.at(np.arange(n)), regular=regular, category=category)
