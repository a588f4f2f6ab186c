"""What is to be expected of one customer, and why, from the fits that are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, fitted, kept
from analytics.results import Estimate, Unit
from analytics.studies import churn, next_need, value
from analytics.studies.base import Study, missing
from analytics.studies.next_need_fit import CHANCES, NAMED
from analytics.studies.value_predict import LEVEL, Predicted, listed, of_customer, terms

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

SOURCES: tuple[Study, ...] = (value.STUDY, churn.STUDY, next_need.STUDY)
RISK_LEVEL = 0.95


@dataclass(kw_only=True)
class Expected:
    """What the kept fits say."""

    estimates: dict[str, Estimate] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


def uses(params: object) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    """The fits as their own pages make them with the usual settings."""
    return tuple(fit for study in SOURCES for fit in study.fits(study.params()))


def expected(warehouse: Warehouse, customer: str, person: pd.Series, bought: pd.DataFrame) -> Expected:
    """Predictions, the next needs, and which studies have no models yet. bought: the customer's categories."""
    able = [study for study in SOURCES if not missing(study, warehouse.present())]
    found = {study.id: _kept(warehouse, study) for study in able}
    rows = [row for name, fit in found.items() if fit is not None for row in _ROWS[name](fit, customer, person)]
    tables = {
        "predictions": pd.DataFrame([{name: part for name, part in row.items() if name != "estimate"} for row in rows]),
        "unfitted": pd.DataFrame({"study": [name for name, fit in found.items() if fit is None]}),
    }
    if (scores := found.get("next_need")) is not None:
        tables["needs"] = _needs(scores, customer, bought)
    estimates = {row["estimate"]: _estimate(row, int(person["orders"])) for row in rows if row["estimate"]}
    return Expected(estimates=estimates, tables=tables)


def riskiest(warehouse: Warehouse) -> pd.DataFrame:
    """The customer with the highest risk, where the risks are kept: customer_id, risk."""
    found = None if missing(churn.STUDY, warehouse.present()) else _kept(warehouse, churn.STUDY)
    if found is None or "people" not in found.tables:
        return pd.DataFrame()
    return found.tables["people"].nlargest(1, "risk")[["customer_id", "risk"]].reset_index(drop=True)


def _kept(warehouse: Warehouse, study: Study) -> Fitted | None:
    """The study's fit where it is on the disk; one that refused says nothing."""
    ((fit, params),) = study.fits(study.params())
    return fitted(warehouse, fit, **params) if kept(warehouse, fit, **params) else None


def _estimate(row: Mapping[str, Any], n: int) -> Estimate:
    return Estimate(value=row["value"], low=row["low"], high=row["high"], n=max(n, 1), unit=row["unit"], level=row["level"])


def _row(
    prediction: str, unit: Unit, span: tuple[float, float, float], level: float, estimate: str, why: str, **facts: Any
) -> dict[str, Any]:
    """One prediction; `estimate` is its name among those of the answer, "" where it has no interval."""
    at, low, high = map(float, span)
    told = {"prediction": prediction, "value": at, "low": low, "high": high, "unit": unit, "level": level}
    return {**told, "why": why, "facts": facts, "estimate": estimate}


def _of_value(found: Fitted, customer: str, person: pd.Series) -> list[dict[str, Any]]:
    """Whether still a customer, orders and value ahead, on the terms the page Value begins with."""
    if "refused" in found.facts:
        return []
    usual = value.Params()
    on = terms(found.facts, days=usual.horizon_days, discount=usual.discount, margin=usual.margin)
    told = of_customer(found, on, customer)
    if told is None:
        return []
    row, days = listed(told, np.arange(1)).iloc[0], {"days": on.days}
    alive = (row["p_alive"], np.nan, np.nan)
    orders = (row["expected_orders"], row["orders_low"], row["orders_high"])
    history = {"orders": int(person["orders"]), "silent": int(person["silent_days"])}
    return [
        _row("alive", Unit.SHARE, alive, LEVEL, "", "customer.why.alive", **history),
        _row("orders", Unit.COUNT, orders, LEVEL, "expected_orders", "customer.why.orders", **days, **history),
        *([_worth(told, row)] if on.basis else []),
    ]


def _worth(told: Predicted, row: pd.Series) -> dict[str, Any]:
    """Expected orders times what one of this customer's is worth; the interval is that of the page Value."""
    span = (row["value"], row.get("value_low", np.nan), row.get("value_high", np.nan))
    each = told.terms.rate * float(told.outlook.value[0]) if told.outlook.value is not None else 0.0
    facts = {"days": told.terms.days, "expected": float(row["expected_orders"]), "each": each, "discount": told.terms.discount}
    estimate = "predicted_value" if pd.notna(span[1]) else ""
    return _row("value", Unit.MONEY, span, LEVEL, estimate, f"customer.why.{told.terms.basis}", **facts)


def _of_churn(found: Fitted, customer: str, person: pd.Series) -> list[dict[str, Any]]:
    """The risk, and what sets this customer apart from those who stay."""
    people = found.tables.get("people", pd.DataFrame(columns=["customer_id"]))
    mine = people[people["customer_id"] == customer]
    if mine.empty:
        return []
    row, days = mine.iloc[0], int(found.facts["horizon"])
    span = (row["risk"], row["low"], row["high"])
    driver = {"driver": str(row["driver"])} if row["driver"] else {}
    prediction = f"churn_{'ahead' if days else 'label'}"
    return [
        _row(
            prediction, Unit.SHARE, span, RISK_LEVEL, "churn_risk", f"customer.why.{'driver' if driver else 'typical'}", days=days, **driver
        )
    ]


def _needs(found: Fitted, customer: str, bought: pd.DataFrame) -> pd.DataFrame:
    """The three categories named, each with what the customer has bought of it so far."""
    scores = found.tables.get("scores", pd.DataFrame(columns=["customer_id"]))
    mine = scores[scores["customer_id"] == customer]
    if mine.empty:
        return pd.DataFrame()
    own, latest, row = bought.set_index("category"), bought["last_on"].max(), mine.iloc[0]
    places = enumerate(zip(NAMED, CHANCES, strict=True), start=1)
    return pd.DataFrame([{"place": place, **_need(row[name], float(row[chance]), own, latest)} for place, (name, chance) in places])


def _need(category: str, probability: float, own: pd.DataFrame, latest: pd.Timestamp) -> dict[str, Any]:
    known = {"category": category, "probability": probability, "of": int(own["of"].iloc[0])}
    return {**known, "bought": int(own["purchases"].get(category, 0)), "last": bool(own["last_on"].get(category) == latest)}


_ROWS: Mapping[str, Callable[[Fitted, str, pd.Series], list[dict[str, Any]]]] = {
    "value": _of_value,
    "churn": _of_churn,
    "next_need": lambda found, customer, person: [],
}
