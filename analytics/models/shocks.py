"""How long a known shock lasted, by the weeks that lie outside a forecast made just before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.models import forecast
from analytics.models.forecast import Floats, Pulse

LEAST_BEFORE = 26  # weeks without which there is no forecast to hold the shock against
LONGEST = 8  # weeks; what stays away longer is a new level, which the model follows by itself
LEVEL = 0.95


def lasting(history: pd.Series, days: Sequence[pd.Timestamp]) -> list[Pulse | None]:
    """For each day on which a shock began, the first and last day of its effect; None where none can be told from chance.

    Shapes  history of days (see models.forecast)
    How     two weeks in a row outside the 95 % interval of a forecast made on the eve, on one side, beginning within the first two
            weeks; it lasts while the gap to the forecast is at least half of theirs, at most LONGEST weeks
    """
    return [_lasting(history, day) for day in days]


def _lasting(history: pd.Series, day: pd.Timestamp) -> Pulse | None:
    before, after = history[: day - pd.Timedelta(days=1)], history[day:]
    weeks = min(len(after) // 7, LONGEST + 2)
    if len(before) < 7 * LEAST_BEFORE or weeks < 3:
        return None
    actual = after.to_numpy(float)[: 7 * weeks].reshape(weeks, 7).sum(axis=1)
    run = _run(actual, *forecast.weeks_ahead(before, weeks, LEVEL))
    return None if run is None else (day + pd.Timedelta(weeks=run[0]), day + pd.Timedelta(weeks=run[1]) - pd.Timedelta(days=1))


def _run(actual: Floats, low: Floats, middle: Floats, high: Floats) -> tuple[int, int] | None:
    """First week of the effect and the week after its last one."""
    gap = actual / middle - 1
    outside = np.where((actual < low) | (actual > high), np.sign(gap), 0)
    first = next((at for at in (0, 1) if outside[at] != 0 and outside[at] == outside[at + 1]), None)
    if first is None:
        return None
    half = gap[first : first + 2].mean() / 2
    end = next((at for at in range(first + 2, len(gap)) if gap[at] / half < 1), len(gap))
    return (first, end) if end - first <= LONGEST else None
