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

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, Tell
from analytics.studies.price_fairness_sql import LINES, SIZES
from analytics.studies.tier_order import tiers_in_order

if TYPE_CHECKING:
    from analytics.models.price_gap import Lines, Within
    from analytics.warehouse import Warehouse

MOST, LOTS = 2_000_000, 1_000  # order lines above which some lots of cells stand for all
GRAINS = ("day", "week", "month")
ENOUGH = 0.5  # of the regulars' lines that must have others' beside them for a finer grain to do
CATEGORIES, PRODUCTS = 60, 300  # told apart, those on which regulars spend most
KNOWN = 0.95  # of the list prices


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """Order lines as the models read them, (n,) each; `regular`: of customers who were regulars by then."""

    rows: pd.DataFrame
    lines: Lines
    regular: np.ndarray
    grain: str

    @property
    def asked(self) -> np.ndarray:
        return self.regular[:, None].astype(float)

    def at(self, rows: np.ndarray) -> Sold:
        return Sold(rows=self.rows.iloc[rows], lines=self.lines.at(rows), regular=self.regular[rows], grain=self.grain)


def make(warehouse: Warehouse, params: Mapping[str, Any], tell: Tell) -> Fitted:
    """Read, compare by category, by product, by how long one is a customer."""
    tell("read", 0, 4)
    lines, days, orders = (int(str(value or 0)) for value in warehouse.row(SIZES))
    sample = min(1.0, MOST / max(lines, 1))
    rows = warehouse.frame(LINES, months=params["months"], part=round(LOTS * sample))
    regular = ((rows["before"] >= params["orders"]) & (rows["days"] > params["days"])).to_numpy(bool)
    if not regular.any():
        return _refused("nobody", days=days, orders=orders, asked_days=params["days"], asked_orders=params["orders"])
    sold = _sold(rows, regular)
    tell("categories", 1, 4)
    overall, (categories, few) = _gap(sold), _categories(sold)
    if overall is None:
        return _refused("few", least=_least())
    tell("products", 2, 4)
    products = _products(sold, categories)
    tell("who", 3, 4)
    tables = {
        "categories": categories,
        "products": products,
        "split": _split(sold, categories),
        "bands": _bands(sold, categories, params),
        "tiers": _tiers(sold, tiers_in_order(warehouse)),
        "discounts": _discounts(sold),
    }
    facts = _facts(sold, overall) | {"sample": sample, "few": few, "refused": None}
    return Fitted(facts=facts, tables={name: table for name, table in tables.items() if len(table)})


PRICE = Fit(id="price", steps=("read", "categories", "products", "who"), make=make)


def _refused(why: str, **facts: object) -> Fitted:
    return Fitted(facts={"refused": {"key": f"price_fairness.refused.{why}", "facts": facts}})


def _least() -> int:
    from analytics.models.price_gap import LEAST

    return LEAST


def _sold(rows: pd.DataFrame, regular: np.ndarray) -> Sold:
    """In cells of the finest grain that has others' lines beside half of the regulars'."""
    from analytics.models.price_gap import Lines, compared

    customer = pd.factorize(rows["customer"])[0]
    place = _codes(rows["product"], rows["channel"].fillna(""))
    for grain in GRAINS:
        cell = _codes(place, rows[grain])
        if compared(cell, regular[:, None].astype(float))[regular].mean() >= ENOUGH:
            break
    price, size = (rows[name].to_numpy(float) for name in ("price", "size"))
    return Sold(rows=rows, lines=Lines(price=price, size=size, cell=cell, customer=customer), regular=regular, grain=grain)


def _codes(one: pd.Series | np.ndarray, other: pd.Series) -> np.ndarray:
    """A number for each pair."""
    first, second = pd.factorize(one)[0], pd.factorize(other)[0]
    return pd.factorize(first.astype(np.int64) * (int(second.max()) + 1) + second)[0]


def _gap(sold: Sold) -> Within | None:
    """Of regulars; None where customers on either side are too few."""
    from analytics.models.price_gap import both_sides, within

    found = within(sold.lines, sold.asked)
    return found if found is not None and both_sides(sold.lines, sold.regular) >= _least() else None


def _parts(sold: Sold, column: str, most: int) -> Iterator[tuple[str | None, Sold]]:
    """The lines of each category, or product, on which regulars spend most; all of them under None where the column is empty."""
    from analytics.models.price_gap import parts

    codes, names = pd.factorize(sold.rows[column])
    if not len(names):
        yield None, sold
        return
    for code, rows in parts(codes, most=most, weight=sold.rows["amount"].to_numpy(float) * sold.regular):
        yield str(names[code]), sold.at(rows)


def _row(found: Within, at: int = 0) -> dict[str, Any]:
    one = found.relative(at)
    return {end: round(value, 12) + 0.0 for end, value in (("gap", one.value), ("low", one.low), ("high", one.high))} | {"n": one.n}


def _spend(sold: Sold) -> float:
    return float(sold.rows["amount"].to_numpy(float) @ sold.regular)


def _categories(sold: Sold) -> tuple[pd.DataFrame, int]:
    """The gap in each category, and how many have too few customers to tell."""
    from analytics.models.price_gap import both_sides

    rows, few = [], 0
    for name, part in _parts(sold, "category", CATEGORIES):
        if (found := _gap(part)) is None:
            few += 1
            continue
        people = both_sides(part.lines, part.regular)
        rows.append({"category": name, **_row(found), "customers": people, "p": found.p(), "spend": _spend(part)})
    return pd.DataFrame(rows), few


def _products(sold: Sold, categories: pd.DataFrame) -> pd.DataFrame:
    told = sold.at(np.flatnonzero(_among(sold, categories)))
    rows = []
    for name, part in _parts(told, "product", PRODUCTS):
        if (found := _gap(part)) is not None:
            rows.append({"category": _name(part), "product": name, **_row(found), "spend": _spend(part)})
    return pd.DataFrame(rows)


def _among(sold: Sold, categories: pd.DataFrame) -> np.ndarray:
    """Lines of the categories that are told."""
    known = sold.rows["category"]
    return np.asarray(known.isin(categories["category"]) if known.notna().any() else np.ones(len(known), bool))


def _name(sold: Sold) -> str | None:
    known = sold.rows["category"].dropna()
    return str(known.iloc[0]) if len(known) else None


def _scopes(sold: Sold, categories: pd.DataFrame) -> Iterator[tuple[str | None, Sold]]:
    """All lines, and those of each category that is told."""
    yield None, sold
    told = set(categories["category"].dropna()) if len(categories) else set()
    yield from ((name, part) for name, part in _parts(sold, "category", CATEGORIES) if name in told)


def _split(sold: Sold, categories: pd.DataFrame) -> pd.DataFrame:
    """The gap as one of list prices and one of discounts, on lines whose list price is known."""
    from analytics.models.price_gap import within

    rows = []
    for name, every in _scopes(sold, categories) if _listed(sold) else ():
        part = every.at(np.flatnonzero(every.rows["listed"].notna()))
        listed = part.rows["listed"].to_numpy(float)
        for kind, outcome in (("net", part.lines.price), ("list", listed), ("discount", part.lines.price - listed)):
            if (found := within(part.lines, part.asked, outcome)) is not None:
                rows.append({"category": name, "part": kind, **_row(found)})
    return pd.DataFrame(rows)


def _listed(sold: Sold) -> bool:
    return bool(sold.rows["listed"].notna().mean() >= KNOWN)


def _bands(sold: Sold, categories: pd.DataFrame, params: Mapping[str, Any]) -> pd.DataFrame:
    """The gap by how long, and after how many orders: does it grow with loyalty?"""
    edges = {"days": [0, *_steps(params["days"] + 1)], "orders": [0, *_steps(params["orders"])]}
    columns = {"days": "days", "orders": "before"}
    scopes = _scopes(sold, categories)
    return pd.DataFrame([row for name, part in scopes for by in edges for row in _banded(part, name, by, columns[by], edges[by])])


def _steps(asked: int) -> list[int]:
    """A quarter of what makes a regular, itself and twice as much."""
    return sorted({max(1, asked // 4), max(1, asked), max(2, 2 * asked)})


def _banded(sold: Sold, name: str | None, by: str, column: str, edges: list[int]) -> Iterator[dict[str, Any]]:
    from analytics.models.price_gap import within

    place = np.searchsorted(edges, sold.rows[column].to_numpy(float).clip(0), side="right") - 1
    asked = np.column_stack([place == at for at in range(1, len(edges))]).astype(float)
    found = within(sold.lines, asked)
    if found is None:
        return
    for at, (begin, end) in enumerate(zip(edges, [*edges[1:], None], strict=True)):
        head = {"category": name, "dimension": by, "from": begin, "to": end}
        if at == 0:
            yield {**head, "gap": 0.0, "low": 0.0, "high": 0.0, "n": int((place == 0).sum())}
        elif np.isfinite(found.value[at - 1]):
            yield {**head, **_row(found, at - 1), "n": int((place == at).sum())}


def _tiers(sold: Sold, order: Sequence[str]) -> pd.DataFrame:
    """Prices by tier of the day; the first of them, or those in none, are what the others are held against."""
    from analytics.models.price_gap import within

    held = sold.rows["tier"].to_numpy(object)
    people = {tier: sold.rows.loc[held == tier, "customer"].nunique() for tier in order}
    outside = pd.isna(held)
    apart = sold.rows.loc[outside, "customer"].nunique() >= _least()
    names: list[str | None] = [*([None] if apart else []), *[tier for tier in order if people[tier] >= _least()]]
    if len(names) < 2:
        return pd.DataFrame()
    masks = [outside if name is None else held == name for name in names]
    some = sold.at(np.flatnonzero(np.any(masks, axis=0)))
    asked = np.column_stack([mask[np.any(masks, axis=0)] for mask in masks[1:]]).astype(float)
    found = within(some.lines, asked)
    if found is None:
        return pd.DataFrame()
    first = {"tier": names[0], "gap": 0.0, "low": 0.0, "high": 0.0, "n": int(masks[0].sum())}
    told = [{"tier": name, **_row(found, at), "n": int(masks[at + 1].sum())} for at, name in enumerate(names[1:])]
    return pd.DataFrame([first, *[row for row in told if np.isfinite(row["gap"])]])


def _discounts(sold: Sold) -> pd.DataFrame:
    """How many of the lines compared have a discount, and how deep it is."""
    from analytics.models.price_gap import compared

    if not sold.rows["cut"].notna().any():
        return pd.DataFrame()
    here, cut = compared(sold.lines.cell, sold.asked), sold.rows["cut"].fillna(False).to_numpy(bool)
    depth = -np.expm1((sold.rows["price"] - sold.rows["listed"]).to_numpy(float))
    rows = []
    for who, side in (("regulars", here & sold.regular), ("others", here & ~sold.regular)):
        deep = depth[side & cut]
        deep = deep[np.isfinite(deep)]
        rows.append(
            {"who": who, "lines": int(side.sum()), "share": float(cut[side].mean()), "depth": float(deep.mean()) if len(deep) else 0.0}
        )
    return pd.DataFrame(rows)


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
        "listed": _listed(sold),
        "channels": bool(rows["channel"].notna().any()),
        "overall": _row(overall) | {"customers": overall.customers},
    }
    if rows["cut"].notna().any():
        found = within(sold.lines, sold.asked, rows["cut"].fillna(False).to_numpy(float))
        if found is not None:
            one = found.plain()
            facts["coupons"] = {"gap": one.value, "low": one.low, "high": one.high, "n": one.n}
    return facts
