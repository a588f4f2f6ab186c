"""What the figures of the designs share: a figure with its words, money, a scale for intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import ticks
from analytics.studies.base import Figure
from analytics.studies.tables import short, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

ROOM = 0.06  # of the span, left free at either end


def figure(key: str, said: str, spec: dict[str, Any], table: pd.DataFrame, words: Words, **facts: object) -> Figure:
    """A figure worded under effect.figures.<key>."""
    return Figure(
        key=key,
        title=words(f"effect.figures.{key}.title.{said}", **facts),
        note=words(f"effect.figures.{key}.note", **facts),
        alt=words(f"effect.figures.{key}.alt", **facts),
        spec=spec,
        table=titled(table, "effect.columns", words),
    )


def money(value: float, words: Words) -> str:
    return words.money(value, compact=True)


def told(row: pd.Series, words: Words) -> str:
    """A value with its interval."""
    return f"{money(row['value'], words)} ({money(row['low'], words)} – {money(row['high'], words)})"


def off_zero(table: pd.DataFrame) -> int:
    """How many intervals leave zero out."""
    return int(((table["low"] > 0) | (table["high"] < 0)).sum())


def rows_of_money(table: pd.DataFrame, names: list[str], words: Words) -> dict[str, Any]:
    """Rows of value, low, high on one scale with zero."""
    low, high = min(float(table["low"].min()), 0.0), max(float(table["high"].max()), 0.0)
    room = ROOM * (high - low or 1.0)
    rows = [
        Interval(
            name=name,
            value=row["value"],
            low=row["low"],
            high=row["high"],
            text=f"{name}: {told(row, words)}",
            clear=bool(row.get("clear", row["low"] > 0 or row["high"] < 0)),
        )
        for name, (_, row) in zip(names, table.iterrows(), strict=True)
    ]
    scale = ticks(high + room, lambda value: short(value, words), bottom=low - room)
    return intervals(rows, ticks=scale, span=(low - room, high + room))
