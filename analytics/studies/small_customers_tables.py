"""The tables of the study `small_customers`, from what its fit kept and what customers of the day get and are worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.results import Estimate, Note, Unit
from analytics.studies import tier_rules
from analytics.studies.base import Filters
from analytics.studies.small_customers_fit import LIFT
from analytics.studies.tier_order import tiers_in_order

if TYPE_CHECKING:
    from analytics.fits import Fitted
    from analytics.studies.given import Given
    from analytics.warehouse import Warehouse

Worth = Literal["value", "orders", "brought"]
SPENDERS = ("small", "others", "idle")  # without tiers: who brought least, the others who bought, and who bought nothing
YEAR, DISCOUNT = 365, 0.10  # of the predicted value, as the page on value opens


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Customers of the day.

    people   as `given` tells, with `worth` (predicted, or what they brought) and `rank` (tier, or small, others, idle)
    ranks    from the lowest; small: (n,) who counts as small
    worth    value (predicted, in money), orders (predicted, where nothing has a price), brought (where nothing can be predicted)
    who      the small customers in words; found: what the fit kept; outlook: predictions a customer, empty without them
    due      customer_id of those whose records ask for a higher tier by the rules already: they rise at the next review
    """

    people: pd.DataFrame
    ranks: tuple[str, ...]
    small: NDArray[np.bool_]
    worth: Worth
    who: Note
    found: Fitted
    outlook: pd.DataFrame
    due: frozenset[str]

    def share(self, column: str) -> Estimate:
        """Share of a column with small customers; it must not add up to nothing."""
        from analytics.models.resample import ratio_of_sums

        values = self.people[column].to_numpy(float).clip(min=0)
        return ratio_of_sums(values * self.small, values, unit=Unit.SHARE)


def standing(warehouse: Warehouse, found: Fitted, day: Given, value: Fitted) -> Standing:
    """Everybody who has a tier; without tiers, everybody."""
    facts, small = found.facts, set(found.tables["people"]["customer_id"])
    outlook, worth = _outlook(value)
    people = (day.tiered if facts["tiers"] else day.people).merge(outlook, on="customer_id", how="left")
    people["worth"] = people["brought"].clip(lower=0) if worth == "brought" else people["expected"].fillna(0.0)
    if facts["tiers"]:
        who = Note(key="small_customers.who.tiers", facts={"tiers": ", ".join(facts["tiers"])})
        ranks = tuple(name for name in tiers_in_order(warehouse) if name in set(people["tier"]))
        people, here = people.assign(rank=people["tier"]), people["tier"].isin(facts["tiers"])
    else:
        measure = Note(key=f"small_customers.of.{facts['measure']}")
        span = "month" if facts["months"] == 1 else "spend"
        who = Note(key=f"small_customers.who.{span}", facts={"months": facts["months"], "measure": measure})
        here = people["customer_id"].isin(small)
        bought = people["customer_id"].isin(found.tables["lately"]["customer_id"])
        people, ranks = people.assign(rank=np.select([here, bought], SPENDERS[:2], SPENDERS[2])), SPENDERS
    due = tier_rules.due(warehouse, tier_rules.last_day(warehouse)) if facts["tiers"] else frozenset()
    return Standing(people=people, ranks=ranks, small=here.to_numpy(bool), worth=worth, who=who, found=found, outlook=outlook, due=due)


def _outlook(value: Fitted) -> tuple[pd.DataFrame, Worth]:
    """What each customer is expected to bring in the year ahead: customer_id, expected and, where a range is known, value_high."""
    from analytics.studies.value_predict import listed, predict, terms

    if "refused" in value.facts:
        return pd.DataFrame({"customer_id": pd.Series(dtype=str), "expected": pd.Series(dtype=float)}), "brought"
    told = predict(value, terms(value.facts, days=YEAR, discount=DISCOUNT, margin=0.0), Filters())
    rows = listed(told, np.arange(len(told.people)))
    worth: Worth = "value" if "value" in rows else "orders"
    expected = rows["value" if worth == "value" else "expected_orders"].clip(lower=0)
    more = {"value_high": rows["value_high"]} if "value_high" in rows else {}
    return pd.DataFrame({"customer_id": rows["customer_id"], "expected": expected, **more}), worth


def attention(standing: Standing) -> pd.DataFrame:
    """A row a tier from the lowest; shares of what nobody got are absent."""
    people = standing.people
    rows = [_attention(standing, name, (people["rank"] == name).to_numpy(bool)) for name in standing.ranks]
    return pd.DataFrame([row for row in rows if row["customers"]])


def _attention(standing: Standing, name: str, inside: NDArray[np.bool_]) -> dict[str, Any]:
    people, n = standing.people, int(inside.sum())
    row: dict[str, Any] = {"tier": name, "customers": n}
    for share, column in (("rewards_share", "received"), ("contacts_share", "contacts"), ("value_share", "worth")):
        if (whole := people[column].clip(lower=0).sum()) > 0:
            row[share] = float(people.loc[inside, column].clip(lower=0).sum() / whole)
    for column, heads in (
        ("received", ("attention_rewards", "low", "high")),
        ("contacts", ("attention_contacts", "contacts_low", "contacts_high")),
    ):
        if (one := _ratio(standing, column, inside)) is not None:
            row |= dict(zip(heads, (one.value, one.low, one.high), strict=True))
    return row | {"n": n, "small": bool(n and standing.small[inside].all())}


def _ratio(standing: Standing, column: str, inside: NDArray[np.bool_]) -> Estimate | None:
    """Share of what is given over share of what customers are worth; None where one of them is nothing."""
    from analytics.models.growth import share_ratio

    given, worth = (standing.people[name].to_numpy(float).clip(min=0) for name in (column, "worth"))
    if not (given.sum() > 0 and worth[inside].sum() > 0):
        return None
    return share_ratio(given, worth, inside)


def overlooked(standing: Standing) -> dict[str, Estimate]:
    """Attention to small customers and their share of what all are worth."""
    told = {"attention_small": "received", "attention_contacts_small": "contacts"}
    found = {name: _ratio(standing, column, standing.small) for name, column in told.items()}
    estimates = {name: one for name, one in found.items() if one is not None}
    return estimates | ({"value_share_small": standing.share("worth")} if standing.people["worth"].sum() > 0 else {})


def model(found: Fitted) -> bool:
    """Whether chances to move up can be told customer by customer."""
    return bool(found.facts["model"] and found.facts["model"]["useful"])


def gems(standing: Standing) -> pd.DataFrame:
    """Small customers with twice the usual chance to move up, or worth as much as the middle one of the others; best chance first, and
    last those who count enough for a higher tier already."""
    found, people = standing.found, standing.found.tables["people"]
    people = people.merge(standing.outlook.rename(columns={"expected": "value"}), on="customer_id", how="left")
    moving = people["chance"] >= LIFT * found.facts["hits"] / found.facts["n"] if model(found) else pd.Series(False, index=people.index)
    worth = people["value"] >= _middle(standing)
    due = people["customer_id"].isin(standing.due)
    reason = np.select([due, moving & worth, moving], ["due", "both", "moving"], "value")
    people = people.assign(due=due, reason=reason, value=people["value"].fillna(0.0))[(moving | worth).to_numpy(bool)]
    by = ["chance", "value"] if model(found) else ["value"]
    told = people if model(found) else people.drop(columns=["chance", "low", "high"], errors="ignore")
    names = ["customer_id", "tier", "brought", "orders", "chance", "low", "high", "value", "value_high", "reason"]
    kept = [name for name in names if name in told and told[name].notna().any()]
    return told.sort_values(["due", *by, "customer_id"], ascending=[True, *[False] * len(by), True], ignore_index=True)[kept]


def _middle(standing: Standing) -> float:
    """What the middle one of the others who bought lately is worth; endless where nothing can be predicted."""
    people = standing.people
    others = people.loc[~standing.small & (people["rank"] != "idle").to_numpy(bool), "worth"]
    return float(others.median()) if standing.worth != "brought" and len(others) else np.inf


def quality(found: Fitted) -> pd.DataFrame:
    if not found.facts["model"]:
        return pd.DataFrame()
    kept = found.facts["model"]["quality"]
    return pd.DataFrame([{"measure": name, **{end: one[end] for end in ("value", "low", "high", "n")}} for name, one in kept.items()])


def reversion(found: Fitted) -> pd.DataFrame:
    """Half a period: when they were chosen, where nothing but chance can differ, and later."""
    if "reversion" not in found.facts:
        return pd.DataFrame()
    told = found.facts["reversion"]
    rows = [{"stage": "before", "brought": told["before"]}]
    for stage, name in (("by_chance", "by_chance"), ("seen", "rise")):
        ends = {end: told["before"] + told[name][place] for end, place in (("brought", "value"), ("low", "low"), ("high", "high"))}
        rows.append({"stage": stage, **ends})
    return pd.DataFrame(rows)


def kept_estimate(facts: Mapping[str, Any]) -> Estimate:
    return Estimate(**{**facts, "unit": Unit(facts["unit"])})
