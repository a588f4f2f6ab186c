"""All customers of a day, those who began within the data and those who were customers before it, under one kind of model.

Of a customer from before the data the first order is not known. Their clock starts where the data begin, all their orders count, and
only those with an order are seen: they are a population of their own, with parameters of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.buying import WEEK, Buying, Family, Floats, fit, histories, sampled

LEAST = 100  # customers of each population, so that they are told apart
LEAST_REPEATING = 50  # of them, who tell something of the rate
_GRADIENT = 5_000  # customers from whom it is read how a total moves with the parameters
PARTS = ("new", "old")
YEAR = 365.25  # days
_PIECE = 50_000  # customers at a time
_SIX = np.polynomial.legendre.leggauss(6)


@dataclass(frozen=True, kw_only=True)
class Base:
    """Customers at the end of a day, (n,) each.

    x, t_x, T  in weeks; of an old customer all orders, and time counted from where the data begin
    old        whether they were customers before the data
    """

    x: Floats
    t_x: Floats
    T: Floats
    old: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.x)

    def part(self, name: str) -> NDArray[np.bool_]:
        return self.old if name == "old" else ~self.old

    def at(self, rows: Any) -> Base:
        """Some of the customers."""
        return Base(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @cached_property
    def cells(self) -> tuple[Base, NDArray[np.int64]]:
        """Different (x, T, old), on which orders ahead of somebody who is still a customer depend, and each customer's place in them."""
        keys = pd.DataFrame({"x": self.x, "T": self.T, "old": self.old})
        place = np.asarray(keys.groupby(["x", "T", "old"], sort=False).ngroup(), np.int64)
        first = ~keys.duplicated().to_numpy()  # in the order in which the groups are numbered
        return self.at(first), place


def base(people: pd.DataFrame, end: pd.Timestamp, begin: pd.Timestamp) -> Base:
    """Customers with orders, first_on, last_on, old, as of `end`, in data that begin on `begin`.

    Why     old customers are told apart only where both populations are large enough to be fitted
    """
    old = people["old"].to_numpy(bool)
    repeating = people["orders"].to_numpy(int) > 1
    if min((old & repeating).sum(), (~old & repeating).sum()) < LEAST_REPEATING or min(old.sum(), (~old).sum()) < LEAST:
        old = np.full(len(people), bool(old.mean() > 0.5)) if (old & repeating).sum() >= LEAST_REPEATING else np.zeros(len(people), bool)
    start = people["first_on"].where(~old, begin)
    return Base(
        x=people["orders"].to_numpy(float) - ~old,
        t_x=(people["last_on"] - start).dt.days.to_numpy(float) / WEEK,
        T=(end - start).dt.days.to_numpy(float) / WEEK,
        old=old,
    )


Measure = Callable[[Family, Floats, Base], Floats]  # (family, parameters, customers of one population) -> (n,)


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseModel:
    """One family fitted to each population of a base: part ("new", "old") -> model."""

    family: str
    parts: Mapping[str, Buying]

    def alive(self, base: Base) -> Floats:
        """Probability that each customer is still one."""
        return self._each(base, lambda model, some: model.model.alive(model.at, some.x, some.t_x, some.T))

    def given_alive(self, base: Base, weeks: float) -> Floats:
        """Expected orders of those who still are customers."""
        cells, place = base.cells
        return self._each(cells, lambda model, some: model.model.orders(model.at, some.x, some.T, weeks))[place]

    def expected(self, base: Base, weeks: float) -> Floats:
        return self.alive(base) * self.given_alive(base, weeks)

    def variance(self, base: Base, weeks: float, alive: Floats) -> Floats:
        """Of each customer's number of orders, parameters taken as known; alive (n,) as `alive` tells it."""
        cells, place = base.cells
        pairs = self._each(cells, lambda model, some: model.model.pairs(model.at, some.x, some.T, weeks))[place]
        orders = self.given_alive(base, weeks)
        return np.asarray(alive * (pairs + orders) - (alive * orders) ** 2, np.float64)

    def loglik(self, base: Base, weeks: float, came: Floats) -> float:
        """Log-likelihood of the orders that came in the weeks after."""
        k, alive = came.astype(np.int64), self.alive(base)
        total = 0.0
        for name, model in self.parts.items():
            own = base.part(name)
            made = model.model.chance(model.at, base.x[own], base.T[own], weeks, k[own])
            total += float(np.log((alive[own] * made + np.where(k[own] == 0, 1 - alive[own], 0.0)).clip(1e-300)).sum())
        return total

    def discounted(self, base: Base, weeks: float, yearly: float) -> Floats:
        """Expected orders of those who still are customers, each worth less by `yearly` for every year that it is away.

        How     int exp(-rate t) dE(t), integrated by parts, so that only E itself is needed, at six points and at the end
        """
        rate = np.log1p(yearly) * WEEK / YEAR
        total = np.exp(-rate * weeks) * self.given_alive(base, weeks)
        if rate == 0:
            return np.asarray(total, np.float64)
        for node, weight in zip(*_SIX, strict=True):
            time = weeks * (node + 1) / 2
            total += rate * weeks * weight / 2 * np.exp(-rate * time) * self.given_alive(base, time)
        return np.asarray(total, np.float64)

    def since_begin(self, base: Base, weeks: Floats) -> Floats:
        """Cumulated orders (times,) expected when nothing is known but when each customer came; weeks after the first came."""
        reach = float(base.T.max())
        total = np.zeros(len(weeks))
        for name, model in self.parts.items():
            T, n = np.unique(base.T[base.part(name)], return_counts=True)
            for start, customers in zip(reach - T, n, strict=True):
                total += customers * _from_start(model, (weeks - start).clip(0), reach if name == "old" else None)
        return total

    def wobble(self, base: Base, measure: Measure, weight: Floats | None = None) -> float:
        """Relative standard error that comes from not knowing the parameters, of the total of a measure times `weight`.

        How     delta method on logarithms, derivatives from at most 5,000 of the customers
        """
        rows = np.linspace(0, len(base) - 1, min(_GRADIENT, len(base))).astype(int)
        some, factor = base.at(rows), np.ones(len(rows)) if weight is None else weight[rows]
        parts = [_moved(self.parts[name], measure, some.at(some.part(name)), factor[some.part(name)]) for name in self.parts]
        total = sum(value for value, _ in parts)
        return float(np.sqrt(sum(variance for _, variance in parts)) / total) if total > 0 else 0.0

    def _each(self, base: Base, told: Callable[[Buying, Base], Floats]) -> Floats:
        """Population by population, in pieces: Pareto/NBD looks at every customer from 24 moments."""
        values = np.zeros(len(base))
        for name, model in self.parts.items():
            for rows in np.array_split(np.flatnonzero(base.part(name)), max(1, len(base) // _PIECE)):
                values[rows] = told(model, base.at(rows))
        return values


def orders_of(weeks: float) -> Measure:
    """The measure of expected orders."""

    def told(family: Family, at: Floats, some: Base) -> Floats:
        return family.alive(at, some.x, some.t_x, some.T) * family.orders(at, some.x, some.T, weeks)

    return told


def alive_of(family: Family, at: Floats, some: Base) -> Floats:
    """The measure of customers still being ones."""
    return family.alive(at, some.x, some.t_x, some.T)


def _moved(model: Buying, measure: Measure, some: Base, weight: Floats, step: float = 1e-3) -> tuple[float, float]:
    """A total over one population, and its variance through the parameters."""

    def total(theta: Floats) -> float:
        return float(measure(model.model, np.exp(theta), some) @ weight)

    theta = np.log(model.at)
    slope = np.array([(total(theta + move) - total(theta - move)) / (2 * step) for move in step * np.eye(4)])
    return total(theta), float(slope @ model.covariance @ slope)


def _from_start(model: Buying, weeks: Floats, reach: float | None) -> Floats:
    """Expected orders of one customer in the weeks since their start; given an order within `reach` where only such are seen."""
    first = np.zeros(1)
    made = model.model.alive(model.at, first, first, first) * model.model.orders(model.at, 0 * weeks, 0 * weeks, weeks)
    if reach is None:
        return np.asarray(made, np.float64)
    logs, _ = model.model.logs(model.at, first, first, np.array([reach]))
    return np.asarray(made / -np.expm1(logs), np.float64)


def fit_base(family: str, found: Base) -> BaseModel:
    """The family fitted to each population, on a stated sample where there are very many customers.

    Raises  ValueError when nobody of a population ordered again
    """
    parts = {}
    for name in PARTS:
        own = found.part(name)
        if own.any():
            x, t_x, T = sampled(found.x[own], found.t_x[own], found.T[own])
            since = float(found.T[own].max()) if name == "old" else None
            parts[name] = fit(family, histories(x, t_x, T, since=since))
    return BaseModel(family=family, parts=parts)


def kept(model: BaseModel) -> dict[str, Any]:
    """The model as plain JSON."""
    parts = {
        name: {"at": part.at.tolist(), "covariance": part.covariance.tolist(), "loglik": part.loglik, "customers": part.customers}
        for name, part in model.parts.items()
    }
    return {"family": model.family, "parts": parts}


def restored(facts: Mapping[str, Any]) -> BaseModel:
    """The model from plain JSON."""
    family = str(facts["family"])
    parts = {
        name: Buying(
            family=family,
            at=np.array(part["at"]),
            covariance=np.array(part["covariance"]),
            loglik=float(part["loglik"]),
            customers=int(part["customers"]),
        )
        for name, part in facts["parts"].items()
    }
    return BaseModel(family=family, parts=parts)
