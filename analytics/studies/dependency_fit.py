"""What is kept of the orders on offer: by customer, month, group and level of discount, and how purchases go on around rewards.

Facts    refused (what is missing, or null), measure (margin, net_sales, orders), first, last (days), discounts, redemptions (whether the
         data knows them by the day), members (who ever redeemed), sample (of them, looked at), need (points of a small reward),
         pooled (state -> change of the purchase rate), in_bought (redemptions in own categories) and its chance
Tables   people    customer_id, orders, hits (on offer), cheap (at a discount), taken (with a redemption), money, money_hits
         lots      month, lot, orders, hits, money, money_hits: to resample customers by
         bands     band (0, .01 up to .05, .05, .1 ...), orders, money
         groups    as models.dependency.by_group tells
         mixture   rate, weight, d0 ... (resampled): own rates of customers with two orders and more
         moved     state, change, low, high, n, later (change in the fifth to eighth week), found; weeks, naive: as models.hazard tells
         rewards   category, redemptions, points, sold
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, Tell
from analytics.results import Unit
from analytics.studies.dependency_sql import BOUGHT, COVERED, GROUPS, ORDERS, REWARDS, VISITS
from analytics.studies.month_ends import monthly, whole_months

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

LEAST_CUSTOMERS = 30
MOST_VISITORS = 60_000  # customers whose purchases around rewards are looked at
SMALL = 0.05  # a small reward: so many are smaller
DESCRIBED = ("tier",)  # tiers differ by design
PART_CUSTOMER, PART_MONTH, PART_BAND = 3, 5, 6  # of the grouping sets: the bits of what is not grouped by
NUMBERS = ["orders", "hits", "cheap", "taken", "money", "money_hits"]


def make(warehouse: Warehouse, params: Mapping[str, Any], tell: Tell) -> Fitted:
    """Orders, groups, own rates, purchases around rewards. Too little data is a fact, not an error."""
    from analytics.models.dependency import by_group

    tell("orders", 0, 1)
    window, columns = _window(warehouse, int(params["months"])), warehouse.present()
    daily = "points" in columns and not monthly(warehouse)
    if window is None:
        return _refused("short")
    if not daily and "discount" not in columns["transactions"]:
        return _refused("monthly")
    measure = next((name for name in ("margin", "amount") if name in columns["transactions"]), "orders")
    rows = warehouse.frame(ORDERS, **window, margin=measure == "margin", daily=daily, least=params["least"])
    rows = rows.assign(money=rows["orders"], money_hits=rows["hits"]) if measure == "orders" else rows
    parts = {part: rows[rows["part"] == part].reset_index(drop=True) for part in (PART_CUSTOMER, PART_MONTH, PART_BAND)}
    people = parts[PART_CUSTOMER][["customer_id", *NUMBERS]]
    if len(people) < LEAST_CUSTOMERS:
        return _refused("few_customers", n=len(people), least=LEAST_CUSTOMERS)
    if not people["hits"].sum():
        return _refused("no_offers")
    tell("groups", 0, 1)
    hits, orders = (people[name].to_numpy(float) for name in ("hits", "orders"))
    groups = by_group(hits, orders, _standing(warehouse, people), described=DESCRIBED)
    tell("rewards", 0, 1)
    facts, tables = _around(warehouse) if daily else ({}, {})
    more, rewards = _rewards(warehouse, window) if daily else ({}, {})
    facts = {
        "refused": None,
        "measure": "net_sales" if measure == "amount" else measure,
        "first": window["first"].isoformat(),
        "last": window["last"].isoformat(),
        "discounts": "discount" in columns["transactions"],
        "redemptions": daily,
        **facts,
        **more,
    }
    lots, bands = parts[PART_MONTH][["month", "lot", *NUMBERS]], parts[PART_BAND][["band", "orders", "money"]]
    tables = {"people": people, "lots": lots, "bands": bands, "groups": groups, **_mixture(people), **tables, **rewards}
    return Fitted(facts=facts, tables=tables)


FIT = Fit(id="dependency", steps=("orders", "groups", "rewards"), make=make)


def _refused(why: str, **facts: object) -> Fitted:
    return Fitted(facts={"refused": {"key": f"dependency.refused.{why}", "facts": facts}})


def _window(warehouse: Warehouse, months: int) -> dict[str, Any] | None:
    whole = whole_months(warehouse)[-months:]
    if not len(whole):
        return None
    return {"first": whole[0].date(), "last": (whole[-1] + pd.offsets.MonthEnd(0)).date()}


def _standing(warehouse: Warehouse, people: pd.DataFrame) -> dict[str, list[str | None]]:
    """Dimension -> the value of each customer."""
    rows = warehouse.frame(GROUPS).set_index("customer_id").reindex(people["customer_id"])
    return {str(name): [str(value) if isinstance(value, str) else None for value in rows[name]] for name in rows}


def _mixture(people: pd.DataFrame) -> dict[str, pd.DataFrame]:
    from analytics.models.dependency import GRID, mixture

    repeat = people[people["orders"] >= 2]
    if len(repeat) < LEAST_CUSTOMERS:
        return {}
    found = mixture(repeat["orders"].to_numpy(int), repeat["hits"].to_numpy(int))
    drawn = {f"d{at}": weight for at, weight in enumerate(found.drawn)}
    return {"mixture": pd.DataFrame({"rate": GRID, "weight": found.weight, **drawn})}


def _around(warehouse: Warehouse) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """How purchases go on when a reward comes close, and when one was taken. All days that the data has are used."""
    from analytics.models.hazard import Visits, hazard

    rows = warehouse.frame(VISITS, most=MOST_VISITORS)
    if not rows["rewarded"].any() or warehouse.as_of is None:
        return {}, {}
    first, members = warehouse.row(COVERED)
    need = float(rows.loc[rows["redeemed"] > 0, "redeemed"].quantile(SMALL, interpolation="lower"))
    visits = Visits(
        customer=pd.factorize(rows["customer_id"])[0].astype(np.int64),
        day=rows["day"].to_numpy(np.int64),
        rewarded=rows["rewarded"].to_numpy(bool),
        balance=rows["balance"].to_numpy(float),
        earned=rows["earned"].to_numpy(float),
        need=need,
    )
    found = hazard(visits, int(str(first)), (pd.Timestamp(warehouse.as_of) - pd.Timestamp(0)).days)
    pooled = {name: asdict(one) for name, one in found.pooled.items()}
    signals = {"near": found.pressure, "rewarded": found.dip}
    moved = [(name, one.value, one.low, one.high, one.n, found.later[name].value, signals[name]) for name, one in found.pooled.items()]
    columns = ["state", "change", "low", "high", "n", "later", "found"]
    facts = {
        "need": need,
        "pressure": found.pressure,
        "dip": found.dip,
        "members": int(str(members)),
        "sample": int(rows["customer_id"].nunique()),
        "pooled": pooled,
    }
    return facts, {"moved": pd.DataFrame(moved, columns=columns), "weeks": found.weeks, "naive": found.naive} if pooled else {}


def _rewards(warehouse: Warehouse, window: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """What was redeemed; and, where rewards are of categories that are sold, whether customers buy them."""
    from analytics.models.resample import ratio_of_sums

    listed = warehouse.frame(REWARDS, **window)
    if listed.empty:
        return {}, {}
    own = warehouse.frame(BOUGHT, **window)
    if own["redemptions"].sum() * 2 < listed["redemptions"].sum():
        return {}, {"rewards": listed}
    n, hits, chance = (own[name].to_numpy(float) for name in ("redemptions", "own", "by_chance"))
    found = ratio_of_sums(hits, n, unit=Unit.SHARE)
    return {"in_bought": asdict(found), "in_bought_chance": float(chance.sum() / n.sum())}, {"rewards": listed}
