"""What is true of the demo programme beside what each way of asking made of it: which one fails when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.results import Estimate, Result
from analytics.studies.campaigns_data import contrasts, tested
from analytics.studies.experiments_data import Measure

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

SWITCHES = (
    "hidden_confounding",
    "selection",
    "joining_burst",
    "programme_effect",
)  # those of data/programme/truth.py that a workshop plays with
LOCAL = frozenset({"threshold"})  # speaks of those near it only: another question than the one the truth answers
JOINED = "enrolled_in_window"  # of whom the truth is told, and of whom a design speaks where it speaks of a part of them
OF = {"staggered": "enrolled_with_history"}
RANDOM = frozenset({"experiment", "campaign"})  # a lot leaves nothing hidden
COLUMNS = ("method", "truth", "effect", "low", "high", "grade", "outcome", "why")


def campaign(warehouse: Warehouse, known: Mapping[str, Any], measure: Measure) -> Estimate | None:
    """What the demo's randomised campaign brought a customer drawn for it, as the study `campaigns` reads it."""
    begins = known["realised"]["campaign"]["window"][0]
    lots = [one.lot for one in tested(warehouse, measure) if one.lot is not None and one.lot.first.isoformat() == begins]
    return contrasts(lots[0], measure)["money"].effect if lots else None


def beside(result: Result, known: Mapping[str, Any], *, rate: float = 1.0, drawn: Estimate | None = None) -> pd.DataFrame:
    """The answer of the study `effect` on the demo, held against its truth.

    known    what demo.truth tells; rate: margin of net sales that the answer assumes, 1 where it assumes none; drawn: what `campaign` tells
    Returns  method (a design that the data supports, naive_gap, joining_month, campaign), truth (None where it answers another question),
             effect, low, high, grade ("" of what is no claim), outcome (hit, miss, warned: a miss that its grade foretold, refused, other),
             why: a key of its sentence
    """
    measure = measure_of(result)
    groups = {name: told[measure] * rate for name, told in known["realised"]["programme"]["groups"].items()}
    joining = known["realised"]["joining_month"]
    burst = joining[measure] / max(joining["enrolled_in_window"], 1) * rate
    estimates = result.estimates
    rows = [_apart("naive_gap", estimates.get("naive_gap"), groups[JOINED]), *(_design(row, groups) for row in _tried(result))]
    rows.append(_apart("joining_month", estimates.get("joining_month"), burst))
    rows.append(_apart("campaign", drawn, known["realised"]["campaign"][f"{measure}_per_assigned"]))
    told = [{**row, "why": _why(row, known["switches"])} for row in rows if row is not None]
    return pd.DataFrame(told, columns=list(COLUMNS))


def switched(known: Mapping[str, Any]) -> tuple[str, ...]:
    """What of SWITCHES is not as the demo usually has it."""
    return tuple(name for name in SWITCHES if bool(known["switches"].get(name, True)) != usual(name))


def usual(switch: str) -> bool:
    return switch != "hidden_confounding"


def measure_of(result: Result) -> Measure:
    """The money that the answer speaks of."""
    gap = result.tables.get("gap")
    return "net_sales" if gap is not None and len(gap) and gap["measure"].iloc[0] == "net_sales" else "margin"


def _tried(result: Result) -> list[dict[Any, Any]]:
    """Designs that the data supports, whatever they said."""
    designs = result.tables.get("designs")
    return [] if designs is None else [dict(row) for row in designs.query("treated > 0").to_dict("records")]


def _design(row: Mapping[str, Any], groups: Mapping[str, float]) -> dict[str, Any]:
    truth = groups.get(OF.get(row["design"], JOINED), groups[JOINED])  # a demo of an earlier release does not tell of every group
    numbers = {name: row[name] for name in ("effect", "low", "high")}
    local = row["design"] in LOCAL
    outcome = _outcome(numbers, truth, warned=row["grade"] in ("C", "D"))
    outcome = "other" if local and outcome != "refused" else outcome
    return {"method": row["design"], "truth": None if local else truth, **numbers, "grade": row["grade"], "outcome": outcome}


def _apart(name: str, told: Estimate | None, truth: float) -> dict[str, Any] | None:
    """An estimate that is no claim of the programme's effect."""
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
    return f"{method}.hidden" if switches["hidden_confounding"] and method not in RANDOM else "chance"
