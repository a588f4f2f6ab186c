"""The fit `price`: what regulars pay against others for the same product, at the same time, in the same channel.

Facts    refused (key, facts) or: grain (day, week, month: within which prices are compared), identified (share of the regulars' lines
         that have others' beside them), lines, regulars (their lines), customers, regular_customers, first, last, sample (share of the
         lines, 1 for all), listed (list prices are known), few (categories with too few customers), channels, overall
         (gap, low, high, n, customers), coupons (difference in the share of lines at a discount: gap, low, high, n)
Tables   categories  category, gap, low, high, n, customers (on the smaller side), p (one-sided: more), spend (of regulars)
         products    category, product, gap, low, high, n, spend
         split       category (none: all), part (net, list, discount), gap, low, high, n: list and discount add up to net in logs
         bands       category (none: all), dimension (days, orders), from, to, gap, low, high, n: to the first band, which is 0
         tiers       tier, gap, low, high, n: to the lowest, or to those in no tier, which is 0
         discounts   who (regulars, others), lines, share (with a discount), depth (of those)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, Tell
from analytics.studies.price_fairness_lines import CATEGORIES, Sold, gap, least, listed, parts, row, sold_in
from analytics.studies.price_fairness_sql import LINES, SIZES
from analytics.studies.price_fairness_tables import bands, discounts, split, tiers
from analytics.studies.tier_order import tiers_in_order

if TYPE_CHECKING:
    from analytics.models.price_gap import Within
    from analytics.warehouse import Warehouse

MOST, LOTS = 2_000_000, 1_000  # order lines above which some lots of cells stand for all
PRODUCTS = 300  # told apart, those on which regulars spend most


def make(warehouse: Warehouse, params: Mapping[str, Any], tell: Tell) -> Fitted:
    """Read, compare by category, by product, by how long one is a customer."""
    tell("read", 0, 4)
    lines, days, orders = (int(str(value or 0)) for value in warehouse.row(SIZES))
    sample = min(1.0, MOST / max(lines, 1))
    rows = warehouse.frame(LINES, months=params["months"], part=round(LOTS * sample))
    regular = ((rows["before"] >= params["orders"]) & (rows["days"] > params["days"])).to_numpy(bool)
    if not regular.any():
        return _refused("nobody", days=days, orders=orders, asked_days=params["days"], asked_orders=params["orders"])
    sold = sold_in(rows, regular)
    tell("categories", 1, 4)
    overall, (categories, few) = gap(sold), _categories(sold)
    if overall is None:
        return _refused("few", least=least())
    tell("products", 2, 4)
    products = _products(sold, categories)
    tell("who", 3, 4)
    tables = {
        "categories": categories,
        "products": products,
        "split": split(sold, categories),
        "bands": bands(sold, categories, params),
        "tiers": tiers(sold, tiers_in_order(warehouse)),
        "discounts": discounts(sold),
    }
    facts = _facts(sold, overall) | {"sample": sample, "few": few, "refused": None}
    return Fitted(facts=facts, tables={name: table for name, table in tables.items() if len(table)})


PRICE = Fit(id="price", steps=("read", "categories", "products", "who"), make=make)


def _refused(why: str, **facts: object) -> Fitted:
    return Fitted(facts={"refused": {"key": f"price_fairness.refused.{why}", "facts": facts}})


def _spend(sold: Sold) -> float:
    return float(sold.rows["amount"].to_numpy(float) @ sold.regular)


def _categories(sold: Sold) -> tuple[pd.DataFrame, int]:
    """The gap in each category, and how many have too few customers to tell."""
    from analytics.models.price_gap import both_sides

    rows, few = [], 0
    for name, part in parts(sold, "category", CATEGORIES):
        if (found := gap(part)) is None:
            few += 1
            continue
        people = both_sides(part.lines, part.regular)
        rows.append({"category": name, **row(found), "customers": people, "p": found.p(), "spend": _spend(part)})
    return pd.DataFrame(rows), few


def _products(sold: Sold, categories: pd.DataFrame) -> pd.DataFrame:
    told = sold.at(np.flatnonzero(_among(sold, categories)))
    rows = []
    for name, part in parts(told, "product", PRODUCTS):
        if (found := gap(part)) is not None:
            rows.append({"category": _name(part), "product": name, **row(found), "spend": _spend(part)})
    return pd.DataFrame(rows)


def _among(sold: Sold, categories: pd.DataFrame) -> np.ndarray:
    """Lines of the categories that are told."""
    known = sold.rows["category"]
    return np.asarray(known.isin(categories["category"]) if known.notna().any() else np.ones(len(known), bool))


def _name(sold: Sold) -> str | None:
    known = sold.rows["category"].dropna()
    return str(known.iloc[0]) if len(known) else None


def _facts(sold: Sold, overall: Within) -> dict[str, Any]:
    from analytics.models.price_gap import compared, within

    rows, here = sold.rows, compared(sold.lines.cell, sold.asked)
    facts: dict[str, Any] = {
        "grain": sold.grain,
        "identified": float(here[sold.regular].mean()),
        "lines": len(rows),
        "regulars": int(sold.regular.sum()),
        "customers": int(rows["customer"].nunique()),
        "regular_customers": int(rows.loc[sold.regular, "customer"].nunique()),
        "first": rows["day"].min().date().isoformat(),
        "last": rows["day"].max().date().isoformat(),
        "listed": listed(sold),
        "channels": bool(rows["channel"].notna().any()),
        "overall": row(overall) | {"customers": overall.customers},
    }
    if rows["cut"].notna().any():
        found = within(sold.lines, sold.asked, rows["cut"].fillna(False).to_numpy(float))
        if found is not None:
            one = found.plain()
            facts["coupons"] = {"gap": one.value, "low": one.low, "high": one.high, "n": one.n}
    return facts
