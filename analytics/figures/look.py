"""What all figures share: colours, a bare layout, escaped labels, axes written in the reader's language.

Specs carry no background and no font colour: the page's theme gives both, in light and in dark.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from math import floor, log10
from typing import Any

# Okabe & Ito (2008); told apart with any colour vision
BLUE, ORANGE, GREEN, PINK, SKY, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8A8F98"
PALETTE = (BLUE, ORANGE, GREEN, PINK, SKY, RED, GREY)
RAMP = ("#E1EDF8", "#CADEF0", "#ABCFE6", "#82BADB", "#59A1CF", "#3787C0", "#1C6AAF", "#0B4D94", "#08306B")
INK = "#0E1116"
GRID = "rgba(138,143,152,0.28)"

Spec = dict[str, Any]


def label(text: object, *, most: int = 44) -> str:
    """Text from a file as plotly shows it: markup inert, cut when long."""
    plain = str(text)
    return html.escape(plain if len(plain) <= most else plain[: most - 1] + "…", quote=False)


def scale(colours: Sequence[str] = RAMP) -> list[list[object]]:
    return [[at / (len(colours) - 1), colour] for at, colour in enumerate(colours)]


def ramp(n: int) -> list[str]:
    """n colours from light to dark for what has an order, as tiers do; the lightest still stands out on white."""
    return [RAMP[2 + round(5 * at / max(n - 1, 1))] for at in range(n)]


def layout(*, height: int, **more: Any) -> Spec:
    """A layout without title, legend or background; `more` is merged over it."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "dragmode": False,
        **more,
    }


def axis(**more: Any) -> Spec:
    return {"automargin": True, "fixedrange": True, "zeroline": False, "gridcolor": GRID, "ticks": "", **more}


def ticks(top: float, write: Callable[[float], str], *, bottom: float = 0.0, about: int = 4) -> Spec:
    """Round tick positions between bottom and top, written by `write`: plotly's own would be English."""
    span = top - bottom
    if span <= 0:
        return {"tickvals": [bottom], "ticktext": [write(bottom)]}
    raw = span / about
    power = 10.0 ** floor(log10(raw))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if raw <= size * power)
    first, last = floor(bottom / step), floor(top / step + 1e-9)
    places = [at * step for at in range(first if first * step >= bottom else first + 1, last + 1)]
    return {"tickvals": places, "ticktext": [write(place) for place in places]}
