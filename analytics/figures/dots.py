"""Dots on a common scale: where each row stands on several measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.figures.look import GRID, PALETTE, Spec, axis, label, layout

_SYMBOLS = ("circle", "diamond", "square", "triangle-up")


def dots(
    names: Sequence[str],
    measures: Mapping[str, Sequence[float]],
    text: Mapping[str, Sequence[str]],
    *,
    ticks: Spec,
    marked: float | None = None,
    span: tuple[float, float] = (0.0, 1.0),
) -> Spec:
    """One row a name, one symbol and colour a measure, a grey line from the lowest to the highest.

    Shapes  measures: name -> one value a row within `span`; text: what is shown on touch; `marked` draws a dotted line
    """
    rows = [label(name) for name in names]
    lines = [_line(row, [values[at] for values in measures.values()]) for at, row in enumerate(rows)]
    points = [_points(rows, name, values, text[name], at) for at, (name, values) in enumerate(measures.items())]
    edge = 0.03 * (span[1] - span[0])
    axes = {
        "xaxis": axis(range=[span[0] - edge, span[1] + edge], **ticks),
        "yaxis": axis(type="category", autorange="reversed", gridcolor=GRID, ticklabelstandoff=6),
    }
    shapes = (
        []
        if marked is None
        else [
            {
                "type": "line",
                "x0": marked,
                "x1": marked,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"dash": "dot", "width": 1, "color": "#8A8F98"},
            }
        ]
    )
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    return {"data": [*lines, *points], "layout": layout(height=100 + 34 * len(rows), showlegend=True, legend=legend, shapes=shapes, **axes)}


def _line(row: str, values: Sequence[float]) -> Spec:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [min(values), max(values)],
        "y": [row, row],
        "showlegend": False,
        "hoverinfo": "skip",
        "line": {"color": "#8A8F98", "width": 1.5},
    }


def _points(rows: list[str], name: str, values: Sequence[float], text: Sequence[str], at: int) -> Spec:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": label(name),
        "x": list(values),
        "y": rows,
        "text": list(text),
        "hovertemplate": "%{y}: %{text}<extra>%{fullData.name}</extra>",
        "marker": {"size": 12, "symbol": _SYMBOLS[at % 4], "color": PALETTE[at]},
    }
