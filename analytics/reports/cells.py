"""Values of a table as text, in the language and format of its reader."""

from __future__ import annotations

from datetime import date
from numbers import Integral, Real
from typing import TYPE_CHECKING

import pandas as pd

from analytics.results import Unit

if TYPE_CHECKING:
    from analytics.i18n import Words

_LEAST = 0.001


def cell(value: object, words: Words, *, share: bool = False) -> str:
    """One value: a share as per cent, whole numbers whole, others to two places, days as days; nothing as a dash."""
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return words("words.yes" if value else "words.no")
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, Real) and value != value):
        return "–"
    if isinstance(value, date):
        return words.day(value)
    if isinstance(value, Integral):
        return words.number(int(value))
    if isinstance(value, Real):
        return words.quantity(float(value), Unit.SHARE) if share else _number(float(value), words)
    return str(value)


def _number(value: float, words: Words) -> str:
    """Small ones to three places; what is nearly nothing is not called nothing."""
    if 0 < abs(value) < _LEAST:
        return f"{'<' if value > 0 else '>'} {words.number(_LEAST if value > 0 else -_LEAST, digits=3)}"
    digits = 3 if abs(value) < 0.1 else 2
    return words.number(value, digits=digits if abs(value) < 1000 and value != int(value) else 0)
