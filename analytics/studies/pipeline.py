"""Deals of a CRM: win rate and length of the sales cycle. Part of the study `lifecycle`; see there for the table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.models.differences import beyond_chance, newcombe
from analytics.models.resample import median
from analytics.results import Estimate, Note, Unit, exact, wilson
from analytics.studies.base import Filters

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

WINDOW = 365  # days of closed deals, unless a period is asked about
LEAST = 3  # deals under which a median has no interval worth the name
MOST = 12  # values of a dimension that are shown
DIMENSIONS = ("industry", "region", "acquisition_channel", "tier", "existing")
DEAL_ESTIMATES = ("win_rate", "sales_cycle_days", "open_deals", "open_amount")
DEAL_WARNINGS = frozenset(f"lifecycle.warnings.{name}" for name in ("no_won", "no_lost", "entered_late", "undated"))

LAST = """-- the last day on which a deal was opened or closed
select max(day) as day
from (select opened_on as day from deals union all select closed_on from deals where outcome <> 'open')
where day <= $made_on::date
"""

DEALS = """-- deals closed in the window, and deals open on its last day
with told as (
    select
        deals.*, outcome <> 'open' and closed_on <= $end::date as closed,
        f.industry, f.region, f.acquisition_channel, f.tier
    from deals
    left join customer_features as f using (customer_id)
    where coalesce(opened_on, closed_on, $end::date) <= $end::date
      and (len($region::varchar[]) = 0 or list_contains($region::varchar[], f.region))
      and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], f.channel))
      and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], f.tier))
)
select
    customer_id, case when closed then outcome when outcome = 'open' or closed_on is not null then 'open' else 'undated' end as outcome,
    case when closed then date_diff('day', opened_on, closed_on) end as cycle_days, date_diff('day', opened_on, $end::date) as open_days,
    amount::double as amount, industry, region, acquisition_channel, tier, case when existing then 'yes' else 'no' end as existing
from told
where not coalesce(closed, false) or closed_on >= $since::date
"""


@dataclass(slots=True, kw_only=True)
class Pipeline:
    """What the deals add to the answer; nothing when there are none."""

    estimates: dict[str, Estimate] = field(default_factory=dict)
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    warnings: list[Note] = field(default_factory=list)


def pipeline(warehouse: Warehouse, filters: Filters) -> Pipeline:
    """Win rate, sales cycle and open deals, in all and by what is known of the customers."""
    found = Pipeline()
    if "opportunities" not in warehouse.present() and "opened_at" not in warehouse.present().get("transactions", frozenset()):
        return found
    end = _end(warehouse, filters)
    if end is None:
        return found
    since = _since(filters, end)
    where = {name: list(getattr(filters, name)) for name in ("region", "channel", "tier")}
    deals = warehouse.frame(DEALS, since=since, end=end, **where)
    if len(deals):
        found.estimates = _estimates(deals)
        found.table = _table(deals, warehouse.access.min_cell).assign(since=pd.Timestamp(since), until=pd.Timestamp(end))
        found.warnings = _warnings(deals)
    return found


def _end(warehouse: Warehouse, filters: Filters) -> date | None:
    """The last day counted: as set, else the last day of the deals or of the sales."""
    last = warehouse.frame(LAST, made_on=warehouse.version.created_at[:10])["day"].iloc[0]
    days = [day for day in (warehouse.as_of, None if pd.isna(last) else last.date()) if day is not None]
    if not days:
        return None
    end = warehouse.settings.as_of or max(days)
    return end if filters.period is None else min(end, (pd.Timestamp(f"{filters.period[1]}-01") + pd.offsets.MonthEnd(0)).date())


def _since(filters: Filters, end: date) -> date:
    return end - timedelta(days=WINDOW - 1) if filters.period is None else date.fromisoformat(f"{filters.period[0]}-01")


def rate(deals: pd.DataFrame) -> Estimate | None:
    """Won / (won + lost) of the deals that closed; None where deals of one kind are not recorded at all."""
    won, lost = (int((deals["outcome"] == outcome).sum()) for outcome in ("won", "lost"))
    return wilson(won, won + lost) if won + lost else None


def cycle(deals: pd.DataFrame) -> Estimate | None:
    """Median days from opening to winning. A deal entered after it closed has no cycle."""
    days = deals.loc[(deals["outcome"] == "won") & (deals["cycle_days"] >= 0), "cycle_days"].to_numpy(float)
    if len(days) < LEAST:
        return None
    # of fewer than six values even the smallest and the largest enclose the median less often than 95 times in 100
    reached = min(0.95, 1 - 2 * 0.5 ** len(days))
    return replace(median(days, unit=Unit.DAYS), level=reached)


def _estimates(deals: pd.DataFrame) -> dict[str, Estimate]:
    n, still = len(deals), deals[deals["outcome"] == "open"]
    estimates = {"open_deals": exact(len(still), unit=Unit.COUNT, n=n)}
    if still["amount"].notna().any():
        estimates["open_amount"] = exact(float(still["amount"].sum()), unit=Unit.MONEY, n=len(still))
    both = {"won", "lost"} <= set(deals["outcome"])
    known = {"win_rate": rate(deals) if both else None, "sales_cycle_days": cycle(deals)}
    return {name: estimate for name, estimate in known.items() if estimate is not None} | estimates


def _table(deals: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """All deals, then each value of each dimension that at least `min_cell` customers share."""
    both = {"won", "lost"} <= set(deals["outcome"])
    rows = [_row(deals, "all", "", both=both)]
    for dimension in DIMENSIONS:
        parts = {str(value): part for value, part in deals.dropna(subset=dimension).groupby(dimension)}
        shown = {value: part for value, part in parts.items() if part["customer_id"].nunique() >= min_cell}
        largest = sorted(shown, key=lambda value: (-len(shown[value]), value))[:MOST]
        rows += [_row(shown[value], dimension, value, both=both) for value in largest if len(shown) > 1]
    return _compared(pd.DataFrame(rows))


def _compared(table: pd.DataFrame) -> pd.DataFrame:
    """`clear`: a win rate that differs from that of the others of its dimension beyond chance, among all that are compared."""
    groups = table[(table["dimension"] != "all") & table["win_rate"].notna()][["dimension", "won", "lost"]]
    rest = groups.groupby("dimension")[["won", "lost"]].transform("sum") - groups[["won", "lost"]]
    gaps = {
        at: newcombe((int(won), int(others["won"])), (int(won + lost), int(others.sum())))
        for (at, won, lost), (_, others) in zip(groups[["won", "lost"]].itertuples(), rest.iterrows(), strict=True)
        if others.sum()
    }
    clear = dict(zip(gaps, beyond_chance(list(gaps.values())), strict=True))
    return table.assign(clear=[clear.get(at, False) for at in table.index])


def _row(deals: pd.DataFrame, dimension: str, value: str, *, both: bool) -> dict[str, object]:
    counts = {outcome: int((deals["outcome"] == outcome).sum()) for outcome in ("won", "lost", "open")}
    share, days = rate(deals) if both else None, cycle(deals)
    money = deals.groupby("outcome")["amount"].sum(min_count=1)
    return {
        "dimension": dimension,
        "value": value,
        **counts,
        **_bounds(share, "win_rate", "low", "high"),
        **_bounds(days, "cycle_days", "cycle_low", "cycle_high"),
        "open_days": deals.loc[deals["outcome"] == "open", "open_days"].median(),
        "amount": money.get("won", np.nan),
        "open_amount": money.get("open", np.nan),
    }


def _bounds(estimate: Estimate | None, *names: str) -> dict[str, float]:
    values = (np.nan,) * 3 if estimate is None else (estimate.value, estimate.low, estimate.high)
    return dict(zip(names, values, strict=True))


def _warnings(deals: pd.DataFrame) -> list[Note]:
    """What keeps the win rate from being known, and what was left out of it."""
    counts = deals["outcome"].value_counts()
    notes = [] if "won" in counts else [Note(key="lifecycle.warnings.no_won")]
    notes += [] if "lost" in counts else [Note(key="lifecycle.warnings.no_lost")]
    if late := int((deals["cycle_days"] < 0).sum()):
        notes.append(Note(key="lifecycle.warnings.entered_late", facts={"n": late}))
    if undated := int(counts.get("undated", 0)):
        notes.append(Note(key="lifecycle.warnings.undated", facts={"n": undated}))
    return notes
