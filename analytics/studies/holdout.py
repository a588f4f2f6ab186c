"""How large and how long must a test be, and who is withheld? The next test by lot, sized on the data's own past, its list drawn.

Tables of the answer
    durations   months, n (customers it was measured on), mean, sd, explained (share the window before explains), detectable with low and
                high, measured (the data holds two such windows; else the spread is that of the longest that it does)
    shares      share (withheld), withheld (customers), detectable, low, high; where the study `effect` has an answer of grade A or B:
                foregone, foregone_low, foregone_high, what that effect comes to for those withheld
    customers   the first `list_size` rows of the list: experiment_id, customer_id, arm, assigned_at, starts_on, ends_on
    balance     covariate, value, treatment, control, difference: what was known before, by arm, in standard deviations
    design      one row: experiment_id, plan, who, measure, basis (of the effect), effect, treatment, control, starts_on, ends_on
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analytics.results import Estimate, Note, Result, Unit, exact
from analytics.studies import holdout_data as data
from analytics.studies import holdout_tables as tables
from analytics.studies.base import Need, Study
from analytics.studies.holdout_figures import draw
from analytics.studies.holdout_plan import LONGEST, Design, Params, design, effect_fits, least_shown, worth
from analytics.warehouse import Warehouse

__all__ = ["STUDY", "Params", "members", "run"]


def run(warehouse: Warehouse, params: Params) -> Result:
    """The design and its list, or why no test of this data could show the effect."""
    found = design(warehouse, params)
    if isinstance(found, Note):
        return Result(study=STUDY.id, verdict=found, refused=found)
    estimates = tables.estimates(found)
    return Result(
        study=STUDY.id,
        verdict=_verdict(found, estimates),
        estimates=estimates,
        tables={
            "durations": tables.durations(found),
            "shares": tables.shares(found),
            "design": tables.design(found, params),
            "customers": data.listed(found.lot).head(params.list_size),
            "balance": data.balanced(found.lot, found.asked),
        },
        warnings=tuple(_warnings(found, params)),
    )


def members(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """The whole list: columns as in the table `customers`; empty where the study refuses."""
    found = design(warehouse, params)
    return pd.DataFrame() if isinstance(found, Note) else data.listed(found.lot)


def _verdict(found: Design, estimates: Mapping[str, Estimate]) -> Note:
    """Whether the test as asked for shows the effect; if not, what would."""
    reached = estimates["detectable"].value <= found.effect
    way = (
        "enough"
        if reached
        else "longer"
        if "duration" in estimates
        else "more"
        if "smallest_share" in estimates
        else "both"
        if tables.both(found)
        else "never"
    )
    facts = {
        "control": int(found.lot.control.sum()),
        "n": found.n,
        "months": found.months,
        "detectable": estimates["detectable"],
        "effect": worth(found, found.effect),
        "power": exact(found.plan.power, unit=Unit.SHARE, n=found.n),
        "chance": estimates["power"],
        "unit": Note(key=f"holdout.units.{found.asked.measure}"),
    }
    return Note(key=f"holdout.verdict.{way}", facts={**facts, **_remedy(found, estimates, way)})


def _remedy(found: Design, estimates: Mapping[str, Estimate], way: str) -> dict[str, object]:
    """What would show the effect, or the least that anything would show."""
    if way == "never":
        return {"least": worth(found, least_shown(found)), "longest": LONGEST}
    if way == "longer":
        return {"duration": estimates["duration"]}
    if way == "both" and (told := tables.both(found)) is not None:
        return {"duration": told[0], "share": told[1]}
    return {"share": estimates["smallest_share"]}


def _warnings(found: Design, params: Params) -> list[Note]:
    notes = [Note(key=f"holdout.warnings.basis.{found.asked.measure}.{found.basis}", facts={"effect": worth(found, found.effect)})]
    if found.asked.who == "not_members":
        notes.append(Note(key="holdout.warnings.invited"))
    elif found.asked.all_members and params.plan == "programme":
        notes.append(Note(key="holdout.warnings.members"))
    if found.lot.taken:
        key = f"holdout.warnings.running.{params.running}"
        notes.append(Note(key=key, facts={"n": found.lot.taken, "tests": ", ".join(found.lot.running[:3])}))
    if params.outcome == "money" and not found.asked.money:
        notes.append(Note(key="holdout.warnings.no_money"))
    if found.months not in found.spreads:
        notes.append(Note(key="holdout.warnings.stretched", facts={"months": found.months, "measured": max(found.spreads)}))
    if found.known_effect is not None:
        notes.append(Note(key="holdout.warnings.given_up"))
    elif found.asked.money:
        control = int(found.lot.control.sum())
        lost = worth(found, found.effect * control * found.months)
        notes.append(Note(key="holdout.warnings.foregone", facts={"money": lost, "n": control, "months": found.months}))
    return notes


STUDY = Study(
    id="holdout",
    group="programme",
    any_of=((Need(table="transactions", columns=("customer_id", "occurred_at")),),),
    params=Params,
    run=run,
    figures=draw,
    uses=lambda params: effect_fits(),
)
