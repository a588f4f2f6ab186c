"""What if the programme were another one? Cost, return, points owed, tiers and benefit ratios move together, each beside today's.

Estimates   roi, npv, probability (NPV > 0), payback, effect (margin a treated customer and month that is reckoned with): only where the
            study `economics` tells a return, and equal to its own while no lever is moved; cost, liability, outstanding (points), members,
            given (value to a member a year): where told
Tables of the answer
    against      figure, unit; now, then: each with _low and _high. Empty where it is not reached
    tiers        tier, threshold (where the rules are known), members, members_then; ratio, ratio_then: benefits over margin, each with
                 _low and _high
    costs        kind, now, then
    cumulative   month; now, then: net margin so far, each with _low and _high
    distribution roi; now, then: share of the draws
    levers       lever, setting, usual, now, then, unit, locked
    assumptions  assumption, setting, usual, unit
    changes      as the cards read it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from analytics.models.levers import Levers
from analytics.results import Estimate, Note, Result
from analytics.studies import scenarios_tables as tables
from analytics.studies.base import Need, Study
from analytics.studies.economics_case import fits
from analytics.studies.economics_case import found as case
from analytics.studies.points_known import known
from analytics.studies.scenarios_figures import draw, in_words
from analytics.studies.scenarios_inputs import GROUPS, LEVERS, Inputs, Params, changed, from_kept, levers, points, without_levers
from analytics.studies.scenarios_play import Played, play
from analytics.studies.scenarios_tiers import standing
from analytics.warehouse import Warehouse

__all__ = [
    "GROUPS",
    "LEVERS",
    "STUDY",
    "Inputs",
    "Params",
    "answered",
    "compared",
    "from_kept",
    "in_words",
    "inputs",
    "run",
    "without_levers",
]


def run(warehouse: Warehouse, params: Params) -> Result:
    return answered(inputs(warehouse, params), params)


def inputs(warehouse: Warehouse, params: Params) -> Inputs:
    """Everything that no lever changes."""
    return Inputs(found=case(warehouse, params), known=known(warehouse, points(params)), standing=standing(warehouse, params.margin))


def answered(found: Inputs, params: Params) -> Result:
    """The scenario beside today. Fast: everything that does not hang on a lever is in `found`."""
    if found.nothing:
        refused = Note(key="scenarios.refused.nothing")
        return Result(study=STUDY.id, verdict=refused, refused=refused, grade="D")
    now, then = play(found, Levers(), params.seed), play(found, levers(params), params.seed)
    return Result(
        study=STUDY.id,
        verdict=_verdict(found, params, now, then),
        estimates=then.estimates,
        tables=_tables(found, params, now, then),
        warnings=tuple(_warnings(found, params, then)),
        grade="D" if isinstance(found.found, Note) else found.found.grade,
    )


def compared(found: Mapping[str, tuple[Inputs, Params]]) -> pd.DataFrame:
    """scenario, part (figure, setting), name, unit, value, low, high: what each comes to and assumes, in the order given."""
    parts = [_one(name, *asked) for name, asked in found.items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _one(name: str, found: Inputs, params: Params) -> pd.DataFrame:
    played = play(found, levers(params), params.seed)
    rows = [_row(name, "figure", figure, told.unit, told.value, told.low, told.high) for figure, told in played.estimates.items()]
    for lever in tables.levers(found, params).to_dict("records"):
        rows.append(_row(name, "setting", lever["lever"], None, lever["setting"]))
    known = tables.assumptions(found, params).dropna(subset="setting")
    rows += [_row(name, "setting", row["assumption"], row["unit"], row["setting"]) for row in known.to_dict("records")]
    return pd.DataFrame(rows).drop_duplicates(["part", "name"])


def _row(
    scenario: str, part: str, name: str, unit: str | None, value: float, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    return {"scenario": scenario, "part": part, "name": name, "unit": unit, "value": value, "low": low, "high": high}


def _tables(found: Inputs, params: Params, now: Played, then: Played) -> dict[str, pd.DataFrame]:
    told = {
        "against": tables.against(now, then),
        "changes": tables.changes(now, then),
        "tiers": tables.tiers(found, now, then, params.enrolment),
        "costs": tables.costs(now, then),
        "levers": tables.levers(found, params),
        "assumptions": tables.assumptions(found, params),
    }
    if now.outcome is not None and then.outcome is not None and not isinstance(found.found, Note):
        told |= {
            "cumulative": tables.cumulative(found.found.months, now.outcome, then.outcome),
            "distribution": tables.distribution(now.outcome, then.outcome),
        }
    return {name: table for name, table in told.items() if len(table)}


# --- words


def _verdict(found: Inputs, params: Params, now: Played, then: Played) -> Note:
    """What the setting comes to against today; without a return, what it costs, or owes."""
    said = "changed" if changed(params) else "present"
    name = next(name for name in ("roi", "cost", "liability", "members") if name in then.estimates)
    told, before = then.estimates[name], now.estimates[name]
    facts: dict[str, object] = {"now": before, "then": told, "low": _end(told, told.low), "high": _end(told, told.high)}
    if name == "roi":
        facts |= {"chance": then.estimates["probability"], "chance_now": now.estimates["probability"]}
    return Note(key=f"scenarios.verdict.{name}.{said}", facts=facts)


def _end(told: Estimate, value: float) -> Estimate:
    return replace(told, value=value)


def _warnings(found: Inputs, params: Params, then: Played) -> list[Note]:
    """What is refused and why, what is only a scenario, and what an answer hangs on."""
    notes = []
    lacking = found.found if isinstance(found.found, Note) else found.found.lacking
    if lacking is not None:
        notes.append(Note(key="scenarios.warnings.no_return", facts={"reason": lacking}))
    if params.match or params.half_life:
        notes.append(Note(key="scenarios.warnings.labelled"))
    if then.outcome is not None and then.generous != 1:
        ends = sorted(then.generous**exponent for exponent in levers(params).response)
        facts = {name: f"{end:.2f}" for name, end in zip(("low", "high"), ends, strict=True)}
        notes.append(Note(key="scenarios.warnings.response", facts={"times": f"{then.generous:.2f}", **facts}))
    if found.tiers is not None and not then.ratios:
        notes.append(Note(key="scenarios.warnings.no_ratio"))
    elif found.tiers is not None and not any(then.ratios):
        notes.append(Note(key="scenarios.warnings.no_margin"))
    return notes


STUDY = Study(
    id="scenarios",
    group="programme",
    any_of=(
        (Need(table="points", columns=("points",)),),
        (Need(table="costs", columns=("month", "category", "amount")),),
        (Need(table="customers", columns=("tier",)),),
    ),
    params=Params,
    run=run,
    figures=draw,
    fits=fits,
    graded=True,
)
