"""How far a claim of cause can be believed: what was checked, and the one rule by which checks make a grade.

A randomised, "caused" · B the design passed its checks, "consistent with causing it, provided ..." · C sensitive, a range and what would
erase it · D the data cannot answer. A design has the best grade it can reach; each check that failed, or that could not be made though
the design hangs on it, lowers the grade to what stands beside it here. Nothing raises a grade.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from analytics.results import Estimate

Grade = Literal["A", "B", "C", "D"]
Design = Literal["experiment", "staggered", "adjusted", "threshold", "launch"]

# The best grade of each design, in the order in which equal grades are preferred.
CEILING: dict[Design, Grade] = {"experiment": "A", "staggered": "B", "adjusted": "B", "launch": "B", "threshold": "B"}
LOCAL: frozenset[Design] = frozenset({"threshold"})  # speaks of reaching a tier, near its threshold only: never in place of another


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a check does to the grade: when it failed, and when it could not be made (None: nothing)."""

    failed: Grade
    unknown: Grade | None


CHECKS: dict[Design, dict[str, Rule]] = {
    "experiment": {
        "sample_ratio": Rule(failed="D", unknown="D"),  # arms of other sizes than planned: something sorted people after the lot
        "balance": Rule(
            failed="D", unknown=None
        ),  # beyond what a fair lot does once in a thousand times; one without a history stays a lot
    },
    "staggered": {
        "overlap": Rule(failed="D", unknown="D"),  # nobody alike to compare with
        "pre_trend": Rule(failed="C", unknown="C"),
        "placebo": Rule(failed="C", unknown="C"),
        "drift": Rule(failed="D", unknown=None),  # more before joining than after it: not even the sign can be told
        "breakdown": Rule(failed="C", unknown="C"),
    },
    "adjusted": {
        "overlap": Rule(failed="D", unknown="D"),
        "balance": Rule(failed="C", unknown="C"),
        "placebo": Rule(failed="C", unknown="C"),
        "sensitivity": Rule(failed="C", unknown="C"),
        "trend": Rule(failed="C", unknown=None),  # what the dates of joining show of the same people, where they are known
    },
    "threshold": {
        "density": Rule(failed="D", unknown="D"),  # people bunch: those above differ from those below by choice
        "balance": Rule(failed="C", unknown="C"),
        "donut": Rule(failed="C", unknown="C"),
        "placebo": Rule(failed="C", unknown="C"),
    },
    "launch": {
        "fit": Rule(failed="D", unknown="D"),  # the control series do not foretell the time before the launch
        "placebo_time": Rule(failed="C", unknown="C"),
        "placebo_space": Rule(failed="C", unknown="C"),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check of a design.

    key     as in CHECKS
    passed  None where it could not be made
    value   what was measured, bound: the limit it was held against (both in the check's own unit, worded on the page)
    n       customers (or placebos) behind it
    """

    key: str
    passed: bool | None
    value: float | None = None
    bound: float | None = None
    n: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one design says: money per treated customer and month.

    effect    averaged over months >= 1 after enrolment; of a lot, from assignment on
    joining   the enrolment month alone, where the design has one
    brought   what treated customers brought a month after joining, as it came: the effect is a part of it
    checks    every check of the design, once
    treated, controls   customers; first, last: the window of the outcomes
    """

    design: Design
    effect: Estimate
    checks: tuple[Check, ...]
    treated: int
    controls: int
    first: date
    last: date
    joining: Estimate | None = None
    brought: float | None = None

    @property
    def grade(self) -> Grade:
        return grade(self.design, self.checks)


def grade(design: Design, checks: Iterable[Check]) -> Grade:
    """The design's best grade, lowered by every check that failed or is missing.

    Raises  KeyError for a check that the design does not have
    """
    return max([CEILING[design], *(limit for limit in _limits(design, checks).values() if limit is not None)])


def lowering(design: Design, checks: Iterable[Check]) -> tuple[str, ...]:
    """The checks that hold the grade below the best one of the design, the gravest first."""
    limits = {key: limit for key, limit in _limits(design, checks).items() if limit is not None and limit > CEILING[design]}
    return tuple(sorted(limits, key=lambda key: limits[key], reverse=True))


def best(claims: Iterable[Claim]) -> Claim | None:
    """The claim with the best grade, one of the whole programme before a local one; of equal ones, the first in the order of CEILING. None
    where every one is D."""
    order = list(CEILING)
    standing = [claim for claim in claims if claim.grade != "D"]
    return min(standing, key=lambda claim: (claim.design in LOCAL, claim.grade, order.index(claim.design)), default=None)


def crossed(adjusted: Claim, staggered: Claim) -> Claim:
    """The adjusted claim, held against what staggered enrolment saw before joining: both compare the same people, and a drift that one can
    see is there for the other, too."""
    seen = [check for check in staggered.checks if check.key in ("pre_trend", "placebo")]
    failed = next((check for check in seen if check.passed is False), None)
    told = failed or next((check for check in seen if check.passed), Check(key="trend", passed=None))
    return replace(adjusted, checks=(*adjusted.checks, replace(told, key="trend")))


def _limits(design: Design, checks: Iterable[Check]) -> dict[str, Grade | None]:
    rules, made = CHECKS[design], {check.key: check.passed for check in checks}
    if strange := made.keys() - rules.keys():
        raise KeyError(f"{design} has no check {sorted(strange)}")
    return {key: _limit(rule, made.get(key)) for key, rule in rules.items()}


def _limit(rule: Rule, passed: bool | None) -> Grade | None:
    if passed is None:
        return rule.unknown
    return None if passed else rule.failed
