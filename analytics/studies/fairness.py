"""Is it fair across tiers? Seven readings: tiers are described, groups within a tier are tested.

Tables of the answer
    gaps        reading (proportionality, conditional, opportunity, service, inequality, envy, model), measure, column, tier (absent
                where the data knows none), group (absent for a tier's own row), reference (rest: everyone else in the same tier whose
                group is on file; of a tier's row, all other tiers), value (relative difference, or difference of shares where
                `points`), low, high, mine, rest (the levels), n, others (customers), q, flagged (q <= .05 and the whole interval beyond
                the margin), state (shown; warned: fewer than 100; suppressed: fewer than 30, without numbers)
    standing    of the flagged gaps: reading, measure, column, tier, group, value, low, high, mine, rest, n, q
    readings    reading, measured, compared (groups), flagged
    tiers       tier, customers, brought_share, benefit_share, rate (benefit for what is brought)
    lorenz      share, benefit, benefit_by_brought, brought
    waits       who (group, rest), hours, waiting, low, high, group: of the group whose answers differ most
    jumps       tier, below, above, n
    held        model, tier, said, came, n
    measures    model, measure (calibration, ece, brier, auc, missed; mae), tier, group (absent for a tier), mine, low, high, rest (of the
                tier; other tiers), n: fairlearn's MetricFrame by tier, and by group where a column is asked for
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, fitted
from analytics.results import Estimate, Note, Result, Unit, exact
from analytics.studies.base import Need, Study
from analytics.studies.fairness_figures import draw
from analytics.studies.fairness_fit import FIT, audited
from analytics.studies.fairness_groups import MOST_GROUPS, groups, offered
from analytics.studies.fairness_lenses import READINGS
from analytics.studies.fairness_models import audited as measured
from analytics.studies.fairness_models import uses as audited_fits
from analytics.studies.fairness_sql import CASES as CASES  # shown with the other queries
from analytics.studies.fairness_sql import DELIVERIES as DELIVERIES
from analytics.studies.fairness_sql import STANDING as STANDING
from analytics.studies.given import PEOPLE as PEOPLE
from analytics.warehouse import Warehouse

if TYPE_CHECKING:
    from analytics.i18n import Words

PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "gaps": (("standing", "readings", "gaps"), ("flagged", "clearest", "lowest_to_highest", "gini", "kakwani", "between_tiers")),
    "benefits": (("tiers", "conditional"), ("lowest_to_highest",)),
    "service": (("waits", "served", "chances"), ()),
    "spread": (("lorenz", "jumps"), ("gini", "kakwani", "between_tiers")),
    "models": (("held", "errors", "measures"), ()),
}
TOLD = {"conditional": "conditional", "served": "service", "chances": "opportunity", "errors": "model"}
HEAD = ["reading", "measure", "column", "tier", "group", "value", "low", "high", "mine", "rest", "points", "n", "q"]


def _columns(warehouse: Warehouse, values: Mapping[str, Any], words: Words) -> dict[str, str]:
    """Columns that make groups of customers."""
    return {name: words(f"fairness.grouped.{name}") for name in offered(warehouse)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """group: column of customers, empty for the usual ones, alone and in pairs; crossed: a second column; benefit: what counts as given;
    margin: relative difference that matters; months: window of benefits and chances; service_months: of service; bands: of spend."""

    group: str = field(default="", metadata={"options": _columns})
    crossed: str = field(default="", metadata={"options": _columns})
    benefit: Literal["received", "granted", "discount"] = "received"
    margin: float = field(default=0.10, metadata={"min": 0.0, "max": 1.0, "step": 0.05})
    months: int = field(default=12, metadata={"min": 3, "max": 60, "step": 1})
    service_months: int = field(default=24, metadata={"min": 1, "max": 60, "step": 1})
    bands: int = field(default=20, metadata={"min": 1, "max": 50, "step": 1})


def fits(params: Params) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    """The comparisons; the margin only reads what was found."""
    asked = ("group", "crossed", "benefit", "months", "service_months", "bands")
    return ((FIT, {name: getattr(params, name) for name in asked}),)


def uses(params: Params) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    """The models of value and of leaving are audited where they are fitted."""
    return audited_fits()


def run(warehouse: Warehouse, params: Params) -> Result:
    """What was kept of the comparisons, flagged at the margin asked for."""
    ((fit, asked),) = fits(params)
    found = fitted(warehouse, fit, **asked)
    if lacking := _refused(found):
        return Result(study=STUDY.id, verdict=lacking, refused=lacking)
    errors, held = audited(warehouse, params.group, params.crossed)
    gaps = told(pd.concat([part for part in (found.tables["gaps"], errors) if len(part)], ignore_index=True), params.margin)
    standing = gaps.loc[gaps["flagged"], HEAD].sort_values(["q", "reading"], ignore_index=True)
    tables = {
        "standing": standing,
        "readings": _readings(gaps),
        "tiers": _tiers(found),
        **{
            name: found.tables[name]
            for name in ("lorenz", "waits", "jumps")
            if name in found.tables and (name != "jumps" or found.facts["priced"])
        },
        "held": held,
        "measures": measures(warehouse, params) if len(held) else pd.DataFrame(),
        **{name: part for name, reading in TOLD.items() if len(part := _drawn(gaps, reading))},
        "gaps": gaps,
    }
    return Result(
        study=STUDY.id,
        verdict=_verdict(found, gaps, standing, params),
        estimates=_estimates(found, gaps, standing),
        tables={name: table for name, table in tables.items() if len(table)},
        warnings=_warnings(found, gaps, params),
    )


def measures(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every measure of the models by tier, and by the groups asked for."""
    found = groups(warehouse, params.group, params.crossed) if params.group else {}
    table = measured(warehouse, next(iter(found.values()), None))
    return table.rename(columns={"value": "mine", "reference": "rest"})


def parts(result: Result) -> dict[str, Result]:
    """The answer in its parts, each with its own figures; only those that it has."""
    first = [note for note in result.warnings if not note.key.endswith("incompatible")]  # that one is of the definitions
    every = {
        name: result.part(tables=tables, estimates=estimates, warnings=first if name == "gaps" else ())
        for name, (tables, estimates) in PARTS.items()
    }
    return {name: part for name, part in every.items() if part.tables}


def told(gaps: pd.DataFrame, margin: float) -> pd.DataFrame:
    """Every comparison with its q, its flag and its state. Tiers differ by design: their rows are no part of the family."""
    from analytics.models.fairness import FEW, flags

    rows = gaps.assign(**{name: gaps[name].astype(float) for name in ("value", "low", "high", "mine", "rest", "p")})
    tested = rows["group"].notna() & rows["p"].notna()
    reach = np.where(rows["points"].astype(bool), margin * rows["rest"].abs(), margin)
    q, flagged = flags(np.where(tested, rows["p"], np.nan), rows["low"].to_numpy(), rows["high"].to_numpy(), reach)
    few = rows[["n", "others"]].astype(float).min(axis="columns") < FEW
    state = np.select([rows["value"].isna(), few], ["suppressed", "warned"], "shown")
    return rows.assign(reference="rest", q=q, flagged=flagged, state=state).drop(columns="p")


def _refused(found: Fitted) -> Note | None:
    if found.facts.get("refused"):
        return Note(**found.facts["refused"])
    return None if found.facts["readings"] else Note(key="fairness.refused.nothing")


def _readings(gaps: pd.DataFrame) -> pd.DataFrame:
    """The seven in their order: measured or not, how many groups were compared, how many stand out."""
    groups = gaps[gaps["group"].notna() & gaps["value"].notna()]
    rows = [
        (reading, bool((gaps["reading"] == reading).any()), int((groups["reading"] == reading).sum()), _flags(groups, reading))
        for reading in READINGS
    ]
    return pd.DataFrame(rows, columns=["reading", "measured", "compared", "flagged"])


def _flags(groups: pd.DataFrame, reading: str) -> int:
    return int(groups.loc[groups["reading"] == reading, "flagged"].sum())


def _tiers(found: Fitted) -> pd.DataFrame:
    """Each tier's share of what is brought and of what is given, from the lowest."""
    if "tiers" not in found.tables:
        return pd.DataFrame()
    rows = found.tables["tiers"].set_index("tier").reindex(found.facts["order"]).dropna().reset_index()
    totals = rows[["brought", "benefit"]].sum()
    if totals.min() <= 0:
        return pd.DataFrame()
    shares = {f"{name}_share": rows[name] / totals[name] for name in ("brought", "benefit")}
    rate = rows["benefit"] / rows["brought"].where(rows["brought"] > 0)
    return rows[["tier", "customers"]].astype({"customers": int}).assign(**shares, rate=rate)


def _drawn(gaps: pd.DataFrame, reading: str) -> pd.DataFrame:
    """The groups of the column in which this reading stands out most."""
    rows = gaps[(gaps["reading"] == reading) & gaps["group"].notna() & gaps["value"].notna()]
    if rows.empty:
        return rows
    best = rows.sort_values(["flagged", "q"], ascending=[False, True]).iloc[0]
    same = (rows["column"] == best["column"]) & (rows["measure"] == best["measure"])
    return pd.DataFrame(rows.loc[same, [*HEAD, "flagged", "state"]].reset_index(drop=True))


def _estimates(found: Fitted, gaps: pd.DataFrame, standing: pd.DataFrame) -> dict[str, Estimate]:
    compared = int((gaps["group"].notna() & gaps["value"].notna()).sum())
    estimates = {"flagged": exact(len(standing), unit=Unit.COUNT, n=compared)} if compared else {}
    if len(standing):
        top = standing.iloc[0]
        estimates["clearest"] = Estimate(value=top["value"], low=top["low"], high=top["high"], n=int(top["n"]), unit=Unit.SHARE)
    spread = found.facts.get("spread", {})
    return estimates | {name: _kept(one) for name, one in spread.items()}


def _kept(kept: Mapping[str, Any]) -> Estimate:
    return Estimate(**{**kept, "unit": Unit(kept["unit"])})


def _verdict(found: Fitted, gaps: pd.DataFrame, standing: pd.DataFrame, params: Params) -> Note:
    """How many stand out and the clearest of them; that none does, of how many; or that there is nothing to compare."""
    compared = int((gaps["group"].notna() & gaps["value"].notna()).sum())
    facts: dict[str, Any] = {"n": compared, "margin": f"{params.margin:.0%}", "columns": _named_columns(found)}
    if not compared:
        left = found.facts["left_out"]
        why = Note(key="fairness.why.small") if not left else _left_out(*next(iter(left.items())))
        return Note(key="fairness.verdict.not_measured", facts={"why": why})
    if standing.empty:
        return Note(key="fairness.verdict.none", facts=facts)
    row = standing.to_dict("records")[0]
    facts |= {"flagged": len(standing), "gap": gap_note(row)}
    same = sum(_overlap(str(row["group"]), str(group)) for group in standing["group"])
    return (
        Note(key="fairness.verdict.overlapping", facts=facts | {"same": same})
        if same > 1
        else Note(key="fairness.verdict.flagged", facts=facts)
    )


def _overlap(one: str, other: str) -> bool:
    """Whether two groups can hold the same customers for the same reason: a value of one column in common."""
    return bool(set(one.split(" · ")) & set(other.split(" · ")))


def _left_out(column: str, why: str) -> Note:
    return Note(key=f"fairness.why.{why}", facts={"column": Note(key=f"fairness.grouped.{column}"), "most": MOST_GROUPS})


def gap_note(row: Mapping[Any, Any]) -> Note:
    """One gap as a sentence: who, where, how much, in words of its measure."""
    place = {"group": str(row["group"]), "tier": Note(key="fairness.within.tier", facts={"tier": str(row["tier"])})}
    if not row["tier"]:
        place["tier"] = Note(key="fairness.within.all")
    low, high = sorted(abs(row[end]) for end in ("low", "high"))
    facts = {name: _size(value, bool(row["points"])) for name, value in {"size": abs(row["value"]), "low": low, "high": high}.items()}
    return Note(key=f"fairness.told.{row['measure']}.{'more' if row['value'] > 0 else 'less'}", facts={**place, **facts})


def _size(value: float, points: bool) -> object:
    """Percentage points as a number, a relative difference as a share."""
    return round(100 * value, 1) if points else exact(value, unit=Unit.SHARE, n=0)


def _named_columns(found: Fitted) -> Note:
    return Note(key="fairness.columns_count", facts={"n": len(found.facts["columns"])})


def _warnings(found: Fitted, gaps: pd.DataFrame, params: Params) -> tuple[Note, ...]:
    """What a reader must know before believing the numbers."""
    facts, notes = found.facts, []
    absent = [reading for reading in READINGS if reading not in set(gaps["reading"])]
    notes += [Note(key=f"fairness.warnings.absent.{reading}") for reading in absent]
    notes += [Note(key="fairness.warnings.not_measured", facts={"why": _left_out(*one)}) for one in facts["left_out"].items()]
    if not facts["order"]:
        notes.append(Note(key="fairness.warnings.no_tiers"))
    if facts["brought"] != "margin":
        notes.append(Note(key=f"fairness.warnings.brought.{facts['brought']}"))
    if facts["benefit"] != params.benefit:
        notes.append(Note(key="fairness.warnings.discounts"))
    suppressed = int((gaps["state"] == "suppressed").sum())
    if suppressed:
        notes.append(Note(key="fairness.warnings.suppressed", facts={"n": suppressed}))
    notes += [Note(key="fairness.warnings.incompatible"), Note(key="fairness.warnings.no_cause")]
    return tuple(notes)


STUDY = Study(
    id="fairness",
    group="tiers",
    any_of=(
        (Need(table="customers", columns=("customer_id",)), Need(table="transactions", columns=("customer_id", "occurred_at"))),
        (Need(table="customers", columns=("customer_id",)), Need(table="points", columns=("customer_id", "kind", "points"))),
        (Need(table="customers", columns=("customer_id",)), Need(table="feedback", columns=("customer_id", "occurred_at"))),
    ),
    params=Params,
    run=run,
    figures=draw,
    fits=fits,
    uses=uses,
)
