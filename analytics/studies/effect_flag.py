"""Who is a member and nothing more: no effect, but how strong hidden selection would have to be, and the test that would tell.

Facts   gap, strength (standard deviations that leave nothing), correlation, explained, times, robustness (see models.hidden_selection),
        n, months of the gap; customers, withheld, months, effect, share of the test to run; absent where there is none
Tables  hidden_selection   strength, correlation, gap_from_selection, effect_left
"""

from __future__ import annotations

from dataclasses import asdict
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analytics.results import Note
from analytics.studies.base import defaults
from analytics.studies.gap import LEAST, WINDOWS
from analytics.studies.holdout import STUDY
from analytics.studies.holdout_plan import design
from analytics.studies.holdout_tables import both, smallest_share
from analytics.studies.month_ends import whole_months

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

KINDS = 12  # values of a text that are told apart
SEEN = ("region", "gender", "acquisition_channel")

SIDES = """-- members and others who bought in the last whole months, as in the gap that is sold; what they brought, what is known of both
with money as (
    select customer_id, sum(coalesce(case when $margin then margin else amount end, 0)) as money
    from customer_months
    where month between $first::date and $last::date
    group by customer_id having sum(orders) > 0
)
select
    coalesce(member, enrolled_on is not null, false) as joined, cast(money as double) as money, region, gender, acquisition_channel,
    cast($last::date - first_on as integer) as tenure_days
from customer_features join money using (customer_id)
where not coalesce(member, enrolled_on is not null, false)
   or (coalesce(enrolled_on < $first::date, true) and coalesce(cancelled_on > $last::date, true))
order by customer_id
"""


def flag(warehouse: Warehouse, measure: Literal["margin", "net_sales"]) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """(facts, tables); both empty where there are no two sides to compare and no test to hold."""
    told, tables = _hidden(warehouse, measure)
    return {**told, **test_to_run(warehouse)}, tables


def test_to_run(warehouse: Warehouse) -> dict[str, Any]:
    """The holdout that would answer: as long as is usual where some share suffices, else the shortest that does; empty where none does."""
    found = design(warehouse, defaults(STUDY, warehouse.settings))
    if isinstance(found, Note):
        return {}
    usual = smallest_share(found)
    told = (found.months, usual) if usual else both(found)
    if told is None:
        return {}
    months, share = told
    sizes = {"customers": found.n, "withheld": ceil(share.value * found.n), "share": share.value, "months": months}
    return {**sizes, "effect": found.effect, "measure": found.asked.measure}


def _hidden(warehouse: Warehouse, measure: str) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    from analytics.models.hidden_selection import course, selection

    months = whole_months(warehouse)
    windows = (months[-length:] for length in WINDOWS if len(months) >= min(WINDOWS))
    found = next((told for window in windows if (told := _sides(warehouse, window, measure)) is not None), None)
    if found is None:
        return {}, {}
    sides, length = found
    strength = selection(sides["money"].to_numpy(float) / length, sides["joined"].to_numpy(bool), _seen(sides))
    table = course(strength)
    facts = {**asdict(strength), "strength": strength.needed, "n": len(sides), "gap_months": length}
    del facts["needed"]
    return facts, {"hidden_selection": table} if len(table) else {}


def _sides(warehouse: Warehouse, window: pd.DatetimeIndex, measure: str) -> tuple[pd.DataFrame, int] | None:
    """Both sides of the gap over a window of months, and its length; None where one is too small or all brought the same."""
    last = (window[-1] + pd.offsets.MonthEnd(0)).date()
    sides = warehouse.frame(SIDES, first=window[0].date(), last=last, margin=measure == "margin")
    smaller = min(int(sides["joined"].sum()), int((~sides["joined"].astype(bool)).sum()))
    return (sides, len(window)) if smaller >= LEAST and sides["money"].std() > 0 else None


def _seen(sides: pd.DataFrame) -> np.ndarray:
    """What is known of both sides as numbers: texts as the share of their commonest values, and how long they have been customers."""
    numbers = [sides["tenure_days"].fillna(0).to_numpy(float)]
    for name in SEEN:
        common = sides[name].value_counts().index[:KINDS]
        numbers += [(sides[name] == value).to_numpy(float) for value in common]
    return np.column_stack(numbers)
