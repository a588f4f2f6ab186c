"""A step at a threshold: means of bins with the line of each side, and below them how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import BLUE, GREY, ORANGE, Spec, axis, label, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side: places and means of its bins, the line where it was fitted (None elsewhere), what is told on touch."""

    name: str
    at: Sequence[float]
    mean: Sequence[float]
    fit: Sequence[float | None]
    text: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How many there are by distance: places evenly apart, counts, what is told on touch."""

    name: str
    at: Sequence[float]
    n: Sequence[int]
    text: Sequence[str]


def threshold(below: Side, above: Side, crowd: Crowd, *, x: Spec, y: Spec, n: Spec, x_title: str, y_title: str) -> Spec:
    """Means on top, counts under them, a dotted line through both at zero."""
    data = [*_side(below, ORANGE), *_side(above, BLUE), _bars(crowd)]
    axes = {
        "xaxis": axis(title={"text": label(x_title)}, showgrid=False, anchor="y2", **x),
        "yaxis": axis(domain=[0.36, 1], **y),
        "yaxis2": axis(domain=[0, 0.24], rangemode="tozero", **n),
    }
    line = {"type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1, "line": {"dash": "dot", "width": 1.5, "color": GREY}}
    notes = [_title(y_title, 1.0), _title(crowd.name, 0.24)]
    return {"data": data, "layout": layout(height=420, margin={"l": 8, "r": 16, "t": 26, "b": 8}, shapes=[line], annotations=notes, **axes)}


def _side(side: Side, colour: str) -> list[Spec]:
    points = {
        "type": "scatter",
        "mode": "markers",
        "name": label(side.name),
        "x": list(side.at),
        "y": list(side.mean),
        "customdata": [label(text, most=90) for text in side.text],
        "marker": {"color": colour, "size": 8},
        "hovertemplate": "%{customdata}<extra>%{fullData.name}</extra>",
    }
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": list(side.at),
        "y": list(side.fit),
        "line": {"color": colour, "width": 2.5},
        "hoverinfo": "skip",
    }
    return [points, line]


def _bars(crowd: Crowd) -> Spec:
    return {
        "type": "bar",
        "name": label(crowd.name),
        "x": list(crowd.at),
        "y": list(crowd.n),
        "yaxis": "y2",
        "customdata": [label(text, most=90) for text in crowd.text],
        "marker": {"color": [ORANGE if at < 0 else BLUE for at in crowd.at], "opacity": 0.45},
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _title(text: str, y: float) -> Spec:
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": y, "yref": "paper", "yanchor": "bottom", "yshift": 4, "showarrow": False}
    return {"text": label(text, most=80), "font": {"size": 12}, **place}
