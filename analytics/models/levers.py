"""A programme under other settings: what becomes of its months, its points and its tiers.

The months of the case are lived again with every lever as it is set. Levers at their present values leave the case as it is, to the digit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analytics.models.economics import Case
from analytics.models.tier_moves import Members

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """What can be set. A factor of 1 is as it is now.

    earn         points per unit of money
    reward_cost  what a point that is redeemed costs the firm
    thresholds   thresholds of the tiers
    benefits     spent on benefits per member
    budget       communication, people and other costs
    platform     technology
    enrolment    members
    match        share of the effect lost to a competitor's matching offer
    half_life    months in which what the programme has over its imitators halves; 0 for none
    response     exponents between which the effect follows generosity: 0 not at all, 1 in proportion
    """

    earn: float = 1.0
    reward_cost: float = 1.0
    thresholds: float = 1.0
    benefits: float = 1.0
    budget: float = 1.0
    platform: float = 1.0
    enrolment: float = 1.0
    match: float = 0.0
    half_life: float = 0.0
    response: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What members in other tiers do to the totals: points earned and benefits received, each as a factor of now."""

    points: float = 1.0
    benefits: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What members are given now, in money over the same months: points at face value, as far as they are ever redeemed, and benefits."""

    points: float
    benefits: float


def points_factor(levers: Levers, moved: Moved) -> float:
    """Points earned, and with the same habits of redeeming points outstanding, against now."""
    return levers.earn * moved.points * levers.enrolment


def cost_factors(levers: Levers, moved: Moved) -> dict[str, float]:
    """Each kind of cost against now. Rewards, benefits and communication are paid per member, the others are not."""
    return {
        "rewards": points_factor(levers, moved) * levers.reward_cost,
        "benefits": levers.benefits * moved.benefits * levers.enrolment,
        "communication": levers.budget * levers.enrolment,
        "people": levers.budget,
        "other": levers.budget,
        "platform": levers.platform,
    }


def generosity(given: Given, levers: Levers, moved: Moved) -> float:
    """What a member gets, in value to the member, against now. A reward that costs the firm less is worth no less."""
    now = given.points + given.benefits
    then = given.points * levers.earn * moved.points + given.benefits * levers.benefits * moved.benefits
    return then / now if now > 0 else 1.0


def costs(now: dict[str, Values], levers: Levers, moved: Moved) -> dict[str, Values]:
    """Months of each kind of cost under the levers."""
    factors = cost_factors(levers, moved)
    return {kind: months * factors[kind] for kind, months in now.items()}


def applied(case: Case, levers: Levers, moved: Moved, generous: float) -> Case:
    """The case under the levers.

    generous  from `generosity`; the effect is multiplied by it to the power of an exponent that nobody knows, drawn anew in each draw
    """
    months = len(case.treated)
    strength = case.strength * (1 - levers.match)
    if levers.half_life > 0:
        strength = strength * 0.5 ** (np.arange(months) / levers.half_life)
    return replace(
        case,
        treated=case.treated * levers.enrolment,
        costs=costs(dict(case.costs), levers, moved),
        strength=strength,
        responses=case.responses if generous == 1 else np.full(months, generous),
        spread=case.spread if generous == 1 else levers.response,
        own_margin=None if case.own_margin is None else case.own_margin * levers.enrolment,
    )


def received(members: Members, levers: Levers) -> Members:
    """The members with what they earn and are given under the levers."""
    return replace(members, points=members.points * levers.earn, benefits=members.benefits * levers.benefits)
