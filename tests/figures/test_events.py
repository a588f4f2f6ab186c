"""Events stand where they happened on an axis of time."""

from datetime import date

from analytics.figures.events import Event, with_events
from analytics.figures.look import layout

MONTHS = ("2026-01-01", "2026-02-01", "2026-03-01")


def lines(*days: date, months: tuple[str, ...] = ()) -> list[object]:
    spec = with_events({"data": [], "layout": layout(height=300)}, [Event(day=day, text="<b>rule</b>") for day in days], months=months)
    return [shape["x0"] for shape in spec["layout"]["shapes"]]


def test_on_an_axis_of_dates_an_event_stands_on_its_day() -> None:
    assert lines(date(2026, 3, 9)) == ["2026-03-09"]


def test_on_an_axis_of_months_the_first_day_is_the_left_edge_of_its_bar() -> None:
    """Category 1 is February: its bar reaches from 0.5 to 1.5, and the 15th of 28 days is half way."""
    assert lines(date(2026, 2, 1), date(2026, 2, 15), months=MONTHS) == [0.5, 1.0]


def test_an_event_outside_the_months_shown_is_not_drawn() -> None:
    assert lines(date(2025, 12, 31), months=MONTHS) == []


def test_what_the_user_wrote_is_inert_and_numbered_in_order_of_time() -> None:
    events = [Event(day=date(2026, 3, 1), text="later"), Event(day=date(2026, 1, 1), text="<b>first</b>")]
    marks = with_events({"data": [], "layout": layout(height=300)}, events)["layout"]["annotations"]
    assert [(mark["text"], "&lt;b&gt;first" in mark["hovertext"]) for mark in marks] == [("1", True), ("2", False)]
