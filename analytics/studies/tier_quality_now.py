"""Whether tiers are right: stale now, filed wrongly at the last review, late, and sure under errors in the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.models.resample import median, ratio_of_sums
from analytics.models.tier_errors import chance_correct
from analytics.results import Estimate, Unit, exact, wilson
from analytics.studies.tier_quality_sql import LAGS, ORDERS
from analytics.studies.tier_rules import Rules, begins, last_day, standing, whole_reviews

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

SURE = 0.9  # chance of the right tier below which a tier is uncertain
MOST_MEMBERS = 20_000
LEAST = 10  # changes of which a median is told


def off(rows: pd.DataFrame, by: Rules, least: int) -> pd.DataFrame:
    """tier (on file), members, too_low, too_high, share, low, high, shown: where the rule puts members elsewhere."""
    found = []
    for tier in by.names:
        here = rows[rows["tier"] == tier]
        if len(here):
            low, high = int((here["rule"] > here["place"]).sum()), int((here["rule"] < here["place"]).sum())
            share = wilson(low + high, len(here))
            told = {"tier": tier, "members": len(here), "too_low": low, "too_high": high}
            found.append({**told, "share": share.value, "low": share.low, "high": share.high, "shown": not 0 < low + high < least})
    return pd.DataFrame(found)


def share_off(rows: pd.DataFrame) -> Estimate:
    return wilson(int((rows["rule"] != rows["place"]).sum()), len(rows))


def at_review(warehouse: Warehouse, by: Rules) -> tuple[pd.Timestamp, pd.DataFrame] | None:
    """The last review whose whole window the data holds, and members on it by what came before it; None where tiers follow no reviews."""
    whole = whole_reviews(warehouse, by)
    return (whole[-1], standing(warehouse, by, day=whole[-1], until=whole[-1])) if whole else None


def drifted(now: pd.DataFrame, then: pd.DataFrame) -> Estimate | None:
    """Of those whom the last review put where the rule says, the share that belongs elsewhere by now."""
    right = set(then.loc[then["rule"] == then["place"], "customer_id"])
    here = now[now["customer_id"].isin(right)]
    return share_off(here) if len(here) else None


def lag(warehouse: Warehouse, by: Rules) -> Estimate | None:
    """Median days from reaching the next tier's threshold to having that tier; None where few such changes are seen whole."""
    until = last_day(warehouse) + pd.Timedelta(days=1)
    days = (until - by.since(until)).days
    first = begins(warehouse, by) + pd.Timedelta(days=days)
    if first >= until:
        return None
    found = warehouse.frame(LAGS, kind=by.kind, days=days, first=first.date())["days"].to_numpy(float)
    return median(found, unit=Unit.DAYS) if len(found) >= LEAST else None


def age(warehouse: Warehouse, by: Rules) -> Estimate | None:
    """Days since the rules were last looked at."""
    if by.reviewed_on is None or warehouse.as_of is None:
        return None
    return exact((warehouse.as_of - by.reviewed_on).days, unit=Unit.DAYS, n=len(by.names))


def chances(warehouse: Warehouse, by: Rules, now: pd.DataFrame, *, missing: float, noise: float, draws: int, seed: int) -> pd.DataFrame:
    """The members (of many, some) with `probability`: the chance that their records, with errors, give the tier that they give now."""
    until = last_day(warehouse) + pd.Timedelta(days=1)
    every = 1 + len(now) // MOST_MEMBERS
    records = warehouse.frame(ORDERS, kind=by.kind, since=by.since(until), until=until, every=every)
    people = now if every == 1 else now[now["customer_id"].isin(set(records["customer_id"]))]
    ids = pd.Index(people["customer_id"])
    who = ids.get_indexer(records["customer_id"])
    known, value = who >= 0, records["value"].to_numpy(float)
    noise = noise if by.kind == "spend" else 0.0  # an order is an order, and points are booked
    sure = chance_correct(who[known], value[known], by.thresholds, n=len(ids), missing=missing, noise=noise, draws=draws, seed=seed)
    return people.assign(probability=sure)


def surety(people: pd.DataFrame) -> dict[str, Estimate]:
    """correct_tier: mean chance; uncertain: share of members below 90 %."""
    sure = people["probability"].to_numpy(float)
    return {
        "correct_tier": ratio_of_sums(sure, np.ones(len(sure)), unit=Unit.SHARE),
        "uncertain": wilson(int((sure < SURE).sum()), len(sure)),
    }


def sure(people: pd.DataFrame, by: Rules) -> pd.DataFrame:
    """tier (by the rule), members, correct, correct_low, correct_high, uncertain, share, low, high."""
    rows = []
    for place, tier in enumerate(by.names):
        here = people[people["rule"] == place]
        if len(here):
            found = surety(here)
            correct, unsure = found["correct_tier"], found["uncertain"]
            told = {"tier": tier, "members": len(here), "correct": correct.value, "correct_low": correct.low, "correct_high": correct.high}
            n = int((here["probability"] < SURE).sum())
            rows.append({**told, "uncertain": n, "share": unsure.value, "low": unsure.low, "high": unsure.high})
    return pd.DataFrame(rows)


def listed(people: pd.DataFrame, by: Rules) -> pd.DataFrame:
    """Members by how easily their tier flips: customer_id, tier, by_rule, metric, threshold (the nearest one), probability."""
    metric = people["metric"].to_numpy(float)
    steps = by.thresholds[1:] if len(by.thresholds) > 1 else by.thresholds
    nearest = steps[np.abs(metric[:, None] - steps).argmin(axis=1)]
    named = people.assign(by_rule=np.array(by.names, object)[people["rule"]], threshold=nearest, away=np.abs(metric - nearest))
    found = named.sort_values(["probability", "away"], kind="stable", ignore_index=True)
    return found[["customer_id", "tier", "by_rule", "metric", "threshold", "probability"]]
