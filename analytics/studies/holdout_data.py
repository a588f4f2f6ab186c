"""The past windows a test is sized on, and the lot itself: who could be in it, who is withheld."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.studies import holdout_sql as sql
from analytics.studies.month_ends import whole_months

if TYPE_CHECKING:
    from analytics.models.power import Spread
    from analytics.studies.holdout import Params
    from analytics.warehouse import Warehouse

GRID = (1, 2, 3, 4, 6, 9, 12)  # lengths of a test that are looked at, in months
LEVELS = 4  # parts of equal size by what customers brought before
COLUMNS = ("experiment_id", "customer_id", "arm", "assigned_at", "starts_on", "ends_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the data.

    who          everyone, members, not_members or new
    margin       whether money is contribution margin; None when there is no money
    money        whether the outcome is money a month, else whether customers buy at all
    all_members  whether everybody who ever bought is a member
    """

    who: str
    margin: bool | None
    money: bool
    all_members: bool

    @property
    def measure(self) -> str:
        return "buyers" if not self.money else "margin" if self.margin else "net_sales"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A test that could begin: one row of `people` a customer, with `arm` and `stratum`; taken: customers left out, in which tests."""

    experiment: str
    people: pd.DataFrame
    assigned: date
    starts: date
    ends: date
    taken: int
    running: tuple[str, ...]

    @property
    def control(self) -> np.ndarray:
        return np.asarray(self.people["arm"] == "control")


def asked(warehouse: Warehouse, params: Params) -> Asked:
    """Whom the plan is for, and in what it is measured, as far as the data goes."""
    known = warehouse.present().get("transactions", frozenset())
    margin = None if "amount" not in known and "margin" not in known else "margin" in known
    members, others = (int(str(n)) for n in warehouse.row(sql.MEMBERS))
    fitting = "not_members" if params.plan == "programme" and members and others else "everyone"
    return Asked(
        who=fitting if params.who == "fitting" else params.who,
        margin=margin,
        money=params.outcome == "money" and margin is not None,
        all_members=members > 0 and not others,
    )


def spreads(warehouse: Warehouse, params: Params, told: Asked) -> dict[int, Spread]:
    """Length of a test in months -> the outcome over the last so many whole months, of those who could have been drawn before them, and
    what as many months before explain. Only lengths of which the data holds two."""
    from analytics.models.power import spread

    months = whole_months(warehouse, params.filters)
    found = {}
    for length in sorted({*GRID, params.months}):
        if len(months) >= 2 * length:
            past = _people(warehouse, params, told, months[-length].date(), months[-2 * length].date(), _after(months[-1]))
            if len(past) >= 3:
                found[length] = spread(*(_outcome(past, told, side, length) for side in ("after", "before")))
    return found


def lot(warehouse: Warehouse, params: Params, told: Asked) -> Lot:
    """Everybody who could be drawn now, drawn by lot within strata of what was brought before, tier, region and channel."""
    from analytics.models.assignment import strata, withheld

    assigned = warehouse.as_of
    assert assigned is not None  # noqa: S101 - there are sales
    starts = date.fromisoformat(params.starts_on) if params.starts_on else _after(assigned)
    months = whole_months(warehouse)
    since = months[max(len(months) - params.months, 0)].date()
    people = _people(warehouse, params, told, assigned + timedelta(days=1), since, date.max)
    running = warehouse.frame(sql.TAKEN, starts=starts)
    there = people["customer_id"].isin(running["customer_id"])
    free = people[~there].reset_index(drop=True) if params.running == "leave_out" else people
    free = free.assign(level=_level(_outcome(free, told, "before", params.months)))
    free["stratum"] = strata(free[["level", "tier", "region", "channel"]])
    drawn = withheld(free["stratum"], params.share, params.seed)
    return Lot(
        experiment=_name(warehouse, f"{params.plan}-{starts.isoformat()}"),
        people=free.assign(arm=np.where(drawn, "control", "treatment")),
        assigned=assigned,
        starts=starts,
        ends=(pd.Timestamp(starts) + pd.DateOffset(months=params.months) - pd.Timedelta(days=1)).date(),
        taken=int(there.sum()),
        running=tuple(sorted(running.loc[running["customer_id"].isin(people["customer_id"]), "experiment_id"].dropna().unique())),
    )


def listed(drawn: Lot) -> pd.DataFrame:
    """The assignment as the table `experiments` holds it, one row a customer."""
    days = {"assigned_at": drawn.assigned, "starts_on": drawn.starts, "ends_on": drawn.ends}
    rows = drawn.people[["customer_id", "arm"]].assign(experiment_id=drawn.experiment, **{k: pd.Timestamp(v) for k, v in days.items()})
    return rows[list(COLUMNS)]


def balanced(drawn: Lot, told: Asked) -> pd.DataFrame:
    """How alike the arms are in what was known: see models.assignment."""
    from analytics.models.assignment import balance

    before = {"before": "money_before"} if told.margin is not None else {}
    numbers = {**before, "orders_before": "orders_before", "recency_days": "recency_days", "tenure_days": "tenure_days"}
    known = drawn.people[[*numbers, "tier", "region", "channel"]].rename(columns=numbers)
    return balance(known.dropna(axis="columns", how="all"), drawn.control)


def _people(warehouse: Warehouse, params: Params, told: Asked, cut: date, since: date, until: date) -> pd.DataFrame:
    where = {name: list(getattr(params.filters, name)) for name in ("region", "channel", "tier")}
    days = {"cut": cut, "since": since, "until": until, "days": params.active_days}
    return warehouse.frame(sql.PEOPLE, **days, **where, who=told.who, margin=bool(told.margin))


def _outcome(people: pd.DataFrame, told: Asked, side: str, months: int) -> np.ndarray:
    """Money a month, or whether there was an order at all."""
    if told.money:
        return people[side].to_numpy(float) / months
    return (people[f"orders_{side}"].to_numpy(float) > 0).astype(float)


def _level(before: np.ndarray) -> np.ndarray:
    """Which part of equal size by what was brought before; who brought nothing is in the first."""
    place = pd.Series(before).rank(pct=True, method="max").to_numpy()
    return np.asarray(np.ceil(place * LEVELS).astype(int).astype(str))


def _after(day: date | pd.Timestamp) -> date:
    """The first day of the month after."""
    return (pd.Timestamp(day) + pd.offsets.MonthBegin(1)).date()


def _name(warehouse: Warehouse, wanted: str) -> str:
    """The name, with a number behind it when a test has it already."""
    taken = set(warehouse.frame(sql.NAMES)["experiment_id"])
    return next(name for name in (wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)


def as_file(rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """The assignment under headings that the importer knows, in a language."""
    from analytics.contract import BY_NAME, heading

    return rows.rename(columns={name: heading(BY_NAME["experiments"][str(name)], language) for name in rows})
