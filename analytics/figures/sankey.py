"""Who went where between two dates: states on the left, states on the right, bands as wide as the customers in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analytics.figures.look import BLUE, GREY, ORANGE, RED, SKY, Spec, label, layout

Way = Literal["up", "same", "down", "out", "in"]

# told apart with any colour vision; what stays is pale, so that what moves is seen
COLOURS: dict[Way, str] = {"up": BLUE, "same": GREY, "down": ORANGE, "out": RED, "in": SKY}
_BANDS: dict[Way, str] = {
    "up": "rgba(0,114,178,0.6)",
    "same": "rgba(138,143,152,0.25)",
    "down": "rgba(230,159,0,0.6)",
    "out": "rgba(213,94,0,0.6)",
    "in": "rgba(86,180,233,0.6)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One band: places of its ends among the names, its width, which way it goes, what is told on touch."""

    start: int
    end: int
    value: float
    way: Way
    text: str


def sankey(left: Sequence[str], right: Sequence[str], flows: Sequence[Flow], *, key: dict[Way, str]) -> Spec:
    """States from top to bottom as given; `key` names the colours that occur, in a line above the drawing.

    Shapes  flows run from places in `left` to places in `right`; widths are in customers
    """
    ends = [(flow.start, len(left) + flow.end) for flow in flows]
    height = _HEIGHT + 22 * max(len(left), len(right))
    before = _places([sum(flow.value for flow in flows if flow.start == at) for at in range(len(left))], height)
    after = _places([sum(flow.value for flow in flows if flow.end == at) for at in range(len(right))], height)
    node = {
        "label": [""] * (len(left) + len(right)),
        "x": [0.001] * len(left) + [0.999] * len(right),
        "y": [*before, *after],
        "color": GREY,
        "pad": _PAD,
        "thickness": 10,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }
    link = {
        "source": [start for start, _ in ends],
        "target": [end for _, end in ends],
        "value": [flow.value for flow in flows],
        "color": [_BANDS[flow.way] for flow in flows],
        "customdata": [label(flow.text, most=90) for flow in flows],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    trace = {"type": "sankey", "arrangement": "fixed", "node": node, "link": link}
    names = [*_names(left, before, 0), *_names(right, after, 1)]
    margin = {"l": _SIDE, "r": _SIDE, "t": _TOP, "b": _BOTTOM}
    notes = [_key(flows, key), *names]
    return {"data": [trace], "layout": layout(height=height + _TOP + _BOTTOM, margin=margin, annotations=notes)}


_PAD, _HEIGHT, _SIDE, _TOP, _BOTTOM = 15, 220, 128, 34, 8


def _names(names: Sequence[str], places: Sequence[float], side: int) -> list[Spec]:
    """Each state's name outside the drawing, where no band runs under it."""
    return [
        {
            "text": label(name, most=24),
            "x": side,
            "xref": "paper",
            "xanchor": "left" if side else "right",
            "xshift": 6 if side else -6,
            "y": 1 - place,
            "yref": "paper",
            "yanchor": "middle",
            "showarrow": False,
            "font": {"size": 11},
        }
        for name, place in zip(names, places, strict=True)
    ]


def _places(values: Sequence[float], height: int) -> list[float]:
    """Middle of each state as a share of the height: in proportion, with the gaps between states taken off first."""
    room, total, done, places = 1 - _PAD * (len(values) - 1) / height, sum(values) or 1.0, 0.0, []
    for at, value in enumerate(values):
        places.append(min(0.999, max(0.001, (done + value / 2) / total * room + at * _PAD / height)))
        done += value
    return places


def _key(flows: Sequence[Flow], key: dict[Way, str]) -> Spec:
    """Coloured squares with their meaning. The only markup in the drawing, and none of it from a file."""
    used = {flow.way for flow in flows}
    parts = [f'<span style="color:{COLOURS[way]}">■</span> {label(name)}' for way, name in key.items() if way in used]
    return {
        "text": "   ".join(parts),
        "x": 0.5,
        "xref": "paper",
        "y": 1,
        "yref": "paper",
        "xanchor": "center",
        "yanchor": "bottom",
        "yshift": 8,
        "showarrow": False,
        "font": {"size": 11},
    }
