"""The tables of the study `dependency`, from what its fit kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.results import Estimate, Unit, wilson
from analytics.studies.dependency_sql import GROUPS, REMOVALS

if TYPE_CHECKING:
    from analytics.fits import Fitted
    from analytics.warehouse import Warehouse

CHANCE = 0.05
STEPS = (0.01, 0.05, 0.10, 0.15, 0.20, 0.30, 0.50)  # discounts from which an order would count; the first stands for any
PAUSED = 0.25  # a month whose share on offer is under a quarter of the usual one had hardly any offers
ENOUGH = 100  # orders of a month that is looked at for that
REMOVED = ("experiments", "withheld", "paused")


def share(value: float) -> Estimate:
    """A share as a fact of a sentence."""
    return Estimate(value=float(value), low=float(value), high=float(value), n=1, unit=Unit.SHARE)


def kept_estimate(facts: Mapping[str, Any]) -> Estimate:
    return Estimate(**{**facts, "unit": Unit(facts["unit"])})


def dimensions(warehouse: Warehouse, names: tuple[str, ...]) -> list[str]:
    """Those of which the customers have two values and more."""
    counts = ", ".join(f"count(distinct {name})" for name in names)
    found = warehouse.row(f"select {counts} from ({GROUPS})")
    return [name for name, n in zip(names, found, strict=True) if int(str(n)) > 1]


def months(found: Fitted) -> pd.DataFrame:
    """The share on offer month by month, with intervals over customers."""
    from analytics.models.resample import ratio_of_sums

    rows = []
    for month, lots in found.tables["lots"].groupby("month"):
        seen = {"month": month, "orders": int(lots["orders"].sum()), "share_orders": lots["hits"].sum() / lots["orders"].sum()}
        if lots["money"].sum() > 0:
            one = ratio_of_sums(lots["money_hits"].to_numpy(float), lots["money"].to_numpy(float), unit=Unit.SHARE)
            seen |= {"share": one.value, "low": one.low, "high": one.high}
        rows.append(seen)
    return pd.DataFrame(rows)


def bands(found: Fitted) -> pd.DataFrame:
    """How much would count as bought at a discount if more or less of a discount were asked for."""
    if not found.facts["discounts"]:
        return pd.DataFrame()
    kept = found.tables["bands"]
    table = pd.DataFrame({"least": STEPS, "share_orders": _at_least(kept, "orders")})
    return table.assign(share=_at_least(kept, "money")) if kept["money"].sum() > 0 else table


def _at_least(kept: pd.DataFrame, column: str) -> list[float]:
    every = float(kept[column].sum())
    return [float(kept.loc[kept["band"] >= step - 1e-9, column].sum()) / every for step in STEPS]


def groups(found: Fitted, asked: str, margin: float) -> pd.DataFrame:
    """All groups; those of the dimension asked for first, else of the one that lies apart most."""
    table = found.tables["groups"]
    if not len(table):
        return table.assign(flagged=pd.Series(dtype=bool))
    flagged = (table["q"] <= CHANCE) & (table["difference_low"] > margin)
    table = table.assign(flagged=flagged)
    known = list(dict.fromkeys(table["dimension"]))
    most = table["dimension"].iloc[int(table["difference"].where(table["q"].notna(), -1.0).to_numpy().argmax())]
    first = asked if asked in known else most
    place = {name: at for at, name in enumerate([first, *[name for name in known if name != first]])}
    order = table.assign(at=table["dimension"].map(place)).sort_values(["at", "share"], ascending=[True, False], kind="stable")
    return order.drop(columns="at").reset_index(drop=True)


def shares(found: Fitted, least: int) -> pd.DataFrame:
    """Customers with enough orders, by their own share."""
    from analytics.models.dependency import spread_of_shares

    people = found.tables["people"]
    judged = people[people["orders"] >= least]
    return spread_of_shares(judged["orders"].to_numpy(int), judged["hits"].to_numpy(int)) if len(judged) else pd.DataFrame()


def dependent(found: Fitted, rate: float) -> Estimate:
    """Share of customers with two orders and more whose own rate is at least `rate`."""
    from analytics.models.dependency import Mixture, above

    kept = found.tables["mixture"]
    drawn = kept.filter(regex=r"^d\d+$").to_numpy(float).T
    return above(Mixture(weight=kept["weight"].to_numpy(float), drawn=drawn), rate, int((found.tables["people"]["orders"] >= 2).sum()))


def people(found: Fitted, least: int, rate: float, sure: float) -> pd.DataFrame:
    """Customers whose own rate is probably at least `rate`, those with most money first."""
    from analytics.models.dependency import standing

    everyone = found.tables["people"]
    judged = everyone[everyone["orders"] >= least].reset_index(drop=True)
    if "mixture" not in found.tables or not len(judged):
        return pd.DataFrame()
    weight = found.tables["mixture"]["weight"].to_numpy(float)
    own, probability = standing(weight, judged["orders"].to_numpy(int), judged["hits"].to_numpy(int), rate)
    table = pd.DataFrame(
        {
            "customer_id": judged["customer_id"],
            "orders": judged["orders"],
            "on_offer": judged["hits"],
            "own_rate": own,
            "probability": probability,
            **({} if found.facts["measure"] == "orders" else {found.facts["measure"]: judged["money"]}),
        }
    )
    by = str(table.columns[-1])
    return table.loc[probability >= sure].sort_values(by, ascending=False, kind="stable", ignore_index=True)


def rewards(found: Fitted) -> pd.DataFrame:
    """What was redeemed, by category of reward."""
    table = found.tables.get("rewards")
    if table is None:
        return pd.DataFrame()
    every = int(table["redemptions"].sum())
    told = [wilson(int(n), every) for n in table["redemptions"]]
    ends = {"share": [one.value for one in told], "low": [one.low for one in told], "high": [one.high for one in told]}
    return table[["category", "redemptions"]].assign(**ends, sold=table["sold"])


def own(found: Fitted) -> pd.DataFrame:
    """Redemptions in categories that the customer buys, beside what it would be if customers were exchanged; no row where not measured."""
    facts = found.facts
    if "in_bought" not in facts:
        return pd.DataFrame()
    row = {"share_own": facts["in_bought"]["value"], **{end: facts["in_bought"][end] for end in ("low", "high")}}
    return pd.DataFrame([{**row, "chance_own": facts["in_bought_chance"]}])


def removals(warehouse: Warehouse, found: Fitted) -> pd.DataFrame:
    """What the data holds that could tell how it is without rewards; none of it is evaluated here."""
    experiments, withheld = (int(str(n)) for n in warehouse.row(REMOVALS))
    paused = _paused(found.tables["lots"])
    last = [None, None, paused.max() if len(paused) else None]
    return pd.DataFrame({"source": REMOVED, "found": [experiments, withheld, len(paused)], "last": pd.to_datetime(pd.Series(last))})


def _paused(lots: pd.DataFrame) -> pd.Series:
    """Months in which hardly anything was bought on offer, next to the usual month."""
    sums = lots.groupby("month")[["orders", "hits"]].sum()
    rate = sums["hits"] / sums["orders"]
    return pd.Series(rate.index[np.asarray((sums["orders"] >= ENOUGH) & (rate < PAUSED * rate.median()))])
