"""Are small customers overlooked? What they get for what they are worth, who of them grows, whom to look at, what neglect goes with.

Small are the lowest tiers, as long as they hold no more than the share asked for; without tiers, the customers who brought least.

Tables of the answer
    attention   tier (without tiers: small, others, idle), customers, rewards_share, contacts_share, value_share, attention_rewards, low,
                high, attention_contacts, contacts_low, contacts_high, n, small
    bands       orders (at least, in the months before), n, rate, low, high: small customers of an earlier day who moved up since
    held        low_edge, high_edge, n, predicted, observed, low, high: the model on customers it did not know
    quality     measure, value, low, high, n: of the model on them
    reversion   stage (before, by_chance, seen), brought, low, high: those who brought least in half of the weeks
    neglect     orders (at least, in the year before), lately, reached, n, rate, low, high: small customers who bought in the quarter after
    customers   hidden gems, `list_size` of them: tier, brought, orders, chance, low, high, value, value_high, reason (moving, value, both,
                due: counts enough for a higher tier already)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from analytics.fits import Fit, Fitted, fitted, kept
from analytics.results import Estimate, Note, Result, Unit, exact, wilson
from analytics.studies import small_customers_tables as tables
from analytics.studies.base import Need, Study
from analytics.studies.campaigns_fit import CAMPAIGNS
from analytics.studies.given import PEOPLE as PEOPLE  # shown with the other queries
from analytics.studies.given import given
from analytics.studies.small_customers_figures import draw
from analytics.studies.small_customers_fit import FIT
from analytics.studies.small_customers_sql import BROUGHT as BROUGHT
from analytics.studies.small_customers_sql import QUARTER as QUARTER
from analytics.studies.small_customers_sql import REACHED as REACHED
from analytics.studies.small_customers_tables import Standing
from analytics.studies.value_fit import VALUE
from analytics.warehouse import Warehouse

PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "attention": (("attention",), ("attention_small", "attention_contacts_small", "value_share_small")),
    "growth": (("bands", "reversion", "held", "quality"), ("moving_up", "rise", "rise_by_chance", "model_auc")),
    "gems": (("customers",), ("gems", "gems_moved", "moving_up")),
    "neglect": (("neglect",), ("neglect",)),
}
ABOUT: Mapping[str, tuple[str, ...]] = {
    "attention": ("no_rewards", "no_contacts", "brought", "orders"),
    "growth": ("chance", "short", "no_history", "few_moved", "no_model"),
    "gems": ("due", "predicted", "validated"),
    "neglect": ("association",),
}
USUAL: Mapping[str, Any] = {"campaign": "", "control": "", "withheld": 0.0}  # the lottery that the page on campaigns opens with


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """small: share of customers that are small at most, beside the lowest tier; months: horizon of growth; list_size: customers listed."""

    small: float = field(default=0.5, metadata={"min": 0.05, "max": 0.95, "step": 0.05})
    months: int = field(default=6, metadata={"min": 1, "max": 24, "step": 1})
    list_size: int = field(default=100, metadata={"min": 0, "max": 100_000, "step": 50})


def fits(params: Params) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    return ((VALUE, {}), (FIT, {"months": params.months, "small": params.small}))


def uses(params: Params) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    """Whether a lottery ranks whom a campaign moves is told where it is known."""
    return ((CAMPAIGNS, USUAL),)


def run(warehouse: Warehouse, params: Params) -> Result:
    """What was kept of small customers, beside what they get today."""
    standing = _standing(warehouse, params)
    if isinstance(standing, Note):
        return Result(study=STUDY.id, verdict=standing, refused=standing)
    told = {
        "attention": tables.attention(standing),
        **{name: standing.found.tables[name] for name in ("bands", "held", "neglect") if name in standing.found.tables},
        "quality": tables.quality(standing.found),
        "reversion": tables.reversion(standing.found),
        "customers": tables.gems(standing).head(params.list_size),
    }
    estimates = _estimates(standing)
    return Result(
        study=STUDY.id,
        verdict=_verdict(standing, estimates),
        estimates=estimates,
        tables={name: table for name, table in told.items() if len(table)},
        warnings=_warnings(warehouse, standing, params),
    )


def members(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every hidden gem: columns as in the table `customers`; empty where the study refuses."""
    standing = _standing(warehouse, params)
    return pd.DataFrame() if isinstance(standing, Note) else tables.gems(standing)


def parts(result: Result) -> dict[str, Result]:
    """The answer in its parts, each with its own figures: attention, growth, gems, neglect; only those that it has."""
    every = {
        name: result.part(tables=shown, estimates=estimates, warnings=[note for note in result.warnings if _tail(note) in ABOUT[name]])
        for name, (shown, estimates) in PARTS.items()
    }
    return {name: part for name, part in every.items() if part.tables}


def _tail(note: Note) -> str:
    return note.key.rsplit(".", 1)[-1]


def _standing(warehouse: Warehouse, params: Params) -> Standing | Note:
    """Customers of the day with what they get and are worth, and what was kept of small ones; or why nothing can be said."""
    ((value, _), (fit, asked)) = fits(params)
    found, day = fitted(warehouse, fit, **asked), given(warehouse)
    if found.facts["refused"] or day is None:
        return Note(**(found.facts["refused"] or {"key": "small_customers.refused.short"}))
    return tables.standing(warehouse, found, day, fitted(warehouse, value))


def _estimates(standing: Standing) -> dict[str, Estimate]:
    """A part that the data cannot tell is absent."""
    found, facts = standing.found, standing.found.facts
    estimates = tables.overlooked(standing)
    if facts["n"]:
        estimates["moving_up"] = wilson(facts["hits"], facts["n"])
    if "reversion" in facts:
        estimates["rise"], estimates["rise_by_chance"] = (tables.kept_estimate(facts["reversion"][name]) for name in ("rise", "by_chance"))
    if tables.model(found):
        listed = tables.gems(standing)
        estimates["gems"] = exact(len(listed), unit=Unit.COUNT, n=len(found.tables["people"]))
        if facts["gems"]["n"]:
            estimates["gems_moved"] = wilson(facts["gems"]["hits"], facts["gems"]["n"])
    if facts["model"]:
        estimates["model_auc"] = tables.kept_estimate(facts["model"]["quality"]["auc"])
    if "neglect" in facts:
        estimates["neglect"] = tables.kept_estimate({name: facts["neglect"][name] for name in Estimate.__slots__})
    return estimates


def _verdict(standing: Standing, estimates: Mapping[str, Estimate]) -> Note:
    """Who is small, what they get for what they are worth, and how many grew."""
    facts: dict[str, Any] = {"who": standing.who, "months": standing.found.facts["months"]}
    facts |= {"n": int(standing.small.sum()), "grew": Note(key="small_customers.grew.unknown")}
    if "moving_up" in estimates:
        when = "month" if facts["months"] == 1 else "known"
        facts["grew"] = Note(key=f"small_customers.grew.{when}", facts={"rate": estimates["moving_up"], "months": facts["months"]})
    if "attention_small" not in estimates:
        kind = "no_value" if "value_share_small" not in estimates else "value"
        return Note(key=f"small_customers.verdict.{kind}", facts=facts | {"value": estimates.get("value_share_small")})
    ratio = estimates["attention_small"]
    kind = "less" if ratio.high < 1 else "more" if ratio.low > 1 else "alike"
    facts |= {"ratio": ratio, "value": estimates["value_share_small"], "rewards": standing.share("received")}
    return Note(key=f"small_customers.verdict.{kind}", facts=facts)


def _warnings(warehouse: Warehouse, standing: Standing, params: Params) -> tuple[Note, ...]:
    """What a reader must know before believing the numbers."""
    facts, people = standing.found.facts, standing.people
    keys = [
        ("no_rewards", not people["received"].sum() > 0),
        ("no_contacts", not people["contacts"].sum() > 0),
        ("brought", standing.worth == "brought"),
        ("orders", standing.worth == "orders"),
        ("chance", "reversion" in facts),
        ("short", facts["months"] < params.months),
        ("no_history", facts["kind"] == "spend" and bool(facts["tiers"])),
        ("few_moved", facts["model"] is None),
        ("no_model", facts["model"] is not None and not facts["model"]["useful"]),
        ("association", "neglect" in facts),
    ]
    about = {"months": facts["months"], "asked": params.months, "day": date.fromisoformat(facts["day"])}
    notes = [Note(key=f"small_customers.warnings.{key}", facts=about) for key, said in keys if said]
    return (*notes, *_predicted(warehouse, standing))


def _predicted(warehouse: Warehouse, standing: Standing) -> list[Note]:
    """Listed customers are expected to spend; that an offer moves them only a lottery can say."""
    listed = tables.gems(standing)
    if not len(listed):
        return []
    due = int((listed["reason"] == "due").sum())
    notes = [Note(key="small_customers.warnings.due", facts={"n": due})] if due else []
    ((fit, asked),) = uses(Params())
    lottery = fitted(warehouse, fit, **asked).facts if kept(warehouse, fit, **asked) else {}
    area = lottery.get("rankings", {}).get("uplift", {}).get("coefficient")
    if area is not None and area["low"] > 0:
        return [*notes, Note(key="small_customers.warnings.validated", facts={"campaign": lottery["campaign"]})]
    return [*notes, Note(key="small_customers.warnings.predicted")]


STUDY = Study(
    id="small_customers",
    group="tiers",
    any_of=((Need(table="transactions", columns=("customer_id", "occurred_at")),),),
    params=Params,
    run=run,
    figures=draw,
    fits=fits,
    uses=uses,
)

__all__ = ["STUDY", "Fitted", "Params", "members", "parts", "run"]
