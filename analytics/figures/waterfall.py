"""From a first amount over what is added and taken to what is left; whiskers where an amount is not known exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.figures.look import BLUE, GREEN, GREY, ORANGE, Spec, axis, label, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One bar: signed value, its interval, its text and the text on touch; a total stands on the axis, any other on what came before."""

    name: str
    value: float
    low: float
    high: float
    text: str
    touch: str
    total: bool = False


def waterfall(steps: Sequence[Step], *, ticks: Spec) -> Spec:
    """Horizontal bars from top to bottom, so that names can be read on a telephone. Gains are blue, losses orange, the rest green or grey.

    Shapes  one or more steps; the last is a total
    """
    bases, running = [], 0.0
    for step in steps:
        bases.append(0.0 if step.total else running)
        running = step.value if step.total else running + step.value
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": [label(step.name) for step in steps],
        "x": [step.value for step in steps],
        "base": bases,
        "marker": {"color": [_colour(step) for step in steps]},
        "customdata": [label(f"{step.name}: {step.touch}", most=160) for step in steps],
        "hovertemplate": "%{customdata}<extra></extra>",
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [max(0.0, step.high - step.value) for step in steps],
            "arrayminus": [max(0.0, step.value - step.low) for step in steps],
            "color": GREY,
            "thickness": 1.4,
            "width": 3,
        },
    }
    ends = [max(base, base + step.value, base + step.high) for base, step in zip(bases, steps, strict=True)]
    notes = [_told(step, end) for step, end in zip(steps, ends, strict=True)]
    reach, low = max(ends), min(0.0, *(min(base + step.low, base + step.value) for base, step in zip(bases, steps, strict=True)))
    axes = {
        "xaxis": axis(range=[low * 1.05, reach + 0.3 * (reach - low)], **ticks),
        "yaxis": axis(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=6),
    }
    zero = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": GREY, "width": 1}}
    return {"data": [bar], "layout": layout(height=70 + 38 * len(steps), bargap=0.3, annotations=notes, shapes=[zero], **axes)}


def _colour(step: Step) -> str:
    if step.total:
        return GREEN if step.value >= 0 else GREY
    return BLUE if step.value >= 0 else ORANGE


def _told(step: Step, end: float) -> Spec:
    return {
        "text": label(step.text),
        "x": end,
        "y": label(step.name),
        "xanchor": "left",
        "xshift": 8,
        "showarrow": False,
        "font": {"size": 11},
    }
