"""What tiers are worth: the later value that they tell apart, what they cost, and what other thresholds would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.models import tier_moves
from analytics.models.differences import beyond_chance, newcombe
from analytics.models.tier_value import captured, tree
from analytics.results import Estimate, Note, Unit, exact, wilson
from analytics.studies import economics_tables
from analytics.studies.economics_case import booked
from analytics.studies.month_ends import whole_months
from analytics.studies.scenarios_tiers import standing as members_of
from analytics.studies.tier_quality_sql import BOUGHT, GROUPS
from analytics.studies.tier_rules import Rules, standing

if TYPE_CHECKING:
    from analytics.studies.scenarios_tiers import Tiers
    from analytics.warehouse import Warehouse

AHEAD, LEAST_AHEAD = 6, 3  # months whose value is foretold
LEAST = 200  # members on each of the two days
FEATURES = ["metric", "orders", "recency_days", "tenure_days"]
YEAR = 12
DIMENSIONS = ("region", "gender", "acquisition_channel", "channel")
SMALL = 30  # members of a group whose share is told


def value(warehouse: Warehouse, by: Rules) -> tuple[pd.DataFrame, dict[str, Estimate]]:
    """The table `worth` (rule, groups, share, low, high, n) and its estimates: how much of the later value each way of grouping tells."""
    earlier, later = (_known(warehouse, by, moments) for moments in _moments(warehouse, by))
    if min(len(earlier), len(later)) < LEAST or not later["value"].var() > 0:
        return pd.DataFrame(), {}
    train, then = earlier["value"].to_numpy(float), later["value"].to_numpy(float)
    ways = {"tiers": later["place"].to_numpy(np.int64)}
    for name, columns, depth in (("two", FEATURES[:1], 1), ("tree", FEATURES, 2)):
        ways[name] = tree(earlier[columns].to_numpy(float), train, later[columns].to_numpy(float), depth=depth)
    found = captured(then, ways)
    rows = [
        {"rule": name, "groups": len(np.unique(ways[name])), "share": one.value, "low": one.low, "high": one.high, "n": one.n}
        for name, one in found.shares.items()
    ]
    estimates = {f"captured_{name}": one for name, one in found.shares.items()}
    return pd.DataFrame(rows), estimates | {f"tiers_over_{name}": one for name, one in found.beyond.items()}


def _moments(warehouse: Warehouse, by: Rules) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Two days with the end of what is foretold from each: the later one as near the end as can be, the earlier one just before it."""
    months = whole_months(warehouse)
    if len(months) < 2 * LEAST_AHEAD + 1:
        return []
    ahead = min(AHEAD, (len(months) - 1) // 2)
    end = months[-1] + pd.DateOffset(months=1)
    return [(end - pd.DateOffset(months=back), end - pd.DateOffset(months=back - ahead)) for back in (2 * ahead, ahead)]


def _known(warehouse: Warehouse, by: Rules, moments: tuple[pd.Timestamp, pd.Timestamp]) -> pd.DataFrame:
    """Members of a day by what came before it, with the value of the months after it."""
    day, until = moments
    people = standing(warehouse, by, day=day, until=day)
    asked: dict[str, Any] = {"day": day.date(), "until": until.date(), "since": (day - pd.DateOffset(months=YEAR)).date()}
    bought = warehouse.frame(BOUGHT, **asked, measure=measure(warehouse))
    found = people.merge(bought, on="customer_id", how="left")
    return found.fillna({"orders": 0.0, "value": 0.0, "recency_days": 9_999.0, "tenure_days": 0.0})


def measure(warehouse: Warehouse) -> str:
    """What value is counted in: margin, else net sales, else orders."""
    known = warehouse.present().get("transactions", frozenset())
    return next((name for name in ("margin", "amount") if name in known), "orders")


def costs(warehouse: Warehouse) -> pd.DataFrame:
    """tier, members, amount, margin, cost, cost_per_active (member and month), share, worth_share, of the last twelve months; empty where
    no cost is known. As on the page Economics: each cost counted once."""
    found = booked(warehouse, YEAR)
    if isinstance(found, Note):
        return pd.DataFrame()
    table = economics_tables.tiers(warehouse, found)
    if table.empty:
        return table
    named = table[table["tier"] != economics_tables.NO_TIER].dropna(axis="columns", how="all")
    wanted = ("tier", "members", "amount", "margin", "cost", "cost_per_active", "share", "worth_share")
    return named[[name for name in wanted if name in named]].reset_index(drop=True)


def moved(warehouse: Warehouse, change: float) -> tuple[dict[str, pd.DataFrame], dict[str, Estimate]] | Note:
    """Tables `moves` and `losers` with estimates, every threshold changed by a share; a Note where thresholds cannot be moved."""
    found = members_of(warehouse, 0.0)
    if found is None or found.tiers is None:
        return Note(key="scenarios.locked.no_tiers")
    if found.tiers.locked is not None:
        return found.tiers.locked
    tiers = found.tiers
    after = tier_moves.standing(tiers.members, tiers.ladder, 1 + change)
    step = np.sign(after.tier - tiers.members.tier)
    n = len(step)
    estimates = {
        "moves_up": exact(int((step > 0).sum()), unit=Unit.COUNT, n=n),
        "moves_down": exact(int((step < 0).sum()), unit=Unit.COUNT, n=n),
        "benefits_change": exact(float((after.benefits - tiers.members.benefits).sum()), unit=Unit.MONEY, n=n),
        "points_change": exact(float((after.points - tiers.members.points).sum()), unit=Unit.POINTS, n=n),
    }
    present = warehouse.present()
    absent = {"benefits_change"} - ({"benefits_change"} if "benefits" in present else set())
    absent |= set() if "points" in present else {"points_change"}
    told = {name: one for name, one in estimates.items() if name not in absent}
    return {"moves": _moves(tiers, after), "losers": _losers(warehouse, tiers, step)}, told


def _moves(tiers: Tiers, after: tier_moves.Members) -> pd.DataFrame:
    """tier, threshold (now), before, after, up, down (members who leave it upwards, downwards), benefits and points before and after."""
    rows = []
    for place, tier in enumerate(tiers.names):
        was, now = tiers.members.tier == place, after.tier == place
        threshold = tiers.ladder.thresholds[place] if tiers.ladder.thresholds is not None else np.nan
        told = {"tier": tier, "threshold": threshold, "before": int(was.sum()), "after": int(now.sum())}
        told |= {"up": int((was & (after.tier > place)).sum()), "down": int((was & (after.tier < place)).sum())}
        told |= {"benefits_before": float(tiers.members.benefits[was].sum()), "benefits_after": float(after.benefits[now].sum())}
        rows.append({**told, "points_before": float(tiers.members.points[was].sum()), "points_after": float(after.points[now].sum())})
    return pd.DataFrame(rows)


def _losers(warehouse: Warehouse, tiers: Tiers, step: np.ndarray) -> pd.DataFrame:
    """dimension, group, n, losing, share, low, high, apart (from all others of the dimension, beyond chance among all groups)."""
    people = pd.DataFrame({"customer_id": tiers.customers, "losing": step < 0}).merge(warehouse.frame(GROUPS), on="customer_id", how="left")
    least = max(SMALL, warehouse.access.min_cell)
    rows = [row for dimension in DIMENSIONS for row in _groups(people.dropna(subset=dimension), dimension, least)]
    if not rows:
        return pd.DataFrame()
    apart = [row.pop("others") for row in rows]
    return pd.DataFrame(rows).assign(apart=beyond_chance(apart))


def _groups(people: pd.DataFrame, dimension: str, least: int) -> list[dict[str, Any]]:
    """Groups of a dimension that has two and more; `others`: the difference to them."""
    n, losing = (people.groupby(dimension, sort=True)["losing"].agg(how).astype(int) for how in ("size", "sum"))
    rows = []
    for group in n.index[n >= least] if len(n) > 1 else ():
        mine, rest = (int(losing[group]), int(n[group])), (int(losing.sum() - losing[group]), int(n.sum() - n[group]))
        share = wilson(*mine)
        told = {"dimension": dimension, "group": str(group), "n": mine[1], "losing": mine[0]}
        others = newcombe((mine[0], rest[0]), (mine[1], rest[1]))
        rows.append({**told, "share": share.value, "low": share.low, "high": share.high, "others": others})
    return rows
