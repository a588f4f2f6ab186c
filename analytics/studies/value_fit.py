"""The fit `value`: three models and rules of thumb held against what came, then the best one fitted to everybody.

Kept facts   begin, cut, end (days), months (only months are known), n, n_holdout, sample, chosen and shown (families), model and
             alive_model, rivals (of customer_base), misfit and misfit_value (relative), money (sales, margin -> order_value, dependence),
             ranges_days; or refused
Kept tables  people (what `value_data.now` tells; p_alive to be shown, p_model to predict with, p_ of each rival; by kind of money low_,
             high_ and expected_ over ranges_days), models, rules, calibration, tracking, coverage, held (customer_id, tier on that day;
             orders said and came, and by kind of money said_ and came_)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, Tell
from analytics.models import backtest, trial
from analytics.models.buying import MOST, WEEK
from analytics.models.customer_base import Base, base, fit_base, kept
from analytics.models.future import Outlook
from analytics.models.order_value import OrderValue, dependence
from analytics.studies import value_data as data
from analytics.studies.value_ranges import Known, told
from analytics.studies.value_sql import COURSE

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

CELL = 30  # customers of a group whose coverage is told
STEPS = ("read", "holdout", "fit", "score", "ranges")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """The holdout: customers at the cut, what the models would have said of their orders and, by kind, of their money."""

    then: data.Then
    base: Base
    found: trial.Trial
    money: Mapping[str, Outlook]

    @property
    def weeks(self) -> float:
        return self.then.days / WEEK

    def column(self, name: str) -> np.ndarray:
        return self.then.people[name].to_numpy(float)


def make(warehouse: Warehouse, params: Mapping[str, Any], tell: Tell) -> Fitted:
    """Hold out, choose, fit, score."""
    tell("read", 0, len(STEPS))
    covered = data.span(warehouse)
    if covered is None:
        return _refused("no_orders")
    cut = data.split(covered)
    if cut is None or covered.days < data.LEAST_DAYS:
        return _refused("short", n=covered.days, least=data.LEAST_DAYS)
    then = data.then(warehouse, cut, covered.end)
    if (lacking := _lacking(then)) is not None:
        return lacking
    tell("holdout", 1, len(STEPS))
    past = _past(then, covered)
    tell("fit", 2, len(STEPS))
    people = data.now(warehouse)
    today = base(people, covered.end, covered.begin)
    models = {name: fit_base(name, today) for name in {past.found.chosen, past.found.shown, *past.found.rivals}}
    tell("score", 3, len(STEPS))
    alive = {name: model.alive(today) for name, model in models.items()}
    values = {basis: data.spend(people, basis) for basis in data.bases(people)}
    tell("ranges", 4, len(STEPS))
    known = Known(
        people=people, base=today, model=models[past.found.chosen], alive=alive[past.found.chosen], values=values, end=covered.end
    )
    held, columns, days = told(warehouse, covered, known, past.found.chosen, max(CELL, warehouse.access.min_cell))
    rivals = {f"p_{name}": alive[name] for name in past.found.rivals}
    course = warehouse.frame(COURSE, cut=cut.replace(day=1).date())
    return Fitted(
        facts={
            **_days(covered, cut),
            "n": len(people),
            "n_holdout": then.total,
            "sample": min(MOST, len(people)),
            "chosen": past.found.chosen,
            "shown": past.found.shown,
            "model": kept(models[past.found.chosen]),
            "alive_model": kept(models[past.found.shown]),
            "rivals": {name: kept(models[name]) for name in past.found.rivals},
            "misfit": past.found.misfit,
            "misfit_value": _money_misfit(past),
            "money": {basis: _spend(people, basis, model) for basis, model in values.items()},
            "ranges_days": days,
        },
        tables={
            "people": people.assign(p_alive=alive[past.found.shown], p_model=alive[past.found.chosen], **rivals, **columns),
            "models": past.found.table,
            "rules": _rules(past),
            "calibration": backtest.calibration(past.column("orders"), past.found.said, past.column("came")),
            "tracking": _tracking(course, past, covered),
            "coverage": held,
            "held": _held(past),
        },
    )


def _refused(key: str, **facts: object) -> Fitted:
    return Fitted(facts={"refused": {"key": f"value.refused.{key}", "facts": facts}})


def _lacking(then: data.Then) -> Fitted | None:
    repeating, came = int((then.people["orders"] > 1).sum()), int(then.people["came"].sum())
    held = {
        "few_customers": (then.total, data.LEAST),
        "few_repeating": (repeating, data.LEAST_REPEATING),
        "nothing_came": (came, data.LEAST_AHEAD),
    }
    short = next((key for key, (n, least) in held.items() if n < least), None)
    return None if short is None else _refused(short, n=held[short][0], least=held[short][1], day=then.cut.date().isoformat())


def _days(covered: data.Span, cut: pd.Timestamp) -> dict[str, Any]:
    days = {"begin": covered.begin, "cut": cut, "end": covered.end}
    return {**{name: day.date().isoformat() for name, day in days.items()}, "months": covered.months}


def _past(then: data.Then, covered: data.Span) -> _Past:
    before, weeks = base(then.people, then.cut, covered.begin), then.days / WEEK
    found = trial.trial(before, weeks, then.people["came"].to_numpy(float))
    orders, money = then.people["orders"].to_numpy(float), {}
    for basis in data.bases(then.people):
        mean = data.mean_of(then.people, basis)
        money[basis] = trial.money(found, before, weeks, data.spend(then.people, basis), orders, mean)
    return _Past(then=then, base=before, found=found, money=money)


def _held(past: _Past) -> pd.DataFrame:
    """What was said of each customer of the holdout, and what came."""
    money = {
        f"{which}_{basis}": values
        for basis, said in past.money.items()
        for which, values in (("said", said.worth), ("came", past.column(f"came_{data.COLUMNS[basis]}")))
    }
    people = past.then.people[["customer_id", "tier"]]
    return people.assign(said=past.found.said, came=past.column("came"), **money).reset_index(drop=True)


def _money_misfit(past: _Past) -> dict[str, float]:
    """By kind of money, how much of it was missed beyond chance."""
    return {
        basis: trial.money_misfit(past.found, past.base, past.weeks, said, past.column(f"came_{data.COLUMNS[basis]}"))
        for basis, said in past.money.items()
    }


def _spend(people: pd.DataFrame, basis: str, model: OrderValue) -> dict[str, Any]:
    """The model of order values on one kind of money, and whether spend goes together with frequency."""
    found = dependence(people["orders"].to_numpy(float), data.mean_of(people, basis))
    kept = None if found is None else {"pearson": asdict(found.pearson), "spearman": asdict(found.spearman), "fails": found.fails}
    return {"order_value": {"starts": model.starts.tolist(), "at": model.at.tolist()}, "dependence": kept}


def _rules(past: _Past) -> pd.DataFrame:
    """The model and the rules of thumb on the holdout: of orders, and of net sales where they are known."""
    people = past.then.people
    times = {
        "x": past.column("orders") - 1,
        "t_x": _weeks(people["last_on"] - people["first_on"]),
        "T": _weeks(past.then.cut - people["first_on"]),
    }
    said = {"model": past.found.said, **backtest.rules(**times, latest=past.column("latest"), weeks=past.weeks)}
    parts = [_against(said, past.column("came")).assign(measure="orders")]
    if "sales" in past.money:
        mean = data.mean_of(people, "sales")
        worth = {name: orders * mean for name, orders in said.items()}
        worth |= {"model": past.money["sales"].worth, "last_period": past.column("latest_amount")}
        parts.append(_against(worth, past.column("came_amount")).assign(measure="money"))
    return pd.concat(parts, ignore_index=True)


def _weeks(spans: pd.Series) -> np.ndarray:
    return np.asarray(spans.dt.days / WEEK, np.float64)


def _against(said: Mapping[str, np.ndarray], came: np.ndarray) -> pd.DataFrame:
    """`backtest.errors` of each, and by how much the model errs less than each rule, with the interval of that."""
    table = backtest.table(said, came).assign(n=len(came))
    for at, name in enumerate(table["method"]):
        if name != "model":
            better = backtest.skill(said["model"], said[name], came)
            table.loc[at, ["skill", "skill_low", "skill_high"]] = [better.value, better.low, better.high]
    return table


def _tracking(course: pd.DataFrame, past: _Past, covered: data.Span) -> pd.DataFrame:
    """Cumulated orders of the customers known at the cut, without those with which they came: month, actual, expected, held_out."""
    months = pd.date_range(covered.begin.replace(day=1), covered.end.replace(day=1), freq="MS")
    ends = months if covered.months else pd.DatetimeIndex([min(month + pd.offsets.MonthEnd(0), covered.end) for month in months])
    orders = course.set_index("month")["orders"].reindex(months, fill_value=0).cumsum().to_numpy(float)
    scale = past.then.total / len(past.then.people)
    expected = past.found.model.since_begin(past.base, np.asarray((ends - covered.begin).days / WEEK, np.float64))
    actual = orders - scale * _began(past, months)
    return pd.DataFrame({"month": months, "actual": actual, "expected": scale * expected, "held_out": ends > past.then.cut})


def _began(past: _Past, months: pd.DatetimeIndex) -> np.ndarray:
    """First orders so far: an old customer's are not known to be first, and all count."""
    first = past.then.people.loc[~past.base.old, "first_on"].dt.to_period("M").dt.to_timestamp()
    return np.asarray(first.value_counts().reindex(months, fill_value=0).cumsum(), np.float64)


VALUE = Fit(id="value", steps=STEPS, make=make)
