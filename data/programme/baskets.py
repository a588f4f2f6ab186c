"""What is in an order: products, quantities, prices, discounts, margins. Money is in pence; Chinese files multiply it by a whole number."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from data.programme import truth
from data.programme.calendar import day_of
from data.programme.people import CATEGORIES, People, pick
from data.programme.truth import Switches

PRODUCTS = 7  # in each category
PRODUCT_SHARES = (0.24, 0.20, 0.17, 0.14, 0.11, 0.08, 0.06)
# Pounds; each 1 + a multiple of 1.25, so that eight times as much is a price ending in 8 yuan.
PRICES = (
    (7.25, 8.50, 8.50, 9.75, 11.00, 12.25, 14.75),  # coffee
    (4.75, 6.00, 6.00, 7.25, 8.50, 11.00, 17.25),  # tea
    (12.25, 16.00, 18.50, 23.50, 28.50, 37.25, 62.25),  # brewing gear
    (6.00, 8.50, 9.75, 11.00, 13.50, 16.00, 21.00),  # cups and mugs
    (16.00, 18.50, 21.00, 24.75, 28.50, 37.25, 49.75),  # gift boxes
    (3.50, 3.50, 4.75, 4.75, 6.00, 7.25, 9.75),  # biscuits and chocolate
)
PENCE = np.round(np.array(PRICES).ravel() * 100).astype(np.int64)
COST_SHARES = (0.50, 0.45, 0.60, 0.54, 0.52, 0.55)  # cost of goods, of the list price
RISE_CATEGORY, RISE_DAY, RISE = 2, day_of(truth.FIRST.replace(year=2025, month=9, day=1)), 125  # a price rise everybody pays
CUTS = np.array([10, 15, 20])
FAVOURITE = 0.5  # chance that a line is of the customer's favourite category, whatever the others
RETURNED = 0.02
OFFICE_QUANTITY = 3


@dataclass(slots=True, kw_only=True)
class Orders:
    """One array each, a value per order. `cause` and `lost` are Causes; `late` is whether it came after the promise."""

    customer: np.ndarray
    day: np.ndarray
    minute: np.ndarray
    cause: np.ndarray
    lost: np.ndarray
    channel: np.ndarray
    cut: np.ndarray
    regular: np.ndarray
    tier: np.ndarray
    redeems: np.ndarray
    promised: np.ndarray
    delivered: np.ndarray

    def __len__(self) -> int:
        return len(self.customer)


@dataclass(slots=True, kw_only=True)
class Lines:
    """One array each, a value per order line; `order` is the order's place. `returned` is the day of the refund, or -1."""

    order: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    each: np.ndarray
    discount: np.ndarray
    net: np.ndarray
    margin: np.ndarray
    returned: np.ndarray


T = TypeVar("T", Orders, Lines)


def taken(rows: T, chosen: np.ndarray) -> T:
    """The chosen rows, by mask or by place."""
    return type(rows)(**{item.name: getattr(rows, item.name)[chosen] for item in fields(rows)})


def joined(parts: list[T]) -> T:
    kind = type(parts[0])
    return kind(**{item.name: np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(kind)})


def fill(rng: np.random.Generator, people: People, orders: Orders, switches: Switches) -> Lines:
    """The lines of each order, in order of orders."""
    counts = 1 + rng.poisson(0.62, len(orders))
    order = np.repeat(np.arange(len(orders)), counts)
    n, customer, day = len(order), orders.customer[order], orders.day[order]
    category = np.where(rng.random(n) < FAVOURITE, people.category[customer], pick(rng, CATEGORIES, n))
    product = category * PRODUCTS + pick(rng, PRODUCT_SHARES, n)
    u = rng.random(n)
    quantity = (1 + (u < 0.17) + (u < 0.04)) * np.where(people.office[customer], OFFICE_QUANTITY, 1)
    each = PENCE[product] + np.where((category == RISE_CATEGORY) & (day >= RISE_DAY), RISE, 0)
    off = 1 - (1 - orders.cut[order] / 100) * (1 - personal(category, orders.regular[order], switches))
    discount = np.round(quantity * each * off).astype(np.int64)
    net = quantity * each - discount
    margin = net - np.round(quantity * each * np.array(COST_SHARES)[category]).astype(np.int64)
    returned = np.where(rng.random(n) < RETURNED, day + rng.integers(3, 21, n), -1)
    return Lines(order=order, product=product, quantity=quantity, each=each, discount=discount, net=net, margin=margin, returned=returned)


def personal(category: np.ndarray, regular: np.ndarray, switches: Switches) -> np.ndarray:
    """The personal discount in one category. The penalty: regulars get a smaller one, so that each unit costs them PRICE_PENALTY more."""
    smaller = 1 - (1 - truth.PERSONAL_DISCOUNT) * (1 + truth.PRICE_PENALTY)
    share = np.where(regular & switches.price_penalty, smaller, truth.PERSONAL_DISCOUNT)
    return np.where(category == truth.PENALTY_CATEGORY, share, 0.0)
