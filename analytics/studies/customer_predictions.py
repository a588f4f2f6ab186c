"""What is to be expected of one customer, and why, from the fits that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.fits import Fit, fitted, kept
from analytics.results import Estimate
from analytics.studies import next_need
from analytics.studies.base import Study, missing
from analytics.studies.customer_sql import CATEGORIES
from analytics.studies.next_need_fit import CHANCES, FIT, NAMED

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

SOURCES: tuple[Study, ...] = (next_need.STUDY,)


@dataclass(kw_only=True)
class Predicted:
    """What the kept fits say; `unfitted` studies would say more."""

    estimates: dict[str, Estimate] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


def uses(params: object) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    """The fits as their own pages make them with the usual settings."""
    return tuple(fit for study in SOURCES for fit in study.fits(study.params()))


def predicted(warehouse: Warehouse, customer: str, person: pd.Series) -> Predicted:
    """Predictions, the next needs, and which studies have no models yet."""
    ready = {study.id: _ready(warehouse, study) for study in SOURCES if not missing(study, warehouse.present())}
    found = Predicted()
    if ready.get("next_need"):
        found.tables["needs"] = _needs(warehouse, customer)
    found.tables["unfitted"] = pd.DataFrame({"study": [name for name, there in ready.items() if not there]})
    return found


def _ready(warehouse: Warehouse, study: Study) -> bool:
    return all(kept(warehouse, fit, **params) for fit, params in study.fits(study.params()))


def _needs(warehouse: Warehouse, customer: str) -> pd.DataFrame:
    """The three categories named, each with what the customer has bought of it so far."""
    kept_scores = fitted(warehouse, FIT).tables.get("scores")
    mine = None if kept_scores is None else kept_scores[kept_scores["customer_id"] == customer]
    if mine is None or mine.empty:
        return pd.DataFrame()
    bought = warehouse.people(CATEGORIES, customer=customer, most=1_000)
    row, latest = mine.iloc[0], bought["last_on"].max()
    own = bought.set_index("category")
    return pd.DataFrame(
        [
            {
                "place": place,
                "category": row[name],
                "probability": float(row[chance]),
                "bought": int(own["purchases"].get(row[name], 0)),
                "of": int(bought["of"].iloc[0]),
                "last": bool(own["last_on"].get(row[name]) == latest),
            }
            for place, (name, chance) in enumerate(zip(NAMED, CHANCES, strict=True), start=1)
        ]
    )
