"""The books of the points: what is owed for those held, and what of the price of sales is still to be recognised."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.results import Estimate, Unit, exact
from analytics.studies import points_sql as sql
from analytics.studies.points_data import Told

if TYPE_CHECKING:
    from analytics.models.redemption import Curve
    from analytics.models.revenue import Books, Estimates, Schedule
    from analytics.studies.points import Params
    from analytics.warehouse import Warehouse

DIGITS = 6  # of rates: whoever types them again gets the same money


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the books rest on; None where nothing tells it. rate, booked: share of points to be redeemed, now and until the last month;
    assumed: which of `value`, `cost`, `rate`, `booked` the user gave."""

    value: float | None
    cost: float | None
    rate: float | None
    booked: float | None
    assumed: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What the working paper is made of. months: of the ledger, and of its vintages; curve: redeemed and held by age, rounded; owed: points
    held by vintage, those past their day left out; liabilities: what they will cost, money to the cent, 0 where the cost is not known."""

    months: pd.DatetimeIndex
    books: Books
    terms: Terms
    curve: Curve
    owed: np.ndarray
    liabilities: np.ndarray
    schedule: Schedule


def terms(found: Told, params: Params | None = None) -> Terms:
    """As the ledger tells, where the user has assumed nothing else."""
    known = found.redemption.rate if found.whole else None
    given = {
        "value": params.value_per_point if params else 0.0,
        "cost": params.cost_per_point if params else 0.0,
        "rate": params.expected_redemption if params else 0.0,
        "booked": params.booked_redemption if params else 0.0,
    }
    rate = given["rate"] or (known.value if known else None)
    return Terms(
        value=given["value"] or found.prices.value,
        cost=given["cost"] or found.prices.cost,
        rate=None if rate is None else round(rate, DIGITS),
        booked=None if rate is None else round(given["booked"] or rate, DIGITS),
        assumed=frozenset(name for name, value in given.items() if value),
    )


def rounded(found: Told) -> Curve:
    """The curve as it stands in the working paper."""
    from analytics.models.redemption import Curve

    curve = found.redemption.curve
    return Curve(redeemed=curve.redeemed.round(DIGITS), held=curve.held.round(DIGITS))


def still(curve: Curve, rate: float) -> np.ndarray:
    """(A,) of the points held at an age, the share still to be redeemed."""
    return np.asarray(curve.still(rate).round(DIGITS))


def liability(found: Told, given: Terms, *, price: float | None = None) -> Estimate | None:
    """Points held, times what of them will be redeemed, times what a point costs (or `price`), to the cent by vintage."""
    each = given.cost if price is None else price
    if given.rate is None or each is None:
        return None
    n, value = found.redemption.rate.n if found.redemption.rate else 0, round(float(_liabilities(found, given.rate, each).sum()), 2)
    if "rate" in given.assumed or found.redemption.rate is None:
        return exact(value, unit=Unit.MONEY, n=n)
    drawn = found.redemption.ahead(found.held, each, Unit.MONEY, n)
    return Estimate(value=value, low=drawn.low, high=drawn.high, n=n, unit=Unit.MONEY)


def paper(warehouse: Warehouse, found: Told, given: Terms) -> Paper | None:
    """The deferral, where sales, the value of a point and the rate are known; else None."""
    from analytics.models.revenue import schedule

    if given.value is None or given.rate is None or not sells(warehouse):
        return None
    months = pd.date_range(found.span.first, found.span.last, freq="MS")
    told = books(warehouse, found, months)
    if not (told.sales[told.issued > 0] > 0).any():
        return None
    curve = rounded(found)
    return Paper(
        months=months,
        books=told,
        terms=given,
        curve=curve,
        owed=_owed(found),
        liabilities=_liabilities(found, given.rate, given.cost or 0.0),
        schedule=schedule(told, estimates(curve, given), given.value),
    )


def sells(warehouse: Warehouse) -> bool:
    return "amount" in warehouse.present().get("transactions", frozenset())


def estimates(curve: Curve, given: Terms) -> Estimates:
    """Both estimates, as they were and as they are, at every age."""
    from analytics.models.revenue import Estimates

    rates = np.array([given.booked, given.rate], float)
    return Estimates(rate=rates, still=np.array([still(curve, rate) for rate in rates]))


def books(warehouse: Warehouse, found: Told, months: pd.DatetimeIndex) -> Books:
    """What the ledger and the sales tell by vintage and month."""
    from analytics.models.revenue import Books

    lots = found.lots[found.lots["vintage"].notna()]
    issued = lots.groupby("vintage")["points"].sum().reindex(months, fill_value=0.0).to_numpy()
    redeemed, ended = (_ended(part, months) for part in (lots[lots["kind"] == "redeem"], lots[lots["kind"] != "held"]))
    sales = warehouse.frame(sql.SALES).set_index("month")["amount"].reindex(months).fillna(0.0).to_numpy()
    begun = np.tri(len(months), dtype=bool).T
    return Books(
        sales=np.maximum(sales, 0.0).round(2),
        issued=issued.round(4),
        redeemed=np.cumsum(redeemed, axis=1).round(4),
        held=np.where(begun, issued[:, None] - np.cumsum(ended, axis=1), 0.0).round(4),
    )


def _ended(lots: pd.DataFrame, months: pd.DatetimeIndex) -> np.ndarray:
    """(V, M) points that ended in the month; what was set off against later earnings ends with them."""
    table = np.zeros((len(months), len(months)))
    used = lots["month"].where(lots["month"] >= lots["vintage"], lots["vintage"])
    at = (months.get_indexer(pd.Index(lots["vintage"])), months.get_indexer(pd.Index(used)))
    np.add.at(table, at, lots["points"].to_numpy(float))
    return table


def _owed(found: Told) -> np.ndarray:
    """(V,) points held, the oldest vintage first; those past their day left out."""
    valid = found.ages[~found.ages["overdue"]]
    vintages = len(pd.date_range(found.span.first, found.span.last, freq="MS"))
    return np.bincount(vintages - 1 - valid["age"].to_numpy(int), weights=valid["points"], minlength=vintages)


def _liabilities(found: Told, rate: float, price: float) -> np.ndarray:
    """(V,) what the points held will cost, to the cent."""
    from analytics.models.revenue import cents

    owed, share = _owed(found), still(rounded(found), rate)
    age = np.arange(len(owed))[::-1].clip(0, len(share) - 1)
    return cents(owed * share[age] * price)


def deferred(found: Told, shown: Paper) -> Estimate:
    """The balance deferred at the end; the interval is that of the rate, carried through the whole schedule."""
    from analytics.models.revenue import schedule

    value, rate = float(shown.schedule.closing[-1]), found.redemption.rate
    if shown.terms.assumed & {"rate", "booked"} or rate is None or shown.terms.value is None:
        return exact(value, unit=Unit.MONEY, n=len(shown.months))
    ends = [round(end, DIGITS) for end in (rate.low, rate.high)]
    made = [schedule(shown.books, estimates(shown.curve, replace(shown.terms, rate=end, booked=end)), shown.terms.value) for end in ends]
    low, high = sorted(float(one.closing[-1]) for one in made)
    return Estimate(value=value, low=min(low, value), high=max(high, value), n=len(shown.months), unit=Unit.MONEY)
