"""Order lines in cells in which prices can be compared, whole or by part: what the fit `price` goes through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from analytics.models.price_gap import Lines, Within

GRAINS = ("day", "week", "month")
ENOUGH = 0.5  # of the regulars' lines that must have others' beside them for a finer grain to do
CATEGORIES = 60  # told apart, those on which regulars spend most
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


def sold_in(rows: pd.DataFrame, regular: np.ndarray) -> Sold:
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


def least() -> int:
    from analytics.models.price_gap import LEAST

    return LEAST


def gap(sold: Sold) -> Within | None:
    """Of regulars; None where customers on either side are too few."""
    from analytics.models.price_gap import both_sides, within

    found = within(sold.lines, sold.asked)
    return found if found is not None and both_sides(sold.lines, sold.regular) >= least() else None


def parts(sold: Sold, column: str, most: int) -> Iterator[tuple[str | None, Sold]]:
    """The lines of each category, or product, on which regulars spend most; all of them under None where the column is empty."""
    from analytics.models.price_gap import parts as by_weight

    codes, names = pd.factorize(sold.rows[column])
    if not len(names):
        yield None, sold
        return
    for code, rows in by_weight(codes, most=most, weight=sold.rows["amount"].to_numpy(float) * sold.regular):
        yield str(names[code]), sold.at(rows)


def scopes(sold: Sold, categories: pd.DataFrame) -> Iterator[tuple[str | None, Sold]]:
    """All lines, and those of each category that is told."""
    yield None, sold
    told = set(categories["category"].dropna()) if len(categories) else set()
    yield from ((name, part) for name, part in parts(sold, "category", CATEGORIES) if name in told)


def listed(sold: Sold) -> bool:
    return bool(sold.rows["listed"].notna().mean() >= KNOWN)


def row(found: Within, at: int = 0) -> dict[str, Any]:
    one = found.relative(at)
    return {end: round(value, 12) + 0.0 for end, value in (("gap", one.value), ("low", one.low), ("high", one.high))} | {"n": one.n}
