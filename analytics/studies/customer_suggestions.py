"""Whom to look at when nobody was asked for: the most valuable one at risk, the newest, the largest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.studies import lifecycle
from analytics.studies.base import defaults
from analytics.studies.customer_sql import LARGEST, NEWEST

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse


def suggestions(warehouse: Warehouse) -> pd.DataFrame:
    """reason (at_risk, newest, largest), customer_id, day, money, orders, silence; nobody twice, nobody without sales."""
    if "transactions" not in warehouse.present():
        return pd.DataFrame()
    found = {"at_risk": _at_risk(warehouse), "newest": warehouse.frame(NEWEST), "largest": warehouse.frame(LARGEST)}
    rows = pd.concat([one.assign(reason=reason) for reason, one in found.items() if len(one)] or [pd.DataFrame()], ignore_index=True)
    return rows.drop_duplicates("customer_id", ignore_index=True).dropna(axis="columns", how="all") if len(rows) else rows


def _at_risk(warehouse: Warehouse) -> pd.DataFrame:
    """Of those who have fallen silent, the one with the most money in the last twelve months."""
    found = lifecycle.at_risk(warehouse, defaults(lifecycle.STUDY, warehouse.settings), most=1)
    return found.rename(columns={"last_on": "day"})[["customer_id", "day", "money", "silence"]] if len(found) else found
