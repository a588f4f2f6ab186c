"""Small panels side by side over the same x: evidence for a choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import BLUE, GREY, ORANGE, Spec, axis, label, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One line of values over x; spread draws plus and minus; bar is the threshold, drawn dotted and named."""

    title: str
    values: Sequence[float]
    text: Sequence[str]
    spread: Sequence[float] | None = None
    bar: float | None = None
    bar_text: str = ""


def panels(x: Sequence[int], parts: Sequence[Panel], *, chosen: int, x_title: str) -> Spec:
    """Panels from left to right; the chosen x is marked in orange in each.

    Shapes  each panel has one value an x, nan where it is not defined
    """
    width = 1 / len(parts)
    drawn: Spec = {"data": [], "layout": layout(height=280, margin={"l": 8, "r": 16, "t": 36, "b": 8}, shapes=[], annotations=[])}
    for at, part in enumerate(parts):
        name = "" if at == 0 else str(at + 1)
        start, end = at * width + 0.035, (at + 1) * width - 0.015
        drawn["data"].append(_trace(x, part, chosen, name))
        drawn["layout"][f"xaxis{name}"] = axis(
            domain=[start, end], anchor=f"y{name}", tickvals=list(x), showgrid=False, title={"text": x_title}
        )
        drawn["layout"][f"yaxis{name}"] = axis(anchor=f"x{name}", nticks=4)
        drawn["layout"]["annotations"] += [_title(part.title, start), *_bar_text(part, name, x)]
        drawn["layout"]["shapes"] += [] if part.bar is None else [_bar(part.bar, name)]
    return drawn


def _trace(x: Sequence[int], part: Panel, chosen: int, name: str) -> Spec:
    values = [value if value == value else None for value in part.values]
    spread = (
        {}
        if part.spread is None
        else {"error_y": {"type": "data", "array": list(part.spread), "color": GREY, "thickness": 1.2, "width": 3}}
    )
    marks = {"size": [13 if k == chosen else 7 for k in x], "color": [ORANGE if k == chosen else BLUE for k in x]}
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(x),
        "y": values,
        "text": list(part.text),
        "xaxis": f"x{name}",
        "yaxis": f"y{name}",
        "line": {"color": BLUE, "width": 1.5},
        "marker": marks,
        "hovertemplate": "k = %{x}: %{text}<extra></extra>",
        **spread,
    }


def _title(text: str, x: float) -> Spec:
    return {
        "text": label(text, most=60),
        "x": x,
        "xref": "paper",
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": 8,
        "xanchor": "left",
        "showarrow": False,
        "font": {"size": 12},
    }


def _bar(value: float, name: str) -> Spec:
    return {
        "type": "line",
        "xref": f"x{name} domain",
        "yref": f"y{name}",
        "x0": 0,
        "x1": 1,
        "y0": value,
        "y1": value,
        "line": {"dash": "dot", "width": 1.5, "color": GREY},
    }


def _bar_text(part: Panel, name: str, x: Sequence[int]) -> list[Spec]:
    if part.bar is None:
        return []
    return [
        {
            "text": label(part.bar_text),
            "x": 1,
            "xref": f"x{name} domain",
            "y": part.bar,
            "yref": f"y{name}",
            "xanchor": "right",
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"size": 11},
        }
    ]
