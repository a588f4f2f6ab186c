"""Could the same reward budget bring more, and what does it cost to treat tiers alike?

The response to rewards is measured only where a lottery dealt rewards out; else it is assumed, and said to be. It is never read off spend.

Tables of the answer
    present    tier, segment, customers, budget, brought, rate (budget over brought); over the last year
    tiers      tier (or segment, without tiers), customers, budget_share, brought_share, rate, ratio (rate over that of all), proposed_ratio
    changes    tier, segment, customers, now, proposed, change, change_share, change_each (a customer), gain; the largest first
    frontier   rho, gain, price, feasible, point (frontier, chosen, present)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import UserError
from analytics.results import Estimate, Note, Result, Unit, exact
from analytics.studies.allocation_data import DIMENSIONS, SPEND, Budget, Response, budget, cells, options, response
from analytics.studies.allocation_data import GIVEN as GIVEN  # shown with the other queries
from analytics.studies.allocation_figures import draw
from analytics.studies.base import Need, Study
from analytics.studies.given import PEOPLE as PEOPLE

if TYPE_CHECKING:
    from analytics.i18n import Words
    from analytics.models.allocation import Cells
    from analytics.warehouse import Warehouse

Floats = NDArray[np.float64]

STEPS = tuple(round(0.05 * at, 2) for at in range(21))  # of rho on the frontier
NOTHING = 1e-6  # share of what is brought under which a gain is none
EDGE = 1e-6  # below the highest rho, where a split is sure to be found
HARDLY = 1e-3  # share of a gain under which its price is next to nothing
PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "present": (("tiers", "present"), ("budget", "rho_now")),
    "frontier": (("frontier",), ("gain", "gain_free", "price_of_fairness", "price_share", "rho_now", "rho_highest")),
    "changes": (("changes",), ("gain", "moved", "budget")),
}


def _offered(warehouse: Warehouse, values: Mapping[str, Any], words: Words) -> dict[str, str]:
    """Dimensions with two values and more."""
    return {name: words(f"allocation.dimensions.{name}") for name in options(warehouse)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """segment: what tiers are divided by; rho: least benefit rate of a tier over that of all; max_change: of each segment's budget;
    response: assumed elasticity; doubt: it lies within so many times; tilt: by how much more the highest tier is assumed to respond."""

    segment: str = field(default="", metadata={"options": _offered})
    rho: float = field(default=0.8, metadata={"min": 0.0, "max": 1.0, "step": 0.05})
    max_change: float = field(default=0.5, metadata={"min": 0.05, "max": 1.0, "step": 0.05})
    response: float = field(default=0.1, metadata={"min": 0.01, "max": 0.5, "step": 0.01})
    doubt: float = field(default=2.0, metadata={"min": 1.0, "max": 10.0, "step": 0.5})
    tilt: float = field(default=0.0, metadata={"min": -0.9, "max": 0.9, "step": 0.1})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Split:
    """The budget as it is, as it would be without rho, and as proposed: under the rho asked for, or the highest that any split keeps."""

    found: Budget
    answered: Response
    cells: Cells
    free: Floats
    proposed: Floats
    rho: float
    highest: float


def run(warehouse: Warehouse, params: Params) -> Result:
    """The present budget, the best split of it under rho, and what other rhos would cost."""
    if params.segment and params.segment not in (*DIMENSIONS, SPEND):
        raise UserError("bad_param", study=STUDY.id, name="segment", value=params.segment, allowed=" | ".join((*DIMENSIONS, SPEND)))
    found = budget(warehouse, params.segment)
    if isinstance(found, Note):
        return Result(study=STUDY.id, verdict=found, refused=found)
    split = _split(found, response(warehouse, found, params.response, params.doubt), params)
    estimates = _estimates(split)
    return Result(
        study=STUDY.id,
        verdict=_verdict(split, estimates, params),
        estimates=estimates,
        tables=_tables(split, params),
        warnings=_warnings(split, params),
    )


def parts(result: Result) -> dict[str, Result]:
    """The answer in its parts, each with its own figures: present, frontier, changes; only those that it has."""
    every = {
        name: result.part(tables=tables, estimates=estimates, warnings=() if name == "present" else result.warnings)
        for name, (tables, estimates) in PARTS.items()
    }
    return {name: part for name, part in every.items() if part.tables}


def _split(found: Budget, answered: Response, params: Params) -> _Split:
    from analytics.models.allocation import best, highest_ratio

    world = cells(found, answered, params.tilt)
    highest = highest_ratio(world, params.max_change)
    rho = min(params.rho, highest * (1 - EDGE))
    free, proposed = (best(world, each, params.max_change) for each in (0.0, rho))
    if free is None or proposed is None:
        raise ArithmeticError("there is a split for every rho up to the highest")
    return _Split(found=found, answered=answered, cells=world, free=free, proposed=proposed, rho=rho, highest=highest)


def _estimates(split: _Split) -> dict[str, Estimate]:
    """What the proposed split would bring, what rho takes of it, how uneven tiers are today."""
    found, world = split.found, split.cells
    n, total = len(found.people), float(world.budget.sum())
    given = Unit.MONEY if found.found.priced else Unit.POINTS
    told = {"budget": exact(total, unit=given, n=n), "rho_now": exact(world.ratio(world.budget), unit=Unit.RATIO, n=n)}
    told["rho_highest"] = exact(split.highest, unit=Unit.RATIO, n=n)
    told |= _gains(split)
    told["moved"] = exact(np.abs(split.proposed - world.budget).sum() / 2 / total, unit=Unit.SHARE, n=n)
    order = ("gain", "price_of_fairness", "price_share", "gain_free", "rho_now", "rho_highest", "budget", "moved")
    return {name: told[name] for name in order if name in told}


def _gains(split: _Split) -> dict[str, Estimate]:
    """What could be gained with rho and without it, from the same draws."""
    from analytics.models.allocation import Doubt, gains

    people = split.found.people
    unit = Unit.MONEY if split.found.found.brought in ("margin", "net_sales") else Unit.COUNT
    doubt = Doubt(brought=people["brought"].to_numpy(float), cell=people["cell"].to_numpy(np.int64), factor=split.answered.factor)
    free, gain, price = gains(split.cells, [split.free, split.proposed], doubt, unit=unit)
    told = {"gain_free": free, "gain": gain, "price_of_fairness": price}
    if free.value > 0:
        told["price_share"] = exact(max(price.value, 0.0) / free.value, unit=Unit.SHARE, n=len(people))
    return told


def _tables(split: _Split, params: Params) -> dict[str, pd.DataFrame]:
    tables = {"present": split.found.table, "tiers": _groups(split), "frontier": _frontier(split, params)}
    return {**tables, "changes": _changes(split)}


def _groups(split: _Split) -> pd.DataFrame:
    """A row a tier: its part of the budget and of what is brought."""
    found, world = split.found, split.cells
    held, brought = world.grouped(world.budget), world.grouped(world.brought)
    rate = np.divide(held, brought, out=np.full(len(held), np.nan), where=brought > 0)
    table = pd.DataFrame(
        {
            "tier": found.groups,
            "customers": world.grouped(found.table["customers"].to_numpy(float)).astype(int),
            "budget_share": held / held.sum(),
            "brought_share": brought / brought.sum(),
            "rate": rate,
            "ratio": rate / world.rate,
        }
    )
    return table.assign(
        proposed_ratio=table["ratio"] * np.divide(world.grouped(split.proposed), held, out=np.ones_like(held), where=held > 0)
    )


def _changes(split: _Split) -> pd.DataFrame:
    """Cell by cell, what is proposed; the largest change first."""
    table, world, proposed = split.found.table, split.cells, split.proposed
    change = proposed - world.budget
    told = table[["tier", "segment", "customers"]].assign(
        now=world.budget,
        proposed=proposed,
        change=change,
        change_share=np.divide(change, world.budget, out=np.zeros_like(change), where=world.budget > 0),
        change_each=change / table["customers"],
        gain=world.gain(proposed),
    )
    order = np.argsort(-np.abs(change), kind="stable")
    return told.iloc[order].reset_index(drop=True)


def _frontier(split: _Split, params: Params) -> pd.DataFrame:
    """What each rho leaves to gain, up to the highest there is a split for; the chosen one; and the budget as it is."""
    from analytics.models.allocation import frontier

    most = min(split.highest, 1.0) * (1 - EDGE)
    steps = sorted({*STEPS, split.rho, most})
    table = frontier(split.cells, steps, params.max_change)
    table["point"] = np.where(np.isclose(table["rho"], split.rho, rtol=0, atol=1e-9), "chosen", "frontier")
    now = {
        "rho": split.cells.ratio(split.cells.budget),
        "gain": 0.0,
        "price": float(table["gain"].max()),
        "feasible": True,
        "point": "present",
    }
    table.loc[~table["feasible"], "price"] = np.nan
    return pd.concat([table, pd.DataFrame([now])], ignore_index=True)


def _verdict(split: _Split, estimates: Mapping[str, Estimate], params: Params) -> Note:
    """Who has the lowest benefit rate, what could be gained, and what rests on an assumption."""
    lowest = _groups(split).sort_values("ratio", kind="stable").iloc[0]
    told = {"rho": exact(params.rho, unit=Unit.RATIO, n=1), "change": exact(params.max_change, unit=Unit.SHARE, n=1)}
    facts = {**told, "tier": str(lowest["tier"]), "ratio": estimates["rho_now"], "highest": estimates["rho_highest"]}
    facts |= {"budget": estimates["budget"], "basis": _basis(split.answered)}
    gain, price = estimates["gain"], estimates["price_of_fairness"]
    facts |= {"gain": gain, "low": replace(gain, value=gain.low), "high": replace(gain, value=gain.high), "price_of_fairness": price}
    facts["unit"] = Note(key=f"allocation.of.{split.found.found.brought}")
    if split.rho < params.rho * (1 - 2 * EDGE):
        return Note(key="allocation.verdict.infeasible", facts=facts)
    if gain.value <= NOTHING * split.cells.brought.sum():
        return Note(key="allocation.verdict.nothing", facts=facts)
    return Note(key=f"allocation.verdict.{'free' if price.value <= HARDLY * gain.value else 'price'}", facts=facts)


def _basis(answered: Response) -> Note:
    """What the gain rests on."""
    if answered.experiment is None:
        return Note(key="allocation.basis.assumed", facts={"elasticity": exact(answered.elasticity, unit=Unit.RATIO, n=1)})
    return Note(key="allocation.basis.measured", facts={"experiment": answered.experiment, "brings": answered.brings})


def _warnings(split: _Split, params: Params) -> tuple[Note, ...]:
    """What a reader must know before believing the numbers."""
    found, answered = split.found, split.answered
    said = [
        ("assumed", answered.experiment is None),
        ("measured", answered.experiment is not None),
        ("granted", found.source == "granted"),
        ("no_money", found.found.brought not in ("margin", "net_sales")),
        ("net_sales", found.found.brought == "net_sales"),
        ("not_priced", not found.found.priced),
        ("spend", found.dimension == SPEND),
        ("no_tiers", not found.tiered),
    ]
    sure = {name: exact(getattr(answered, name), unit=Unit.RATIO, n=1) for name in ("elasticity", "factor")}
    brings = float(split.cells.elasticity @ split.cells.brought / split.cells.budget.sum())
    facts = {**sure, "experiment": answered.experiment or "", "next": exact(brings, unit=Unit.RATIO, n=1)}
    return tuple(Note(key=f"allocation.warnings.{key}", facts=facts) for key, there in said if there)


STUDY = Study(
    id="allocation",
    group="tiers",
    any_of=(
        (
            Need(table="transactions", columns=("customer_id", "occurred_at")),
            Need(table="points", columns=("customer_id", "kind", "points")),
        ),
        (Need(table="transactions", columns=("customer_id", "occurred_at")), Need(table="benefits", columns=("customer_id", "cost"))),
    ),
    params=Params,
    run=run,
    figures=draw,
)
