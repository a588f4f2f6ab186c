"""Shares or numbers over months: ordered layers from dark to pale, each named where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import RAMP, Spec, axis, label, layout

_LEAST = 0.035  # a thinner layer has no room for its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One ordered part: its share or number in each month, what is told on touch; a colour of its own where its meaning asks for one."""

    name: str
    shares: Sequence[float]
    text: Sequence[str]
    colour: str | None = None


def layers(months: Sequence[str], names: Sequence[str], parts: Sequence[Layer], *, ticks: Spec, top: float = 1.0) -> Spec:
    """Stacked bars, the first layer at the bottom and darkest.

    Shapes  months ISO days, names their labels; each layer has one share a month, together 1, or one number, together `top` at most
    """
    shown = _shown(len(months))
    colours = [RAMP[round((len(RAMP) - 1) * (1 - at / max(len(parts) - 1, 1)))] for at in range(len(parts))]
    data = [_bars(months, part, part.colour or colour) for part, colour in zip(parts, colours, strict=True)]
    axes = {
        "xaxis": axis(type="category", showgrid=False, tickvals=[months[at] for at in shown], ticktext=[names[at] for at in shown]),
        "yaxis": axis(range=[0, top], **ticks),
    }
    margin = {"l": 8, "r": 122, "t": 8, "b": 8}
    return {"data": data, "layout": layout(height=420, margin=margin, barmode="stack", bargap=0.12, annotations=_names(parts, top), **axes)}


def _shown(n: int) -> list[int]:
    """Every so many months, so that at most four are written, for a narrow screen; the last one always."""
    step = max(1, -(-n // 4))
    return list(range((n - 1) % step, n, step))


def _bars(months: Sequence[str], part: Layer, colour: str) -> Spec:
    return {
        "type": "bar",
        "name": label(part.name),
        "x": list(months),
        "y": list(part.shares),
        "customdata": [label(text, most=90) for text in part.text],
        "marker": {"color": colour, "line": {"width": 0}},
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _names(parts: Sequence[Layer], top: float) -> list[Spec]:
    """Each layer's name to the right of its last month."""
    below, notes = 0.0, []
    for part in parts:
        middle, below = below + part.shares[-1] / 2, below + part.shares[-1]
        if part.shares[-1] >= _LEAST * top:
            notes.append(_note(part.name, middle))
    return notes


def _note(name: str, y: float) -> Spec:
    return {
        "text": label(name, most=20),
        "x": 1,
        "xref": "paper",
        "xanchor": "left",
        "xshift": 6,
        "y": y,
        "yref": "y",
        "yanchor": "middle",
        "showarrow": False,
        "font": {"size": 11},
    }
