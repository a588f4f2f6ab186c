"""Every customer's expected orders and value over a horizon, from the kept models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.models.buying import WEEK
from analytics.models.customer_base import Base, BaseModel, base, restored
from analytics.models.future import Outlook, orders_between, outlook
from analytics.models.order_value import OrderValue
from analytics.studies.value_data import COLUMNS, mean_of

if TYPE_CHECKING:
    from analytics.fits import Fitted
    from analytics.studies.base import Filters

LEVEL = 0.9  # of the intervals of single customers


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what the money is told: basis (margin, sales; None without money), the rate it is multiplied by, the yearly discount."""

    days: int
    discount: float
    basis: str | None
    rate: float


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """Customers asked about, (n,) each.

    people  as kept by the fit, in the same order; base, model: what predicts; outlook: of each of them, before the rate of `terms`;
    rivals: the same by families that the holdout could not tell from the one that predicts
    """

    people: pd.DataFrame
    base: Base
    model: BaseModel
    outlook: Outlook
    terms: Terms
    rivals: tuple[Predicted, ...] = ()

    @property
    def weeks(self) -> float:
        return self.terms.days / WEEK

    @property
    def worth(self) -> np.ndarray:
        """Expected discounted value of each; zero without money."""
        return self.terms.rate * self.outlook.worth if self.terms.basis else np.zeros(len(self.people))

    @property
    def historic(self) -> np.ndarray:
        """What each has brought so far, on the same terms."""
        if self.terms.basis is None:
            return np.zeros(len(self.people))
        return np.asarray(self.terms.rate * self.people[COLUMNS[self.terms.basis]].fillna(0.0), np.float64)

    @property
    def ranked(self) -> np.ndarray:
        """What customers are ranked by: value where money is known, else orders."""
        return self.worth if self.terms.basis else self.outlook.orders


def terms(facts: Mapping[str, Any], *, days: int, discount: float, margin: float) -> Terms:
    """Margin where it is known and no rate is given; net sales times the rate where one is; else net sales."""
    held = tuple(facts["money"])
    if margin > 0 and "sales" in held:
        return Terms(days=days, discount=discount, basis="sales", rate=margin)
    return Terms(days=days, discount=discount, basis=held[0] if held else None, rate=1.0)


def predict(found: Fitted, on: Terms, filters: Filters) -> Predicted:
    """The outlook of the customers that the filters leave."""
    return _of(found, on, _asked(found.tables["people"], filters))


def of_customer(found: Fitted, on: Terms, customer: str) -> Predicted | None:
    """The outlook of one customer; None when the fit does not know them."""
    people = found.tables["people"]
    row = people[people["customer_id"] == customer]
    return _of(found, on, row) if len(row) else None


def _of(found: Fitted, on: Terms, people: pd.DataFrame) -> Predicted:
    days = {name: pd.Timestamp(found.facts[name]) for name in ("begin", "end")}
    whole = base(found.tables["people"], days["end"], days["begin"])  # who is old follows from everybody
    asked, people = whole.at(people.index.to_numpy()), people.reset_index(drop=True)
    rivals = [_by(found, on, people, asked, restored(facts), f"p_{name}") for name, facts in found.facts["rivals"].items()]
    return replace(_by(found, on, people, asked, restored(found.facts["model"]), "p_model"), rivals=tuple(rivals))


def _by(found: Fitted, on: Terms, people: pd.DataFrame, asked: Base, model: BaseModel, alive: str) -> Predicted:
    """What one family says; alive: the column with its chance to be a customer."""
    spend = None if on.basis is None else (_values(found, on.basis), people["orders"].to_numpy(float), mean_of(people, on.basis))
    told = outlook(model, asked, people[alive].to_numpy(float), on.days / WEEK, on.discount, spend)
    return Predicted(people=people, base=asked, model=model, outlook=told, terms=on)


def _values(found: Fitted, basis: str) -> OrderValue:
    kept = found.facts["money"][basis]["order_value"]
    return OrderValue(starts=np.array(kept["starts"]), at=np.array(kept["at"]))


def _asked(people: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    for name in ("region", "tier", "channel"):
        if wanted := getattr(filters, name):
            people = people[people[name].isin(wanted)]
    return people


def listed(found: Predicted, rows: np.ndarray) -> pd.DataFrame:
    """Customers as they are listed: who, what they did, whether they still are customers, what is expected of them and of what range."""
    told = found.people.iloc[rows]
    some = found.outlook.of(rows)
    low, high = orders_between(some, level=LEVEL)
    columns = {
        "customer_id": told["customer_id"],
        **{name: told[name] for name in ("tier", "region", "channel") if told[name].notna().any()},
        "orders": told["orders"],
        "last_on": told["last_on"],
        "p_alive": told["p_alive"],
        "expected_orders": some.orders,
        "orders_low": low,
        "orders_high": high,
    }
    money = {"value": found.worth[rows], **_range(found, rows), "historic": found.historic[rows]} if found.terms.basis else {}
    return pd.DataFrame({**columns, **money}).reset_index(drop=True)


def _range(found: Predicted, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Low and high of the value, as kept for a window of its own, in proportion to what is expected over the horizon asked for."""
    basis, told = found.terms.basis, found.people.iloc[rows]
    if f"low_{basis}" not in told:
        return {}
    expected = told[f"expected_{basis}"].to_numpy(float)
    stretch = np.divide(found.worth[rows], expected, out=np.zeros(len(rows)), where=expected > 0)
    return {f"value_{end}": told[f"{end}_{basis}"].to_numpy(float) * stretch for end in ("low", "high")}
