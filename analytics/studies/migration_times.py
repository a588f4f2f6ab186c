"""How long members stay in a tier, and how long until they first rise: tables and estimates of the study `migration`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.models import survival
from analytics.results import Estimate

LEAST = 30  # spells of a tier whose curve is drawn
YEAR = 365.25


def curves(spells: pd.DataFrame, tiers: tuple[str, ...]) -> pd.DataFrame:
    """tier, days, survival, low, high, at_risk: Kaplan-Meier of the time in each tier, from spells whose beginning is known."""
    parts = []
    for tier in tiers:
        here = _of(spells, tier)
        if len(here) >= LEAST:
            found = survival.curve(here["days"].to_numpy(float), here["ended"].to_numpy(bool))
            parts.append(found.assign(tier=tier)[["tier", "days", "survival", "low", "high", "at_risk"]])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def medians(spells: pd.DataFrame, tiers: tuple[str, ...]) -> pd.DataFrame:
    """tier, spells, ended, unseen (spells left out, their beginning not being seen), days (median, none while most stay), low, high."""
    rows = []
    for tier in tiers:
        here, every = _of(spells, tier), spells[spells["tier"] == tier]
        told: dict[str, object] = {
            "tier": tier,
            "spells": len(here),
            "ended": int(here["ended"].sum()),
            "unseen": int((~every["known"]).sum()),
        }
        found = survival.median_stay(here["days"].to_numpy(float), here["ended"].to_numpy(bool)) if len(here) >= LEAST else None
        bounds = (found.value, found.low, found.high) if found else (np.nan,) * 3
        rows.append({**told, **dict(zip(("days", "low", "high"), bounds, strict=True))})
    return pd.DataFrame(rows)


def _of(spells: pd.DataFrame, tier: str) -> pd.DataFrame:
    here = spells[(spells["tier"] == tier) & spells["known"]]
    return here.assign(ended=here["follows"] != "lasts")


def first_rise(spells: pd.DataFrame, tiers: tuple[str, ...]) -> dict[str, Estimate]:
    """first_upgrade: median days from joining to the first higher tier; upgraded_in_year: share of joiners who have risen after a year.

    How     members whose joining is seen and who joined below the highest tier; who leaves first is watched until then
    """
    place = pd.Categorical(spells["tier"], categories=tiers).codes
    every = spells.assign(place=place, ends=spells["since"] + pd.to_timedelta(spells["days"], unit="D"))
    first = every.groupby("customer_id", sort=False).transform("first")
    joined = first["known"].astype(bool) & (first["place"] < len(tiers) - 1)
    every, first = every[joined], first[joined]
    if every.empty:
        return {}
    rose = every[every["place"] > first["place"]].groupby("customer_id", sort=False)["since"].min()
    people = every.groupby("customer_id", sort=False).agg(since=("since", "min"), ends=("ends", "max"))
    days = np.asarray((rose.reindex(people.index).fillna(people["ends"]) - people["since"]).dt.days, np.float64)
    left = np.asarray(people.index.isin(rose.index))
    found = {"first_upgrade": survival.median_stay(days, left), "upgraded_in_year": survival.left_by(days, left, YEAR)}
    return {name: estimate for name, estimate in found.items() if estimate is not None and estimate.n >= LEAST}
