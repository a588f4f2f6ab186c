"""What happened, for every axis of time: rule changes, competitors, shocks, as the user told them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.events import Event, shown, with_events
from analytics.results import Result
from analytics.studies.base import Figure

if TYPE_CHECKING:
    from analytics.i18n import Words
    from analytics.warehouse import Warehouse

EVENTS = """-- what happened, as told by the user
select date, kind, coalesce(text, kind) as text from events where coalesce(text, kind) is not null order by date, text
"""


def events(warehouse: Warehouse) -> pd.DataFrame:
    """Every event: date, kind, text."""
    return warehouse.frame(EVENTS)


def marked(figure: Figure, result: Result, months: Sequence[str], words: Words, *, listed: bool = True) -> Figure:
    """The figure with the result's events on its axis of months (ISO days); `listed` names them in its note."""
    happened = _drawn(result.tables.get("events"))
    note = figure.note + (_named(happened, months, words) if listed else "")
    return replace(figure, spec=with_events(figure.spec, happened, months=months), note=note)


def _drawn(table: pd.DataFrame | None) -> tuple[Event, ...]:
    if table is None:
        return ()
    return tuple(Event(day=day.date(), text=str(text)) for day, text in zip(table["date"], table["text"], strict=True))


def _named(happened: Sequence[Event], months: Sequence[str], words: Words) -> str:
    """The events by the numbers they have in the figure, for its note: what a finger cannot hover over must be read."""
    listed = [f"{number} {event.text} ({words.day(event.day)})" for number, event in enumerate(shown(happened, months), start=1)]
    return words("figures.events", list=" · ".join(listed)) if listed else ""
