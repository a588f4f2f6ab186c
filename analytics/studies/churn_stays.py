"""How long memberships last: survival curves and yearly hazard, of all members, by tier and by year of joining.

Tables
    survival   dimension (all, tier, cohort), value, days, survival, low, high, at_risk
    hazard     first_month, last_month (of membership), at_risk, events, rate, low, high
    apart      dimension, p (log-rank test that its groups leave alike)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

LEAST = 30  # members of a group whose curve is drawn
MOST = 8
POINTS = 60  # points of a curve that are kept


def stays(members: pd.DataFrame, until: date, ranks: Mapping[str, int]) -> dict[str, pd.DataFrame]:
    """The tables named above. members: enrolled_on, cancelled_on, tier, cohort; ranks: tier -> place, where it is known."""
    from analytics.models.survival import hazard

    left = members["cancelled_on"].notna().to_numpy(bool)
    stayed = members["cancelled_on"].fillna(pd.Timestamp(until)) - members["enrolled_on"]
    days = np.asarray(stayed.dt.days + 1, np.float64)
    groups = {
        "all": pd.Series("", index=members.index),
        "tier": members["tier"].astype(str),
        "cohort": members["cohort"].dt.year.astype(str),
    }
    curves = [_curves(name, group, days, left, ranks) for name, group in groups.items()]
    return {
        "survival": pd.concat(curves, ignore_index=True),
        "hazard": hazard(days, left),
        "apart": pd.DataFrame([_apart(name, groups[name], days, left) for name in ("tier", "cohort")]).dropna(),
    }


def _large(group: pd.Series) -> list[str]:
    """Groups with a name and enough members, the largest of them, in order."""
    counts = group[group != ""].value_counts() if (group != "").any() else group.value_counts()
    return sorted(str(name) for name in counts[counts >= LEAST].head(MOST).index)


def _curves(dimension: str, group: pd.Series, days: np.ndarray, left: np.ndarray, ranks: Mapping[str, int]) -> pd.DataFrame:
    from analytics.models.survival import curve

    parts = []
    for name in sorted(_large(group), key=lambda name: (ranks.get(name, 0), name)):
        mine = (group == name).to_numpy(bool)
        found = curve(days[mine], left[mine])
        kept = np.unique(np.linspace(0, len(found) - 1, POINTS).round().astype(int))
        parts.append(found.iloc[kept].assign(dimension=dimension, value=name))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _apart(dimension: str, group: pd.Series, days: np.ndarray, left: np.ndarray) -> dict[str, object]:
    from analytics.models.survival import apart

    mine = group.isin(_large(group)).to_numpy(bool) & (group != "").to_numpy(bool)
    names = group[mine].to_numpy(object)
    p = apart(days[mine], left[mine], names) if len(set(names)) > 1 and left[mine].any() else None
    return {"dimension": dimension, "p": p}
