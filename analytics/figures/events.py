"""What happened, on the axis of time: a dotted line a day, numbered, and the names behind the numbers for whoever touches them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.figures.look import GREY, Spec, label

_MOST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened; `text` as the user wrote it."""

    day: date
    text: str


def with_events(spec: Spec, events: Sequence[Event], *, months: Sequence[str] = (), top: float = 1.0) -> Spec:
    """The figure with a dotted line for each event and its number above it; touching the number tells what happened.

    months  ISO month starts of a category axis: an event stands at its place within its month. Empty: the x axis is of dates
    top     where the lines end, as a share of the drawing's height
    Given   more than twelve events inside the axis, the latest twelve
    """
    placed = [(event, _place(event.day, months)) for event in shown(events, months)]
    layout = spec["layout"]
    lines = [_line(at, top) for _, at in placed]
    marks = [_mark(number, event, at, top) for number, (event, at) in enumerate(placed, start=1)]
    return {
        **spec,
        "layout": {
            **layout,
            "shapes": [*layout.get("shapes", ()), *lines],
            "annotations": [*layout.get("annotations", ()), *marks],
        },
    }


def shown(events: Sequence[Event], months: Sequence[str] = ()) -> list[Event]:
    """The events that are drawn, in the order of their numbers."""
    inside = [event for event in events if not months or _month(event.day) in months]
    return sorted(inside, key=lambda event: event.day)[-_MOST:]


def _month(day: date) -> str:
    return day.replace(day=1).isoformat()


def _place(day: date, months: Sequence[str]) -> str | float:
    """Where the day stands: itself on an axis of dates, else the month's number and the share of it that is over."""
    if not months:
        return day.isoformat()
    length = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - day.replace(day=1)
    return round(months.index(_month(day)) - 0.5 + (day.day - 1) / length.days, 3)


def _line(at: str | float, top: float) -> Spec:
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": at,
        "x1": at,
        "y0": 0,
        "y1": top,
        "line": {"dash": "dot", "width": 1.2, "color": GREY},
    }


def _mark(number: int, event: Event, at: str | float, top: float) -> Spec:
    return {
        "text": str(number),
        "hovertext": label(f"{event.day.isoformat()} · {event.text}", most=90),
        "x": at,
        "xref": "x",
        "y": top,
        "yref": "paper",
        "yanchor": "top",
        "showarrow": False,
        "bgcolor": GREY,
        "borderpad": 2,
        "font": {"size": 10, "color": "#FFFFFF"},
    }
