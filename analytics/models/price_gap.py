"""Who pays more for the same: log prices on what customers are, within cells of the same product, time and channel.

The estimate is that of ordinary least squares with a dummy for each cell; the dummies are swept out instead of being written down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control
from scipy.stats import t as student

from analytics.results import Estimate, Unit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEAST = 30  # customers on either side below which nothing is said
_SAME = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Order lines, (n,) each.

    price, size      logs of the net unit price and of the quantity: a line of twelve may cost less a piece whoever buys it
    cell             of lines that should cost the same: 0 ... ; customer: 0 ...
    """

    price: Floats
    size: Floats
    cell: Ints
    customer: Ints

    def at(self, rows: Ints | Bools) -> Lines:
        """Some of the lines, their cells and customers numbered anew."""
        cell, customer = (pd.factorize(codes[rows])[0] for codes in (self.cell, self.customer))
        return Lines(price=self.price[rows], size=self.size[rows], cell=cell, customer=customer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """What differs within cells.

    value, se  a number for each column asked about: difference of the outcome, and its standard error clustered by customer
    n, cells, customers   lines in cells in which the columns vary, those cells, and their customers
    """

    value: Floats
    se: Floats
    n: int
    cells: int
    customers: int

    def relative(self, at: int = 0, *, level: float = 0.95) -> Estimate:
        """exp(difference of logs) - 1."""
        low, value, high = (float(np.expm1(end)) for end in self._ends(at, level))
        return Estimate(value=value, low=low, high=high, n=self.n, unit=Unit.SHARE, level=level)

    def plain(self, at: int = 0, *, level: float = 0.95) -> Estimate:
        low, value, high = self._ends(at, level)
        return Estimate(value=value, low=low, high=high, n=self.n, unit=Unit.SHARE, level=level)

    def p(self, at: int = 0) -> float:
        """Of a value as high as this if it were 0 or less, by Student's t over the customers."""
        if abs(self.value[at]) <= _SAME or not self.se[at] > 0:
            return 0.0 if self.value[at] > _SAME else 1.0
        return float(student.sf(self.value[at] / self.se[at], self.customers - 1))

    def _ends(self, at: int, level: float) -> tuple[float, float, float]:
        half = float(student.ppf(0.5 + level / 2, self.customers - 1) * self.se[at])
        return float(self.value[at]) - half, float(self.value[at]), float(self.value[at]) + half


def compared(cell: Ints, asked: Floats) -> Bools:
    """Lines in cells in which one of the columns varies: the others say nothing about them.

    Shapes  cell (n,) of 0 ..., asked (n, k)
    """
    varies = (np.abs(_swept(asked, cell)) > _SAME).any(axis=1)
    return np.asarray(np.bincount(cell, varies) > 0)[cell]


def within(lines: Lines, asked: Floats, outcome: Floats | None = None) -> Within | None:
    """Least squares of the outcome (the log price unless given) on the columns asked about and log quantity, with a dummy for each cell.

    Shapes  lines (n,), asked (n, k), outcome (n,)
    How     standard errors clustered by customer, corrected for clusters and for every parameter, dummies included:
            G / (G - 1) * (n - 1) / (n - k - cells), as statsmodels does when the dummies are written down
    Returns None when nothing varies within cells, or nothing is left to judge chance by
    Source  Frisch & Waugh (1933), Econometrica 1:387-401; Cameron & Miller (2015), J. Human Resources 50:317-372
    """
    rows = compared(lines.cell, asked)
    if not rows.any():
        return None
    some = lines.at(rows)
    columns = _swept(np.column_stack([asked[rows], some.size]), some.cell)
    use = np.flatnonzero(np.abs(columns).max(axis=0) > _SAME)
    k, n, cells, groups = asked.shape[1], len(some.cell), int(some.cell.max()) + 1, int(some.customer.max()) + 1
    x, left = columns[:, use], n - len(use) - cells
    if left <= 0 or groups < 2 or np.linalg.matrix_rank(x.T @ x) < len(use):
        return None
    y = some.price if outcome is None else outcome[rows]
    value, spread = _least_squares(x, _swept(y[:, None], some.cell)[:, 0], some.customer)
    se = np.sqrt(np.diag(spread) * groups / (groups - 1) * (n - 1) / left)
    told = np.full((2, k), np.nan)
    told[:, use[use < k]] = np.stack([value, se])[:, use < k]
    return Within(value=told[0], se=told[1], n=n, cells=cells, customers=groups)


def _swept(columns: Floats, cell: Ints) -> Floats:
    """Columns less their means of the cell."""
    size = np.bincount(cell)
    means = np.column_stack([np.bincount(cell, column) / size for column in columns.T])
    left: Floats = columns - means[cell]
    return left


def _least_squares(x: Floats, y: Floats, cluster: Ints) -> tuple[Floats, Floats]:
    """Coefficients and their uncorrected sandwich over clusters."""
    bread = np.linalg.inv(x.T @ x)
    value: Floats = bread @ (x.T @ y)
    scores = x * (y - x @ value)[:, None]
    sums = np.column_stack([np.bincount(cluster, score) for score in scores.T])
    return value, bread @ (sums.T @ sums) @ bread


def many(p: Floats) -> Floats:
    """What each p is worth among all of them: the share of false ones if it and all smaller are named.

    Source  Benjamini & Hochberg (1995), JRSS B 57:289-300
    """
    return np.asarray(false_discovery_control(p) if len(p) else p, np.float64)


def both_sides(lines: Lines, group: Bools) -> int:
    """Customers on the smaller side, group or others, in the cells where both buy."""
    rows = compared(lines.cell, group[:, None].astype(float))
    return min(len(pd.unique(lines.customer[rows & side])) for side in (group, ~group))


def parts(codes: Ints, *, most: int, weight: Floats) -> Iterator[tuple[int, Ints]]:
    """The rows of each code, the codes with most weight first, at most `most` of them; codes below 0 are none."""
    order = np.argsort(codes, kind="stable")
    edges = np.searchsorted(codes[order], np.arange(codes.max() + 2))
    heavy = np.argsort(-np.bincount(codes[codes >= 0], weight[codes >= 0]), kind="stable")[:most]
    for code in heavy:
        yield int(code), np.asarray(order[edges[code] : edges[code + 1]], np.int64)
