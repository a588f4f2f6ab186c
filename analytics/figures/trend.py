"""Months: bars for one measure, a line for another; months that are not over are hollow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import BLUE, ORANGE, Spec, axis, label, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One measure over the months: values (nan where unknown), their text on touch, ticks of its axis."""

    name: str
    values: Sequence[float]
    text: Sequence[str]
    ticks: Spec


def trend(
    months: Sequence[str],
    names: Sequence[str],
    complete: Sequence[bool],
    bar: Series,
    line: Series | None = None,
    *,
    partial: str = "",
    ring: str = "",
) -> Spec:
    """Bars, and a line on a panel of its own above them: two scales never share one axis.

    Shapes  months ISO days, names their labels, complete whether the month is whole; `partial` is written over hollow bars
    """
    step = max(1, -(-len(months) // 7))
    shown = list(range((len(months) - 1) % step, len(months), step))
    x_axis = axis(type="category", showgrid=False, tickvals=[months[at] for at in shown], ticktext=[names[at] for at in shown])
    data = [_bars(months, names, complete, bar)]
    axes = {"xaxis": x_axis, "yaxis": axis(domain=[0, 0.58] if line else [0, 1], **bar.ticks, rangemode="tozero")}
    notes = [_name(bar.name, 0.58 if line else 1.0), *_partial(months, complete, bar, partial)]
    if line is not None:
        data.append(_line(months, names, complete, line))
        axes["yaxis2"] = axis(domain=[0.72, 1], anchor="x", **line.ticks, rangemode="tozero")
        notes.append(_name(line.name, 1.0))
    return {
        "data": data,
        "layout": layout(height=400 if line else 300, margin={"l": 8, "r": 16, "t": 28, "b": 8}, bargap=0.25, annotations=notes, **axes),
    }


def _bars(months: Sequence[str], names: Sequence[str], complete: Sequence[bool], series: Series) -> Spec:
    marker = {
        "color": [BLUE if whole else "rgba(0,114,178,0.12)" for whole in complete],
        "line": {"color": BLUE, "width": [0 if whole else 1.5 for whole in complete]},
    }
    return {
        "type": "bar",
        "name": label(series.name),
        "x": list(months),
        "y": _known(series.values),
        "customdata": _touch(names, series.text),
        "marker": marker,
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _line(months: Sequence[str], names: Sequence[str], complete: Sequence[bool], series: Series) -> Spec:
    values = [value if whole else None for value, whole in zip(_known(series.values), complete, strict=True)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": label(series.name),
        "x": list(months),
        "y": values,
        "yaxis": "y2",
        "customdata": _touch(names, series.text),
        "line": {"color": ORANGE, "width": 2},
        "marker": {"size": 6, "color": ORANGE},
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _touch(names: Sequence[str], text: Sequence[str]) -> list[str]:
    return [f"{label(name)}: {label(shown)}" for name, shown in zip(names, text, strict=True)]


def _known(values: Sequence[float]) -> list[float | None]:
    return [value if value == value else None for value in values]


def _name(text: str, y: float) -> Spec:
    return {
        "text": label(text, most=80),
        "x": 0,
        "xref": "paper",
        "y": y,
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 4,
        "showarrow": False,
        "font": {"size": 12},
    }


def _partial(months: Sequence[str], complete: Sequence[bool], series: Series, text: str) -> list[Spec]:
    return [
        {
            "text": label(text),
            "x": month,
            "xref": "x",
            "y": value,
            "yref": "y",
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"size": 11},
        }
        for month, whole, value in zip(months, complete, series.values, strict=True)
        if text and not whole and value == value
    ]
