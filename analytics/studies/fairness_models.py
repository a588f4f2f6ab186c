"""What the models of value and of leaving said of customers held out, against what came: for the audit of the models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, fitted, kept
from analytics.studies import churn
from analytics.studies.churn_fit import CHURN
from analytics.studies.value_fit import VALUE

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

MODELS: dict[str, tuple[Fit, Mapping[str, Any]]] = {
    "churn": (CHURN, churn.fits(churn.Params())[0][1]),
    "value": (VALUE, {}),
}
COLUMNS = ("model", "measure", "tier", "group", "value", "low", "high", "reference", "n")


def uses() -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    """The fits that are read where they are kept."""
    return tuple(MODELS.values())


def held_out(warehouse: Warehouse) -> dict[str, pd.DataFrame]:
    """Model -> customer_id, tier (as it was then; absent where the model did not know it), said, came; those kept and not refused.

    churn   the risk that was said, and whether they left
    value   the margin that was said for the holdout and that came, else net sales, else orders
    """
    found = {name: fitted(warehouse, fit, **asked) for name, (fit, asked) in MODELS.items() if kept(warehouse, fit, **asked)}
    return {name: _pairs(name, one) for name, one in found.items() if "refused" not in one.facts}


def _pairs(name: str, found: Fitted) -> pd.DataFrame:
    held = found.tables["held"]
    basis = next((f"_{basis}" for basis in found.facts.get("money", {}) if f"said_{basis}" in held), "")
    said, came = ("risk", "churned") if name == "churn" else (f"said{basis}", f"came{basis}")
    tier = held[["tier"]] if "tier" in held else held[[]]
    return held[["customer_id"]].join(tier).assign(said=held[said].astype(float), came=held[came].astype(float))


def audited(warehouse: Warehouse, group: pd.Series | None = None) -> pd.DataFrame:
    """Every measure of each model by tier, and by group within each tier, beside the rest of the tier.

    group    customer_id -> group
    Returns  rows model, measure, tier, group (absent for a tier), value, low, high, reference, n
    """
    from analytics.models.model_audit import audit

    tiers = warehouse.frame("select customer_id, tier from customer_features").set_index("customer_id")["tier"]
    parts = []
    for name, held in held_out(warehouse).items():
        tier = held["tier"] if "tier" in held else held["customer_id"].map(tiers)
        of = None if group is None else held["customer_id"].map(group).astype(object).to_numpy()
        said, came = (held[column].to_numpy(float) for column in ("said", "came"))
        cut = _cut(said, came) if name == "churn" else None
        parts.append(audit(said, came, tier.astype(object).to_numpy(), of, cut=cut).assign(model=name))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return found[[name for name in COLUMNS if name in found]]


def _cut(risk: np.ndarray, left: np.ndarray) -> float:
    """The risk from which as many are acted on as left: who is missed then is a matter of the ranking alone."""
    return float(np.quantile(risk, 1 - left.mean()))
