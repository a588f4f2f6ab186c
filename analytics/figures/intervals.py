"""Differences with their intervals on one scale; what is beyond chance is filled, what may be chance is hollow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import BLUE, GREY, GRID, Spec, axis, label, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One row: where the value and the ends of its interval lie, what is told on touch, whether it is beyond chance; `sub` is a second line
    under the name."""

    name: str
    value: float
    low: float
    high: float
    text: str
    clear: bool
    sub: str = ""


def intervals(rows: Sequence[Interval], *, ticks: Spec, span: tuple[float, float], marked: float = 0.0) -> Spec:
    """Rows from top to bottom as given, a dotted line at `marked`; an interval that leaves the span is cut at its edge."""
    y = [label(row.name, most=34) + (f"<br>{label(row.sub)}" if row.sub else "") for row in rows]
    data = [_bar(name, row, span) for name, row in zip(y, rows, strict=True)]
    axes = {
        "xaxis": axis(range=list(span), **ticks),
        "yaxis": axis(type="category", autorange="reversed", gridcolor=GRID, ticklabelstandoff=6),
    }
    line = {"dash": "dot", "width": 1.2, "color": GREY}
    zero = {"type": "line", "x0": marked, "x1": marked, "yref": "paper", "y0": 0, "y1": 1, "line": line}
    return {"data": data, "layout": layout(height=70 + (46 if any(row.sub for row in rows) else 34) * len(rows), shapes=[zero], **axes)}


def _bar(name: str, row: Interval, span: tuple[float, float]) -> Spec:
    low, value, high = (min(max(at, span[0]), span[1]) for at in (row.low, row.value, row.high))
    colour = BLUE if row.clear else GREY
    symbol = "circle" if row.clear else "circle-open"
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [low, value, high],
        "y": [name] * 3,
        "customdata": [label(row.text, most=90)] * 3,
        "line": {"color": colour, "width": 2.5},
        "marker": {"size": [0.1, 11, 0.1], "color": colour, "symbol": symbol, "line": {"width": 2, "color": colour}},
        "hovertemplate": "%{customdata}<extra></extra>",
    }
