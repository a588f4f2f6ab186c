"""The whole months of the data, for studies that look at month ends or compare periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.studies.base import Filters

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

GRACE = pd.Timedelta(days=2)  # days without activity at either end that do not make a month incomplete

COVERED = """-- from when to when there are sales, and whether the data knows months only
select
    min(first_on) as first_on, max(month) as last, count(distinct month) > 1 and bool_and(first_on = month and last_on = month) as monthly
from customer_months
where first_on is not null
"""


def monthly(warehouse: Warehouse) -> bool:
    """Whether every sale is dated on the first of a month: the data knows months, not days."""
    return warehouse.value(f"select monthly from ({COVERED})") is True


def whole_months(warehouse: Warehouse, filters: Filters = Filters()) -> pd.DatetimeIndex:
    """First days of the months that the data covers from end to end, in order; under a period, those inside it."""
    covered = warehouse.frame(COVERED).iloc[0]
    if pd.isna(covered["first_on"]):
        return pd.DatetimeIndex([])
    months = pd.date_range(covered["first_on"].replace(day=1), covered["last"], freq="MS")
    if not covered["monthly"] and warehouse.as_of is not None:
        end = pd.Timestamp(warehouse.as_of)
        months = months[(months + GRACE >= covered["first_on"]) & (months + pd.offsets.MonthEnd(0) - GRACE <= end)]
    if filters.period is None:
        return months
    return months[(months >= pd.Timestamp(f"{filters.period[0]}-01")) & (months <= pd.Timestamp(f"{filters.period[1]}-01"))]
