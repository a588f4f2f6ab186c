"""What the fit `price` keeps beside the gaps: what they are made of, since when, and how tiers lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analytics.studies.price_fairness_lines import Sold, least, listed, row, scopes


def split(sold: Sold, categories: pd.DataFrame) -> pd.DataFrame:
    """The gap as one of list prices and one of discounts, on lines whose list price is known."""
    from analytics.models.price_gap import within

    rows = []
    for name, every in scopes(sold, categories) if listed(sold) else ():
        part = every.at(np.flatnonzero(every.rows["listed"].notna()))
        before = part.rows["listed"].to_numpy(float)
        for kind, outcome in (("net", part.lines.price), ("list", before), ("discount", part.lines.price - before)):
            if (found := within(part.lines, part.asked, outcome)) is not None:
                rows.append({"category": name, "part": kind, **row(found)})
    return pd.DataFrame(rows)


def bands(sold: Sold, categories: pd.DataFrame, params: Mapping[str, Any]) -> pd.DataFrame:
    """The gap by how long, and after how many orders: does it grow with loyalty?"""
    edges = {"days": [0, *_steps(params["days"] + 1)], "orders": [0, *_steps(params["orders"])]}
    columns = {"days": "days", "orders": "before"}
    told = scopes(sold, categories)
    return pd.DataFrame([one for name, part in told for by in edges for one in _banded(part, name, by, columns[by], edges[by])])


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
            yield {**head, **row(found, at - 1), "n": int((place == at).sum())}


def tiers(sold: Sold, order: Sequence[str]) -> pd.DataFrame:
    """Prices by tier of the day; the first of them, or those in none, are what the others are held against."""
    from analytics.models.price_gap import within

    held = sold.rows["tier"].to_numpy(object)
    people = {tier: sold.rows.loc[held == tier, "customer"].nunique() for tier in order}
    outside = pd.isna(held)
    apart = sold.rows.loc[outside, "customer"].nunique() >= least()
    names: list[str | None] = [*([None] if apart else []), *[tier for tier in order if people[tier] >= least()]]
    if len(names) < 2:
        return pd.DataFrame()
    masks = [outside if name is None else held == name for name in names]
    some = sold.at(np.flatnonzero(np.any(masks, axis=0)))
    asked = np.column_stack([mask[np.any(masks, axis=0)] for mask in masks[1:]]).astype(float)
    found = within(some.lines, asked)
    if found is None:
        return pd.DataFrame()
    first = {"tier": names[0], "gap": 0.0, "low": 0.0, "high": 0.0, "n": int(masks[0].sum())}
    told = [{"tier": name, **row(found, at), "n": int(masks[at + 1].sum())} for at, name in enumerate(names[1:])]
    return pd.DataFrame([first, *[row for row in told if np.isfinite(row["gap"])]])


def discounts(sold: Sold) -> pd.DataFrame:
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
