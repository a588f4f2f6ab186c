"""Effects by time from an event: a dot with its interval a month; before, the month itself and after in colours of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analytics.figures.look import BLUE, GREY, ORANGE, Spec, axis, label, layout

Role = Literal["before", "near", "base", "joining", "after"]
_COLOURS: dict[Role, str] = {"before": GREY, "near": GREY, "base": GREY, "joining": ORANGE, "after": BLUE}
_HOLLOW = frozenset({"near", "base"})  # left out of every mean


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """One point in time: where it stands, its value and interval (both ends None for the base), what is told on touch."""

    at: int
    value: float
    low: float | None
    high: float | None
    role: Role
    text: str


def event_study(
    points: Sequence[At], *, y: Spec, span: tuple[float, float], x_title: str, names: dict[Role, str], beyond: str = ""
) -> Spec:
    """Dots from left to right with a line at nothing; one beyond the span stands at its edge, with `beyond` beside it.

    Shapes  names: role -> its entry in the legend; roles without a name have none
    """
    roles = dict.fromkeys(point.role for point in points)
    data = [_dots([point for point in points if point.role == role], role, span, names.get(role, "")) for role in roles]
    zero = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0, "line": {"dash": "dot", "width": 1.2, "color": GREY}}
    months = [point.at for point in points]
    shown = [month for month in range(min(months), max(months) + 1) if month % 3 == 0]
    axes = {
        "xaxis": axis(
            title={"text": label(x_title), "standoff": 8}, tickvals=shown, ticktext=[str(month) for month in shown], showgrid=False
        ),
        "yaxis": axis(range=list(span), **y),
    }
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    notes = [_beyond(point, span, beyond) for point in points if not span[0] <= point.value <= span[1]]
    return {"data": data, "layout": layout(height=340, shapes=[zero], showlegend=True, legend=legend, annotations=notes, **axes)}


def _dots(points: Sequence[At], role: Role, span: tuple[float, float], name: str) -> Spec:
    within = [min(max(point.value, span[0]), span[1]) for point in points]
    up = [0.0 if point.high is None else max(min(point.high, span[1]) - at, 0.0) for point, at in zip(points, within, strict=True)]
    down = [0.0 if point.low is None else max(at - max(point.low, span[0]), 0.0) for point, at in zip(points, within, strict=True)]
    colour = _COLOURS[role]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": label(name),
        "showlegend": bool(name),
        "x": [point.at for point in points],
        "y": within,
        "error_y": {"type": "data", "array": up, "arrayminus": down, "color": colour, "thickness": 1.8, "width": 0},
        "marker": {
            "size": 9,
            "color": colour,
            "symbol": "circle-open" if role in _HOLLOW else "circle",
            "line": {"width": 2, "color": colour},
        },
        "customdata": [label(point.text, most=90) for point in points],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _beyond(point: At, span: tuple[float, float], text: str) -> Spec:
    edge = span[1] if point.value > span[1] else span[0]
    return {"x": point.at, "y": edge, "text": label(text), "showarrow": False, "xanchor": "left", "xshift": 10, "font": {"size": 12}}
