"""How do members move between tiers: between two days, how fast, who is about to, and what they spend around it?

Tables of the answer
    matrix     from, to (tiers from the lowest; new: not a member on the first day, left: not on the second), n, of, share, low, high
               (Wilson, a cell), shown (False for a small cell)
    rates      tier, way (up, same, down, out), n, of, share, low, high, shown
    stays      tier, days, survival, low, high, at_risk: Kaplan-Meier of the time in a tier
    times      tier, spells, ended, unseen (beginning before the data: left out), days (median), low, high
    near       tier, next, threshold, members, n, share, low, high, lacks (median); came, came_low, came_high, came_n: of those as near
               before the last review, the share that it lifted
    below      tier, threshold (its own), members, n, share, low, high, lacks, and came ... as above: the share that it dropped
    events     way, month (0 is that of the change), n, mean (spend a member), low, high, expected, expected_low, expected_high: what
               members with the same past whose tier stayed go on to spend
    customers  `list_size` of those near the next tier or below their own: customer_id, tier, position, metric, threshold, lacks, last_on
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.errors import UserError
from analytics.models import transitions
from analytics.results import Estimate, Note, Result, Unit, exact, wilson
from analytics.studies import migration_near as thresholds
from analytics.studies import migration_times as times
from analytics.studies.base import Need, Study
from analytics.studies.migration_events import around
from analytics.studies.migration_figures import draw
from analytics.studies.migration_sql import BETWEEN, HELD, LAST, SPELLS, STATES
from analytics.studies.migration_sql import SPEND as SPEND  # shown with the other queries
from analytics.studies.tier_order import tiers_in_order
from analytics.studies.tier_rules import STANDING as STANDING
from analytics.studies.tier_rules import Rules, rules
from analytics.warehouse import Warehouse

if TYPE_CHECKING:
    from analytics.i18n import Words

LEFT, NEW = "left", "new"
RATES = {"up": "upgrade_rate", "down": "downgrade_rate", "same": "stayed", "out": "leave_rate"}
PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "moves": (("matrix", "rates"), (*RATES.values(), "joined")),
    "time": (("stays", "times"), ("first_upgrade", "upgraded_in_year")),
    "thresholds": (("near", "below"), ("near", "below", "rose_from_near", "fell_from_below")),
    "spend": (
        ("events",),
        (
            "after_upgrade",
            "expected_by_mean_reversion",
            "beyond_upgrade",
            "after_downgrade",
            "expected_after_downgrade",
            "beyond_downgrade",
        ),
    ),
}


def _month_ends(warehouse: Warehouse, chosen: Mapping[str, Any], words: Words) -> dict[str, str]:
    """The month ends between the first tier on file and the as-of day, the latest first."""
    first = warehouse.value(f"select first from ({HELD})")
    if first is None or warehouse.as_of is None:
        return {}
    ends = pd.date_range(pd.Timestamp(str(first)), pd.Timestamp(warehouse.as_of), freq="ME")[::-1]
    return {f"{end:%Y-%m-%d}": words.day(end.date()) for end in ends}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """start, end: days compared (YYYY-MM-DD), twelve months up to the as-of day when empty; within: how close below a threshold is near;
    list_size: customers listed."""

    start: str = field(default="", metadata={"options": _month_ends})
    end: str = field(default="", metadata={"options": _month_ends})
    within: float = field(default=0.10, metadata={"min": 0.01, "max": 0.9, "step": 0.01})
    list_size: int = field(default=100, metadata={"min": 0, "max": 100_000, "step": 50})


def run(warehouse: Warehouse, params: Params) -> Result:
    """Movements between the days, times, thresholds, and spend around changes."""
    tiers, first = tiers_in_order(warehouse), warehouse.value(f"select first from ({HELD})")
    if warehouse.as_of is None or first is None:
        return _refused("undated")
    start, finish = _days(pd.Timestamp(str(first)).date(), warehouse.as_of, params)
    states = warehouse.frame(STATES, start=start, finish=finish)
    if len(tiers) == 1:
        return _refused("one_tier", tier=tiers[0])
    if not tiers or not states["start_tier"].notna().any():
        return _refused("nobody", day=start)
    begin, end = (_codes(states[name], tiers) for name in ("start_tier", "end_tier"))
    spells, by = warehouse.frame(SPELLS), rules(warehouse)
    told, estimates = _moves(begin, end, tiers, warehouse.access.min_cell)
    told |= {"stays": times.curves(spells, tiers), "times": times.medians(spells, tiers)}
    estimates |= times.first_rise(spells, tiers)
    if isinstance(by, Rules):
        close, shares = _close(warehouse, by, params)
        told, estimates = told | close, estimates | shares
    told["events"], changes = around(warehouse, spells, tiers)
    estimates |= changes
    between = int(str(warehouse.value(BETWEEN, start=start, finish=finish)))
    return Result(
        study=STUDY.id,
        verdict=_verdict(estimates, start, finish, len(begin[begin >= 0])),
        estimates=estimates,
        tables={name: table for name, table in told.items() if len(table)},
        warnings=_warnings(by, told, spells, between),
    )


def _refused(why: str, **facts: Any) -> Result:
    lacking = Note(key=f"migration.refused.{why}", facts=facts)
    return Result(study=STUDY.id, verdict=lacking, refused=lacking)


def _days(first: date, last: date, params: Params) -> tuple[date, date]:
    """The two days asked for, else the as-of day and twelve months before it, or the first day with tiers.

    Raises  UserError bad_param
    """
    finish = _day("end", params.end, first, last) if params.end else last
    usual = max(first, (pd.Timestamp(finish) - pd.DateOffset(years=1)).date())
    start = _day("start", params.start, first, finish) if params.start else usual
    if start >= finish and params.start:
        raise UserError("bad_param", study=STUDY.id, name="start", value=params.start, allowed=f"{first} ... < {finish}")
    return start, finish


def _day(name: str, text: str, first: date, last: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not first <= day <= last:
        raise UserError("bad_param", study=STUDY.id, name=name, value=text, allowed=f"{first} ... {last}")
    return day


def _codes(tier: pd.Series, tiers: tuple[str, ...]) -> np.ndarray:
    return np.asarray(pd.Categorical(tier, categories=tiers).codes, np.int64)


def _moves(start: np.ndarray, end: np.ndarray, tiers: tuple[str, ...], least: int) -> tuple[dict[str, pd.DataFrame], dict[str, Estimate]]:
    found = transitions.matrix(start, end, len(tiers))
    named = {"from": dict(enumerate(tiers)) | {transitions.OUTSIDE: NEW}, "to": dict(enumerate(tiers)) | {transitions.OUTSIDE: LEFT}}
    matrix = found.assign(
        **{side: found[side].map(names) for side, names in named.items()}, shown=(found["n"] == 0) | (found["n"] >= least)
    )
    rates = transitions.rates(start, end, len(tiers))
    joined = exact(int((start == transitions.OUTSIDE).sum()), unit=Unit.COUNT, n=len(start))
    estimates = {name: rates[way] for way, name in RATES.items() if way in rates} | {"joined": joined}
    return {"matrix": matrix, "rates": _rates(start, end, tiers, least)}, estimates


def _rates(start: np.ndarray, end: np.ndarray, tiers: tuple[str, ...], least: int) -> pd.DataFrame:
    """What became of the members of each tier."""
    rows = []
    for at, tier in enumerate(tiers):
        went = transitions.way(start, end)[start == at]
        for way in transitions.WAYS if len(went) else ():
            hits = int((went == way).sum())
            share = wilson(hits, len(went))
            told = {"tier": tier, "way": way, "n": hits, "of": len(went), "share": share.value, "low": share.low, "high": share.high}
            rows.append({**told, "shown": hits == 0 or hits >= least})
    return pd.DataFrame(rows)


def _close(warehouse: Warehouse, by: Rules, params: Params) -> tuple[dict[str, pd.DataFrame], dict[str, Estimate]]:
    """Who is near the next tier or below the own one, and what came of those who were so before."""
    now, then = thresholds.positions(warehouse, by, params.within), thresholds.last_time(warehouse, by, params.within)
    if now.empty:
        return {}, {}
    tables = {"near": thresholds.near(now, then, by), "below": thresholds.below(now, then, by)}
    tables["customers"] = _listed(warehouse, now).head(params.list_size)
    able = {"near": now["place"] < len(by.names) - 1, "below": now["place"] > 0}
    estimates = {name: wilson(int(now[name].sum()), int(here.sum())) for name, here in able.items() if here.any()}
    if then is not None:
        came = {"rose_from_near": then.loc[then["near"], "rose"], "fell_from_below": then.loc[then["below"], "fell"]}
        estimates |= {name: wilson(int(moved.sum()), len(moved)) for name, moved in came.items() if len(moved)}
    return tables, estimates


def _listed(warehouse: Warehouse, now: pd.DataFrame) -> pd.DataFrame:
    """Those below their own tier, who lack most first, then those nearest to the next."""
    below = now[now["below"]].assign(position="below", threshold=now["own"], lacks=now["short"]).sort_values("lacks", ascending=False)
    near = now[now["near"]].assign(position="near").sort_values("lacks")
    listed = pd.concat([near, below], ignore_index=True).merge(warehouse.frame(LAST), on="customer_id", how="left")
    return listed[["customer_id", "tier", "position", "metric", "threshold", "lacks", "last_on"]]


def members(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every customer near the next tier or below the own one: columns as in the table `customers`."""
    by = rules(warehouse)
    return _listed(warehouse, thresholds.positions(warehouse, by, params.within)) if isinstance(by, Rules) else pd.DataFrame()


def parts(result: Result) -> dict[str, Result]:
    """The answer in its parts, each with its own figures: moves, time, thresholds, spend; only those that it has."""
    about = {name: [note for note in result.warnings if note.key.startswith(f"migration.warnings.{name}.")] for name in PARTS}
    every = {name: result.part(tables=tables, estimates=estimates, warnings=about[name]) for name, (tables, estimates) in PARTS.items()}
    return {name: part for name, part in every.items() if part.tables or part.warnings}


def _verdict(estimates: Mapping[str, Estimate], start: date, finish: date, n: int) -> Note:
    """How many moved, and whether more rose than fell."""
    facts: dict[str, Any] = {"start": start, "finish": finish, "n": n}
    facts |= {way: estimates[name] for way, name in RATES.items() if name in estimates}
    if not {"up", "down"} <= facts.keys():
        return Note(key="migration.verdict.one_way", facts=facts)
    rose, fell = (round(facts[way].value * facts[way].n) for way in ("up", "down"))
    risen = wilson(rose, rose + fell) if rose + fell else None  # rates have denominators of their own: heads tell which are more
    kind = "even" if risen is None else "up" if risen.low > 0.5 else "down" if risen.high < 0.5 else "even"
    facts |= {"rose": rose, "fell": fell}
    return Note(key=f"migration.verdict.{kind}", facts=facts)


def _warnings(by: Rules | Note, told: Mapping[str, pd.DataFrame], spells: pd.DataFrame, between: int) -> tuple[Note, ...]:
    """What a reader must know before believing the numbers; the second part of a key is the part of the answer it is about."""
    notes = [Note(key="migration.warnings.moves.between", facts={"n": between})] if between else []
    if unseen := int((~spells["known"]).sum()):
        notes.append(Note(key="migration.warnings.time.unseen", facts={"n": unseen, "total": len(spells)}))
    if isinstance(by, Note):
        notes.append(Note(key="migration.warnings.thresholds.rules", facts={"why": by}))
    elif "near" in told and not (told["near"]["came_n"].sum() or told["below"]["came_n"].sum()):
        notes.append(Note(key="migration.warnings.thresholds.no_review"))
    notes.append(Note(key=f"migration.warnings.spend.{'no_cause' if len(told['events']) else 'short'}"))
    return tuple(notes)


STUDY = Study(
    id="migration",
    group="tiers",
    any_of=((Need(table="tiers", columns=("customer_id", "tier", "valid_from")),),),
    params=Params,
    run=run,
    figures=draw,
)
