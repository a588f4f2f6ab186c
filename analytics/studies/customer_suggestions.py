"""Whom to look at when nobody was asked for: the most valuable one at risk, the newest, the largest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.studies import lifecycle
from analytics.studies.base import defaults
from analytics.studies.customer_predictions import riskiest
from analytics.studies.customer_sql import LARGEST, NEWEST

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

_EACH = 3  # candidates of each kind: nobody is named twice


def suggestions(warehouse: Warehouse) -> pd.DataFrame:
    """reason (at_risk, newest, largest; riskiest without sales), customer_id, day, money, orders, silence, risk."""
    if "transactions" not in warehouse.present():
        return riskiest(warehouse).assign(reason="riskiest")
    found = {"at_risk": _at_risk(warehouse), "newest": warehouse.frame(NEWEST, most=_EACH), "largest": warehouse.frame(LARGEST, most=_EACH)}
    named: dict[str, pd.Series] = {}
    for reason, candidates in found.items():
        fresh = [row for _, row in candidates.iterrows() if row["customer_id"] not in {one["customer_id"] for one in named.values()}]
        named |= {reason: fresh[0]} if fresh else {}
    return pd.DataFrame(list(named.values())).assign(reason=list(named)).reset_index(drop=True).dropna(axis="columns", how="all")


def _at_risk(warehouse: Warehouse) -> pd.DataFrame:
    """Of those who have fallen silent, the ones with the most money, or orders, in the last twelve months."""
    found = lifecycle.at_risk(warehouse, defaults(lifecycle.STUDY, warehouse.settings), most=_EACH)
    return found.rename(columns={"last_on": "day"}).reindex(columns=["customer_id", "day", "money", "silence"])
