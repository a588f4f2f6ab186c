"""How cohorts, shares and differences are written and drawn by the figures of the study `cohorts`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.curves import Curve
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import Spec, label, ticks
from analytics.results import Period, Result
from analytics.studies.tables import titled

if TYPE_CHECKING:
    from analytics.i18n import Words

ROWS = 24  # rows of a figure; the table holds all
_SHARES = {column: f"{column}_share" for column in ("expected", "difference", "low", "high", "newer", "older")}  # written as per cent
_KEYS = {"group": "cohorts.groups", "standing": "cohorts.standings", "basis": "cohorts.bases", "dimension": "cohorts.by"}


def width_of(result: Result) -> str:
    """Width of the cohorts: month or quarter."""
    return str(result.tables["second"]["grain"].iloc[0])


def cohort_name(cohort: pd.Timestamp, grain: str, words: Words) -> str:
    """A cohort as it is called: May 2025, Q2 2025."""
    return words.period(Period(first=cohort.date(), grain="quarter" if grain == "quarter" else "month"))


def bounds(row: pd.Series, words: Words) -> str:
    """An interval as it stands in brackets."""
    return f"{words.share(row['low'], digits=0)} – {words.share(row['high'], digits=0)}"


def share_text(row: pd.Series, words: Words) -> str:
    """A share with its interval."""
    return f"{words.share(row['share'])} ({bounds(row, words)})"


def in_points(gap: float, words: Words) -> str:
    """A difference of shares in percentage points, with its sign."""
    return f"{'+' if gap > 0 else ''}{words.number(round(100 * gap))}"


def share_ticks(top: float, words: Words) -> dict[str, object]:
    """Ticks of an axis of shares from nothing to the top."""
    return ticks(float(top), lambda share: words.share(share, digits=0))


def age_ticks(reached: pd.Series) -> dict[str, object]:
    """Ticks of an axis of ages, seven at most."""
    step = next(step for step in (1, 2, 3, 6, 12, 24, 120) if reached.max() / step <= 6)
    marked = list(range(0 if reached.min() == 0 else step, int(reached.max()) + 1, step))
    return {"tickvals": marked, "ticktext": [str(age) for age in marked]}


def share_curve(rows: pd.DataFrame, column: str, name: str, colour: str | None, words: Words) -> Curve:
    """Shares over ages or days, with their band."""
    text = [f"{words.number(row[column])}: {share_text(row, words)}" for _, row in rows.iterrows()]
    x, y, low, high = (rows[part].tolist() for part in (column, "share", "low", "high"))
    return Curve(name=name, x=x, y=y, text=text, low=low, high=high, colour=colour)


def interval(name: str, row: pd.Series, value: str, text: str) -> Interval:
    """A row of a figure of intervals: filled where it stands out beyond chance."""
    return Interval(
        name=name, value=float(row[value]), low=float(row["low"]), high=float(row["high"]), text=text, clear=row["standing"] != "alike"
    )


def scattered(rows: Sequence[Interval], *, marked: float, marked_text: str, write: Callable[[float], str]) -> Spec:
    """Intervals with the marked value named above its line; rows stand closer when there are many."""
    low, high = min(marked, *(row.low for row in rows)), max(marked, *(row.high for row in rows))
    edge = 0.04 * (high - low) or 0.01
    spec = intervals(rows, ticks=ticks(high, write, bottom=low), span=(low - edge, high + edge), marked=marked)
    name = {"text": label(marked_text, most=60), "x": marked, "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 2}
    spec["layout"] |= {
        "annotations": [{**name, "showarrow": False, "font": {"size": 11}}],
        "margin": {"l": 8, "r": 16, "t": 26, "b": 8},
        "height": 80 + len(rows) * (34 if len(rows) < 10 else 22),
    }
    return spec


def in_words(table: pd.DataFrame, words: Words, grain: str) -> pd.DataFrame:
    """A table as a reader gets it: cohorts, keys and headings in words."""
    shown = table.drop(columns=["grain"], errors="ignore").copy()
    for column, prefix in _KEYS.items():
        if column in shown:
            shown[column] = [words(f"{prefix}.{value}") if words.has(f"{prefix}.{value}") else str(value) for value in shown[column]]
    if "cohort" in shown:
        shown["cohort"] = [cohort_name(cohort, grain, words) for cohort in shown["cohort"]]
    return titled(shown.rename(columns=_SHARES), "cohorts.columns", words)
