"""One life on one axis: every lane stands below the bars, spells are as long as they lasted, nothing from a file comes alive."""

from datetime import date

from analytics.figures.look import ticks
from analytics.figures.timeline import Lane, Marks, Month, Spell, timeline

DAY = 86_400_000
MONTHS = [Month(day=date(2026, month, 1), value=float(month), text=f"month {month}") for month in range(1, 7)]
NAMES = [(month.day, month.text) for month in MONTHS]
TIER = Lane(name="Tier", spells=[Spell(first=date(2026, 1, 5), last=date(2026, 1, 6), name="<b>Gold</b>", text="t", colour="#000000")])
CALLS = Lane(
    name="Calls",
    marks=[
        Marks(name="call", days=[date(2026, 2, 3)], text=["<a>3 Feb</a>"], colour="#111111"),
        Marks(name="none", days=[], text=[], colour="#222222"),
    ],
)


def drawn(*lanes: Lane) -> dict:
    return timeline(MONTHS, lanes, ticks=ticks(6.0, str), names=NAMES)


def test_a_spell_is_as_long_as_its_days_the_last_one_included() -> None:
    _, spell = drawn(TIER)["data"]
    assert (spell["base"], spell["x"], spell["yaxis"]) == (["2026-01-05"], [2 * DAY], "y2")


def test_lanes_stand_below_the_bars_in_the_order_given() -> None:
    layout = drawn(TIER, CALLS)["layout"]
    assert layout["yaxis2"]["domain"][1] < layout["yaxis"]["domain"][0]
    assert layout["yaxis2"]["categoryarray"] == ["Calls", "Tier"]  # plotly counts from the bottom
    assert layout["xaxis"]["anchor"] == "y2"  # the months are written below them
    assert layout["height"] > drawn(TIER)["layout"]["height"]


def test_kinds_without_anything_are_not_drawn() -> None:
    assert len(drawn(CALLS)["data"]) == 2  # the bars, and the calls


def test_without_lanes_the_bars_take_the_whole_height() -> None:
    layout = drawn()["layout"]
    assert layout["yaxis"]["domain"] == [0, 1]
    assert "yaxis2" not in layout


def test_text_from_a_file_is_inert_and_at_most_three_months_are_written() -> None:
    spec = drawn(TIER, CALLS)
    assert spec["data"][1]["text"] == ["&lt;b&gt;Gold&lt;/b&gt;"]
    assert spec["data"][2]["customdata"] == ["&lt;a&gt;3 Feb&lt;/a&gt;"]
    assert spec["layout"]["xaxis"]["ticktext"] == ["month 2", "month 4", "month 6"]
