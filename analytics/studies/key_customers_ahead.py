"""What the fit `value` expects of each customer, and what it would expect had the same customer bought with other luck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.buying import WEEK
from analytics.models.customer_base import Base, BaseModel, restored
from analytics.models.order_value import OrderValue
from analytics.studies.base import Filters
from analytics.studies.value import Params as Usual
from analytics.studies.value_data import COLUMNS
from analytics.studies.value_predict import predict, terms

if TYPE_CHECKING:
    from analytics.fits import Fitted

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """Customers in the order of the fit `value`, (n,) each.

    alive, worth  the chance to be a customer still, and the value expected over `days` (orders where money is not known)
    basis         what the value is: margin, sales, or "" for orders; money (n,) brought so far in it
    """

    ids: pd.Series
    alive: Floats
    worth: Floats
    basis: str
    days: int
    base: Base
    orders: Floats
    kept: Floats
    standing: BaseModel
    predicting: BaseModel
    values: OrderValue | None
    money: Floats
    end: pd.Timestamp

    def again(self, rows: Ints, extra: Floats, last: Floats, money: Floats) -> tuple[Floats, Floats]:
        """Both for some customers whose history came out otherwise: `extra` orders (or fewer) of as much `money` more, the last of them
        so many weeks after the start."""
        was = self.base.at(rows)
        x = (was.x + extra).clip(0)
        base = Base(x=x, t_x=np.where(x > 0, np.minimum(last, was.T), 0.0), T=was.T, old=was.old)
        alive = self.standing.alive(base)
        still = alive if self.standing is self.predicting else self.predicting.alive(base)
        ahead = still * self.predicting.given_alive(base, self.days / WEEK) * self.kept[rows]
        if self.values is None:
            return alive, ahead
        orders = (self.orders[rows] + extra).clip(1)
        return alive, ahead * self.values.expected(orders, (self.money[rows] + money) / orders)


def ahead(found: Fitted) -> Ahead | None:
    """From the fit, on the terms the page Value begins with; None where it refused."""
    if "refused" in found.facts:
        return None
    usual = Usual()
    on = terms(found.facts, days=usual.horizon_days, discount=usual.discount, margin=usual.margin)
    told = predict(found, on, Filters())
    same = found.facts["shown"] == found.facts["chosen"]
    spend = found.facts["money"][on.basis]["order_value"] if on.basis else None
    return Ahead(
        ids=told.people["customer_id"],
        alive=told.people["p_alive"].to_numpy(float),
        worth=told.ranked,
        basis=on.basis or "",
        days=on.days,
        base=told.base,
        orders=told.people["orders"].to_numpy(float),
        kept=told.outlook.kept,
        standing=told.model if same else restored(found.facts["alive_model"]),
        predicting=told.model,
        money=told.people[COLUMNS[on.basis]].fillna(0.0).to_numpy(float) if on.basis else np.zeros(len(told.people)),
        end=pd.Timestamp(found.facts["end"]),
        values=None if spend is None else OrderValue(starts=np.array(spend["starts"]), at=np.array(spend["at"])),
    )
