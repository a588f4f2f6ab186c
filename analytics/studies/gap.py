"""Member minus non-member: the figure that is sold as uplift. Told as a description, so that it can be shown for what it is.

Who joins buys more to begin with: the gap holds that selection, the burst of buying at which people join, and the programme,
and cannot part them. It is counted as it is sold: others who came within the window are divided by all its months, too. On the
demo, asking both sides to have been customers before the window takes most of it away, which is the point.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.results import Estimate, Unit
from analytics.studies.base import Filters
from analytics.warehouse import Warehouse

WINDOWS, LEAST = (12, 6, 3, 1), 30  # whole months, the longest with enough members throughout; customers a side, at least

GAP = """-- what members and others who bought in the window brought in it; who joined or left within it is neither
with money as (
    select customer_id, sum(coalesce(case when $margin then margin else amount end, 0)) as money
    from customer_months
    where month between $first::date and $last::date
      and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], channel))
    group by customer_id having sum(orders) > 0
),
people as (
    select
        customer_id, coalesce(member, enrolled_on is not null) as joined,
        coalesce(enrolled_on < $first::date, true) and coalesce(cancelled_on > $last::date, true) as throughout
    from customer_features
    where (len($region::varchar[]) = 0 or list_contains($region::varchar[], region))
      and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], tier))
)
select case when coalesce(joined, false) then 'members' else 'others' end as "group", cast(money as double) as money
from money join people using (customer_id)
where not coalesce(joined, false) or throughout
"""


def naive_gap(
    warehouse: Warehouse, months: pd.DataFrame, as_of: date, filters: Filters, *, sales: bool = False
) -> tuple[Estimate, pd.DataFrame] | None:
    """(gap in money a customer and month with Welch's interval, the two groups behind it), or None where one side is missing.

    months  the months asked about with `complete`; the last twelve whole ones are the window, fewer where few were members throughout
    sales   of net sales even where the margin is known
    Unit    contribution margin where it is known, else net sales
    """
    known = warehouse.present()["transactions"]
    if "amount" not in known or filters.tier:  # only members have a tier: there would be no one to compare them with
        return None
    measure = "margin" if "margin" in known and not sales else "net_sales"
    whole = months.loc[months["complete"], "month"]
    for window in (whole.tail(length) for length in WINDOWS):
        sides = _sides(warehouse, window, as_of, filters, margin=measure == "margin") if len(window) else {}
        if min(len(sides.get(name, ())) for name in ("members", "others")) >= LEAST:
            break
    else:
        return None
    rows = [
        {"group": name, "customers": len(values), "per_month": values.mean(), "months": len(window), "measure": measure}
        for name, values in sides.items()
    ]
    return _difference(sides["members"], sides["others"]), pd.DataFrame(rows)


def _sides(warehouse: Warehouse, window: pd.Series, as_of: date, filters: Filters, *, margin: bool) -> dict[str, NDArray[np.float64]]:
    """Money a month of each customer of either side."""
    last = min((window.iloc[-1] + pd.offsets.MonthEnd(0)).date(), as_of)
    where = {name: list(getattr(filters, name)) for name in ("channel", "region", "tier")}
    money = warehouse.frame(GAP, first=window.iloc[0].date(), last=last, margin=margin, **where)
    return {str(name): part["money"].to_numpy(float) / len(window) for name, part in money.groupby("group")}


def _difference(members: NDArray[np.float64], others: NDArray[np.float64]) -> Estimate:
    from scipy.stats import ttest_ind

    interval = ttest_ind(members, others, equal_var=False).confidence_interval(0.95)
    return Estimate(
        value=float(members.mean() - others.mean()),
        low=float(interval.low),
        high=float(interval.high),
        n=len(members) + len(others),
        unit=Unit.MONEY,
    )
