"""Flows, layers, control charts and intervals: what they write is escaped, what they mark is marked, all stand where they belong."""

import json

import pytest

from analytics.figures.control import Limits, control
from analytics.figures.intervals import Interval, intervals
from analytics.figures.layers import Layer, layers
from analytics.figures.sankey import Flow, sankey

KEY = {"up": "up <b>", "same": "unchanged", "down": "down", "out": "lapsed", "in": "new"}


def test_states_of_a_flow_stand_where_their_customers_are() -> None:
    flows = [Flow(start=0, end=0, value=30.0, way="same", text="stay"), Flow(start=1, end=0, value=10.0, way="up", text="rise")]
    spec = sankey(["<i>top</i>", "low"], ["top"], flows, key=KEY)
    node = spec["data"][0]["node"]
    top, low, end = node["y"]
    assert top < low
    assert end == pytest.approx(0.5)
    gap = low - top  # half of each of the two states, and the pad between them
    assert gap == pytest.approx((1 - node["pad"] / (spec["layout"]["height"] - 42)) / 2 + node["pad"] / (spec["layout"]["height"] - 42))


def test_names_of_a_flow_are_inert_and_its_key_holds_only_the_ways_that_occur() -> None:
    spec = sankey(["<i>a</i>"], ["b"], [Flow(start=0, end=0, value=1.0, way="up", text="<u>x</u>")], key=KEY)
    drawn = json.dumps(spec)
    assert "<i>" not in drawn
    assert "<u>" not in drawn
    key = spec["layout"]["annotations"][0]["text"]
    assert "up &lt;b&gt;" in key
    assert "lapsed" not in key


def test_layers_lie_on_one_another_and_thin_ones_have_no_name() -> None:
    parts = [Layer(name=name, shares=[0.5, share], text=["", ""]) for name, share in (("most", 0.97), ("<thin>", 0.03))]
    spec = layers(["2024-01-01", "2024-02-01"], ["Jan", "Feb"], parts, ticks={})
    assert spec["layout"]["barmode"] == "stack"
    assert [note["text"] for note in spec["layout"]["annotations"]] == ["most"]
    assert spec["layout"]["annotations"][0]["y"] == pytest.approx(0.485)
    assert spec["data"][1]["name"] == "&lt;thin&gt;"
    assert spec["data"][0]["marker"]["color"] != spec["data"][1]["marker"]["color"]


def test_layers_of_numbers_reach_as_high_as_the_tallest_month() -> None:
    parts = [Layer(name=name, shares=shares, text=["", ""]) for name, shares in (("most", [60, 90]), ("thin", [40, 3]))]
    spec = layers(["2024-01-01", "2024-02-01"], ["Jan", "Feb"], parts, ticks={}, top=100.0)
    assert spec["layout"]["yaxis"]["range"] == [0, 100.0]
    assert [note["text"] for note in spec["layout"]["annotations"]] == ["most"]


def limits(threshold: float) -> Limits:
    return Limits(band=(0.01, 0.10), band_text="chance", threshold=threshold, threshold_text="alarm")


def test_only_months_above_the_threshold_are_marked() -> None:
    months = ["2024-01-01", "2024-02-01"]
    spec = control(months, ["Jan", "Feb"], [0.1, 0.3], ["10 %", "30 %"], limits(0.2), ticks={}, top=0.4)
    assert spec["data"][0]["marker"]["symbol"] == ["circle", "diamond"]
    assert [note["text"] for note in spec["layout"]["annotations"]] == ["chance", "alarm"]


def test_limits_close_together_share_one_line_of_words() -> None:
    spec = control(["2024-01-01"], ["Jan"], [0.1], ["10 %"], limits(0.11), ticks={}, top=0.4)
    assert [note["text"] for note in spec["layout"]["annotations"]] == ["alarm · chance"]


def test_what_may_be_chance_is_hollow_and_long_intervals_end_at_the_edge() -> None:
    rows = [
        Interval(name="<b>one</b>", value=0.2, low=0.1, high=0.3, text="", clear=True, sub="1 / 2"),
        Interval(name="two", value=0.2, low=-3.0, high=3.0, text="", clear=False),
    ]
    spec = intervals(rows, ticks={}, span=(-0.5, 0.5))
    assert [trace["marker"]["symbol"] for trace in spec["data"]] == ["circle", "circle-open"]
    assert spec["data"][1]["x"] == [-0.5, 0.2, 0.5]
    assert spec["data"][0]["y"][0] == "&lt;b&gt;one&lt;/b&gt;<br>1 / 2"
