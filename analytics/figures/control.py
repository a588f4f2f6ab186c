"""A control chart: a share month by month, the band in which chance alone would leave it, the threshold of the alarm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import BLUE, GREY, ORANGE, Spec, axis, label, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The band of chance and the threshold, each with the words that name it."""

    band: tuple[float, float]
    band_text: str
    threshold: float
    threshold_text: str


def control(
    months: Sequence[str], names: Sequence[str], values: Sequence[float], text: Sequence[str], limits: Limits, *, ticks: Spec, top: float
) -> Spec:
    """Values above the threshold are larger, orange diamonds; the band and the threshold carry their names.

    Shapes  months ISO days, names their labels; one value and one text on touch a month; `top` ends the axis
    """
    step = max(1, -(-len(months) // 4))  # names of four months fit a narrow screen
    shown = list(range((len(months) - 1) % step, len(months), step))
    above = [value > limits.threshold for value in values]
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(months),
        "y": list(values),
        "customdata": [f"{label(name)}: {label(told, most=90)}" for name, told in zip(names, text, strict=True)],
        "line": {"color": BLUE, "width": 2},
        "marker": {
            "size": [11 if high else 7 for high in above],
            "color": [ORANGE if high else BLUE for high in above],
            "symbol": ["diamond" if high else "circle" for high in above],
        },
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    axes = {
        "xaxis": axis(type="category", showgrid=False, tickvals=[months[at] for at in shown], ticktext=[names[at] for at in shown]),
        "yaxis": axis(range=[0, top], **ticks),
    }
    shapes = [_band(limits.band), _line(limits.threshold)]
    return {"data": [trace], "layout": layout(height=320, shapes=shapes, annotations=_names(limits, top), **axes)}


def _names(limits: Limits, top: float) -> list[Spec]:
    """Each limit named at its own height, or both in one line where they lie close together."""
    if limits.threshold - limits.band[1] > 0.08 * top:
        return [_note(limits.band_text, limits.band[1]), _note(limits.threshold_text, limits.threshold)]
    return [_note(f"{limits.threshold_text} · {limits.band_text}", max(limits.threshold, limits.band[1]))]


def _band(band: tuple[float, float]) -> Spec:
    return {
        "type": "rect",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": "y",
        "y0": band[0],
        "y1": band[1],
        "layer": "below",
        "fillcolor": "rgba(138,143,152,0.2)",
        "line": {"width": 0},
    }


def _line(at: float) -> Spec:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": "y",
        "y0": at,
        "y1": at,
        "line": {"dash": "dot", "width": 1.5, "color": GREY},
    }


def _note(text: str, y: float) -> Spec:
    return {
        "text": label(text, most=80),
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "xshift": 4,
        "y": y,
        "yref": "y",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 11},
    }
