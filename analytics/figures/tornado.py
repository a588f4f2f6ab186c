"""What an answer hangs on: each input moved from low to high, the widest swing on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import BLUE, GREY, ORANGE, Spec, axis, label, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """An input, what the answer comes to at its low and at its high end, and the text on touch for each."""

    name: str
    low: float
    high: float
    low_text: str
    high_text: str


def tornado(swings: Sequence[Swing], *, middle: float, keys: tuple[str, str], ticks: Spec) -> Spec:
    """Two bars a row from the answer as it stands: orange towards the input's low end, blue towards its high one.

    Shapes  one or more swings, the widest first; `keys` name the two ends
    """
    names = [label(swing.name) for swing in swings]
    ends = (("low", ORANGE, keys[0]), ("high", BLUE, keys[1]))
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": label(key),
            "y": names,
            "x": [getattr(swing, end) - middle for swing in swings],
            "base": middle,
            "marker": {"color": colour},
            "customdata": [label(getattr(swing, f"{end}_text"), most=160) for swing in swings],
            "hovertemplate": "%{y}: %{customdata}<extra></extra>",
        }
        for end, colour, key in ends
    ]
    lines = [
        {"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": GREY, "width": width, "dash": dash}}
        for place, width, dash in ((0.0, 1, "dot"), (middle, 1.5, "solid"))
    ]
    axes = {"xaxis": axis(**ticks), "yaxis": axis(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=6)}
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    return {
        "data": data,
        "layout": layout(
            height=100 + 34 * len(swings), barmode="overlay", bargap=0.35, showlegend=True, legend=legend, shapes=lines, **axes
        ),
    }
