"""Curves over a common scale, each with its band: how something goes on with age or with waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import GREY, PALETTE, Spec, axis, label, layout

_MARKED = 5  # lines whose points are marked; more of them would hide each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line. low and high draw its band; `end` is written at its last point, for many lines without a key; `size` of its points."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    text: Sequence[str]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    colour: str | None = None
    width: float = 2.2
    end: str = ""
    size: float = 5


def curves(
    parts: Sequence[Curve],
    *,
    x: Spec,
    y: Spec,
    x_title: str = "",
    stepped: bool = False,
    key: bool = True,
    height: int = 340,
    split: tuple[float, str] | None = None,
) -> Spec:
    """Lines from the back to the front as given, told apart by colour and by dash.

    Shapes  each curve has one x, y and text a point, x ascending; x, y are ticks of their axes
    stepped the value holds until the next point, as a survival curve's does
    key     whether the names stand above; else each line names itself at its end, where `end` is given
    split   x of a dotted line, and what is written to its left
    """
    shape = "hv" if stepped else "linear"
    bands = [_band(part, _colour(part, at), shape) for at, part in enumerate(parts) if part.low is not None]
    marked = len(parts) <= _MARKED and not stepped
    lines = [_line(part, _colour(part, at), shape, at if part.colour is None else 0, marked=marked) for at, part in enumerate(parts)]
    named = [_end(part) for part in parts if part.end and part.x]
    line, told = ([], []) if split is None else _mark(*split)
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    shown = key and len(parts) > 1
    axes = {"xaxis": axis(title={"text": label(x_title)}, showgrid=False, **x), "yaxis": axis(rangemode="tozero", **y)}
    margin = {"l": 8, "r": 92 if named else 16, "t": 8, "b": 8}
    return {
        "data": [*bands, *lines],
        "layout": layout(height=height, margin=margin, showlegend=shown, legend=legend, annotations=[*named, *told], shapes=line, **axes),
    }


def _mark(x: float, text: str) -> tuple[list[Spec], list[Spec]]:
    line = {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "line": {"dash": "dot", "width": 1.2, "color": GREY}}
    place = {"x": x, "y": 1, "yref": "paper", "xanchor": "right", "xshift": -6, "yanchor": "top", "showarrow": False}
    return [line], [{"text": label(text), "font": {"size": 11}, **place}]


def _colour(part: Curve, at: int) -> str:
    return part.colour or PALETTE[at % len(PALETTE)]


def _line(part: Curve, colour: str, shape: str, at: int, *, marked: bool) -> Spec:
    return {
        "type": "scatter",
        "mode": "lines+markers" if marked and len(part.x) < 25 else "lines",
        "name": label(part.name),
        "x": list(part.x),
        "y": list(part.y),
        "customdata": [label(text, most=90) for text in part.text],
        "line": {"color": colour, "width": part.width, "shape": shape, "dash": ("solid", "dash", "dot", "dashdot")[at % 4]},
        "marker": {"size": part.size, "color": colour},
        "cliponaxis": False,
        "hovertemplate": "%{customdata}<extra>%{fullData.name}</extra>",
    }


def _band(part: Curve, colour: str, shape: str) -> Spec:
    """Both bounds as one outline, filled. A stepped band walks each step's corner."""
    low, high = list(part.low or ()), list(part.high or ())
    xs = list(part.x)
    if shape == "hv":
        (xs, low), (_, high) = _corners(xs, low), _corners(xs, high)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*xs, *reversed(xs)],
        "y": [*low, *reversed(high)],
        "fill": "toself",
        "fillcolor": _faint(colour),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _corners(xs: list[float], ys: list[float]) -> tuple[list[float], list[float]]:
    x = [place for at, place in enumerate(xs) for place in ([place] if at == 0 else [place, place])]
    y = [value for at in range(len(ys)) for value in ([ys[0]] if at == 0 else [ys[at - 1], ys[at]])]
    return x, y


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.16)"


def _end(part: Curve) -> Spec:
    return {
        "text": label(part.end, most=16),
        "x": part.x[-1],
        "y": part.y[-1],
        "xanchor": "left",
        "xshift": 6,
        "showarrow": False,
        "font": {"size": 11},
    }
