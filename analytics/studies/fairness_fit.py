"""What is kept of the comparisons: every reading, between tiers and between groups within each tier.

Facts    first, last (days), brought (margin, net_sales, units, orders), benefit (received, granted, discount), priced,
         order (tiers from the lowest), columns (groupings compared), left_out (column -> why), customers,
         readings (those measured), spread (estimates of how
         benefits are spread: gini, kakwani, between_tiers, lowest_to_highest)
Tables   gaps      reading, measure, column, tier, group, mine, rest, value, low, high, p, n, others, points; a tier's own row has no group;
                   a group, or a rest, of fewer than LEAST customers has its row without numbers
         tiers     tier, customers, brought, benefit: sums
         lorenz    share of customers, benefit (least first), benefit_by_brought (least valuable first), brought
         waits     who (group, rest), hours, waiting, low, high, group: of the group whose answers differ most
         jumps     tier, below, above (received near the threshold), n
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, Tell
from analytics.models.fairness import LEAST, Floats, Ints, Mask, rate_apart
from analytics.results import Estimate, Unit
from analytics.studies.fairness_groups import Groups, groups, left_out
from analytics.studies.fairness_lenses import Against, Lens, audits, lenses, standing
from analytics.studies.given import Given, given
from analytics.studies.tier_order import tiers_in_order

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

STEPS = 150  # points of a waiting curve
COLUMNS = ("reading", "measure", "column", "tier", "group", "mine", "rest", "value", "low", "high", "p", "n", "others", "points")


def make(warehouse: Warehouse, params: Mapping[str, Any], tell: Tell) -> Fitted:
    """Read, compare, gather what is drawn."""
    tell("read", 0, 3)
    people = given(warehouse, params["months"])
    if people is None or people.people.empty:
        return Fitted(facts={"refused": {"key": "fairness.refused.no_dates", "facts": {}}})
    params = {**params, "benefit": _benefit(people, params["benefit"])}
    found = groups(warehouse, params["group"], params["crossed"])
    order = list(tiers_in_order(warehouse))
    looked = lenses(warehouse, people, {**params, "order": order})
    tell("compare", 1, 3)
    gaps = pd.concat([compared(lens, found) for lens in looked] or [pd.DataFrame(columns=COLUMNS)], ignore_index=True)
    tell("gather", 2, 3)
    rows = standing(people)
    facts = {
        "first": people.first.isoformat(),
        "last": people.last.isoformat(),
        "brought": people.brought,
        "benefit": params["benefit"],
        "priced": people.priced or params["benefit"] == "discount",
        "order": order,
        "columns": list(found),
        "left_out": left_out(warehouse, params["group"], params["crossed"]),
        "customers": len(rows),
        "readings": sorted({lens.reading for lens in looked}),
        **_spread(rows, params["benefit"], order),
    }
    return Fitted(facts=facts, tables={"gaps": gaps, **_waits(gaps, found, looked), **_drawn(people, looked, params["benefit"], order)})


def _benefit(people: Given, asked: str) -> str:
    """What counts as given: as asked for; discounts where there is nothing else."""
    return "discount" if people.people[asked].sum() <= 0 < people.people["discount"].sum() else asked


FIT = Fit(id="fairness", steps=("read", "compare", "gather"), make=make)


def audited(warehouse: Warehouse, group: str, crossed: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Reading 7, of the models that are fitted: comparisons as in `gaps`; and by model and tier said and came (means), n."""
    looked = audits(warehouse)
    if not looked:
        return pd.DataFrame(columns=list(COLUMNS)), pd.DataFrame()
    found = groups(warehouse, group, crossed)
    told = [pd.DataFrame({"model": lens.measure, "tier": lens.tiers, "said": lens.values, "came": lens.beside, "n": 1}) for lens in looked]
    held = pd.concat(told).groupby(["model", "tier"], as_index=False).agg({"said": "mean", "came": "mean", "n": "sum"})
    return pd.concat([compared(lens, found) for lens in looked], ignore_index=True), held


def compared(lens: Lens, found: Groups) -> pd.DataFrame:
    """Each tier against all others, then each group against the rest of its tier: those of another group.

    Why  customers whose group is not on file are often other customers altogether, such as those who never filled in a form
    """
    who, customers = pd.factorize(lens.customers)
    code, names = pd.factorize(lens.tiers, sort=True)
    tiers = [str(name) or None for name in names]
    rows = [
        _row(lens, "", name, None, who, code == at, lens.across(np.arange(len(who)))) for at, name in enumerate(tiers) if len(tiers) > 1
    ]
    for column, values in found.items():
        group, groups = pd.factorize(values.reindex(customers), sort=True)
        for at, tier in enumerate(tiers):
            here = np.flatnonzero((code == at) & (group[who] >= 0))
            mine, apart = group[who[here]], lens.apart(here)
            present = np.flatnonzero(np.bincount(mine, minlength=len(groups)))
            rows += [_row(lens, column, tier, str(groups[int(one)]), who[here], mine == one, apart) for one in present]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(lens: Lens, column: str, tier: str | None, group: str | None, who: Ints, mine: Mask, apart: Against) -> tuple[object, ...]:
    """A comparison; without numbers where a side is too small."""
    n, others = (int(np.count_nonzero(np.bincount(who[side]))) for side in (mine, ~mine))
    found = apart(mine) if min(n, others) >= LEAST else None
    head = (lens.reading, lens.measure, column, tier, group)
    if found is None or min(found.n, found.others) < LEAST or not np.isfinite([found.value, found.low, found.high]).all():
        return (*head, None, None, None, None, None, None, n, others, False)
    return (*head, found.mine, found.rest, found.value, found.low, found.high, found.p, found.n, found.others, found.points)


def _spread(rows: pd.DataFrame, benefit: str, order: list[str]) -> dict[str, Any]:
    """How benefits are spread: Gini, how much they go to those who bring more, Theil's share between tiers, lowest against highest rate."""
    from analytics.models import inequality

    given_, brought = _positive(rows, benefit), _positive(rows, "brought")
    if given_.sum() <= 0 or brought.sum() <= 0:
        return {}
    told = {"gini": inequality.gini(given_), "kakwani": inequality.kakwani(given_, brought)}
    if rows["tier"].nunique() > 1 and given_.min() < given_.max():
        told["between_tiers"] = inequality.theil_parts(given_, rows["tier"]).share
    if (ends := _ends(rows, given_, brought, order)) is not None:
        told["lowest_to_highest"] = ends
    return {"spread": {name: asdict(one) for name, one in told.items()}}


def _ends(rows: pd.DataFrame, given_: Floats, brought: Floats, order: list[str]) -> Estimate | None:
    """Benefit for what is brought in the lowest tier over that in the highest."""
    if len(order) < 2:
        return None
    low, high = ((rows["tier"] == tier).to_numpy(bool) for tier in (order[0], order[-1]))
    either = low | high
    found = rate_apart(given_[either], brought[either], low[either]) if min(low.sum(), high.sum()) >= LEAST else None
    if found is None:
        return None
    return Estimate(value=1 + found.value, low=max(0.0, 1 + found.low), high=1 + found.high, n=int(either.sum()), unit=Unit.RATIO)


def _waits(gaps: pd.DataFrame, found: Groups, looked: list[Lens]) -> dict[str, pd.DataFrame]:
    """How long the group whose answers differ most waits, and everybody else: of those who were answered, over all tiers."""
    from analytics.models.survival import curve

    told = gaps[(gaps["measure"] == "answer_hours") & gaps["group"].notna() & gaps["p"].notna()]
    lens = next((one for one in looked if one.measure == "answer_hours"), None)
    if told.empty or lens is None or lens.values is None:
        return {}
    worst = told.iloc[int(told["p"].astype(float).to_numpy().argmin())]
    mine = (lens.customers.map(found[worst["column"]]) == worst["group"]).to_numpy(bool)
    sides = {"group": mine, "rest": ~mine}
    parts = [_thin(curve(lens.values[side], np.ones(int(side.sum()), bool))).assign(who=who) for who, side in sides.items()]
    table = pd.concat(parts, ignore_index=True).rename(columns={"days": "hours", "survival": "waiting"})
    return {"waits": table[["who", "hours", "waiting", "low", "high"]].assign(group=worst["group"])}


def _thin(rows: pd.DataFrame) -> pd.DataFrame:
    """At most STEPS points of a curve."""
    return rows.iloc[np.unique(np.linspace(0, len(rows) - 1, STEPS).round().astype(int))]


def _positive(rows: pd.DataFrame, name: str) -> Floats:
    return np.asarray(np.maximum(rows[name].to_numpy(float), 0))


def _drawn(people: Given, looked: list[Lens], benefit: str, order: list[str]) -> dict[str, pd.DataFrame]:
    """What the figures need beside the gaps; a table without rows is left out."""
    rows = standing(people)
    tables = {
        "tiers": _tiers(rows, benefit),
        "lorenz": _lorenz(rows, benefit),
        "jumps": _jumps(looked, order),
    }
    return {name: table for name, table in tables.items() if len(table)}


def _tiers(rows: pd.DataFrame, benefit: str) -> pd.DataFrame:
    told = rows.groupby("tier").agg(customers=("customer_id", "size"), brought=("brought", "sum"), benefit=(benefit, "sum")).reset_index()
    return told[told["tier"] != ""].reset_index(drop=True)


def _lorenz(rows: pd.DataFrame, benefit: str) -> pd.DataFrame:
    """Cumulative shares: of benefits from those who receive least, of benefits and of what was brought from those who bring least."""
    from analytics.models.inequality import lorenz

    given_, brought = _positive(rows, benefit), _positive(rows, "brought")
    if given_.sum() <= 0 or brought.sum() <= 0:
        return pd.DataFrame()
    curves = {"benefit": lorenz(given_), "benefit_by_brought": lorenz(given_, brought), "brought": lorenz(brought)}
    return pd.DataFrame({"share": curves["benefit"]["people"], **{name: one["share"] for name, one in curves.items()}})


def _jumps(looked: list[Lens], order: list[str]) -> pd.DataFrame:
    """What was received in the quarter after a review just below and just above each threshold, from the lowest: tier, below, above, n."""
    lens = next((one for one in looked if one.reading == "envy"), None)
    if lens is None or lens.values is None or lens.beside is None:
        return pd.DataFrame()
    side = np.where(lens.beside < 0, "below", "above")
    rows = pd.DataFrame({"tier": lens.tiers, "side": side, "received": lens.values})
    told = rows.pivot_table(index="tier", columns="side", values="received", aggfunc="mean").reindex(columns=["below", "above"])
    told = told.assign(n=rows.groupby("tier").size()).dropna()
    return told.reindex([tier for tier in order if tier in told.index]).reset_index()
