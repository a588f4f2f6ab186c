"""The design `adjusted`: members who joined against others alike before, where nothing was drawn by lot.

facts    opens, ends (months of joining), before, after (whole months), treated, controls, sampled, learners, robustness, placebo
tables   balance, overlap, sensitivity, sensitivity_benchmarks as in models.adjusted
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.studies.effect_adjusted_data import (
    LEAST,
    LEAST_AFTER,
    LEAST_BEFORE,
    MONTHS,
    OFFERS,
    Window,
    compared,
    placebo,
    window,
)
from analytics.studies.effect_designs import Attempt
from analytics.studies.effect_panel import Measure

if TYPE_CHECKING:
    from analytics.models.adjusted import Comparison
    from analytics.warehouse import Warehouse


def attempt(warehouse: Warehouse, measure: Measure) -> Attempt:
    """What the members who joined brought more than others like them, or why that cannot be told."""
    if (lacking := _lacking(warehouse)) is not None:
        return lacking
    when = window(warehouse.frame(MONTHS))
    if when is None:
        return _without("no_history", before=LEAST_BEFORE, after=LEAST_AFTER)
    data = compared(warehouse, when, measure)
    treated, controls = int(data.treated.sum()), int((~data.treated).sum())
    if min(treated, controls) < LEAST:
        return _without("too_few", treated=treated, controls=controls, least=LEAST)
    return _claimed(data, when, placebo(warehouse, when, measure))


def offers(warehouse: Warehouse) -> pd.DataFrame:
    """How members were won: offer, joined, first, last (months), otherwise (who joined by other offers in those months), overlap."""
    found = warehouse.frame(OFFERS)
    return found.assign(overlap=found["otherwise"] > 0)


def _without(why: str, **facts: Any) -> Attempt:
    return Attempt(design="adjusted", lacking=why, facts=facts)


def _lacking(warehouse: Warehouse) -> Attempt | None:
    """What is missing before anything is compared."""
    held = warehouse.present()
    if "enrolled_on" not in held.get("customers", ()):
        return _without("no_dates")
    if _all_members(warehouse):
        return _everybody(warehouse)
    if "amount" not in held.get("transactions", ()):
        return _without("no_money")
    return None


def _all_members(warehouse: Warehouse) -> bool:
    return not warehouse.value("select count(*) from customer_features where enrolled_on is null and member is distinct from true")


def _everybody(warehouse: Warehouse) -> Attempt:
    """Without non-members only an offer could be compared, if others joined in its months."""
    found = offers(warehouse)
    alone = found[~found["overlap"]]
    if alone.empty or len(found) < 2:
        return _without("no_others")
    one = alone.iloc[int(alone["joined"].argmax())]
    last = (one["last"] + pd.offsets.MonthEnd(0)).date()
    return _without(
        "no_overlap_offer", offer=str(one["offer"]), first=one["first"].date().isoformat(), last=last.isoformat(), n=int(one["joined"])
    )


def _claimed(data: Comparison, when: Window, earlier: Comparison) -> Attempt:
    from analytics.models import adjusted
    from analytics.models.evidence import Claim

    data = adjusted.sampled(data, 7)
    found, sensitivity = adjusted.adjusted(data)
    false = adjusted.estimate(earlier)
    claim = Claim(
        design="adjusted",
        effect=found.effect,
        checks=adjusted.checks(found, sensitivity, false),
        treated=int(data.treated.sum()),
        controls=int((~data.treated).sum()),
        first=when.ends.date(),
        last=when.until.date() - timedelta(days=1),
        brought=float(data.outcome[data.treated].mean()),
    )
    facts = {
        "opens": when.opens.date().isoformat(),
        "ends": (when.ends.date() - timedelta(days=1)).isoformat(),
        "before": len(when.before),
        "after": when.after,
        "sampled": len(data.outcome) == adjusted.MOST,
        "learners": list(found.learners),
        "robustness": sensitivity.robustness,
        "effective": found.effective,
        "placebo": {"value": false.value, "low": false.low, "high": false.high, "n": false.n},
    }
    tables = {
        "balance": found.balance,
        "overlap": found.overlap,
        "sensitivity": sensitivity.grid,
        "sensitivity_benchmarks": sensitivity.benchmarks,
    }
    return Attempt(design="adjusted", claim=claim, facts=facts, tables=tables)
