"""What is bought with a reward or discount only, by whom, and whether rewards move the time of purchases.

Tables of the answer
    months     month, orders, share_orders, share (of margin, else net sales, else orders), low, high
    bands      least (discount from which an order counts), share_orders, share: redemptions apart
    groups     dimension, group, n, share (of orders on offer), low, high, difference (to all others), difference_low, difference_high, q,
               flagged: q <= .05 and the whole interval beyond the margin; tiers are described, never flagged
    shares     low_edge, high_edge, customers, by_chance: customers by their own share of orders on offer
    moved      state, change (in the weeks tested), low, high, n, later (in the fifth to eighth week), found: beyond chance and what stays
    weeks      state (near: a reward came close, rewarded: one was taken), week, change, low, high, n; naive: week, change, n
    rewards    category, redemptions, share, low, high, sold
    own        share_own (of redemptions, in categories that the customer buys), low, high, chance_own (with customers exchanged)
    removals   source, found (how many), last: what the data holds that could tell how it is without rewards
    customers  `list_size` of those who probably buy on offer mostly: orders, on_offer, own_rate, probability, money
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.errors import UserError
from analytics.fits import Fit, Fitted, fitted
from analytics.results import Estimate, Note, Result, Unit, wilson
from analytics.studies import dependency_tables as tables
from analytics.studies.base import Need, Study
from analytics.studies.dependency_figures import draw
from analytics.studies.dependency_fit import FIT
from analytics.studies.dependency_sql import BOUGHT as BOUGHT  # shown with the other queries
from analytics.studies.dependency_sql import GROUPS as GROUPS
from analytics.studies.dependency_sql import ORDERS as ORDERS
from analytics.studies.dependency_sql import REMOVALS as REMOVALS
from analytics.studies.dependency_sql import REWARDS as REWARDS
from analytics.studies.dependency_sql import VISITS as VISITS
from analytics.warehouse import Warehouse

if TYPE_CHECKING:
    from analytics.i18n import Words

DIMENSIONS = ("acquisition_channel", "region", "channel", "category", "industry", "gender", "tier")
PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "much": (("months", "groups", "bands"), ("with_offer", "never_without", "expected_never", "repeat_dependent")),
    "who": (("shares", "customers"), ("never_without", "expected_never", "repeat_dependent")),
    "rewards": (("moved", "weeks", "naive", "rewards", "own"), ("pressure_before", "dip_after", "redeemed_in_bought")),
    "stop": (("removals",), ()),
}
ABOUT_REWARDS = "dependency.warnings.rewards."
NEARLY_ALL = 0.8  # share of orders with any discount at which discounts are the price
SURE = 0.8  # probability from which a customer is listed


def _offered(warehouse: Warehouse, values: Mapping[str, Any], words: Words) -> dict[str, str]:
    """Dimensions with two values and more."""
    return {name: words(f"dependency.dimensions.{name}") for name in tables.dimensions(warehouse, DIMENSIONS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """group: the dimension drawn; months: window; least: discount of an order from which it counts; orders: of customers judged one by one;
    rate: own rate from which a customer is dependent; margin: difference that matters; list_size: customers listed."""

    group: str = field(default="", metadata={"options": _offered})
    months: int = field(default=12, metadata={"min": 1, "max": 60, "step": 1})
    least: float = field(default=0.10, metadata={"min": 0.0, "max": 0.9, "step": 0.05})
    orders: int = field(default=3, metadata={"min": 2, "max": 20, "step": 1})
    rate: float = field(default=0.75, metadata={"min": 0.5, "max": 1.0, "step": 0.05})
    margin: float = field(default=0.10, metadata={"min": 0.0, "max": 0.5, "step": 0.05})
    list_size: int = field(default=100, metadata={"min": 0, "max": 100_000, "step": 50})


def fits(params: Params) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    """Orders are gone through once for a window and a level of discount; the other parameters only read what was found."""
    return ((FIT, {"months": params.months, "least": params.least}),)


def run(warehouse: Warehouse, params: Params) -> Result:
    """What was kept of the orders, read with the thresholds asked for."""
    if params.group and params.group not in DIMENSIONS:
        raise UserError("bad_param", study=STUDY.id, name="group", value=params.group, allowed=" | ".join(DIMENSIONS))
    found = _found(warehouse, params)
    if found.facts["refused"]:
        lacking = Note(**found.facts["refused"])
        return Result(study=STUDY.id, verdict=lacking, refused=lacking)
    told = {
        "months": tables.months(found),
        "bands": tables.bands(found),
        "groups": tables.groups(found, params.group, params.margin),
        "shares": tables.shares(found, params.orders),
        **{name: found.tables[name] for name in ("moved", "weeks", "naive") if name in found.tables},
        "rewards": tables.rewards(found),
        "own": tables.own(found),
        "removals": tables.removals(warehouse, found),
        "customers": tables.people(found, params.orders, params.rate, SURE).head(params.list_size),
    }
    estimates = _estimates(found, params)
    return Result(
        study=STUDY.id,
        verdict=_verdict(found, told["groups"], estimates, params),
        estimates=estimates,
        tables={name: table for name, table in told.items() if len(table)},
        warnings=_warnings(found, told),
    )


def members(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every customer who probably buys on offer mostly: columns as in the table `customers`."""
    return tables.people(_found(warehouse, params), params.orders, params.rate, SURE)


def parts(result: Result) -> dict[str, Result]:
    """The answer in its parts, each with its own figures: much, who, rewards, stop; only those that it has."""
    told = [name for name in PARTS if name != "stop"]
    about = {name: [note for note in result.warnings if note.key.startswith(ABOUT_REWARDS) == (name == "rewards")] for name in told}
    every = {
        name: result.part(tables=tables, estimates=estimates, warnings=about.get(name, ())) for name, (tables, estimates) in PARTS.items()
    }
    return {name: part for name, part in every.items() if part.tables}


def _found(warehouse: Warehouse, params: Params) -> Fitted:
    ((fit, asked),) = fits(params)
    return fitted(warehouse, fit, **asked)


def _estimates(found: Fitted, params: Params) -> dict[str, Estimate]:
    """A part that the data cannot tell is absent."""
    from analytics.models.dependency import never_by_chance
    from analytics.models.resample import ratio_of_sums

    people, facts = found.tables["people"], found.facts
    top, bottom = (people[name].to_numpy(float) for name in ("money_hits", "money"))
    estimates = {"with_offer": ratio_of_sums(top, bottom, unit=Unit.SHARE)} if bottom.sum() > 0 else {}
    judged = people[people["orders"] >= params.orders]
    if len(judged):
        orders, hits = (judged[name].to_numpy(int) for name in ("orders", "hits"))
        estimates["never_without"] = wilson(int((orders == hits).sum()), len(judged))
        estimates["expected_never"] = never_by_chance(orders, hits)
    if "mixture" in found.tables:
        estimates["repeat_dependent"] = tables.dependent(found, params.rate)
    for name, state in (("pressure_before", "near"), ("dip_after", "rewarded")):
        if state in facts.get("pooled", {}):
            estimates[name] = tables.kept_estimate(facts["pooled"][state])
    if "in_bought" in facts:
        estimates["redeemed_in_bought"] = tables.kept_estimate(facts["in_bought"])
    return estimates


def _verdict(found: Fitted, groups: pd.DataFrame, estimates: Mapping[str, Estimate], params: Params) -> Note:
    """The share, who never buys without, and the groups that stand out."""
    facts: dict[str, Any] = {"measure": Note(key=f"dependency.of.{found.facts['measure']}"), "orders": params.orders}
    facts |= {"months": len(found.tables["lots"]["month"].unique())}
    if not {"with_offer", "never_without"} <= estimates.keys():
        share = found.tables["people"][["hits", "orders"]].sum()
        return Note(key="dependency.verdict.orders", facts=facts | {"share": tables.share(share["hits"] / share["orders"])})
    facts |= {"share": estimates["with_offer"], "never": estimates["never_without"], "chance": estimates["expected_never"]}
    flagged = groups[groups["flagged"]] if len(groups) else groups
    if not len(flagged):
        facts["groups"] = Note(key=f"dependency.groups.{'none' if len(groups) else 'unknown'}")
        more = estimates["never_without"].low > estimates["expected_never"].high
        return Note(key=f"dependency.verdict.{'more' if more else 'chance'}", facts=facts)
    row = flagged.nlargest(1, "difference").iloc[0]
    facts |= {"n": len(flagged), "group": str(row["group"]), "dimension": Note(key=f"dependency.dimensions.{row['dimension']}")}
    return Note(key="dependency.verdict.group", facts=facts | {"there": tables.share(row["share"]), "elsewhere": tables.share(_rest(row))})


def _rest(row: pd.Series) -> float:
    return float(row["share"] - row["difference"])


def _warnings(found: Fitted, told: Mapping[str, pd.DataFrame]) -> tuple[Note, ...]:
    """What a reader must know before believing the numbers."""
    facts, notes = found.facts, [Note(key="dependency.warnings.no_cause")]
    if facts["discounts"] and (any_discount := float(told["bands"]["share_orders"].iloc[0])) > NEARLY_ALL:
        notes.append(Note(key="dependency.warnings.nearly_all", facts={"share": tables.share(any_discount)}))
    if facts["measure"] != "margin":
        notes.append(Note(key=f"dependency.warnings.{facts['measure']}"))
    if not facts["discounts"]:
        notes.append(Note(key="dependency.warnings.no_discounts"))
    if not facts["redemptions"]:
        notes.append(Note(key="dependency.warnings.no_redemptions"))
    notes += [Note(key=f"{ABOUT_REWARDS}few")] if facts["redemptions"] and not facts.get("pooled") else []
    notes += [Note(key=f"{ABOUT_REWARDS}not_sold")] if facts["redemptions"] and "in_bought" not in facts else []
    if facts.get("members", 0) > facts.get("sample", 0):
        notes.append(Note(key=f"{ABOUT_REWARDS}sample", facts={"n": facts["sample"], "total": facts["members"]}))
    return tuple(notes)


STUDY = Study(
    id="dependency",
    group="programme",
    any_of=(
        (Need(table="transactions", columns=("customer_id", "occurred_at", "discount")),),
        (
            Need(table="transactions", columns=("customer_id", "occurred_at")),
            Need(table="points", columns=("customer_id", "kind", "points")),
        ),
    ),
    params=Params,
    run=run,
    figures=draw,
    fits=fits,
)
