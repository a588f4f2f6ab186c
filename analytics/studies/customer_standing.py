"""Where one customer stands among all: segment, lifecycle stage and tier, each with the rule that puts the customer there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.models import names
from analytics.models.segments import score_of
from analytics.studies import lifecycle, segments
from analytics.studies.base import defaults
from analytics.studies.customer_sql import PLACE

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse


def standing(warehouse: Warehouse, customer: str, person: pd.Series, stages: pd.DataFrame, tiers: pd.DataFrame) -> pd.DataFrame:
    """What can be told of segment, stage and tier: columns kind, value (key, or the tier's name) and the facts of its rule."""
    tier = str(person["tier"]) if pd.notna(person["tier"]) else ""
    rows = [_segment(warehouse, customer) if person["orders"] else {}, _stage(stages), _tier(tiers, tier)]
    return pd.DataFrame([row for row in rows if row])


def stages(warehouse: Warehouse, customer: str) -> pd.DataFrame:
    """The stage at each month end, by the workspace's usual definitions."""
    return lifecycle.stages_of(warehouse, customer, defaults(lifecycle.STUDY, warehouse.settings))


def _segment(warehouse: Warehouse, customer: str) -> dict[str, object]:
    """The same segment as the study `segments` gives, from how many buyers stand below: nobody else's row is fetched."""
    place = warehouse.frame(PLACE, customer=customer).iloc[0]
    if place["n"] < segments.LEAST:
        return {}
    n, parts = int(place["n"]), ("recency", "frequency")
    scores = {name: score_of(int(place[f"{name}_below"]), int(place[f"{name}_beside"]), n) for name in parts}
    usual = defaults(segments.STUDY, warehouse.settings).new_days
    new_days = names.new_days(np.array([place["oldest"]], float), usual)
    recency, frequency = (np.array([score]) for score in scores.values())
    value = names.name_by_scores(recency, frequency, np.array([place["tenure_days"]], float), new_days=new_days)[0]
    return {"kind": "segment", "value": str(value), "new_days": new_days, **scores}


def _stage(stages: pd.DataFrame) -> dict[str, object]:
    if stages.empty:
        return {}
    last = stages.iloc[-1]
    return {"kind": "stage", "value": last["stage"], **{name: float(last[name]) for name in ("silent_days", "rhythm_days", "silence")}}


def _tier(tiers: pd.DataFrame, tier: str) -> dict[str, object]:
    if not tier:
        return {}
    since = tiers.loc[tiers["tier"] == tier].head(1) if len(tiers) else tiers
    if since.empty:
        return {"kind": "tier", "value": tier}
    known = {name: since[name].iloc[0] for name in ("metric", "threshold") if pd.notna(since[name].iloc[0])}
    return {"kind": "tier", "value": tier, "since": since["valid_from"].iloc[0], **known}
