"""What happened, for every axis of time: rule changes, competitors, shocks, as the user told them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.events import Event

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

EVENTS = """-- what happened, as told by the user
select date, kind, coalesce(text, kind) as text from events where coalesce(text, kind) is not null order by date, text
"""


def events(warehouse: Warehouse) -> pd.DataFrame:
    """Every event: date, kind, text."""
    return warehouse.frame(EVENTS)


def drawn(table: pd.DataFrame | None) -> tuple[Event, ...]:
    """The events of a result's table as a figure takes them."""
    if table is None:
        return ()
    return tuple(Event(day=day.date(), text=str(text)) for day, text in zip(table["date"], table["text"], strict=True))
