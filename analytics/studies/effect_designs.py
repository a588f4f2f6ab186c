"""What a design brings to the study `effect`: its claim with checks and tables, or why this data cannot support it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from analytics.models.evidence import Check, Claim, Design
from analytics.results import Estimate, Unit

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One design tried on the data.

    claim    what it says; None when the data cannot support it
    lacking  why not, as `effect.lacking.<design>.<lacking>`; also set beside a claim of grade D, as the reason to refuse
    facts    that fill that sentence and the design's own words; plain JSON
    tables   name -> frame, names unique over all designs
    """

    design: Design
    claim: Claim | None = None
    lacking: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def to_json(attempt: Attempt) -> dict[str, Any]:
    """The attempt without its tables, as a fit keeps it."""
    claim = None if attempt.claim is None else {**asdict(attempt.claim), **_days(attempt.claim)}
    return {"design": attempt.design, "claim": claim, "lacking": attempt.lacking, "facts": dict(attempt.facts)}


def from_json(raw: Mapping[str, Any]) -> Attempt:
    return Attempt(design=raw["design"], claim=_claim(raw["claim"]), lacking=raw["lacking"], facts=raw["facts"])


def _days(claim: Claim) -> dict[str, str]:
    return {"first": claim.first.isoformat(), "last": claim.last.isoformat()}


def _claim(raw: Mapping[str, Any] | None) -> Claim | None:
    if raw is None:
        return None
    days = {name: date.fromisoformat(raw[name]) for name in ("first", "last")}
    money = {name: raw[name] and Estimate(**{**raw[name], "unit": Unit(raw[name]["unit"])}) for name in ("effect", "joining")}
    return Claim(**{**raw, **days, **money, "checks": tuple(Check(**check) for check in raw["checks"])})
