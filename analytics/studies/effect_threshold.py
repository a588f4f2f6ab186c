"""The design `threshold`: members who just reached a tier at a review against those who just missed it.

facts    tier, threshold, reviews, bandwidth, share (of customers whose tier the threshold decides), donut; money a month near it: usual
tables   rd, density, placebos_threshold as in models.discontinuity; balance_threshold (covariate, p);
         rd_thresholds (tier, threshold, value, low, high, n, clear: beyond chance, for all of them at once)
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.studies import effect_threshold_data as data
from analytics.studies.effect_designs import Attempt
from analytics.studies.effect_panel import Measure

if TYPE_CHECKING:
    from analytics.models.discontinuity import Near, Step
    from analytics.warehouse import Warehouse


def attempt(warehouse: Warehouse, measure: Measure) -> Attempt:
    """What reaching a tier brings at its threshold, or why that cannot be told."""
    held = warehouse.present()
    if not {"tier", "valid_from"} <= held.get("tiers", frozenset()) or not {"tier", "rank", "threshold"} <= held.get(
        "tier_rules", frozenset()
    ):
        return _without("no_rules")
    if "amount" not in held.get("transactions", ()):
        return _without("no_money")
    table = warehouse.frame(data.RULES)
    metric = next((str(text) for text in table["metric"].dropna()), "")
    if (back := data.looks_back(metric)) is None:
        return _without("unknown_metric", metric=metric)
    every = data.reviewed(warehouse, data.reviews(warehouse.frame(data.BEGINNINGS)), back, measure)
    if every.empty:
        return _without("no_reviews", months=data.QUARTER)
    return _best(every, data.rules(table))


def _without(why: str, **facts: Any) -> Attempt:
    return Attempt(design="threshold", lacking=why, facts=facts)


def _best(every: pd.DataFrame, rules: list[data.Rule]) -> Attempt:
    """Every threshold that enough members are near to and that decides their tier; the claim is the one known best."""
    from analytics.models import discontinuity as model

    sides = [(rule, part) for rule in rules if model.enough(part := data.near(every, rule))]
    if not sides:
        return _without("too_few", least=model.LEAST)
    moved = [(rule, part) for rule, part in sides if model.first_stage(part).low > model.STEPS]
    if not moved:
        return _without("rules_not_followed", percent=round(100 * max(model.first_stage(part).value for _, part in sides)))
    steps = [model.effect(part) for _, part in moved]
    at = model.clearest([(one, _usual(part, one)) for one, (_, part) in zip(steps, moved, strict=True)])
    return _claimed(every, *moved[at], _thresholds(moved, steps))


def _usual(part: Near, step: Step) -> float:
    """Mean money a month just below the threshold."""
    return float(part.outcome[(part.x < 0) & (part.x >= -step.bandwidth)].mean())


def _thresholds(moved: list[tuple[data.Rule, Near]], steps: list[Step]) -> pd.DataFrame:
    from analytics.models.differences import beyond_chance

    rows = [
        {
            "tier": rule.tier,
            "threshold": rule.threshold,
            "value": one.size.value,
            "low": one.size.low,
            "high": one.size.high,
            "n": one.size.n,
        }
        for one, (rule, _) in zip(steps, moved, strict=True)
    ]
    return pd.DataFrame(rows).assign(clear=beyond_chance([one.size for one in steps]))


def _claimed(every: pd.DataFrame, rule: data.Rule, part: Near, thresholds: pd.DataFrame) -> Attempt:
    from analytics.models.discontinuity import checks, discontinuity
    from analytics.models.evidence import Claim

    found = discontinuity(part)
    width = found.effect.bandwidth
    claim = Claim(
        design="threshold",
        effect=found.effect.size,
        checks=checks(found),
        treated=int(((part.x >= 0) & (part.x <= width)).sum()),
        controls=int(((part.x < 0) & (part.x >= -width)).sum()),
        first=every["review"].min().date(),
        last=(every["review"].max() + pd.DateOffset(months=data.QUARTER)).date() - timedelta(days=1),
    )
    donut = found.donut and {"value": found.donut.value, "low": found.donut.low, "high": found.donut.high}
    facts = {
        "tier": rule.tier,
        "threshold": rule.threshold,
        "reviews": int(every["review"].nunique()),
        "bandwidth": width,
        "share": found.first.value,
        "donut": donut,
        "usual": _usual(part, found.effect),
    }
    tables = {
        "rd": found.rd,
        "density": found.density,
        "placebos_threshold": found.placebos,
        "rd_thresholds": thresholds,
        "balance_threshold": found.balance,
    }
    return Attempt(design="threshold", claim=claim, facts=facts, tables=tables)
