"""Order lines, refunds and won deals as the rows of transactions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.programme.baskets import PRODUCTS
from data.programme.calendar import DAYS
from data.programme.causes import Cause
from data.programme.columns import at, customer_ids, money, named
from data.programme.offices import MARGIN, WON, Deals
from data.programme.simulate import History
from data.programme.words import Words
from data.programme.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """Order lines, refunds and won deals as one list of rows, in order of time. `order` is a number on the receipt;
    `usual` marks sales that no effect brought about: errors are planted among them, so that the truth of the effects stays exact.
    """

    order: np.ndarray
    number: np.ndarray
    customer: np.ndarray
    at: np.ndarray
    product: np.ndarray
    channel: np.ndarray
    quantity: np.ndarray
    each: np.ndarray
    discount: np.ndarray
    net: np.ndarray
    margin: np.ndarray
    promised: np.ndarray
    delivered: np.ndarray
    opened: np.ndarray
    refund: np.ndarray
    usual: np.ndarray


def sold(world: World) -> Sold:
    lines = _order_lines(world.history)
    back = (world.history.lines.returned >= 0) & (world.history.lines.returned < DAYS)
    refunds = {name: values[back] for name, values in lines.items()}
    refunds |= {name: -refunds[name] for name in ("quantity", "discount", "net", "margin")}
    refunds |= {"at": world.history.lines.returned[back] * 1440 + 720, "refund": np.ones(back.sum(), dtype=bool)}
    refunds |= {"usual": np.zeros(back.sum(), dtype=bool), "promised": np.full(back.sum(), -1), "delivered": np.full(back.sum(), -1)}
    parts = (lines, refunds, _won(world.deals, len(world.history.orders)))
    rows = {name: np.concatenate([part[name] for part in parts]) for name in lines}
    order = np.lexsort((rows["number"], rows["order"], rows["at"]))
    return Sold(**{name: values[order] for name, values in rows.items()})


def _order_lines(history: History) -> dict[str, np.ndarray]:
    orders, lines = history.orders, history.lines
    first = np.searchsorted(lines.order, np.arange(len(orders)))
    of = lines.order
    return {
        "order": of,
        "number": np.arange(len(of)) - first[of] + 1,
        "customer": orders.customer[of],
        "at": (orders.day * 1440 + orders.minute)[of],
        "product": lines.product,
        "channel": orders.channel[of],
        "quantity": lines.quantity,
        "each": lines.each,
        "discount": lines.discount,
        "net": lines.net,
        "margin": lines.margin,
        "promised": orders.promised[of],
        "delivered": orders.delivered[of],
        "opened": np.full(len(of), -1),
        "refund": np.zeros(len(of), dtype=bool),
        "usual": orders.cause[of] == Cause.BASE,
    }


def _won(deals: Deals, orders: int) -> dict[str, np.ndarray]:
    """A deal is one line of the category's first product."""
    won = np.flatnonzero(deals.state == WON)
    n, amount = len(won), deals.amount[won]
    quantity = np.maximum(1, np.round(amount / 900)).astype(np.int64)
    each = -(-amount // quantity)
    return {
        "order": orders + np.arange(n),
        "number": np.ones(n, dtype=np.int64),
        "customer": deals.customer[won],
        "at": deals.closed[won] * 1440 + 660,
        "product": deals.category[won] * PRODUCTS,
        "channel": np.full(n, 3),
        "quantity": quantity,
        "each": each,
        "discount": quantity * each - amount,
        "net": amount,
        "margin": np.round(amount * MARGIN).astype(np.int64),
        "promised": np.full(n, -1),
        "delivered": np.full(n, -1),
        "opened": deals.opened[won] * 1440 + 540,
        "refund": np.zeros(n, dtype=bool),
        "usual": np.zeros(n, dtype=bool),
    }


def transactions(world: World, words: Words, rows: Sold) -> list[pa.Array]:
    codes = [f"P{category + 1}{product + 1:02d}" for category in range(len(words.categories)) for product in range(PRODUCTS)]
    n = len(rows.order)
    return [
        pa.array(rows.order + 100_001),
        pa.array(rows.number),
        customer_ids(rows.customer, len(world.history.people)),
        at(rows.at),
        named(rows.product, codes),
        named(rows.product // PRODUCTS, words.categories),
        named(rows.channel, words.channels),
        pa.array(rows.quantity),
        money(rows.each, words),
        money(rows.discount, words),
        money(rows.net, words),
        money(rows.margin, words),
        named(np.zeros(n), [words.currency]),
        at(rows.promised, rows.promised >= 0),
        at(rows.delivered, (rows.delivered >= 0) & (rows.delivered < DAYS * 1440)),
        at(rows.opened, rows.opened >= 0),
        named(rows.refund.astype(np.int64), words.sales),
    ]
