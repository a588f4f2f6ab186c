"""Members close to the next tier, or below what their own asks for: tables of the study `migration`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.results import wilson
from analytics.studies.tier_rules import Rules, last_day, next_review, review_days, standing, today, whole_reviews

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse


def positions(warehouse: Warehouse, by: Rules, within: float) -> pd.DataFrame:
    """Members of the day: customer_id, tier, place, metric; of the next tier next, threshold, lacks, near; of theirs own, short, below."""
    return _placed(today(warehouse, by), by, within)


def _placed(rows: pd.DataFrame, by: Rules, within: float) -> pd.DataFrame:
    place, metric = rows["place"].to_numpy(), rows["metric"].to_numpy(float)
    names: NDArray[np.object_] = np.array([*by.names[1:], None], dtype=object)
    above = np.append(by.thresholds, np.inf)[place + 1]
    own = by.thresholds[place]
    return rows.assign(
        next=names[place],
        threshold=above,
        lacks=above - metric,
        near=(metric < above) & (metric >= (1 - within) * above),
        own=own,
        short=own - metric,
        below=(place > 0) & (metric < own),
    )


def near(now: pd.DataFrame, then: pd.DataFrame | None, by: Rules) -> pd.DataFrame:
    """tier, next, threshold, members, n, share, low, high, lacks (median); came, came_low, came_high, came_n: of those as near as far
    before the last review, the share that it lifted."""
    rows = []
    for tier in by.names[:-1]:
        here = now[now["tier"] == tier]
        if len(here):
            told = {"tier": tier, "next": here["next"].iloc[0], "threshold": here["threshold"].iloc[0]}
            rows.append({**told, **_counted(here, "near", "lacks"), **_came(then, tier, "near", "rose")})
    return pd.DataFrame(rows)


def below(now: pd.DataFrame, then: pd.DataFrame | None, by: Rules) -> pd.DataFrame:
    """tier, threshold (its own), members, n, share, low, high, lacks (median); came, came_low, came_high, came_n: of those below it as far
    before the last review, the share that it dropped."""
    rows = []
    for tier in by.names[1:]:
        here = now[now["tier"] == tier]
        if len(here):
            told = {"tier": tier, "threshold": here["own"].iloc[0]}
            rows.append({**told, **_counted(here, "below", "short"), **_came(then, tier, "below", "fell")})
    return pd.DataFrame(rows)


def _counted(here: pd.DataFrame, state: str, lacking: str) -> dict[str, float]:
    n, share = int(here[state].sum()), wilson(int(here[state].sum()), len(here))
    lacks = float(here.loc[here[state], lacking].median()) if n else np.nan
    return {"members": len(here), "n": n, "share": share.value, "low": share.low, "high": share.high, "lacks": lacks}


def _came(then: pd.DataFrame | None, tier: str, state: str, moved: str) -> dict[str, float]:
    """What came of those in the same position before the last review; nan where nobody was."""
    here = then[(then["tier"] == tier) & then[state]] if then is not None else pd.DataFrame()
    if here.empty:
        return {"came": np.nan, "came_low": np.nan, "came_high": np.nan, "came_n": 0}
    share = wilson(int(here[moved].sum()), len(here))
    return {"came": share.value, "came_low": share.low, "came_high": share.high, "came_n": share.n}


def last_time(warehouse: Warehouse, by: Rules, within: float) -> pd.DataFrame | None:
    """Positions as many days before the last review as the next one is away, with what it did: rose, fell. None without a calendar.

    Why     a chance to move is only told from a review that has been: members who left before it neither rose nor fell
    """
    as_of, days = last_day(warehouse), review_days(warehouse)
    due, whole = next_review(days, as_of), whole_reviews(warehouse, by)
    if due is None or not whole:
        return None
    until = whole[-1] - (due - as_of - pd.Timedelta(days=1))
    if by.since(until) < by.since(whole[0]):
        return None
    then = _placed(standing(warehouse, by, day=until - pd.Timedelta(days=1), until=until), by, within)
    after = standing(warehouse, by, day=whole[-1], until=whole[-1]).set_index("customer_id")["place"].reindex(then["customer_id"])
    step = after.to_numpy(float) - then["place"].to_numpy(float)
    return then.assign(rose=step > 0, fell=step < 0)
