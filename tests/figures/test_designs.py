"""Shapes of the designs: sides lie opposite, lines end where they were fitted, names from a file are inert."""

from analytics.figures.contours import contours
from analytics.figures.marks import Mark, marked
from analytics.figures.mirrored import Side, mirrored
from analytics.figures.threshold import Crowd, threshold
from analytics.figures.threshold import Side as Line


def test_one_side_stands_above_the_line_and_the_other_below() -> None:
    spec = mirrored(
        [0.25, 0.75], Side(name="<in>", shares=[0.2, 0.8], text=["a", "b"]), Side(name="out", shares=[0.7, 0.3], text=["c", "d"]),
        x={}, y={}, x_title="chance",
    )  # fmt: skip
    above, below = spec["data"]
    assert (above["y"], below["y"]) == ([0.2, 0.8], [-0.7, -0.3])
    assert above["name"] == "&lt;in&gt;"


def test_marks_lie_over_the_drawing_and_only_named_ones_are_named() -> None:
    under = contours([[1.0]], [["x"]], x=[0.0], y=[0.0], x_ticks={}, y_ticks={}, x_title="", y_title="", levels=[(0.0, "zero", 0.0, 0.0)])
    spec = marked(under, [Mark(x=0.1, y=0.2, text="one"), Mark(x=0.3, y=0.4, text="two", name="<b>")])
    assert spec["data"][-1]["x"] == [0.1, 0.3]
    assert [note["text"] for note in spec["layout"]["annotations"]] == ["zero", "&lt;b&gt;"]
    assert len(under["layout"]["annotations"]) == 1  # what was drawn under it stays as it was


def test_both_sides_of_a_threshold_have_their_colour_above_and_below() -> None:
    sides = [Line(name=name, at=[at], mean=[5.0], fit=[None], text=["t"]) for name, at in (("below", -1.0), ("above", 1.0))]
    spec = threshold(*sides, Crowd(name="n", at=[-1.0, 1.0], n=[3, 4], text=["3", "4"]), x={}, y={}, n={}, x_title="", y_title="")
    points = [trace for trace in spec["data"] if trace.get("mode") == "markers"]
    bars = spec["data"][-1]
    assert [trace["marker"]["color"] for trace in points] == bars["marker"]["color"]
    assert [trace["y"] for trace in spec["data"] if trace.get("mode") == "lines"] == [[None], [None]]
    assert spec["layout"]["shapes"][0]["x0"] == 0
