"""What does the programme cost, and what does it bring? The ledger against the margin it caused, never against a gap.

Estimates   roi, npv, probability (NPV > 0), payback, incremental_margin, break_even (effect of a treated customer and month at which it
            pays), anyway (cost of rewards for purchases that would have been made without): only where the effect has grade A, B or C
            and the margin is known; cost, cost_per_active (member and month), programme_share (of the whole budget), acquisition_ratio,
            cost_per_new: always where told
Tables of the answer
    months      month, cost, active, cost_per_active; members, margin, net, cumulative (each with _low, _high), paid_back (share of draws)
    costs       kind, amount, told, share
    waterfall   step, value, low, high
    tornado     what, low, high, npv_low, npv_high
    npv         from, to, share: the distribution of the present value
    tiers       see economics_tables.tiers
    budget      part, amount, share
    ledger      month, kind, category, supplier, amount, told
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from analytics.models.economics import DRAWS, Outcome, evaluate
from analytics.results import Estimate, Note, Result, Unit, exact
from analytics.studies import economics_sql as sql
from analytics.studies import economics_tables as tables
from analytics.studies.base import Need, Study
from analytics.studies.economics_case import Found, Params, fits, found
from analytics.studies.economics_figures import draw
from analytics.studies.points_known import known
from analytics.warehouse import Warehouse

__all__ = ["STUDY", "Params", "returns", "run"]

PARTS = {  # the tabs of the page: estimates, tables
    "pays": (
        ("roi", "npv", "probability", "payback", "incremental_margin", "break_even", "anyway"),
        ("npv", "months", "waterfall", "tornado"),
    ),
    "costs": (("cost", "cost_per_active"), ("costs", "months")),
    "tiers": ((), ("tiers",)),
    "budget": (("programme_share", "acquisition_ratio", "cost_per_new"), ("budget",)),
}
OF_RETURN = ("economics.warnings.grade", "economics.warnings.carried", "economics.warnings.assumed", "economics.warnings.relapse")
TOLD = ("pays", "costs")  # parts that carry warnings
RETURNS = {
    "roi": Unit.SHARE,
    "npv": Unit.MONEY,
    "payback": Unit.MONTHS,
    "margin": Unit.MONEY,
    "break_even": Unit.MONEY,
    "anyway": Unit.MONEY,
}


def run(warehouse: Warehouse, params: Params) -> Result:
    """Costs, and the return where the effect is known well enough to reckon with."""
    case = found(warehouse, params)
    if isinstance(case, Note):
        return Result(study=STUDY.id, verdict=case, refused=case, grade="D")
    outcome = None if case.case is None else evaluate(case.case, seed=params.seed)
    estimates = {**({} if outcome is None else returns(outcome)), **_costs(warehouse, case)}
    return Result(
        study=STUDY.id,
        verdict=_verdict(case, estimates),
        estimates=estimates,
        tables=_tables(warehouse, case, outcome),
        warnings=tuple(_warnings(warehouse, case, outcome, params)),
        grade=case.grade,
    )


def parts(result: Result) -> dict[str, Result]:
    """The answer in parts, for a page with tabs; the first holds what the data allows to say first."""
    every = {
        name: result.part(
            tables=tables,
            estimates=estimates,
            warnings=[note for note in result.warnings if name in TOLD and note.key.startswith(OF_RETURN) == (name == "pays")],
        )
        for name, (estimates, tables) in PARTS.items()
        if name != "pays" or "roi" in result.estimates
    }
    return {name: part for name, part in every.items() if part.tables}


def returns(outcome: Outcome) -> dict[str, Estimate]:
    """Every estimate that follows from the effect. Payback is absent where the point estimate never pays back."""
    every = {name: outcome.estimate(name, unit) for name, unit in RETURNS.items()}
    named = {
        "roi": every["roi"],
        "npv": every["npv"],
        "probability": exact(outcome.pays, unit=Unit.SHARE, n=DRAWS),
        "payback": every["payback"],
        "incremental_margin": every["margin"],
        "break_even": every["break_even"],
        "anyway": every["anyway"],
    }
    return {name: estimate for name, estimate in named.items() if estimate.value == estimate.value and abs(estimate.value) != float("inf")}


def _costs(warehouse: Warehouse, case: Found) -> dict[str, Estimate]:
    """What needs no effect: full counts of the ledger."""
    programme = case.ledger.programme()
    total, parts = float(programme["amount"].sum()), tables.budget(case).set_index("part")["amount"]
    active, months = _active(warehouse, case).sum(), len(case.months)
    acquisition = float(parts.get("acquisition", 0.0))
    new = int(str(warehouse.value(sql.NEW, first=case.months[0].date(), last=case.months[-1].date())))
    rows = {
        "cost": (total, Unit.MONEY, months),
        "cost_per_active": (total / active if active else None, Unit.MONEY, int(active)),
        "programme_share": (total / parts.sum() if len(parts) > 1 else None, Unit.SHARE, months),
        "acquisition_ratio": (acquisition / total if acquisition and total else None, Unit.RATIO, months),
        "cost_per_new": (acquisition / new if acquisition and new else None, Unit.MONEY, new),
    }
    return {name: exact(value, unit=unit, n=n) for name, (value, unit, n) in rows.items() if value is not None}


def _active(warehouse: Warehouse, case: Found) -> pd.Series:
    rows = warehouse.frame(sql.ACTIVE, first=case.months[0].date(), last=case.months[-1].date())
    return rows.set_index("month")["active"]


def _tables(warehouse: Warehouse, case: Found, outcome: Outcome | None) -> dict[str, pd.DataFrame]:
    told = {
        "months": tables.months(case, outcome, _active(warehouse, case)),
        "costs": tables.costs(case),
        "tiers": tables.tiers(warehouse, case),
        "budget": tables.budget(case),
        "ledger": case.ledger.rows,
    }
    if outcome is not None and case.case is not None:
        told |= {
            "waterfall": tables.waterfall(case.case, outcome),
            "tornado": tables.swings(case, case.case),
            "npv": tables.chances(outcome),
        }
    return {name: table for name, table in told.items() if len(table)}


# --- words


def _verdict(case: Found, estimates: dict[str, Estimate]) -> Note:
    """Whether it pays, by how much and how surely; or what it costs, and why no more can be said."""
    facts: dict[str, Any] = {"cost": estimates["cost"], "months": len(case.months)}
    if case.lacking is not None or case.case is None:
        kind = "costs_only" if case.ledger.complete else "part_only"
        return Note(key=f"economics.verdict.{kind}", facts={**facts, "reason": case.lacking})
    facts["cost"] = replace(facts["cost"], value=case.case.cost)
    roi = estimates["roi"]
    way = "open" if case.grade == "C" else "pays" if roi.low > 0 else "loses" if roi.high < 0 else "open"
    facts |= {"caused": Note(key=f"economics.caused.{case.grade}"), "grade": case.grade}
    facts |= {"roi": roi, "margin": estimates["incremental_margin"], "chance": estimates["probability"]}
    facts |= {name: replace(roi, value=bound) for name, bound in (("low", roi.low), ("high", roi.high))}
    return Note(key=f"economics.verdict.{way}", facts=facts)


def _warnings(warehouse: Warehouse, case: Found, outcome: Outcome | None, params: Params) -> list[Note]:
    notes = []
    if case.case is not None and case.effect is not None:
        notes += _of_the_effect(case, params)
    if case.ledger.unknown:
        facts = {"n": len(case.ledger.unknown), "names": ", ".join(sorted(case.ledger.unknown)[:5])}
        notes.append(Note(key="economics.warnings.unknown", facts=facts))
    empty = int((case.ledger.programme().groupby("month")["amount"].sum().reindex(case.months).isna()).sum())
    if empty:
        notes.append(Note(key="economics.warnings.empty_months", facts={"n": empty, "months": len(case.months)}))
    if outcome is not None and (outcome.cumulative[0] >= 0).any() and outcome.cumulative[0, -1] < 0:
        notes.append(Note(key="economics.warnings.relapse"))
    known_points = known(warehouse) if "points" in warehouse.present() else None
    if known_points is not None and known_points.liability is not None:
        notes.append(Note(key="economics.warnings.outstanding", facts={"liability": known_points.liability}))
    derived = sorted({str(kind) for kind in case.ledger.programme().query("not told")["kind"]})
    notes += [Note(key=f"economics.warnings.derived.{kind}") for kind in derived]
    return notes


def _of_the_effect(case: Found, params: Params) -> list[Note]:
    """On how sure a ground the return stands."""
    assert case.effect is not None and case.case is not None  # noqa: S101 - asked for by the caller
    told = case.effect.tables["designs"].query("chosen").iloc[0]
    grade = Note(key=f"economics.warnings.grade.{case.grade}", facts={"reason": case.effect.verdict})
    notes = [grade, _carried(case, params, int(told["treated"]))]
    if params.margin:
        notes.append(Note(key="economics.warnings.assumed", facts={"rate": f"{100 * params.margin:.0f}"}))
    return notes


def _carried(case: Found, params: Params, followed: int) -> Note:
    """How the effect of those followed was carried over to everybody."""
    way = "head" if case.likened is None else params.carry
    return Note(key=f"economics.warnings.carried.{way}", facts={"followed": followed, "members": int(case.treated.max())})


STUDY = Study(
    id="economics",
    group="programme",
    any_of=(
        (Need(table="costs"),),
        (Need(table="points", columns=("cost",)),),
        (Need(table="benefits", columns=("cost",)),),
        (Need(table="contacts", columns=("cost",)),),
    ),
    params=Params,
    run=run,
    figures=draw,
    fits=fits,
    graded=True,
)
