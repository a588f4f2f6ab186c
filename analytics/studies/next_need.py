"""What will a customer buy next? The category that is likely for each, how far that can be believed, and what sets segments apart.

Tables of the answer
    needs      group (value of the dimension asked about; segments by key), customers, category, share (of their next purchases that will
               hold it, as expected) with interval, share_overall, difference (to all others) with interval, clear (beyond chance among
               all shown)
    overall    category, share of everybody's next purchases with interval, first (customers for whom it comes first)
    rates      method (model, most, last, popular), within (1, 3), value, low, high, n, chosen: holdout
    follows    before, category, share, usual
    customers  customer_id, segment, first, probability, second, third (categories) and what else `segments.members` tells; the highest
               net sales first, `list_size` of them; all: `members`
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.fits import Fitted, fitted
from analytics.models.differences import beyond_chance
from analytics.models.next_need import expected, expected_by_group
from analytics.results import Estimate, Note, Result, Unit, exact
from analytics.studies import segments
from analytics.studies.base import Need, Study, defaults
from analytics.studies.next_need_figures import draw
from analytics.studies.next_need_fit import BUYERS as BUYERS  # shown with the other queries
from analytics.studies.next_need_fit import CATEGORIES as CATEGORIES
from analytics.studies.next_need_fit import CHANCES
from analytics.studies.next_need_fit import FIT as NEXT_NEED
from analytics.studies.next_need_fit import KNOWN as KNOWN
from analytics.studies.next_need_fit import PURCHASES as PURCHASES

if TYPE_CHECKING:
    from analytics.i18n import Words
    from analytics.warehouse import Warehouse

LEAST = 30  # customers below which a group is not told
SHOWN = 12  # groups told, the largest
_DIMENSIONS = {"tier": ("customers", "tiers"), "region": ("customers",), "channel": ("transactions",)}  # and the tables that tell them
_ENDS = {"": "value", "_low": "low", "_high": "high"}
_INTERVAL = {"share": "value", "low": "low", "high": "high"}


def _offered(warehouse: Warehouse, chosen: Mapping[str, Any], words: Words) -> dict[str, str]:
    """What customers can be grouped by, beside segments."""
    present = warehouse.present()
    known = [name for name, tables in _DIMENSIONS.items() if any(name in present.get(table, ()) for table in tables)]
    return {name: words(f"segments.dimensions.{name}") for name in known}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """by: what customers are grouped by, segments when empty; list_size: customers listed."""

    by: str = field(default="", metadata={"options": _offered})
    list_size: int = field(default=100, metadata={"min": 0, "max": 100_000, "step": 50})


def run(warehouse: Warehouse, params: Params) -> Result:
    """Needs by group from the scores that are kept."""
    found = fitted(warehouse, NEXT_NEED)
    if found.facts["refused"]:
        lacking = Note(**found.facts["refused"])
        return Result(study=STUDY.id, verdict=lacking, refused=lacking)
    everyone, rates = _everyone(warehouse, found), found.tables["rates"]
    overall = _overall(everyone, found.facts["categories"])
    tables = {
        "needs": _needs(everyone, params.by or "segment", overall),
        "overall": overall,
        "rates": rates.assign(chosen=rates["method"] == found.facts["chosen"]),
        "follows": found.tables["follows"],
        "customers": _listed(everyone).head(params.list_size),
    }
    estimates = _estimates(found, overall, len(everyone))
    return Result(
        study=STUDY.id,
        verdict=_verdict(found, estimates, str(overall["category"].iloc[0])),
        estimates=estimates,
        tables={name: table for name, table in tables.items() if len(table)},
        warnings=_warnings(found),
    )


def members(warehouse: Warehouse) -> pd.DataFrame:
    """Every customer for whom a category is named: columns as in the table `customers`. Nobody when the fit refused."""
    found = fitted(warehouse, NEXT_NEED)
    return pd.DataFrame() if found.facts["refused"] else _listed(_everyone(warehouse, found))


def _everyone(warehouse: Warehouse, found: Fitted) -> pd.DataFrame:
    """Customers with their segment and their scores, the highest net sales first."""
    everyone = segments.members(warehouse, defaults(segments.STUDY, warehouse.settings))
    return everyone.drop(columns="category", errors="ignore").merge(found.tables["scores"], on="customer_id")


def _listed(everyone: pd.DataFrame) -> pd.DataFrame:
    front = ["customer_id", "segment", "first", "probability", "second", "third"]
    hidden = {*front, *CHANCES, *_told(everyone)}
    return everyone[[*front, *(name for name in everyone if name not in hidden)]]


def _told(everyone: pd.DataFrame) -> list[str]:
    """The columns p0, p1 ... of the scores."""
    return [name for name in map(str, everyone) if re.fullmatch(r"p\d+", name)]


def _overall(everyone: pd.DataFrame, categories: list[str]) -> pd.DataFrame:
    likely = everyone[_told(everyone)].to_numpy(float)
    names = categories[: likely.shape[1]]
    first = everyone["first"].value_counts().reindex(names, fill_value=0).to_numpy()
    table = pd.DataFrame({"category": names, **_columns(expected(likely)), "first": first})
    return table.sort_values("share", ascending=False)


def _needs(everyone: pd.DataFrame, by: str, overall: pd.DataFrame) -> pd.DataFrame:
    """What the next purchases of each group will hold, against everybody else's; the larger groups."""
    known = everyone.dropna(subset=by) if by in everyone else everyone.head(0)
    sizes = known[by].value_counts()
    shown = sizes[(sizes >= LEAST) & (sizes < len(known))].head(SHOWN)
    if shown.empty:
        return pd.DataFrame()
    group = shown.index.get_indexer(pd.Index(known[by]))
    group[group < 0] = len(shown)  # small groups, together
    found = expected_by_group(known[_told(known)].to_numpy(float), group, group.max() + 1)
    parts = [_group(overall, str(name), *inside) for name, inside in zip(shown.index, found, strict=False)]
    gaps = [gap for _, differences in found[: len(shown)] for gap in differences]
    return pd.concat(parts).assign(clear=beyond_chance(gaps)).sort_values(["group", "share_overall"], ascending=[True, False])


def _group(overall: pd.DataFrame, name: str, shares: list[Estimate], gaps: list[Estimate]) -> pd.DataFrame:
    against = {f"difference{end}": [getattr(gap, part) for gap in gaps] for end, part in _ENDS.items()}
    usual = overall.sort_index()  # categories in the order of the scores
    told = {"group": name, "customers": shares[0].n, "category": usual["category"], **_columns(shares)}
    return pd.DataFrame({**told, "share_overall": usual["share"], **against})


def _columns(shares: list[Estimate]) -> dict[str, list[float]]:
    return {name: [getattr(share, part) for share in shares] for name, part in _INTERVAL.items()}


def _estimates(found: Fitted, overall: pd.DataFrame, n: int) -> dict[str, Estimate]:
    chosen = found.facts["chosen"]
    told = {
        "hit_first": _kept(found.tables["rates"], method=chosen, within=1),
        "hit_three": _kept(found.tables["rates"], method=chosen, within=3),
        "popular_first": _kept(found.tables["rates"], method="popular", within=1),
    }
    if chosen != "popular":
        told["gain"] = _kept(found.tables["gains"], method=chosen, other="popular", within=1)
    top = overall.iloc[0]
    told["top_share"] = Estimate(value=top["share"], low=top["low"], high=top["high"], n=n, unit=Unit.SHARE)
    return {**told, "customers": exact(n, unit=Unit.COUNT, n=n)}


def _verdict(found: Fitted, estimates: Mapping[str, Estimate], top: str) -> Note:
    """Which way is the best guide; a lead over the most popular category that may be chance is called so."""
    chosen, facts = found.facts["chosen"], {**estimates, "top": top}
    if chosen == "popular" or estimates["gain"].low > 0:
        return Note(key=f"next_need.verdict.{chosen}", facts=facts)
    method = Note(key=f"next_need.methods.{chosen}")
    popular = _kept(found.tables["rates"], method="popular", within=3)
    return Note(key="next_need.verdict.slight", facts={**facts, "method": method, "popular_three": popular})


def _kept(table: pd.DataFrame, **where: object) -> Estimate:
    """The one row of a kept table as an estimate."""
    mask = pd.concat([table[name] == value for name, value in where.items()], axis=1).all(axis=1)
    row = table[mask].iloc[0]
    return Estimate(value=row["value"], low=row["low"], high=row["high"], n=int(row["n"]), unit=Unit.SHARE)


def _warnings(found: Fitted) -> tuple[Note, ...]:
    facts = found.facts
    notes = [] if facts["chosen"] == "model" else [Note(key="next_need.warnings.simple_rule", facts={"gain": _over_rule(found)})]
    if facts["sample"] < facts["customers"]:
        notes.append(Note(key="next_need.warnings.sampled", facts={"n": facts["sample"], "total": facts["customers"]}))
    return tuple(notes)


def _over_rule(found: Fitted) -> Estimate:
    return _kept(found.tables["gains"], method="model", other=found.facts["rule"], within=1)


STUDY = Study(
    id="next_need",
    group="customers",
    any_of=((Need(table="transactions", columns=("customer_id", "occurred_at", "category")),),),
    params=Params,
    run=run,
    figures=draw,
    fits=lambda params: ((NEXT_NEED, {}),),
)
