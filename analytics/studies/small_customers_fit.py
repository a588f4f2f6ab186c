"""What is kept of small customers: who moved up from among them, whom the model expects to, how they rose, what came of being left alone.

Facts    refused (or null), kind (tiers, spend: what makes a customer small when growth is told), tiers (the small ones; empty without
         tiers), share (of customers who are small today), months (of the horizon), measure (margin, net_sales, units, orders), day (at
         which those were small of whom is told), hits, n (who moved up); model (name, useful, quality; null where too few), gems (hits, n:
         held-out customers whom the model gave twice the usual chance); reversion (as models.growth tells; where known), neglect
Tables   people   small customers of today: customer_id, tier, brought and orders (in the months of the horizon); chance, low, high
                  (with a model)
         lately   customer_id of all who bought in the months of the horizon
         bands    orders (0, 1, 2, 3, 5: at least) in the months before, n, rate, low, high
         held     said against seen on the held-out customers, as models.calibration.bins
         neglect  orders (at least, in the year before), lately, reached, n, rate, low, high
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.fits import Fit, Fitted, Tell
from analytics.results import Unit, wilson
from analytics.studies.churn_data import Moment, Part, World, alike, slice_at, sliced
from analytics.studies.given import given
from analytics.studies.month_ends import COVERED, monthly
from analytics.studies.small_customers_sql import BROUGHT, FILED, HELD, HISTORY, KNOWN, QUARTER, REACHED
from analytics.studies.tier_order import tiers_in_order
from analytics.studies.tier_rules import due

if TYPE_CHECKING:
    from analytics.models.churn import Slice
    from analytics.models.growth import Moving
    from analytics.warehouse import Warehouse

LEAST = 30  # small customers
EDGES = (0, 1, 2, 3, 5)  # orders from which a band of customers begins
QUARTER_MONTHS = 3
LIFT = 2.0  # times the usual chance from which a small customer is called a hidden gem
PERIODS = 3  # to learn from, to judge on, and before them


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruler:
    """What makes a customer small on a day.

    kind     tiers: one of `tiers` is held; spend: among the lowest `share` of those who bought, by `measure` over the `months` before
    """

    kind: Literal["tiers", "spend"]
    tiers: tuple[str, ...]
    share: float
    measure: str
    months: int


def make(warehouse: Warehouse, params: Mapping[str, Any], tell: Tell) -> Fitted:
    """Who is small, who moved up, who will. Too little data is a fact, not an error."""
    tell("standing", 0, 3)
    months = _months(warehouse, int(params["months"]))
    if not months:
        return Fitted(facts={"refused": {"key": "small_customers.refused.short", "facts": {}}})
    ruler = ruler_of(warehouse, float(params["small"]), months)
    here = _today(warehouse, ruler)
    if len(here) < LEAST:
        return Fitted(facts={"refused": {"key": "small_customers.refused.few", "facts": {"n": len(here), "least": LEAST}}})
    tell("moving", 1, 3)
    grown = _grown(warehouse, ruler, here)
    tell("neglect", 2, 3)
    left = _neglect(warehouse, ruler)
    back = _reversion(warehouse, ruler)
    facts = {"refused": None, "kind": ruler.kind, "tiers": list(ruler.tiers), "months": months, "measure": ruler.measure, **back}
    lately = _brought(warehouse, ruler, 0)[["customer_id"]]
    return Fitted(facts={**facts, **grown.facts, **left.facts}, tables={"lately": lately, **grown.tables, **left.tables})


FIT = Fit(id="small_customers", steps=("standing", "moving", "neglect"), make=make)


def _months(warehouse: Warehouse, asked: int) -> int:
    """The horizon asked for, or as much of it as the data has three times over; 0 where it has not even three months."""
    first = warehouse.frame(COVERED)["first_on"].iloc[0]
    if pd.isna(first) or warehouse.as_of is None:
        return 0
    span = (pd.Timestamp(warehouse.as_of) - first).days / 30.4375 + 0.1
    return min(asked, int(span // PERIODS))


def small_tiers(warehouse: Warehouse, held: pd.Series, share: float) -> tuple[str, ...]:
    """The lowest tier, and those above it as long as no more than `share` of the customers are in them."""
    names = tiers_in_order(warehouse)
    together = held.value_counts(normalize=True).reindex(names).fillna(0.0).cumsum()
    return tuple(name for at, name in enumerate(names[:-1]) if at == 0 or together[name] <= share)


def ruler_of(warehouse: Warehouse, share: float, months: int) -> Ruler:
    """Tiers where their history is known, else what customers bring; tiers without a history still say who is small today."""
    found = given(warehouse)
    people = pd.DataFrame({"tier": []}) if found is None else found.tiered
    history = warehouse.value(HISTORY) is True
    return Ruler(
        kind="tiers" if history else "spend",
        tiers=small_tiers(warehouse, people["tier"], share) if len(people) else (),
        share=share,
        measure="orders" if found is None else found.brought,
        months=months,
    )


def day(warehouse: Warehouse, months: int) -> pd.Timestamp:
    """The as-of day, or that of so many months before.

    Raises  LookupError when nothing has a date
    """
    if warehouse.as_of is None:
        raise LookupError("nothing has a date")
    return pd.Timestamp(warehouse.as_of) - pd.DateOffset(months=months)


def _brought(warehouse: Warehouse, ruler: Ruler, back: int) -> pd.DataFrame:
    """What those who bought brought in the months of the horizon up to a day so many months back: customer_id, orders, brought, one."""
    days = {"after": day(warehouse, back + ruler.months).date(), "until": day(warehouse, back).date()}
    rows = warehouse.frame(BROUGHT, **days, monthly=monthly(warehouse))
    return rows[["customer_id", "orders"]].assign(brought=rows[ruler.measure], one=rows[f"{ruler.measure}_one"])


def _split(brought: pd.Series, share: float) -> float:
    return float(np.quantile(brought, share, method="lower")) if len(brought) else 0.0


def small_on(warehouse: Warehouse, ruler: Ruler, back: int) -> pd.DataFrame:
    """Small customers on the day so many months back: customer_id, brought, orders in the months before."""
    rows = _brought(warehouse, ruler, back)
    if ruler.kind == "spend":
        return rows[rows["brought"] <= _split(rows["brought"], ruler.share)].drop(columns="one").reset_index(drop=True)
    held = warehouse.frame(HELD, at=day(warehouse, back).date())
    small = held.loc[held["tier"].isin(ruler.tiers), ["customer_id"]].sort_values("customer_id")
    return small.merge(rows.drop(columns="one"), on="customer_id", how="left").fillna({"brought": 0.0, "orders": 0.0})


def _today(warehouse: Warehouse, ruler: Ruler) -> pd.DataFrame:
    """Small customers of today with the tier on file: customer_id, brought, orders, tier; of a small tier, where tiers are known."""
    here = small_on(warehouse, ruler, 0).merge(warehouse.frame(FILED).drop_duplicates("customer_id"), on="customer_id", how="left")
    return here[here["tier"].isin(ruler.tiers)].reset_index(drop=True) if ruler.tiers else here


def _moved(warehouse: Warehouse, ruler: Ruler, ids: pd.Series, back: int) -> NDArray[np.bool_]:
    """Who of the small customers of a day reached a higher tier, or brought more than the small ones do, by the end of the horizon."""
    if ruler.kind == "tiers":
        days = {"at": day(warehouse, back).date(), "until": day(warehouse, back - ruler.months).date()}
        reached = warehouse.frame(REACHED, **days)
        return ids.isin(reached.loc[~reached["tier"].isin(ruler.tiers), "customer_id"]).to_numpy(bool)
    rows = _brought(warehouse, ruler, back - ruler.months)
    return ids.isin(rows.loc[rows["brought"] > _split(rows["brought"], ruler.share), "customer_id"]).to_numpy(bool)


def _grown(warehouse: Warehouse, ruler: Ruler, here: pd.DataFrame) -> Fitted:
    """Who moved up over the last horizon, and the chances of the small customers of today.

    Why  the model learns from, and is judged on, those whose tier was still open: members who have what a higher tier asks for rise at the
         next review whatever they do, and would make any ranking look good
    """
    back = ruler.months
    before = small_on(warehouse, ruler, back)
    moved = _moved(warehouse, ruler, before["customer_id"], back)
    told = {"day": day(warehouse, back).date().isoformat(), "hits": int(moved.sum()), "n": len(moved), "model": None}
    tables = {"bands": _bands(before["orders"].to_numpy(float), moved)} if len(moved) else {}
    open_ = _open(warehouse, ruler, before, back)
    before, moved = before[open_], moved[open_]
    found = _moving(warehouse, ruler, here, before, moved)
    if found is None:
        return Fitted(facts=told, tables={"people": here, **tables})
    from analytics.models.calibration import bins

    picked = found.held >= LIFT * moved.mean()
    kept = {name: asdict(one) for name, one in found.quality.items()}
    told |= {"model": {"name": found.name, "useful": found.useful, "quality": kept}}
    told |= {"gems": {"hits": int((moved & picked).sum()), "n": int(picked.sum())}}
    people = here.assign(chance=found.chance, low=found.low, high=found.high)
    return Fitted(facts=told, tables={"people": people, **tables, "held": bins(found.held, moved)})


def _open(warehouse: Warehouse, ruler: Ruler, rows: pd.DataFrame, back: int) -> NDArray[np.bool_]:
    """Who has not yet what a higher tier asks for on the day so many months back."""
    decided = due(warehouse, day(warehouse, back)) if ruler.tiers else frozenset()
    return (~rows["customer_id"].isin(decided)).to_numpy(bool)


def _moving(warehouse: Warehouse, ruler: Ruler, here: pd.DataFrame, before: pd.DataFrame, moved: NDArray[np.bool_]) -> Moving | None:
    """Learned from the horizon before the last, judged on the last; None where too few moved or stayed."""
    from analytics.models.growth import enough, moving

    back = 2 * ruler.months
    earlier = small_on(warehouse, ruler, back)
    earlier = earlier[_open(warehouse, ruler, earlier, back)]
    rose = _moved(warehouse, ruler, earlier["customer_id"], back)
    slices = [
        _slice(warehouse, ruler, earlier["customer_id"], rose, back),
        _slice(warehouse, ruler, before["customer_id"], moved, ruler.months),
    ]
    if not enough(slices):
        return None
    now = _slice(warehouse, ruler, here["customer_id"], np.zeros(len(here), dtype=bool), 0)
    named = {day(warehouse, at).date(): part for at, part in zip((back, ruler.months, 0), (*slices, now), strict=True)}
    first, last, today = alike(named).values()
    return moving([first, last], today.features)


def _slice(warehouse: Warehouse, ruler: Ruler, ids: pd.Series, moved: NDArray[np.bool_], back: int) -> Slice:
    """What was known of the customers on the day, as the study `churn` knows them, and who moved up after it."""
    at = {name: day(warehouse, back + k * ruler.months).date() for name, k in (("at", 0), ("since", 1), ("before", 2), ("until", -1))}
    first = warehouse.frame(COVERED)["first_on"].iloc[0]
    window = max((day(warehouse, 2 * ruler.months) - first).days + 1, 1)
    features, _ = slice_at(warehouse, World(kind="purchases", active=False, window=window), Moment(**at), Part())
    return sliced(features.reindex(pd.Index(ids)), moved, frozenset({"tier"}))


def _bands(orders: NDArray[np.float64], moved: NDArray[np.bool_]) -> pd.DataFrame:
    place = np.searchsorted(EDGES, orders, side="right") - 1
    told = [(edge, wilson(int(moved[place == at].sum()), int((place == at).sum()))) for at, edge in enumerate(EDGES) if (place == at).any()]
    return pd.DataFrame([{"orders": edge, "n": one.n, "rate": one.value, "low": one.low, "high": one.high} for edge, one in told])


def _reversion(warehouse: Warehouse, ruler: Ruler) -> dict[str, Any]:
    """How those rose who brought least in the horizon before, among all who were customers before it began; {} where it cannot be told."""
    from analytics.models.growth import reversion

    months = ruler.months
    known = warehouse.frame(KNOWN, at=day(warehouse, 2 * months).date())
    if len(known) < LEAST or (monthly(warehouse) and months < 2):
        return {}
    rows = known.merge(_brought(warehouse, ruler, months), on="customer_id", how="left").fillna(0.0)
    after = known.merge(_brought(warehouse, ruler, 0), on="customer_id", how="left")["brought"].fillna(0.0).to_numpy(float)
    one, both = (rows[name].to_numpy(float) for name in ("one", "brought"))
    small = one <= _split(rows["one"], ruler.share)
    if small.all() or both.sum() <= 0:
        return {}
    unit = Unit.MONEY if ruler.measure in ("margin", "net_sales") else Unit.COUNT
    return {"reversion": asdict(reversion(one, both - one, after, small, unit=unit))}


def _neglect(warehouse: Warehouse, ruler: Ruler) -> Fitted:
    """Whether small customers who were left alone for a quarter bought in the next, beside those of like behaviour who were not."""
    from analytics.models.differences import like_for_like

    end = day(warehouse, 0) + pd.Timedelta(days=1)
    first, middle = ((end - pd.DateOffset(months=k * QUARTER_MONTHS)).date() for k in (2, 1))
    rows = warehouse.frame(QUARTER, first=first, middle=middle, until=warehouse.as_of)
    rows = rows[rows["customer_id"].isin(small_on(warehouse, ruler, 2 * QUARTER_MONTHS)["customer_id"])]
    left, bought = (~rows["reached"]).to_numpy(bool), rows["bought"].to_numpy(bool)
    if min(left.sum(), (~left).sum()) < LEAST:
        return Fitted()
    band = np.searchsorted(EDGES, rows["orders"].to_numpy(float), side="right") - 1
    found = like_for_like(left, bought, 2 * band + rows["lately"].to_numpy(int))
    if found is None:
        return Fitted()
    table = _quarter(rows.assign(orders=np.array(EDGES)[band]))
    return Fitted(facts={"neglect": {**asdict(found), "others": int((~left).sum()), "first": first.isoformat()}}, tables={"neglect": table})


def _quarter(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares who bought, by what customers had done before and whether they were reached."""
    keys = ["orders", "lately", "reached"]
    parts = [(key, wilson(int(part["bought"].sum()), len(part))) for key, part in rows.groupby(keys)]
    told = [{"n": one.n, "rate": one.value, "low": one.low, "high": one.high} for _, one in parts]
    return pd.DataFrame([{**dict(zip(keys, key, strict=True)), **one} for (key, _), one in zip(parts, told, strict=True)])
