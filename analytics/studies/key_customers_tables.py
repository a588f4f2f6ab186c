"""The tables of the study `key_customers`, from the scores that its fit kept and the weights asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.studies.key_customers_fit import GROUPS

if TYPE_CHECKING:
    from analytics.fits import Fitted
    from analytics.models.scorecard import Agreement, Card, Spread

Floats = NDArray[np.float64]
SCORES = ("needs", "power", "loyalty", "potential")
DEPARTMENTS: Mapping[str, tuple[float, ...]] = {  # what each usually looks at first, in per cent; a convention, shown beside the result
    "sales": (15, 40, 10, 35),
    "service": (35, 15, 40, 10),
    "finance": (5, 40, 30, 25),
}
DESCRIBED = ("tier",)  # tiers differ by design
ONLY = {"newcomer": "new", "complained": "complained"}  # of two, the one that is told; the other is everybody else
SURE = 0.9  # probability of staying inside from which a place is called sure
MEASURES = ("spend", "active", "alive", "worth")
OFTEN = 2  # complaints, returns or late deliveries in the last months from which a customer needs special handling


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Customers, their measured scores (n, s), the normalised weights (s,) and where they put them."""

    people: pd.DataFrame
    names: list[str]
    scores: Floats
    weights: Floats
    card: Card

    @property
    def inside(self) -> NDArray[np.bool_]:
        return self.card.inside

    @property
    def known(self) -> NDArray[np.int64]:
        """How many scores each customer has."""
        return np.asarray((~np.isnan(self.scores)).sum(axis=1), np.int64)


def scored(found: Fitted, weights: Mapping[str, float], share: float, least: float) -> Scored | None:
    """Customers under the weights; None where none of the measured scores weighs anything. Who has no such score is left out."""
    from analytics.models.scorecard import card, weighted

    names = [str(name) for name in found.facts["measured"]]
    given = np.array([weights[name] for name in names], np.float64)
    if not given.sum() > 0:
        return None
    given = given / given.sum()
    people = found.tables["people"]
    people = people[~np.isnan(weighted(people[names].to_numpy(float), given)[0])].reset_index(drop=True)
    scores = people[names].to_numpy(float)
    placed = card(scores, given, _spread(people, names), share=share, least=least if least > 0 else None)
    return Scored(people=people, names=names, scores=scores, weights=given, card=placed)


def _spread(people: pd.DataFrame, names: list[str]) -> Spread:
    from analytics.models.scorecard import Spread

    at = [SCORES.index(name) for name in names]
    cells = [[people[f"c{min(one, other)}{max(one, other)}"].to_numpy(float) for other in at] for one in at]
    return Spread(covariance=np.array(cells).transpose(2, 0, 1))


def scores(told: Scored) -> pd.DataFrame:
    """Each of the four: whether it is measured, its weight, who has it, its mean inside and outside."""
    rows: list[dict[str, object]] = []
    for name in SCORES:
        if name not in told.names:
            rows.append({"score": name, "measured": False})
            continue
        at = told.names.index(name)
        own = told.scores[:, at]
        told_of = {"weight_share": told.weights[at], "known": int((~np.isnan(own)).sum())}
        rows.append({"score": name, "measured": True, **told_of, "mean_in": _mean(own[told.inside]), "mean_out": _mean(own[~told.inside])})
    return pd.DataFrame(rows)


def reasons(told: Scored) -> pd.DataFrame:
    """Customers outside, by the score that takes them furthest from the cut, and by the one score that alone keeps them out."""
    out = ~told.inside
    kept = np.bincount(told.card.reason[out], minlength=len(told.names))
    table = pd.DataFrame({"score": told.names, "kept_out": kept, "kept_out_share": kept / max(int(out.sum()), 1)})
    return table.assign(alone=told.card.alone.sum(axis=0), gap=_gap(told, out))


def _gap(told: Scored, out: NDArray[np.bool_]) -> Floats:
    """Points that each score takes off the way to the cut, the mean of the customers outside."""
    return np.asarray(told.card.short[out].mean(axis=0) if out.any() else np.zeros(len(told.names)), np.float64)


def _mean(values: Floats) -> float:
    return float(np.nanmean(values)) if (~np.isnan(values)).any() else np.nan


def everyone(told: Scored) -> pd.DataFrame:
    """Every customer, the highest first: customer_id, place, inside, total, the scores, probability, what lies behind the scores, and of
    those outside reason, short (points to the cut) and alone (the only score that keeps them out)."""
    from analytics.models.scorecard import place

    card, out, names = told.card, ~told.inside, pd.Series(told.names, dtype=object)
    single = names.take(card.alone.argmax(axis=1)).reset_index(drop=True).where(card.alone.sum(axis=1) == 1)
    known = [name for name in MEASURES if name in told.people]
    table = pd.DataFrame(
        {
            "customer_id": told.people["customer_id"],
            "place": place(card.total),
            "inside": told.inside,
            "total": card.total,
            **{name: told.scores[:, at] for at, name in enumerate(told.names)},
            "probability": card.probability,
            "reason": names.take(card.reason).reset_index(drop=True).where(out),
            "short": np.where(out, card.cut - card.total, np.nan),
            "alone": single,
            "partly": told.known < len(told.names),
            **{name: told.people[name] for name in known},
        }
    )
    return table.sort_values(["place", "customer_id"], kind="stable", ignore_index=True)


def departments(told: Scored) -> pd.DataFrame:
    """The weights of each department, over the scores that are measured."""
    rows = [{"department": name, **dict(zip(told.names, weights, strict=True))} for name, weights in _presets(told.names).items()]
    return pd.DataFrame(rows)


def _presets(names: list[str]) -> dict[str, Floats]:
    """In the order of the measured scores, adding up to 1."""
    at = [SCORES.index(name) for name in names]
    parts = {name: np.array(weights, np.float64)[at] for name, weights in DEPARTMENTS.items()}
    return {name: weights / weights.sum() for name, weights in parts.items()}


def _totals(told: Scored) -> dict[str, Floats]:
    from analytics.models.scorecard import weighted

    return {name: weighted(told.scores, weights)[0] for name, weights in _presets(told.names).items()}


def agreements(told: Scored, share: float) -> dict[tuple[str, str], Agreement]:
    """How the rankings of two departments agree, for each pair of them; none where fewer than two scores are there to weigh."""
    from analytics.models.scorecard import agreement

    totals = {name: total for name, total in _totals(told).items() if np.isfinite(total).all()}
    return {(one, other): agreement(totals[one], totals[other], share) for one, other in combinations(totals, 2)}


def agreed(found: Mapping[tuple[str, str], Agreement]) -> pd.DataFrame:
    """One row a pair of departments."""
    rows = []
    for (one, other), pair in found.items():
        told = {"tau": pair.tau, "rho": pair.rho, "overlap": pair.overlap}
        ends = {f"{name}{end}": getattr(each, part) for name, each in told.items() for end, part in _ENDS.items()}
        rows.append({"one": one, "other": other, **ends, "n": pair.tau.n})
    return pd.DataFrame(rows)


_ENDS = {"": "value", "_low": "low", "_high": "high"}


def disputed(told: Scored, share: float) -> pd.DataFrame:
    """Every customer by how far the departments are apart, first those whom some would take and others not: where each puts them (share
    of customers ranked lower), and who would take them."""
    from analytics.models.scorecard import standing, top

    totals = _totals(told)
    places = {name: standing(total) for name, total in totals.items()}
    stacked = np.array(list(places.values()))
    takes = {f"in_{name}": top(total, share) for name, total in totals.items()}
    apart = stacked.max(axis=0) - stacked.min(axis=0)
    table = pd.DataFrame({"customer_id": told.people["customer_id"], **places, "apart": apart, **takes})
    contested = table[list(takes)].nunique(axis=1).to_numpy() > 1
    order = np.lexsort((table["customer_id"], -apart, ~contested))
    return table.iloc[order].reset_index(drop=True)


def exclusions(told: Scored, margin: float, least: int) -> pd.DataFrame:
    """The share of each group that is inside against all others, and what its customers bring against all others'."""
    from analytics.models.scorecard import selected

    groups = _groups(told.people)
    table = selected(told.inside, groups, only=ONLY, described=DESCRIBED, margin=margin, least=least)
    brought = told.people["brought"].to_numpy(float)
    rows = table.to_dict("records")
    rates = [np.nan if row["suppressed"] else _brought(brought, groups[row["dimension"]], row["group"]) for row in rows]
    table.insert(list(table.columns).index("rest") + 1, "brought_rate", pd.Series(rates, dtype=float))
    return table


def _groups(people: pd.DataFrame) -> dict[str, pd.Series]:
    """What customers are told apart by. Of new customers, and of those who complained, everybody else is the comparison."""
    told = {name: people[name] for name in GROUPS}
    told["newcomer"] = people["fresh"].map({True: "new", False: "known"})
    if people["complaints"].any():
        told["complained"] = (people["complaints"] > 0).map({True: "complained", False: "silent"})
    return told


def _brought(brought: Floats, values: pd.Series, group: str) -> float:
    """Mean of the group as a share of everybody else's mean."""
    mine, known = (values.astype(str) == group).to_numpy(bool), values.notna().to_numpy(bool)
    others = brought[known & ~mine]
    return float(brought[mine].mean() / others.mean()) if mine.any() and len(others) and others.mean() > 0 else np.nan


def special(told: Scored, least: int) -> pd.DataFrame:
    """Customers who complained, returned or were delivered late more than once: what they bring and what they cost, against all others."""
    people, rows = told.people, []
    for name in ("complaints", "returns", "late"):
        mine = (people[name] >= OFTEN).to_numpy(bool)
        if mine.sum() < least or (~mine).sum() < least:
            continue
        own, others = people[mine], people[~mine]
        each = {f"{part}_each": own[part].mean() for part in ("brought", "returned", "contact_cost", "minutes")}
        rates = {"share_inside": told.inside[mine].mean(), "share_others": told.inside[~mine].mean()}
        rows.append({"handling": name, "n": int(mine.sum()), **rates, **each, "brought_others": others["brought"].mean()})
    return pd.DataFrame(rows)


def captured(told: Scored) -> pd.DataFrame:
    """How much of what all brought the best customers brought."""
    from analytics.models.scorecard import captured as curve

    brought = told.people["brought"].to_numpy(float)
    return curve(told.card.total, brought) if brought.sum() > 0 else pd.DataFrame()
