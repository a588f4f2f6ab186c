"""How long a known shock lasted: the run of weeks outside the interval of a forecast made just before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.models import forecast
from analytics.models.forecast import Pulse

LEAST_BEFORE = 26  # weeks without which there is no forecast to hold the shock against
LONGEST = 8  # weeks; what stays away longer is a new level, which the model follows by itself
_LEVEL = 0.95


def lasting(history: pd.Series, days: Sequence[pd.Timestamp]) -> list[Pulse | None]:
    """For each day on which a shock began, the first and last day of its effect; None where none can be told from chance.

    Shapes  history of days (see models.forecast)
    How     two or more weeks in a row outside the 95 % interval of a forecast made on the eve, beginning within the first two
            weeks, on one side, back inside after at most eight. Looks at the data after the shock, so only the past can be told
    """
    return [_lasting(history, day) for day in days]


def _lasting(history: pd.Series, day: pd.Timestamp) -> Pulse | None:
    before, after = history[: day - pd.Timedelta(days=1)], history[day:]
    weeks = min(len(after) // 7, LONGEST + 2)
    if len(before) < 7 * LEAST_BEFORE or weeks < 3:
        return None
    actual = after.to_numpy(float)[: 7 * weeks].reshape(weeks, 7).sum(axis=1)
    low, high = forecast.weeks_ahead(before, weeks, _LEVEL)
    side = np.sign(np.where(actual > high, 1, np.where(actual < low, -1, 0)))
    run = _run(side)
    return None if run is None else (day + pd.Timedelta(weeks=run[0]), day + pd.Timedelta(weeks=run[1]) - pd.Timedelta(days=1))


def _run(side: np.ndarray) -> tuple[int, int] | None:
    """First week and the week after the last of the run that begins in the first two weeks; it must have ended."""
    first = next((at for at in (0, 1) if side[at] != 0), None)
    if first is None:
        return None
    end = next((at for at in range(first, len(side)) if side[at] != side[first]), None)
    return (first, end) if end is not None and 2 <= end - first <= LONGEST else None
