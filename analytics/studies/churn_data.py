"""Customers as the study `churn` learns from them: slices at moments a horizon apart, each with only what was known then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analytics.studies.churn_sql import BEHAVIOUR, CAME_BACK, GAPS, MEMBERS, MORE, REACH, SNAPSHOT, UNTIL

if TYPE_CHECKING:
    from analytics.models.churn import Slice
    from analytics.warehouse import Warehouse

Kind = Literal["purchases", "contract", "snapshot"]

QUANTILE, SHORTEST, LONGEST = 0.9, 14, 365  # of the days between orders, and bounds of the horizon
SHARE = 5  # the horizon is at most this part of the data, so that there are past horizons to learn from and to be judged on
TELLING = 0.05  # share of memberships that must have ended before leaving counts as something customers tell
CONTRACT_DAYS, ENDED = 90, 60  # horizon of memberships; endings in it, else it is doubled
PARTS = 1_000
FAR_PAST = date(1, 1, 1)
ACTIVITY = ("transactions", "points", "contacts", "feedback")
MOST_MOMENTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day at which customers are looked at: recent since, before that, and the end of the horizon after it."""

    at: date
    since: date
    before: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the customers by a hash of their id: all, or as many thousandths."""

    first: int = 0
    last: int = PARTS

    @property
    def sql(self) -> dict[str, object]:
        return {"first": self.first, "last": self.last, "parts": PARTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the data allows to look at.

    kind      purchases: leaving is silence; contract: customers cancel; snapshot: a column tells, without dates
    horizon   days; moments: the labelled ones, oldest first, then now (empty for a snapshot)
    bounded   why the horizon is not what the gaps ask for: "" | short | long | asked | none
    customers how many there are to look at; active: whether only those who bought within a horizon are
    skipped   memberships left out because they end before they begin
    window    days that are looked back on at every moment: as many as are known at the first
    behaviour whether purchases and the like are known at the moments
    """

    kind: Kind
    horizon: int = 0
    moments: tuple[Moment, ...] = ()
    bounded: str = ""
    customers: int = 0
    active: bool = True
    skipped: int = 0
    window: int = 0
    behaviour: bool = True


def kind_of(warehouse: Warehouse, asked: str) -> Kind | None:
    """The kind asked for, or the one the data is; None when the data cannot be looked at that way."""
    able = [kind for kind in ("contract", "purchases", "snapshot") if _able(warehouse, kind)]
    if asked != "auto":
        return asked if asked in able else None  # type: ignore[return-value]
    if "contract" in able and "purchases" in able and not _telling(warehouse):
        able.remove("contract")
    return able[0] if able else None  # type: ignore[return-value]


def _able(warehouse: Warehouse, kind: str) -> bool:
    present = warehouse.present()
    match kind:
        case "purchases":
            return {"customer_id", "occurred_at"} <= present.get("transactions", frozenset())
        case "contract":
            return {"enrolled_on", "cancelled_on"} <= present.get("customers", frozenset())
        case _:
            return "churned" in present.get("outcomes", frozenset())


def _telling(warehouse: Warehouse) -> bool:
    found = warehouse.frame(UNTIL, today=_today(warehouse)).iloc[0]
    return bool(found["cancelled"] >= TELLING * found["enrolled"])


def _today(warehouse: Warehouse) -> date:
    """No day after the data was made counts; an as-of date that was set comes first."""
    made = date.fromisoformat(warehouse.version.created_at[:10])
    return min(made, warehouse.settings.as_of or made)


def purchases(warehouse: Warehouse, asked: int, who: str) -> World:
    """Moments a horizon apart up to the as-of day; the horizon from the days between orders unless it is asked for."""
    reach = warehouse.frame(REACH).iloc[0]
    end = warehouse.as_of
    if end is None or pd.isna(reach["first_on"]):
        return World(kind="purchases")
    span = (end - reach["first_on"].date()).days
    horizon, bounded = _horizon(warehouse, end, span, asked)
    if bool(reach["monthly"]):
        months = max(1, round(horizon / 30.4))
        moments = _moments(end.replace(day=1), reach["first_on"].date(), pd.DateOffset(months=months))
        horizon = round(months * 30.4)
    else:
        moments = _moments(end, reach["first_on"].date(), pd.DateOffset(days=horizon))
    return World(
        kind="purchases",
        horizon=horizon,
        moments=moments,
        bounded=bounded,
        customers=int(reach["customers"]),
        active=who == "active",
        window=(moments[0].at - reach["first_on"].date()).days + 1,
    )


def _horizon(warehouse: Warehouse, end: date, span: int, asked: int) -> tuple[int, str]:
    """Days after which nine in ten are back, in whole weeks; at most a fifth of the data."""
    if asked:
        return asked, "asked"
    gaps = warehouse.frame(GAPS, at=end)
    if gaps.empty:
        return SHORTEST, "none"
    reached = gaps["weight"].cumsum() >= (QUANTILE - 1e-9) * gaps["weight"].sum()  # sums of weights are not exact
    wanted = -(-int(gaps["days"][reached.to_numpy()].iloc[0]) // 7) * 7
    most = min(LONGEST, max(span // (7 * SHARE) * 7, SHORTEST))
    return max(SHORTEST, min(wanted, most)), "short" if wanted > most else "long" if wanted < SHORTEST else ""


def _moments(end: date, begin: date, step: pd.DateOffset) -> tuple[Moment, ...]:
    """Days a horizon apart with at least a horizon of history, oldest first; the last is now, the horizons of the others are over."""
    days = [pd.Timestamp(end) - k * step for k in range(-1, MOST_MOMENTS + 4)]
    every = [
        Moment(at=days[k].date(), since=days[k + 1].date(), before=days[k + 2].date(), until=days[k - 1].date())
        for k in range(1, MOST_MOMENTS + 2)
    ]
    return tuple(reversed([moment for k, moment in enumerate(every) if k == 0 or moment.since >= begin - timedelta(days=1)]))


def memberships(warehouse: Warehouse, part: Part) -> tuple[pd.DataFrame, date, int]:
    """(memberships of a part of the customers, the last day known of them, how many end before they begin and are left out)."""
    found = warehouse.frame(UNTIL, today=_today(warehouse)).iloc[0]
    ends = [day.date() for day in (found["until"],) if not pd.isna(day)]
    until = max([*ends, *([warehouse.as_of] if warehouse.as_of else [])], default=FAR_PAST)
    return warehouse.frame(MEMBERS, until=until, **part.sql), until, int(found["impossible"])


def contract(warehouse: Warehouse, asked: int) -> World:
    """Moments a horizon apart up to the last day known of memberships; a horizon in which enough of them end."""
    members, until, skipped = memberships(warehouse, Part())
    if members.empty:
        return World(kind="contract", skipped=skipped)
    ended, begin = members["cancelled_on"].dropna(), members["enrolled_on"].min().date()
    horizon = asked or _enough_ends(ended, until, begin)
    moments = _moments(until, begin, pd.DateOffset(days=horizon))
    known = warehouse.as_of is not None and warehouse.as_of >= moments[-1].at - timedelta(days=31)
    return World(
        kind="contract",
        horizon=horizon,
        moments=moments,
        bounded="asked" if asked else "",
        customers=len(members),
        skipped=skipped,
        window=horizon,
        behaviour=known,
    )


def _enough_ends(ended: pd.Series, until: date, begin: date) -> int:
    """Days within which enough memberships ended lately, doubled as far as a quarter of the data."""
    days = CONTRACT_DAYS
    while (ended > pd.Timestamp(until - timedelta(days=days))).sum() < ENDED and 2 * days <= min(LONGEST, (until - begin).days // 4):
        days *= 2
    return days


def slice_at(warehouse: Warehouse, world: World, moment: Moment, part: Part) -> tuple[pd.DataFrame, np.ndarray]:
    """(customers by id with what was known of them on the day, who had left by the end of the horizon)."""
    if world.kind == "contract":
        return _members_at(warehouse, world, moment, part)
    seen = moment.since if world.active else FAR_PAST
    found = warehouse.frame(BEHAVIOUR, **_days(world, moment), seen=seen, **part.sql).set_index("customer_id")
    back = warehouse.frame(CAME_BACK, at=moment.at, until=moment.until, **part.sql)["customer_id"]
    return _with_more(warehouse, found, world, moment, part), ~found.index.isin(back)


def _members_at(warehouse: Warehouse, world: World, moment: Moment, part: Part) -> tuple[pd.DataFrame, np.ndarray]:
    members, _, _ = memberships(warehouse, part)
    at, until = pd.Timestamp(moment.at), pd.Timestamp(moment.until)
    here = members[(members["enrolled_on"] <= at) & ~(members["cancelled_on"] <= at)].set_index("customer_id")
    left = (here["cancelled_on"] <= until).to_numpy(bool)
    found = pd.DataFrame({"enrolled_month": here["enrolled_on"].dt.month.astype(float)}, index=here.index)
    if world.behaviour and "transactions" in warehouse.present():
        habits = warehouse.frame(BEHAVIOUR, **_days(world, moment), seen=FAR_PAST, **part.sql).set_index("customer_id")
        found = found.join(habits)
    return _with_more(warehouse, found, world, moment, part), left


def _days(world: World, moment: Moment) -> dict[str, object]:
    return {"at": moment.at, "since": moment.since, "before": moment.before, "window": world.window}


def _with_more(warehouse: Warehouse, found: pd.DataFrame, world: World, moment: Moment, part: Part) -> pd.DataFrame:
    """The customers with what other tables knew of them then; who is in none of a table's rows has no counts there."""
    for table, sql in MORE.items():
        if table in warehouse.present() and (world.behaviour or table not in ACTIVITY):
            wanted = {name: value for name, value in _days(world, moment).items() if f"${name}" in sql}
            more = warehouse.frame(sql, **wanted, **part.sql).set_index("customer_id")
            found = found.join(more)
            counts = [str(name) for name in more if str(name).endswith(("_recent", "_earned"))]
            found = found.assign(**{name: found[name].fillna(0.0) for name in counts})
    return found


def sliced(features: pd.DataFrame, churned: np.ndarray, without: frozenset[str]) -> Slice:
    """Columns that vary, numbers as such; what is left out by name, and what money a customer is worth, is not learned from."""
    from analytics.models.churn import Slice

    dropped = [name for name in features if name in without or name == "worth" or features[name].nunique(dropna=False) < 2]
    kept = features.drop(columns=dropped)
    numbers = [name for name in kept if pd.api.types.is_numeric_dtype(kept[name])]
    return Slice(features=kept.astype(dict.fromkeys(numbers, "float64")), churned=churned)


def alike(slices: Mapping[date, Slice]) -> dict[date, Slice]:
    """The slices with the columns that all of them have."""
    shared = [name for name in next(iter(slices.values())).features if all(name in part.features for part in slices.values())]
    return {day: replace(part, features=part.features[shared]) for day, part in slices.items()}


def snapshot(warehouse: Warehouse, without: frozenset[str]) -> tuple[pd.Index, Slice]:
    """(customers, all columns of the snapshot and who has left)."""
    from analytics.models.churn import typed

    rows = warehouse.frame(SNAPSHOT)
    columns: list[dict[str, Any]] = [json.loads(text) if isinstance(text, str) else {} for text in rows["attributes"]]
    features = typed(pd.DataFrame(columns, index=rows.index))
    return pd.Index(rows["customer_id"]), sliced(features, rows["churned"].to_numpy(bool), without)
