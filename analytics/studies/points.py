"""What do the points that were issued still cost? The ledger in balance, what will be redeemed, what is owed and still to be recognised.

Tables of the answer
    identity   item (earned, redeemed, expired, adjusted, outstanding; positive, negative, balances: by customer; lots), points, customers,
               source (ledger, customers, lots): outstanding, balances and lots are the same total, found in three ways
    movements  month, earned, redeemed, expired, adjusted, balance
    ageing     months (0, 3, 6, 12: from which age on), points, held_share, customers
    expiry     month, points, redeemed_before, lapsing: points held by the month in which they expire
    rewards    category, redemptions, customers, points, cost
    curve      age (months), redeemed_share, low_share, high_share, still_share
    vintages   vintage, issued, redeemed, expired, outstanding, redeemed_share; expected_share, low_share, high_share where known
    burn       quarter, age, redeemed_share: by the quarter in which points were earned
    schedule   month, opening, deferred, recognised, caught_up, closing: deferred revenue
    funnel     step, customers, step_share (of the step before), low_share, high_share
    waiting    days since the first points, redeemed_share, low_share, high_share, at_risk
    customers  those who never redeemed, `list_size` of them: customer_id, balance, earned, earned_on, last_on, expiring; all: `members`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from analytics.results import Estimate, Note, Result, Unit, exact, wilson
from analytics.studies import points_books as books
from analytics.studies import points_tables as tables
from analytics.studies.base import Need, Study
from analytics.studies.points_books import Paper, Terms
from analytics.studies.points_data import WINDOW, Told, told
from analytics.studies.points_figures import draw
from analytics.studies.points_sql import BALANCES as BALANCES  # shown with the other queries
from analytics.studies.points_sql import EARNS, NEVER
from analytics.studies.points_sql import FATES as FATES
from analytics.studies.points_sql import LOTS as LOTS
from analytics.studies.points_sql import SALES as SALES
from analytics.warehouse import Warehouse

PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "balance": (
        ("movements", "ageing", "expiry", "rewards", "identity"),
        ("outstanding", "redemption", "breakage", "liability", "liability_most", "face_value", "cost_per_point"),
    ),
    "redemption": (("curve", "burn", "vintages"), ("redemption", "breakage")),
    "revenue": (("schedule",), ("deferred_revenue", "recognised", "caught_up")),
    "members": (("funnel", "waiting", "customers"), ("never_redeemed", "first_redemption")),
}
ABOUT_RATE = ("open", "endless", "levelled", "begun", "assumed.rate")
ABOUT_REVENUE = ("management", "unsold", "no_deferral", "assumed.value", "assumed.booked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Assumptions, each 0 where the data is to tell: value_per_point (face value) and cost_per_point, money; expected_redemption, share of
    points that will be redeemed; booked_redemption, the share the books used until the last month. window: months up to now from which the
    share is estimated, 0 for all; list_size: customers listed."""

    value_per_point: float = field(default=0.0, metadata={"min": 0.0, "max": 1e4, "step": 0.001})
    cost_per_point: float = field(default=0.0, metadata={"min": 0.0, "max": 1e4, "step": 0.001})
    expected_redemption: float = field(default=0.0, metadata={"min": 0.0, "max": 1.0, "step": 0.01})
    booked_redemption: float = field(default=0.0, metadata={"min": 0.0, "max": 1.0, "step": 0.01})
    window: int = field(default=WINDOW, metadata={"min": 0, "max": 120, "step": 6})
    list_size: int = field(default=100, metadata={"min": 0, "max": 100_000, "step": 50})


def run(warehouse: Warehouse, params: Params) -> Result:
    """The ledger, what of it will be redeemed, and the books that follow."""
    found = told(warehouse, params.window)
    if found is None:
        lacking = Note(key=f"points.refused.{'young' if warehouse.value(EARNS) else 'nothing'}")
        return Result(study=STUDY.id, verdict=lacking, refused=lacking)
    given = books.terms(found, params)
    made = books.paper(warehouse, found, given)
    answers = _tables(warehouse, found, given, made)
    never = warehouse.frame(NEVER)
    estimates = _estimates(found, given, made, answers, len(never))
    return Result(
        study=STUDY.id,
        verdict=_verdict(found, given, estimates),
        estimates=estimates,
        tables={name: table for name, table in {**answers, "customers": _holding(never).head(params.list_size)}.items() if len(table)},
        warnings=tuple(_warnings(warehouse, found, given, made, answers["identity"])),
    )


def members(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every customer who earned, never redeemed and still holds points, the most first: columns as in the table `customers`."""
    return _holding(warehouse.frame(NEVER))


def working_paper(warehouse: Warehouse, params: Params) -> tuple[Paper, pd.DataFrame] | None:
    """What the working paper is written from, with the table `identity`; None where revenue cannot be deferred."""
    found = told(warehouse, params.window)
    made = None if found is None else books.paper(warehouse, found, books.terms(found, params))
    if found is None or made is None:
        return None
    return made, tables.identity(warehouse, tables.movements(warehouse, found), found)


def parts(result: Result) -> dict[str, Result]:
    """The answer in its parts, each with its own figures and warnings; `revenue` also where it can only say what is missing."""
    every = {
        name: result.part(tables=tables, estimates=estimates, warnings=[note for note in result.warnings if _belongs(note, name)])
        for name, (tables, estimates) in PARTS.items()
    }
    return {name: part for name, part in every.items() if part.tables or name == "revenue"}


def _belongs(note: Note, part: str) -> bool:
    """Warnings of revenue stand on its tab alone, all others on the first; those about the rate beside the rate, too."""
    told_by = note.key.removeprefix("points.warnings.")
    if part == "revenue":
        return told_by.startswith(ABOUT_REVENUE)
    return (part == "balance" and not told_by.startswith(ABOUT_REVENUE)) or (part == "redemption" and told_by in ABOUT_RATE)


def _holding(never: pd.DataFrame) -> pd.DataFrame:
    return never[never["balance"] > 0].reset_index(drop=True)


def _tables(warehouse: Warehouse, found: Told, given: Terms, made: Paper | None) -> dict[str, pd.DataFrame]:
    moved = tables.movements(warehouse, found)
    return {
        "identity": tables.identity(warehouse, moved, found),
        "movements": moved,
        "ageing": tables.ageing(warehouse, found),
        "expiry": tables.expiry(found, given),
        "rewards": tables.rewards(warehouse),
        "curve": tables.curve(found) if found.whole else pd.DataFrame(),
        "vintages": tables.vintages(found, given),
        "burn": tables.burn(found) if found.whole else pd.DataFrame(),
        "schedule": pd.DataFrame() if made is None else tables.schedule(made),
        "funnel": tables.funnel(warehouse),
        "waiting": tables.waiting(warehouse, found) if found.whole else pd.DataFrame(),
    }


def _estimates(found: Told, given: Terms, made: Paper | None, answers: Mapping[str, pd.DataFrame], never: int) -> dict[str, Estimate]:
    points, holders = (answers["identity"].set_index("item")[name] for name in ("points", "customers"))
    people = int(answers["funnel"].set_index("step")["customers"]["earned"])
    return {
        "outstanding": exact(points["outstanding"], unit=Unit.POINTS, n=int(holders["balances"])),
        **_rates(found),
        **_owed(found, given),
        **_revenue(found, made),
        **({"never_redeemed": wilson(never, people)} if people else {}),
        **_wait(answers["waiting"], people),
    }


def _rates(found: Told) -> dict[str, Estimate]:
    """The share that will be redeemed, and its complement; neither where the ledger cannot tell."""
    rate = found.redemption.rate
    if rate is None or not found.whole:
        return {}
    return {"redemption": rate, "breakage": replace(rate, value=1 - rate.value, low=1 - rate.high, high=1 - rate.low)}


def _owed(found: Told, given: Terms) -> dict[str, Estimate]:
    """What the points held will cost; where nobody knows what of them will be redeemed, the most they can."""
    held, n = float(found.held.sum()), found.prices.redemptions
    known = {"liability": books.liability(found, given), "face_value": books.liability(found, given, price=given.value)}
    if known["liability"] is None and given.cost is not None:
        known = {**known, "liability_most": exact(held * given.cost, unit=Unit.MONEY, n=n)}
    if given.cost is not None:
        known["cost_per_point"] = exact(given.cost, unit=Unit.MONEY, n=n)
    return {name: estimate for name, estimate in known.items() if estimate is not None and not (name == "face_value" and not given.value)}


def _revenue(found: Told, made: Paper | None) -> dict[str, Estimate]:
    if made is None:
        return {}
    last = {"recognised": made.schedule.earned[-1], "caught_up": made.schedule.caught_up[-1]}
    shown = {name: exact(value, unit=Unit.MONEY, n=len(made.months)) for name, value in last.items() if value or name == "recognised"}
    return {"deferred_revenue": books.deferred(found, made), **shown}


def _wait(waiting: pd.DataFrame, people: int) -> dict[str, Estimate]:
    found = tables.median_wait(waiting, people) if len(waiting) else None
    return {} if found is None else {"first_redemption": found}


def _verdict(found: Told, given: Terms, estimates: Mapping[str, Estimate]) -> Note:
    """What is held, what of it will be redeemed, what that costs; or why that cannot be told."""
    low, high = (_share(end) for end in found.redemption.between)
    facts = {"held": round(found.held.sum()), "issued": round(_issued(found)), "low": low, "high": high, **estimates}
    if "liability" in estimates:
        kind = "assumed" if "rate" in given.assumed else "known"
        return Note(key=f"points.verdict.{kind}", facts={**facts, "rate": _share(given.rate or 0.0)})
    if "redemption" in estimates:
        return Note(key="points.verdict.uncosted", facts=facts)
    kind = "begun" if not found.whole else "open"
    return Note(key=f"points.verdict.{kind}.{'cost' if 'liability_most' in estimates else 'points'}", facts=facts)


def _issued(found: Told) -> float:
    return float(found.lots.loc[found.lots["vintage"].notna(), "points"].sum())


def _share(value: float) -> Estimate:
    return exact(value, unit=Unit.SHARE, n=1)


def _warnings(warehouse: Warehouse, found: Told, given: Terms, made: Paper | None, identity: pd.DataFrame) -> list[Note]:
    """What a reader must know before believing the numbers."""
    people, points = (identity.set_index("item")[name] for name in ("customers", "points"))
    notes = [Note(key=f"points.warnings.assumed.{name}") for name in ("value", "cost", "rate", "booked") if name in given.assumed]
    if not found.whole:
        notes.append(Note(key="points.warnings.begun", facts={"points": round(found.before), "share": _share(found.before_share)}))
    elif found.redemption.rate is None:
        kind = "open" if found.span.expires else "endless"
        notes.append(Note(key=f"points.warnings.{kind}", facts={"months": len(found.redemption.curve.held)}))
    elif found.redemption.levelled:
        notes.append(
            Note(key="points.warnings.levelled", facts={"months": len(found.redemption.curve.held), "n": found.redemption.levelled})
        )
    if points["negative"] < 0:
        notes.append(Note(key="points.warnings.negative", facts={"n": int(people["negative"]), "points": round(-points["negative"])}))
    if found.overdue > 0:
        notes.append(Note(key="points.warnings.overdue", facts={"points": round(found.overdue)}))
    if given.cost is None:
        notes.append(Note(key="points.warnings.no_cost"))
    return [*notes, *_unsold(made), _of_revenue(warehouse, given, made)]


def _unsold(made: Paper | None) -> list[Note]:
    """Points of months without sales by those who earned them have no price to defer."""
    if made is None or not (unsold := (made.books.issued > 0) & (made.books.sales <= 0)).any():
        return []
    return [Note(key="points.warnings.unsold", facts={"n": int(unsold.sum()), "points": round(float(made.books.issued[unsold].sum()))})]


def _of_revenue(warehouse: Warehouse, given: Terms, made: Paper | None) -> Note:
    """What the deferral is, or what it lacks."""
    if made is not None:
        return Note(key="points.warnings.management")
    lacking = "amount" if not books.sells(warehouse) else "value" if given.value is None else "rate" if given.rate is None else "amount"
    return Note(key=f"points.warnings.no_deferral.{lacking}")


STUDY = Study(
    id="points",
    group="programme",
    any_of=((Need(table="points", columns=("customer_id", "occurred_at", "kind", "points")),),),
    params=Params,
    run=run,
    figures=draw,
)
