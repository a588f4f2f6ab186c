"""Who are the key customers, who is left out and why? Four scores a customer, weighed as asked; departments compared; exclusions audited.

Tables of the answer
    scores      score, measured, weight_share, known (customers), mean_in, mean_out
    reasons     score, kept_out (customers outside whom it takes furthest from the cut), kept_out_share, alone (outside, and inside without
                this one score), gap (mean of the points it takes off the way to the cut)
    customers   the highest `list_size` inside: customer_id, place, inside, total, a column a measured score (0-100: share of customers who
                stand lower), probability (of staying inside with other luck in buying), reason, short and alone (of those outside), partly
                (on fewer scores than are measured), spend, active, alive, worth; all customers: `members`
    left_out    the same of those outside, the nearest to the cut first
    departments department and the weight it gives each score
    agreement   one, other, tau, rho, overlap (of the top lists), each with low and high, n
    disputed    customer_id, sales, service, finance (share of customers ranked lower), apart, in_sales, in_service, in_finance
    exclusions  dimension, group, n, share inside with low and high, rest (share of all others), brought_rate (brought a customer, of the
                others'), difference with low and high, q, suppressed, small, flagged; tiers are described, never flagged
    special     handling (complaints, returns, late), n, share_inside, share_others, brought, returned, contact cost, minutes a customer
    captured    share_customers, share_scored, share_best: of what was brought, by total and at best
    markets     dimension, group, n, spend, fresh_share, growth, state (told, sparse, saturated)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from analytics.fits import Fit, Fitted, fitted
from analytics.results import Estimate, Note, Result, Unit, exact
from analytics.studies import key_customers_tables as tables
from analytics.studies.base import Need, Study
from analytics.studies.key_customers_figures import draw
from analytics.studies.key_customers_fit import FIT, GROUPS
from analytics.studies.key_customers_sql import BOUGHT as BOUGHT  # shown with the other queries
from analytics.studies.key_customers_sql import CATEGORIES as CATEGORIES
from analytics.studies.key_customers_sql import DAYS as DAYS
from analytics.studies.key_customers_sql import PEOPLE as PEOPLE
from analytics.studies.key_customers_tables import SCORES, SURE, Scored
from analytics.studies.value_fit import VALUE
from analytics.warehouse import Warehouse

if TYPE_CHECKING:
    from analytics.models.scorecard import Agreement

LEAST = 30  # customers of a group that is told
TIED = 1.1  # of the share asked for, above which it is told that many have the same total
PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "inside": (
        ("scores", "captured", "customers"),
        ("scored", "selected", "key_share_of_value", "key_share_of_predicted", "uncertain", "partly"),
    ),
    "outside": (("reasons", "left_out"), ("left_out", "one_score_only")),
    "departments": (("agreement", "departments", "disputed"), ("agreement", "overlap")),
    "audit": (("exclusions", "special", "markets"), ("flagged", "groups_tested")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """compare: with whom spend is compared; needs, power, loyalty, potential: weights; share: how many are key customers; least: score from
    which one is, instead of a share, when above 0; margin: relative difference that matters; list_size: customers listed."""

    compare: Literal["together", "everyone", "region", "industry"] = "together"
    needs: float = field(default=25.0, metadata={"min": 0.0, "max": 100.0, "step": 5.0})
    power: float = field(default=25.0, metadata={"min": 0.0, "max": 100.0, "step": 5.0})
    loyalty: float = field(default=25.0, metadata={"min": 0.0, "max": 100.0, "step": 5.0})
    potential: float = field(default=25.0, metadata={"min": 0.0, "max": 100.0, "step": 5.0})
    share: float = field(default=0.2, metadata={"min": 0.01, "max": 0.9, "step": 0.05})
    least: float = field(default=0.0, metadata={"min": 0.0, "max": 100.0, "step": 5.0})
    margin: float = field(default=0.10, metadata={"min": 0.0, "max": 0.5, "step": 0.05})
    list_size: int = field(default=100, metadata={"min": 0, "max": 100_000, "step": 50})

    @property
    def weights(self) -> dict[str, float]:
        return {name: float(getattr(self, name)) for name in SCORES}


def fits(params: Params) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    """Predictions, then scores; weights and cuts only read what was kept."""
    return (VALUE, {}), (FIT, {"compare": params.compare})


def run(warehouse: Warehouse, params: Params) -> Result:
    """The kept scores under the weights asked for."""
    found = _found(warehouse, params)
    told = _asked(found, params)
    if isinstance(told, Note):
        return Result(study=STUDY.id, verdict=told, refused=told)
    everyone, pairs = tables.everyone(told), tables.agreements(told, params.share)
    out = everyone[~everyone["inside"]]
    least = max(LEAST, warehouse.access.min_cell)
    frames = {
        "scores": tables.scores(told),
        "reasons": tables.reasons(told),
        "captured": tables.captured(told),
        "customers": everyone[everyone["inside"]].head(params.list_size).drop(columns=["reason", "short", "alone"]),
        "left_out": out.head(params.list_size),
        "departments": tables.departments(told) if pairs else pd.DataFrame(),
        "agreement": tables.agreed(pairs),
        "disputed": tables.disputed(told, params.share).head(params.list_size) if pairs else pd.DataFrame(),
        "exclusions": tables.exclusions(told, params.margin, least),
        "special": tables.special(told, least),
        "markets": found.tables["markets"],
    }
    estimates = _estimates(told, everyone, frames, pairs)
    return Result(
        study=STUDY.id,
        verdict=_verdict(found, frames, estimates, pairs),
        estimates=estimates,
        tables={name: table for name, table in frames.items() if len(table)},
        warnings=_warnings(found, told, params, frames),
    )


def members(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every customer with the four scores, inside and outside: columns as in the table `left_out`."""
    told = _asked(_found(warehouse, params), params)
    return pd.DataFrame() if isinstance(told, Note) else tables.everyone(told)


def disputed(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every customer by how far the departments are apart: columns as in the table `disputed`."""
    told = _asked(_found(warehouse, params), params)
    return pd.DataFrame() if isinstance(told, Note) else tables.disputed(told, params.share)


def definitions(warehouse: Warehouse, params: Params) -> dict[str, Note | None]:
    """Score -> how it is made of this data; None where it is not measured."""
    facts = _found(warehouse, params).facts
    return {name: _defined(name, facts, params) if name in facts["measured"] else None for name in SCORES}


def _defined(name: str, facts: Mapping[str, Any], params: Params) -> Note:
    made = facts["made_of"][name]
    match name:
        case "needs":
            told = {"categories": facts["categories"], "profile": _named("profile", facts["profile"])}
            return Note(key=f"key_customers.defined.needs_{'_'.join(made)}", facts=told)
        case "power":
            return Note(key="key_customers.defined.power", facts={"compared": _named("compared", made)})
        case "loyalty":
            return Note(key=f"key_customers.defined.loyalty_{'alive' if facts['alive'] else 'periods'}")
        case _:
            basis = Note(key=f"key_customers.basis.{facts['basis'] or 'orders'}")
            return Note(key=f"key_customers.defined.potential_{'_'.join(made)}", facts={"days": facts["days"], "basis": basis})


def parts(result: Result) -> dict[str, Result]:
    """The answer in its parts: who is in, who is out, the departments, the audit of exclusions; only those that it has."""
    about = {name: [note for note in result.warnings if note.key.startswith(f"key_customers.warnings.{name}.")] for name in PARTS}
    every = {name: result.part(tables=told, estimates=shown, warnings=about[name]) for name, (told, shown) in PARTS.items()}
    return {name: part for name, part in every.items() if part.tables}


def _found(warehouse: Warehouse, params: Params) -> Fitted:
    fit, asked = fits(params)[-1]
    return fitted(warehouse, fit, **asked)


def _asked(found: Fitted, params: Params) -> Scored | Note:
    """The customers as the weights put them, or why nothing can be said."""
    if found.facts["refused"]:
        return Note(**found.facts["refused"])
    told = tables.scored(found, params.weights, params.share, params.least)
    if told is None:
        return Note(key="key_customers.refused.no_weight", facts={"measured": _named("scores", found.facts["measured"])})
    if not told.inside.any():
        return Note(key="key_customers.refused.nobody", facts={"least": params.least, "most": f"{told.card.total.max():.1f}"})
    return told


def _named(kind: str, names: Sequence[str]) -> Note:
    """One fact of several names."""
    notes = {f"item{at}": Note(key=f"key_customers.{kind}.{name}") for at, name in enumerate(names)}
    return Note(key=f"key_customers.list.{len(names)}", facts=notes)


def _estimates(
    told: Scored, everyone: pd.DataFrame, frames: Mapping[str, pd.DataFrame], pairs: Mapping[Any, Agreement]
) -> dict[str, Estimate]:
    from analytics.models.resample import ratio_of_sums

    n, inside = len(everyone), told.inside
    unsure, worth = told.card.probability[inside] < SURE, told.people.get("worth")
    estimates = {"scored": exact(n, unit=Unit.COUNT, n=n), "selected": exact(inside.sum(), unit=Unit.COUNT, n=n)}
    brought = told.people["brought"].to_numpy(float)
    if brought.sum() > 0:
        estimates["key_share_of_value"] = exact(brought[inside].sum() / brought.sum(), unit=Unit.SHARE, n=n)
    if worth is not None and worth.sum() > 0:
        ahead = worth.fillna(0.0).to_numpy(float)
        estimates["key_share_of_predicted"] = ratio_of_sums(ahead * inside, ahead, unit=Unit.SHARE)
    estimates["uncertain"] = exact(unsure.mean(), unit=Unit.SHARE, n=int(inside.sum()))
    estimates["partly"] = exact(everyone["partly"].sum(), unit=Unit.COUNT, n=n)
    estimates["left_out"] = exact(n - inside.sum(), unit=Unit.COUNT, n=n)
    estimates["one_score_only"] = exact(everyone["alone"].notna().sum(), unit=Unit.COUNT, n=n)
    if pairs:
        least = min(pairs.values(), key=lambda pair: pair.tau.value)
        estimates |= {"agreement": least.tau, "overlap": min((pair.overlap for pair in pairs.values()), key=lambda one: one.value)}
    tested = frames["exclusions"]
    if len(tested):
        estimates["flagged"] = exact(tested["flagged"].sum(), unit=Unit.COUNT, n=int(tested["q"].notna().sum()))
        estimates["groups_tested"] = exact(tested["q"].notna().sum(), unit=Unit.COUNT, n=len(tested))
    return estimates


def _verdict(found: Fitted, frames: Mapping[str, pd.DataFrame], estimates: Mapping[str, Estimate], pairs: Mapping[Any, Agreement]) -> Note:
    """Who is in and what they hold, what keeps the others out, how far departments agree, and what the audit found."""
    top = frames["reasons"].sort_values("kept_out", ascending=False, kind="stable").iloc[0]
    facts: dict[str, Any] = {
        "n": int(estimates["selected"].value),
        "scored": int(estimates["scored"].value),
        "unsure": estimates["uncertain"],
        "sure": exact(SURE, unit=Unit.SHARE, n=1),
        "reason": Note(key=f"key_customers.scores.{top['score']}"),
        "kept": exact(float(top["kept_out_share"]), unit=Unit.SHARE, n=1),
        "audit": _audit(frames["exclusions"]),
        "departments": _disagreement(pairs),
    }
    if "key_share_of_value" not in estimates:
        return Note(key="key_customers.verdict.plain", facts=facts)
    facts |= {"share": estimates["key_share_of_value"], "brought": Note(key=f"key_customers.brought.{found.facts['brought']}")}
    return Note(key="key_customers.verdict.value", facts=facts)


def _disagreement(pairs: Mapping[Any, Agreement]) -> Note:
    """The two departments that agree least."""
    if not pairs:
        return Note(key="key_customers.departments.none")
    (one, other), pair = min(pairs.items(), key=lambda item: item[1].tau.value)
    names = {name: Note(key=f"key_customers.departments.{department}") for name, department in (("one", one), ("other", other))}
    return Note(key="key_customers.departments.apart", facts={**names, "tau": pair.tau, "overlap": pair.overlap})


def _audit(table: pd.DataFrame) -> Note:
    """The group that is kept out most beyond chance and margin, else the one let in most, else that none is."""
    tested = int(table["q"].notna().sum()) if len(table) else 0
    if not tested:
        return Note(key="key_customers.audit.nothing")
    flagged = table[table["flagged"]]
    if not len(flagged):
        return Note(key="key_customers.audit.none", facts={"tested": tested})
    row = flagged.sort_values("difference").iloc[0]
    named = {"group": _group(row), "dimension": Note(key=f"key_customers.dimensions.{row['dimension']}")}
    shares = {name: exact(float(row[column]), unit=Unit.SHARE, n=int(row["n"])) for name, column in (("own", "share"), ("rest", "rest"))}
    return Note(key="key_customers.audit.flagged", facts={"tested": tested, "n": len(flagged), **named, **shares})


def _group(row: pd.Series) -> object:
    """A value from the data, or the name of one of our own."""
    own = row["dimension"] in ("newcomer", "complained")
    return Note(key=f"key_customers.values.{row['group']}") if own else str(row["group"])


def _warnings(found: Fitted, told: Scored, params: Params, frames: Mapping[str, pd.DataFrame]) -> tuple[Note, ...]:
    """What a reader must know, each for the part of the answer that it is about."""
    key, facts = "key_customers.warnings.", found.facts
    notes = [Note(key=f"{key}inside.lacking.{name}") for name in SCORES if name not in facts["measured"]]
    if "loyalty" in facts["measured"] and not facts["alive"]:
        notes.append(Note(key=f"{key}inside.periods"))
    if "needs" in facts["measured"] and "clarity" not in facts["made_of"]["needs"]:
        notes.append(Note(key=f"{key}inside.profile_only"))
    if params.least == 0 and told.inside.mean() > TIED * params.share:
        notes.append(Note(key=f"{key}inside.tied", facts={"n": int(told.inside.sum()), "share": exact(params.share, unit=Unit.SHARE, n=1)}))
    if (partly := int((told.known < len(told.names)).sum())) > 0:
        notes.append(Note(key=f"{key}inside.partly", facts={"n": partly}))
    if facts["brought"] != "margin":
        notes.append(Note(key=f"{key}inside.{facts['brought']}"))
    if "agreement" in frames and len(frames["agreement"]):
        notes.append(Note(key=f"{key}departments.convention"))
    return (*notes, *_about_groups(found, frames["exclusions"]))


def _about_groups(found: Fitted, table: pd.DataFrame) -> list[Note]:
    """Selection by value is no unfairness by itself; what is not in the data is not measured; small groups are told of."""
    key, seen = "key_customers.warnings.audit.", set(table["dimension"])
    notes = [Note(key=f"{key}by_value")] if len(table) else []
    lacking = [name for name in (*GROUPS, "complained") if name not in seen]
    notes += [Note(key=f"{key}not_measured", facts={"names": _named("dimensions", lacking)})] if lacking else []
    for name in ("suppressed", "small"):
        if n := int(table[name].astype(bool).sum()) if len(table) else 0:
            notes.append(Note(key=f"{key}{name}", facts={"n": n}))
    return notes


STUDY = Study(
    id="key_customers",
    group="tiers",
    any_of=((Need(table="transactions", columns=("customer_id", "occurred_at")),),),
    params=Params,
    run=run,
    figures=draw,
    fits=fits,
)
