"""Months against their targets: bars of what came, hollow bars of what is expected with its interval, a stroke for each target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import BLUE, GREY, RED, Spec, axis, label, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month: its plan, what came (None while it is not over), else what is expected with low and high; the text on touch."""

    month: str
    name: str
    plan: float
    actual: float | None
    value: float | None
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What the marks are called."""

    actual: str
    expected: str
    plan: str


def targets(months: Sequence[Month], *, keys: Keys, ticks: Spec) -> Spec:
    """Bars from left to right as given; the axis starts at nothing."""
    step = max(1, -(-len(months) // 4))
    shown = months[(len(months) - 1) % step :: step]
    came, coming = [month for month in months if month.actual is not None], [month for month in months if month.actual is None]
    data = [
        *([_bars(came, keys.actual)] if came else []),
        *([_expected(coming, keys.expected)] if coming else []),
        _strokes(months, keys.plan),
    ]
    axes = {
        "xaxis": axis(
            type="category",
            categoryorder="array",
            categoryarray=[month.month for month in months],
            showgrid=False,
            tickvals=[month.month for month in shown],
            ticktext=[label(month.name) for month in shown],
        ),
        "yaxis": axis(rangemode="tozero", **ticks),
    }
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    return {"data": data, "layout": layout(height=340, barmode="overlay", bargap=0.3, showlegend=True, legend=legend, **axes)}


def _bars(months: Sequence[Month], name: str) -> Spec:
    return {**_trace(months, name), "type": "bar", "y": [month.actual for month in months], "marker": {"color": BLUE}}


def _expected(months: Sequence[Month], name: str) -> Spec:
    value = [month.value or 0.0 for month in months]
    above = [(month.high or 0.0) - at for month, at in zip(months, value, strict=True)]
    below = [at - (month.low or 0.0) for month, at in zip(months, value, strict=True)]
    spread = {"type": "data", "symmetric": False, "array": above, "arrayminus": below, "color": GREY, "thickness": 2, "width": 5}
    marker = {"color": "rgba(0,114,178,0.15)", "line": {"color": BLUE, "width": 1.5}}
    return {**_trace(months, name), "type": "bar", "y": value, "error_y": spread, "marker": marker}


def _strokes(months: Sequence[Month], name: str) -> Spec:
    size = max(8, min(34, 320 // len(months)))
    marker = {"symbol": "line-ew", "size": size, "line": {"color": RED, "width": 3.5}}
    return {**_trace(months, name), "type": "scatter", "mode": "markers", "y": [month.plan for month in months], "marker": marker}


def _trace(months: Sequence[Month], name: str) -> Spec:
    return {
        "name": label(name),
        "x": [month.month for month in months],
        "customdata": [label(month.text, most=160) for month in months],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
