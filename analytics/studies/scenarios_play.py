"""The programme lived again under a setting of the levers: what moves, all at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analytics.models import levers as model
from analytics.models import tier_moves
from analytics.models.economics import Outcome, evaluate
from analytics.results import Estimate, Note, Unit, exact
from analytics.studies.economics import returns
from analytics.studies.scenarios_inputs import Inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from analytics.models.levers import Levers, Moved
    from analytics.models.tier_moves import Members

RETURNS = ("roi", "npv", "probability", "payback")  # of the estimates of `economics`, those that are set against today's


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a setting comes to.

    outcome   None where no return can be told
    costs     kind -> money a month
    moved     what members in other tiers do to points and benefits
    generous  what members are given, against now
    tiers     members in the tiers of this setting; None without tiers
    ratios    benefit ratio by tier, None where it cannot be told
    """

    outcome: Outcome | None
    costs: Mapping[str, np.ndarray]
    moved: Moved
    generous: float
    tiers: Members | None
    ratios: tuple[Estimate | None, ...]
    estimates: Mapping[str, Estimate]


def play(found: Inputs, levers: Levers, seed: int) -> Played:
    """Live the months again."""
    tiers = None if found.tiers is None else tier_moves.standing(found.tiers.members, found.tiers.ladder, levers.thresholds)
    moved = _moved(found, tiers)
    generous = model.generosity(found.given, levers, moved)
    outcome = _outcome(found, levers, moved, generous, seed)
    costs = model.costs(dict(found.costs), levers, moved)
    return Played(
        outcome=outcome,
        costs=costs,
        moved=moved,
        generous=generous,
        tiers=tiers,
        ratios=_ratios(found, tiers, levers),
        estimates={**_returns(outcome), **_cost(found, costs), **_points(found, levers, moved), **_members(found, levers, moved)},
    )


def _moved(found: Inputs, tiers: Members | None) -> Moved:
    if tiers is None or found.tiers is None:
        return model.Moved()
    before = found.tiers.members
    points, benefits = (
        float(getattr(tiers, name).sum() / total) if (total := getattr(before, name).sum()) else 1.0 for name in ("points", "benefits")
    )
    return model.Moved(points=points, benefits=benefits)


def _outcome(found: Inputs, levers: Levers, moved: Moved, generous: float, seed: int) -> Outcome | None:
    if isinstance(found.found, Note) or found.found.case is None:
        return None
    return evaluate(model.applied(found.found.case, levers, moved, generous), seed=seed)


def _ratios(found: Inputs, tiers: Members | None, levers: Levers) -> tuple[Estimate | None, ...]:
    if tiers is None or found.tiers is None or found.worth is None:
        return ()
    return tuple(tier_moves.ratios(model.received(tiers, levers), found.worth, tiers=len(found.tiers.names)))


def _returns(outcome: Outcome | None) -> dict[str, Estimate]:
    """As the study `economics` tells them, and the effect that this setting reckons with."""
    if outcome is None:
        return {}
    told = returns(outcome)
    return {**{name: told[name] for name in RETURNS if name in told}, "effect": outcome.estimate("per_treated", Unit.MONEY)}


def _cost(found: Inputs, costs: Mapping[str, np.ndarray]) -> dict[str, Estimate]:
    """What the ledger says, in the proportion in which its months move: equal to the last digit where they do not."""
    if isinstance(found.found, Note):
        return {}
    before, after = (sum(float(amount.sum()) for amount in kinds.values()) for kinds in (found.costs, costs))
    told = float(found.found.ledger.programme()["amount"].sum())
    return {"cost": exact(told * (after / before if before else 1.0), unit=Unit.MONEY, n=len(found.found.months))}


def _points(found: Inputs, levers: Levers, moved: Moved) -> dict[str, Estimate]:
    """What is owed and outstanding, if points are redeemed as they are now."""
    if found.known is None:
        return {}
    factor, n = model.points_factor(levers, moved), 0 if found.standing is None else found.standing.members
    held = {"outstanding": exact(found.known.outstanding * factor, unit=Unit.POINTS, n=n)}
    owed = found.known.liability
    return held if owed is None else {"liability": replace(_times(owed, factor * levers.reward_cost), n=owed.n or n), **held}


def _members(found: Inputs, levers: Levers, moved: Moved) -> dict[str, Estimate]:
    """How many there are, and what each is given in a year, to the member's own value."""
    if found.standing is None:
        return {}
    n, worth = found.standing.members, found.worth
    counted = {"members": exact(round(n * levers.enrolment), unit=Unit.COUNT, n=n)}
    if worth is None:
        return counted
    points = found.standing.points * worth.face * levers.earn * moved.points / n
    benefits = found.standing.benefits * levers.benefits * moved.benefits / n
    value, low, high = (points * end + benefits for end in (worth.redeemed.value, worth.redeemed.low, worth.redeemed.high))
    if not value:
        return counted
    return {**counted, "given": Estimate(value=value, low=low, high=high, n=n, unit=Unit.MONEY, level=0.95 if low < high else 1.0)}


def _times(estimate: Estimate, factor: float) -> Estimate:
    return replace(estimate, **{end: getattr(estimate, end) * factor for end in ("value", "low", "high")})
