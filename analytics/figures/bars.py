"""Horizontal bars with their numbers at the end: one measure, or two side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import PALETTE, Spec, axis, label, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Bars of one colour, or of one each; text, with the interval where there is one, stands at the end of each bar."""

    name: str
    values: Sequence[float]
    text: Sequence[str]
    colour: str | Sequence[str] | None = None


def bars(names: Sequence[str], measures: Sequence[Measure], *, top: float | None = None) -> Spec:
    """Bars from top to bottom as given. Two measures are told apart by a key on top and by the text.

    Shapes  each measure has one value a name; `top` fixes the end of the axis (1.0 for shares of a whole)
    """
    y = [label(name) for name in names]
    traces = [_trace(y, measure, PALETTE[at]) for at, measure in enumerate(measures)]
    known = [value for measure in measures for value in measure.values if value == value] or [0.0]
    reach, low = top or max(known) or 1.0, min(known)
    room = 1 + 0.03 * max(len(text) for measure in measures for text in measure.text)
    many = len(measures) > 1
    axes = {
        "xaxis": axis(visible=False, range=[min(0.0, low * 1.15), reach * room]),
        "yaxis": axis(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=6),
    }
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    return {
        "data": traces,
        "layout": layout(
            height=70 + len(y) * (44 if many else 30), bargap=0.3, bargroupgap=0.08, barmode="group", showlegend=many, legend=legend, **axes
        ),
    }


def _trace(y: list[str], measure: Measure, colour: str) -> Spec:
    return {
        "type": "bar",
        "orientation": "h",
        "name": label(measure.name),
        "y": y,
        "x": list(measure.values),
        "text": list(measure.text),
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": measure.colour or colour},
        "hovertemplate": "%{y}: %{text}<extra>%{fullData.name}</extra>",
    }
