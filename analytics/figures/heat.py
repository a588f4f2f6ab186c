"""A heat map whose cells carry their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.figures.look import INK, RAMP, Spec, axis, label, layout, scale


def heat(
    z: Sequence[Sequence[float | None]],
    text: Sequence[Sequence[str]],
    hover: Sequence[Sequence[str]],
    *,
    x: Sequence[str],
    y: Sequence[str],
    x_title: str = "",
    y_title: str = "",
    height: int | None = None,
) -> Spec:
    """Rows from top to bottom as given; z colours, text is written into the cell, hover is shown on touch.

    Shapes  z, text, hover: len(y) x len(x); labels are escaped here, text and hover by the caller
    """
    trace = {
        "type": "heatmap",
        "z": z,
        "x": [label(name) for name in x],
        "y": [label(name) for name in y],
        "text": text,
        "texttemplate": "%{text}",
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
        "colorscale": scale(RAMP[:6]),  # light enough for dark text everywhere: figures in cells must be read
        "textfont": {"color": INK},
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverongaps": False,
    }
    axes = {
        "xaxis": axis(title={"text": x_title}, type="category", showgrid=False, side="bottom"),
        "yaxis": axis(title={"text": y_title}, type="category", showgrid=False, autorange="reversed"),
    }
    return {"data": [trace], "layout": layout(height=height or 110 + 46 * len(y), **axes)}
