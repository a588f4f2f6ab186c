"""Shapes: what they write is escaped, what they mark is marked."""

from math import nan

from analytics.figures.bars import Measure, bars
from analytics.figures.heat import heat
from analytics.figures.look import label, ticks
from analytics.figures.panels import Panel, panels
from analytics.figures.trend import Series, trend


def test_markup_from_a_file_is_inert_in_labels() -> None:
    assert label("<b>A & B</b>") == "&lt;b&gt;A &amp; B&lt;/b&gt;"


def test_a_long_label_is_cut_before_it_is_escaped() -> None:
    assert label("&" * 50) == "&amp;" * 43 + "…"


def test_ticks_are_round_and_written_by_the_caller() -> None:
    axis = ticks(9_300, lambda value: f"{value:.0f} €")
    assert axis["tickvals"] == [0, 2500, 5000, 7500]
    assert axis["ticktext"][1] == "2500 €"


def test_an_axis_without_span_has_one_tick() -> None:
    assert ticks(0, str)["tickvals"] == [0]


def test_bars_stand_in_the_order_given_and_carry_their_text() -> None:
    spec = bars(["one", "<two>"], [Measure(name="share", values=[0.4, 0.6], text=["40 %", "60 %"])])
    (trace,) = spec["data"]
    assert trace["y"] == ["one", "&lt;two&gt;"]
    assert trace["text"] == ["40 %", "60 %"]
    assert spec["layout"]["showlegend"] is False


def test_bars_leave_room_for_refunds_below_zero() -> None:
    spec = bars(["a", "b"], [Measure(name="share", values=[-0.2, 1.2], text=["-20 %", "120 %"])])
    low, high = spec["layout"]["xaxis"]["range"]
    assert low < -0.2
    assert high > 1.2


def test_a_month_that_is_not_over_is_hollow_and_left_out_of_the_line() -> None:
    series = Series(name="sales", values=[10.0, 3.0], text=["10", "3"], ticks={})
    spec = trend(["2024-01-01", "2024-02-01"], ["Jan", "Feb"], [True, False], series, series, partial="partial")
    bar, line = spec["data"]
    assert bar["marker"]["line"]["width"] == [0, 1.5]
    assert line["y"] == [10.0, None]
    assert "partial" in [note["text"] for note in spec["layout"]["annotations"]]


def test_a_value_that_is_not_known_is_a_gap_not_a_zero() -> None:
    series = Series(name="sales", values=[nan, 3.0], text=["–", "3"], ticks={})
    spec = trend(["2024-01-01", "2024-02-01"], ["Jan", "Feb"], [True, True], series)
    assert spec["data"][0]["y"] == [None, 3.0]


def test_the_chosen_number_of_clusters_is_the_marked_one() -> None:
    part = Panel(title="stability", values=[nan, 0.9, 0.5], text=["", "0.9", "0.5"], bar=0.6, bar_text="at least 0.6")
    spec = panels([1, 2, 3], [part, part], chosen=2, x_title="clusters")
    assert [len(trace["x"]) for trace in spec["data"]] == [3, 3]
    assert spec["data"][0]["marker"]["size"] == [7, 13, 7]
    assert spec["data"][0]["y"][0] is None


def test_an_empty_cell_of_a_heat_map_stays_empty() -> None:
    spec = heat([[0.5, None]], [["50 %", ""]], [["a", "b"]], x=["1", "2"], y=["r"])
    assert spec["data"][0]["z"] == [[0.5, None]]
    assert spec["data"][0]["showscale"] is False
