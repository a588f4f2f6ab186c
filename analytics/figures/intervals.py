"""Rows on a common scale, each a point with its interval: what differs and what may be chance."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.figures.look import BLUE, GREY, Spec, axis, label, layout


def intervals(
    names: Sequence[str],
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    text: Sequence[str],
    *,
    ticks: Spec,
    colours: Sequence[str] | None = None,
    symbols: Sequence[str] | None = None,
    marked: float | None = None,
    marked_text: str = "",
) -> Spec:
    """Rows from top to bottom as given; the marked value is a dotted line with its name above it.

    Shapes  one value, bound, text, colour and symbol a name; low <= value <= high
    """
    rows = [label(name) for name in names]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": list(values),
        "y": rows,
        "customdata": [label(shown, most=90) for shown in text],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [top - value for top, value in zip(high, values, strict=True)],
            "arrayminus": [value - bottom for value, bottom in zip(values, low, strict=True)],
            "color": GREY,
            "thickness": 1.6,
            "width": 0,
        },
        "marker": {"size": 10, "color": list(colours or [BLUE] * len(rows)), "symbol": list(symbols or ["circle"] * len(rows))},
        "hovertemplate": "%{y}: %{customdata}<extra></extra>",
    }
    axes = {"xaxis": axis(**ticks), "yaxis": axis(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=6)}
    drawn = [] if marked is None else [_mark(marked)]
    named = [] if marked is None else [_name(marked, marked_text)]
    margin = {"l": 8, "r": 16, "t": 28 if named else 8, "b": 8}
    height = 70 + max(len(rows), 3) * (30 if len(rows) <= 14 else 22)
    return {"data": [trace], "layout": layout(height=height, margin=margin, shapes=drawn, annotations=named, **axes)}


def _mark(at: float) -> Spec:
    line = {"dash": "dot", "width": 1.2, "color": GREY}
    return {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": line, "layer": "below"}


def _name(at: float, text: str) -> Spec:
    place = {"x": at, "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 4}
    return {"text": label(text, most=60), **place, "showarrow": False, "font": {"size": 11}}
