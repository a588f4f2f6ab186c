"""Days of the window as numbers: seasons, weekdays, months. Day 0 is 1 November 2024, a Friday."""

from __future__ import annotations

from datetime import date

import numpy as np

from data.programme.truth import FIRST, LAST

DAYS = (LAST - FIRST).days + 1
WEEKS = -(-DAYS // 7)
MONTHS = 24
ORIGIN = np.datetime64(FIRST)
SEASON = (0.90, 0.90, 0.96, 0.98, 1.00, 0.96, 0.90, 0.88, 0.98, 1.04, 1.16, 1.34)  # January to December
WEEKDAY = (0.84, 0.82, 0.88, 0.94, 1.12, 1.28, 1.12)  # Monday to Sunday

_DATES = ORIGIN + np.arange(DAYS)
MONTH_OF = (_DATES.astype("datetime64[M]") - ORIGIN.astype("datetime64[M]")).astype(np.int64)
WEIGHT = np.array([SEASON[month % 12] for month in (MONTH_OF + 10)]) * np.array([WEEKDAY[(day + 4) % 7] for day in range(DAYS)])
WEIGHT /= WEIGHT.mean()
REVIEWS = tuple((date(year, month, 1) - FIRST).days for year in (2025, 2026) for month in (1, 4, 7, 10))


def day_of(day: date) -> int:
    """The number of a date; negative before the window."""
    return (day - FIRST).days


def dates(days: np.ndarray) -> np.ndarray:
    """Day numbers as datetime64[D]."""
    return ORIGIN + days.astype("timedelta64[D]")


def month_of(days: np.ndarray) -> np.ndarray:
    """Calendar month, 0 = November 2024; negative before the window."""
    return (dates(days).astype("datetime64[M]") - ORIGIN.astype("datetime64[M]")).astype(np.int64)


def first_of(months: np.ndarray) -> np.ndarray:
    """The day number of the first of each month, which may lie outside the window."""
    return ((ORIGIN.astype("datetime64[M]") + months).astype("datetime64[D]") - ORIGIN).astype(np.int64)


def month_starts() -> np.ndarray:
    """The day number of each month's first day, one more than there are months: the last is the day after the window."""
    return first_of(np.arange(MONTHS + 1))


def month_end(days: np.ndarray) -> np.ndarray:
    """The last day of the month each day lies in."""
    following = dates(days).astype("datetime64[M]") + 1
    return (following.astype("datetime64[D]") - ORIGIN).astype(np.int64) - 1


def week(number: int) -> tuple[int, np.ndarray]:
    """First day of a week and the weights of its days, the last week being short."""
    start = number * 7
    return start, WEIGHT[start : start + 7]
