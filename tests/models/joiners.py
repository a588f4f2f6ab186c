"""Worlds of customers who join one after the other: a true effect, a burst at joining, selection and a hidden reason to buy more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.studies.effect_panel import Panel
from data.programme.calendar import DAYS, MONTHS, month_of
from data.programme.causes import Cause
from data.programme.realised import _by_customer_month, _values, treated_months
from data.programme.simulate import History

LENGTH = 20  # months
TRUE = 6.0
BEGIN = 2024 * 12 + 11  # November 2024, where the demo begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Joiners:
    """What is planted: the effect from the month after joining, the burst in the month of joining and the month before, a hidden rise."""

    effect: float = TRUE
    burst: float = 40.0
    before: float = 8.0
    hidden: float = 0.0


def joiners(seed: int, planted: Joiners, n: int = 1_500) -> pd.DataFrame:
    """A panel as `staggered` reads it. Who spends more joins more and sooner; each level has a season of its own; some come later."""
    rng = np.random.default_rng(seed)
    big = rng.integers(0, 3, n)
    level = np.array([20.0, 40.0, 80.0])[big] * rng.lognormal(0, 0.3, n)
    wait = rng.exponential(np.array([40.0, 26.0, 18.0])[big])
    joined = np.where(wait < LENGTH - 8, 8 + wait, 0).astype(int)
    came = np.where(rng.random(n) < 0.7, 0, rng.integers(1, 6, n))
    month = np.arange(1, LENGTH + 1)
    season = 1 + np.array([0.05, 0.1, 0.2])[big][:, None] * np.sin(month / 2)[None, :]
    since = np.where(joined[:, None] > 0, month[None, :] - joined[:, None], -99)
    rise = np.clip((since + 5) / 5, 0, 1) * (joined[:, None] > 0) * planted.hidden
    money = level[:, None] * season * (1 + rise) + rng.normal(0, 12, (n, LENGTH))
    money += planted.effect * (since >= 1) + planted.burst * (since == 0) + planted.before * (since == -1)
    rows = pd.DataFrame(
        {
            "customer": np.repeat(np.arange(n), LENGTH),
            "month": np.tile(month, n),
            "money": money.ravel(),
            "joined": np.repeat(joined, LENGTH),
            "middle": np.repeat((big == 1).astype(float), LENGTH),
            "high": np.repeat((big == 2).astype(float), LENGTH),
        }
    )
    return rows[rows["month"] > np.repeat(came, LENGTH)]


def of_the_demo(history: History) -> tuple[Panel, float]:
    """The demo programme's customers by months, straight from the generator, and what the programme truly added per month to those whom
    the design can follow."""
    people, n, values = history.people, len(history.people), _values(history)
    every = history.orders.customer >= 0
    month = month_of(np.minimum(people.enrols, DAYS + 31)) + BEGIN
    joined = np.where(people.enrols >= DAYS, 0, np.where(people.enrols < 0, BEGIN - 1, month))
    came = np.where(people.created < 0, BEGIN - 1, month_of(np.maximum(people.created, 0)) + BEGIN)
    orders = {
        str(channel): _by_customer_month(history, history.orders.channel == channel, values["orders"], n).T
        for channel in np.unique(history.orders.channel)
    }
    panel = Panel(
        people=pd.DataFrame({"customer": np.arange(n), "came": came, "joined": joined}),
        months=BEGIN + np.arange(MONTHS),
        money=_by_customer_month(history, every, values["margin"], n).T / 100,
        orders=orders,
        undated=0,
        total=n,
    )
    caused = np.isin(history.orders.cause, (Cause.PROGRAMME, Cause.THRESHOLD))
    added = _by_customer_month(history, caused, values["margin"], n).T / 100
    followed = (joined >= panel.months[0] + 6) & (came < joined - 2)
    after = followed[:, None] & (panel.months[None, :] > joined[:, None])
    return panel, float(added[after].mean())


def members_of_the_demo(history: History) -> tuple[float, float]:
    """What members of the demo programme brought while the programme acted on them, and what of it the programme truly caused. Margin."""
    people, margin = len(history.people), _values(history)["margin"]
    caused = np.isin(history.orders.cause, (Cause.PROGRAMME, Cause.THRESHOLD))
    own = _by_customer_month(history, history.orders.customer >= 0, margin, people)[treated_months(history)].sum()
    return float(own) / 100, float(_by_customer_month(history, caused, margin, people).sum()) / 100
