"""The figures of the study `customer`: the life on one axis, the balance of points, what is bought."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.curves import Curve, curves
from analytics.figures.look import ticks
from analytics.results import Result
from analytics.studies.base import Figure
from analytics.studies.customer_timeline import life
from analytics.studies.customer_words import named
from analytics.studies.tables import short

if TYPE_CHECKING:
    from analytics.i18n import Words

_SHOWN = 8  # categories drawn


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the customer's rows allow."""
    if result.refused is not None:
        return ()
    makers: dict[str, Callable[[Result, Words], Figure]] = {"months": life, "points": _balance, "categories": _categories}
    return tuple(make(result, words) for name, make in makers.items() if name in result.tables)


def _balance(result: Result, words: Words) -> Figure:
    """The balance after each day with a movement."""
    table = result.tables["points"]
    days = table.groupby("day")["balance"].first()  # rows are the latest first: the first of a day is its last movement
    start = days.index[0]
    x = [float((day - start).days) for day in days.index]
    earned = float(table.loc[table["kind"] == "earn", "points"].sum())
    facts = {"balance": words.number(float(table["balance"].iloc[0])), "earned": words.number(earned), "n": len(table)}
    text = [f"{words.day(day.date())}: {words.number(balance)}" for day, balance in zip(days.index, days, strict=True)]
    curve = Curve(name=words("customer.columns.balance"), x=x, y=days.tolist(), text=text)
    y = ticks(max(float(days.max()), 1.0), lambda value: short(value, words), bottom=min(0.0, float(days.min())))
    return Figure(
        key="balance",
        title=words("figures.balance.title", **facts),
        note=words("figures.balance.note", **facts),
        alt=words("figures.balance.alt", **facts),
        spec=curves([curve], x=_months(start, days.index[-1], words), y=y, stepped=True),
        table=named(table, words),
    )


def _months(first: pd.Timestamp, last: pd.Timestamp, words: Words) -> dict[str, list[object]]:
    """At most four months of an axis that counts days."""
    starts = pd.date_range(first.replace(day=1), last, freq="MS")
    shown = [month for month in starts[:: max(1, -(-len(starts) // 4))] if month >= first] or [first]
    return {"tickvals": [(month - first).days for month in shown], "ticktext": [words.month(month.date()) for month in shown]}


def _categories(result: Result, words: Words) -> Figure:
    table = result.tables["categories"].head(_SHOWN)
    of, top = int(table["of"].iloc[0]), table.iloc[0]
    shares = (table["purchases"] / of).tolist()
    text = [f"{n} · {words.share(share, digits=0)}" for n, share in zip(table["purchases"], shares, strict=True)]
    facts = {"category": str(top["category"]), "n": int(top["purchases"]), "of": of}
    return Figure(
        key="categories",
        title=words("figures.categories.title", **facts),
        note=words("figures.categories.note", **facts),
        alt=words("figures.categories.alt", **facts),
        spec=bars([str(name) for name in table["category"]], [Measure(name=words("customer.columns.purchases"), values=shares, text=text)]),
        table=named(result.tables["categories"], words),
    )
