"""Lines of equal value over two measures: what combinations of them are worth the same."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.figures.look import INK, RAMP, Spec, axis, label, layout, scale


def contours(
    z: Sequence[Sequence[float]],
    hover: Sequence[Sequence[str]],
    *,
    x: Sequence[float],
    y: Sequence[float],
    x_ticks: Spec,
    y_ticks: Spec,
    x_title: str,
    y_title: str,
    levels: Sequence[tuple[float, str, float, float]],
    height: int = 420,
) -> Spec:
    """Filled between round levels, each written where its line runs.

    Shapes  z, hover: len(y) x len(x); levels: value, its name, and the x and y of a point on its line; labels are escaped here, hover by
            the caller
    """
    steps = [level for level, *_ in levels]
    traces: list[Spec] = [
        {
            "type": "heatmap",
            "z": [list(row) for row in z],
            "x": list(x),
            "y": list(y),
            "zsmooth": "best",
            "colorscale": scale(RAMP[:6]),  # light enough for dark text everywhere
            "zmin": 0,
            "zmax": max((max(row) for row in z), default=1.0),
            "customdata": [list(row) for row in hover],
            "hovertemplate": "%{customdata}<extra></extra>",
            "showscale": False,
        },
        *[_line(z, x, y, level) for level in steps],
    ]
    axes = {
        "xaxis": axis(title={"text": label(x_title)}, showgrid=False, range=[min(x), max(x)], **x_ticks),
        "yaxis": axis(title={"text": label(y_title)}, showgrid=False, range=[min(y), max(y)], **y_ticks),
    }
    names = [_name(text, at_x, at_y) for _, text, at_x, at_y in levels]
    return {"data": traces, "layout": layout(height=height, annotations=names, **axes)}


def _line(z: Sequence[Sequence[float]], x: Sequence[float], y: Sequence[float], level: float) -> Spec:
    return {
        "type": "contour",
        "z": [list(row) for row in z],
        "x": list(x),
        "y": list(y),
        "autocontour": False,
        "contours": {"start": level, "end": level, "size": 1, "coloring": "none"},
        "line": {"color": INK, "width": 1.2},
        "showscale": False,
        "hoverinfo": "skip",
    }


def _name(text: str, x: float, y: float) -> Spec:
    return {
        "text": label(text, most=16),
        "x": x,
        "y": y,
        "showarrow": False,
        "bgcolor": "rgba(255,255,255,0.82)",
        "borderpad": 2,
        "font": {"size": 11, "color": INK},
    }
