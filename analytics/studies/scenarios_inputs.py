"""What a scenario is reckoned from: everything that no lever changes, read once for a version, and the levers themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics.models.levers import Given, Levers
from analytics.models.tier_moves import Worth
from analytics.results import Note, Unit, exact
from analytics.studies import economics_case
from analytics.studies.points import Params as PointsParams

if TYPE_CHECKING:
    from analytics.studies.economics_case import Found
    from analytics.studies.points_known import Known
    from analytics.studies.scenarios_tiers import Standing, Tiers

_FACTOR = {"min": 0.1, "max": 3.0, "step": 0.05}
GROUPS: Mapping[str, tuple[str, ...]] = {  # the levers as the page groups them
    "programme": ("earn", "thresholds", "benefits", "enrolment"),
    "cost": ("reward_cost", "budget", "platform"),
    "competition": ("match", "half_life", "response_low", "response_high"),
}
LEVERS = tuple(name for names in GROUPS.values() for name in names)
RESPONSE = ("response_low", "response_high")  # how the effect answers: an assumption, and no change by itself
BUDGET = ("communication", "people", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Params(economics_case.Params):
    """Those of `economics`; of `points`, what is assumed of a point, 0 where the data tells; and the levers, see models.levers.Levers."""

    expected_redemption: float = field(default=0.0, metadata={"min": 0.0, "max": 1.0, "step": 0.01})
    value_per_point: float = field(default=0.0, metadata={"min": 0.0, "max": 1e4, "step": 0.001})
    cost_per_point: float = field(default=0.0, metadata={"min": 0.0, "max": 1e4, "step": 0.001})
    earn: float = field(default=1.0, metadata=_FACTOR)
    thresholds: float = field(default=1.0, metadata=_FACTOR)
    benefits: float = field(default=1.0, metadata=_FACTOR)
    enrolment: float = field(default=1.0, metadata=_FACTOR)
    reward_cost: float = field(default=1.0, metadata=_FACTOR)
    budget: float = field(default=1.0, metadata=_FACTOR)
    platform: float = field(default=1.0, metadata=_FACTOR)
    match: float = field(default=0.0, metadata={"min": 0.0, "max": 1.0, "step": 0.05})
    half_life: int = field(default=0, metadata={"min": 0, "max": 60, "step": 1})
    response_low: float = field(default=0.0, metadata={"min": 0.0, "max": 2.0, "step": 0.05})
    response_high: float = field(default=1.0, metadata={"min": 0.0, "max": 2.0, "step": 0.05})


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """found     months, costs and, where a return can be told, the case; why not, where no cost is known
    known     what the points are worth and how many are outstanding; None without points
    standing  members and their tiers; None without members
    """

    found: Found | Note
    known: Known | None
    standing: Standing | None

    @property
    def nothing(self) -> bool:
        return isinstance(self.found, Note) and self.known is None and self.standing is None

    @property
    def tiers(self) -> Tiers | None:
        return None if self.standing is None else self.standing.tiers

    @property
    def costs(self) -> Mapping[str, np.ndarray]:
        """Kind -> money a month."""
        return {} if isinstance(self.found, Note) else self.found.costs

    @property
    def worth(self) -> Worth | None:
        """What a point is worth to a member; at cost where it has no face value, None where it has neither. Without points nothing is."""
        if self.known is None:
            return Worth(face=0.0, redeemed=exact(0.0, unit=Unit.SHARE, n=0))
        face = self.known.value_per_point or self.known.cost_per_point
        return None if face is None or self.known.redemption is None else Worth(face=face, redeemed=self.known.redemption)

    @property
    def given(self) -> Given:
        """What members were given in the last year."""
        if self.standing is None:
            return Given(points=0.0, benefits=0.0)
        points = 0.0 if self.worth is None else self.standing.points * self.worth.face * self.worth.redeemed.value
        return Given(points=points, benefits=self.standing.benefits)


def points(params: Params) -> PointsParams:
    """What is assumed of points, as the study `points` takes it."""
    return PointsParams(**{name: getattr(params, name) for name in ("expected_redemption", "value_per_point", "cost_per_point")})


def levers(params: Params) -> Levers:
    """As the model takes them."""
    low, high = sorted((params.response_low, params.response_high))
    plain = {name: getattr(params, name) for name in LEVERS if name not in RESPONSE}
    return Levers(**{**plain, "half_life": float(params.half_life)}, response=(low, high))


def changed(params: Params) -> bool:
    """Whether anything is not as it is now."""
    usual = Params()
    return any(getattr(params, name) != getattr(usual, name) for name in LEVERS if name not in RESPONSE)


def without_levers(params: Params) -> Params:
    """The same with every lever as it is now: what `inputs` hangs on."""
    usual = Params()
    return replace(params, seed=usual.seed, **{name: getattr(usual, name) for name in LEVERS})


def from_kept(kept: Mapping[str, Any]) -> Params:
    """Params that were kept as JSON: what this release does not know is left out, what it knows since is as usual."""
    known = {one.name for one in fields(Params)}
    return Params(**{name: value for name, value in kept.items() if name in known})
