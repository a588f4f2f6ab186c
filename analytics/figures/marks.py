"""Points with names, laid over another drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import INK, ORANGE, Spec, label


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One point; `name` is written beside it where it is not empty, `text` is told on touch."""

    x: float
    y: float
    text: str
    name: str = ""


def marked(spec: Spec, marks: Sequence[Mark]) -> Spec:
    """The drawing with the points on top."""
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": [mark.x for mark in marks],
        "y": [mark.y for mark in marks],
        "customdata": [label(mark.text, most=90) for mark in marks],
        "marker": {"symbol": "diamond", "size": 11, "color": ORANGE, "line": {"width": 1, "color": INK}},
        "hovertemplate": "%{customdata}<extra></extra>",
        "showlegend": False,
    }
    named = [_name(mark) for mark in marks if mark.name]
    inner = spec["layout"]
    return {"data": [*spec["data"], points], "layout": {**inner, "annotations": [*inner.get("annotations", []), *named]}}


def _name(mark: Mark) -> Spec:
    return {
        "text": label(mark.name, most=28),
        "x": mark.x,
        "y": mark.y,
        "showarrow": False,
        "yshift": 16,
        "bgcolor": "rgba(255,255,255,0.82)",
        "borderpad": 2,
        "font": {"size": 11, "color": INK},
    }
