"""Who is this customer, what is to be expected, and why? One customer's history, standing and predictions; without one, whom to look at.

Tables of the answer, each only where the data tells it
    profile      one row: customer_id, tier, region, city, gender, birth_year ...; personal columns masked unless the role sees them
    standing     kind (segment, stage, tier), value (key, or the tier's name) and the facts of the rule behind it
    predictions  prediction, value, low, high, unit, level, why (key), facts; from the fits that are kept: none is made for this answer
    unfitted     study: what would tell more once its models are fitted
    needs        place, category, probability, bought (of the customer's purchases), of, last (in the last basket)
    months       month, orders, amount, refunds; stages: month_end, stage, silent_days, rhythm_days, silence
    orders, categories, tiers, points, contacts, feedback, deals   the customer's rows, the latest first, `list_size` of each
    attributes   name, value: what a snapshot tells
    suggestions  without a customer: reason, customer_id, day, money, orders, silence
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from analytics.results import Estimate, Note, Result, Unit, exact
from analytics.studies import customer_sql as sql
from analytics.studies.base import Need, Study
from analytics.studies.customer_figures import draw
from analytics.studies.customer_predictions import expected, uses
from analytics.studies.customer_search import resolve
from analytics.studies.customer_standing import stages, standing
from analytics.studies.customer_suggestions import suggestions

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

_OF_PERSON = ("silent_days", "orders", "amount", "refunds", "margin", "discount", "gap_days")  # told elsewhere in the answer
_ROWS = {  # canonical table -> name and query of the customer's own rows
    "tiers": ("tiers", sql.TIERS),
    "points": ("points", sql.POINTS),
    "contacts": ("contacts", sql.CONTACTS),
    "feedback": ("feedback", sql.FEEDBACK),
    "opportunities": ("deals", sql.DEALS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """customer: the id, or the original of a pseudonym; list_size: rows of each kind in the answer."""

    customer: str = ""
    list_size: int = field(default=500, metadata={"min": 0, "max": 100_000, "step": 50})


def run(warehouse: Warehouse, params: Params) -> Result:
    """The customer asked for; without one, whom to look at. Raises UserError unknown_customer."""
    if not params.customer.strip():
        return _nobody(warehouse)
    customer = resolve(warehouse, params.customer)
    person = warehouse.people(sql.PERSON, customer=customer).iloc[0]
    rows = _rows(warehouse, customer, params.list_size, bought=person["orders"] > 0)
    course = stages(warehouse, customer) if person["orders"] else pd.DataFrame()
    place = standing(warehouse, customer, person, course, rows.get("tiers", pd.DataFrame()))
    found = expected(warehouse, customer, person, rows.get("categories", pd.DataFrame()))
    tables = {"profile": _profile(person), "standing": place, **found.tables, "stages": course, **rows}
    return Result(
        study=STUDY.id,
        verdict=_verdict(person, place),
        estimates={**_estimates(person, rows), **found.estimates},
        tables={name: table for name, table in tables.items() if len(table)},
        warnings=_warnings(warehouse, rows),
    )


def _nobody(warehouse: Warehouse) -> Result:
    n = int(warehouse.frame(sql.HELD)["customers"][0])
    found = suggestions(warehouse)
    return Result(
        study=STUDY.id,
        verdict=Note(key=f"customer.verdict.{'offered' if len(found) else 'nobody'}", facts={"n": n}),
        estimates={"customers": exact(n, unit=Unit.COUNT, n=n)},
        tables={"suggestions": found} if len(found) else {},
    )


def _rows(warehouse: Warehouse, customer: str, most: int, *, bought: bool) -> dict[str, pd.DataFrame]:
    """The customer's own rows of every table there is, the latest first."""
    present = warehouse.present()
    found = {name: warehouse.people(query, customer=customer) for table, (name, query) in _ROWS.items() if table in present}
    if bought:
        found["months"] = warehouse.people(sql.MONTHS, customer=customer)
        found["orders"] = warehouse.people(sql.ORDERS, customer=customer, most=most)
    if bought and "category" in present["transactions"]:
        found["categories"] = warehouse.people(sql.CATEGORIES, customer=customer)
    if "attributes" in present.get("outcomes", ()) and warehouse.access.sees_persons:  # a masked text holds no names of columns
        found["attributes"] = _attributes(warehouse, customer)
    return {name: table.dropna(axis="columns", how="all") for name, table in found.items() if len(table)}


def _attributes(warehouse: Warehouse, customer: str) -> pd.DataFrame:
    told = warehouse.people(sql.ATTRIBUTES, customer=customer)["attributes"].dropna()
    held = json.loads(str(told.iloc[0])) if len(told) else {}
    return pd.DataFrame({"name": list(held), "value": [str(value) for value in held.values()]})


def _profile(person: pd.Series) -> pd.DataFrame:
    """What is known of the person, without what is not."""
    known = person.drop(list(_OF_PERSON)).dropna()
    return known.to_frame().T.reset_index(drop=True)


def _estimates(person: pd.Series, rows: Mapping[str, pd.DataFrame]) -> dict[str, Estimate]:
    """What was counted: orders, money, silence, points."""
    n, found = int(person["orders"]), {}
    if n:
        found["orders"] = exact(n, unit=Unit.COUNT, n=n)
    if n and pd.notna(person["amount"]):
        found["net_sales"] = exact(person["amount"], unit=Unit.MONEY, n=n)
    if n:
        found["silent_days"] = exact(person["silent_days"], unit=Unit.DAYS, n=n)
    if "points" in rows:
        found["points_balance"] = exact(rows["points"]["balance"].iloc[0], unit=Unit.POINTS, n=len(rows["points"]))
    return found


def _verdict(person: pd.Series, place: pd.DataFrame) -> Note:
    """Orders, money and last order; then segment and stage, where they can be told."""
    facts: dict[str, object] = {"customer": str(person["customer_id"])}
    if not person["orders"]:
        return Note(key="customer.verdict.no_orders", facts=facts)
    n = int(person["orders"])
    facts |= {"orders": n, "first": person["first_on"].date(), "last": person["last_on"].date()}
    money = pd.notna(person["amount"])
    facts |= {"money": exact(person["amount"], unit=Unit.MONEY, n=n)} if money else {}
    history = Note(key=f"customer.history.{'money' if money else 'count'}", facts=facts)
    where = dict(zip(place["kind"], place["value"], strict=True)) if len(place) else {}
    if "segment" not in where or "stage" not in where:
        return history
    standing = {"segment": Note(key=f"segments.names.{where['segment']}"), "stage": Note(key=f"lifecycle.stages.{where['stage']}")}
    return Note(key="customer.verdict.standing", facts={"history": history, **standing})


def _warnings(warehouse: Warehouse, rows: Mapping[str, pd.DataFrame]) -> tuple[Note, ...]:
    notes = [] if warehouse.access.sees_persons else [Note(key="customer.warnings.masked")]
    if "points" in rows and rows["points"]["balance"].min() < 0:
        notes.append(Note(key="customer.warnings.negative_balance"))
    return tuple(notes)


STUDY = Study(
    id="customer",
    group="customers",
    any_of=tuple((Need(table=table, columns=("customer_id",)),) for table in ("transactions", "customers", "points", "outcomes")),
    params=Params,
    run=run,
    figures=draw,
    uses=uses,
)
