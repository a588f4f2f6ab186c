"""What other studies use of the ledger of points: what will be redeemed, what is held, what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.results import Estimate, Unit, exact
from analytics.studies.points_books import liability, terms
from analytics.studies.points_data import WINDOW, told

if TYPE_CHECKING:
    from analytics.studies.points import Params
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


def known(warehouse: Warehouse, assumed: Params | None = None) -> Known | None:
    """What the ledger tells where nothing else is assumed; None where there is no ledger of points."""
    if "points" not in warehouse.present() or (found := told(warehouse, assumed.window if assumed else WINDOW)) is None:
        return None
    given, measured = terms(found, assumed), found.redemption.rate if found.whole else None
    return Known(
        redemption=exact(given.rate, unit=Unit.SHARE, n=0) if given.rate and "rate" in given.assumed else measured,
        outstanding=float(found.held.sum()),
        liability=liability(found, given),
        cost_per_point=given.cost,
        value_per_point=given.value,
    )
