"""The numbers of a scenario beside those of today, as small frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.results import Estimate, Note, Unit
from analytics.studies.scenarios_inputs import BUDGET, LEVERS, Inputs, Params

if TYPE_CHECKING:
    from analytics.models.economics import Outcome
    from analytics.studies.scenarios_play import Played

BINS = 30
ASSUMED: Mapping[str, Unit] = {  # what is set, and how it is written
    "discount": Unit.SHARE,
    "setup": Unit.MONEY,
    "cost_error": Unit.SHARE,
    "match": Unit.SHARE,
    "half_life": Unit.MONTHS,
    "response_low": Unit.RATIO,
    "response_high": Unit.RATIO,
}
RULES = ("habits", "new_members", "per_member", "unmoved", "movers", "thresholds")  # what is taken for granted, and cannot be set


def against(now: Played, then: Played) -> pd.DataFrame:
    """figure, unit, and value, low and high of each: now, as it is; then, in the scenario. Empty where it is not reached."""
    names = dict.fromkeys([*now.estimates, *then.estimates])
    return pd.DataFrame([_pair(name, now.estimates.get(name), then.estimates.get(name)) for name in names])


def _pair(name: str, now: Estimate | None, then: Estimate | None) -> dict[str, Any]:
    unit = next(one.unit for one in (then, now) if one is not None)
    return {"figure": name, "unit": unit, **_ends("now", now), **_ends("then", then)}


def _ends(name: str, told: Estimate | None) -> dict[str, float | None]:
    ends = (None,) * 3 if told is None else (told.value, told.low, told.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))


def changes(now: Played, then: Played) -> pd.DataFrame:
    """estimate, now, before, against (key of what it is compared with), as the cards read them: now is the scenario, before is today."""
    pairs = [(name, told.value, now.estimates[name].value) for name, told in then.estimates.items() if name in now.estimates]
    rows = [
        {"estimate": name, "now": value, "before": before, "against": "scenarios.against"}
        for name, value, before in pairs
        if _told(value, before)
    ]
    return pd.DataFrame(rows, columns=["estimate", "now", "before", "against"])


def _told(value: float, before: float) -> bool:
    return value != before and bool(np.isfinite([value, before]).all())


def tiers(found: Inputs, now: Played, then: Played, enrolment: float) -> pd.DataFrame:
    """tier, threshold and threshold_then (where the rules are known), members and members_then, ratio and ratio_then with low and high."""
    if found.tiers is None or now.tiers is None or then.tiers is None:
        return pd.DataFrame()
    k, thresholds = len(found.tiers.names), found.tiers.ladder.thresholds
    before, after = (np.bincount(one.tiers.tier, minlength=k) for one in (now, then) if one.tiers is not None)
    table = pd.DataFrame({"tier": found.tiers.names, "members": before, "members_then": np.rint(after * enrolment).astype(int)})
    if thresholds is not None:
        table = table.assign(threshold=thresholds)
    for name, played in (("ratio", now), ("ratio_then", then)):
        if played.ratios:
            ends = [(None,) * 3 if one is None else (one.value, one.low, one.high) for one in played.ratios]
            table[[name, f"{name}_low", f"{name}_high"]] = pd.DataFrame(ends, dtype=float)
    return table


def costs(now: Played, then: Played) -> pd.DataFrame:
    """kind, now, then: money over the window."""
    return pd.DataFrame([{"kind": kind, "now": float(now.costs[kind].sum()), "then": float(then.costs[kind].sum())} for kind in now.costs])


def cumulative(months: pd.DatetimeIndex, now: Outcome, then: Outcome) -> pd.DataFrame:
    """month; net margin so far with low and high: now, then."""
    table = pd.DataFrame({"month": months})
    for name, outcome in (("now", now), ("then", then)):
        low, high = np.quantile(outcome.cumulative[1:], [0.025, 0.975], axis=0)
        table = table.assign(**{name: outcome.cumulative[0], f"{name}_low": low, f"{name}_high": high})
    return table


def distribution(now: Outcome, then: Outcome) -> pd.DataFrame:
    """roi (middle of a bin), share of the draws of now and of then that fall into it; the outermost half per cents left out."""
    draws = [outcome.roi[1:] for outcome in (now, then)]
    low, high = (float(np.quantile(np.concatenate(draws), at)) for at in (0.005, 0.995))
    edges = np.linspace(low, high if high > low else low + 1e-6, BINS + 1)
    shares = [np.histogram(part, edges)[0] / len(part) for part in draws]
    return pd.DataFrame({"roi": (edges[:-1] + edges[1:]) / 2, "now": shares[0], "then": shares[1]})


def levers(found: Inputs, params: Params) -> pd.DataFrame:
    """lever, setting, usual, now and then (what it stands for in this data, where it stands for something), unit, locked (why: a key)."""
    return pd.DataFrame([lever(name, found, getattr(params, name)) for name in LEVERS])


def lever(name: str, found: Inputs, setting: float) -> dict[str, Any]:
    """One row of `levers`."""
    (now, unit), why = _present(name, found), locked(name, found)
    then = None if now is None or why is not None else now * setting
    usual = getattr(Params(), name)
    return {"lever": name, "setting": setting, "usual": usual, "now": now, "then": then, "unit": unit, "locked": why.key if why else None}


def _present(name: str, found: Inputs) -> tuple[float | None, Unit | None]:
    """What a lever stands at today, where it stands for a number."""
    match name:
        case "earn":
            return _earning(found), Unit.RATIO
        case "reward_cost":
            cost = found.known.cost_per_point if found.known else None
            return None if cost is None else 100 * cost, Unit.MONEY
        case "benefits":
            return found.standing.benefits / found.standing.members or None if found.standing else None, Unit.MONEY
        case "enrolment":
            return found.standing.members if found.standing else None, Unit.COUNT
        case "budget" | "platform":
            return _monthly(found, name) or None, Unit.MONEY
        case _:
            return None, None


def locked(name: str, found: Inputs) -> Note | None:
    """Why this data cannot move a lever; None where it can."""
    match name:
        case "thresholds":
            return found.tiers.locked if found.tiers else _lacks("no_tiers")
        case "earn" | "reward_cost":
            return None if found.known else _lacks("no_points")
        case "benefits":
            return None if "benefits" in found.costs or _present(name, found)[0] else _lacks("no_benefits")
        case "enrolment":
            return None if found.standing else _lacks("no_members")
        case "budget" | "platform":
            return None if _monthly(found, name) else _lacks("no_costs")
        case _:
            return None if not isinstance(found.found, Note) and found.found.case is not None else _lacks("no_return")


def _lacks(what: str) -> Note:
    return Note(key=f"scenarios.locked.{what}")


def _earning(found: Inputs) -> float | None:
    """Points per unit of money, over all tiers."""
    if found.tiers is None or not found.tiers.ladder.earning.any():
        return None
    members = found.tiers.members
    spent = np.divide(members.points, found.tiers.ladder.earning[members.tier]).sum()
    return float(members.points.sum() / spent) if spent else None


def _monthly(found: Inputs, name: str) -> float:
    kinds = BUDGET if name == "budget" else (name,)
    return sum(float(found.costs[kind].mean()) for kind in kinds if kind in found.costs)


def assumptions(found: Inputs, params: Params) -> pd.DataFrame:
    """assumption, setting (a number, or none), usual, unit: everything that no data here tells, set or taken for granted."""
    usual = Params()
    returns, worth = locked("match", found) is None, found.tiers is not None and found.tiers.members.margin.any()
    rows = [_assumed("margin" if params.margin else "margin_known", params.margin or None, None, Unit.SHARE)] if returns or worth else []
    if returns:
        rows += [_assumed(f"carry_{params.carry}", None, None, None)]
        rows += [_assumed(name, getattr(params, name), getattr(usual, name), unit) for name, unit in ASSUMED.items()]
    return pd.DataFrame([*rows, *_of_points(found, params), *(_assumed(rule, None, None, None) for rule in RULES)])


def _of_points(found: Inputs, params: Params) -> list[dict[str, Any]]:
    """What a point is taken to be worth, to cost, and how many are redeemed: assumed, or as measured."""
    if found.known is None:
        return []
    asked = {"expected_redemption": Unit.SHARE, "value_per_point": Unit.MONEY, "cost_per_point": Unit.MONEY}
    rows = [_assumed(name, value, 0.0, unit) for name, unit in asked.items() if (value := getattr(params, name))]
    if found.worth is not None and not params.expected_redemption:
        rows.append(_assumed("redemption", found.worth.redeemed.value, None, Unit.SHARE))
    if found.worth is not None and not params.value_per_point:
        face = "face_value" if found.known.value_per_point else "face_at_cost"
        rows.append(_assumed(face, 100 * found.worth.face, None, Unit.MONEY))
    return rows


def _assumed(name: str, setting: float | None, usual: float | None, unit: Unit | None) -> dict[str, Any]:
    return {"assumption": name, "setting": setting, "usual": usual, "unit": unit}
