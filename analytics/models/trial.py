"""The families held against what came after an earlier day, and the one to predict with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models import backtest
from analytics.models.buying import FAMILIES
from analytics.models.customer_base import Base, BaseModel, fit_base, orders_of
from analytics.models.future import Outlook, misfit, outlook
from analytics.models.order_value import OrderValue

Floats = NDArray[np.float64]

SHOWS = ("mbg", "pareto")  # families whose probability to be a customer still is shown: BG/NBD has 1 for everyone with one order


ALIKE = 3.0  # difference of log-likelihoods up to which two families are not told apart: odds of 20 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What each family would have said.

    models  family -> fitted before the holdout; logs: family -> log-likelihood of what came
    table   one row a family: `backtest.errors`, loglik, n, chosen
    said    expected orders of the chosen family, (n,)
    misfit  relative error of its total beyond chance
    """

    models: Mapping[str, BaseModel]
    logs: Mapping[str, float]
    table: pd.DataFrame
    said: Floats
    misfit: float

    @property
    def chosen(self) -> str:
        """The family that gives what came the highest probability."""
        return _best(self.logs)

    @property
    def shown(self) -> str:
        return max(SHOWS, key=lambda name: self.logs[name])

    @property
    def rivals(self) -> tuple[str, ...]:
        """Families that the holdout cannot tell from the chosen one."""
        return tuple(name for name, log in self.logs.items() if name != self.chosen and log >= self.logs[self.chosen] - ALIKE)

    @property
    def model(self) -> BaseModel:
        return self.models[self.chosen]


def _best(logs: Mapping[str, float]) -> str:
    return max(logs, key=lambda name: logs[name])


def trial(before: Base, weeks: float, came: Floats) -> Trial:
    """Fit every family to a base and hold it against the orders of the `weeks` after.

    Shapes  came (n,) orders of each customer of the base
    """
    models = {name: fit_base(name, before) for name in FAMILIES}
    said = {name: model.expected(before, weeks) for name, model in models.items()}
    logs = {name: model.loglik(before, weeks, came) for name, model in models.items()}
    best = _best(logs)
    table = backtest.table(said, came).assign(loglik=list(logs.values()), n=len(came))
    variance = models[best].variance(before, weeks, models[best].alive(before))
    return Trial(
        models=models,
        logs=logs,
        table=table.assign(chosen=table["method"] == best),
        said=said[best],
        misfit=misfit(said[best], came, variance, models[best].wobble(before, orders_of(weeks))),
    )


def money(found: Trial, before: Base, weeks: float, values: OrderValue, orders: Floats, mean: Floats) -> Outlook:
    """What the chosen family would have said of the money that came."""
    return outlook(found.model, before, found.model.alive(before), weeks, 0.0, (values, orders, mean))


def money_misfit(found: Trial, before: Base, weeks: float, said: Outlook, came: Floats) -> float:
    """By how much the money was missed beyond chance."""
    return misfit(said.worth, came, said.noise, found.model.wobble(before, orders_of(weeks), said.value))
