"""What is true of the demo programme beside what each way of asking made of it: which one fails when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.results import Estimate, Result

SWITCHES = (
    "hidden_confounding",
    "selection",
    "joining_burst",
    "programme_effect",
)  # those of data/programme/truth.py that a workshop plays with
LOCAL = frozenset({"threshold"})  # speaks of those near it only: another question than the one the truth answers
COLUMNS = ("method", "truth", "effect", "low", "high", "grade", "outcome", "why")


def beside(result: Result, known: Mapping[str, Any], *, rate: float = 1.0) -> pd.DataFrame:
    """The answer of the study `effect` on the demo, held against its truth.

    known    what demo.truth tells; rate: margin of net sales that the answer assumes, 1 where it assumes none
    Returns  method (a design that the data supports, naive_gap, joining_month), truth (None where it answers another question), effect,
             low, high, grade ("" of what is no claim), outcome (hit, miss, warned: a miss that its grade foretold, refused, other), why: a
             key of its sentence
    """
    measure = _measure(result)
    effect = known["realised"]["programme"]["groups"]["enrolled_in_window"][measure] * rate
    joining = known["realised"]["joining_month"]
    burst = joining[measure] / max(joining["enrolled_in_window"], 1) * rate
    rows = [_apart(result, "naive_gap", effect), *(_design(row, effect) for row in _tried(result)), _apart(result, "joining_month", burst)]
    told = [{**row, "why": _why(row, known["switches"])} for row in rows if row is not None]
    return pd.DataFrame(told, columns=list(COLUMNS))


def switched(known: Mapping[str, Any]) -> tuple[str, ...]:
    """What of SWITCHES is not as the demo usually has it."""
    return tuple(name for name in SWITCHES if bool(known["switches"].get(name, True)) != usual(name))


def usual(switch: str) -> bool:
    return switch != "hidden_confounding"


def _measure(result: Result) -> str:
    gap = result.tables.get("gap")
    return "margin" if gap is None or gap.empty else str(gap["measure"].iloc[0])


def _tried(result: Result) -> list[dict[Any, Any]]:
    """Designs that the data supports, whatever they said."""
    designs = result.tables.get("designs")
    return [] if designs is None else [dict(row) for row in designs.query("treated > 0").to_dict("records")]


def _design(row: Mapping[str, Any], truth: float) -> dict[str, Any]:
    numbers = {name: row[name] for name in ("effect", "low", "high")}
    local = row["design"] in LOCAL
    outcome = _outcome(numbers, truth, warned=row["grade"] in ("C", "D"))
    outcome = "other" if local and outcome != "refused" else outcome
    return {"method": row["design"], "truth": None if local else truth, **numbers, "grade": row["grade"], "outcome": outcome}


def _apart(result: Result, name: str, truth: float) -> dict[str, Any] | None:
    """An estimate that is no claim of an effect."""
    told: Estimate | None = result.estimates.get(name)
    if told is None:
        return None
    numbers = {"effect": told.value, "low": told.low, "high": told.high}
    return {"method": name, "truth": truth, **numbers, "grade": "", "outcome": _outcome(numbers, truth, warned=False)}


def _outcome(numbers: Mapping[str, Any], truth: float, *, warned: bool) -> str:
    if pd.isna(numbers["effect"]):
        return "refused"
    if numbers["low"] <= truth <= numbers["high"]:
        return "hit"
    return "warned" if warned else "miss"


def _why(row: Mapping[str, Any], switches: Mapping[str, bool]) -> str:
    """Which sentence tells why: a miss is laid to what is switched on, else to chance, as it is where a lot leaves nothing hidden."""
    method, outcome = row["method"], row["outcome"]
    if outcome == "refused":
        return "refused"
    if outcome not in ("miss", "warned"):
        return f"{method}.{outcome}"
    if method == "naive_gap":
        return "naive_gap.selection" if switches["selection"] else "chance"
    return f"{method}.hidden" if switches["hidden_confounding"] and method != "experiment" else "chance"
