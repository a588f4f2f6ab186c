"""Who is about to leave, what is at stake, and does an offer pay? Risks learned on horizons that are over, judged on the last of them.

Tables of the answer
    calibration  low_edge, high_edge, n, predicted, observed, low, high: held-out customers by what was said of them
    models       model, recalibrated, chosen, auc, brier, ece, lift, average_precision, each with _low and _high
    drivers      driver, importance (share of the model's skill), low, high, clear
    dependence   driver, at, predicted, observed, low, high, n
    groups       dimension, value, n, predicted, observed, low, high, misjudged
    decay        at, days (since the model was learned), n, churn_rate, auc, brier, brier_base, ece with _low and _high
    survival     dimension, value, days, survival, low, high, at_risk; hazard: by year of membership; apart: log-rank tests
    thresholds   threshold, contacted, leavers (customers now), cost, profit, low, high
    customers    those with the most at stake, `list_size` of them: risk, low, high, worth, value_at_risk, driver, action; all: `members`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analytics.errors import UserError
from analytics.fits import Fit, Fitted, fitted
from analytics.results import Estimate, Note, Result, Unit, wilson
from analytics.studies import churn_tables as tables
from analytics.studies.base import Need, Study
from analytics.studies.churn_figures import draw
from analytics.studies.churn_fit import CHURN
from analytics.studies.churn_sql import GAPS as GAPS  # shown with the other queries
from analytics.studies.churn_sql import GROUPS
from analytics.warehouse import Warehouse

if TYPE_CHECKING:
    from analytics.i18n import Words
    from analytics.models.profit import Costs

USEFUL = 0.6  # lower end of the AUC from which the model is called useful
DIMENSIONS = ("tier", "acquisition_channel", "region", "channel", "gender", "industry", "city", "member")


def _groups_offered(warehouse: Warehouse, chosen: Mapping[str, Any], words: Words) -> dict[str, str]:
    """Columns of the customers that hold values."""
    present = warehouse.present().get("customers", frozenset()) | warehouse.present().get("transactions", frozenset())
    return {name: words(f"churn.dimensions.{name}") for name in DIMENSIONS if name in present}


PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "who": (("thresholds", "groups", "customers"), ("expected_churners", "churn_rate", "value_at_risk", "profit", "lift")),
    "why": (("drivers", "dependence"), ()),
    "trust": (("calibration", "decay", "models"), ("auc", "lift", "ece", "brier", "brier_base")),
    "stay": (("survival", "hazard", "apart"), ()),
}
TOLD = ("who", "trust")  # parts that carry warnings
ABOUT_MODEL = ("churn.warnings.sample", "churn.warnings.off", "churn.warnings.no_behaviour", "churn.warnings.skipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """kind: what leaving means here; who: active ones or everyone ever seen; horizon: days, 0 from the data; contact_cost, offer_cost,
    customer_value (0: the last year's money): money a customer; success: share of leavers an offer keeps, an assumption; group: a
    column to tell customers apart by; without: columns not to learn from, parted by commas; list_size: customers listed."""

    kind: Literal["auto", "purchases", "contract", "snapshot"] = "auto"
    who: Literal["active", "everyone"] = "active"
    group: str = field(default="", metadata={"options": _groups_offered})
    horizon: int = field(default=0, metadata={"min": 0, "max": 730, "step": 7})
    contact_cost: float = field(default=1.0, metadata={"min": 0.0, "max": 1e6, "step": 0.5})
    offer_cost: float = field(default=5.0, metadata={"min": 0.0, "max": 1e6, "step": 1.0})
    customer_value: float = field(default=0.0, metadata={"min": 0.0, "max": 1e9, "step": 10.0})
    success: float = field(default=0.1, metadata={"min": 0.0, "max": 1.0, "step": 0.05})
    without: str = ""
    list_size: int = field(default=100, metadata={"min": 0, "max": 100_000, "step": 50})


def fits(params: Params) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    """What has to be fitted: nothing of it hangs on money or on groups."""
    return ((CHURN, {"kind": params.kind, "horizon": params.horizon, "who": params.who, "without": params.without}),)


def run(warehouse: Warehouse, params: Params) -> Result:
    """The risks as they were learned, with what they mean in money."""
    if params.group and params.group not in DIMENSIONS:
        raise UserError("bad_param", study=STUDY.id, name="group", value=params.group, allowed=" | ".join(DIMENSIONS))
    ((fit, asked),) = fits(params)
    found = fitted(warehouse, fit, **asked)
    if "refused" in found.facts:
        lacking = Note(key=found.facts["refused"]["key"], facts=found.facts["refused"]["facts"])
        return Result(study=STUDY.id, verdict=lacking, refused=lacking)
    costs = _costs(found, params)
    people = tables.listed(found.tables["people"], params.customer_value)
    estimates = _estimates(found, people, costs)
    answers = {
        "calibration": tables.calibration(found.tables["held"]),
        "models": tables.models(found.tables["models"]),
        "groups": _groups(warehouse, found, params.group),
        "thresholds": tables.thresholds(found.tables["held"], people, costs) if costs else pd.DataFrame(),
        "customers": people.head(params.list_size).dropna(axis="columns", how="all"),
        **{name: found.tables[name] for name in ("drivers", "dependence", "decay", "survival", "hazard", "apart") if name in found.tables},
    }
    return Result(
        study=STUDY.id,
        verdict=_verdict(found, estimates),
        estimates=estimates,
        tables={name: table for name, table in answers.items() if len(table)},
        warnings=_warnings(found, params, costs),
    )


def members(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every customer who can be lost, the most at stake first: columns as in the table `customers`."""
    ((fit, asked),) = fits(params)
    found = fitted(warehouse, fit, **asked)
    if "refused" in found.facts:
        return pd.DataFrame()
    return tables.listed(found.tables["people"], params.customer_value).dropna(axis="columns", how="all")


def parts(result: Result) -> dict[str, Result]:
    """The answer in its parts, each with its own figures: who, why, trust, and stay where leaving is told; only those that it has."""
    about = {name: [note for note in result.warnings if (note.key in ABOUT_MODEL) == (name == "trust")] for name in TOLD}
    every = {
        name: result.part(tables=tables, estimates=estimates, warnings=about.get(name, ())) for name, (tables, estimates) in PARTS.items()
    }
    return {name: part for name, part in every.items() if part.tables}


def _groups(warehouse: Warehouse, found: Fitted, asked: str) -> pd.DataFrame:
    """What came of groups. Who buys keeps the tier: where purchases tell who left, a tier of today would tell it too, and is not used."""
    now = warehouse.frame(GROUPS)
    if found.facts["kind"] == "purchases":
        now = now.drop(columns=["tier", "member"])
    return tables.groups(found.tables["held"], now, asked, warehouse.access.min_cell)


def _costs(found: Fitted, params: Params) -> Costs | None:
    """What an offer costs and brings; None where nobody knows what a customer is worth."""
    from analytics.models.profit import Costs

    worth = found.tables["people"]["worth"].mean()
    value = params.customer_value or float(worth)
    if not value > 0:
        return None
    return Costs(value=value, offer=params.offer_cost, contact=params.contact_cost, success=params.success)


def _estimates(found: Fitted, people: pd.DataFrame, costs: Costs | None) -> dict[str, Estimate]:
    facts = found.facts
    leavers = _leavers(facts, people["risk"].to_numpy(float))
    estimates = {"expected_churners": leavers, "churn_rate": wilson(facts["churned"], facts["n"])}
    if "value_at_risk" in people and people["value_at_risk"].notna().any():
        estimates["value_at_risk"] = _times(leavers, float(people["value_at_risk"].sum()) / leavers.value, Unit.MONEY)
    if costs is not None:
        estimates["profit"] = _profit(found, costs, len(people))
    measured = {name: Estimate(**{**told, "unit": Unit(told["unit"])}) for name, told in facts["quality"].items()}
    return {**estimates, **{name: measured[name] for name in ("auc", "lift", "ece", "brier", "brier_base")}}


def _leavers(facts: Mapping[str, Any], risk: np.ndarray) -> Estimate:
    """Customers expected to leave. The interval holds chance, and being as far off as with the held-out customers."""
    value = float(risk.sum())
    ratio, rate = facts["churned"] / facts["said"], facts["churned"] / facts["n"]
    off = (ratio - 1) ** 2 + facts["churned"] * (1 - rate) / facts["said"] ** 2
    half = 1.96 * sqrt(float((risk * (1 - risk)).sum()) + off * value**2)
    return Estimate(value=value, low=max(0.0, value - half), high=min(float(len(risk)), value + half), n=len(risk), unit=Unit.COUNT)


def _times(estimate: Estimate, factor: float, unit: Unit) -> Estimate:
    ends = {end: getattr(estimate, end) * factor for end in ("value", "low", "high")}
    return Estimate(**ends, n=estimate.n, unit=unit, level=estimate.level)


def _profit(found: Fitted, costs: Costs, n: int) -> Estimate:
    """Expected maximum profit of an offer to those at risk, of all customers now."""
    from analytics.models.profit import expected_maximum

    held = found.tables["held"]
    one = expected_maximum(held["risk"].to_numpy(float), held["churned"].to_numpy(bool), costs)
    return _times(one, n, Unit.MONEY)


def _verdict(found: Fitted, estimates: Mapping[str, Estimate]) -> Note:
    """How many are expected to leave, and whether they can be told apart."""
    skill = estimates["brier"].value < estimates["brier_base"].value
    kind = "useful" if skill and estimates["auc"].low > USEFUL else "weak" if skill else "useless"
    facts = {
        "n": estimates["expected_churners"],
        "of": estimates["expected_churners"].n,
        "days": found.facts["horizon"],
        "rate": estimates["churn_rate"],
        "auc": estimates["auc"],
        "lift": estimates["lift"],
    }
    return Note(key=f"churn.verdict.{found.facts['kind']}.{kind}", facts=facts)


def _warnings(found: Fitted, params: Params, costs: Costs | None) -> tuple[Note, ...]:
    """What a reader must know before acting: risk is not response, and what was assumed or left out."""
    facts = found.facts
    notes = [Note(key="churn.warnings.response"), _of_money(facts, params, costs)]
    notes += [Note(key="churn.warnings.bounded", facts={"days": facts["horizon"]})] if facts["bounded"] == "short" else []
    notes += [Note(key="churn.warnings.sample", facts={"n": facts["sample"]})] if facts["sample"] else []
    notes += [Note(key="churn.warnings.skipped", facts={"n": facts["skipped"]})] if facts["skipped"] else []
    notes += [Note(key="churn.warnings.no_behaviour")] if facts["kind"] == "contract" and not facts["behaviour"] else []
    notes += [Note(key="churn.warnings.tier_now")] if facts["kind"] == "contract" and "tier" not in found.tables["held"] else []
    return (*notes, *_drifted(facts))


def _of_money(facts: Mapping[str, Any], params: Params, costs: Costs | None) -> Note:
    """What the money rests on."""
    if costs is None:
        return Note(key="churn.warnings.no_value")
    kind = "sales" if facts["worth"] == "sales" and not params.customer_value else "margin"
    return Note(key=f"churn.warnings.assumed.{kind}", facts={"success": _share(params.success)})


def _drifted(facts: Mapping[str, Any]) -> list[Note]:
    """Whether the last horizon came out otherwise than said, beyond chance."""
    seen = wilson(facts["churned"], facts["n"])
    said = facts["said"] / facts["n"]
    if seen.low <= said <= seen.high:
        return []
    return [Note(key="churn.warnings.off", facts={"said": _share(said), "seen": seen})]


def _share(value: float) -> Estimate:
    return Estimate(value=value, low=value, high=value, n=1, unit=Unit.SHARE)


STUDY = Study(
    id="churn",
    group="customers",
    any_of=(
        (Need(table="transactions", columns=("customer_id", "occurred_at")),),
        (Need(table="customers", columns=("enrolled_on", "cancelled_on")),),
        (Need(table="outcomes", columns=("churned",)),),
    ),
    params=Params,
    run=run,
    figures=draw,
    fits=fits,
)
