"""Totals of orders and of money with intervals that hold the chosen model and its rivals: what each would say, the widest of them shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics.models.customer_base import orders_of
from analytics.models.future import total, widest
from analytics.results import Estimate, Unit
from analytics.studies.value_predict import Predicted

if TYPE_CHECKING:
    from analytics.fits import Fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Relative errors of the holdout's totals beyond chance, of orders and of the money asked for, to which intervals reach."""

    orders: float
    money: float


def missed(found: Fitted, told: Predicted) -> Missed:
    orders = float(found.facts["misfit"])
    return Missed(orders=orders, money=float(found.facts["misfit_value"].get(told.terms.basis, orders)))


def orders(told: Predicted, missed: Missed, rows: np.ndarray | slice = slice(None)) -> Estimate:
    """Expected orders of the customers, or of some of them."""
    return widest([_orders(one, missed, rows) for one in (told, *told.rivals)])


def _orders(told: Predicted, missed: Missed, rows: np.ndarray | slice) -> Estimate:
    some = told.outlook.of(rows)
    wobble = told.model.wobble(told.base.at(rows), orders_of(told.weeks))
    return total(some.orders, some.variance, wobble, reach=missed.orders, unit=Unit.COUNT)


def value(told: Predicted, missed: Missed, rows: np.ndarray | slice = slice(None), *, spread: float = 0.0) -> Estimate:
    """Predicted value of the customers, or of some of them; spread: relative standard error of what an order is worth."""
    return widest([_value(one, missed, rows, spread) for one in (told, *told.rivals)])


def _value(told: Predicted, missed: Missed, rows: np.ndarray | slice, spread: float) -> Estimate:
    some, rate = told.outlook.of(rows), told.terms.rate
    wobble = told.model.wobble(told.base.at(rows), orders_of(told.weeks), some.values)
    return total(rate * some.worth, rate**2 * some.noise, wobble, spread, reach=missed.money, unit=Unit.MONEY)
