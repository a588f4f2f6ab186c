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
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, Tell
from analytics.results import Unit
from analytics.studies.dependency_sql import BOUGHT, COVERED, GROUPS, ORDERS, REWARDS, VISITS
from analytics.studies.month_ends import monthly, whole_months

if TYPE_CHECKING:
    from analytics.models.hazard import Hazard, Visits
    from analytics.warehouse import Warehouse

LEAST_CUSTOMERS = 30
MOST_VISITORS = 60_000  # customers whose purchases around rewards are looked at
SMALL = 0.05  # a small reward: so many are smaller
DESCRIBED = ("tier",)  # tiers differ by design
PART_CUSTOMER, PART_MONTH, PART_BAND = 3, 5, 6  # of the grouping sets: the bits of what is not grouped by
NUMBERS = ["orders", "hits", "cheap", "taken", "money", "money_hits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What can be asked of the data at hand.

    first, last   the window; least: discount of an order from which it counts
    measure       the best of margin, amount (net sales) and orders that there is
    discounts     whether they are known; daily: whether redemptions are, by the day
    """

    first: date
    last: date
    least: float
    measure: str
    discounts: bool
    daily: bool

    @property
    def window(self) -> dict[str, date]:
        return {"first": self.first, "last": self.last}


def make(warehouse: Warehouse, params: Mapping[str, Any], tell: Tell) -> Fitted:
    """Orders, groups, own rates, purchases around rewards. Too little data is a fact, not an error."""
    tell("orders", 0, 1)
    asked = _asked(warehouse, params)
    if isinstance(asked, str):
        return _refused(asked)
    people, lots, bands = _orders(warehouse, asked)
    if len(people) < LEAST_CUSTOMERS:
        return _refused("few_customers", n=len(people), least=LEAST_CUSTOMERS)
    if not people["hits"].sum():
        return _refused("no_offers")
    tell("groups", 0, 1)
    tables = {"people": people, "lots": lots, "bands": bands, "groups": _groups(warehouse, people), **_mixture(people)}
    tell("rewards", 0, 1)
    around = _around(warehouse) if asked.daily else Fitted()
    rewards = _rewards(warehouse, asked) if asked.daily else Fitted()
    return Fitted(facts={**_facts(asked), **around.facts, **rewards.facts}, tables={**tables, **around.tables, **rewards.tables})


FIT = Fit(id="dependency", steps=("orders", "groups", "rewards"), make=make)


def _refused(why: str, **facts: object) -> Fitted:
    return Fitted(facts={"refused": {"key": f"dependency.refused.{why}", "facts": facts}})


def _asked(warehouse: Warehouse, params: Mapping[str, Any]) -> Asked | str:
    """The window and what is known in it, or why nothing can be asked."""
    whole, columns = whole_months(warehouse)[-int(params["months"]) :], warehouse.present()
    known = columns["transactions"]
    daily, discounts = "points" in columns and not monthly(warehouse), "discount" in known
    if not len(whole):
        return "short"
    if not (daily or discounts):
        return "monthly"
    return Asked(
        first=whole[0].date(),
        last=(whole[-1] + pd.offsets.MonthEnd(0)).date(),
        least=float(params["least"]),
        measure=next((name for name in ("margin", "amount") if name in known), "orders"),
        discounts=discounts,
        daily=daily,
    )


def _orders(warehouse: Warehouse, asked: Asked) -> list[pd.DataFrame]:
    """Orders on offer by customer, by month and lot, and by level of discount."""
    rows = warehouse.frame(ORDERS, **asked.window, margin=asked.measure == "margin", daily=asked.daily, least=asked.least)
    if asked.measure == "orders":
        rows = rows.assign(money=rows["orders"], money_hits=rows["hits"])
    keys = {PART_CUSTOMER: ["customer_id"], PART_MONTH: ["month", "lot"], PART_BAND: ["band"]}
    return [rows.loc[rows["part"] == part, [*names, *NUMBERS]].reset_index(drop=True) for part, names in keys.items()]


def _facts(asked: Asked) -> dict[str, Any]:
    return {
        "refused": None,
        "measure": "net_sales" if asked.measure == "amount" else asked.measure,
        "first": asked.first.isoformat(),
        "last": asked.last.isoformat(),
        "discounts": asked.discounts,
        "redemptions": asked.daily,
    }


def _groups(warehouse: Warehouse, people: pd.DataFrame) -> pd.DataFrame:
    from analytics.models.dependency import by_group

    hits, orders = (people[name].to_numpy(float) for name in ("hits", "orders"))
    return by_group(hits, orders, _standing(warehouse, people), described=DESCRIBED)


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


def _around(warehouse: Warehouse) -> Fitted:
    """How purchases go on when a reward comes close, and when one was taken. All days that the data has are used."""
    from analytics.models.hazard import hazard

    rows = warehouse.frame(VISITS, most=MOST_VISITORS)
    if not rows["rewarded"].any() or warehouse.as_of is None:
        return Fitted()
    first, members = (int(str(value)) for value in warehouse.row(COVERED))
    visits = _visits(rows)
    found = hazard(visits, first, (pd.Timestamp(warehouse.as_of) - pd.Timestamp(0)).days)
    facts = {"need": visits.need, "members": members, "sample": int(rows["customer_id"].nunique())}
    if not found.pooled:
        return Fitted(facts=facts)
    pooled = {name: asdict(one) for name, one in found.pooled.items()}
    return Fitted(facts={**facts, "pooled": pooled}, tables={"moved": _moved(found), "weeks": found.weeks, "naive": found.naive})


def _visits(rows: pd.DataFrame) -> Visits:
    from analytics.models.hazard import Visits

    return Visits(
        customer=pd.factorize(rows["customer_id"])[0].astype(np.int64),
        day=rows["day"].to_numpy(np.int64),
        rewarded=rows["rewarded"].to_numpy(bool),
        balance=rows["balance"].to_numpy(float),
        earned=rows["earned"].to_numpy(float),
        need=float(rows.loc[rows["redeemed"] > 0, "redeemed"].quantile(SMALL, interpolation="lower")),
    )


def _moved(found: Hazard) -> pd.DataFrame:
    signals = {"near": found.pressure, "rewarded": found.dip}
    rows = [(name, one.value, one.low, one.high, one.n, found.later[name].value, signals[name]) for name, one in found.pooled.items()]
    return pd.DataFrame(rows, columns=["state", "change", "low", "high", "n", "later", "found"])


def _rewards(warehouse: Warehouse, asked: Asked) -> Fitted:
    """What was redeemed; and, where rewards are of categories that are sold, whether customers buy them."""
    from analytics.models.resample import ratio_of_sums

    listed = warehouse.frame(REWARDS, **asked.window)
    if listed.empty:
        return Fitted()
    own = warehouse.frame(BOUGHT, **asked.window)
    if own["redemptions"].sum() * 2 < listed["redemptions"].sum():
        return Fitted(tables={"rewards": listed})
    n, hits, chance = (own[name].to_numpy(float) for name in ("redemptions", "own", "by_chance"))
    found = asdict(ratio_of_sums(hits, n, unit=Unit.SHARE))
    return Fitted(facts={"in_bought": found, "in_bought_chance": float(chance.sum() / n.sum())}, tables={"rewards": listed})
