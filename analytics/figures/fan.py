"""The months so far and the months ahead: a line, then the middle of what may come within its 80 and 95 % bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import BLUE, ORANGE, Spec, axis, label, layout

_LIGHT, _DARK = "rgba(230,159,0,0.20)", "rgba(230,159,0,0.38)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The months ahead, oldest first: middle and bounds, and their text on touch."""

    months: Sequence[str]
    names: Sequence[str]
    value: Sequence[float]
    low80: Sequence[float]
    high80: Sequence[float]
    low95: Sequence[float]
    high95: Sequence[float]
    text: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The months so far: values, whether each is whole, their text on touch. Only the last may be begun."""

    months: Sequence[str]
    names: Sequence[str]
    value: Sequence[float]
    complete: Sequence[bool]
    text: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What the marks are called."""

    actual: str
    begun: str
    middle: str
    inner: str
    outer: str


def fan(behind: Behind, ahead: Ahead, *, keys: Keys, ticks: Spec) -> Spec:
    """A category axis of months; the bands start at the last whole month, a month that has begun is hollow.

    Shapes  every list of `behind` has one entry a month so far, every list of `ahead` one a month ahead
    """
    whole = [at for at, complete in enumerate(behind.complete) if complete]
    last = (behind.months[whole[-1]], float(behind.value[whole[-1]]))
    months = [*behind.months, *(month for month in ahead.months if month not in behind.months)]
    names = dict(zip([*behind.months, *ahead.months], [*behind.names, *ahead.names], strict=True))
    step = max(1, -(-len(months) // 4))
    shown = months[(len(months) - 1) % step :: step]
    data = [
        *_band(ahead.months, ahead.low95, ahead.high95, last, _LIGHT, keys.outer),
        *_band(ahead.months, ahead.low80, ahead.high80, last, _DARK, keys.inner),
        _middle(ahead, last, keys.middle),
        _line(behind, whole, keys.actual),
        *_begun(behind, keys.begun),
    ]
    axes = {
        "xaxis": axis(
            type="category",
            categoryorder="array",
            categoryarray=months,
            showgrid=False,
            tickvals=shown,
            ticktext=[names[month] for month in shown],
        ),
        "yaxis": axis(rangemode="tozero", **ticks),
    }
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    return {"data": data, "layout": layout(height=400, showlegend=True, legend=legend, **axes)}


def _band(
    months: Sequence[str], low: Sequence[float], high: Sequence[float], last: tuple[str, float], colour: str, name: str
) -> list[Spec]:
    """Two lines, the upper filled down to the lower; both begin at the last whole month."""
    shared = {"type": "scatter", "mode": "lines", "x": [last[0], *months], "line": {"width": 0}, "hoverinfo": "skip", "legendgroup": name}
    return [
        {**shared, "y": [last[1], *low], "showlegend": False},
        {**shared, "y": [last[1], *high], "fill": "tonexty", "fillcolor": colour, "name": label(name)},
    ]


def _middle(ahead: Ahead, last: tuple[str, float], name: str) -> Spec:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label(name),
        "x": [last[0], *ahead.months],
        "y": [last[1], *ahead.value],
        "customdata": ["", *(label(text, most=160) for text in ahead.text)],
        "line": {"color": ORANGE, "width": 2, "dash": "dash"},
        "marker": {"color": ORANGE, "size": [0.1] + [9] * len(ahead.months), "symbol": "diamond"},
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _line(behind: Behind, whole: Sequence[int], name: str) -> Spec:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label(name),
        "x": [behind.months[at] for at in whole],
        "y": [behind.value[at] for at in whole],
        "customdata": [label(behind.text[at], most=160) for at in whole],
        "line": {"color": BLUE, "width": 2},
        "marker": {"color": BLUE, "size": 6},
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _begun(behind: Behind, name: str) -> list[Spec]:
    """The month that has begun, hollow and on its own."""
    if all(behind.complete):
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": label(name),
            "x": [behind.months[-1]],
            "y": [behind.value[-1]],
            "customdata": [label(behind.text[-1], most=160)],
            "marker": {"color": BLUE, "size": 9, "symbol": "circle-open", "line": {"width": 2}},
            "hovertemplate": "%{customdata}<extra></extra>",
        }
    ]
