"""Plan against actual: the user's targets, read as series of this product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analytics.contract import plain
from analytics.studies.histories import Histories, histories

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

TARGETS = """-- plans as told by the user, one row per figure and month; a month planned in two ways has no plan
select
    kpi, cast(date_trunc('month', month) as date) as month, any_value(value) as plan, count(distinct value) as plans
from targets
where kpi is not null and month is not null and value is not null
group by all order by kpi, month
"""

_NAMES = {
    "net_sales": "net sales|sales|revenue|net revenue|sales revenue|turnover|净销售额|销售额|销售收入|销售|营业额|营收",
    "orders": "orders|order count|number of orders|transactions|订单数|订单量|订单|交易笔数",
    "active_customers": "active customers|customers active|buying customers|active buyers|活跃客户数|活跃客户|活跃顾客数|购买客户数",
    "points_redeemed": "points redeemed|redeemed points|redemptions in points|兑换积分|积分兑换|积分兑换量|核销积分|积分核销",
    "points_earned": "points earned|earned points|points issued|issued points|累积积分|积分累积|发放积分|积分发放|获得积分",
}
_SERIES = {plain(alias): name for name, aliases in _NAMES.items() for alias in aliases.split("|")}


@dataclass(frozen=True, kw_only=True)
class Plans:
    """table: series, month, plan; unknown: names of figures that are none of ours; contradictory: series planned in two ways."""

    table: pd.DataFrame
    unknown: tuple[str, ...]
    contradictory: tuple[str, ...]


def plans(warehouse: Warehouse) -> Plans:
    """The targets by series and month. Figures under another name, and months with two different plans, are told, not used."""
    found = warehouse.frame(TARGETS)
    found["series"] = [_SERIES.get(plain(str(kpi))) for kpi in found["kpi"]]
    known = found.dropna(subset="series")
    clear = known[known["plans"] == 1].groupby(["series", "month"], as_index=False).agg(plan=("plan", "first"), ways=("plan", "nunique"))
    twice = {*known.loc[known["plans"] > 1, "kpi"], *clear.loc[clear["ways"] > 1, "series"]}
    return Plans(
        table=clear.loc[clear["ways"] == 1, ["series", "month", "plan"]].reset_index(drop=True),
        unknown=tuple(sorted(set(found.loc[found["series"].isna(), "kpi"]))),
        contradictory=tuple(sorted(map(str, twice))),
    )


def plan_table(warehouse: Warehouse) -> pd.DataFrame:
    """Plan against actual of the months that are over: series, month, plan, actual, gap (share of the plan), reached."""
    return against(plans(warehouse).table, histories(warehouse))


def against(table: pd.DataFrame, known: Histories) -> pd.DataFrame:
    """Plans beside what came, whole months only."""
    actual = [pd.DataFrame({"series": name, "actual": known.months(name)}).rename_axis("month").reset_index() for name in known.series]
    if not actual or table.empty:
        return pd.DataFrame(columns=["series", "month", "plan", "actual", "gap", "reached"])
    both = table.merge(pd.concat(actual), on=["series", "month"])
    gap = both["actual"] / both["plan"].where(both["plan"] > 0) - 1
    return both.assign(gap=gap, reached=both["actual"] >= both["plan"])
