"""What every study answers with: estimates that carry their uncertainty, small tables, a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd


class Unit(StrEnum):
    """What a number counts. Decides how it is written; the reporting currency gives money its sign."""

    COUNT = "count"
    SHARE = "share"
    MONEY = "money"
    POINTS = "points"
    DAYS = "days"
    MONTHS = "months"
    RATIO = "ratio"
    INDEX = "index"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One number with its uncertainty. Never a bare float. A full count has low = high = value, at level 1."""

    value: float
    low: float
    high: float
    n: int
    unit: Unit
    level: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A month or a quarter as a fact of a wording: "May 2025", "Q2 2025"."""

    first: date
    grain: Literal["month", "quarter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sentence by key (`<key>` in the language files) with the facts that fill it."""

    key: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The answer of one study.

    verdict    the finding in one sentence, by key
    estimates  name -> Estimate; a refused estimate is absent, not null
    tables     name -> small frame (a study says its columns in its docstring)
    warnings   what a reader must know before believing the numbers
    grade      A-D where a cause is claimed, else None
    refused    what is missing, when the study cannot answer
    """

    study: str
    verdict: Note
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    warnings: tuple[Note, ...] = ()
    grade: str | None = None
    refused: Note | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "estimates", dict(self.estimates))
        object.__setattr__(self, "tables", dict(self.tables))

    def part(self, *, tables: Iterable[str], estimates: Iterable[str], warnings: Iterable[Note] = ()) -> Result:
        """What a tab of a page shows: of these tables and estimates those that there are, in this order, and the warnings about them."""
        return replace(
            self,
            tables={name: self.tables[name] for name in tables if name in self.tables},
            estimates={name: self.estimates[name] for name in estimates if name in self.estimates},
            warnings=tuple(warnings),
        )


def exact(value: float, *, unit: Unit, n: int) -> Estimate:
    """A full count or sum: nothing was sampled, so the interval is the value itself."""
    return Estimate(value=float(value), low=float(value), high=float(value), n=n, unit=unit, level=1.0)


def wilson(hits: int, n: int, *, level: float = 0.95) -> Estimate:
    """Share hits / n with Wilson's score interval.

    Shapes  scalars, 0 <= hits <= n, n >= 1
    Unit    share in [0, 1]
    Why     p +- z*se has width 0 at 0 % and 100 % and covers too rarely in small tiers
    Raises  ValueError when hits or n is out of range
    Source  Wilson (1927), JASA 22:209-212, doi:10.2307/2276774
    """
    if n < 1 or not 0 <= hits <= n:
        raise ValueError(f"need 0 <= hits <= n and n >= 1, got hits={hits}, n={n}")
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == n else min(1.0, centre + half)
    return Estimate(value=share, low=low, high=high, n=n, unit=Unit.SHARE, level=level)
