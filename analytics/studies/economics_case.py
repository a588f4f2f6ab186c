"""What `economics` and `scenarios` reckon with: the programme's months, its costs, and the effect where the data can tell one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analytics.fits import fitted
from analytics.models.economics import Case
from analytics.results import Note, Result
from analytics.studies import economics_sql as sql
from analytics.studies import effect
from analytics.studies.effect_experiment import Found as Drawn
from analytics.studies.effect_fit import EFFECT
from analytics.studies.ledger import PROGRAMME, Ledger, ledger
from analytics.studies.month_ends import whole_months

if TYPE_CHECKING:
    from analytics.fits import Fit
    from analytics.warehouse import Warehouse

MONTHLY = ("rewards", "benefits", "platform", "people", "communication", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """margin: share of net sales, an assumption; 0 takes the data's own. months: the last ones, 0 is all that ledger and sales share.
    carry: how the effect of those followed is carried over to all members: as the same share of what they buy, or as the same money a head.
    discount: a year. setup: money paid before the first month. cost_error: standard deviation of the costs, as a share of them."""

    margin: float = field(default=0.0, metadata={"min": 0.0, "max": 1.0, "step": 0.01})
    months: int = field(default=0, metadata={"min": 0, "max": 120, "step": 1})
    discount: float = field(default=0.08, metadata={"min": 0.0, "max": 1.0, "step": 0.01})
    setup: float = field(default=0.0, metadata={"min": 0.0, "max": 1e12, "step": 1000.0})
    carry: Literal["share", "head"] = "share"
    cost_error: float = field(default=0.0, metadata={"min": 0.0, "max": 1.0, "step": 0.05})
    seed: int = field(default=1, metadata={"min": 0, "max": 1_000_000, "step": 1})


@dataclass(frozen=True, kw_only=True)
class Found:
    """months    the window's months
    ledger    every cost of the window
    costs     kind -> money a month, of the programme
    treated   customers on whom the programme acts, a month
    likened   the same in customers who buy as those did whose effect is known; None where it is carried over by the head
    case      None where no return can be told; `lacking` says why then
    effect    the answer of the study `effect`, or None where that was not asked
    """

    months: pd.DatetimeIndex
    ledger: Ledger
    costs: Mapping[str, np.ndarray]
    treated: np.ndarray
    likened: np.ndarray | None = None
    case: Case | None = None
    lacking: Note | None = None
    effect: Result | None = None

    @property
    def grade(self) -> str:
        """That of the effect; D where there is no return."""
        return (self.effect.grade or "D") if self.effect is not None and self.case is not None else "D"


def fits(params: Any) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    """What has to be fitted first."""
    return effect.STUDY.fits(effect.Params(margin=params.margin))


def found(warehouse: Warehouse, params: Any) -> Found | Note:
    """The case, or the costs alone with the reason why there is no more; a Note where not even a cost is known.

    params  has margin, months, discount, setup, cost_error
    """
    known = booked(warehouse, params.months)
    if isinstance(known, Note):
        return known
    months, within, costs = known.months, known.ledger, known.costs
    cause = _effect(warehouse, params)
    treated, own = _treated(warehouse, cause, months, params)
    likened = _likened(cause, own)
    lacking = _lacking(warehouse, within, cause, treated, params)
    told_so_far = replace(known, treated=treated, likened=likened, effect=cause, lacking=lacking)
    if lacking is not None or cause is None:
        return told_so_far
    case = Case(
        treated=treated if likened is None or params.carry == "head" else likened,
        costs=costs,
        effect=cause.estimates["effect"],
        strength=np.ones(len(months)),
        own_margin=float(own.sum()) or None,
        discount=params.discount,
        setup=params.setup,
        cost_error=params.cost_error,
    )
    return replace(told_so_far, case=case)


def booked(warehouse: Warehouse, last: int = 0) -> Found | Note:
    """The costs alone, of the last months that ledger and sales share (0: of all); a Note where not even a cost is known."""
    told = ledger(warehouse)
    months = _months(warehouse, told, last)
    within = Ledger(rows=told.rows[told.rows["month"].isin(months)], unknown=told.unknown, complete=told.complete)
    costs = _costs(within, months)
    if not costs:
        return Note(key="economics.refused.outside" if "costs" in warehouse.present() else "economics.refused.no_costs")
    return Found(months=months, ledger=within, costs=costs, treated=np.zeros(len(months)))


def _months(warehouse: Warehouse, told: Ledger, last: int) -> pd.DatetimeIndex:
    """Months that both the programme's ledger and the sales cover, the last ones if asked; the ledger's own without dated sales."""
    booked = told.programme()["month"]
    if booked.empty:
        return pd.DatetimeIndex([])
    own = pd.date_range(booked.min(), booked.max(), freq="MS")
    both = own.intersection(whole_months(warehouse))
    return (both if len(both) else own)[-last:]


def _costs(told: Ledger, months: pd.DatetimeIndex) -> dict[str, np.ndarray]:
    """Kind -> money a month."""
    table = told.programme().pivot_table(index="month", columns="kind", values="amount", aggfunc="sum").reindex(months).fillna(0.0)
    return {kind: table[kind].to_numpy(float) for kind in PROGRAMME if kind in table}


def _effect(warehouse: Warehouse, params: Any) -> Result | None:
    if "transactions" not in warehouse.present():
        return None
    return effect.run(warehouse, effect.Params(margin=params.margin))


def _treated(warehouse: Warehouse, cause: Result | None, months: pd.DatetimeIndex, params: Any) -> tuple[np.ndarray, np.ndarray]:
    """Customers on whom the programme acts in each month, and the margin of what they bought in it (0 where it is not known)."""
    lot = _lot(warehouse, cause, params)
    rows = warehouse.frame(
        sql.TREATED,
        first=months[0].date(),
        last=months[-1].date(),
        flag=lot is not None and lot.experiment is None,
        experiment="" if lot is None else lot.experiment,
        control="" if lot is None else lot.control,
        since=None if lot is None else lot.first,
    )
    counted = rows.set_index("month").reindex(months).fillna(0.0)
    margin = params.margin * counted["amount"] if params.margin else counted["margin"]
    return counted["customers"].to_numpy(float), margin.to_numpy(float)


def _likened(cause: Result | None, own: np.ndarray) -> np.ndarray | None:
    """Members of each month in customers who buy as those did whose effect is known: who buys twice as much counts twice.

    Why     those who can be followed joined lately, and buy less than members of long standing; money a head would leave these out
    """
    if cause is None or "designs" not in cause.tables:
        return None
    chosen = cause.tables["designs"].query("chosen")
    brought = float(chosen["brought"].iloc[0] or 0) if len(chosen) else 0.0
    return own / brought if brought > 0 and own.sum() > 0 else None


def _lot(warehouse: Warehouse, cause: Result | None, params: Any) -> Drawn | None:
    """The lot that the effect is of, where it is of one: those it withheld are not treated."""
    if cause is None or "designs" not in cause.tables or not (told := cause.tables["designs"].query("chosen")).shape[0]:
        return None
    if told["design"].iloc[0] != "experiment":
        return None
    attempts = fitted(warehouse, EFFECT, **dict(fits(params)[0][1])).facts["attempts"]
    facts = next(attempt["facts"] for attempt in attempts if attempt["design"] == "experiment")
    flag = facts["source"] == "flag"
    began = told["first"].iloc[0].date() - timedelta(days=1)  # a lot counts from its first day, joining from the month after
    return Drawn(experiment=None if flag else facts["experiment"], control=facts["control"], first=began)


def _lacking(warehouse: Warehouse, told: Ledger, cause: Result | None, treated: np.ndarray, params: Any) -> Note | None:
    """Why no return can be told: the gravest reason first."""
    if cause is None or cause.refused is not None:
        reason = Note(key="economics.lacking.no_sales") if cause is None else cause.verdict.facts["reason"]
        return Note(key="economics.lacking.effect", facts={"reason": reason})
    if effect.subject(cause):
        return Note(key="economics.lacking.some_test", facts={"experiment": effect.subject(cause)})
    if "margin" not in warehouse.present()["transactions"] and not params.margin:
        return Note(key="economics.lacking.margin")
    if not told.complete:
        return Note(key="economics.lacking.ledger")
    if told.programme()["amount"].sum() + params.setup <= 0:
        return Note(key="economics.lacking.nothing")
    return None if treated.sum() > 0 else Note(key="economics.lacking.nobody")
