"""Are members in the right tier, and do the tiers earn their keep?

Tables of the answer
    stale      tier (on file), members, too_low, too_high, share, low, high, shown: behaviour of the last window implies another tier
    misfiled   the same at the last review, from what was known then: filed against the rule
    sure       tier (by the rule), members, correct, correct_low, correct_high, uncertain, share, low, high: under errors in the records
    worth      rule (tiers, two, tree), groups, share (of the variance of the next months' value), low, high, n
    costs      tier, members, amount, margin, cost, cost_per_active, share, worth_share: of the last twelve months
    moves      tier, threshold, before, after, up, down, benefits_before, benefits_after, points_before, points_after: other thresholds
    losers     dimension, group, n, losing, share, low, high, apart (beyond chance): who would fall
    customers  `list_size` of those whose tier flips most easily: customer_id, tier, by_rule, metric, threshold, probability
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.results import Estimate, Note, Result
from analytics.studies import tier_quality_now as now
from analytics.studies import tier_quality_worth as worth
from analytics.studies.base import Need, Study
from analytics.studies.tier_quality_figures import draw
from analytics.studies.tier_quality_sql import BOUGHT as BOUGHT  # shown with the other queries
from analytics.studies.tier_quality_sql import LAGS as LAGS
from analytics.studies.tier_quality_sql import ORDERS as ORDERS
from analytics.studies.tier_rules import STANDING as STANDING
from analytics.studies.tier_rules import Rules, rules, today

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

Told = tuple[dict[str, pd.DataFrame], dict[str, Estimate]]
PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "right": (("stale", "misfiled"), ("stale", "drifted", "misfiled", "lag", "rules_age")),
    "data": (("sure",), ("correct_tier", "uncertain")),
    "worth": (("worth", "costs"), ("captured_tiers", "captured_two", "captured_tree", "tiers_over_two", "tiers_over_tree")),
    "thresholds": (("moves", "losers"), ("moves_up", "moves_down", "benefits_change", "points_change")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """missing: share of orders that may not be on file; noise: error of an amount, as a share of it; threshold_change: by how much every
    threshold is changed; draws, seed: of the errors; list_size: customers listed."""

    missing: float = field(default=0.02, metadata={"min": 0.0, "max": 0.9, "step": 0.01})
    noise: float = field(default=0.05, metadata={"min": 0.0, "max": 0.9, "step": 0.01})
    threshold_change: float = field(default=0.10, metadata={"min": -0.9, "max": 5.0, "step": 0.05})
    draws: int = field(default=200, metadata={"min": 200, "max": 2_000, "step": 100})
    seed: int = field(default=7, metadata={"min": 0, "max": 1_000_000, "step": 1})
    list_size: int = field(default=100, metadata={"min": 0, "max": 100_000, "step": 50})


def run(warehouse: Warehouse, params: Params) -> Result:
    """Right, sure, worth, and what other thresholds would change."""
    by = rules(warehouse)
    people = today(warehouse, by) if isinstance(by, Rules) and warehouse.as_of else pd.DataFrame()
    if isinstance(by, Note) or people.empty:
        lacking = (
            Note(key="tier_quality.refused.rules", facts={"why": by}) if isinstance(by, Note) else Note(key="tier_quality.refused.nobody")
        )
        return Result(study=STUDY.id, verdict=lacking, refused=lacking)
    notes = []
    tables, estimates = _right(warehouse, by, people)
    for part in (_data(warehouse, by, people, params), _worth(warehouse, by), worth.moved(warehouse, params.threshold_change)):
        if isinstance(part, Note):
            notes.append(Note(key="tier_quality.warnings.thresholds.locked", facts={"why": part}))
        else:
            tables, estimates = tables | part[0], estimates | part[1]
    return Result(
        study=STUDY.id,
        verdict=_verdict(estimates),
        estimates=estimates,
        tables={name: table for name, table in tables.items() if len(table)},
        warnings=(*_warnings(tables, estimates, people), *notes),
    )


def members(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every member whose tier may flip: columns as in the table `customers`."""
    by = rules(warehouse)
    if isinstance(by, Note):
        return pd.DataFrame()
    people = _chances(warehouse, by, today(warehouse, by), params)
    return now.listed(people[people["probability"] < 1], by)


def parts(result: Result) -> dict[str, Result]:
    """The answer in its parts, each with its own figures: right, data, worth, thresholds; only those that it has."""
    about = {name: [note for note in result.warnings if note.key.startswith(f"tier_quality.warnings.{name}.")] for name in PARTS}
    every = {name: result.part(tables=tables, estimates=estimates, warnings=about[name]) for name, (tables, estimates) in PARTS.items()}
    return {name: part for name, part in every.items() if part.tables or part.warnings}


def _right(warehouse: Warehouse, by: Rules, people: pd.DataFrame) -> Told:
    """Stale, misfiled, late."""
    least = warehouse.access.min_cell
    tables, found = {"stale": now.off(people, by, least)}, {"stale": now.share_off(people), "lag": now.lag(warehouse, by)}
    if (review := now.at_review(warehouse, by)) is not None:
        tables["misfiled"] = now.off(review[1], by, least).assign(review=review[0])
        found |= {"misfiled": now.share_off(review[1]), "drifted": now.drifted(people, review[1])}
    found["rules_age"] = now.age(warehouse, by)
    return tables, {name: one for name, one in found.items() if one is not None}


def _chances(warehouse: Warehouse, by: Rules, people: pd.DataFrame, params: Params) -> pd.DataFrame:
    asked: dict[str, Any] = {name: getattr(params, name) for name in ("missing", "noise", "draws", "seed")}
    return now.chances(warehouse, by, people, **asked)


def _data(warehouse: Warehouse, by: Rules, people: pd.DataFrame, params: Params) -> Told:
    known = _chances(warehouse, by, people, params)
    listed = now.listed(known[known["probability"] < 1], by).head(params.list_size)
    return {"sure": now.sure(known, by), "customers": listed}, now.surety(known)


def _worth(warehouse: Warehouse, by: Rules) -> Told:
    table, estimates = worth.value(warehouse, by) if warehouse.present().get("tiers") else (pd.DataFrame(), {})
    return {"worth": table, "costs": worth.costs(warehouse)}, estimates


def _verdict(estimates: Mapping[str, Estimate]) -> Note:
    """How many belong elsewhere, and whether the tiers tell more than a cut in two does."""
    facts: dict[str, Any] = {"stale": estimates["stale"], "correct": estimates["correct_tier"]}
    filed = "known" if "misfiled" in estimates else "unknown"
    facts["filed"] = Note(key=f"tier_quality.filed.{filed}", facts={"misfiled": estimates.get("misfiled", "")})
    if "tiers_over_two" not in estimates:
        return Note(key="tier_quality.verdict.plain", facts=facts)
    facts |= {"tiers": estimates["captured_tiers"], "two": estimates["captured_two"]}
    tree = {"more": "less", "less": "more"}.get(_clear(estimates["tiers_over_tree"]), "even")
    facts["tree"] = Note(key=f"tier_quality.tree.{tree}", facts={"tree": estimates["captured_tree"]})
    return Note(key=f"tier_quality.verdict.{_clear(estimates['tiers_over_two'])}", facts=facts)


def _clear(difference: Estimate) -> str:
    """Whether a difference is above or below nothing beyond chance."""
    return "more" if difference.low > 0 else "less" if difference.high < 0 else "even"


def _warnings(tables: Mapping[str, pd.DataFrame], estimates: Mapping[str, Estimate], people: pd.DataFrame) -> tuple[Note, ...]:
    """What a reader must know before believing the numbers; the second part of a key is the part of the answer it is about."""
    notes = []
    if "misfiled" not in estimates:
        notes.append(Note(key="tier_quality.warnings.right.no_review"))
    if (told := estimates["correct_tier"].n) < len(people):
        notes.append(Note(key="tier_quality.warnings.data.sample", facts={"n": told, "total": len(people)}))
    if "captured_tiers" not in estimates:
        notes.append(Note(key="tier_quality.warnings.worth.short"))
    notes.append(Note(key=f"tier_quality.warnings.worth.{'not_caused' if len(tables['costs']) else 'no_costs'}"))
    return tuple(notes)


_RULES = Need(table="tier_rules", columns=("tier", "rank", "metric", "threshold"))
STUDY = Study(
    id="tier_quality",
    group="tiers",
    any_of=tuple(
        (_RULES, told, counted)
        for told in (
            Need(table="tiers", columns=("customer_id", "tier", "valid_from")),
            Need(table="customers", columns=("customer_id", "tier")),
        )
        for counted in (
            Need(table="transactions", columns=("customer_id", "occurred_at")),
            Need(table="points", columns=("customer_id", "occurred_at", "kind", "points")),
        )
    ),
    params=Params,
    run=run,
    figures=draw,
)
