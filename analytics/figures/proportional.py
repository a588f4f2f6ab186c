"""What is got against what is given, with the line on which one is in proportion to the other."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.figures.look import GREY, Spec, axis, label, layout, ramp


def proportional(
    names: Sequence[str], x: Sequence[float], y: Sequence[float], text: Sequence[str], *, ticks: Spec, x_title: str, y_title: str, line: str
) -> Spec:
    """One dot a name, from the lowest tier to the highest; both axes alike from 0, so that the line of proportion is the diagonal.

    Shapes  names, x, y, text (touch) of one length; line: what is written at the diagonal
    """
    top = 1.12 * max([*x, *y])
    dots = {
        "type": "scatter",
        "mode": "markers+text",
        "x": list(x),
        "y": list(y),
        "text": [label(name, most=16) for name in names],
        "customdata": [label(told, most=90) for told in text],
        "textposition": ["middle left" if at > 0.7 * top else "middle right" for at in x],
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {"size": 14, "color": ramp(len(names)), "line": {"width": 1.2, "color": GREY}},
    }
    diagonal = {
        "type": "line",
        "x0": 0,
        "y0": 0,
        "x1": top,
        "y1": top,
        "line": {"dash": "dot", "width": 1.3, "color": GREY},
        "layer": "below",
    }
    note = {
        "x": 0.97 * top,
        "y": 0.97 * top,
        "text": label(line),
        "showarrow": False,
        "xanchor": "right",
        "yanchor": "bottom",
        "font": {"size": 11},
    }
    axes = {
        "xaxis": axis(range=[0, top], title={"text": label(x_title)}, **ticks),
        "yaxis": axis(range=[0, top], title={"text": label(y_title)}, **ticks),
    }
    return {"data": [dots], "layout": layout(height=380, shapes=[diagonal], annotations=[note], **axes)}
