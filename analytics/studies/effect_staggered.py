"""Enrolment at different times: those who joined against those who had not yet. The design most programmes can be read by.

Tables of the attempt
    event_study       month (from joining), effect, low, high, n, role (before, base, joining, after; the month before joining is "near")
    cohorts           joined, n, controls
    honest            share (of the widest step before joining), low, high: how far the effect stands when trends part
    staggered_groups  dimension (channel, region, acquisition_channel, level), group, n, effect, low, high, q
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.models.evidence import Check, Claim
from analytics.models.staggered import BASE, LEAST, Staggered, staggered, usable
from analytics.studies.effect_designs import Attempt
from analytics.studies.effect_panel import Measure, Panel, month_of, panel

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

PRE = 4  # whole months that must lie before the base of a cohort: with fewer, no trend before joining can be seen
ALPHA = 0.05
BREAKDOWN = 0.1  # share of the widest step before joining that must not be enough, month by month, to undo the effect
CONTROLS = 1.0  # customers not yet joined for each who joined
GROUPS, GROUP_LEAST = 5, 100  # values of a dimension, joiners of a value
SETTLING = 3  # months after coming whose money tells the level of a customer: later ones may hold what joining changed


def attempt(warehouse: Warehouse, measure: Measure) -> Attempt:
    """The design on this data, or what it lacks."""
    known = warehouse.present().get("customers", frozenset())
    if "enrolled_on" not in known:
        return Attempt(design="staggered", lacking="no_dates" if "member" in known else "no_members")
    found = panel(warehouse, measure)
    if found is None or (gap := _lacking(found)):
        return Attempt(design="staggered", lacking="no_months" if found is None else gap, facts=_counts(found) if found else {})
    rows = _late_enough(found)
    told = staggered(rows, list(found.covariates()))
    if told is None:
        return Attempt(design="staggered", lacking="too_few", facts=_counts(found))
    return Attempt(
        design="staggered", claim=_claim(told, found), facts={**_counts(found), "followed": told.treated}, tables=_tables(told, found)
    )


def _late_enough(found: Panel) -> pd.DataFrame:
    """Rows without cohorts that joined too early in the data to see what came before."""
    rows = found.rows()
    kept: pd.DataFrame = rows[(rows["joined"] == 0) | (rows["joined"] >= found.months[0] + PRE - BASE)]
    return kept


def _lacking(found: Panel) -> str | None:
    joined = found.people["joined"]
    inside = joined >= found.months[0] + PRE - BASE
    if not (joined > 0).any():
        return "nobody_joined"
    if not inside.any():
        return "joined_before"
    if not (joined == 0).any() and joined[inside].nunique() < 2:
        return "all_joined"
    seen = found.people[inside]
    if not (seen["came"] < seen["joined"] + BASE).any():
        return "no_history"
    return None if usable(_late_enough(found))["joined"].gt(0).any() else "too_few"


def _counts(found: Panel) -> dict[str, Any]:
    """Plain facts of who is in it and who is not."""
    joined, first = found.people["joined"], int(found.months[0])
    return {
        "customers": len(found.people),
        "total": found.total,
        "undated": found.undated,
        "joined": int((joined > 0).sum()),
        "inside": int((joined >= first).sum()),
        "months": len(found.months),
        "least": LEAST,
        "pre": PRE,
    }


def _claim(told: Staggered, found: Panel) -> Claim:
    last = found.months[-1]
    return Claim(
        design="staggered",
        effect=told.effect,
        joining=told.joining,
        brought=told.brought,
        checks=_checks(told),
        treated=told.treated,
        controls=told.controls,
        first=month_of(int(found.months[0])),
        last=(pd.Timestamp(month_of(int(last))) + pd.offsets.MonthEnd(0)).date(),
    )


def _checks(told: Staggered) -> tuple[Check, ...]:
    each = float((told.cohorts["controls"] / told.cohorts["n"]).min())
    trend, stands = told.pre_trend, told.breakdown
    return (
        Check(key="overlap", passed=each >= CONTROLS, value=each, bound=CONTROLS, n=told.treated),
        Check(key="pre_trend", passed=None if trend is None else trend >= ALPHA, value=trend, bound=ALPHA, n=told.treated),
        _placebo(told),
        _drift(told),
        Check(key="breakdown", passed=None if stands is None else stands >= BREAKDOWN, value=stands, bound=BREAKDOWN, n=told.treated),
    )


def _placebo(told: Staggered) -> Check:
    """The months before, against the base: nothing may show, and something of the effect's size would have."""
    placebo = told.placebo
    if placebo is None:
        return Check(key="placebo", passed=None)
    clear, sharp = placebo.low <= 0 <= placebo.high, (placebo.high - placebo.low) / 2 <= abs(told.effect.value)
    return Check(key="placebo", passed=False if not clear else True if sharp else None, value=placebo.value, bound=0.0, n=placebo.n)


def _drift(told: Staggered) -> Check:
    """Whether what surely set joiners apart before joining is smaller than what is found after it."""
    placebo = told.placebo
    if placebo is None:
        return Check(key="drift", passed=None)
    sure = not placebo.low <= 0 <= placebo.high
    found = abs(told.effect.value)
    return Check(key="drift", passed=not (sure and abs(placebo.value) >= found), value=abs(placebo.value), bound=found, n=placebo.n)


def _tables(told: Staggered, found: Panel) -> Mapping[str, pd.DataFrame]:
    months = told.events["month"]
    role = np.select([months == 0, months >= 1, months == BASE, months > BASE], ["joining", "after", "base", "near"], "before")
    cohorts = told.cohorts.assign(joined=[pd.Timestamp(month_of(joined)) for joined in told.cohorts["joined"]])
    tables = {"event_study": told.events.assign(role=role), "cohorts": cohorts, "honest": told.honest, "staggered_groups": _groups(found)}
    return {name: table for name, table in tables.items() if len(table)}


# --- by group: only by what was known before joining. A tier follows from what is spent after it, and cannot divide the effect.


def _groups(found: Panel) -> pd.DataFrame:
    """The effect in groups of customers, and whether it differs from nothing when all groups are asked at once (Benjamini-Hochberg)."""
    from statsmodels.stats.multitest import multipletests

    rows = [row for dimension, group, mask in _divided(found) if (row := _of_group(found, dimension, group, mask))]
    table = pd.DataFrame(rows, columns=["dimension", "group", "n", "effect", "low", "high", "p"])
    if table.empty:
        return table
    return table.assign(q=multipletests(table["p"], method="fdr_bh")[1]).drop(columns="p")


def _divided(found: Panel) -> Iterator[tuple[str, str, np.ndarray]]:
    """Dimensions with at least two groups of enough joiners."""
    late = found.people["joined"] >= found.months[0] + PRE - BASE
    for dimension, values in {
        **{name: found.people[name] for name in ("channel", "region", "acquisition_channel")},
        "level": _level(found),
    }.items():
        sizes = values[late].dropna().value_counts().head(GROUPS)
        kept = sizes.index[sizes >= GROUP_LEAST]
        if len(kept) > 1:
            yield from ((dimension, str(group), (values == group).to_numpy()) for group in sorted(kept))


def _level(found: Panel) -> pd.Series:
    """Spend in the first months after coming, in thirds of customers who spent; told only where it lies before the base."""
    came, joined = found.people["came"].to_numpy(), found.people["joined"].to_numpy()
    start = np.clip(came + 1 - found.months[0], 0, None)
    so_far = np.concatenate([np.zeros((len(came), 1)), np.cumsum(found.money, axis=1)], axis=1)
    rows, end = np.arange(len(came)), np.minimum(start + SETTLING, found.money.shape[1])
    spent = so_far[rows, end] - so_far[rows, np.minimum(start, found.money.shape[1])]
    late = (joined == 0) | (joined + BASE > came + SETTLING)
    if not (late & (spent > 0)).any():
        return pd.Series([None] * len(came), index=found.people.index, dtype="object")
    low, high = np.quantile(spent[late & (spent > 0)], [1 / 3, 2 / 3])
    names = np.select([spent <= low, spent <= high], ["1_low", "2_middle"], "3_high")
    return pd.Series(names, index=found.people.index, dtype="object").where(late)


def _of_group(found: Panel, dimension: str, group: str, mask: np.ndarray) -> dict[str, Any] | None:
    from scipy.stats import norm

    mine = found.chosen(mask)
    told = staggered(_late_enough(mine), list(mine.covariates()), method="reg")
    if told is None or told.treated < GROUP_LEAST:
        return None
    effect = told.effect
    error = (effect.high - effect.low) / (2 * norm.ppf(0.975))
    p = float(2 * norm.sf(abs(effect.value) / error)) if error > 0 else 1.0
    return {
        "dimension": dimension,
        "group": group,
        "n": told.treated,
        "effect": effect.value,
        "low": effect.low,
        "high": effect.high,
        "p": p,
    }
