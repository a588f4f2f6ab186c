"""One life on one axis of time: bars for its months, below them lanes of spells and of things that happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.figures.look import BLUE, Spec, axis, label, layout

_DAY = 86_400_000  # plotly measures time in milliseconds
_BARS = 170  # pixels
_LANE = 34
_SYMBOLS = ("circle", "diamond", "x", "triangle-up", "square")


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One bar: the month's first day, its value, the text on touch."""

    day: date
    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A state from one day to another, both included; its name stands inside where there is room."""

    first: date
    last: date
    name: str
    text: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Things that happened, of one kind: days and texts; `symbol` and colour tell kinds of one lane apart."""

    name: str
    days: Sequence[date]
    text: Sequence[str]
    colour: str
    symbol: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One row below the bars."""

    name: str
    spells: Sequence[Spell] = ()
    marks: Sequence[Marks] = ()


def timeline(months: Sequence[Month], lanes: Sequence[Lane], *, ticks: Spec, names: Sequence[tuple[date, str]]) -> Spec:
    """Bars above, lanes below in the order given.

    Shapes  ticks of the bars' axis; names: days of the axis of time and their labels, at most three are written, below the lanes
    """
    height = _BARS + _LANE * len(lanes) + 70
    share = (_LANE * len(lanes) + 8) / (height - 40) if lanes else 0.0
    data = [_bars(months), *(trace for lane in lanes for trace in _lane(lane))]
    step = max(1, -(-len(names) // 3))
    shown = names[(len(names) - 1) % step :: step]
    written = {"tickvals": [day.isoformat() for day, _ in shown], "ticktext": [label(name) for _, name in shown], "tickangle": 0}
    axes = {
        "xaxis": axis(type="date", showgrid=False, anchor="y2" if lanes else "y", **written),
        "yaxis": axis(domain=[share + 0.04 if lanes else 0, 1], rangemode="tozero", **ticks),
    }
    if lanes:
        order = [label(lane.name) for lane in reversed(lanes)]
        places = {"categoryorder": "array", "categoryarray": order, "range": [-0.6, len(order) - 0.4]}
        axes["yaxis2"] = axis(type="category", domain=[0, share], showgrid=False, ticklabelstandoff=6, **places)
    more = {"uniformtext": {"minsize": 10, "mode": "hide"}, "barmode": "overlay", "hovermode": "closest"}
    return {"data": data, "layout": layout(height=height, **more, **axes)}


def _bars(months: Sequence[Month]) -> Spec:
    return {
        "type": "bar",
        "x": [month.day.isoformat() for month in months],
        "y": [month.value for month in months],
        "width": 22 * _DAY,
        "offset": 3 * _DAY,
        "customdata": [label(month.text, most=90) for month in months],
        "marker": {"color": BLUE},
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _lane(lane: Lane) -> list[Spec]:
    spells = [_spells(lane)] if lane.spells else []
    return [*spells, *(_marks(lane, marks) for marks in lane.marks if marks.days)]


def _spells(lane: Lane) -> Spec:
    """Bars that lie: each begins at its first day and is as long as the spell."""
    return {
        "type": "bar",
        "orientation": "h",
        "yaxis": "y2",
        "base": [spell.first.isoformat() for spell in lane.spells],
        "x": [((spell.last - spell.first) + timedelta(days=1)).days * _DAY for spell in lane.spells],
        "y": [label(lane.name)] * len(lane.spells),
        "width": 0.62,
        "text": [label(spell.name, most=18) for spell in lane.spells],
        "textposition": "inside",
        "insidetextanchor": "start",
        "textangle": 0,
        "customdata": [label(spell.text, most=90) for spell in lane.spells],
        "marker": {"color": [spell.colour for spell in lane.spells], "line": {"width": 0}},
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _marks(lane: Lane, marks: Marks) -> Spec:
    return {
        "type": "scatter",
        "mode": "markers",
        "yaxis": "y2",
        "x": [day.isoformat() for day in marks.days],
        "y": [label(lane.name)] * len(marks.days),
        "customdata": [label(text, most=120) for text in marks.text],
        "marker": {"size": 10, "color": marks.colour, "symbol": _SYMBOLS[marks.symbol], "opacity": 0.85},
        "hovertemplate": "%{customdata}<extra></extra>",
    }
