"""What is kept for the scorecard: four scores of every customer who bought, and how far other luck in buying would move them.

Facts    refused (what is missing, or null), since and until (days of the last months), n, measured (scores, in order), made_of (score ->
         measures), alive (whether loyalty is the chance to be a customer still), basis and days (of the predicted value; "" for orders),
         profile (columns asked for), categories (how many), brought (margin, net_sales, orders), draws
Tables   people    customer_id, groups (tier, region, gender, industry, acquisition_channel), fresh, complaints, returns, late, returned,
                   contact_cost, minutes, brought, and where they are known spend, active (of the last months), alive, worth; a column a
                   score (nan where it is not known); c00, c01 ... c33 the covariance of the scores
         markets   dimension, group, n, spend (mean of the last months), fresh_share, growth, state (told, sparse, saturated)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, Tell, fitted
from analytics.studies.value_fit import VALUE

if TYPE_CHECKING:
    from analytics.studies.key_customers_scores import Floats, Known
    from analytics.warehouse import Warehouse

LEAST_SCORES = 2
GROUPS = ("tier", "region", "gender", "industry", "acquisition_channel")
CARRIED = ("customer_id", *GROUPS, "fresh", "complaints", "returns", "late", "returned", "contact_cost", "minutes", "orders")
SLOW = 0.5  # of everybody's share of new customers, under which a market is saturated where spend does not grow either


def make(warehouse: Warehouse, params: Mapping[str, Any], tell: Tell) -> Fitted:
    """Read, score, and draw the purchases anew. Too little data is a fact, not an error."""
    from analytics.studies import key_customers_scores as card
    from analytics.studies.key_customers_ahead import ahead

    tell("read", 0, 3)
    found = card.known(warehouse, str(params["compare"]), ahead(fitted(warehouse, VALUE)))
    if len(found.people) < card.LEAST:
        return _refused("few_customers", n=len(found.people), least=card.LEAST)
    tell("score", 1, 3)
    made_of = card.measures(found, found.was)
    averaged = card.averages(found, made_of)
    measured = [name for name in card.SCORES if card.tells(averaged[name])]
    if len(measured) < LEAST_SCORES:
        return _refused("few_scores", n=len(measured), least=LEAST_SCORES)
    people = _people(warehouse, found, card.scores(averaged, averaged), _moved(warehouse, found, tell))
    parts = {**card.MADE_OF, "power": card.COMPARED[found.compare]}
    told = {name: [part for part in made if card.tells(made_of.get(part, np.empty(0)))] for name, made in parts.items()}
    told["power"] = told["power"] or ["everyone"]
    return Fitted(facts=_facts(warehouse, found, measured, told), tables={"people": people, "markets": _markets(found)})


FIT = Fit(id="key_customers", steps=("read", "score", "draw"), make=make)


def _refused(why: str, **facts: object) -> Fitted:
    return Fitted(facts={"refused": {"key": f"key_customers.refused.{why}", "facts": facts}})


def _moved(warehouse: Warehouse, found: Known, tell: Tell) -> Floats:
    from analytics.studies.key_customers_luck import moved

    return moved(warehouse, found, tell)


def _facts(warehouse: Warehouse, found: Known, measured: list[str], made_of: Mapping[str, list[str]]) -> dict[str, Any]:
    from analytics.studies.key_customers_luck import draws_for
    from analytics.studies.key_customers_scores import profile_columns

    return {
        "refused": None,
        "since": found.since.date().isoformat(),
        "until": (found.until - pd.Timedelta(days=1)).date().isoformat(),
        "n": len(found.people),
        "measured": measured,
        "made_of": made_of,
        "alive": found.ahead is not None,
        "basis": found.ahead.basis if found.ahead else "",
        "days": found.ahead.days if found.ahead else 0,
        "profile": profile_columns(warehouse, found.people),
        "categories": 0 if found.was.counts is None else found.was.counts.shape[1],
        "brought": _brought(warehouse),
        "draws": draws_for(found),
    }


def _brought(warehouse: Warehouse) -> str:
    held = warehouse.present()["transactions"]
    return "margin" if "margin" in held else "net_sales" if "amount" in held else "orders"


def _people(warehouse: Warehouse, found: Known, scores: Floats, covariance: Floats) -> pd.DataFrame:
    """One row a customer; what is unknown of everybody is left out."""
    from analytics.studies.key_customers_scores import SCORES

    people, was = found.people, found.was
    brought = people[{"net_sales": "spend"}.get(_brought(warehouse), _brought(warehouse))].fillna(0.0)
    known = {"spend": was.spend, "alive": was.loyal if found.ahead else np.full(len(people), np.nan), "worth": was.worth}
    told = {name: values for name, values in known.items() if not np.isnan(values).all()}
    moved = {f"c{row}{column}": covariance[:, row, column] for row in range(len(SCORES)) for column in range(row, len(SCORES))}
    columns = {"brought": brought, "active": people["months"], **told, **dict(zip(SCORES, scores.T, strict=True)), **moved}
    return people[list(CARRIED)].assign(**columns)


def _markets(found: Known) -> pd.DataFrame:
    """Regions and industries: how many customers, what they spend, and whether there is growth left."""
    from analytics.studies.key_customers_scores import MARKETS

    people = found.people
    grown = people["first_on"].min() <= found.earlier + pd.Timedelta(days=31)  # else there is no year before to grow from
    rows = [(name, str(group), *_market(own, people, grown)) for name in MARKETS for group, own in people.groupby(name)]
    table = pd.DataFrame(rows, columns=["dimension", "group", "n", "spend", "fresh_share", "growth", "state"])
    return table.dropna(axis="columns", how="all")


def _market(own: pd.DataFrame, everyone: pd.DataFrame, grown: bool) -> tuple[object, ...]:
    """n, mean spend, share of new customers, growth, state: a small market without numbers."""
    from analytics.studies.key_customers_scores import LEAST

    if len(own) < LEAST:
        return len(own), np.nan, np.nan, np.nan, "sparse"
    before, fresh = own["before"].sum(), own["fresh"].mean()
    growth = own["spend"].sum() / before - 1 if grown and before > 0 else np.nan
    slow = fresh < SLOW * everyone["fresh"].mean() and growth <= 0
    return len(own), own["spend"].mean(), fresh, growth, "saturated" if slow else "told"
