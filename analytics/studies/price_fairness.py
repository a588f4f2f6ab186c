"""Are regulars charged more: net unit prices of those who have been customers long and often, against others' for the same.

Tables of the answer
    categories  category, gap (relative), low, high, n (lines compared), customers (on the smaller side), q, flagged (q <= .05 and the
                whole interval above the margin), spend (of regulars), at_stake (what they would have saved at others' prices)
    products    `list_size` of category, product, gap, low, high, n, spend, at_stake, drives (its category is flagged)
    split       category (absent: all lines), part (net, list, discount), gap, low, high, n: list prices and discounts make up the net gap
    tenure      category (absent: all lines), dimension (days, orders), from, to, gap (to the first band), low, high, n; of all lines and
                of the category that lies highest
    tiers       tier (absent: in none), gap (to the first row), low, high, n: described, never flagged
    coupons     who (regulars, others), lines, share (at a discount), depth (of those)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import hypot
from typing import Any

import pandas as pd

from analytics.fits import Fit, Fitted, fitted
from analytics.results import Estimate, Note, Result, Unit, exact
from analytics.studies.base import Need, Study
from analytics.studies.price_fairness_figures import draw
from analytics.studies.price_fairness_fit import PRICE
from analytics.studies.price_fairness_sql import LINES as LINES  # shown with the other queries
from analytics.studies.price_fairness_sql import SIZES as SIZES
from analytics.warehouse import Warehouse

CHANCE = 0.05
PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "gap": (("categories", "split"), ("worst_gap", "at_stake", "regular_gap", "discount_gap", "regulars", "identified")),
    "products": (("products",), ()),
    "who": (("tenure", "tiers", "coupons"), ()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """A regular: `orders` before, and a customer for more than `days`. margin: relative gap that matters; months: window of the lines;
    list_size: products listed."""

    orders: int = field(default=8, metadata={"min": 1, "max": 500, "step": 1})
    days: int = field(default=365, metadata={"min": 0, "max": 3650, "step": 5})
    margin: float = field(default=0.01, metadata={"min": 0.0, "max": 0.5, "step": 0.005})
    months: int = field(default=24, metadata={"min": 1, "max": 120, "step": 1})
    list_size: int = field(default=50, metadata={"min": 0, "max": 1_000, "step": 10})


def fits(params: Params) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    """Prices are gone through once for a window and for what makes a regular; the margin only reads what was found."""
    return ((PRICE, {"orders": params.orders, "days": params.days, "months": params.months}),)


def run(warehouse: Warehouse, params: Params) -> Result:
    """What was kept of the prices, with what matters of it."""
    found = _found(warehouse, params)
    if found.facts["refused"]:
        lacking = Note(**found.facts["refused"])
        return Result(study=STUDY.id, verdict=lacking, refused=lacking)
    categories = _categories(found, params.margin)
    tables = {
        "categories": categories,
        "products": _products(found, params.margin).head(params.list_size),
        "split": found.tables.get("split", pd.DataFrame()),
        "tenure": _tenure(found, categories),
        "tiers": found.tables.get("tiers", pd.DataFrame()),
        "coupons": found.tables.get("discounts", pd.DataFrame()),
    }
    return Result(
        study=STUDY.id,
        verdict=_verdict(found, categories, params.margin),
        estimates=_estimates(found, categories),
        tables={name: table for name, table in tables.items() if len(table)},
        warnings=_warnings(warehouse, found),
    )


def _products(found: Fitted, margin: float) -> pd.DataFrame:
    """Those of flagged categories first, by the money at stake."""
    table, categories = found.tables.get("products", pd.DataFrame()), _categories(found, margin)
    if not len(table):
        return table
    flagged = set(categories.loc[categories["flagged"], "category"]) if len(categories) else set()
    table = _staked(table).assign(drives=table["category"].isin(flagged))
    return table.sort_values(["drives", "at_stake"], ascending=False, kind="stable", ignore_index=True)


def every_product(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every product that can be told: columns as in the table `products`."""
    return _products(_found(warehouse, params), params.margin)


def parts(result: Result) -> dict[str, Result]:
    """The answer in its parts, each with its own figures: gap, products, who; only those that it has."""
    every = {
        name: result.part(tables=tables, estimates=estimates, warnings=result.warnings if name == "gap" else ())
        for name, (tables, estimates) in PARTS.items()
    }
    return {name: part for name, part in every.items() if part.tables or part.estimates}


def _found(warehouse: Warehouse, params: Params) -> Fitted:
    ((fit, asked),) = fits(params)
    return fitted(warehouse, fit, **asked)


def _categories(found: Fitted, margin: float) -> pd.DataFrame:
    """Those with the largest gap first; one family of tests a run."""
    from analytics.models.price_gap import many

    table = found.tables.get("categories", pd.DataFrame())
    if not len(table):
        return table
    q = many(table["p"].to_numpy(float))
    flagged = (q <= CHANCE) & (table["low"].to_numpy(float) > margin)
    table = _staked(table.drop(columns="p").assign(q=q, flagged=flagged))
    first = ["category", "gap", "low", "high", "n", "customers", "q", "flagged", "spend", "at_stake"]
    return table[first].sort_values(["flagged", "gap"], ascending=False, kind="stable", ignore_index=True)


def _staked(table: pd.DataFrame) -> pd.DataFrame:
    """at_stake: what regulars would have saved at others' prices."""
    return table.assign(at_stake=_saved(table["spend"], table["gap"]))


def _saved(spend: pd.Series, gap: pd.Series) -> pd.Series:
    return spend * gap / (1 + gap)


def _tenure(found: Fitted, categories: pd.DataFrame) -> pd.DataFrame:
    """Of all lines, and of the category that lies highest."""
    table = found.tables.get("bands", pd.DataFrame())
    if not len(table):
        return table
    highest = categories["category"].iloc[0] if len(categories) else None
    told = table[table["category"].isna() | (table["category"] == highest)]
    return told.astype({"from": "Int64", "to": "Int64"}).reset_index(drop=True)


def _estimates(found: Fitted, categories: pd.DataFrame) -> dict[str, Estimate]:
    """A part that the data cannot tell is absent."""
    facts = found.facts
    estimates = {"regular_gap": _kept(facts["overall"])}
    if len(categories) > 1:
        estimates["worst_gap"] = _kept(categories.iloc[0])
    if len(categories) and categories["flagged"].any():
        estimates["at_stake"] = _at_stake(categories[categories["flagged"]])
    if "coupons" in facts:
        estimates["discount_gap"] = _kept(facts["coupons"])
    estimates["regulars"] = exact(facts["regular_customers"], unit=Unit.COUNT, n=facts["customers"])
    estimates["identified"] = exact(facts["identified"], unit=Unit.SHARE, n=facts["regulars"])
    return estimates


def _kept(row: Mapping[str, Any] | pd.Series) -> Estimate:
    return Estimate(value=float(row["gap"]), low=float(row["low"]), high=float(row["high"]), n=int(row["n"]), unit=Unit.SHARE)


def _at_stake(flagged: pd.DataFrame) -> Estimate:
    """Over the flagged categories, taken as independent."""
    value, low, high = (_saved(flagged["spend"], flagged[end]).to_numpy(float) for end in ("gap", "low", "high"))
    total = float(value.sum())
    return Estimate(
        value=total, low=total - hypot(*(value - low)), high=total + hypot(*(high - value)), n=int(flagged["n"].sum()), unit=Unit.MONEY
    )


def _verdict(found: Fitted, categories: pd.DataFrame, margin: float) -> Note:
    """The category that stands out most, or that none does."""
    facts: dict[str, Any] = {"grain": Note(key=f"price_fairness.grains.{found.facts['grain']}"), "margin": _share(margin)}
    flagged = categories[categories["flagged"]] if len(categories) else categories
    if not len(flagged):
        facts |= _spanned(found.facts["overall"]) | {"n": len(categories)}
        return Note(key=f"price_fairness.verdict.{'none' if len(categories) > 1 else 'whole'}", facts=facts)
    row = flagged.iloc[0]
    facts |= _spanned(row) | {"stake": _at_stake(flagged), "first": date.fromisoformat(found.facts["first"])}
    if row["category"] is None or pd.isna(row["category"]):
        return Note(key="price_fairness.verdict.flagged_whole", facts=facts)
    many = {"category": str(row["category"]), "n": len(flagged), "of": len(categories)}
    return Note(key=f"price_fairness.verdict.{'flagged' if len(flagged) == 1 else 'several'}", facts=facts | many)


def _spanned(row: Mapping[str, Any] | pd.Series) -> dict[str, Estimate]:
    return {name: _share(row[name]) for name in ("gap", "low", "high")}


def _share(value: float) -> Estimate:
    return Estimate(value=float(value), low=float(value), high=float(value), n=1, unit=Unit.SHARE)


def _warnings(warehouse: Warehouse, found: Fitted) -> tuple[Note, ...]:
    """What a reader must know before believing the numbers."""
    facts, notes = found.facts, [Note(key="price_fairness.warnings.no_cause")]
    if "product_id" not in warehouse.present()["transactions"]:
        notes.append(Note(key="price_fairness.warnings.no_products"))
    if facts["grain"] != "day":
        notes.append(Note(key="price_fairness.warnings.coarse", facts={"grain": Note(key=f"price_fairness.grains.{facts['grain']}")}))
    if facts["identified"] < 0.5:
        notes.append(Note(key="price_fairness.warnings.thin", facts={"share": _share(facts["identified"])}))
    notes += [Note(key="price_fairness.warnings.no_channels")] if not facts["channels"] else []
    notes += [Note(key="price_fairness.warnings.no_list")] if not facts["listed"] else []
    notes += [Note(key="price_fairness.warnings.few", facts={"n": facts["few"]})] if facts["few"] else []
    notes += [Note(key="price_fairness.warnings.sample", facts={"share": _share(facts["sample"])})] if facts["sample"] < 1 else []
    return tuple(notes)


STUDY = Study(
    id="price_fairness",
    group="tiers",
    any_of=tuple(
        (Need(table="transactions", columns=("customer_id", "occurred_at", "amount", "quantity", product)),)
        for product in ("product_id", "category")
    ),
    params=Params,
    run=run,
    figures=draw,
    fits=fits,
)
