"""From what somebody types to a customer: the id as it is stored, the original of a pseudonym, or how an id begins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from analytics import store
from analytics.errors import UserError
from analytics.intake.checks import pseudonym
from analytics.studies.customer_sql import BEGINNING, FOUND

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

MOST = 20  # customers offered for the beginning of an id


def resolve(warehouse: Warehouse, typed: str) -> str:
    """The id under which a customer is stored. Raises UserError unknown_customer."""
    name = _clean(typed)
    hidden = pseudonym(name, store.pseudonym_key(warehouse.access.workspace))
    found = warehouse.frame(FOUND, id=name, pseudonym=hidden)["customer_id"]
    if not name or found.empty:
        raise UserError("unknown_customer", workspace=warehouse.access.workspace)
    return str(found[0])


def beginning(warehouse: Warehouse, typed: str) -> pd.DataFrame:
    """Customers whose id begins so, the shortest first: customer_id, orders, amount, last_on, tier."""
    name = _clean(typed)
    found = warehouse.frame(BEGINNING, text=name, most=MOST) if name else pd.DataFrame()
    return found.dropna(axis="columns", how="all") if len(found) else found


def _clean(typed: str) -> str:
    """As the importer stores an id."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", typed).strip()
