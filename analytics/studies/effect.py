"""Does the programme cause anything? Every design the data allows, the best one's answer with its grade, or a plain refusal.

Estimates   effect (the best design's; absent with grade D), joining_month (where that design has one), naive_gap (a description, never an
            effect). Money a customer and month: contribution margin where it is known, else net sales; times the rate where one is given.
Tables of the answer
    designs     design, grade, effect, low, high, n, treated, controls, brought (a month, as it came), first, last, chosen, told and facts
                (the sentence about it: a key of the language files and JSON): every design, those that this data cannot support with what
                they lack; no number for a D
    checks      design, check, passed, value, bound, n, lowers (whether it holds the grade down)
    groups      dimension, group, n, effect, low, high, q (Benjamini-Hochberg over all groups), of the chosen design
    events      date, kind, text: what else happened within the chosen design's window
    gap         behind naive_gap: group, customers, per_month, months, measure
    the designs' own: see effect_experiment, effect_staggered, effect_adjusted, effect_launch, effect_threshold, effect_flag
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from analytics.fits import Fit, Fitted, fitted
from analytics.models.evidence import CHECKS, Claim, best, lowering
from analytics.results import Estimate, Note, Result
from analytics.studies.base import Filters, Need, Study
from analytics.studies.effect_designs import Attempt, from_json
from analytics.studies.effect_experiment import OURS
from analytics.studies.effect_figures import draw
from analytics.studies.effect_fit import EFFECT
from analytics.studies.events import events
from analytics.studies.gap import naive_gap
from analytics.studies.month_ends import whole_months
from analytics.warehouse import Warehouse

TINY = 0.001  # a p value below is told as such
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

# what of each table is money, and follows the rate
MONEY: Mapping[str, tuple[str, ...]] = {
    "event_study": ("effect", "low", "high"),
    "honest": ("low", "high"),
    "groups": ("effect", "low", "high"),
    "gap": ("per_month",),
    "experiment_arms": ("money",),
    "sensitivity": ("bound",),
    "rd": ("mean", "fit"),
    "rd_thresholds": ("value", "low", "high"),
    "launch": ("actual", "expected", "low", "high"),
    "hidden_selection": ("gap_from_selection", "effect_left"),
    **{f"placebos_{design}": ("value", "low", "high") for design in ("adjusted", "threshold", "launch")},
}
ASTRAY = 0.05  # share of an arm of a lot that did not as it said, from which it is told
GROUPS = {"experiment": "experiment_groups", "staggered": "staggered_groups"}  # designs that tell of groups, and where

PARTS: Mapping[str, tuple[str, ...]] = {  # the tabs of the page: tables whose figures each shows
    "answer": ("designs", "event_study", "experiment_arms", "hidden_selection"),
    "checks": ("honest", "balance", "overlap", "sensitivity", "rd", "density", "launch", "placebos"),
    "groups": ("groups",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """margin: share of net sales, an assumption; 0 takes the data's own margin, or net sales where there is none."""

    margin: float = field(default=0.0, metadata={"min": 0.0, "max": 1.0, "step": 0.01})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The attempts and the one to stand on."""

    attempts: tuple[Attempt, ...]
    chosen: Claim | None
    measure: str
    rate: float

    @property
    def facts(self) -> Mapping[str, Any]:
        """Of the chosen design."""
        return next((attempt.facts for attempt in self.attempts if attempt.claim is self.chosen), {})


def run(warehouse: Warehouse, params: Params) -> Result:
    """The best design's effect with its grade, every other one beside it, and the gap that is sold instead."""
    kept = fitted(warehouse, EFFECT, sales=_sales(params))
    found = _found(kept, params)
    if kept.facts["measure"] is None:
        return _without_money(found)
    gap = _gap(warehouse, params)
    tables = {**_tables(kept, found), **({} if gap is None else {"gap": gap[1]}), "events": _overlapping(warehouse, found.chosen)}
    naive = {} if gap is None else {"naive_gap": gap[0]}
    scaled = {name: _scaled(name, table, found.rate) for name, table in tables.items() if len(table)}
    if found.chosen is None:
        return _refused(found, kept.facts["flag"], naive, scaled)
    estimates = {"effect": found.chosen.effect, **_joining(found.chosen), **naive}
    return Result(
        study=STUDY.id,
        verdict=_verdict(found, found.chosen),
        estimates={name: _times(estimate, found.rate) for name, estimate in estimates.items()},
        tables=scaled,
        warnings=tuple(_warnings(found, found.chosen, scaled)),
        grade=found.chosen.grade,
    )


def parts(result: Result) -> dict[str, Result]:
    """The answer in parts, for a page with tabs: the answer, what was checked, by group. A refusal has the first two only."""
    return {
        name: replace(result, tables={key: table for key, table in result.tables.items() if _belongs(key, names)})
        for name, names in PARTS.items()
        if any(_belongs(key, names) for key in result.tables)
    }


def _belongs(table: str, names: Sequence[str]) -> bool:
    return any(table == name or table.startswith(f"{name}_") for name in names) or table in ("gap", "events", "checks")


def _sales(params: Params) -> bool:
    """An assumed rate is one of net sales."""
    return params.margin > 0


def _found(kept: Fitted, params: Params) -> _Found:
    attempts = tuple(from_json(raw) for raw in kept.facts["attempts"])
    chosen = best(attempt.claim for attempt in attempts if attempt.claim is not None)
    return _Found(attempts=attempts, chosen=chosen, measure=kept.facts["measure"], rate=params.margin or 1.0)


def _gap(warehouse: Warehouse, params: Params) -> tuple[Estimate, pd.DataFrame] | None:
    as_of = warehouse.as_of
    if as_of is None:
        return None
    months = pd.DataFrame({"month": whole_months(warehouse), "complete": True})
    return naive_gap(warehouse, months, as_of, Filters(), sales=_sales(params))


def _joining(claim: Claim) -> dict[str, Estimate]:
    return {} if claim.joining is None else {"joining_month": claim.joining}


def _times(estimate: Estimate, rate: float) -> Estimate:
    return replace(estimate, value=estimate.value * rate, low=estimate.low * rate, high=estimate.high * rate)


def _scaled(name: str, table: pd.DataFrame, rate: float) -> pd.DataFrame:
    columns = [column for column in MONEY.get(name, ()) if column in table]
    return table if rate == 1 or not columns else table.assign(**{column: table[column] * rate for column in columns})


# --- tables


def _tables(kept: Fitted, found: _Found) -> dict[str, pd.DataFrame]:
    """Those of the designs under their own names; the chosen design's groups under the study's."""
    own = {name: table for name, table in kept.tables.items() if name not in GROUPS.values()}
    groups = GROUPS.get(found.chosen.design, "") if found.chosen else ""
    return {
        "designs": _designs(found),
        "checks": _checks(found),
        **({"groups": kept.tables[groups]} if groups in kept.tables else {}),
        **own,
    }


def _designs(found: _Found) -> pd.DataFrame:
    return pd.DataFrame([_design(attempt, found) for attempt in found.attempts])


def _design(attempt: Attempt, found: _Found) -> dict[str, Any]:
    claim, said = attempt.claim, _about(attempt)
    told: dict[str, Any] = {
        "design": attempt.design,
        "grade": "D",
        **dict.fromkeys(("effect", "low", "high")),
        "n": 0,
        "treated": 0,
        "controls": 0,
        "brought": None,
    }
    told |= {"first": None, "last": None, "chosen": claim is not None and claim is found.chosen}
    if claim is not None:
        effect = _times(claim.effect, found.rate)
        told |= {"grade": claim.grade, "n": effect.n, "treated": claim.treated, "controls": claim.controls}
        told |= {"first": pd.Timestamp(claim.first), "last": pd.Timestamp(claim.last)}
        told |= {"brought": None if claim.brought is None else claim.brought * found.rate}
        told |= {"effect": effect.value, "low": effect.low, "high": effect.high} if claim.grade != "D" else {}
    return {**told, "told": said.key, "facts": json.dumps(dict(said.facts), default=str, ensure_ascii=False)}


def _about(attempt: Attempt) -> Note:
    """What is to be said of a design: what it lacks, what holds its grade down, or that nothing does."""
    return lacking_told(attempt) if attempt.claim is None else _reason(attempt.claim)


def reasons(result: Result) -> list[Note]:
    """The sentence about each row of `designs`."""
    designs = result.tables["designs"]
    return [Note(key=key, facts=_dated(json.loads(facts))) for key, facts in zip(designs["told"], designs["facts"], strict=True)]


def _checks(found: _Found) -> pd.DataFrame:
    rows = []
    for claim in (attempt.claim for attempt in found.attempts if attempt.claim is not None):
        held, made = lowering(claim.design, claim.checks), {check.key: check for check in claim.checks}
        for key in CHECKS[claim.design]:
            check = made.get(key)
            told = {"passed": check.passed, "value": check.value, "bound": check.bound, "n": check.n} if check else {"passed": None, "n": 0}
            rows.append({"design": claim.design, "check": key, "value": None, "bound": None, **told, "lowers": key in held})
    return pd.DataFrame(rows)


def _overlapping(warehouse: Warehouse, claim: Claim | None) -> pd.DataFrame:
    """What else happened within the window that the answer speaks of."""
    if "events" not in warehouse.present():
        return pd.DataFrame()
    told = events(warehouse)
    if claim is None:
        return told
    return told[told["date"].between(pd.Timestamp(claim.first), pd.Timestamp(claim.last))].reset_index(drop=True)


# --- words


def _money(found: _Found) -> Note:
    """What kind of money is told of."""
    if found.rate != 1:
        return Note(key="effect.money.assumed", facts={"rate": f"{100 * found.rate:.0f}"})
    return Note(key=f"effect.money.{found.measure}")


def _verdict(found: _Found, claim: Claim) -> Note:
    """One sentence: what it causes, by which design, with the grade; or that nothing can be shown."""
    effect = _times(claim.effect, found.rate)
    ends = {"low": replace(effect, value=effect.low), "high": replace(effect, value=effect.high)}
    facts = {
        "effect": effect,
        **ends,
        "money": _money(found),
        "subject": _subject(found, claim),
        "n": claim.treated,
        "design": Note(key=f"effect.designs.{claim.design}.name"),
        "reason": _reason(claim),
    }
    local = "_local" if claim.design == "threshold" else ""
    return Note(key=f"effect.verdict.{claim.grade}.{_way(effect)}{local}", facts=facts)


def _subject(found: _Found, claim: Claim) -> Note:
    """What is claimed to cause it: the programme, or, where nothing ties it to a programme, what an experiment tried."""
    facts = found.facts
    foreign = claim.design == "experiment" and _of_some_test(facts)
    return Note(key="effect.subject.test", facts={"experiment": facts["experiment"]}) if foreign else Note(key="effect.subject.programme")


def _of_some_test(facts: Mapping[str, Any]) -> bool:
    """Whether a lot was an experiment that neither its name nor anybody's membership ties to a programme."""
    return facts["source"] == "experiment" and facts["joined_anyway"] is None and not facts["experiment"].startswith(OURS)


def subject(result: Result) -> str:
    """The experiment whose effect it is, "" where it is the programme's."""
    found = result.verdict.facts.get("subject")
    return str(found.facts["experiment"]) if isinstance(found, Note) and "experiment" in found.facts else ""


def _way(effect: Estimate) -> str:
    return "up" if effect.low > 0 else "down" if effect.high < 0 else "none"


def way(result: Result) -> str:
    """Which sentence the answer asks for: refused, range (sensitive), or the way in which the effect goes (up, down, none)."""
    if result.refused is not None:
        return "refused"
    return "range" if result.grade == "C" else _way(result.estimates["effect"])


def _reason(claim: Claim) -> Note:
    """What holds the grade down, in words; nothing where nothing does."""
    held = lowering(claim.design, claim.checks)
    return check_told(claim, held[0]) if held else Note(key="effect.nothing_lowers")


def check_told(claim: Claim, key: str) -> Note:
    """A check's outcome as a sentence."""
    check = next((check for check in claim.checks if check.key == key), None)
    outcome = "unknown" if check is None or check.passed is None else "passed" if check.passed else "failed"
    facts = {name: _plain(None if check is None else getattr(check, name)) for name in ("value", "bound")}
    return Note(key=f"effect.checks.{claim.design}.{key}.{outcome}", facts=facts)


def _plain(value: float | None) -> str:
    if value is None:
        return "–"
    return "<0.001" if 0 < value < TINY else f"{value:.3g}"


def _refused(found: _Found, flag: Mapping[str, Any], naive: Mapping[str, Estimate], tables: Mapping[str, pd.DataFrame]) -> Result:
    reason = refusal(found.attempts)
    return Result(
        study=STUDY.id,
        verdict=Note(key="effect.verdict.D", facts={"reason": reason}),
        estimates={name: _times(estimate, found.rate) for name, estimate in naive.items()},
        tables=tables,
        warnings=(Note(key="effect.next", facts=dict(flag)),) if flag.get("customers") else (),
        grade="D",
        refused=Note(key="effect.verdict.D", facts={"reason": reason}),
    )


def _without_money(found: _Found) -> Result:
    """Nothing can be said in money; nor, where the reason is a graver one, would money help."""
    graver = next((attempt for attempt in found.attempts if attempt.lacking in TELLING), None)
    reason = Note(key="effect.refused.no_money") if graver is None else lacking_told(graver)
    verdict = Note(key="effect.verdict.D", facts={"reason": reason})
    return Result(study=STUDY.id, verdict=verdict, refused=verdict, tables={"designs": _designs(found)}, grade="D")


def refusal(attempts: Sequence[Attempt]) -> Note:
    """The most telling reason: a check that forbids a claim, a lot that cannot be read, an offer nobody can be compared with, or what
    staggered enrolment lacks."""
    barred = next((attempt.claim for attempt in attempts if attempt.claim is not None), None)
    if barred is not None:
        return check_told(barred, lowering(barred.design, barred.checks)[0])
    lacking = {attempt.design: attempt for attempt in attempts if attempt.lacking}
    first = next((attempt for attempt in lacking.values() if attempt.lacking in TELLING), lacking["staggered"])
    return lacking_told(first)


TELLING = ("sample_ratio", "no_control", "few", "too_early", "no_overlap_offer")


def lacking_told(attempt: Attempt) -> Note:
    """Why the data cannot support a design, as a sentence."""
    return Note(key=f"effect.lacking.{attempt.design}.{attempt.lacking}", facts=_dated(attempt.facts))


def _dated(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Days, which are kept as text, as days again."""
    return {name: date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else value for name, value in facts.items()}


def _warnings(found: _Found, claim: Claim, tables: Mapping[str, pd.DataFrame]) -> list[Note]:
    notes = []
    if found.rate != 1:
        notes.append(Note(key="effect.warnings.assumed", facts={"rate": f"{100 * found.rate:.0f}"}))
    elif found.measure == "net_sales":
        notes.append(Note(key="effect.warnings.net_sales"))
    if claim.design == "experiment":
        notes += _of_the_lot(found.facts)
    if claim.design == "staggered":
        facts = found.facts
        notes.append(Note(key="effect.warnings.followed", facts={"followed": claim.treated, "joined": facts["joined"]}))
        if facts["customers"] < facts["total"]:
            notes.append(Note(key="effect.warnings.sampled", facts={"n": facts["customers"], "total": facts["total"]}))
        if facts["undated"]:
            notes.append(Note(key="effect.warnings.undated", facts={"n": facts["undated"]}))
    if "events" in tables:
        named = " · ".join(tables["events"]["text"].astype(str))
        notes.append(Note(key="effect.warnings.events", facts={"n": len(tables["events"]), "list": named}))
    return notes


def _of_the_lot(facts: Mapping[str, Any]) -> list[Note]:
    """What a reader must know of the lot: whose it is, since when it counts, who did not as it said."""
    notes, joined, never = [], facts["joined_anyway"], facts["never_joined"]
    if _of_some_test(facts):
        notes.append(Note(key="effect.warnings.some_test", facts={"experiment": facts["experiment"]}))
    if facts["from"] == "data":
        notes.append(Note(key="effect.warnings.since_data", facts=_dated({"first": facts["first"]})))
    if len(facts["arms"]) > 1:
        notes.append(Note(key="effect.warnings.together", facts={"n": len(facts["arms"]), "arms": ", ".join(facts["arms"])}))
    if joined is not None and max(joined, never) >= ASTRAY:
        notes.append(Note(key="effect.warnings.diluted", facts={"joined": f"{100 * joined:.0f}", "never": f"{100 * never:.0f}"}))
    return notes


def _fits(params: Any) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    return ((EFFECT, {"sales": _sales(params)}),)


STUDY = Study(
    id="effect",
    group="programme",
    any_of=((Need(table="transactions", columns=("customer_id", "occurred_at")),),),
    params=Params,
    run=run,
    figures=draw,
    fits=_fits,
    graded=True,
)
