"""The months behind a figure as a small neutral line: a picture of 400 bytes with a text of its own.

st.metric draws such a line with a whole chart library, and without a name for those who cannot see it.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analytics.results import Unit
from pages.shell.words import words

_WIDTH, _HEIGHT, _EDGE = 200.0, 36.0, 3.0


def sparkline(values: Sequence[float], unit: Unit) -> None:
    """Draw values, oldest first."""
    say = words()
    marks = {"first": values[0], "last": values[-1], "low": min(values), "high": max(values)}
    told = {name: say.quantity(value, unit, compact=True) for name, value in marks.items()}
    st.image(svg(values), width="stretch", alt=say("shell.course", n=len(values), **told))


def svg(values: Sequence[float]) -> str:
    """A line over a faint area, 200 x 36, stretched to the width of its card; the least value lies at the bottom."""
    low, high = min(values), max(values)
    step, scale = _WIDTH / (len(values) - 1), (_HEIGHT - 2 * _EDGE) / ((high - low) or 1)
    points = " ".join(f"{place * step:.1f},{_HEIGHT - _EDGE - (value - low) * scale:.1f}" for place, value in enumerate(values))
    line = f'<polyline points="{points}" fill="none" stroke="#7A8894" stroke-width="1.6" vector-effect="non-scaling-stroke"/>'
    area = f'<polygon points="0,{_HEIGHT} {points} {_WIDTH},{_HEIGHT}" fill="#7A8894" opacity="0.14"/>'
    size = f'viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" width="{_WIDTH:.0f}" height="{_HEIGHT:.0f}" preserveAspectRatio="none"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{area}{line}</svg>'
