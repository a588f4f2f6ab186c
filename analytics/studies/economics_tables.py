"""The tables of the study `economics`."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.models.economics import Outcome, evaluate, tornado
from analytics.studies import economics_sql as sql
from analytics.studies.economics_case import Found
from analytics.studies.ledger import BUDGET, PROGRAMME

if TYPE_CHECKING:
    from analytics.models.economics import Case
    from analytics.warehouse import Warehouse

BINS = 30
NO_TIER = ""


def months(found: Found, outcome: Outcome | None, active: pd.Series) -> pd.DataFrame:
    """month, cost, active (members), cost_per_active; with a return also members (acted on), paid_back,
    margin, net and cumulative, each with _low and _high."""
    cost = np.sum(list(found.costs.values()), axis=0)
    table = pd.DataFrame({"month": found.months, "cost": cost, "active": active.reindex(found.months).fillna(0).to_numpy()})
    table["cost_per_active"] = table["cost"] / table["active"].where(table["active"] > 0)
    if outcome is None:
        return table
    table["members"] = found.treated
    for name, values in (("margin", outcome.margins), ("net", outcome.net), ("cumulative", outcome.cumulative)):
        low, high = np.quantile(values[1:], [0.025, 0.975], axis=0)
        table[name], table[f"{name}_low"], table[f"{name}_high"] = values[0], low, high
    table["paid_back"] = (outcome.payback[1:, None] <= np.arange(1, len(table) + 1)).mean(axis=0)
    return table


def costs(found: Found) -> pd.DataFrame:
    """kind, amount, share of the programme's cost, told (by the ledger itself), the dearest first."""
    rows = found.ledger.programme().groupby("kind", as_index=False).agg(amount=("amount", "sum"), told=("told", "any"))
    return rows.assign(share=rows["amount"] / rows["amount"].sum()).sort_values("amount", ascending=False, ignore_index=True)


def waterfall(case: Case, outcome: Outcome) -> pd.DataFrame:
    """step, value (signed), low, high: from the margin caused, over each kind of cost, to what is left; rewards
    parted by what they bought."""
    rows = [_step("margin", outcome.margin)]
    for kind, amounts in case.costs.items():
        total = float(amounts.sum())
        if kind == "rewards" and case.own_margin:
            anyway = outcome.anyway
            rows += [_step("rewards_caused", anyway - total), _step("rewards_anyway", -anyway)]
        else:
            rows.append(_step(kind, np.full(2, -total)))
    if case.setup:
        rows.append(_step("setup", np.full(2, -case.setup)))
    return pd.DataFrame([*rows, _step("net", outcome.margin - case.cost)])


def _step(step: str, values: np.ndarray) -> dict[str, object]:
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return {"step": step, "value": float(values[0]), "low": float(low), "high": float(high)}


def swings(found: Found, case: Case) -> pd.DataFrame:
    """what, low, high (of the input), npv_low, npv_high: the widest first. Carried over by the head stands at the low end of `carry`."""
    rows = [asdict(swing) for swing in tornado(case)]
    if found.likened is not None:
        heads, shares = (float(evaluate(replace(case, treated=each), draws=1).npv[0]) for each in (found.treated, found.likened))
        rows.append({"what": "carry", "low": found.treated.sum(), "high": found.likened.sum(), "npv_low": heads, "npv_high": shares})
    table = pd.DataFrame(rows)
    return table.iloc[(table["npv_high"] - table["npv_low"]).abs().argsort(kind="stable")[::-1]].reset_index(drop=True)


def chances(outcome: Outcome) -> pd.DataFrame:
    """from, to (net present value), share of the draws: the middle 99 %, zero always between two bins."""
    low, high = np.quantile(outcome.npv[1:], [0.005, 0.995])
    width = (high - low) / BINS or 1.0
    edges = np.arange(np.floor(low / width), np.ceil(high / width) + 1) * width
    counts, _ = np.histogram(outcome.npv[1:], edges)
    return pd.DataFrame({"from": edges[:-1], "to": edges[1:], "share": counts / len(outcome.npv[1:])})


def tiers(warehouse: Warehouse, found: Found) -> pd.DataFrame:
    """tier, members, active_members, active_months, amount, margin, rewards, benefits, communication, shared, cost, cost_per_active (member
    and month), share (of the cost), margin_share: the lowest tier first.

    Rewards, benefits and communication follow who received them; what serves all is parted by months with activity.
    """
    rows = warehouse.frame(sql.TIERS, first=found.months[0].date(), last=found.months[-1].date())
    if rows["active_months"].sum() == 0 or set(rows["tier"]) <= {NO_TIER}:
        return pd.DataFrame()
    spread = rows["active_months"] / rows["active_months"].sum()
    traced = {}
    for kind in ("rewards", "benefits", "communication"):
        total, base = float(found.costs.get(kind, np.zeros(1)).sum()), rows[kind]
        traced[kind] = total * (base / base.sum() if base.sum() > 0 else spread)
    shared = spread * sum(float(found.costs[kind].sum()) for kind in found.costs if kind not in traced)
    table = rows.assign(**traced, shared=shared)
    table["cost"] = table[[*traced, "shared"]].sum(axis=1)
    table["cost_per_active"] = table["cost"] / table["active_months"].where(table["active_months"] > 0)
    table["share"] = table["cost"] / table["cost"].sum()
    worth = "margin" if table["margin"].notna().any() else "amount"
    table["worth_share"] = table[worth] / table[worth].sum() if table[worth].notna().any() else np.nan
    return _ranked(table, warehouse)


def _ranked(table: pd.DataFrame, warehouse: Warehouse) -> pd.DataFrame:
    """In the order of the tier rules, else from the least active to the most; members without a tier last."""
    ranks = warehouse.frame(sql.RANKS).set_index("tier")["rank"]
    rank = table["tier"].map(ranks).fillna(table["active_months"] / table["members"])
    return table.assign(rank=rank.where(table["tier"] != NO_TIER, np.inf)).sort_values("rank", ignore_index=True).drop(columns="rank")


def budget(found: Found) -> pd.DataFrame:
    """part (programme, acquisition, other_marketing, product), amount, share: what the ledger holds of the whole budget."""
    rows = found.ledger.rows
    parts = rows.assign(part=rows["kind"].where(~rows["kind"].isin(PROGRAMME), "programme")).groupby("part")["amount"].sum()
    known = parts.reindex([name for name in ("programme", *BUDGET) if name in parts])
    return pd.DataFrame({"part": known.index, "amount": known.to_numpy(), "share": (known / known.sum()).to_numpy()})
