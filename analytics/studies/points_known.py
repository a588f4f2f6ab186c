"""What other studies use of the ledger of points: what will be redeemed, what is held, what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.results import Estimate
from analytics.studies.points_books import liability, terms
from analytics.studies.points_data import told

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """redemption      ultimate share of the points issued that is redeemed; None where the data ends before points do
    outstanding     points held, negative balances and points past their day left out
    liability       what those still to be redeemed will cost; None where that, or the cost of a point, is not known
    cost_per_point, value_per_point   money; None where no movement carries it
    """

    redemption: Estimate | None
    outstanding: float
    liability: Estimate | None
    cost_per_point: float | None
    value_per_point: float | None


def known(warehouse: Warehouse) -> Known | None:
    """What the ledger tells without any assumption; None where there is no ledger of points."""
    if "points" not in warehouse.present() or (found := told(warehouse)) is None:
        return None
    return Known(
        redemption=found.redemption.rate if found.whole else None,
        outstanding=float(found.held.sum()),
        liability=liability(found, terms(found)),
        cost_per_point=found.prices.cost,
        value_per_point=found.prices.value,
    )
