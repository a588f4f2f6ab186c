"""The numbers of a design: how large, how long, how sure, and their tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from analytics.results import Estimate, Unit, exact
from analytics.studies import holdout_data as data
from analytics.studies.holdout_plan import Design, spread_for

if TYPE_CHECKING:
    from analytics.models.power import Spread
    from analytics.studies.holdout_plan import Params

SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
Z = 1.96
ARM = 30  # customers withheld below which the mean of a skewed outcome is too far from normal


def estimates(found: Design) -> dict[str, Estimate]:
    from analytics.models import power

    known, plan = found.known, found.plan
    estimates = {
        "eligible": exact(found.n, unit=Unit.COUNT, n=found.n),
        "detectable": _wobbling(power.detectable(known, found.n, plan), known, found.unit),
        "needed": _wobbling(power.needed(known, found.effect, plan), known, Unit.COUNT, squared=True),
        "power": _chances(found),
        "duration": _duration(found),
        "smallest_share": smallest_share(found),
        "foregone": foregone(found, int(found.lot.control.sum())),
    }
    return {name: estimate for name, estimate in estimates.items() if estimate is not None}


def _wobbling(value: float, known: Spread, unit: Unit, *, squared: bool = False) -> Estimate:
    """With the interval that not knowing the spread for certain gives it."""
    low, high = (max(0.0, 1 + side * Z * known.wobble) ** (2 if squared else 1) for side in (-1, 1))
    return Estimate(value=float(value), low=value * low, high=value * high, n=known.n, unit=unit)


def foregone(found: Design, withheld: int) -> Estimate | None:
    """What so many withheld customers give up over the test, if the effect this data tells of is right and holds for them."""
    effect = found.known_effect
    if effect is None:
        return None
    value, low, high = (end * withheld * found.months for end in (effect.value, effect.low, effect.high))
    return Estimate(value=value, low=low, high=high, n=effect.n, unit=Unit.MONEY)


def _ends_of(known: Spread) -> tuple[Spread, Spread]:
    """The spread as narrow and as wide as it may be."""
    low, high = (replace(known, left=known.left * max(1e-9, 1 + side * Z * known.wobble)) for side in (-1, 1))
    return low, high


def _chances(found: Design) -> Estimate:
    from analytics.models.power import chance

    narrow, wide = _ends_of(found.known)
    value, low, high = (chance(known, found.effect, found.n, found.plan) for known in (found.known, wide, narrow))
    return Estimate(value=value, low=low, high=high, n=found.known.n, unit=Unit.SHARE)


def smallest_share(found: Design) -> Estimate | None:
    """The smallest share to withhold, ARM customers at least; an end that half of all would not reach is told as half."""
    from analytics.models import power

    narrow, wide = _ends_of(found.known)
    value, low, high = (power.smallest_share(known, found.effect, found.n, found.plan) for known in (found.known, narrow, wide))
    if value is None:
        return None
    ends = (max(share, ARM / found.n) for share in (value, low or value, high or 0.5))
    return Estimate(**dict(zip(("value", "low", "high"), ends, strict=True)), n=found.known.n, unit=Unit.SHARE)


def _duration(found: Design) -> Estimate | None:
    """Months of the shortest test of everybody that shows the effect with this share withheld; None when none does."""
    table = durations(found)
    value, low, high = (_first(table, column, found.effect) for column in ("detectable", "low", "high"))
    if value is None:
        return None
    longest = float(table["months"].max())
    return Estimate(value=value, low=low or value, high=high or longest, n=found.known.n, unit=Unit.COUNT)


def both(found: Design) -> tuple[int, Estimate] | None:
    """The shortest test that some share withheld lets show the effect, and that share."""
    for months in sorted({*data.GRID, found.months}):
        share = smallest_share(replace(found, months=months))
        if share is not None:
            return months, share
    return None


def _first(table: pd.DataFrame, column: str, effect: float) -> float | None:
    enough = table.loc[table[column] <= effect, "months"]
    return float(enough.iloc[0]) if len(enough) else None


def durations(found: Design) -> pd.DataFrame:
    from analytics.models.power import detectable

    rows = []
    for months in sorted({*data.GRID, found.months}):
        known = spread_for(found.spreads, months)
        told = _wobbling(detectable(known, found.n, found.plan), known, found.unit)
        measured = {"n": known.n, "mean": known.mean, "sd": known.sd, "explained": known.explained}
        rows.append({"months": months, **measured, **_ends(told), "measured": months in found.spreads})
    return pd.DataFrame(rows)


def shares(found: Design) -> pd.DataFrame:
    from analytics.models.power import detectable

    rows = []
    for share in sorted({*SHARES, found.plan.share}):
        told = _wobbling(detectable(found.known, found.n, replace(found.plan, share=share)), found.known, found.unit)
        rows.append({"share": share, "withheld": round(share * found.n), **_ends(told), **_given_up(found, round(share * found.n))})
    return pd.DataFrame(rows)


def _given_up(found: Design, withheld: int) -> dict[str, float]:
    told = foregone(found, withheld)
    return {} if told is None else {"foregone": told.value, "foregone_low": told.low, "foregone_high": told.high}


def _ends(told: Estimate) -> dict[str, float]:
    return {"detectable": told.value, "low": told.low, "high": told.high}


def design(found: Design, params: Params) -> pd.DataFrame:
    control = int(found.lot.control.sum())
    sizes = {"effect": found.effect, "treatment": found.n - control, "control": control, "months": found.months}
    days = {"starts_on": pd.Timestamp(found.lot.starts), "ends_on": pd.Timestamp(found.lot.ends)}
    told = {"experiment_id": found.lot.experiment, "plan": params.plan, "who": found.asked.who, "measure": found.asked.measure}
    return pd.DataFrame([{**told, "basis": found.basis, **sizes, **days}])
