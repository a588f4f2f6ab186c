"""The readings of fairness, each as cases that can be compared: who, in which tier, what happened, on what footing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.models import fairness as model
from analytics.models.fairness import Apart, Floats, Ints, Mask
from analytics.results import Estimate
from analytics.studies import effect_threshold_data as reviews
from analytics.studies.fairness_sql import CASES, DELIVERIES, RECEIVED, SLOWEST, STANDING, TIERS

if TYPE_CHECKING:
    from analytics.studies.given import Given
    from analytics.warehouse import Warehouse

Against = Callable[[Mask], Apart | None]  # who is of the group -> the group against the rest
READINGS = ("proportionality", "conditional", "opportunity", "service", "inequality", "envy", "model")
NEAR = 0.3  # near-identical: so far from the threshold at most, as a share of it
LONG = pd.Timedelta(days=60)  # the longest that answers are waited for before a case counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """Cases of one measure.

    customers   (n,) customer_id of each case; tiers (n,) tier of each, or "" where the data knows none
    apart       the cases of a tier -> how a group of it is compared
    across      all cases -> how a tier is compared: on another footing than the groups inside one
    values, beside   (n,) what the figures draw: hours; received and the distance to the threshold; said and came
    """

    reading: str
    measure: str
    customers: pd.Series[str]
    tiers: pd.Series[str]
    apart: Callable[[Ints], Against]
    across: Callable[[Ints], Against]
    values: Floats | None = None
    beside: Floats | None = None


def lenses(warehouse: Warehouse, people: Given, asked: Mapping[str, Any]) -> list[Lens]:
    """Every reading of the tables that the data has the cases for, in order; that of the models is `audits`."""
    until = pd.Timestamp(people.last) + pd.Timedelta(days=1)
    window = {"since": pd.Timestamp(people.first), "until": until, "served": until - pd.DateOffset(months=asked["service_months"])}
    makers = (_benefits, _opportunity, _service, _inequality, _envy)
    return [lens for make in makers for lens in make(warehouse, people, {**asked, **window})]


def _benefits(warehouse: Warehouse, people: Given, asked: Mapping[str, Any]) -> list[Lens]:
    """Readings 1 and 2: benefit over contribution; benefit a customer at the same contribution.

    Groups of a tier are held against each other at the same mix of contributions: with gifts that all get alike, whoever brings less
    would seem to be favoured.
    """
    rows = standing(people)
    benefit, brought = rows[asked["benefit"]].to_numpy(float), np.maximum(rows["brought"].to_numpy(float), 0)
    if benefit.sum() <= 0 or brought.sum() <= 0:
        return []
    inside, everywhere = _footings(rows, brought, asked)

    def over(bottom: Floats, stratum: Ints | None) -> Callable[[Ints], Against]:
        return lambda at: partial(model.rate_apart, benefit[at], bottom[at], stratum=None if stratum is None else stratum[at])

    each = np.ones(len(rows))
    return [
        _lens("proportionality", "benefit_rate", rows, over(brought, inside), over(brought, None)),
        _lens("conditional", "benefit", rows, over(each, inside), over(each, everywhere)),
    ]


def _footings(rows: pd.DataFrame, brought: Floats, asked: Mapping[str, Any]) -> tuple[Ints, Ints]:
    """Who brought as much: within each tier, and over all."""
    tier = pd.factorize(rows["tier"])[0]
    fresh = (pd.to_datetime(rows["since"]) >= asked["since"]).to_numpy(np.int64)  # a welcome gift is for those who just joined
    inside, everywhere = (2 * model.bands(brought, at, asked["bands"]) + fresh for at in (tier, np.zeros_like(tier)))
    return inside, everywhere


def _lens(reading: str, measure: str, rows: pd.DataFrame, apart: Callable[[Ints], Against], across: Callable[[Ints], Against]) -> Lens:
    return Lens(reading=reading, measure=measure, customers=rows["customer_id"], tiers=rows["tier"], apart=apart, across=across)


def standing(people: Given) -> pd.DataFrame:
    """The customers compared: those in a tier; everybody where the data knows no tiers."""
    return people.tiered if len(people.tiered) else people.people.assign(tier="")


def _opportunity(warehouse: Warehouse, people: Given, asked: Mapping[str, Any]) -> list[Lens]:
    """Reading 3: who moved up, and who was written to, among those who brought as much in the year before."""
    rows = warehouse.frame(STANDING, since=asked["since"], until=asked["until"])
    if rows.empty:
        return []
    potential = rows[{"net_sales": "amount"}.get(people.brought, people.brought)].to_numpy(float)
    tier = pd.factorize(rows["tier"])[0]
    footings = model.bands(potential, tier, asked["bands"]), model.bands(potential, np.zeros_like(tier), asked["bands"])
    told = {"offered": rows["offered"].to_numpy(bool)} | _moved(rows, asked["order"])
    return [_shares("opportunity", name, rows, hit, footings) for name, hit in told.items() if hit.any()]


def _moved(rows: pd.DataFrame, order: list[str]) -> dict[str, Mask]:
    place = {tier: at for at, tier in enumerate(order)}
    then, now = (rows[name].map(place).to_numpy(float) for name in ("tier", "tier_now"))
    return {"moved_up": now > then} if rows["tier_now"].notna().any() else {}


def _shares(reading: str, measure: str, rows: pd.DataFrame, hit: Mask, footings: tuple[Ints, Ints]) -> Lens:
    customer = pd.factorize(rows["customer_id"])[0]

    def on(stratum: Ints) -> Callable[[Ints], Against]:
        return lambda at: partial(model.share_apart, hit[at], customer=customer[at], stratum=stratum[at])

    return _lens(reading, measure, rows, on(footings[0]), on(footings[1]))


def _service(warehouse: Warehouse, people: Given, asked: Mapping[str, Any]) -> list[Lens]:
    """Reading 4: answers and solutions for the same kind of issue, orders by the same channel."""
    orders = warehouse.frame(DELIVERIES, since=asked["served"], until=asked["until"])
    channel = pd.factorize(orders["channel"])[0]
    found = [_shares("service", "late", orders, orders["late"].to_numpy(bool), (channel, channel))] if len(orders) else []
    return [*_answers(cases(warehouse, asked)), *found]


def cases(warehouse: Warehouse, asked: Mapping[str, Any]) -> pd.DataFrame:
    """Tickets, complaints and what else was answered, old enough for slow answers to be on file."""
    slowest = warehouse.value(SLOWEST)
    ripe = asked["until"] - (min(pd.Timedelta(days=float(str(slowest))), LONG) if slowest is not None else pd.Timedelta(0))
    return warehouse.frame(CASES, since=asked["served"], ripe=ripe)


def _answers(rows: pd.DataFrame) -> list[Lens]:
    found = []
    asks = rows[rows["asks"]].reset_index(drop=True)
    for measure in ("answer_hours", "resolution_hours"):
        known = rows[rows[measure] >= 0].reset_index(drop=True)
        found += [_times(measure, known)] if (known[measure] > 0).any() else []
    if len(asks) and asks["answer_hours"].notna().any():
        issue = pd.factorize(asks["issue"])[0]
        found.append(_shares("service", "answered", asks, asks["answer_hours"].notna().to_numpy(bool), (issue, issue)))
    return found


def _times(measure: str, rows: pd.DataFrame) -> Lens:
    """Hours by the kind of issue. Where only days are on file, their means are compared: a log has no place for the same day, and those
    who are often answered on it would seem to wait as long as the others."""
    days = bool((rows[measure] % 24 == 0).all())
    rows = rows if days else rows[rows[measure] > 0].reset_index(drop=True)
    hours, customer, issue = rows[measure].to_numpy(float), pd.factorize(rows["customer_id"])[0], pd.factorize(rows["issue"])[0]

    def apart(at: Ints) -> Against:
        if days:
            return partial(model.rate_apart, hours[at], np.ones(len(at)), stratum=issue[at], customer=customer[at])
        return partial(model.time_apart, hours[at], customer=customer[at], stratum=issue[at])

    return replace(_lens("service", measure, rows, apart, apart), values=hours)


def _inequality(warehouse: Warehouse, people: Given, asked: Mapping[str, Any]) -> list[Lens]:
    """Reading 5: how unevenly benefits are spread inside a group; where they follow contributions, a group of one kind of customer has
    them spread more evenly than all others have, so that others are weighted to its mix of contributions here, too."""
    from analytics.models.inequality import gini

    rows = standing(people)
    benefit: Floats = np.maximum(rows[asked["benefit"]].to_numpy(float), 0)
    inside, _ = _footings(rows, np.maximum(rows["brought"].to_numpy(float), 0), asked)

    def on(stratum: Ints | None) -> Callable[[Ints], Against]:
        def apart(at: Ints) -> Against:
            held = benefit[at]
            return partial(_unequal, held, None if stratum is None else stratum[at], gini(held)) if held.sum() > 0 else lambda mine: None

        return apart

    return [_lens("inequality", "gini", rows, on(inside), on(None))] if benefit.sum() > 0 else []


def _unequal(held: Floats, stratum: Ints | None, every: Estimate, mine: Mask) -> Apart | None:
    from analytics.models.inequality import gini

    weight = model.footing(mine, stratum)
    if weight is None:
        return None
    sides = [side & (weight > 0) for side in (mine, ~mine)]
    if min(held[side].sum() for side in sides) <= 0:
        return None
    ours, theirs = (gini(held[side], weight[side]) for side in sides)
    return model.spread_apart(ours, theirs, every) if theirs.value > 0 else None


def _envy(warehouse: Warehouse, people: Given, asked: Mapping[str, Any]) -> list[Lens]:
    """Reading 6: what those who just reached a tier receive in the quarter after, against those who just missed it."""
    rows = near(warehouse, asked["until"])
    if rows.empty:
        return []
    x, y = rows["x"].to_numpy(float), rows["received"].to_numpy(float)

    def apart(at: Ints) -> Against:
        return partial(model.jump_apart, x[at], y[at])

    def across(at: Ints) -> Against:
        return lambda mine: model.jump_apart(x[at][mine], y[at][mine])

    return [replace(_lens("envy", "jump", rows, apart, across), values=y, beside=x)]


def near(warehouse: Warehouse, until: pd.Timestamp) -> pd.DataFrame:
    """Members near a threshold at a review: customer_id, tier (the one to be reached), x (distance, as a share of it), received."""
    held, table = warehouse.present(), warehouse.frame(reviews.RULES)
    metric = next((str(text) for text in table["metric"].dropna()), "")
    if (
        not {"tiers", "tier_rules"} <= held.keys()
        or "amount" not in held.get("transactions", ())
        or (back := reviews.looks_back(metric)) is None
    ):
        return pd.DataFrame()
    every = reviews.reviewed(warehouse, reviews.reviews(warehouse.frame(reviews.BEGINNINGS)), back, "net_sales")
    if every.empty:
        return pd.DataFrame()
    every = pd.concat([_received(warehouse, day, rows) for day, rows in every.groupby("review")], ignore_index=True)
    parts = [_close(every, rule) for rule in reviews.rules(table)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _received(warehouse: Warehouse, day: Any, rows: pd.DataFrame) -> pd.DataFrame:
    since = pd.Timestamp(day)
    given = warehouse.frame(RECEIVED, since=since, until=since + pd.DateOffset(months=reviews.QUARTER)).set_index("customer_id")["received"]
    return rows.assign(received=rows["customer_id"].map(given).fillna(0.0))


def _close(every: pd.DataFrame, rule: reviews.Rule) -> pd.DataFrame:
    here = every[(every["rank_before"] < rule.rank) & (every["spend"] >= rule.below) & (every["spend"] < rule.above)]
    x = here["spend"] / rule.threshold - 1
    found = here.assign(x=x, tier=rule.tier)[["customer_id", "tier", "x", "received"]]
    return found[found["x"].abs() <= NEAR]


def audits(warehouse: Warehouse) -> list[Lens]:
    """Reading 7: what the models of value and of leaving said of those held out, against what came; of those that are fitted."""
    from analytics.studies.fairness_models import held_out

    tiers = warehouse.frame(TIERS).set_index("customer_id")["tier"]
    found = []
    for name, held in held_out(warehouse).items():
        then = held["tier"] if "tier" in held and held["tier"].notna().any() else held["customer_id"].map(tiers)
        rows = held.assign(tier=then).dropna(subset=["tier", "said", "came"]).reset_index(drop=True)
        found += [_errors(name, rows)] if len(rows) else []
    return found


def _errors(name: str, rows: pd.DataFrame) -> Lens:
    said, came = rows["said"].to_numpy(float), rows["came"].to_numpy(float)

    def apart(at: Ints) -> Against:
        return partial(model.error_apart, said[at], came[at], risk=name == "churn")

    return replace(_lens("model", name, rows, apart, apart), values=said, beside=came)
