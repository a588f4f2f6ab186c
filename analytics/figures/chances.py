"""What may come out, and how likely: bars of equal width, those below zero in another colour."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from analytics.figures.look import BLUE, GREY, ORANGE, Spec, axis, label, layout

_SIDES = ((0.0, "left"), (1.0, "right"))


def chances(
    edges: Sequence[float],
    shares: Sequence[float],
    text: Sequence[str],
    *,
    value: float,
    value_text: str,
    sides: tuple[str, str],
    ticks: Spec,
) -> Spec:
    """A histogram with the single best value marked; each side of zero carries its own words.

    Shapes  one edge more than shares; one text a share; sides: (below zero, above), "" where nothing is to be said
    """
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    bar = {
        "type": "bar",
        "x": middles,
        "y": list(shares),
        "width": [high - low for low, high in pairwise(edges)],
        "marker": {"color": [BLUE if middle > 0 else ORANGE for middle in middles], "line": {"width": 0}},
        "customdata": [label(told, most=160) for told in text],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    top = max(shares)
    lines = [
        {"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": GREY, "width": 1.5, "dash": dash}}
        for place, dash in ((value, "solid"), (0.0, "dot"))
    ]
    notes = [
        {"x": value, "y": 1.0, "yanchor": "bottom", "text": label(value_text, most=70), "font": {"size": 11}},
        *(
            {"x": at, "xref": "paper", "xanchor": anchor, "y": 0.9, "text": f"<b>{label(told, most=60)}</b>"}
            for told, (at, anchor) in zip(sides, _SIDES, strict=True)
            if told
        ),
    ]
    notes = [{"yref": "paper", "showarrow": False, **note} for note in notes]
    axes = {"xaxis": axis(showgrid=False, **ticks), "yaxis": axis(visible=False, range=[0, 1.25 * top])}
    margin = {"l": 8, "r": 16, "t": 30, "b": 8}
    return {"data": [bar], "layout": layout(height=320, bargap=0, margin=margin, shapes=lines, annotations=notes, **axes)}
