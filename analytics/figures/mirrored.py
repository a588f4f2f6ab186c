"""Two groups over one scale, one above and one below the line: where they overlap, and where one has nobody opposite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import BLUE, GREY, Spec, axis, label, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One group: its share of customers in each bin, and what is told on touch."""

    name: str
    shares: Sequence[float]
    text: Sequence[str]


def mirrored(places: Sequence[float], above: Side, below: Side, *, x: Spec, y: Spec, x_title: str) -> Spec:
    """Bars up for one group, down for the other.

    Shapes  places (middles of bins, evenly apart); each side has one share a bin; y is ticks of shares above and below zero
    """
    width = places[1] - places[0] if len(places) > 1 else 1.0
    data = [_bars(places, above, 1, BLUE, width), _bars(places, below, -1, GREY, width)]
    axes = {"xaxis": axis(title={"text": label(x_title)}, showgrid=False, **x), "yaxis": axis(**y)}
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    return {"data": data, "layout": layout(height=320, showlegend=True, legend=legend, barmode="overlay", bargap=0.06, **axes)}


def _bars(places: Sequence[float], side: Side, sign: int, colour: str, width: float) -> Spec:
    return {
        "type": "bar",
        "name": label(side.name),
        "x": list(places),
        "y": [sign * share for share in side.shares],
        "width": [0.94 * width] * len(places),
        "customdata": [label(text, most=90) for text in side.text],
        "marker": {"color": colour},
        "hovertemplate": "%{customdata}<extra>%{fullData.name}</extra>",
    }
