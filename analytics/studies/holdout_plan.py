"""The test as it is asked for: parameters, design, and why there is none where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from analytics.errors import UserError
from analytics.fits import kept
from analytics.results import Note, Unit, exact
from analytics.studies import holdout_data as data
from analytics.studies.base import Filters

if TYPE_CHECKING:
    from analytics.fits import Fit
    from analytics.models.power import Plan, Spread
    from analytics.results import Estimate
    from analytics.warehouse import Warehouse

LEAST = 60  # customers below which no test is designed
TENTH = 0.1  # of what customers bring: the effect to detect when none is asked for
LONGEST = max(data.GRID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """plan: what is withheld; who: `fitting` are those who are not members yet for a programme, everyone for a campaign; effect: to
    detect, 0 is a tenth of what customers bring; active_days: who bought within them can be drawn; starts_on: ISO, else the month after
    the data; running: customers who stand in another test; list_size: customers listed."""

    plan: Literal["programme", "campaign"] = "programme"
    outcome: Literal["money", "buyers"] = "money"
    who: Literal["fitting", "not_members", "members", "new", "everyone"] = "fitting"
    running: Literal["leave_out", "keep"] = "leave_out"
    effect: float = field(default=0.0, metadata={"min": 0.0, "max": 1e9, "step": 0.1})
    share: float = field(default=0.1, metadata={"min": 0.01, "max": 0.9, "step": 0.01})
    months: int = field(default=6, metadata={"min": 1, "max": LONGEST, "step": 1})
    power: float = field(default=0.8, metadata={"min": 0.5, "max": 0.99, "step": 0.05})
    level: float = field(default=0.05, metadata={"min": 0.001, "max": 0.2, "step": 0.01})
    active_days: int = field(default=90, metadata={"min": 1, "max": 3650, "step": 30, "preset": "active_days"})
    starts_on: str = ""
    seed: int = field(default=1, metadata={"min": 0, "max": 1_000_000, "step": 1})
    list_size: int = field(default=100, metadata={"min": 0, "max": 100_000, "step": 50})
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A test that can be held: its lot, the spread for its length, the effect to detect and where that is from; known_effect: what this
    data already says of the programme's, per treated customer and month."""

    asked: data.Asked
    lot: data.Lot
    spreads: Mapping[int, Spread]
    plan: Plan
    months: int
    effect: float
    basis: str
    known_effect: Estimate | None = None

    @property
    def n(self) -> int:
        return len(self.lot.people)

    @property
    def known(self) -> Spread:
        return spread_for(self.spreads, self.months)

    @property
    def unit(self) -> Unit:
        return Unit.MONEY if self.asked.money else Unit.SHARE


def design(warehouse: Warehouse, params: Params) -> Design | Note:
    """The test as asked for, or why there is none."""
    from analytics.models.power import Plan

    _checked(params)
    told = data.asked(warehouse, params)
    spreads = data.spreads(warehouse, params, told)
    if not spreads:
        return Note(key="holdout.refused.short")
    lot = data.lot(warehouse, params, told)
    if (n := len(lot.people)) < LEAST:
        key = "taken" if n + lot.taken >= LEAST else "few"
        return Note(key=f"holdout.refused.{key}", facts={"n": n, "least": LEAST, "taken": lot.taken, "tests": ", ".join(lot.running[:3])})
    if not spread_for(spreads, params.months).left > 0:
        return Note(key="holdout.refused.flat", facts={"n": n})
    plan = Plan(share=params.share, power=params.power, level=params.level)
    effect, basis = _effect(spread_for(spreads, params.months), params)
    found = Design(
        asked=told,
        lot=lot,
        spreads=spreads,
        plan=plan,
        months=params.months,
        effect=effect,
        basis=basis,
        known_effect=_known_effect(warehouse) if params.plan == "programme" and told.money else None,
    )
    return (_hopeless(found) if basis == "asked" else None) or found  # a tenth is our guess: no reason to refuse the rest


def spread_for(spreads: Mapping[int, Spread], months: int) -> Spread:
    """The outcome's spread over so many months; of the longest window measured where they are more: means of longer ones spread no more."""
    return spreads[months if months in spreads else max(spreads)]


def _checked(params: Params) -> None:
    try:
        date.fromisoformat(params.starts_on or "2000-01-01")
    except ValueError as error:
        raise UserError("bad_param", study="holdout", name="starts_on", value=params.starts_on, allowed="YYYY-MM-DD") from error


def _effect(known: Spread, params: Params) -> tuple[float, str]:
    return (params.effect, "asked") if params.effect > 0 else (TENTH * abs(known.mean), "tenth")


def effect_fits() -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    """What the study `effect` reads. Imported here: that study names the test to run, and so imports this one."""
    from analytics.studies.effect import STUDY as EFFECT

    return EFFECT.fits(EFFECT.params())


def _known_effect(warehouse: Warehouse) -> Estimate | None:
    """The effect this data tells of already, where it was worked out and its grade allows to reckon with it."""
    from analytics.studies.effect import STUDY as EFFECT

    if not all(kept(warehouse, fit, **asked) for fit, asked in effect_fits()):
        return None
    told = EFFECT.run(warehouse, EFFECT.params())
    return told.estimates.get("effect") if told.grade in ("A", "B") else None


def least_shown(found: Design) -> float:
    """The least effect that half of everybody, withheld for the longest time looked at, shows."""
    from analytics.models.power import detectable

    half = replace(found.plan, share=0.5)
    return min(detectable(spread_for(found.spreads, months), found.n, half) for months in data.GRID)


def _hopeless(found: Design) -> Note | None:
    """The refusal when no size of the data shows the effect."""
    best = least_shown(found)
    if best <= found.effect:
        return None
    facts = {"n": found.n, "months": LONGEST, "least": worth(found, best), "effect": worth(found, found.effect)}
    return Note(key=f"holdout.refused.too_small.{'money' if found.asked.money else 'buyers'}", facts=facts)


def worth(found: Design, value: float) -> Estimate:
    return exact(value, unit=found.unit, n=found.n)
