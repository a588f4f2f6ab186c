"""Who will come back, and what are they worth? The best of three customer-base models on a holdout, beside rules of thumb.

Tables of the answer
    customers      the most valuable, `list_size` of them; all: `members`. customer_id, tier, region, channel, orders, last_on, p_alive,
                   expected_orders with orders_low and orders_high (90 %), value with value_low and value_high (90 %), historic
    groups         per tier (else region, channel): dimension, group, n, share, alive_share, expected_orders, value, value_share,
                   mean_value (or mean_orders) with mean_low and mean_high
    concentration  customers_share, predicted_share, historic_share
    distribution   low, high, n, share, value_share: customers by predicted value
    iso            orders, silent_days, standing_days, expected_orders, value: what a history is worth
    models         method, total_error, mae, rmse, correlation, top_found, loglik, n, chosen: the families on the holdout
    heuristics     measure (orders, money), method (model and rules of thumb), the same errors; skill, skill_low, skill_high: by what
                   share the model errs less than the rule
    calibration    low, high (orders so far), n, expected, actual, actual_low, actual_high
    tracking       month, actual, expected, held_out: cumulated repeat orders
    coverage       dimension, group ("" is everybody), n, coverage, coverage_low, coverage_high, width, days: share of the customers
                   whose value over a later window lay inside the interval given before it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, fitted
from analytics.models.backtest import reversed_skill
from analytics.models.conformal import LEVEL
from analytics.models.customer_base import alive_of, restored
from analytics.models.future import total
from analytics.models.resample import ratio_of_sums
from analytics.results import Estimate, Note, Result, Unit, exact
from analytics.studies import value_totals as totals
from analytics.studies.base import Filters, Need, Study
from analytics.studies.value_figures import draw
from analytics.studies.value_fit import VALUE
from analytics.studies.value_predict import Predicted, listed, predict, terms
from analytics.studies.value_tables import concentration, distribution, groups, iso, top_share
from analytics.warehouse import Warehouse

LEAST = 30  # customers asked about
MOST = 0.2  # share of the historic money above which one customer is told of
FAR = 2  # times the holdout beyond which a horizon is called untested
APART = 1.96  # standard errors above nothing from which what was said goes together with what came
EDGE = 0.25  # share of customers who come in the first month of the data, from which it is likely that many of them are not new

PARTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "now": (
        ("expected_orders", "alive", "predicted_value", "mean_value", "historic_value", "order_value", "top_share"),
        ("customers", "concentration", "distribution", "iso"),
    ),
    "trust": (("skill", "holdout_error", "dependence"), ("models", "heuristics", "calibration", "tracking")),
    "groups": (("coverage",), ("groups", "coverage")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """horizon_days: how far ahead; discount: a year; margin: of net sales, 0 takes the data's own; list_size: customers listed."""

    horizon_days: int = field(default=365, metadata={"min": 30, "max": 1095, "step": 5})
    discount: float = field(default=0.10, metadata={"min": 0.0, "max": 0.5, "step": 0.01})
    margin: float = field(default=0.0, metadata={"min": 0.0, "max": 1.0, "step": 0.01})
    list_size: int = field(default=100, metadata={"min": 0, "max": 100_000, "step": 50})
    filters: Filters = Filters()


def run(warehouse: Warehouse, params: Params) -> Result:
    """What is to be expected of the customers, how far it can be believed, who holds it."""
    found = fitted(warehouse, VALUE)
    told = _asked(found, params)
    if isinstance(told, Note):
        return Result(study=STUDY.id, verdict=told, refused=told)
    estimates = _estimates(found, told)
    rows = np.argsort(-told.ranked, kind="stable")[: params.list_size]
    tables = {
        "customers": listed(told, rows),
        "groups": groups(told, max(LEAST, warehouse.access.min_cell), totals.missed(found, told)),
        "concentration": concentration(told),
        "distribution": distribution(told),
        "iso": iso(told, found),
        "models": found.tables["models"],
        "heuristics": found.tables["rules"],
        "calibration": found.tables["calibration"],
        "tracking": found.tables["tracking"],
        "coverage": _covered(found, told),
    }
    return Result(
        study=STUDY.id,
        verdict=_verdict(found, told, estimates),
        estimates=estimates,
        tables={name: table for name, table in tables.items() if len(table)},
        warnings=tuple(_warnings(found, told, params)),
    )


def members(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every customer, the most valuable first: columns as in the table `customers`; empty where the study refuses."""
    told = _asked(fitted(warehouse, VALUE), params)
    return pd.DataFrame() if isinstance(told, Note) else listed(told, np.argsort(-told.ranked, kind="stable"))


def parts(result: Result) -> dict[str, Result]:
    """The answer in parts, for a page with tabs: what is expected, whether to believe it, who holds it."""
    if result.refused is not None:
        return {"now": result}
    every = {
        name: result.part(tables=tables, estimates=estimates, warnings=result.warnings if name == "now" else ())
        for name, (estimates, tables) in PARTS.items()
    }
    return {name: part for name, part in every.items() if part.tables}


def _asked(found: Fitted, params: Params) -> Predicted | Note:
    """The customers asked about, or why nothing can be said of them."""
    if "refused" in found.facts:
        facts = found.facts["refused"]["facts"]
        days = {"day": date.fromisoformat(facts["day"])} if "day" in facts else {}
        return Note(key=found.facts["refused"]["key"], facts={**facts, **days})
    on = terms(found.facts, days=params.horizon_days, discount=params.discount, margin=params.margin)
    told = predict(found, on, params.filters)
    if len(told.people) < LEAST:
        return Note(key="value.refused.few_in_filter", facts={"n": len(told.people), "least": LEAST})
    return told


def _estimates(found: Fitted, told: Predicted) -> dict[str, Estimate]:
    people, on = told.people, told.terms
    alive = people["p_alive"].to_numpy(float)
    standing = restored(found.facts["alive_model"]).wobble(told.base, alive_of)
    still = total(alive, alive * (1 - alive), standing, unit=Unit.COUNT)
    estimates = {
        "expected_orders": totals.orders(told, totals.missed(found, told)),
        "alive": replace(still, high=min(still.high, float(len(people)))),
        **(_money(found, told) if on.basis else {}),
        "top_share": top_share(told),
        "skill": _skill(found),
        "holdout_error": _holdout_error(found),
    }
    return {**estimates, **_dependence(found, told), **_coverage(found, told)}


def _money(found: Fitted, told: Predicted) -> dict[str, Estimate]:
    """Predicted, historic, and what an order is worth."""
    n, spent = len(told.people), told.outlook.orders * told.outlook.values
    order = _order_value(told, spent)
    spread = (order.high - order.low) / (2 * 1.96 * order.value)
    whole = totals.value(told, totals.missed(found, told), spread=spread)
    return {
        "predicted_value": whole,
        "mean_value": replace(whole, value=whole.value / n, low=whole.low / n, high=whole.high / n),
        "historic_value": exact(told.historic.sum(), unit=Unit.MONEY, n=n),
        "order_value": order,
    }


def _order_value(told: Predicted, spent: np.ndarray) -> Estimate:
    """Mean of the orders expected. What is drawn towards everybody's mean is known no better than that mean is."""
    order = ratio_of_sums(told.terms.rate * spent, told.outlook.orders, unit=Unit.MONEY)
    if not told.historic.sum() > 0:
        return order
    seen = ratio_of_sums(told.historic, told.people["orders"].to_numpy(float), unit=Unit.MONEY)
    low, high = (order.value * end / seen.value for end in (seen.low, seen.high))
    return replace(order, low=min(order.low, low), high=max(order.high, high))


def _best_rule(found: Fitted) -> pd.Series:
    """The rule of thumb that erred least on the orders of the holdout."""
    rules = found.tables["rules"].query("measure == 'orders' and method != 'model'")
    return rules.sort_values("mae").iloc[0]


def _skill(found: Fitted) -> Estimate:
    best = _best_rule(found)
    return Estimate(value=best["skill"], low=best["skill_low"], high=best["skill_high"], n=int(best["n"]), unit=Unit.SHARE)


def _holdout_error(found: Fitted) -> Estimate:
    """Error of the holdout's total; every customer of the holdout was counted."""
    chosen = found.tables["models"].query("chosen").iloc[0]
    return exact(chosen["total_error"], unit=Unit.SHARE, n=int(chosen["n"]))


def _dependence(found: Fitted, told: Predicted) -> dict[str, Estimate]:
    kept = found.facts["money"].get(told.terms.basis or "", {}).get("dependence")
    return {} if kept is None else {"dependence": Estimate(**{**kept["spearman"], "unit": Unit.INDEX})}


def _covered(found: Fitted, told: Predicted) -> pd.DataFrame:
    """Coverage of the intervals of the money asked for, by group."""
    table = found.tables["coverage"]
    return table[table["basis"] == told.terms.basis].drop(columns="basis").reset_index(drop=True) if len(table) else table


def _coverage(found: Fitted, told: Predicted) -> dict[str, Estimate]:
    table = _covered(found, told)
    if table.empty:
        return {}
    whole = table[table["group"] == ""].iloc[0]
    return {
        "coverage": Estimate(
            value=whole["coverage"], low=whole["coverage_low"], high=whole["coverage_high"], n=int(whole["n"]), unit=Unit.SHARE
        )
    }


def _verdict(found: Fitted, told: Predicted, estimates: Mapping[str, Estimate]) -> Note:
    """What is expected, and which to trust here: the model, the best rule of thumb, neither over the other, or the total alone."""
    skill, best, chosen = estimates["skill"], _best_rule(found), found.tables["models"].query("chosen").iloc[0]
    trust = "model" if skill.low > 0 else "rule" if skill.high < 0 else "level"
    if trust != "rule" and not chosen["correlation"] > APART / sqrt(chosen["n"]):
        trust = "blind"
    facts = {
        "model": Note(key=f"value.models.{found.facts['chosen']}"),
        "rule": Note(key=f"value.rules.{best['method']}"),
        "skill": replace(skill, value=reversed_skill(skill.value) if trust == "rule" else skill.value),
        "days": told.terms.days,
        "holdout": _holdout_days(found),
        "correlation": f"{chosen['correlation']:.2f}",
    }
    worth = estimates.get("predicted_value")
    expected = {
        "orders": estimates["expected_orders"],
        "low": replace(estimates["expected_orders"], value=estimates["expected_orders"].low),
        "high": replace(estimates["expected_orders"], value=estimates["expected_orders"].high),
        **({} if worth is None else {f"value{end}": replace(worth, value=at) for end, at in _ends(worth).items()}),
        "top": estimates["top_share"],
        "days": told.terms.days,
    }
    money = told.terms.basis if told.terms.rate == 1.0 or told.terms.basis is None else "margin"
    finding = Note(key=f"value.expected.{money or 'orders'}", facts=expected)
    return Note(key=f"value.verdict.{trust}", facts={**facts, "expected": finding})


def _ends(told: Estimate) -> dict[str, float]:
    return {"": told.value, "_low": told.low, "_high": told.high}


def _holdout_days(found: Fitted) -> int:
    return (date.fromisoformat(found.facts["end"]) - date.fromisoformat(found.facts["cut"])).days


def _warnings(found: Fitted, told: Predicted, params: Params) -> list[Note]:
    return [
        *_about_money(found, told, params),
        *_about_data(found, params),
        *_about_models(found, params),
        *_about_ranges(found, told, params),
    ]


def _about_money(found: Fitted, told: Predicted, params: Params) -> list[Note]:
    basis = told.terms.basis
    if basis is None:
        return [Note(key="value.warnings.no_money")]
    notes = [Note(key="value.warnings.net_sales")] if basis == "sales" and params.margin == 0 else []
    spent = told.historic.clip(min=0)
    if spent.sum() > 0 and spent.max() > MOST * spent.sum():
        share = exact(spent.max() / spent.sum(), unit=Unit.SHARE, n=len(spent))
        notes.append(Note(key="value.warnings.one_customer", facts={"share": share}))
    missed = found.tables["rules"].query("measure == 'money' and method == 'model'")
    if basis == "sales" and found.facts["misfit_value"].get(basis, 0.0) > 0 and len(missed):
        error = missed.iloc[0]["total_error"]
        told_error = exact(abs(error), unit=Unit.SHARE, n=int(missed.iloc[0]["n"]))
        key = f"value.warnings.money_missed.{'over' if error > 0 else 'under'}"
        notes.append(Note(key=key, facts={"error": told_error, "holdout": _holdout_days(found)}))
    kept = found.facts["money"][basis]["dependence"]
    if kept is not None and kept["fails"]:
        notes.append(Note(key="value.warnings.dependent", facts={"rank": f"{kept['spearman']['value']:.2f}"}))
    return notes


def _about_ranges(found: Fitted, told: Predicted, params: Params) -> list[Note]:
    days = int(found.facts["ranges_days"])
    if told.terms.basis is None or days == 0:
        return []
    notes = []
    if params.horizon_days > FAR * days:
        notes.append(Note(key="value.warnings.stretched", facts={"days": days, "horizon": params.horizon_days}))
    covered = _covered(found, told)
    short = covered[covered["coverage_high"] < LEVEL] if len(covered) else covered
    if len(short):
        worst = short.sort_values("coverage").iloc[0]
        share = exact(worst["coverage"], unit=Unit.SHARE, n=int(worst["n"]))
        key = f"value.warnings.covered.{'group' if worst['group'] else 'all'}"
        notes.append(
            Note(key=key, facts={"share": share, "group": worst["group"], "level": exact(LEVEL, unit=Unit.SHARE, n=int(worst["n"]))})
        )
    return notes


def _about_data(found: Fitted, params: Params) -> list[Note]:
    facts, people = found.facts, found.tables["people"]
    old = "old" in facts["model"]["parts"]
    begin = pd.Timestamp(facts["begin"])
    early = (people["first_on"] < begin + pd.Timedelta(days=31)) & ~people["old"]
    notes = []
    if old:
        notes.append(
            Note(
                key="value.warnings.old", facts={"share": exact(people["old"].mean(), unit=Unit.SHARE, n=len(people)), "day": begin.date()}
            )
        )
    if early.mean() >= EDGE:
        notes.append(
            Note(key="value.warnings.edge", facts={"share": exact(early.mean(), unit=Unit.SHARE, n=len(people)), "day": begin.date()})
        )
    if facts["months"]:
        notes.append(Note(key="value.warnings.months"))
    if facts["sample"] < facts["n"]:
        notes.append(Note(key="value.warnings.sampled", facts={"n": facts["sample"], "total": facts["n"]}))
    if params.filters.period is not None:
        notes.append(Note(key="value.warnings.period"))
    return notes


def _about_models(found: Fitted, params: Params) -> list[Note]:
    notes, days = [], _holdout_days(found)
    if found.facts["chosen"] != found.facts["shown"]:
        notes.append(Note(key="value.warnings.alive", facts={"model": Note(key=f"value.models.{found.facts['shown']}")}))
    if params.horizon_days > FAR * days:
        notes.append(Note(key="value.warnings.far", facts={"days": params.horizon_days, "holdout": days}))
    if found.facts["misfit"] > 0:
        error = _holdout_error(found)
        key = "over" if error.value > 0 else "under"
        notes.append(Note(key=f"value.warnings.misfit.{key}", facts={"error": replace(error, value=abs(error.value)), "holdout": days}))
    return notes


def _fits(params: Any) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    return ((VALUE, {}),)


STUDY = Study(
    id="value",
    group="customers",
    any_of=((Need(table="transactions", columns=("customer_id", "occurred_at")),),),
    params=Params,
    run=run,
    figures=draw,
    fits=_fits,
)
