"""Tables of the study `value`: how value is spread, who holds it, what a history is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.models.buying import WEEK
from analytics.models.customer_base import Base
from analytics.results import Estimate, Unit
from analytics.studies import value_totals as totals
from analytics.studies.value_predict import Predicted
from analytics.studies.value_ranges import dimension

if TYPE_CHECKING:
    from analytics.fits import Fitted

TOP = 0.1  # share of customers whose part of the value is told
_GRID = 24  # places on each axis of the iso-value plot
_FADED = 0.05  # of the highest value, under which a silence is no longer drawn
_POINTS = 101  # of a Lorenz curve
_STEPS = (1.0, 2.5, 5.0)


def groups(found: Predicted, least: int, missed: totals.Missed) -> pd.DataFrame:
    """One row a group of tier, region or channel, the highest mean first: columns as the study says."""
    name = dimension(found.people, least)
    if name is None:
        return pd.DataFrame()
    parts = found.people.groupby(name).indices
    rows = [_group(found, str(group), np.asarray(rows), missed) for group, rows in parts.items() if len(rows) >= least]
    table = pd.DataFrame(rows).assign(dimension=name)
    return table.sort_values("mean_value" if found.terms.basis else "expected_orders", ascending=False, ignore_index=True)


def _group(found: Predicted, group: str, rows: np.ndarray, missed: totals.Missed) -> dict[str, object]:
    n, money = len(rows), found.terms.basis is not None
    whole = totals.value(found, missed, rows) if money else totals.orders(found, missed, rows)
    all_value = found.worth.sum()
    return {
        "group": group,
        "n": n,
        "share": n / len(found.people),
        "alive_share": float(found.people["p_alive"].iloc[rows].mean()),
        "expected_orders": float(found.outlook.orders[rows].sum()),
        **({"value": whole.value, "value_share": whole.value / all_value if all_value > 0 else np.nan} if money else {}),
        "mean_value" if money else "mean_orders": whole.value / n,
        "mean_low": whole.low / n,
        "mean_high": whole.high / n,
    }


def concentration(found: Predicted) -> pd.DataFrame:
    """Lorenz curves, customers from the highest down: share of customers, share of predicted and of historic value (or orders)."""
    share = np.linspace(0, 1, _POINTS)
    before = found.historic.clip(min=0) if found.terms.basis else found.people["orders"].to_numpy(float)
    return pd.DataFrame({"customers_share": share, "predicted_share": _held(found.ranked, share), "historic_share": _held(before, share)})


def _held(values: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Share of the whole that the given share of customers with the most holds."""
    summed = np.concatenate([[0.0], np.sort(values)[::-1].cumsum()])
    return np.interp(share * len(values), np.arange(len(summed)), summed / summed[-1]) if summed[-1] > 0 else share


def distribution(found: Predicted) -> pd.DataFrame:
    """Customers by predicted value (or orders), in bands of a round number: low, high, n, share, value_share. Empty: one holds all."""
    values = found.ranked
    edges = _bands(values)
    if len(edges) == 1:
        return pd.DataFrame()
    place = np.searchsorted(edges, values, side="right") - 1
    n, held = np.bincount(place, minlength=len(edges)), np.bincount(place, weights=values, minlength=len(edges))
    whole = values.sum() if values.sum() > 0 else 1.0
    return pd.DataFrame({"low": edges, "high": np.append(edges[1:], np.nan), "n": n, "share": n / len(values), "value_share": held / whole})


def _bands(values: np.ndarray) -> np.ndarray:
    """0, then round numbers 1, 2.5, 5 times a power of ten, from where most customers are to where few are."""
    low, high = (max(float(np.quantile(values, at)), 1e-6) for at in (0.2, 0.98))
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    rounds = np.array([step * power for power in powers for step in _STEPS])
    kept = rounds[(rounds >= low * 0.99) & (rounds <= high * 1.01)]
    return np.concatenate([[0.0], kept[:: max(1, -(-len(kept) // 8))]])


def iso(found: Predicted, fitted: Fitted) -> pd.DataFrame:
    """What a customer who came when the data begin is worth, by number of orders and by silence, as far as it is worth anything: orders,
    silent_days, standing_days, expected_orders, value (at the mean value of an order)."""
    span = (pd.Timestamp(fitted.facts["end"]) - pd.Timestamp(fitted.facts["begin"])).days
    most = max(6.0, float(np.quantile(found.people["orders"], 0.98)))
    orders = np.unique(np.linspace(2, most, _GRID).round())
    wide = _grid(found, orders, np.linspace(0, span, 2 * _GRID), span)
    worth = wide[wide["expected_orders"] >= _FADED * wide["expected_orders"].max()]["silent_days"].max()
    told = _grid(found, orders, np.linspace(0, worth, _GRID), span)
    each = found.worth.sum() / found.outlook.orders.sum() if found.terms.basis else np.nan
    return told.assign(value=told["expected_orders"] * each) if found.terms.basis else told


def _grid(found: Predicted, orders: np.ndarray, silent: np.ndarray, span: int) -> pd.DataFrame:
    """Expected orders over a grid of histories that began with the data."""
    cells = pd.MultiIndex.from_product([orders, np.unique(silent.round())], names=["orders", "silent_days"]).to_frame(index=False)
    old = np.full(len(cells), "new" not in found.model.parts)
    last = (span - cells["silent_days"].to_numpy(float)) / WEEK
    grid = Base(x=cells["orders"].to_numpy(float) - ~old, t_x=last, T=np.full(len(cells), span / WEEK), old=old)
    return cells.astype(int).assign(standing_days=span, expected_orders=found.model.expected(grid, found.weeks))


def top_share(found: Predicted) -> Estimate:
    """Share of the predicted value (or orders) with the tenth of customers that holds most; the interval resamples customers."""
    from analytics.models.resample import ratio_of_sums

    values = found.ranked
    best = np.zeros(len(values), dtype=bool)
    best[np.argsort(-values, kind="stable")[: max(1, round(TOP * len(values)))]] = True  # by rank: of equals, no more than a tenth
    return ratio_of_sums(values * best, values, unit=Unit.SHARE)
